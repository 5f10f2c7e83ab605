//! `kubectl apply` on values: three ways merged into what the object should become.
//!
//! What was applied last (kept in an annotation), what is applied now, and what is stored: fields
//! that were applied last and are not any more go away, fields that are applied now win,
//! everything else stays as others have set it.
//!
//! * Lists that have a merge key (containers, env, ports, volumes, mounts, …) are merged element by
//!   element; all other lists are replaced whole. Of custom objects every list is.
//! * Nothing is sent when nothing would change.
//!
//! Caveats: merge keys are known by the field's name, not by the schema; lists of plain values
//! with a merge strategy (finalizers) are replaced; no `$patch` directives.
//!
//! Architecture invariant: values in, value out; asks nobody.
// Models kubectl pkg/cmd/apply/patcher.go and apimachinery pkg/util/strategicpatch.

use serde_json::{Map, Value};

use super::encode::json;
use super::kinds::Kind;
use super::object::{self, child_mut, meta_mut};

/// Where kubectl keeps what was applied last.
pub const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// What applying an object comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Apply {
    /// It is not there: create this.
    Create(Value),
    /// It is there and differs: make it this.
    Patch(Value),
    /// It is there and is as it should be.
    Unchanged,
}

impl Apply {
    /// What kubectl prints when it has worked: `created`, `configured`, `unchanged`.
    pub fn word(&self) -> &'static str {
        match self {
            Apply::Create(_) => "created",
            Apply::Patch(_) => "configured",
            Apply::Unchanged => "unchanged",
        }
    }
}

/// kubectl's line for an object it has dealt with: `deployment.apps/web created`.
pub fn printed(kind: &Kind, name: &str, word: &str) -> String {
    match word {
        "deleted" => format!("{} {name:?} deleted", kind.singular()),
        word => format!("{}/{name} {word}", kind.singular()),
    }
}

/// What kubectl warns of when the stored object was not made by `apply`.
pub fn missing_annotation_warning(kind: &Kind, name: &str) -> String {
    let plural = &kind.plural;
    format!(
        "Warning: resource {plural}/{name} is missing the {LAST_APPLIED} annotation which is \
         required by kubectl apply. kubectl apply should only be used on resources created \
         declaratively by either kubectl create --save-config or kubectl apply. The missing \
         annotation will be patched automatically."
    )
}

/// Applies an object as the user wrote it, with its namespace, over what is stored.
pub fn apply(kind: &Kind, object: &Value, stored: Option<&Value>) -> Apply {
    let wanted = with_last_applied(object);
    let Some(stored) = stored else {
        return Apply::Create(wanted);
    };
    let last = object::annotation(stored, LAST_APPLIED);
    let last = last.and_then(|text| serde_json::from_str::<Value>(text).ok());
    let merge = Merge { strategic: !kind.is_custom() };
    let merged = merge.value("", last.as_ref(), &wanted, stored);
    match merged == *stored {
        true => Apply::Unchanged,
        false => Apply::Patch(merged),
    }
}

/// The object with a strategic merge patch in it.
pub fn patched(kind: &Kind, stored: &Value, patch: &Value) -> Value {
    Merge { strategic: !kind.is_custom() }.value("", None, patch, stored)
}

/// The object in its namespace, as kubectl sends it: what was applied last names it, too.
pub fn in_namespace(object: &Value, namespace: &str) -> Value {
    let mut object = object.clone();
    if let Some(meta) = meta_mut(&mut object).filter(|_| !namespace.is_empty()) {
        meta.insert("namespace".into(), namespace.into());
    }
    object
}

/// The object with the annotation that says what it was.
pub fn with_last_applied(object: &Value) -> Value {
    let mut object = object.clone();
    let annotations = |object: &mut Value, text: Option<String>| {
        let map = meta_mut(object).and_then(|meta| child_mut(meta, "annotations"));
        match (map, text) {
            (Some(map), Some(text)) => drop(map.insert(LAST_APPLIED.into(), text.into())),
            (Some(map), None) => drop(map.remove(LAST_APPLIED)),
            (None, _) => {}
        }
    };
    annotations(&mut object, None);
    let text = json(&object);
    annotations(&mut object, Some(text));
    object
}

struct Merge {
    strategic: bool,
}

impl Merge {
    fn value(&self, name: &str, last: Option<&Value>, wanted: &Value, stored: &Value) -> Value {
        match (wanted, stored) {
            (Value::Object(wanted), Value::Object(stored)) => {
                let last = last.and_then(Value::as_object);
                let mut merged = self.map(last, wanted, stored);
                // Of a strategy only what is applied stays, once anything of it changes.
                if self.strategic && name == "strategy" && merged != *stored {
                    merged.retain(|key, _| wanted.contains_key(key));
                }
                Value::Object(merged)
            }
            (Value::Array(wanted), Value::Array(stored)) => {
                let last = last.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                match merge_key(name, wanted).filter(|_| self.strategic) {
                    Some(key) => Value::Array(self.list(key, last, wanted, stored)),
                    None => Value::Array(wanted.clone()),
                }
            }
            _ => wanted.clone(),
        }
    }

