//! What a Deployment says of itself: counts, and whether it is available and gets on.
//!
//! Architecture invariant: as [`super`].
// Models kubernetes pkg/controller/deployment/{sync,progress}.go.

use std::time::Duration;

use serde_json::Value;

use super::deployment::{Sets, available, sum, wanted};
use super::{Ask, condition, millis};
use crate::kube::filled::{at, filled, number, text};
use crate::kube::object;

const AVAILABLE: &str = "NewReplicaSetAvailable";
const PAUSED: &str = "DeploymentPaused";
const LATE: &str = "ProgressDeadlineExceeded";

/// A rollout that may be late is looked at again so long after its deadline.
const SKEW_MS: i64 = 1000;

/// How many seconds a rollout may get nowhere; none: as long as it likes.
fn deadline(deployment: &Value) -> Option<i64> {
    let seconds = at(deployment, "spec.progressDeadlineSeconds").as_i64();
    seconds.filter(|seconds| *seconds != i64::from(i32::MAX))
}

/// Writes a condition; the time of its last change stays when only its reason changes.
pub(super) fn set_condition(ask: &Ask<'_>, on: &mut Value, name: &str, said: [&str; 3]) {
    let [status, reason, message] = said;
    let now = ask.now();
    let before = condition(on, name).cloned().unwrap_or_default();
    let same = at(&before, "status") == status;
    let changed = if same { at(&before, "lastTransitionTime").clone() } else { now.clone().into() };
    const TEXT: &str = r#"{"type": "$0", "status": "$1", "reason": "$2", "message": "$3",
        "lastUpdateTime": "$4", "lastTransitionTime": "$5"}"#;
    let new = filled(
        TEXT,
        &[name.into(), status.into(), reason.into(), message.into(), now.into(), changed],
    );
    if let Some(list) = object::conditions_mut(on) {
        list.retain(|condition| at(condition, "type") != name);
        list.push(new);
    }
}

/// As [`set_condition`], unless status and reason are so already.
fn say(ask: &Ask<'_>, object: &mut Value, name: &str, said: [&str; 3]) {
    let is_so = |it: &Value| at(it, "status") == said[0] && at(it, "reason") == said[1];
    if !condition(object, name).is_some_and(is_so) {
        set_condition(ask, object, name, said);
    }
}

/// Says that a Deployment is paused, or goes on: whoever resumes it has its whole time before it is
/// late. Nothing, where that is said already.
pub(super) fn pause_said(ask: &Ask<'_>, deployment: &Value, paused: bool) -> Option<Value> {
    deadline(deployment)?;
    let reason = condition(deployment, "Progressing").map_or("", |it| text(it, "reason"));
    if reason == LATE || (reason == PAUSED) == paused {
        return None;
    }
    let said = match paused {
        true => ["Unknown", PAUSED, "Deployment is paused"],
        false => ["Unknown", "DeploymentResumed", "Deployment is resumed"],
    };
    let mut now = deployment.clone();
    say(ask, &mut now, "Progressing", said);
    Some(now)
}

/// A new ReplicaSet was created.
pub(super) fn new_set_made(ask: &Ask<'_>, deployment: &mut Value, name: &str) {
    if deadline(deployment).is_none() {
        return;
    }
    let message = format!("Created new replica set \"{name}\"");
    say(ask, deployment, "Progressing", ["True", "NewReplicaSetCreated", &message]);
}

/// A ReplicaSet of this template was there already.
pub(super) fn found(ask: &Ask<'_>, deployment: &mut Value, set: &Value) {
    if deadline(deployment).is_some() && condition(deployment, "Progressing").is_none() {
        let message = format!("Found new replica set {:?}", object::name(set));
        say(ask, deployment, "Progressing", ["True", "FoundNewReplicaSet", &message]);
    }
}

fn counts(status: &Value) -> [i64; 4] {
    ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas"]
        .map(|field| number(status, field))
}

