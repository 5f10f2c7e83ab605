//! How an object stands: its conditions, and the Events about it.
//!
//! Architecture invariant: a function of the objects.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::filled::{at, text};
use super::object;
use crate::sorted::sort_by;

/// Events shown of one object: the newest.
pub const EVENTS_SHOWN_MAX: usize = 20;

/// How an object stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Type, status, and why: `Available`, `True`, `MinimumReplicasAvailable: Deployment has …`.
    pub conditions: Vec<(String, String, String)>,
    /// Reason and message of the Events about it, oldest first.
    pub events: Vec<(String, String)>,
}

/// How an object stands, given Events about any.
pub fn standing(object: &Value, events: &[Value]) -> Standing {
    let why = |it: &Value| match (text(it, "reason"), text(it, "message")) {
        (reason, "") => reason.to_string(),
        ("", message) => message.to_string(),
        (reason, message) => format!("{reason}: {message}"),
    };
    let condition = |it: &Value| (text(it, "type").into(), text(it, "status").into(), why(it));
    let conditions = at(object, "status.conditions").as_array();
    let uid = object::uid(object);
    let about = |it: &&Value| !uid.is_empty() && text(it, "involvedObject.uid") == uid;
    let mut events: Vec<&Value> = events.iter().filter(about).collect();
    let when = |it: &Value| text(it, "lastTimestamp").to_string();
    sort_by(&mut events, |one, other| when(one).cmp(&when(other)));
    let older = events.len().saturating_sub(EVENTS_SHOWN_MAX);
    let event = |it: &&Value| (text(it, "reason").into(), text(it, "message").into());
    Standing {
        conditions: conditions.into_iter().flatten().map(condition).collect(),
        events: events[older..].iter().map(event).collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_its_own_events_in_their_order() {
        let object = json!({"metadata": {"uid": "u1"}, "status": {"conditions": [
            {"type": "Ready", "status": "False", "reason": "ContainersNotReady"}]}});
        let event = |uid: &str, at: &str, reason: &str| {
            json!({"involvedObject": {"uid": uid}, "lastTimestamp": at, "reason": reason,
                "message": "m"})
        };
        let events = [
            event("u1", "2026-01-01T00:00:02Z", "Started"),
            event("u2", "2026-01-01T00:00:01Z", "Other"),
            event("u1", "2026-01-01T00:00:01Z", "Pulled"),
        ];
        let standing = standing(&object, &events);
        let condition = ("Ready".into(), "False".into(), "ContainersNotReady".into());
        assert_eq!(standing.conditions, [condition]);
        let events = [("Pulled".into(), "m".into()), ("Started".into(), "m".into())];
        assert_eq!(standing.events, events);
    }
}
