//! What the apiserver writes into an object's metadata, and what it takes away, before it stores
//! it.
//!
//! * A new object gets a uid, a creation time and generation 1, and loses its status.
//! * An updated object keeps uid, creation time and status of the stored one; its generation grows
//!   when anything but metadata and status changed.
//!
//! Architecture invariant: uid, time and chance are arguments.
// Models apiserver pkg/registry/rest/{create,update}.go, meta.go, and the kinds' strategies.

use serde_json::{Value, json};

use super::decode;
use super::kinds::Kind;
use super::object::{self, meta_mut};
use super::rfc3339;
use super::schema::schema;
use super::status::Status;

/// Characters of a generated name's suffix: no vowels, no look-alikes.
const SUFFIX: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// Characters a generated name ends with.
const SUFFIX_CHARS: usize = 5;

/// Longest `generateName` kept, so that the whole fits a label.
const BASE_MAX: usize = 58;

/// What only the caller has: identity, time and chance for a new object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Birth {
    /// 16 random bytes, which become the uid.
    pub uid: [u8; 16],
    /// Seconds since 1970.
    pub now: i64,
    /// Chance for a generated name.
    pub suffix: [u8; SUFFIX_CHARS],
}

impl Birth {
    /// The uid as text: a random UUID, version 4.
    pub fn uid_text(&self) -> String {
        let mut bytes = self.uid;
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let mut out = String::with_capacity(36);
        for (index, byte) in bytes.iter().enumerate() {
            if [4, 6, 8, 10].contains(&index) {
                out.push('-');
            }
            out.push_str(&format!("{byte:02x}"));
        }
        out
    }
}

/// Puts the object into its namespace: the one asked for, its own, or `default`.
///
/// # Errors
/// 400 when the two differ.
pub fn set_namespace(kind: &Kind, object: &mut Value, asked: &str) -> Result<(), Status> {
    let Some(meta) = meta_mut(object).filter(|_| kind.namespaced) else {
        return Ok(());
    };
    let own = meta.get("namespace").and_then(Value::as_str).unwrap_or_default();
    let text = "the namespace of the provided object does not match the namespace sent on the \
                request";
    match (own, asked) {
        ("", "") => drop(meta.insert("namespace".into(), "default".into())),
        ("", asked) => drop(meta.insert("namespace".into(), asked.into())),
        (own, asked) if !asked.is_empty() && own != asked => return Err(Status::bad_request(text)),
        _ => {}
    }
    Ok(())
}

/// Makes a typed, defaulted object ready to be stored for the first time.
pub fn prepare_for_create(kind: &Kind, object: &mut Value, birth: &Birth) {
    clear_status(kind, object);
    let generated = has_generation(kind);
    let Some(meta) = meta_mut(object) else {
        return;
    };
    for field in ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "generation"] {
        meta.remove(field);
    }
    meta.insert("uid".into(), birth.uid_text().into());
    meta.insert("creationTimestamp".into(), rfc3339::format(birth.now).into());
    if generated {
        meta.insert("generation".into(), json!(1));
    }
    let text = |field: &str| meta.get(field).and_then(Value::as_str).unwrap_or_default();
    if text("name").is_empty() && !text("generateName").is_empty() {
        let base: String = text("generateName").chars().take(BASE_MAX).collect();
        let letter = |byte: &u8| char::from(SUFFIX[usize::from(*byte) % SUFFIX.len()]);
        let name = base + &birth.suffix.iter().map(letter).collect::<String>();
        meta.insert("name".into(), name.into());
    }
}

/// Whether the kind's strategy counts generations.
fn has_generation(kind: &Kind) -> bool {
    kind.is_custom() || matches!(kind.kind.as_ref(), "Deployment" | "ReplicaSet" | "Pod")
}

/// A client's status is not taken: a pod begins as Pending, a namespace as Active, others with
/// nothing. Nodes bring their status along.
fn clear_status(kind: &Kind, object: &mut Value) {
    let status = match kind.kind.as_ref() {
        "Node" => return,
        "Pod" => json!({"phase": "Pending", "qosClass": qos_class(object)}),
        "Namespace" => json!({"phase": "Active"}),
        _ => match kind.message.and_then(|name| schema().message(name)) {
            None => return,
            Some(message) => {
                let mut empty = serde_json::Map::new();
                decode::fill(&mut empty, message);
                match empty.remove("status") {
                    Some(status) => status,
                    None => return,
                }
            }
        },
    };
    if let Some(map) = object.as_object_mut() {
        map.insert("status".into(), status);
    }
}

