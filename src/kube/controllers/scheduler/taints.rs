//! Taints of nodes, and the tolerations of pods.
//!
//! * `NoSchedule` and `NoExecute` keep a pod away; of `PreferNoSchedule` fewer are better.
//!
//! Architecture invariant: as [`super`].
// Models kubernetes pkg/scheduler/framework/plugins/tainttoleration.

use serde_json::Value;

use super::room::{Refusal, Room};
use super::score::{MOST, normalised};
use crate::kube::filled::{at, text};

/// Whether a toleration is for a taint.
pub fn tolerates(toleration: &Value, taint: &Value) -> bool {
    let same = |field: &str| text(toleration, field) == text(taint, field);
    let any = |field: &str| text(toleration, field).is_empty();
    (any("effect") || same("effect"))
        && (any("key") || same("key"))
        && (text(toleration, "operator") == "Exists" || !any("key") && same("value"))
}

/// The taints of these effects that a pod does not tolerate.
pub fn untolerated<'a>(
    pod: &Value,
    node: &'a Value,
    effects: &[&str],
) -> impl Iterator<Item = &'a Value> {
    let tolerations = at(pod, "spec.tolerations").as_array();
    let taints = at(node, "spec.taints").as_array();
    taints.into_iter().flatten().filter(move |taint| {
        let mut all = tolerations.into_iter().flatten();
        effects.contains(&text(taint, "effect")) && !all.any(|it| tolerates(it, taint))
    })
}

/// The first taint that keeps a pod away from a node.
pub fn keeping_away<'a>(pod: &Value, node: &'a Value) -> Option<&'a Value> {
    untolerated(pod, node, &["NoSchedule", "NoExecute"]).next()
}

/// Whether a taint keeps the pod away.
pub fn refusal(pod: &Value, room: &Room<'_>) -> Option<Refusal> {
    let taint = keeping_away(pod, room.node)?;
    let (key, value) = (text(taint, "key"), text(taint, "value"));
    Refusal::for_good(&format!("node(s) had untolerated taint {{{key}: {value}}}"))
}

/// The fewer taints the pod would rather not have, the better.
pub fn scores(pod: &Value, rooms: &[&Room<'_>]) -> Vec<i64> {
    let count = |room: &&Room<'_>| untolerated(pod, room.node, &["PreferNoSchedule"]).count();
    let counts = normalised(rooms.iter().map(|room| count(room) as i64).collect());
    counts.into_iter().map(|count| MOST - count).collect()
}
