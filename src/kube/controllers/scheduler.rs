//! The scheduler: which node a pod goes to.
//!
//! Filters say which nodes can take it, each with the reason when not; scores say which of those is
//! best; of equals chance decides. The pod is bound by its subresource `binding`.
//!
//! * Filters: cordoned, taints, `nodeSelector`, room for cpu, memory and pods.
//! * Scores: least requested room, spread of the pods of one owner, taints that are only preferred.
//!
//! Caveats: no affinity terms, no priorities, no preemption; spread is over nodes and by owner.
//!
//! Architecture invariant: as [`super`].
// Models kubernetes pkg/scheduler/framework/plugins and types.go (FitError).

use std::time::Duration;

use serde_json::Value;

use super::{Ask, Plan, Role, condition, is_going, patch};
use crate::kube::api::Part;
use crate::kube::filled::{at, filled, text};
use crate::kube::informer::{Cache, Key, controller_of};
use crate::kube::object;
use crate::kube::quantity::Quantity;
use crate::sim::Rng;
use crate::sorted::SortedMap;

/// What is looked at again though nothing changed: upstream's longest back-off.
const AGAIN: Duration = Duration::from_secs(10);

/// What a container that asks for nothing counts for in scores: cpu and memory in thousandths.
const UNASKED: [i64; 2] = [100, 200 * 1024 * 1024 * 1000];

/// The scheduler.
pub const ROLE: Role = Role { name: "default-scheduler", concerns, reconcile, assumes: true };

fn waits(pod: &Value) -> bool {
    at(pod, "spec.nodeName").is_null()
        && !is_going(pod)
        && at(pod, "spec.schedulerName").as_str().is_none_or(|name| name == ROLE.name)
}

/// A pod that waits; with every other change those that could not be placed.
fn concerns(cache: &Cache, changed: &Value) -> Vec<Key> {
    if at(changed, "kind") == "Pod" && waits(changed) {
        return vec![Key::of(changed)];
    }
    let refused = |pod: &Value| waits(pod) && condition(pod, "PodScheduled").is_some();
    let pods = cache.iter().filter(|(key, pod)| key.kind == "Pod" && refused(pod));
    pods.map(|(key, _)| key.clone()).collect()
}

/// Whether a toleration is for a taint.
pub fn tolerates(toleration: &Value, taint: &Value) -> bool {
    let same = |field: &str| text(toleration, field) == text(taint, field);
    let any = |field: &str| text(toleration, field).is_empty();
    (any("effect") || same("effect"))
        && (any("key") || same("key"))
        && (text(toleration, "operator") == "Exists" || !any("key") && same("value"))
}

/// The first taint of these effects that a pod does not tolerate.
fn untolerated<'a>(pod: &Value, node: &'a Value, effects: &[&str]) -> Option<&'a Value> {
    let tolerations = at(pod, "spec.tolerations").as_array();
    let of_effect = |taint: &&Value| effects.contains(&text(taint, "effect"));
    let bears = |taint: &Value| {
        tolerations.into_iter().flatten().any(|toleration| tolerates(toleration, taint))
    };
    let taints = at(node, "spec.taints").as_array();
    taints.into_iter().flatten().filter(of_effect).find(|taint| !bears(taint))
}

/// An amount in thousandths.
fn amount(value: &Value) -> i64 {
    let quantity = value.as_str().and_then(|text| Quantity::parse(text).ok());
    quantity.map_or(0, |quantity| quantity.milli() as i64)
}

/// Cpu and memory that a pod asks for; a container that does not counts `otherwise`.
fn asks(pod: &Value, otherwise: [i64; 2]) -> [i64; 2] {
    let containers = at(pod, "spec.containers").as_array();
    let mut sum = [0; 2];
    for container in containers.into_iter().flatten() {
        for (which, name) in ["cpu", "memory"].into_iter().enumerate() {
            let asked = at(at(container, "resources.requests"), name);
            sum[which] += if asked.is_null() { otherwise[which] } else { amount(asked) };
        }
    }
    sum
}

/// A node and the pods on it.
struct Room<'a> {
    node: &'a Value,
    pods: Vec<&'a Value>,
}

