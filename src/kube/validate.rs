//! The rules an object must keep before it is stored, in Kubernetes' words.
//!
//! The object must be typed and have its defaults. All broken rules are found, in the upstream's
//! order.
//!
//! * A field that must not change is compared with the stored object in [`validate_update`].
//!
//! Caveats: of pods the containers, ports, environment, resources, policies and placement; not
//! volumes, probes, tolerations. Of services not the addresses. Of custom objects only the
//! metadata.
//!
//! Architecture invariant: finds and words problems; changes nothing.
// Models kubernetes pkg/apis/{apps,core}/validation and apimachinery pkg/api/validation.

use serde_json::{Value, json};

use super::field_error::{Errors, FieldError, Rule};
use super::kinds::Kind;
use super::names;
use super::object;
use super::path::FieldPath;
use super::status::Status;
use super::validate_pod::{pod_spec, text};
use super::validate_selector::label_selector;

/// Most bytes of all annotations of an object.
const ANNOTATIONS_BYTES_MAX: usize = 256 * 1024;

/// Most bytes of a ConfigMap's or Secret's entries.
const ENTRIES_BYTES_MAX: usize = 1024 * 1024;

/// The rules a new object breaks.
pub fn validate(kind: &Kind, object: &Value) -> Vec<FieldError> {
    let mut errors = Errors::default();
    metadata(&mut errors, kind, object);
    let spec = FieldPath::new("spec");
    match kind.kind.as_ref() {
        _ if kind.is_custom() => {}
        "Deployment" => deployment(&mut errors, &object["spec"], &spec),
        "ReplicaSet" => replicas(&mut errors, &object["spec"], &spec),
        "Pod" => pod_spec(&mut errors, &object["spec"], &spec),
        "Service" => service(&mut errors, &object["spec"], &spec),
        "ConfigMap" => entries(&mut errors, object, &["data", "binaryData"], ""),
        "Secret" => entries(&mut errors, object, &["data"], "data"),
        "Lease" => lease(&mut errors, &object["spec"], &spec),
        _ => {}
    }
    errors.0
}

/// The rules an update breaks, those of a new object included.
pub fn validate_update(kind: &Kind, stored: &Value, update: &Value) -> Vec<FieldError> {
    const IMMUTABLE: &str = "field is immutable";
    let mut errors = Errors(validate(kind, update));
    let fixed: &[&str] = match kind.kind.as_ref() {
        "Deployment" | "ReplicaSet" => &["/metadata/name", "/spec/selector"],
        "Secret" => &["/metadata/name", "/type"],
        _ => &["/metadata/name"],
    };
    for pointer in fixed {
        let now = update.pointer(pointer).unwrap_or(&Value::Null);
        if stored.pointer(pointer).unwrap_or(&Value::Null) != now {
            let path = FieldPath(pointer[1..].replace('/', "."));
            errors.invalid(&path, now, IMMUTABLE);
        }
    }
    let more: Vec<&str> = object::finalizers(update)
        .into_iter()
        .filter(|name| !object::finalizers(stored).contains(name))
        .collect();
    if !stored["metadata"]["deletionTimestamp"].is_null() && !more.is_empty() {
        let path = FieldPath::new("metadata").child("finalizers");
        errors.add(&path, Rule::Forbidden, &no_new_finalizers(more));
    }
    let is_immutable = stored["immutable"] == true;
    for field in ["data", "binaryData"].iter().filter(|_| is_immutable) {
        if stored[*field] != update[*field] {
            let detail = "field is immutable when `immutable` is set";
            errors.add(&FieldPath::new(field), Rule::Forbidden, detail);
        }
    }
    if kind.kind == "Pod" && fixed_of_pod(stored) != fixed_of_pod(update) {
        let detail = "pod updates may not change fields other than \
            `spec.containers[*].image`,`spec.initContainers[*].image`,\
            `spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing \
            tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was \
            previously negative)";
        errors.add(&FieldPath::new("spec"), Rule::Forbidden, detail);
    }
    errors.0
}

/// What is going gets no more that holds it.
fn no_new_finalizers(mut more: Vec<&str>) -> String {
    crate::sorted::sort_by(&mut more, |a, b| a.cmp(b));
    let more: Vec<String> = more.iter().map(|name| format!("{name:?}")).collect();
    let found = more.join(", ");
    format!(
        "no new finalizers can be added if the object is being deleted, found new finalizers \
         []string{{{found}}}"
    )
}

/// The answer to an object that breaks rules; none when it keeps them.
pub fn refusal(kind: &Kind, object: &Value, errors: &[FieldError]) -> Option<Status> {
    let problems: Vec<_> = errors.iter().map(FieldError::to_string).collect();
    (!problems.is_empty()).then(|| Status::invalid(kind, object::name(object), &problems))
}

