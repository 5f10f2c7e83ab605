//! An informer's cache: the objects someone has been told of, as they were then.
//!
//! * Of every kind it knows up to which revision it has been told, by changes, bookmarks and lists
//!   ([`super::reflector`]).
//!
//! Architecture invariant: remembers what it is told; asks nobody.

use std::rc::Rc;

use serde_json::Value;

use super::object;
use crate::sorted::SortedMap;
use crate::store::Revision;

/// Which object: kind, namespace, name.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// `Deployment`.
    pub kind: String,
    /// Empty where the kind has none.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl Key {
    /// The key of these three.
    pub fn new(kind: &str, namespace: &str, name: &str) -> Key {
        let [kind, namespace, name] = [kind, namespace, name].map(str::to_string);
        Key { kind, namespace, name }
    }

    /// The key of an object.
    pub fn of(value: &Value) -> Key {
        let kind = value["kind"].as_str().unwrap_or_default();
        Key::new(kind, object::namespace(value), object::name(value))
    }
}

/// `ReplicaSet default/web`
impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.namespace.as_str() {
            "" => write!(f, "{} {}", self.kind, self.name),
            namespace => write!(f, "{} {namespace}/{}", self.kind, self.name),
        }
    }
}

/// The objects of all kinds someone watches.
#[derive(Debug, Clone, Default)]
pub struct Cache {
    /// By kind, so that the many Leases are in nobody's way.
    objects: SortedMap<String, SortedMap<Key, Rc<Value>>>,
    seen: SortedMap<String, Revision>,
}

impl Cache {
    /// One object.
    pub fn get(&self, key: &Key) -> Option<&Rc<Value>> {
        self.objects.get(&key.kind)?.get(key)
    }

    /// All objects, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &Rc<Value>)> {
        self.objects.values().flat_map(SortedMap::iter)
    }

    /// All objects of a kind, by namespace and name.
    pub fn all(&self, kind: &str) -> Vec<&Value> {
        let of_kind = self.objects.get(kind).into_iter().flat_map(SortedMap::values);
        of_kind.map(|object| &**object).collect()
    }

    /// All objects of a kind that a controller owns, by name.
    pub fn owned(&self, kind: &str, owner: &Value) -> Vec<&Value> {
        let uid = object::uid(owner);
        let mut all = self.all(kind);
        all.retain(|object| controller_of(object).is_some_and(|it| it["uid"] == uid));
        all
    }

    /// An object is there, or is so now.
    pub fn put(&mut self, object: Rc<Value>) {
        let key = Key::of(&object);
        self.objects.or_default(key.kind.clone()).insert(key, object);
    }

    /// An object is gone.
    pub fn remove(&mut self, key: &Key) {
        self.objects.get_mut(&key.kind).map(|objects| objects.remove(key));
    }

    /// Everything of this kind up to a revision has been told.
    pub fn has_seen(&mut self, kind: &str, revision: Revision) {
        self.seen.insert(kind.to_string(), revision);
    }

    /// Up to which revision changes of a kind have been told.
    pub fn seen(&self, kind: &str) -> Revision {
        self.seen.get(kind).copied().unwrap_or_default()
    }
}

/// The owner reference of the object's controller.
pub fn controller_of(value: &Value) -> Option<&Value> {
    let owners = value["metadata"]["ownerReferences"].as_array()?;
    owners.iter().find(|owner| owner["controller"] == true)
}
