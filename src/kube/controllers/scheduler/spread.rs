//! Topology spread constraints: how unevenly the pods that a constraint is about may lie over the
//! domains of a node label.
//!
//! * `DoNotSchedule` is a filter, here; `ScheduleAnyway` is a score ([`super::spread_score`]).
//! * The skew of a node is what its domain would have with the pod, less what the emptiest domain
//!   has. It may be `maxSkew` at most. With fewer than `minDomains` the emptiest counts as 0.
//! * A node counts as part of a domain if it has the labels of all constraints and the pod may be
//!   there: `nodeAffinityPolicy` (by default heeded) and `nodeTaintsPolicy` (by default not).
//! * Counted are pods of the same namespace that stay and that the selector selects, which
//!   `matchLabelKeys` narrow to the pod's own values.
//!
//! Architecture invariant: as [`super`].
// Models kubernetes pkg/scheduler/framework/plugins/podtopologyspread.

use serde_json::Value;

use super::node_affinity;
use super::room::{Refusal, Room};
use super::taints;
use super::topology::Counts;
use crate::kube::controllers::is_going;
use crate::kube::filled::{at, number, text};
use crate::kube::informer::controller_of;
use crate::kube::label_selector::{requirements, selects};
use crate::kube::object;
use crate::sorted::SortedMap;

/// A constraint of a pod.
pub struct Constraint<'a> {
    pod: &'a Value,
    /// As it is written; null for the scheduler's own, which are about the pods of one owner.
    written: &'a Value,
    /// The node label whose values are the domains.
    pub key: &'a str,
    /// How uneven it may be.
    pub max_skew: i64,
}

impl<'a> Constraint<'a> {
    /// The pod's own of one kind: `DoNotSchedule` or `ScheduleAnyway`.
    pub fn own(pod: &'a Value, when: &str) -> Vec<Constraint<'a>> {
        let all = requirements(at(pod, "spec.topologySpreadConstraints"));
        let one = |written| Constraint {
            pod,
            written,
            key: text(written, "topologyKey"),
            max_skew: number(written, "maxSkew"),
        };
        all.filter(|it| text(it, "whenUnsatisfiable") == when).map(one).collect()
    }

    /// The scheduler's own, about the pods of the pod's owner.
    pub fn by_owner(pod: &'a Value, key: &'static str, max_skew: i64) -> Constraint<'a> {
        Constraint { pod, written: &Value::Null, key, max_skew }
    }

    /// Whether a pod is one of those the constraint is about.
    pub fn is_about(&self, other: &Value) -> bool {
        if object::namespace(other) != object::namespace(self.pod) || is_going(other) {
            return false;
        }
        if self.written.is_null() {
            let uid = |pod| controller_of(pod).map(|owner| text(owner, "uid"));
            return uid(self.pod) == uid(other);
        }
        let keys = requirements(at(self.written, "matchLabelKeys")).filter_map(Value::as_str);
        let mut own = keys.filter_map(|key| Some((key, object::label(self.pod, key)?)));
        selects(at(self.written, "labelSelector"), at(other, "metadata.labels"))
            && own.all(|(key, value)| object::label(other, key) == Some(value))
    }

    /// How many pods of a node it is about.
    pub fn count(&self, room: &Room<'_>) -> i64 {
        room.pods.iter().filter(|pod| self.is_about(pod)).count() as i64
    }

    /// Whether a node counts as part of a domain.
    pub fn includes(&self, room: &Room<'_>) -> bool {
        let policy = |field: &str, otherwise: bool| match text(self.written, field) {
            "" => otherwise,
            policy => policy == "Honor",
        };
        (!policy("nodeAffinityPolicy", true) || node_affinity::allows(self.pod, room.node))
            && (!policy("nodeTaintsPolicy", false)
                || taints::keeping_away(self.pod, room.node).is_none())
    }
}

/// Whether a node has the labels of all constraints.
pub fn has_all(constraints: &[Constraint<'_>], room: &Room<'_>) -> bool {
    constraints.iter().all(|it| room.label(it.key).is_some())
}

/// What the constraints of a pod that are filters say of every domain.
pub struct Spread<'a> {
    constraints: Vec<Constraint<'a>>,
    counts: Vec<Counts<'a>>,
    /// How many pods the emptiest domain of each constraint has.
    least: Vec<i64>,
}

impl<'a> Spread<'a> {
    /// Counts, in one pass over all pods.
    pub fn new(pod: &'a Value, rooms: &[Room<'a>]) -> Spread<'a> {
        let constraints = Constraint::own(pod, "DoNotSchedule");
        let (mut counts, mut least) = (Vec::new(), Vec::new());
        for constraint in &constraints {
            let (mut in_all, mut domains) = (Counts::default(), SortedMap::default());
            let counted =
                |room: &&Room<'a>| has_all(&constraints, room) && constraint.includes(room);
            for room in rooms.iter().filter(counted) {
                let count = constraint.count(room);
                in_all.add(constraint.key, room, count);
                *domains.or_default(room.label(constraint.key)) += count;
            }
            let enough = domains.len() as i64 >= number(constraint.written, "minDomains").max(1);
            let emptiest = domains.values().copied().min().filter(|_| enough);
            least.push(emptiest.unwrap_or(0));
            counts.push(in_all);
        }
        Spread { constraints, counts, least }
    }

    /// Whether the pod would lie too unevenly with the others.
    pub fn refusal(&self, room: &Room<'_>) -> Option<Refusal> {
        const WHY: &str = "node(s) didn't match pod topology spread constraints";
        for (at, constraint) in self.constraints.iter().enumerate() {
            let Some(count) = self.counts[at].of(constraint.key, room) else {
                return Refusal::for_good(&format!("{WHY} (missing required label)"));
            };
            let itself = i64::from(constraint.is_about(constraint.pod));
            if count + itself - self.least[at] > constraint.max_skew {
                return Refusal::for_now(WHY);
            }
        }
        None
    }
}
