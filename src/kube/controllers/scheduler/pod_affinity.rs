//! Pod affinity and anti-affinity: which pods a pod must, or would rather, be near or far from.
//!
//! A term selects pods by labels and namespace, and says by a node label what counts as near. One
//! pass over all pods counts what the filter and the scores need; each node then looks up its own
//! domains.
//!
//! * Required affinity: in the node's domain of every term there is a pod that all terms select.
//!   A pod that its own terms select may be the first, where nothing was counted anywhere.
//! * Required anti-affinity holds both ways: of the pod towards others, and of others towards it.
//! * Scores: preferred terms by weight, both ways; others' required affinity counts 1.
//!
//! Caveats: of a namespace's labels only `kubernetes.io/metadata.name` is known here, so a
//! `namespaceSelector` is read as if there were no others; `matchLabelKeys` are read here and not
//! by the apiserver.
//!
//! Architecture invariant: as [`super`].
// Models kubernetes pkg/scheduler/framework/plugins/interpodaffinity.

use serde_json::{Value, json};

use super::room::{Refusal, Room};
use super::score::MOST;
use super::topology::Counts;
use crate::kube::filled::{at, number, text};
use crate::kube::label_selector::{requirements, selects};
use crate::kube::object;

const NEAR: &str = "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution";
const FAR: &str = "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution";
const RATHER_NEAR: &str =
    "spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution";
const RATHER_FAR: &str =
    "spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution";

/// What the required affinity of a pod that runs counts for.
const REQUIRED_BY_OTHERS: i64 = 1;

/// A term, and the pod it is of.
#[derive(Clone, Copy)]
struct Term<'a> {
    of: &'a Value,
    term: &'a Value,
}

impl<'a> Term<'a> {
    fn all(of: &'a Value, path: &str) -> Vec<Term<'a>> {
        requirements(at(of, path)).map(|term| Term { of, term }).collect()
    }

    /// Preferred terms with their weights.
    fn weighted(of: &'a Value, path: &str) -> Vec<(Term<'a>, i64)> {
        let one =
            |it: &'a Value| (Term { of, term: at(it, "podAffinityTerm") }, number(it, "weight"));
        requirements(at(of, path)).map(one).collect()
    }

    fn key(&self) -> &'a str {
        text(self.term, "topologyKey")
    }

    fn selects(&self, pod: &Value) -> bool {
        let labels = at(pod, "metadata.labels");
        self.is_in_its_namespaces(pod)
            && selects(at(self.term, "labelSelector"), labels)
            && self.same("matchLabelKeys", pod, true)
            && self.same("mismatchLabelKeys", pod, false)
    }

    /// Whether labels of these keys, as far as the term's own pod has them, are the same or not.
    fn same(&self, keys: &str, pod: &Value, expected: bool) -> bool {
        let keys = at(self.term, keys).as_array().into_iter().flatten().filter_map(Value::as_str);
        let mut own = keys.filter_map(|key| Some((key, object::label(self.of, key)?)));
        own.all(|(key, value)| (object::label(pod, key) == Some(value)) == expected)
    }

    fn is_in_its_namespaces(&self, pod: &Value) -> bool {
        let (names, by_label) = (at(self.term, "namespaces"), at(self.term, "namespaceSelector"));
        let namespace = object::namespace(pod);
        if requirements(names).next().is_none() && by_label.is_null() {
            return namespace == object::namespace(self.of);
        }
        let labels = json!({"kubernetes.io/metadata.name": namespace});
        requirements(names).any(|name| name == namespace) || selects(by_label, &labels)
    }
}

/// What the required terms of a pod and of those that run say of every domain.
pub struct Required<'a> {
    pod: &'a Value,
    near: Vec<Term<'a>>,
    /// Pods that all its terms select.
    beside: Counts<'a>,
    /// Pods that a term it must be far from selects.
    avoided: Counts<'a>,
    /// Pods that must be far from it.
    avoiding: Counts<'a>,
}