/// How well a pod is cared for when memory is short.
fn qos_class(pod: &Value) -> &'static str {
    let list = |name: &str| pod["spec"][name].as_array().cloned().unwrap_or_default();
    let containers: Vec<_> = [list("containers"), list("initContainers")].concat();
    let amount = |container: &Value, list: &str, name: &str| {
        container["resources"][list][name].as_str().map(str::to_string)
    };
    let each = |container: &Value| {
        ["cpu", "memory"]
            .map(|name| (amount(container, "requests", name), amount(container, "limits", name)))
    };
    let all: Vec<_> = containers.iter().flat_map(each).collect();
    let nothing = all.iter().all(|(request, limit)| request.is_none() && limit.is_none());
    let equal = |(request, limit): &(Option<String>, Option<String>)| {
        limit.is_some() && (request.is_none() || request == limit)
    };
    match (nothing, all.iter().all(equal)) {
        (true, _) => "BestEffort",
        (_, true) => "Guaranteed",
        _ => "Burstable",
    }
}

/// Makes an update of `stored` ready: identity and status stay, the generation grows with the spec.
///
/// # Errors
/// 409 when the update names another resourceVersion than the stored one, or another uid.
pub fn prepare_for_update(kind: &Kind, stored: &Value, update: &mut Value) -> Result<(), Status> {
    let name = object::name(stored);
    let (wanted, found) = (object::resource_version(update), object::resource_version(stored));
    if !wanted.is_empty() && wanted != found {
        return Err(Status::conflict(kind, name, super::storage_error::MODIFIED));
    }
    let (wanted, found) = (object::uid(update), object::uid(stored));
    if !wanted.is_empty() && wanted != found {
        let why = format!(
            "Precondition failed: UID in precondition: {wanted}, UID in object meta: {found}"
        );
        return Err(Status::conflict(kind, name, &why));
    }
    let grown = has_generation(kind) && without_meta(stored) != without_meta(update);
    let generation = object::generation(stored) + i64::from(grown);
    if !kind.is_custom()
        && kind.kind != "Node"
        && let Some(map) = update.as_object_mut()
    {
        map.extend(stored.get("status").map(|status| ("status".to_string(), status.clone())));
    }
    let Some(meta) = meta_mut(update) else {
        return Ok(());
    };
    for field in [
        "uid",
        "creationTimestamp",
        "resourceVersion",
        "generateName",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
    ] {
        match stored["metadata"].get(field) {
            Some(value) => drop(meta.insert(field.into(), value.clone())),
            None => drop(meta.remove(field)),
        }
    }
    match generation {
        0 => drop(meta.remove("generation")),
        generation => drop(meta.insert("generation".into(), json!(generation))),
    }
    Ok(())
}

fn without_meta(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(map) = object.as_object_mut() {
        map.remove("metadata");
        map.remove("status");
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIRTH: Birth = Birth { uid: [0xab; 16], now: 1_767_323_045, suffix: [0, 1, 26, 27, 255] };

    #[test]
    fn a_new_object_gets_an_identity() {
        let kind = Kind::built_in("Deployment").unwrap();
        let mut object = json!({
            "metadata": {"generateName": "web-", "uid": "mine", "generation": 7},
            "spec": {}, "status": {"replicas": 3},
        });
        set_namespace(kind, &mut object, "").unwrap();
        prepare_for_create(kind, &mut object, &BIRTH);
        assert_eq!(
            object,
            json!({
                "metadata": {
                    "generateName": "web-", "name": "web-bc9bq", "namespace": "default",
                    "uid": "abababab-abab-4bab-abab-abababababab", "generation": 1,
                    "creationTimestamp": "2026-01-02T03:04:05Z",
                },
                "spec": {}, "status": {},
            })
        );
        let other = set_namespace(kind, &mut object, "other").unwrap_err();
        assert_eq!(other.code, 400);
    }

    #[test]
    fn an_update_keeps_the_identity() {
        let kind = Kind::built_in("Deployment").unwrap();
        let stored = json!({
            "metadata": {"name": "web", "uid": "u", "generation": 1, "resourceVersion": "5"},
            "spec": {"replicas": 1}, "status": {"replicas": 1},
        });
        let mut update = json!({"metadata": {"name": "web"}, "spec": {"replicas": 2}});
        prepare_for_update(kind, &stored, &mut update).unwrap();
        let mut expected = stored.clone();
        expected["spec"]["replicas"] = json!(2);
        expected["metadata"]["generation"] = json!(2);
        assert_eq!(update, expected);
        let mut same = stored.clone();
        prepare_for_update(kind, &stored, &mut same).unwrap();
        assert_eq!(same, stored);
        same["metadata"]["resourceVersion"] = json!("4");
        let conflict = prepare_for_update(kind, &stored, &mut same).unwrap_err();
        assert_eq!(
            conflict.kubectl(),
            "Error from server (Conflict): Operation cannot be fulfilled on deployments.apps \
             \"web\": the object has been modified; please apply your changes to the latest \
             version and try again"
        );
    }
}
