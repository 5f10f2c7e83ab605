//! The rules of affinities: to nodes by their labels, to pods by what is near them.
//!
//! Caveats: the values of labels that nodes are asked for may be anything; a key of
//! `matchLabelKeys` may be in the selector too.
//!
//! Architecture invariant: as [`super::validate`].
// Models kubernetes pkg/apis/core/validation/validation.go (validateAffinity).

use serde_json::Value;

use super::field_error::{Errors, Rule};
use super::names;
use super::path::FieldPath;
use super::validate_pod::{list, text};
use super::validate_selector::{label_selector, requirement};

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

pub(super) fn affinity(errors: &mut Errors, affinity: &Value, at: &FieldPath) {
    to_nodes(errors, &affinity["nodeAffinity"], &at.child("nodeAffinity"));
    for which in ["podAffinity", "podAntiAffinity"] {
        to_pods(errors, &affinity[which], &at.child(which));
    }
}

fn to_nodes(errors: &mut Errors, affinity: &Value, at: &FieldPath) {
    let terms = list(&affinity[REQUIRED], "nodeSelectorTerms");
    let path = at.child(REQUIRED).child("nodeSelectorTerms");
    if !affinity[REQUIRED].is_null() && terms.is_empty() {
        errors.add(&path, Rule::Required, "must have at least one node selector term");
    }
    for (index, term) in terms.iter().enumerate() {
        node_term(errors, term, &path.index(index));
    }
    for (index, it) in list(affinity, PREFERRED).iter().enumerate() {
        let at = at.child(PREFERRED).index(index);
        weight(errors, it, &at);
        node_term(errors, &it["preference"], &at.child("preference"));
    }
}

fn node_term(errors: &mut Errors, term: &Value, at: &FieldPath) {
    for (index, it) in list(term, "matchExpressions").iter().enumerate() {
        requirement(errors, it, &at.child("matchExpressions").index(index), true);
    }
    for (index, it) in list(term, "matchFields").iter().enumerate() {
        node_field(errors, it, &at.child("matchFields").index(index));
    }
}

fn node_field(errors: &mut Errors, it: &Value, at: &FieldPath) {
    match text(it, "operator") {
        "In" | "NotIn" if list(it, "values").len() != 1 => {
            let detail =
                "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
            errors.add(&at.child("values"), Rule::Required, detail);
        }
        "In" | "NotIn" => {}
        other => {
            errors.invalid(&at.child("operator"), &other.into(), "not a valid selector operator")
        }
    }
    match text(it, "key") {
        "metadata.name" => {
            for (index, name) in list(it, "values").iter().enumerate() {
                let path = at.child("values").index(index);
                errors.text(&path, name.as_str().unwrap_or_default(), names::subdomain);
            }
        }
        key => errors.invalid(&at.child("key"), &key.into(), "not a valid field selector key"),
    }
}

fn to_pods(errors: &mut Errors, affinity: &Value, at: &FieldPath) {
    for (index, term) in list(affinity, REQUIRED).iter().enumerate() {
        pod_term(errors, term, &at.child(REQUIRED).index(index));
    }
    for (index, it) in list(affinity, PREFERRED).iter().enumerate() {
        let at = at.child(PREFERRED).index(index);
        weight(errors, it, &at);
        pod_term(errors, &it["podAffinityTerm"], &at.child("podAffinityTerm"));
    }
}

fn pod_term(errors: &mut Errors, term: &Value, at: &FieldPath) {
    for selector in ["labelSelector", "namespaceSelector"] {
        label_selector(errors, &term[selector], &at.child(selector));
    }
    for name in list(term, "namespaces").iter().filter_map(Value::as_str) {
        errors.text(&at.child("namespace"), name, names::label);
    }
    label_keys(errors, term, "matchLabelKeys", at);
    label_keys(errors, term, "mismatchLabelKeys", at);
    for (index, key) in list(term, "matchLabelKeys").iter().enumerate() {
        if list(term, "mismatchLabelKeys").contains(key) {
            let path = at.child("matchLabelKeys").index(index);
            errors.invalid(&path, key, "exists in both matchLabelKeys and mismatchLabelKeys");
        }
    }
    let (key, path) = (text(term, "topologyKey"), at.child("topologyKey"));
    if key.is_empty() {
        errors.add(&path, Rule::Required, "can not be empty");
    }
    errors.text(&path, key, names::qualified);
}

/// Keys whose values a pod's own labels give, beside a selector.
fn label_keys(errors: &mut Errors, of: &Value, field: &str, at: &FieldPath) {
    let (keys, path) = (list(of, field), at.child(field));
    if !keys.is_empty() && of["labelSelector"].is_null() {
        let detail = "must not be specified when labelSelector is not set";
        return errors.add(&path, Rule::Forbidden, detail);
    }
    for (index, key) in keys.iter().enumerate() {
        errors.text(&path.index(index), key.as_str().unwrap_or_default(), names::qualified);
    }
}

fn weight(errors: &mut Errors, it: &Value, at: &FieldPath) {
    let weight = it["weight"].as_i64().unwrap_or(0);
    if !(1..=100).contains(&weight) {
        errors.invalid(&at.child("weight"), &weight.into(), "must be in the range 1-100");
    }
}