/// What an update of a pod must leave alone. A pod that is being bound gets its node by another
/// way.
fn fixed_of_pod(pod: &Value) -> Value {
    let mut spec = pod["spec"].clone();
    for list in ["containers", "initContainers"] {
        let list = spec.get_mut(list).and_then(Value::as_array_mut);
        for container in list.into_iter().flatten().filter_map(Value::as_object_mut) {
            container.remove("image");
        }
    }
    if let Some(spec) = spec.as_object_mut() {
        for field in ["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds"] {
            spec.remove(field);
        }
        if pod["spec"]["nodeName"].is_null() {
            spec.remove("nodeName");
        }
    }
    spec
}

fn metadata(errors: &mut Errors, kind: &Kind, object: &Value) {
    let meta = FieldPath::new("metadata");
    let (name, namespace) = (object::name(object), object::namespace(object));
    match (kind.kind.as_ref(), name) {
        (_, "") => {
            let detail = "name or generateName is required";
            errors.add(&meta.child("name"), Rule::Required, detail);
        }
        ("Namespace", name) => errors.text(&meta.child("name"), name, names::label),
        ("Service", name) => errors.text(&meta.child("name"), name, names::label_1035),
        (_, name) => errors.text(&meta.child("name"), name, names::subdomain),
    }
    match (kind.namespaced, namespace) {
        (true, "") => errors.required(&meta.child("namespace")),
        (true, namespace) => errors.text(&meta.child("namespace"), namespace, names::label),
        (false, "") => {}
        (false, _) => {
            errors.add(&meta.child("namespace"), Rule::Forbidden, "not allowed on this type");
        }
    }
    labels(errors, &object["metadata"]["labels"], &meta.child("labels"));
    annotations(errors, &object["metadata"]["annotations"], &meta.child("annotations"));
}

pub(super) fn labels(errors: &mut Errors, labels: &Value, path: &FieldPath) {
    for (key, value) in labels.as_object().into_iter().flatten() {
        errors.text(path, key, names::qualified);
        errors.text(path, value.as_str().unwrap_or_default(), names::label_value);
    }
}

fn annotations(errors: &mut Errors, annotations: &Value, path: &FieldPath) {
    let mut bytes = 0;
    for (key, value) in annotations.as_object().into_iter().flatten() {
        errors.text(path, key, |key| names::qualified(&key.to_ascii_lowercase()));
        bytes += key.len() + value.as_str().map_or(0, str::len);
    }
    if bytes > ANNOTATIONS_BYTES_MAX {
        errors.add(path, Rule::TooLong(ANNOTATIONS_BYTES_MAX), "");
    }
}

fn not_negative(errors: &mut Errors, spec: &Value, at: &FieldPath, fields: &[&str]) {
    for field in fields {
        errors.range(&at.child(field), spec.get(field), 0..=i64::MAX);
    }
}

fn deployment(errors: &mut Errors, spec: &Value, at: &FieldPath) {
    replicas(errors, spec, at);
    let strategy = at.child("strategy");
    let rolling = &spec["strategy"]["rollingUpdate"];
    match text(&spec["strategy"], "type") {
        "Recreate" if !rolling.is_null() => {
            let detail = "may not be specified when strategy `type` is 'Recreate'";
            errors.add(&strategy.child("rollingUpdate"), Rule::Forbidden, detail);
        }
        "RollingUpdate" => rolling_update(errors, rolling, &strategy.child("rollingUpdate")),
        _ => {
            let kinds = &["Recreate", "RollingUpdate"];
            errors.one_of(&strategy.child("type"), spec["strategy"].get("type"), kinds);
        }
    }
    not_negative(errors, spec, at, &["revisionHistoryLimit", "progressDeadlineSeconds"]);
    let number = |field: &str| spec[field].as_i64();
    let ready = number("minReadySeconds").unwrap_or(0);
    if let Some(deadline) = number("progressDeadlineSeconds").filter(|d| *d <= ready) {
        let path = at.child("progressDeadlineSeconds");
        errors.invalid(&path, &json!(deadline), "must be greater than minReadySeconds");
    }
}

fn rolling_update(errors: &mut Errors, rolling: &Value, at: &FieldPath) {
    const FORM: &str = "a valid percent string must be a numeric string followed by an ending '%' \
        (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
    let mut zero = [false, false];
    for (index, field) in ["maxUnavailable", "maxSurge"].into_iter().enumerate() {
        let (path, value) = (at.child(field), &rolling[field]);
        match value {
            Value::String(text) => {
                let digits = text.strip_suffix('%').filter(|digits| !digits.is_empty());
                let digits = digits.filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
                let Some(digits) = digits else {
                    errors.invalid(&path, value, FORM);
                    continue;
                };
                let percent = digits.parse::<u64>().unwrap_or(u64::MAX);
                zero[index] = percent == 0;
                if percent > 100 && field == "maxUnavailable" {
                    errors.invalid(&path, value, "must not be greater than 100%");
                }
            }
            value => {
                zero[index] = value.as_i64() == Some(0);
                errors.range(&path, Some(value), 0..=i64::MAX);
            }
        }
    }
    if zero == [true, true] {
        let path = at.child("maxUnavailable");
        errors.invalid(&path, &rolling["maxUnavailable"], "may not be 0 when `maxSurge` is 0");
    }
}

