//! The node lifecycle controller: a node whose kubelet is not heard of is marked, and in time its
//! pods go.
//!
//! Every five seconds it looks at a node's Lease. Not renewed for the grace period: the node's
//! conditions become `Unknown` and it is tainted, so that nothing new comes to it; pods go when
//! their toleration of the taint has run out. A lease that is renewed takes the taints away.
//!
//! Caveats: the lease's own time is compared, not when its change was seen, which is the same
//! while clocks agree. No rate limit and no zones: with as few nodes as here upstream would not
//! evict at all when most are unreachable; nor does this.
//!
//! Architecture invariant: as [`super`].
// Models kubernetes pkg/controller/nodelifecycle/node_lifecycle_controller.go and pkg/controller/
// tainteviction/taint_eviction.go.

use std::time::Duration;

use serde_json::Value;

use super::scheduler::tolerates;
use super::{Ask, Plan, Role, condition, delete, is_going, itself, millis, patch};
use crate::kube::api::Part;
use crate::kube::filled::{at, filled};
use crate::kube::informer::{Cache, Key};
use crate::kube::object;

/// `--node-monitor-period`
const PERIOD: Duration = Duration::from_secs(5);

/// `--node-monitor-grace-period`
const GRACE_MS: i64 = 40_000;

/// The taint of a node that is not heard of.
pub const UNREACHABLE: &str = "node.kubernetes.io/unreachable";

/// The controller.
pub const ROLE: Role =
    Role { name: "node-lifecycle-controller", concerns, reconcile, assumes: false };

fn concerns(_: &Cache, changed: &Value) -> Vec<Key> {
    itself("Node", changed)
}

/// When the node was last heard of: by its lease, or by its status.
fn heard(cache: &Cache, node: &Value) -> Option<i64> {
    let lease = cache.get(&Key::new("Lease", "kube-node-lease", object::name(node)));
    let renewed = lease.and_then(|lease| millis(at(lease, "spec.renewTime")));
    let ready = condition(node, "Ready");
    renewed.max(ready.and_then(|ready| millis(at(ready, "lastHeartbeatTime"))))
}

fn taints(node: &Value) -> Vec<Value> {
    at(node, "spec.taints").as_array().cloned().unwrap_or_default()
}

/// How long a pod bears the taint from its beginning; none: for ever.
fn bears(pod: &Value) -> Option<i64> {
    let all = at(pod, "spec.tolerations").as_array();
    let taint = taint("NoExecute", "");
    let mut fitting = all.into_iter().flatten().filter(|it| tolerates(it, &taint));
    match fitting.next() {
        None => Some(0),
        Some(first) => at(first, "tolerationSeconds").as_i64(),
    }
}

fn taint(effect: &str, since: &str) -> Value {
    const TEXT: &str = r#"{"key": "$0", "effect": "$1", "timeAdded": "$2"}"#;
    let since = if since.is_empty() { Value::Null } else { since.into() };
    filled(TEXT, &[UNREACHABLE.into(), effect.into(), since])
}

fn reconcile(ask: &Ask<'_>) -> Plan {
    let mut plan = Plan { again: Some(PERIOD), ..Plan::default() };
    let Some(node) = ask.object() else { return Plan::default() };
    let Some(heard) = heard(ask.cache, node) else { return plan };
    let lost = ask.now_ms - heard > GRACE_MS;
    let is_marked = |taint: &Value| at(taint, "key") == UNREACHABLE;
    let mut taints = taints(node);
    let marked = taints.iter().any(is_marked);
    if lost && condition(node, "Ready").is_some_and(|ready| at(ready, "status") != "Unknown") {
        plan.writes.push(patch(Part::Status, node, unknown(ask, node)));
    }
    if lost != marked {
        taints.retain(|taint| !is_marked(taint));
        if lost {
            taints.extend(["NoSchedule", "NoExecute"].map(|effect| taint(effect, &ask.now())));
        }
        plan.writes.push(patch(
            Part::Object,
            node,
            filled(r#"{"spec": {"taints": "$0"}}"#, &[taints.clone().into()]),
        ));
    }
    let is_lost = |node: &&Value| {
        at(node, "spec.taints").as_array().is_some_and(|taints| taints.iter().any(is_marked))
    };
    if lost && marked && !ask.cache.all("Node").iter().all(is_lost) {
        let since = taints.iter().filter_map(|taint| millis(at(taint, "timeAdded"))).max();
        let mut pods = ask.cache.all("Pod");
        pods.retain(|pod| at(pod, "spec.nodeName") == ask.key.name.as_str() && !is_going(pod));
        let over =
            |pod: &&Value| bears(pod).is_some_and(|s| since.unwrap_or(0) + s * 1000 <= ask.now_ms);
        plan.writes.extend(pods.into_iter().filter(over).map(|pod| delete(pod, None)));
    }
    plan
}

/// All that a node says of itself is no longer known.
fn unknown(ask: &Ask<'_>, node: &Value) -> Value {
    let all = at(node, "status.conditions").as_array();
    let unknown = all.into_iter().flatten().map(|condition| {
        const TEXT: &str = r#"{"type": "$0", "status": "Unknown", "reason": "NodeStatusUnknown",
            "message": "Kubelet stopped posting node status.", "lastTransitionTime": "$1"}"#;
        filled(TEXT, &[at(condition, "type").clone(), ask.now().into()])
    });
    let unknown = Value::Array(unknown.collect());
    filled(r#"{"status": {"conditions": "$0"}}"#, &[unknown])
}
