//! What controllers decide, as pure functions: what they know of one object, and the time, in; a
//! list of writes out.
//!
//! [`super::acting`] runs them: it keeps their caches and queues, and carries their writes out
//! through the apiserver. A function is called again whenever something changes that concerns its
//! object, so it decides one step at a time and remembers nothing.
//!
//! Architecture invariant: asks nobody and waits for nothing; chance and time are arguments.

mod claims;
pub mod deployment;
mod deployment_status;
mod garbage;
pub mod kubelet;
pub mod kubelet_container;
mod namespace;
mod node_lifecycle;
pub mod replica_set;
pub mod rolling;
pub mod scheduler;

use std::time::Duration;

use serde_json::Value;

use super::api::{ApiRequest, Cascade, Part};
use super::filled::{at, filled, text};
use super::informer::{Cache, Key};
use super::kinds::Kind;
use super::{Ailment, object, rfc3339};

pub use rolling::Rolling;

/// One duty: whom a change concerns, and what is done about it.
#[derive(Clone, Copy)]
pub struct Role {
    /// `replicaset-controller`.
    pub name: &'static str,
    /// Which of its objects a change of any object concerns.
    pub concerns: fn(&Cache, &Value) -> Vec<Key>,
    /// What to do for one of its objects.
    pub reconcile: fn(&Ask<'_>) -> Plan,
    /// Whether it takes what it has written for known before it is told.
    pub assumes: bool,
}

/// What a decision rests on.
pub struct Ask<'a> {
    /// What is known.
    pub cache: &'a Cache,
    /// Which object it is about.
    pub key: &'a Key,
    /// Milliseconds since 1970.
    pub now_ms: i64,
    /// Since when this object is known.
    pub since: Duration,
    /// Whether everything that was written for it before has been told since.
    pub settled: bool,
    /// The seed of all chance.
    pub seed: u64,
    /// What the reader did to a pod's containers last, and when, in milliseconds since 1970.
    pub ails: (Option<Ailment>, i64),
}

/// What is to be done.
#[derive(Debug, Default)]
pub struct Plan {
    /// These, in order; the rest falls when one fails.
    pub writes: Vec<ApiRequest>,
    /// Look again after so long.
    pub again: Option<Duration>,
    /// Do it only if none of these is there any more, with that uid.
    pub only_without: Vec<(Key, String)>,
    /// Do it only if this one is there still, with that uid, and stays.
    pub only_with: Option<(Key, String)>,
}

/// The duties of kube-controller-manager.
pub const CONTROLLERS: [Role; 5] =
    [deployment::ROLE, replica_set::ROLE, garbage::ROLE, namespace::ROLE, node_lifecycle::ROLE];

impl Ask<'_> {
    /// The object it is about.
    pub fn object(&self) -> Option<&Value> {
        self.cache.get(self.key).map(|object| &**object)
    }

    /// The time as Kubernetes writes it.
    pub fn now(&self) -> String {
        rfc3339::format(self.now_ms / 1000)
    }
}

/// Milliseconds since 1970 of a time in an object.
pub fn millis(time: &Value) -> Option<i64> {
    let (seconds, nanos) = rfc3339::parse(time.as_str()?).ok()?;
    Some(seconds * 1000 + i64::from(nanos) / 1_000_000)
}

/// The object itself, if it is of that kind.
pub fn itself(kind: &str, changed: &Value) -> Vec<Key> {
    if at(changed, "kind") == kind { vec![Key::of(changed)] } else { Vec::new() }
}

/// The object's controller, if it is of that kind.
pub fn owner(kind: &str, changed: &Value) -> Option<Key> {
    let owner =
        super::informer::controller_of(changed).filter(|owner| at(owner, "kind") == kind)?;
    Some(Key::new(kind, object::namespace(changed), at(owner, "name").as_str()?))
}

/// A condition of an object.
pub fn condition<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    at(object, "status.conditions")
        .as_array()?
        .iter()
        .find(|condition| at(condition, "type") == name)
}

/// Whether a condition is true.
pub fn holds(object: &Value, name: &str) -> bool {
    condition(object, name).is_some_and(|condition| at(condition, "status") == "True")
}

/// Whether someone has asked for its deletion.
pub fn is_going(object: &Value) -> bool {
    !at(object, "metadata.deletionTimestamp").is_null()
}

/// The reference by which an object names its controller.
pub fn reference(owner: &Value) -> Value {
    const TEXT: &str = r#"[{"apiVersion": "$0", "kind": "$1", "name": "$2", "uid": "$3",
        "controller": true, "blockOwnerDeletion": true}]"#;
    let paths = ["apiVersion", "kind", "metadata.name", "metadata.uid"];
    filled(TEXT, &paths.map(|path| at(owner, path).clone()))
}

fn built_in(kind: &str) -> Kind {
    Kind::built_in(kind).expect("controllers write built-in kinds only").clone()
}

/// `POST` of a new object.
pub fn create(object: Value) -> ApiRequest {
    let kind = built_in(text(&object, "kind"));
    ApiRequest::Create { kind, document: Box::new(object.into()) }
}

/// `PUT` of an object as it was read, changed: refused when someone else was quicker.
pub fn put(part: Part, object: Value) -> ApiRequest {
    let Key { kind, namespace, name } = Key::of(&object);
    let (kind, body) = (built_in(&kind), Box::new(object));
    ApiRequest::Write { kind, namespace, name, part, put: true, body }
}

/// `PATCH` of the object of this uid.
pub fn patch(part: Part, of: &Value, mut change: Value) -> ApiRequest {
    let Key { kind, namespace, name } = Key::of(of);
    if !object::uid(of).is_empty() {
        change["metadata"]["uid"] = of["metadata"]["uid"].clone();
    }
    let (kind, body) = (built_in(&kind), Box::new(change));
    ApiRequest::Write { kind, namespace, name, part, put: false, body }
}

/// `DELETE` of the object of this uid; what it owns goes after it.
pub fn delete(of: &Value, grace_s: Option<i64>) -> ApiRequest {
    delete_with(of, grace_s, Cascade::Background)
}

/// `DELETE` of the object of this uid, and what becomes of what it owns.
pub fn delete_with(of: &Value, grace_s: Option<i64>, cascade: Cascade) -> ApiRequest {
    let Key { kind, namespace, name } = Key::of(of);
    let (kind, uid) = (built_in(&kind), object::uid(of).to_string());
    ApiRequest::Delete { kind, namespace, name, uid, grace_s, cascade }
}