/// Whether a status says that the rollout is done.
pub(super) fn completed(deployment: &Value, status: &Value) -> bool {
    let wanted = number(deployment, "spec.replicas");
    let [replicas, updated, _, available] = counts(status);
    [replicas, updated, available] == [wanted; 3]
        && number(status, "observedGeneration") >= object::generation(deployment)
}

/// Writes a count; one that is 0 is left out, as it is when it is read back.
fn count(status: &mut Value, field: &str, count: i64) {
    if let Some(map) = status.as_object_mut() {
        match count {
            0 => drop(map.remove(field)),
            count => drop(map.insert(field.into(), count.into())),
        }
    }
}

/// Writes several counts.
pub(super) fn set_counts(status: &mut Value, counts: &[(&str, i64)]) {
    for (field, number) in counts {
        count(status, field, *number);
    }
}

/// The Deployment with its status as it is now, and when to look at it again.
pub(super) fn status(ask: &Ask<'_>, sets: &Sets<'_>, paused: bool) -> (Value, Option<Duration>) {
    let before = sets.deployment;
    let mut now = before.clone();
    let of = |field: fn(&Value) -> i64| sum(&sets.all, field);
    let all_available = of(available);
    let updated = sets.new.map_or(0, |new| number(new, "status.replicas"));
    set_counts(
        &mut now["status"],
        &[
            ("observedGeneration", object::generation(before)),
            ("replicas", of(|set| number(set, "status.replicas"))),
            ("updatedReplicas", updated),
            ("readyReplicas", of(|set| number(set, "status.readyReplicas"))),
            ("availableReplicas", all_available),
            ("unavailableReplicas", (of(wanted) - all_available).max(0)),
        ],
    );
    let said = match all_available >= sets.rolling.least() {
        true => ["True", "MinimumReplicasAvailable", "Deployment has minimum availability."],
        false => {
            let message = "Deployment does not have minimum availability.";
            ["False", "MinimumReplicasUnavailable", message]
        }
    };
    say(ask, &mut now, "Available", said);
    let due = if paused { None } else { progress(ask, sets, &mut now) };
    (now, due)
}

fn progress(ask: &Ask<'_>, sets: &Sets<'_>, now: &mut Value) -> Option<Duration> {
    let before = sets.deployment;
    let Some(deadline) = deadline(before) else {
        if let Some(list) = object::conditions_mut(now) {
            list.retain(|condition| at(condition, "type") != "Progressing");
        }
        return None;
    };
    let last = condition(before, "Progressing");
    let reason = last.map_or("", |it| text(it, "reason"));
    let (old, new) = (counts(at(before, "status")), counts(at(&*now, "status")));
    // The last rollout is done: whether pods come and go since is none of its business.
    if new[0] == new[1] && reason == AVAILABLE {
        return None;
    }
    let set = sets.new.map_or("", object::name);
    let moved =
        new[1] > old[1] || new[0] - new[1] < old[0] - old[1] || new[2] > old[2] || new[3] > old[3];
    let since = last.and_then(|last| millis(at(last, "lastUpdateTime")));
    let left = since.map(|since| since + deadline * 1000 - ask.now_ms);
    if completed(before, at(&*now, "status")) {
        let message = format!("ReplicaSet {set:?} has successfully progressed.");
        say(ask, now, "Progressing", ["True", AVAILABLE, &message]);
        return None;
    }
    if moved {
        let message = format!("ReplicaSet {set:?} is progressing.");
        set_condition(ask, now, "Progressing", ["True", "ReplicaSetUpdated", &message]);
    } else if reason == LATE || left.is_some_and(|left| left < 0) && reason != AVAILABLE {
        let message = format!("ReplicaSet {set:?} has timed out progressing.");
        say(ask, now, "Progressing", ["False", LATE, &message]);
        return None;
    }
    left.map(|left| Duration::from_millis((left.max(0) + SKEW_MS) as u64))
}
