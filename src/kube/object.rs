//! What every object has: its metadata, read and written by name.
//!
//! Architecture invariant: looks at `metadata` only; knows no kind.

use serde_json::{Map, Value};

use crate::store::Revision;

/// A text of the metadata; empty when it is not there.
pub fn meta<'a>(object: &'a Value, field: &str) -> &'a str {
    object.get("metadata").and_then(|meta| meta.get(field)).and_then(Value::as_str).unwrap_or("")
}

/// `metadata.name`.
pub fn name(object: &Value) -> &str {
    meta(object, "name")
}

/// `metadata.namespace`.
pub fn namespace(object: &Value) -> &str {
    meta(object, "namespace")
}

/// `metadata.uid`.
pub fn uid(object: &Value) -> &str {
    meta(object, "uid")
}

/// `metadata.resourceVersion`.
pub fn resource_version(object: &Value) -> &str {
    meta(object, "resourceVersion")
}

/// `metadata.resourceVersion` as etcd counts; 0 when it is not there.
pub fn revision(object: &Value) -> Revision {
    Revision(resource_version(object).parse().unwrap_or_default())
}

/// `metadata.generation`, 0 when it is not there.
pub fn generation(object: &Value) -> i64 {
    let meta = object.get("metadata");
    meta.and_then(|meta| meta.get("generation")).and_then(Value::as_i64).unwrap_or(0)
}

/// A label's value.
pub fn label<'a>(object: &'a Value, label: &str) -> Option<&'a str> {
    object.get("metadata")?.get("labels")?.get(label)?.as_str()
}

/// An annotation's value.
pub fn annotation<'a>(object: &'a Value, annotation: &str) -> Option<&'a str> {
    object.get("metadata")?.get("annotations")?.get(annotation)?.as_str()
}

/// The metadata, to write in. Made if it is not there; none if the object is no object.
pub fn meta_mut(object: &mut Value) -> Option<&mut Map<String, Value>> {
    child_mut(object.as_object_mut()?, "metadata")
}

/// A map within a map, made if it is not there; none if something else is there.
pub fn child_mut<'a>(
    map: &'a mut Map<String, Value>,
    name: &str,
) -> Option<&'a mut Map<String, Value>> {
    map.entry(name).or_insert_with(|| Value::Object(Map::new())).as_object_mut()
}

/// `status.conditions`, to write in. Made if they are not there.
pub fn conditions_mut(object: &mut Value) -> Option<&mut Vec<Value>> {
    let status = child_mut(object.as_object_mut()?, "status")?;
    status.entry("conditions").or_insert_with(|| Value::Array(Vec::new())).as_array_mut()
}

/// Writes the revision into the object. 0 removes it.
pub fn set_resource_version(object: &mut Value, revision: Revision) {
    let Some(meta) = meta_mut(object) else {
        return;
    };
    match revision.0 {
        0 => drop(meta.remove("resourceVersion")),
        revision => drop(meta.insert("resourceVersion".into(), revision.to_string().into())),
    }
}

/// What has to be done before the object may go: `metadata.finalizers`.
pub fn finalizers(object: &Value) -> Vec<&str> {
    let all = object["metadata"]["finalizers"].as_array();
    all.into_iter().flatten().filter_map(Value::as_str).collect()
}
