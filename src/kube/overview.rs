//! An object in a few words, as `kubectl get` would say it: how it is, and where.
//!
//! Architecture invariant: a function of the object.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::controllers::{condition, holds, is_going};
use super::filled::{at, number, text};
use super::kubectl_complete::named;
use super::object;
use crate::cluster::Health;

/// One object.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// `Deployment`.
    pub kind: String,
    /// Empty where the kind has none.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its own identity, and its controller's, if it has one.
    pub uid: String,
    /// See `uid`.
    pub owner_uid: String,
    /// How it is.
    pub health: Health,
    /// `Running`, `2/3 ready`.
    pub state: String,
    /// What else is worth knowing: a node, an image.
    pub note: String,
}

/// An object in a few words.
pub fn overview(object: &Value) -> Overview {
    let kind = text(object, "kind");
    let (health, state, note) = match kind {
        "Pod" => pod(object),
        "Deployment" => deployment(object),
        "ReplicaSet" => replica_set(object),
        "Node" => node(object),
        "Namespace" => phase(object),
        "Lease" => (Health::Plain, text(object, "spec.holderIdentity").into(), String::new()),
        "Service" => (Health::Plain, text(object, "spec.type").into(), String::new()),
        "Secret" => (Health::Plain, text(object, "type").into(), String::new()),
        "Event" => {
            let reason = text(object, "reason").to_string();
            let health =
                if text(object, "type") == "Warning" { Health::Bad } else { Health::Plain };
            (health, reason, text(object, "message").into())
        }
        _ => (Health::Plain, String::new(), String::new()),
    };
    let dying = is_going(object);
    Overview {
        kind: kind.into(),
        namespace: object::namespace(object).into(),
        name: object::name(object).into(),
        uid: object::uid(object).into(),
        owner_uid: text(object, "metadata.ownerReferences.0.uid").into(),
        health: if dying { Health::Changing } else { health },
        state: if dying { "Terminating".into() } else { state },
        note,
    }
}

fn pod(object: &Value) -> (Health, String, String) {
    let reason = text(object, "status.reason");
    let phase = if reason.is_empty() { text(object, "status.phase") } else { reason };
    let waiting = text(object, "status.containerStatuses.0.state.waiting.reason");
    let ready = holds(object, "Ready");
    let (health, state) = match (phase, ready) {
        ("Running", true) => (Health::Well, "Running".to_string()),
        ("Running", false) => (Health::Changing, "Running, not ready".into()),
        ("Succeeded", _) => (Health::Plain, "Completed".into()),
        ("Pending", _) if !waiting.is_empty() => (Health::Changing, waiting.into()),
        ("Pending", _) => (Health::Changing, "Pending".into()),
        (other, _) => (Health::Bad, other.into()),
    };
    let node = text(object, "spec.nodeName");
    let note = if node.is_empty() { "on no node yet".into() } else { format!("on {node}") };
    (health, state, note)
}

fn deployment(object: &Value) -> (Health, String, String) {
    let wanted = at(object, "spec.replicas").as_i64().unwrap_or(1);
    let [ready, updated] =
        ["status.readyReplicas", "status.updatedReplicas"].map(|path| number(object, path));
    let image = text(object, "spec.template.spec.containers.0.image");
    let paused = *at(object, "spec.paused") == true;
    let note = match (paused, updated < wanted) {
        (true, _) => format!("{image}, paused"),
        (false, true) => format!("{image}, {updated} up to date"),
        (false, false) => image.to_string(),
    };
    (enough(ready.min(updated), wanted), format!("{ready}/{wanted} ready"), note)
}

fn replica_set(object: &Value) -> (Health, String, String) {
    let wanted = at(object, "spec.replicas").as_i64().unwrap_or(1);
    let (has, ready) = (number(object, "status.replicas"), number(object, "status.readyReplicas"));
    let image = text(object, "spec.template.spec.containers.0.image").to_string();
    match (wanted, has) {
        (0, 0) => (Health::Plain, "scaled to 0".into(), image),
        _ => (enough(ready, wanted), format!("{ready}/{wanted} ready"), image),
    }
}

