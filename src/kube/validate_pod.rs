//! The rules of pods and of the pod templates within other kinds.
//!
//! Architecture invariant: as [`super::validate`].
// Models kubernetes pkg/apis/core/validation/validation.go.

use serde_json::Value;

use super::field_error::{Errors, Rule};
use super::names;
use super::path::FieldPath;
use super::quantity::Quantity;
use super::validate_affinity::affinity;
use super::validate_spread::spread;

/// A text of a map; empty when it is not there.
pub(super) fn text<'a>(map: &'a Value, name: &str) -> &'a str {
    map.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A list of a map; empty when it is not there.
pub(super) fn list<'a>(map: &'a Value, name: &str) -> &'a [Value] {
    map.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

pub(super) fn pod_spec(errors: &mut Errors, spec: &Value, at: &FieldPath) {
    if list(spec, "containers").is_empty() {
        errors.required(&at.child("containers"));
    }
    let mut seen = Vec::new();
    for name in ["containers", "initContainers"] {
        for (index, container) in list(spec, name).iter().enumerate() {
            container_rules(errors, container, &at.child(name).index(index), &mut seen);
        }
    }
    let restart = &["Always", "OnFailure", "Never"];
    errors.one_of(&at.child("restartPolicy"), spec.get("restartPolicy"), restart);
    let dns = &["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    errors.one_of(&at.child("dnsPolicy"), spec.get("dnsPolicy"), dns);
    let grace = at.child("terminationGracePeriodSeconds");
    errors.range(&grace, spec.get("terminationGracePeriodSeconds"), 0..=i64::MAX);
    super::validate::labels(errors, &spec["nodeSelector"], &at.child("nodeSelector"));
    affinity(errors, &spec["affinity"], &at.child("affinity"));
    let constraints = list(spec, "topologySpreadConstraints");
    spread(errors, constraints, &at.child("topologySpreadConstraints"));
    let account = text(spec, "serviceAccountName");
    if !account.is_empty() {
        errors.text(&at.child("serviceAccountName"), account, names::subdomain);
    }
}

fn container_rules<'a>(
    errors: &mut Errors,
    container: &'a Value,
    at: &FieldPath,
    seen: &mut Vec<&'a str>,
) {
    let path = at.child("name");
    match text(container, "name") {
        "" => errors.required(&path),
        name if seen.contains(&name) => errors.add(&path, Rule::Duplicate(name.into()), ""),
        name => {
            errors.text(&path, name, names::label);
            seen.push(name);
        }
    }
    let (image, path) = (text(container, "image"), at.child("image"));
    match image {
        "" => errors.required(&path),
        image if image.trim() != image => {
            errors.invalid(&path, &image.into(), "must not have leading or trailing whitespace");
        }
        _ => {}
    }
    ports(errors, container, at);
    for (index, env) in list(container, "env").iter().enumerate() {
        let path = at.child("env").index(index).child("name");
        match text(env, "name") {
            "" => errors.required(&path),
            name => errors.text(&path, name, names::env),
        }
        if !env["value"].is_null() && !env["valueFrom"].is_null() {
            let path = at.child("env").index(index).child("valueFrom");
            errors.invalid(&path, &"".into(), "may not be specified when `value` is not empty");
        }
    }
    let policies = &["Always", "IfNotPresent", "Never"];
    errors.one_of(&at.child("imagePullPolicy"), container.get("imagePullPolicy"), policies);
    resources(errors, &container["resources"], &at.child("resources"));
}

fn ports(errors: &mut Errors, container: &Value, at: &FieldPath) {
    let mut names_seen = Vec::new();
    for (index, port) in list(container, "ports").iter().enumerate() {
        let at = at.child("ports").index(index);
        let name = text(port, "name");
        if !name.is_empty() {
            match names_seen.contains(&name) {
                true => errors.add(&at.child("name"), Rule::Duplicate(name.into()), ""),
                false => errors.text(&at.child("name"), name, names::label),
            }
            names_seen.push(name);
        }
        match port.get("containerPort") {
            None => errors.required(&at.child("containerPort")),
            number => errors.range(&at.child("containerPort"), number, 1..=65535),
        }
        if let Some(number) = port.get("hostPort") {
            errors.range(&at.child("hostPort"), Some(number), 1..=65535);
        }
        errors.one_of(&at.child("protocol"), port.get("protocol"), &["SCTP", "TCP", "UDP"]);
    }
}

fn resources(errors: &mut Errors, resources: &Value, at: &FieldPath) {
    let amount = |value: &Value| value.as_str().and_then(|text| Quantity::parse(text).ok());
    for list in ["limits", "requests"] {
        for (name, value) in resources[list].as_object().into_iter().flatten() {
            if amount(value).is_some_and(Quantity::is_negative) {
                let path = at.child(list).key(name);
                errors.invalid(&path, value, "must be greater than or equal to 0");
            }
        }
    }
    for (name, value) in resources["requests"].as_object().into_iter().flatten() {
        let limit = &resources["limits"][name];
        if let (Some(request), Some(most)) = (amount(value), amount(limit))
            && request > most
        {
            let detail = format!("must be less than or equal to {name} limit of {most}");
            errors.invalid(&at.child("requests"), value, &detail);
        }
    }
}
