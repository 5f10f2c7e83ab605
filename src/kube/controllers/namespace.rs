//! The namespace controller: empties a namespace that is to go, then lets it go.
//!
//! Caveats: what was created after the cache was looked at is found in the next round; nothing new
//! is admitted into a namespace that is terminating.
//!
//! Architecture invariant: as [`super`].
// Models kubernetes pkg/controller/namespace/deletion/namespaced_resources_deleter.go.

use std::time::Duration;

use serde_json::Value;

use super::{Ask, Plan, Role, delete, is_going, itself, put};
use crate::kube::api::Part;
use crate::kube::informer::{Cache, Key};
use crate::kube::object;

/// Pods need their grace; so long until the next look, as upstream estimates it at least.
const AGAIN: Duration = Duration::from_secs(5);

/// The controller.
pub const ROLE: Role = Role { name: "namespace-controller", concerns, reconcile, assumes: false };

fn concerns(cache: &Cache, changed: &Value) -> Vec<Key> {
    let of = Key::new("Namespace", "", object::namespace(changed));
    let left = Key::of(changed);
    let last = cache.get(&left).is_none() && cache.get(&of).is_some_and(|it| is_going(it));
    if last { vec![of] } else { itself("Namespace", changed) }
}

fn reconcile(ask: &Ask<'_>) -> Plan {
    let mut plan = Plan::default();
    let Some(namespace) = ask.object().filter(|namespace| is_going(namespace)) else {
        return plan;
    };
    let inside: Vec<_> =
        ask.cache.iter().filter(|(key, _)| key.namespace == ask.key.name).collect();
    let there = inside.iter().filter(|(_, object)| !is_going(object));
    plan.writes = there.map(|(_, object)| delete(object, None)).collect();
    if inside.is_empty() {
        let mut empty = namespace.clone();
        empty["spec"]["finalizers"] = Value::Array(Vec::new());
        plan.writes.push(put(Part::Finalize, empty));
    } else {
        plan.again = Some(AGAIN);
    }
    plan
}