fn enough(ready: i64, wanted: i64) -> Health {
    if ready == wanted { Health::Well } else { Health::Changing }
}

fn node(object: &Value) -> (Health, String, String) {
    let cordoned = *at(object, "spec.unschedulable") == true;
    let note = if cordoned { "SchedulingDisabled" } else { "" };
    match condition(object, "Ready") {
        Some(_) if holds(object, "Ready") => (Health::Well, "Ready".into(), note.into()),
        Some(_) => (Health::Bad, "NotReady".into(), note.into()),
        None => (Health::Plain, "Unknown".into(), note.into()),
    }
}

fn phase(object: &Value) -> (Health, String, String) {
    let phase = text(object, "status.phase");
    let health = if phase == "Terminating" { Health::Changing } else { Health::Plain };
    (health, phase.into(), String::new())
}

/// Kinds that come first where objects are listed, in this order.
pub const FIRST: [&str; 5] = ["Deployment", "ReplicaSet", "Pod", "Node", "Service"];

/// What is written for bookkeeping comes last where not all can be listed.
const LAST: [&str; 2] = ["Lease", "Event"];

/// How much an object is looked for, by its key without what all begin with: the less the more.
pub fn rank(key: &str) -> usize {
    let kind = named(key).map(|(kind, _)| kind);
    let at = |of: &[&str]| of.iter().position(|it| Some(*it) == kind);
    at(&FIRST).or_else(|| Some(FIRST.len() + 1 + at(&LAST)?)).unwrap_or(FIRST.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(object: Value) -> String {
        let it = overview(&object);
        format!("{:?}: {}; {}", it.health, it.state, it.note)
    }

    #[test]
    fn workloads_come_before_bookkeeping() {
        let mut keys = ["events/a/x", "leases/a/x", "configmaps/a/x", "minions/n", "pods/a/x"];
        keys.sort_by_key(|key| rank(key));
        let sorted = ["pods/a/x", "minions/n", "configmaps/a/x", "leases/a/x", "events/a/x"];
        assert_eq!(keys, sorted);
    }

    #[test]
    fn each_kind_in_a_few_words() {
        let ready = |status: &str| json!([{"type": "Ready", "status": status}]);
        let spec = json!({"nodeName": "node-a"});
        let pod = |status: Value| json!({"kind": "Pod", "spec": spec, "status": status});
        let deployment = json!({
            "kind": "Deployment",
            "spec": {"replicas": 3, "template": {"spec": {"containers": [{"image": "nginx:1"}]}}},
            "status": {"readyReplicas": 3, "updatedReplicas": 1},
        });
        let all = [
            pod(json!({"phase": "Running", "conditions": ready("True")})),
            pod(json!({"phase": "Running", "conditions": ready("False")})),
            json!({"kind": "Pod", "status": {"phase": "Pending"}}),
            pod(json!({"phase": "Failed", "reason": "Evicted"})),
            deployment,
            json!({"kind": "ReplicaSet", "spec": {"replicas": 0}}),
            json!({"kind": "Node", "spec": {"unschedulable": true},
                "status": {"conditions": ready("Unknown")}}),
            json!({"kind": "Pod", "metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}),
            json!({"kind": "ConfigMap"}),
            json!(7),
        ];
        expect_test::expect![[r#"
            Well: Running; on node-a
            Changing: Running, not ready; on node-a
            Changing: Pending; on no node yet
            Bad: Evicted; on node-a
            Changing: 3/3 ready; nginx:1, 1 up to date
            Plain: scaled to 0; 
            Bad: NotReady; SchedulingDisabled
            Changing: Terminating; on no node yet
            Plain: ; 
            Plain: ; "#]]
        .assert_eq(&all.map(said).join("\n"));
    }
}
