//! The ReplicaSet controller: as many pods as are wanted, no more.
//!
//! * While it has not been told of what it created or deleted itself, it counts nothing and only
//!   writes its status: those are its *expectations*. Without them a cache that lags makes it
//!   create the same pods again.
//! * Which pods go when there are too many is decided by [`rank`].
//!
//! * Pods without a controller that it selects are its own from then on ([`super::claims`]).
//!
//! Architecture invariant: as [`super`].
// Models kubernetes pkg/controller/replicaset/replica_set.go and controller_utils.go.

use serde_json::Value;

use super::claims::{claimants, claims};
use super::deployment_status::set_counts;
use super::{
    Ask, Plan, Role, condition, create, delete, holds, is_going, itself, millis, put, reference,
};
use crate::kube::api::Part;
use crate::kube::filled::{at, filled, number, text};
use crate::kube::informer::{Cache, Key};
use crate::kube::object;
use crate::sorted::sort_by;

/// Pods created or deleted in one go.
const BURST: usize = 500;

/// The controller.
pub const ROLE: Role = Role { name: "replicaset-controller", concerns, reconcile, assumes: false };

fn concerns(cache: &Cache, changed: &Value) -> Vec<Key> {
    let mut keys = itself("ReplicaSet", changed);
    if at(changed, "kind") == "Pod" {
        keys.extend(super::owner("ReplicaSet", changed));
        keys.extend(claimants(cache, "ReplicaSet", changed));
    }
    keys
}

/// How dear a pod is: of too many, the least go first.
pub fn rank(pod: &Value, on_its_node: usize) -> impl Ord {
    let phase = match at(pod, "status.phase").as_str() {
        Some("Pending") => 0,
        Some("Running") => 2,
        _ => 1,
    };
    let cost = object::annotation(pod, "controller.kubernetes.io/pod-deletion-cost");
    let ready = condition(pod, "Ready").filter(|ready| at(ready, "status") == "True");
    // Longer ready, longer there: dearer. Not ready: not compared.
    let since = |time: &Value| -millis(time).unwrap_or(0);
    let restarts = at(pod, "status.containerStatuses").as_array();
    let restarts = restarts.into_iter().flatten().map(|it| number(it, "restartCount")).max();
    (
        (!at(pod, "spec.nodeName").is_null(), phase, ready.is_some()),
        cost.and_then(|cost| cost.parse::<i64>().ok()).unwrap_or(0),
        -(on_its_node as i64),
        ready.map_or(0, |ready| since(at(ready, "lastTransitionTime"))),
        -restarts.unwrap_or(0),
        since(at(pod, "metadata.creationTimestamp")),
    )
}

fn is_active(pod: &&Value) -> bool {
    let phase = text(pod, "status.phase");
    !is_going(pod) && !["Succeeded", "Failed"].contains(&phase)
}

/// A pod of a ReplicaSet.
fn pod_of(set: &Value) -> Value {
    let template = at(set, "spec.template");
    let mut meta = at(template, "metadata").clone();
    meta["generateName"] = format!("{}-", object::name(set)).into();
    meta["namespace"] = set["metadata"]["namespace"].clone();
    meta["ownerReferences"] = reference(set);
    if let Some(meta) = meta.as_object_mut() {
        meta.remove("creationTimestamp");
    }
    const POD: &str = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": "$0", "spec": "$1"}"#;
    filled(POD, &[meta, at(template, "spec").clone()])
}

/// The pods that go, `count` of them.
fn too_many<'a>(cache: &Cache, pods: &[&'a Value], set: &Value, count: usize) -> Vec<&'a Value> {
    // Pods of the same Deployment count on a node, whichever ReplicaSet they are of.
    let related = super::owner("Deployment", set);
    let is_related = |pod: &&Value| {
        let own = super::owner("ReplicaSet", pod);
        let own_set = own.and_then(|key| cache.get(&key).cloned());
        own_set.is_some_and(|other| {
            object::uid(&other) == object::uid(set)
                || related.is_some() && super::owner("Deployment", &other) == related
        })
    };
    let mut all = cache.all("Pod");
    all.retain(|pod| is_active(pod) && is_related(pod));
    let node = |pod: &Value| at(pod, "spec.nodeName").clone();
    let beside = |pod: &Value| all.iter().filter(|other| node(other) == node(pod)).count();
    let mut ranked: Vec<_> = pods.iter().map(|pod| (rank(pod, beside(pod)), *pod)).collect();
    sort_by(&mut ranked, |a, b| a.0.cmp(&b.0));
    ranked.into_iter().take(count).map(|(_, pod)| pod).collect()
}

fn reconcile(ask: &Ask<'_>) -> Plan {
    let Some(set) = ask.object() else { return Plan::default() };
    if ask.settled
        && let Some(claims) = claims(ask.cache, "Pod", set, is_active)
    {
        return claims;
    }
    let mut pods = ask.cache.owned("Pod", set);
    pods.retain(is_active);
    let wanted = number(set, "spec.replicas");
    let mut plan = Plan::default();
    if ask.settled && !is_going(set) {
        let missing = wanted - pods.len() as i64;
        if missing > 0 {
            let count = (missing as usize).min(BURST);
            plan.writes = (0..count).map(|_| create(pod_of(set))).collect();
        } else if missing < 0 {
            let going = too_many(ask.cache, &pods, set, (-missing as usize).min(BURST));
            plan.writes = going.into_iter().map(|pod| delete(pod, None)).collect();
        }
    }
    let ready = pods.iter().filter(|pod| holds(pod, "Ready")).count() as i64;
    let (available, due) = available(ask, set, &pods);
    plan.again = due;
    let mut now = set.clone();
    set_counts(
        &mut now["status"],
        &[
            ("replicas", pods.len() as i64),
            ("fullyLabeledReplicas", pods.len() as i64),
            ("readyReplicas", ready),
            ("availableReplicas", available),
            ("observedGeneration", object::generation(set)),
        ],
    );
    if at(&now, "status") != at(set, "status") {
        plan.writes.push(put(Part::Status, now));
    }
    plan
}

/// How many pods have been ready for `minReadySeconds`, and when the next will have been.
fn available(ask: &Ask<'_>, set: &Value, pods: &[&Value]) -> (i64, Option<std::time::Duration>) {
    let least = number(set, "spec.minReadySeconds") * 1000;
    let (mut count, mut due) = (0, None);
    for pod in pods.iter().filter(|pod| holds(pod, "Ready")) {
        let ready = condition(pod, "Ready").and_then(|it| millis(at(it, "lastTransitionTime")));
        let left = ready.unwrap_or(0) + least - ask.now_ms;
        match least > 0 && left > 0 {
            true => due = Some(due.map_or(left, |due: i64| due.min(left))),
            false => count += 1,
        }
    }
    (count, due.map(|ms| std::time::Duration::from_millis(ms as u64)))
}

#[cfg(test)]
#[path = "replica_set_test.rs"]
mod tests;
