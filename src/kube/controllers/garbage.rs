//! The garbage collector: what is owned by nothing that is there any more is deleted, and who waits
//! for what it owns is let go.
//!
//! * Before it deletes, it asks the apiserver itself whether the owners are gone: a cache may lag.
//! * Who is deleted in the *foreground* waits, by a finalizer, for those it owns and that block it:
//!   they are deleted first. Who leaves *orphans* waits until none names it as an owner.
//!
//! Architecture invariant: as [`super`].
// Models kubernetes pkg/controller/garbagecollector/garbagecollector.go.

use serde_json::Value;

use super::claims::without;
use super::{Ask, Plan, Role, delete, delete_with, is_going, put};
use crate::kube::api::{ApiRequest, Cascade, Part};
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

/// The owner, if it is there.
fn found<'a>(cache: &'a Cache, owner: &Value, object: &Value) -> Option<&'a Value> {
    let found = cache.get(&key_of(owner, object))?;
    (object::uid(found) == text(owner, "uid")).then_some(found)
}

/// How someone waits for what it owns; background: it does not.
fn waits(object: &Value) -> Cascade {
    if is_going(object) { Cascade::of(object) } else { Cascade::Background }
}

/// What an object owns.
fn owned<'a>(cache: &'a Cache, owner: &Value) -> Vec<&'a Value> {
    let uid = object::uid(owner);
    let of_it = |it: &&Value| owners(it).iter().any(|owner| at(owner, "uid") == uid);
    cache.iter().map(|(_, object)| &**object).filter(of_it).collect()
}

/// An object none of whose owners is there; who waits for what it owns; or, of what is gone, what
/// it owned and who waited for it.
fn concerns(cache: &Cache, changed: &Value) -> Vec<Key> {
    let key = Key::of(changed);
    let of_owners = owners(changed).iter().filter_map(|owner| found(cache, owner, changed));
    let mut keys: Vec<Key> =
        of_owners.filter(|owner| waits(owner) != Cascade::Background).map(Key::of).collect();
    if cache.get(&key).is_some() {
        let stays = owners(changed).iter().any(|it| found(cache, it, changed).is_some());
        if waits(changed) != Cascade::Background || !(stays || owners(changed).is_empty()) {
            keys.push(key);
        }
    } else {
        keys.extend(owned(cache, changed).into_iter().map(Key::of));
    }
    keys
}

fn reconcile(ask: &Ask<'_>) -> Plan {
    let mut plan = Plan::default();
    let Some(object) = ask.object() else { return plan };
    match waits(object) {
        Cascade::Orphan => plan.writes = orphans(ask.cache, object),
        Cascade::Foreground => plan.writes = foreground(ask.cache, object),
        Cascade::Background if is_going(object) => {}
        Cascade::Background => {
            let owners = owners(object);
            let is_there = |owner: &Value| found(ask.cache, owner, object).is_some();
            if !owners.is_empty() && !owners.iter().any(is_there) {
                let uid = |owner: &Value| text(owner, "uid").to_string();
                plan.only_without = owners.iter().map(|it| (key_of(it, object), uid(it))).collect();
                plan.writes.push(delete(object, None));
            }
        }
    }
    plan
}

/// Whoever names it as an owner does so no more; then it may go.
fn orphans(cache: &Cache, owner: &Value) -> Vec<ApiRequest> {
    let released = owned(cache, owner).into_iter();
    let mut writes: Vec<ApiRequest> =
        released.map(|it| put(Part::Object, without(it, object::uid(owner)))).collect();
    writes.push(put(Part::Object, let_go(owner, Cascade::Orphan)));
    writes
}

/// What it owns is deleted first; when nothing blocks it any more, it may go.
fn foreground(cache: &Cache, owner: &Value) -> Vec<ApiRequest> {
    let owned_by = owned(cache, owner);
    let blocks = |it: &&&Value| {
        let mut of_it = owners(it).iter().filter(|by| at(by, "uid") == object::uid(owner));
        of_it.any(|by| at(by, "blockOwnerDeletion") == true)
    };
    if owned_by.iter().filter(blocks).count() == 0 {
        return vec![put(Part::Object, let_go(owner, Cascade::Foreground))];
    }
    let write = |it: &Value| {
        let stays = owners(it).iter().any(|by| {
            found(cache, by, it).is_some_and(|other| waits(other) == Cascade::Background)
        });
        let cascade = match owned(cache, it).is_empty() {
            true => Cascade::Background,
            false => Cascade::Foreground,
        };
        match stays {
            // Somebody else still wants it.
            true => put(Part::Object, without(it, object::uid(owner))),
            false => delete_with(it, None, cascade),
        }
    };
    owned_by.into_iter().filter(|it| !is_going(it)).map(write).collect()
}

/// The object without the finalizer by which it waits.
fn let_go(owner: &Value, cascade: Cascade) -> Value {
    let mut object = owner.clone();
    if let Some(all) = object["metadata"]["finalizers"].as_array_mut() {
        all.retain(|name| name.as_str() != cascade.finalizer());
    }
    object
}