impl Room<'_> {
    fn has(&self, name: &str) -> i64 {
        amount(at(at(self.node, "status.allocatable"), name))
    }

    fn used(&self, otherwise: [i64; 2]) -> [i64; 2] {
        let all = self.pods.iter().map(|pod| asks(pod, otherwise));
        all.fold([0; 2], |sum, it| [sum[0] + it[0], sum[1] + it[1]])
    }

    /// Why it cannot take the pod, and whether it could if others made room.
    fn refuses(&self, pod: &Value) -> Option<(Vec<String>, bool)> {
        let node = self.node;
        if *at(node, "spec.unschedulable") == true {
            return Some((vec!["node(s) were unschedulable".into()], false));
        }
        if let Some(taint) = untolerated(pod, node, &["NoSchedule", "NoExecute"]) {
            let (key, value) = (text(taint, "key"), text(taint, "value"));
            return Some((
                vec![format!("node(s) had untolerated taint {{{key}: {value}}}")],
                false,
            ));
        }
        let wanted = at(pod, "spec.nodeSelector").as_object();
        let has = |(key, value): (&String, &Value)| object::label(node, key) == value.as_str();
        if !wanted.into_iter().flatten().all(has) {
            let text = "node(s) didn't match Pod's node affinity/selector";
            return Some((vec![text.into()], false));
        }
        let (asked, used) = (asks(pod, [0; 2]), self.used([0; 2]));
        let mut lacks = Vec::new();
        if self.pods.len() as i64 + 1 > self.has("pods") / 1000 {
            lacks.push("Too many pods".to_string());
        }
        for (which, name) in ["cpu", "memory"].into_iter().enumerate() {
            if asked[which] > 0 && asked[which] > self.has(name) - used[which] {
                lacks.push(format!("Insufficient {name}"));
            }
        }
        let helps = ["cpu", "memory"]
            .into_iter()
            .enumerate()
            .all(|(which, it)| asked[which] <= self.has(it));
        (!lacks.is_empty()).then_some((lacks, helps))
    }

    /// How good it is for the pod, 0 to 100 for room and twice that for spread.
    fn score(&self, pod: &Value, most_alike: i64) -> i64 {
        let (asked, used) = (asks(pod, UNASKED), self.used(UNASKED));
        let room = ["cpu", "memory"].into_iter().enumerate().map(|(which, name)| {
            let has = self.has(name).max(1);
            (has - used[which] - asked[which]).max(0) * 100 / has
        });
        let spread = 100 - self.alike(pod) * 100 / most_alike.max(1);
        let preferred = untolerated(pod, self.node, &["PreferNoSchedule"]).is_none();
        room.sum::<i64>() / 2 + 2 * spread + 300 * i64::from(preferred)
    }

    /// Pods here of the same owner.
    fn alike(&self, pod: &Value) -> i64 {
        let owner = controller_of(pod).map(|owner| at(owner, "uid"));
        let same = |other: &&&Value| controller_of(other).map(|owner| at(owner, "uid")) == owner;
        self.pods.iter().filter(same).count() as i64
    }
}

fn reconcile(ask: &Ask<'_>) -> Plan {
    let Some(pod) = ask.object().filter(|pod| waits(pod)) else { return Plan::default() };
    let pods = ask.cache.all("Pod");
    let ended =
        |pod: &Value| ["Succeeded", "Failed"].iter().any(|it| at(pod, "status.phase") == *it);
    let rooms: Vec<Room> = ask
        .cache
        .all("Node")
        .into_iter()
        .map(|node| {
            let here = |pod: &&Value| at(pod, "spec.nodeName") == object::name(node) && !ended(pod);
            Room { node, pods: pods.iter().copied().filter(here).collect() }
        })
        .collect();
    let mut reasons = SortedMap::<String, usize>::default();
    let mut fitting = Vec::new();
    let (mut helps_not, mut helps) = (0, 0);
    for room in &rooms {
        match room.refuses(pod) {
            None => fitting.push(room),
            Some((why, may_help)) => {
                why.into_iter().for_each(|why| *reasons.or_default(why) += 1);
                *(if may_help { &mut helps } else { &mut helps_not }) += 1;
            }
        }
    }
    if fitting.is_empty() {
        return unplaced(ask, pod, &message(rooms.len(), &reasons, (helps, helps_not)));
    }
    let most = fitting.iter().map(|room| room.alike(pod)).max().unwrap_or(0);
    let best = fitting.iter().map(|room| room.score(pod, most)).max();
    fitting.retain(|room| Some(room.score(pod, most)) == best);
    let mut dice = Rng::stream(ask.seed, object::uid(pod), 0, 0);
    let room = fitting[dice.below(fitting.len() as u64) as usize];
    let name = object::name(room.node).into();
    let binding = filled(r#"{"target": {"kind": "Node", "name": "$0"}}"#, &[name]);
    Plan { writes: vec![patch(Part::Binding, pod, binding)], ..Plan::default() }
}

/// `0/2 nodes are available: 2 Insufficient cpu. preemption: …`
fn message(nodes: usize, reasons: &SortedMap<String, usize>, helps: (usize, usize)) -> String {
    if nodes == 0 {
        return "no nodes available to schedule pods".into();
    }
    let listed = |mut lines: Vec<String>| {
        crate::sorted::sort_by(&mut lines, |a, b| a.cmp(b));
        lines.join(", ")
    };
    let reasons = listed(reasons.iter().map(|(why, count)| format!("{count} {why}")).collect());
    let mut preempting = Vec::new();
    if helps.0 > 0 {
        preempting.push(format!("{} No preemption victims found for incoming pod", helps.0));
    }
    if helps.1 > 0 {
        preempting.push(format!("{} Preemption is not helpful for scheduling", helps.1));
    }
    let none = format!("0/{nodes} nodes are available");
    format!("{none}: {reasons}. preemption: {none}: {}.", listed(preempting))
}

/// What the pod says while no node can take it.
fn unplaced(ask: &Ask<'_>, pod: &Value, message: &str) -> Plan {
    let said = condition(pod, "PodScheduled").is_some_and(|it| at(it, "message") == message);
    let writes = match said {
        true => Vec::new(),
        false => {
            const TEXT: &str = r#"{"status": {"conditions": [{"type": "PodScheduled",
                "status": "False", "reason": "Unschedulable", "message": "$0",
                "lastTransitionTime": "$1"}]}}"#;
            let said = filled(TEXT, &[message.into(), ask.now().into()]);
            vec![patch(Part::Status, pod, said)]
        }
    };
    Plan { writes, again: Some(AGAIN), ..Plan::default() }
}

#[cfg(test)]
#[path = "scheduler_test.rs"]
mod tests;
