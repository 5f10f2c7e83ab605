//! The rules of topology spread constraints.
//!
//! Architecture invariant: as [`super::validate`].
// Models kubernetes pkg/apis/core/validation/validation.go (validateTopologySpreadConstraints).

use serde_json::Value;

use super::field_error::{Errors, Rule};
use super::names;
use super::path::FieldPath;
use super::validate_pod::{list, text};
use super::validate_selector::label_selector;

const NOT_POSITIVE: &str = "must be greater than zero";

pub(super) fn spread(errors: &mut Errors, constraints: &[Value], at: &FieldPath) {
    for (index, it) in constraints.iter().enumerate() {
        let at = at.index(index);
        positive(errors, it["maxSkew"].as_i64().unwrap_or(0), &at.child("maxSkew"));
        let (key, when) = (text(it, "topologyKey"), text(it, "whenUnsatisfiable"));
        if key.is_empty() {
            errors.add(&at.child("topologyKey"), Rule::Required, "can not be empty");
        }
        one_of(errors, it, "whenUnsatisfiable", &["DoNotSchedule", "ScheduleAnyway"], &at);
        let same = |other: &Value| {
            text(other, "topologyKey") == key && text(other, "whenUnsatisfiable") == when
        };
        if constraints[index + 1..].iter().any(same) {
            let twice = Rule::Duplicate(format!("{{{key}, {when}}}").into());
            errors.add(&at.child("{topologyKey, whenUnsatisfiable}"), twice, "");
        }
        if let Some(least) = it["minDomains"].as_i64() {
            let path = at.child("minDomains");
            positive(errors, least, &path);
            if when != "DoNotSchedule" {
                let only = "can only use minDomains if whenUnsatisfiable=DoNotSchedule";
                errors.invalid(&path, &least.into(), &format!("{only}, not {when}"));
            }
        }
        for policy in ["nodeAffinityPolicy", "nodeTaintsPolicy"] {
            if !it[policy].is_null() {
                one_of(errors, it, policy, &["Honor", "Ignore"], &at);
            }
        }
        keys(errors, it, &at);
        label_selector(errors, &it["labelSelector"], &at.child("labelSelector"));
    }
}

fn positive(errors: &mut Errors, number: i64, at: &FieldPath) {
    if number <= 0 {
        errors.invalid(at, &number.into(), NOT_POSITIVE);
    }
}

/// Here an empty text is not missing but wrong.
fn one_of(
    errors: &mut Errors,
    it: &Value,
    field: &str,
    supported: &'static [&'static str],
    at: &FieldPath,
) {
    let given = text(it, field);
    if !supported.contains(&given) {
        errors.add(&at.child(field), Rule::Unsupported(given.into(), supported), "");
    }
}

fn keys(errors: &mut Errors, it: &Value, at: &FieldPath) {
    let (selector, path) = (&it["labelSelector"], at.child("matchLabelKeys"));
    let in_selector = |key: &str| {
        let mut expressions = list(selector, "matchExpressions").iter();
        !selector["matchLabels"][key].is_null() || expressions.any(|it| text(it, "key") == key)
    };
    let keys = list(it, "matchLabelKeys");
    if !keys.is_empty() && selector.is_null() {
        let detail = "must not be specified when labelSelector is not set";
        errors.add(&path, Rule::Forbidden, detail);
    }
    for (index, key) in keys.iter().filter_map(Value::as_str).enumerate() {
        let path = path.index(index);
        errors.text(&path, key, names::qualified);
        if in_selector(key) {
            let detail = "exists in both matchLabelKeys and labelSelector";
            errors.invalid(&path, &key.into(), detail);
        }
    }
}
