//! The rules of label selectors, and of the requirements that node selectors are made of too.
//!
//! Architecture invariant: as [`super::validate`].
// Models apimachinery pkg/apis/meta/v1/validation and kubernetes pkg/apis/core/validation.

use serde_json::Value;

use super::field_error::{Errors, Rule};
use super::names;
use super::path::FieldPath;
use super::validate::labels;
use super::validate_pod::{list, text};

/// A selector of labels; one that is not there keeps all rules.
pub(super) fn label_selector(errors: &mut Errors, selector: &Value, at: &FieldPath) {
    labels(errors, &selector["matchLabels"], &at.child("matchLabels"));
    for (index, it) in list(selector, "matchExpressions").iter().enumerate() {
        let at = at.child("matchExpressions").index(index);
        requirement(errors, it, &at, false);
        for (index, value) in list(it, "values").iter().enumerate() {
            let path = at.child("values").index(index);
            errors.text(&path, value.as_str().unwrap_or_default(), names::label_value);
        }
    }
}

/// One requirement; those of node selectors compare numbers as well.
pub(super) fn requirement(errors: &mut Errors, it: &Value, at: &FieldPath, numbers: bool) {
    let (count, path) = (list(it, "values").len(), at.child("values"));
    match text(it, "operator") {
        "In" | "NotIn" if count == 0 => {
            errors.add(
                &path,
                Rule::Required,
                "must be specified when `operator` is 'In' or 'NotIn'",
            );
        }
        "Exists" | "DoesNotExist" if count > 0 => {
            let detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
            errors.add(&path, Rule::Forbidden, detail);
        }
        "Gt" | "Lt" if numbers && count != 1 => {
            let detail = "must be specified single value when `operator` is 'Lt' or 'Gt'";
            errors.add(&path, Rule::Required, detail);
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
        "Gt" | "Lt" if numbers => {}
        other => {
            errors.invalid(&at.child("operator"), &other.into(), "not a valid selector operator")
        }
    }
    errors.text(&at.child("key"), text(it, "key"), names::qualified);
}