/// What deployments and replica sets share.
fn replicas(errors: &mut Errors, spec: &Value, at: &FieldPath) {
    not_negative(errors, spec, at, &["replicas", "minReadySeconds"]);
    let path = at.child("selector");
    let selector = &spec["selector"];
    let wanted = selector["matchLabels"].as_object();
    let expressions = selector["matchExpressions"].as_array();
    match selector {
        Value::Null => errors.required(&path),
        _ if wanted.is_none() && expressions.is_none() => {
            errors.invalid(&path, selector, "empty selector is invalid for deployment");
        }
        selector => label_selector(errors, selector, &path),
    }
    let template = at.child("template");
    let found = &spec["template"]["metadata"]["labels"];
    if wanted.is_some_and(|wanted| wanted.iter().any(|(key, value)| found.get(key) != Some(value)))
    {
        let given = if found.is_null() { &Value::Null } else { found };
        let path = template.child("metadata").child("labels");
        errors.invalid(&path, given, "`selector` does not match template `labels`");
    }
    labels(errors, found, &template.child("metadata").child("labels"));
    let inside = template.child("spec");
    pod_spec(errors, &spec["template"]["spec"], &inside);
    let policy = spec["template"]["spec"].get("restartPolicy");
    if ["OnFailure", "Never"].map(Value::from).iter().any(|wrong| Some(wrong) == policy) {
        errors.one_of(&inside.child("restartPolicy"), policy, &["Always"]);
    }
}

fn service(errors: &mut Errors, spec: &Value, at: &FieldPath) {
    let kinds = &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    let ports = spec["ports"].as_array().map(Vec::as_slice).unwrap_or_default();
    let headless = text(spec, "clusterIP") == "None";
    if ports.is_empty() && !headless && text(spec, "type") != "ExternalName" {
        errors.required(&at.child("ports"));
    }
    let mut seen = Vec::new();
    for (index, port) in ports.iter().enumerate() {
        let at = at.child("ports").index(index);
        match text(port, "name") {
            "" if ports.len() > 1 => errors.required(&at.child("name")),
            "" => {}
            name if seen.contains(&name) => {
                errors.add(&at.child("name"), Rule::Duplicate(name.into()), "");
            }
            name => {
                errors.text(&at.child("name"), name, names::label);
                seen.push(name);
            }
        }
        errors.range(&at.child("port"), port.get("port"), 1..=65535);
        errors.one_of(&at.child("protocol"), port.get("protocol"), &["SCTP", "TCP", "UDP"]);
        if port["targetPort"].is_i64() {
            errors.range(&at.child("targetPort"), port.get("targetPort"), 1..=65535);
        }
    }
    labels(errors, &spec["selector"], &at.child("selector"));
    errors.one_of(&at.child("sessionAffinity"), spec.get("sessionAffinity"), &["ClientIP", "None"]);
    errors.one_of(&at.child("type"), spec.get("type"), kinds);
}

/// A ConfigMap's or Secret's entries; sizes are of the decoded bytes. The whole object's path
/// prints as `[]`.
fn entries(errors: &mut Errors, object: &Value, fields: &[&str], whole: &str) {
    let mut bytes = 0;
    let is_secret = object["kind"] == "Secret";
    for field in fields {
        let path = FieldPath::new(field);
        for (key, value) in object[*field].as_object().into_iter().flatten() {
            errors.text(&path.key(key), key, names::config_key);
            let length = value.as_str().map_or(0, str::len);
            let encoded = is_secret || *field == "binaryData";
            let padding =
                value.as_str().map_or(0, |text| text.len() - text.trim_end_matches('=').len());
            bytes += if encoded { length / 4 * 3 - padding.min(length / 4 * 3) } else { length };
            let twice = *field == "binaryData" && object["data"].get(key).is_some();
            if twice {
                let detail = "duplicate of key present in data";
                errors.invalid(&path.key(key), &Value::from(key.as_str()), detail);
            }
        }
    }
    if bytes > ENTRIES_BYTES_MAX {
        let path = if whole.is_empty() { "[]" } else { whole };
        errors.add(&FieldPath::new(path), Rule::TooLong(ENTRIES_BYTES_MAX), "");
    }
}

fn lease(errors: &mut Errors, spec: &Value, at: &FieldPath) {
    let duration = spec.get("leaseDurationSeconds");
    if let Some(seconds) = duration.filter(|seconds| seconds.as_i64().unwrap_or(0) <= 0) {
        let path = at.child("leaseDurationSeconds");
        errors.invalid(&path, seconds, "must be greater than 0");
    }
    not_negative(errors, spec, at, &["leaseTransitions"]);
}

#[cfg(test)]
mod tests;