    fn map(
        &self,
        last: Option<&Map<String, Value>>,
        wanted: &Map<String, Value>,
        stored: &Map<String, Value>,
    ) -> Map<String, Value> {
        let mut merged = stored.clone();
        for key in last.into_iter().flat_map(Map::keys) {
            if !wanted.contains_key(key) {
                merged.remove(key);
            }
        }
        for (key, value) in wanted {
            match (value, stored.get(key)) {
                (Value::Null, _) => drop(merged.remove(key)),
                (value, Some(stored)) => {
                    let last = last.and_then(|last| last.get(key));
                    merged.insert(key.clone(), self.value(key, last, value, stored));
                }
                (value, None) => drop(merged.insert(key.clone(), value.clone())),
            }
        }
        merged
    }

    /// The wanted elements in their order, then those of others.
    fn list(&self, key: &str, last: &[Value], wanted: &[Value], stored: &[Value]) -> Vec<Value> {
        let find = |list: &[Value], like: &Value| {
            list.iter().find(|element| element.get(key) == like.get(key)).cloned()
        };
        let mut merged = Vec::with_capacity(wanted.len());
        for element in wanted {
            merged.push(match find(stored, element) {
                Some(found) => self.value("", find(last, element).as_ref(), element, &found),
                None => element.clone(),
            });
        }
        for element in stored {
            if find(wanted, element).is_none() && find(last, element).is_none() {
                merged.push(element.clone());
            }
        }
        merged
    }
}

/// By which field the elements of a list are the same.
fn merge_key(name: &str, list: &[Value]) -> Option<&'static str> {
    let key = match name {
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "env"
        | "volumes"
        | "imagePullSecrets"
        | "secrets" => "name",
        "volumeMounts" => "mountPath",
        "ports" if list.iter().any(|port| port.get("containerPort").is_some()) => "containerPort",
        "ports" => "port",
        "conditions" | "addresses" => "type",
        "ownerReferences" => "uid",
        _ => return None,
    };
    list.iter().all(|element| element.get(key).is_some()).then_some(key)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn web(container: Value) -> Value {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "default"},
            "spec": {"template": {"spec": {"containers": [container]}}},
        })
    }

    fn patched(object: &Value, stored: &Value) -> Value {
        match apply(Kind::built_in("Deployment").unwrap(), object, Some(stored)) {
            Apply::Patch(mut object) => {
                object["metadata"].as_object_mut().unwrap().remove("annotations");
                object
            }
            other => panic!("{other:?}"),
        }
    }

    fn created(object: &Value) -> Value {
        match apply(Kind::built_in("Deployment").unwrap(), object, None) {
            Apply::Create(object) => object,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_was_applied_is_remembered() {
        let object = json!({"kind": "Deployment", "metadata": {"name": "web"}});
        let mut stored = created(&object);
        assert_eq!(
            object::annotation(&stored, LAST_APPLIED),
            Some("{\"kind\":\"Deployment\",\"metadata\":{\"annotations\":{},\"name\":\"web\"}}\n")
        );
        let kind = Kind::built_in("Deployment").unwrap();
        assert_eq!(apply(kind, &object, Some(&stored)), Apply::Unchanged);
        // Applying what was read back is no change either.
        assert_eq!(apply(kind, &stored.clone(), Some(&stored)), Apply::Unchanged);
        stored["metadata"]["uid"] = json!("u");
        assert_eq!(apply(kind, &object, Some(&stored)), Apply::Unchanged);
    }

    #[test]
    fn three_ways() {
        let first = web(json!({
            "name": "web", "image": "nginx:1", "command": ["x"],
            "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
        }));
        let mut stored = created(&first);
        // Others have set the replicas, an environment variable and a second container.
        stored["spec"]["replicas"] = json!(5);
        let containers = &mut stored["spec"]["template"]["spec"]["containers"];
        containers[0]["env"].as_array_mut().unwrap().push(json!({"name": "C", "value": "3"}));
        containers.as_array_mut().unwrap().push(json!({"name": "sidecar"}));
        let second = web(json!({
            "name": "web", "image": "nginx:2", "env": [{"name": "B", "value": "22"}],
        }));
        let mut expected = web(json!({
            "name": "web", "image": "nginx:2",
            "env": [{"name": "B", "value": "22"}, {"name": "C", "value": "3"}],
        }));
        expected["spec"]["replicas"] = json!(5);
        let containers = &mut expected["spec"]["template"]["spec"]["containers"];
        containers.as_array_mut().unwrap().push(json!({"name": "sidecar"}));
        assert_eq!(patched(&second, &stored), expected);
    }

    #[test]
    fn a_new_strategy_replaces_the_old_one() {
        let mut stored = created(&web(json!({"name": "web"})));
        stored["spec"]["strategy"] =
            json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}});
        let mut object = web(json!({"name": "web"}));
        object["spec"]["strategy"] = json!({"type": "Recreate"});
        assert_eq!(patched(&object, &stored)["spec"]["strategy"], json!({"type": "Recreate"}));
    }

    #[test]
    fn words() {
        let deployment = Kind::built_in("Deployment").unwrap();
        assert_eq!(printed(deployment, "web", "created"), "deployment.apps/web created");
        assert_eq!(printed(deployment, "web", "deleted"), "deployment.apps \"web\" deleted");
    }
}
