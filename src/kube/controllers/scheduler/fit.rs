//! Cpu, memory and the number of pods: what a pod asks for, and what a node has left.
//!
//! * A pod asks for what its containers ask for together, or for its greediest init container.
//! * Scores count a container that asks for nothing as [`UNASKED`]; filters as nothing.
//! * Two scores: how much is left, and how evenly cpu and memory are used.
//!
//! Caveats: no other resources, no init containers that go on running, no overhead.
//!
//! Architecture invariant: as [`super`].
// Models kubernetes pkg/scheduler/framework/plugins/noderesources.

use serde_json::Value;

use super::room::{Refusal, Room};
use super::score::MOST;
use crate::kube::filled::at;
use crate::kube::quantity::Quantity;

/// What a container that asks for nothing counts for in scores: cpu and memory in thousandths.
pub const UNASKED: [i64; 2] = [100, 200 * 1024 * 1024 * 1000];

const NAMES: [&str; 2] = ["cpu", "memory"];

/// An amount in thousandths.
fn amount(value: &Value) -> i64 {
    let quantity = value.as_str().and_then(|text| Quantity::parse(text).ok());
    quantity.map_or(0, |quantity| quantity.milli() as i64)
}

/// Cpu and memory that a pod asks for; a container that does not counts `otherwise`.
pub fn asks(pod: &Value, otherwise: [i64; 2]) -> [i64; 2] {
    let containers = |list: &str| at(pod, list).as_array().into_iter().flatten();
    [0, 1].map(|which| {
        let asked = |container: &Value| match at(at(container, "resources.requests"), NAMES[which])
        {
            Value::Null => otherwise[which],
            asked => amount(asked),
        };
        let together = containers("spec.containers").map(asked).sum::<i64>();
        let greediest = containers("spec.initContainers").map(asked).max();
        together.max(greediest.unwrap_or(0))
    })
}

/// What a node has for pods: cpu and memory in thousandths.
fn has(room: &Room<'_>) -> [i64; 2] {
    NAMES.map(|name| amount(at(at(room.node, "status.allocatable"), name)))
}

/// Whether there is too little room.
pub fn refusal(pod: &Value, room: &Room<'_>) -> Option<Refusal> {
    let (asked, has) = (asks(pod, [0; 2]), has(room));
    let mut why = Vec::new();
    if room.pods.len() as i64 + 1 > amount(at(room.node, "status.allocatable.pods")) / 1000 {
        why.push("Too many pods".to_string());
    }
    for which in [0, 1] {
        if asked[which] > 0 && asked[which] > has[which] - room.used[which] {
            why.push(format!("Insufficient {}", NAMES[which]));
        }
    }
    let may_help = [0, 1].into_iter().all(|which| asked[which] <= has[which]);
    (!why.is_empty()).then_some(Refusal { why, may_help })
}

/// How much of the node would be left: least allocated is best.
pub fn least_allocated(pod: &Value, room: &Room<'_>) -> i64 {
    let (asked, has) = (asks(pod, UNASKED), has(room).map(|has| has.max(1)));
    let left = |which: usize| (has[which] - room.counted[which] - asked[which]).max(0);
    [0, 1].into_iter().map(|which| left(which) * MOST / has[which]).sum::<i64>() / 2
}

/// How evenly cpu and memory would be used. Pods that ask for nothing change nothing there.
pub fn balance(pod: &Value, room: &Room<'_>) -> i64 {
    let (asked, has) = (asks(pod, [0; 2]), has(room));
    if asked == [0; 2] {
        return 0;
    }
    if has.contains(&0) {
        return MOST;
    }
    let used = |which: usize| {
        let share = (room.used[which] + asked[which]) as f64 / has[which] as f64;
        share.min(1.0)
    };
    ((1.0 - (used(0) - used(1)).abs() / 2.0) * MOST as f64) as i64
}
