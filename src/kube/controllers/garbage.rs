//! The garbage collector: what is owned by nothing that is there any more is deleted.
//!
//! * Before it deletes, it asks the apiserver itself whether the owners are gone: a cache may lag.
//!
//! Caveats: of the three ways to delete an owner only *background* is here.
//!
//! Architecture invariant: as [`super`].
// Models kubernetes pkg/controller/garbagecollector/garbagecollector.go.

use serde_json::Value;

use super::{Ask, Plan, Role, delete, is_going};
use crate::kube::filled::{at, text};
use crate::kube::informer::{Cache, Key};
use crate::kube::kinds::Kind;
use crate::kube::object;

/// The controller.
pub const ROLE: Role = Role { name: "garbage-collector", concerns, reconcile, assumes: false };

fn owners(object: &Value) -> &[Value] {
    at(object, "metadata.ownerReferences").as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The owner's key: in the object's namespace, if its kind is in one.
fn key_of(owner: &Value, object: &Value) -> Key {
    let kind = text(owner, "kind");
    let namespaced = Kind::built_in(kind).is_none_or(|kind| kind.namespaced);
    let namespace = if namespaced { object::namespace(object) } else { "" };
    Key::new(kind, namespace, text(owner, "name"))
}

fn is_there(cache: &Cache, owner: &Value, object: &Value) -> bool {
    let found = cache.get(&key_of(owner, object));
    found.is_some_and(|found| object::uid(found) == text(owner, "uid"))
}

/// An object none of whose owners is there, or those that it owned.
fn concerns(cache: &Cache, changed: &Value) -> Vec<Key> {
    let key = Key::of(changed);
    if cache.get(&key).is_some() {
        let owners = owners(changed);
        let owned = owners.iter().any(|owner| is_there(cache, owner, changed));
        return if owned || owners.is_empty() { Vec::new() } else { vec![key] };
    }
    let uid = object::uid(changed);
    let of_it = |object: &Value| owners(object).iter().any(|owner| at(owner, "uid") == uid);
    cache.iter().filter(|(_, object)| of_it(object)).map(|(key, _)| key.clone()).collect()
}

fn reconcile(ask: &Ask<'_>) -> Plan {
    let mut plan = Plan::default();
    let Some(object) = ask.object().filter(|object| !is_going(object)) else { return plan };
    let owners = owners(object);
    if !owners.is_empty() && !owners.iter().any(|owner| is_there(ask.cache, owner, object)) {
        let uid = |owner: &Value| text(owner, "uid").to_string();
        plan.only_without = owners.iter().map(|it| (key_of(it, object), uid(it))).collect();
        plan.writes.push(delete(object, None));
    }
    plan
}
