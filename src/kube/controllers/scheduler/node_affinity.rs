//! `nodeSelector` and node affinity: the nodes a pod asks for by their labels, or by name.
//!
//! * Of the required terms one must match, of a term every requirement; a term without any matches
//!   no node. The `nodeSelector` must match as well.
//! * A pod whose every term names nodes is tried on those only, and says so of the others.
//! * Of the preferred terms the weights of those that match are summed.
//!
//! Caveats: terms that name different nodes at once refuse all nodes in the words above.
//!
//! Architecture invariant: as [`super`].
// Models kubernetes pkg/scheduler/framework/plugins/nodeaffinity and component-helpers
// scheduling/corev1/nodeaffinity.

use serde_json::Value;

use super::room::{Refusal, Room};
use super::score::normalised;
use crate::kube::filled::{at, number, text};
use crate::kube::label_selector::{holds, requirements};
use crate::kube::object;

const TERMS: &str = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str =
    "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution";

/// The one field that a term can ask for.
const NAME: &str = "metadata.name";

/// Whether a term matches a node.
fn matches(term: &Value, node: &Value) -> bool {
    let (labels, fields) = (at(term, "matchExpressions"), at(term, "matchFields"));
    let label = |it: &Value| holds(it, object::label(node, text(it, "key")));
    let field = |it: &Value| text(it, "key") == NAME && holds(it, Some(object::name(node)));
    let is_empty = requirements(labels).chain(requirements(fields)).next().is_none();
    !is_empty && requirements(labels).all(label) && requirements(fields).all(field)
}

/// Whether the pod may be on a node.
pub fn allows(pod: &Value, node: &Value) -> bool {
    let wanted = at(pod, "spec.nodeSelector").as_object();
    let has = |(key, value): (&String, &Value)| object::label(node, key) == value.as_str();
    let required = at(pod, TERMS);
    wanted.into_iter().flatten().all(has)
        && (required.is_null()
            || requirements(at(required, "nodeSelectorTerms")).any(|term| matches(term, node)))
}

/// Whether the pod's terms all name nodes, and not this one.
pub fn unnamed(pod: &Value, room: &Room<'_>) -> Option<Refusal> {
    let terms = at(at(pod, TERMS), "nodeSelectorTerms");
    let naming = |term| {
        let fields = requirements(at(term, "matchFields"));
        fields.filter(|it| text(it, "key") == NAME && text(it, "operator") == "In")
    };
    let name = Some(object::name(room.node));
    let others = |term| naming(term).next().is_some() && !naming(term).all(|it| holds(it, name));
    let mut all = requirements(terms).peekable();
    if all.peek().is_some() && all.all(others) {
        return Refusal::for_good("node(s) didn't satisfy plugin(s) [NodeAffinity]");
    }
    None
}

/// Whether the pod asks for other nodes.
pub fn refusal(pod: &Value, room: &Room<'_>) -> Option<Refusal> {
    if allows(pod, room.node) {
        return None;
    }
    Refusal::for_good("node(s) didn't match Pod's node affinity/selector")
}

/// The weights of the preferred terms that match.
pub fn scores(pod: &Value, rooms: &[&Room<'_>]) -> Vec<i64> {
    let sum = |room: &&Room<'_>| {
        let matching =
            requirements(at(pod, PREFERRED)).filter(|it| matches(at(it, "preference"), room.node));
        matching.map(|it| number(it, "weight")).sum()
    };
    normalised(rooms.iter().map(sum).collect())
}
