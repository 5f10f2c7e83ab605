//! The scheduler: which node a pod goes to.
//!
//! Filters say which nodes can take it, each with the reason when not; scores say which of those is
//! best; of equals chance decides. The pod is bound by its subresource `binding`.
//!
//! * Filters, in this order, the first that refuses has the word: nodes named ([`node_affinity`]),
//!   cordoned, [`taints`], `nodeSelector` and node affinity, host [`ports`], room for cpu, memory
//!   and pods ([`fit`]), topology [`spread`], [`pod_affinity`].
//! * Scores ([`score`]): taints that are only preferred, preferred node affinity, least allocated
//!   room, balance, spread of the pods of one owner, preferred pod affinity.
//! * All pods are gone through once for a pod, not once for each node ([`room`]).
//!
//! Caveats: no priorities and no preemption; no volumes; every change is a reason to look again at
//! a pod that was refused.
//!
//! Architecture invariant: as [`super`].
// Models kubernetes pkg/scheduler/framework/plugins and types.go (FitError).

mod fit;
mod node_affinity;
mod pod_affinity;
mod ports;
mod room;
mod score;
mod spread;
mod spread_score;
mod taints;
mod topology;

use std::time::Duration;

use serde_json::Value;

use super::{Ask, Plan, Role, condition, is_going, patch};
use crate::kube::api::Part;
use crate::kube::filled::{at, filled};
use crate::kube::informer::{Cache, Key};
use crate::kube::object;
use crate::sim::Rng;
use crate::sorted::SortedMap;
use room::{Refusal, Room};

pub use taints::tolerates;

/// What is looked at again though nothing changed: upstream's longest back-off.
const AGAIN: Duration = Duration::from_secs(10);

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

/// What the filters ask a node.
struct Filters<'a> {
    pod: &'a Value,
    spread: spread::Spread<'a>,
    required: pod_affinity::Required<'a>,
}

impl<'a> Filters<'a> {
    fn new(pod: &'a Value, rooms: &[Room<'a>]) -> Filters<'a> {
        let spread = spread::Spread::new(pod, rooms);
        Filters { pod, spread, required: pod_affinity::Required::new(pod, rooms) }
    }

    /// Why a node cannot take the pod, if so: what the first filter says that refuses.
    fn refusal(&self, room: &Room<'_>) -> Option<Refusal> {
        node_affinity::unnamed(self.pod, room)
            .or_else(|| room::cordoned(room))
            .or_else(|| taints::refusal(self.pod, room))
            .or_else(|| node_affinity::refusal(self.pod, room))
            .or_else(|| ports::refusal(self.pod, room))
            .or_else(|| fit::refusal(self.pod, room))
            .or_else(|| self.spread.refusal(room))
            .or_else(|| self.required.refusal(room))
    }
}

fn reconcile(ask: &Ask<'_>) -> Plan {
    let Some(pod) = ask.object().filter(|pod| waits(pod)) else { return Plan::default() };
    let rooms = room::rooms(ask.cache);
    let filters = Filters::new(pod, &rooms);
    let (mut fitting, mut refusals) = (Vec::new(), Vec::new());
    for room in &rooms {
        match filters.refusal(room) {
            None => fitting.push(room),
            Some(refusal) => refusals.push(refusal),
        }
    }
    if fitting.is_empty() {
        return unplaced(ask, pod, &message(&refusals));
    }
    let scores = score::scores(pod, &rooms, &fitting);
    let best = scores.iter().max();
    let mut best = fitting.iter().zip(&scores).filter(|(_, score)| Some(*score) == best);
    let count = best.clone().count();
    let mut dice = Rng::stream(ask.seed, object::uid(pod), 0, 0);
    let chosen = best.nth(dice.below(count as u64) as usize);
    let Some((room, _)) = chosen else { return Plan::default() };
    let name = object::name(room.node).into();
    let binding = filled(r#"{"target": {"kind": "Node", "name": "$0"}}"#, &[name]);
    Plan { writes: vec![patch(Part::Binding, pod, binding)], ..Plan::default() }
}

/// `0/2 nodes are available: 2 Insufficient cpu. preemption: …`
fn message(refusals: &[Refusal]) -> String {
    let nodes = refusals.len();
    if nodes == 0 {
        return "no nodes available to schedule pods".into();
    }
    let mut reasons = SortedMap::<&str, usize>::default();
    let whys = refusals.iter().flat_map(|refusal| &refusal.why);
    whys.for_each(|why| *reasons.or_default(why) += 1);
    let listed = |mut lines: Vec<String>| {
        crate::sorted::sort_by(&mut lines, |a, b| a.cmp(b));
        lines.join(", ")
    };
    let reasons = listed(reasons.iter().map(|(why, count)| format!("{count} {why}")).collect());
    let may_help = refusals.iter().filter(|refusal| refusal.may_help).count();
    let mut preempting = Vec::new();
    if may_help > 0 {
        preempting.push(format!("{may_help} No preemption victims found for incoming pod"));
    }
    if nodes > may_help {
        let others = nodes - may_help;
        preempting.push(format!("{others} Preemption is not helpful for scheduling"));
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
mod tests;