impl<'a> Required<'a> {
    /// Counts, in one pass over all pods.
    pub fn new(pod: &'a Value, rooms: &[Room<'a>]) -> Required<'a> {
        let (near, far) = (Term::all(pod, NEAR), Term::all(pod, FAR));
        let (mut beside, mut avoided) = (Counts::default(), Counts::default());
        let mut avoiding = Counts::default();
        for (room, other) in each(rooms) {
            if !near.is_empty() && near.iter().all(|term| term.selects(other)) {
                near.iter().for_each(|term| beside.add(term.key(), room, 1));
            }
            for term in far.iter().filter(|term| term.selects(other)) {
                avoided.add(term.key(), room, 1);
            }
            for term in Term::all(other, FAR).iter().filter(|term| term.selects(pod)) {
                avoiding.add(term.key(), room, 1);
            }
        }
        Required { pod, near, beside, avoided, avoiding }
    }

    /// Whether a node is too far from some, or too near to others.
    pub fn refusal(&self, room: &Room<'_>) -> Option<Refusal> {
        if !self.is_near(room) {
            return Refusal::for_good("node(s) didn't match pod affinity rules");
        }
        if self.avoided.touches(room) {
            return Refusal::for_now("node(s) didn't match pod anti-affinity rules");
        }
        if self.avoiding.touches(room) {
            return Refusal::for_now("node(s) didn't satisfy existing pods anti-affinity rules");
        }
        None
    }

    fn is_near(&self, room: &Room<'_>) -> bool {
        let counts = self.near.iter().map(|term| self.beside.of(term.key(), room));
        let Some(counts) = counts.collect::<Option<Vec<i64>>>() else { return false };
        let is_first = || self.beside.is_empty() && self.near.iter().all(|it| it.selects(self.pod));
        counts.iter().all(|count| *count > 0) || is_first()
    }
}

fn each<'r, 'a>(rooms: &'r [Room<'a>]) -> impl Iterator<Item = (&'r Room<'a>, &'a Value)> {
    rooms.iter().flat_map(|room| room.pods.iter().map(move |pod| (room, *pod)))
}

/// How near it would be to those it would rather be near to, and they to it.
pub fn scores<'a>(pod: &'a Value, all: &[Room<'a>], rooms: &[&Room<'a>]) -> Vec<i64> {
    let own = [(RATHER_NEAR, 1), (RATHER_FAR, -1)];
    let own: Vec<(Term<'a>, i64)> = own.into_iter().flat_map(|it| signed(pod, it)).collect();
    let mut counts = Counts::default();
    for (room, other) in each(all) {
        let mut add = |(term, weight): (Term<'a>, i64), whom: &Value| {
            if term.selects(whom) {
                counts.add(term.key(), room, weight);
            }
        };
        own.iter().for_each(|it| add(*it, other));
        if at(other, "spec.affinity").is_null() {
            continue;
        }
        Term::all(other, NEAR).into_iter().for_each(|it| add((it, REQUIRED_BY_OTHERS), pod));
        for sign in [(RATHER_NEAR, 1), (RATHER_FAR, -1)] {
            signed(other, sign).into_iter().for_each(|it| add(it, pod));
        }
    }
    spanned(rooms.iter().map(|room| counts.sum(room)).collect())
}

fn signed<'a>(of: &'a Value, (path, sign): (&str, i64)) -> Vec<(Term<'a>, i64)> {
    Term::weighted(of, path).into_iter().map(|(term, weight)| (term, sign * weight)).collect()
}

/// From 0 for the least to [`MOST`]; all 0 when they are equal.
fn spanned(raw: Vec<i64>) -> Vec<i64> {
    let least = raw.iter().copied().min().unwrap_or(0);
    let span = raw.iter().copied().max().unwrap_or(0) - least;
    let share = |score: i64| MOST as f64 * ((score - least) as f64 / span.max(1) as f64);
    raw.into_iter().map(|score| share(score) as i64).collect()
}
