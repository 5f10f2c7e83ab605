//! The score of topology spread: the fewer pods of a kind a node's domains have, the better.
//!
//! * Which pods and domains: the pod's constraints with `ScheduleAnyway`; of a pod without any
//!   constraints the scheduler's own, by node and by zone, about the pods of its owner.
//! * A domain counts by the logarithm of how many there are, so that few big ones do not drown
//!   many small ones; `maxSkew` waters the difference down.
//! * A node without the labels of the pod's own constraints gets 0.
//!
//! Caveats: the scheduler's own are about pods of the same controller, where Kubernetes asks for
//! the selectors of services and controllers; a pod without a controller has none.
//!
//! Architecture invariant: as [`super`].
// Models kubernetes pkg/scheduler/framework/plugins/podtopologyspread/scoring.go.

use serde_json::Value;

use super::room::Room;
use super::score::MOST;
use super::spread::{Constraint, has_all};
use super::topology::Counts;
use crate::kube::filled::at;
use crate::kube::informer::controller_of;
use crate::kube::label_selector::requirements;
use crate::sorted::SortedSet;

/// The node label whose domains are single nodes.
const HOSTNAME: &str = "kubernetes.io/hostname";

/// The scheduler's own constraints: node labels, and how uneven it may be.
const OWN: [(&str, i64); 2] = [(HOSTNAME, 3), ("topology.kubernetes.io/zone", 5)];

fn constraints(pod: &Value) -> Vec<Constraint<'_>> {
    let has_own = requirements(at(pod, "spec.topologySpreadConstraints")).next().is_some();
    match controller_of(pod) {
        _ if has_own => Constraint::own(pod, "ScheduleAnyway"),
        Some(_) => OWN.map(|(key, skew)| Constraint::by_owner(pod, key, skew)).into(),
        None => Vec::new(),
    }
}

/// Scores of the nodes that can take the pod; counted are the pods of all nodes.
pub fn scores<'a>(pod: &'a Value, all: &[Room<'a>], rooms: &[&Room<'a>]) -> Vec<i64> {
    let constraints = constraints(pod);
    if constraints.is_empty() {
        return vec![0; rooms.len()];
    }
    let has_own = requirements(at(pod, "spec.topologySpreadConstraints")).next().is_some();
    let scored = |room: &Room<'_>| !has_own || has_all(&constraints, room);
    let mut sums = vec![0.0; rooms.len()];
    for constraint in &constraints {
        let (domains, counts) = domains(constraint, all, rooms, &scored);
        let weight = ln(domains as u64 + 2);
        for (sum, room) in sums.iter_mut().zip(rooms) {
            let count = match constraint.key {
                HOSTNAME => room.label(HOSTNAME).map(|_| constraint.count(room)),
                key => counts.of(key, room),
            };
            if let Some(count) = count {
                *sum += count as f64 * weight + (constraint.max_skew - 1) as f64;
            }
        }
    }
    let sums = sums.into_iter().zip(rooms);
    turned(sums.map(|(sum, room)| scored(room).then_some(sum.round() as i64)).collect())
}

/// How many domains there are among the nodes that can take the pod, and what all nodes count to.
fn domains<'a>(
    constraint: &Constraint<'a>,
    all: &[Room<'a>],
    rooms: &[&Room<'a>],
    scored: &dyn Fn(&Room<'_>) -> bool,
) -> (usize, Counts<'a>) {
    let mut counts = Counts::default();
    let scorable = rooms.iter().filter(|room| scored(room));
    if constraint.key == HOSTNAME {
        return (scorable.count(), counts);
    }
    let values: SortedSet<Option<&str>> = scorable.map(|room| room.label(constraint.key)).collect();
    for room in all.iter().filter(|room| scored(room) && constraint.includes(room)) {
        counts.add(constraint.key, room, constraint.count(room));
    }
    (values.len(), counts)
}

/// The natural logarithm, by sums and quotients alone: to the last bit the same on every machine.
fn ln(number: u64) -> f64 {
    let twos = number.max(1).ilog2();
    let part = number as f64 / (1_u64 << twos) as f64;
    // Of what is between 1 and 2: twice the artanh of a ratio below a third, as a series.
    let ratio = (part - 1.0) / (part + 1.0);
    let (mut power, mut sum) = (ratio, 0.0);
    for odd in (1..40_u32).step_by(2) {
        sum += power / f64::from(odd);
        power *= ratio * ratio;
    }
    f64::from(twos) * std::f64::consts::LN_2 + 2.0 * sum
}

/// From few pods to a high score; 0 for what has none.
fn turned(sums: Vec<Option<i64>>) -> Vec<i64> {
    let known = || sums.iter().flatten().copied();
    let (most, least) = (known().max().unwrap_or(0), known().min().unwrap_or(0));
    let one = |sum: &Option<i64>| match sum {
        None => 0,
        Some(_) if most == 0 => MOST,
        Some(sum) => MOST * (most + least - sum) / most,
    };
    sums.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::ln;

    #[test]
    fn the_logarithm_is_right_enough() {
        for number in 1..5_000_u64 {
            let wanted = (number as f64).ln();
            assert!((ln(number) - wanted).abs() < 1e-12, "{number}");
        }
    }
}
