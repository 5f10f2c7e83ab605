//! A `LabelSelector` as objects have it, and the requirements it and node selectors are made of.
//!
//! * All parts must hold.
//! * A selector that is not there selects nothing; an empty one selects everything.
//!
//! Caveats: a requirement that validation would refuse holds for nobody.
//!
//! Architecture invariant: decides about labels from the labels alone.
// Models apimachinery pkg/apis/meta/v1/helpers.go (LabelSelectorAsSelector) and pkg/labels.

use serde_json::Value;

use super::filled::{at, text};

/// Whether a selector selects who has these labels.
pub fn selects(selector: &Value, labels: &Value) -> bool {
    let Some(selector) = selector.as_object() else { return false };
    let of = |name: &str| selector.get(name).unwrap_or(&Value::Null);
    let found = |key: &str| labels.get(key).and_then(Value::as_str);
    let is_so = |(key, value): (&String, &Value)| found(key) == value.as_str();
    of("matchLabels").as_object().into_iter().flatten().all(is_so)
        && requirements(of("matchExpressions")).all(|it| holds(it, found(text(it, "key"))))
}

/// The requirements of a list.
pub fn requirements(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

/// Whether a requirement holds of what was found under its key.
pub fn holds(requirement: &Value, found: Option<&str>) -> bool {
    let values = at(requirement, "values").as_array().map(Vec::as_slice).unwrap_or_default();
    let listed = || found.is_some_and(|found| values.iter().any(|value| value == found));
    match text(requirement, "operator") {
        "In" => listed(),
        "NotIn" => !listed(),
        "Exists" => found.is_some(),
        "DoesNotExist" => found.is_none(),
        operator @ ("Gt" | "Lt") => {
            let number = |text: Option<&str>| text.and_then(|text| text.parse::<i64>().ok());
            let [limit] = values else { return false };
            match (number(found), number(limit.as_str())) {
                (Some(found), Some(limit)) if operator == "Gt" => found > limit,
                (Some(found), Some(limit)) => found < limit,
                _ => false,
            }
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kube::yaml;

    fn value(text: &str) -> Value {
        yaml::read(text).unwrap()[0].value.clone()
    }

    #[test]
    fn requirements_hold_or_not() {
        for (requirement, found, expected) in [
            ("{operator: In, values: [a, b]}", Some("b"), true),
            ("{operator: In, values: [a, b]}", Some("c"), false),
            ("{operator: In, values: [a, b]}", None, false),
            ("{operator: NotIn, values: [a, b]}", Some("b"), false),
            ("{operator: NotIn, values: [a, b]}", Some("c"), true),
            ("{operator: NotIn, values: [a, b]}", None, true),
            ("{operator: Exists}", Some(""), true),
            ("{operator: Exists}", None, false),
            ("{operator: DoesNotExist}", Some(""), false),
            ("{operator: DoesNotExist}", None, true),
            ("{operator: Gt, values: ['3']}", Some("10"), true),
            ("{operator: Gt, values: ['3']}", Some("3"), false),
            ("{operator: Lt, values: ['3']}", Some("-1"), true),
            ("{operator: Lt, values: ['3']}", Some("3"), false),
            ("{operator: Gt, values: ['3']}", Some("ten"), false),
            ("{operator: Lt, values: ['3', '4']}", Some("1"), false),
            ("{operator: Gt, values: ['3']}", None, false),
            ("{operator: Near, values: [a]}", Some("a"), false),
        ] {
            assert_eq!(holds(&value(requirement), found), expected, "{requirement} {found:?}");
        }
    }

    #[test]
    fn all_parts_must_hold() {
        let labels = value("{app: web, tier: front}");
        for (selector, expected) in [
            ("{}", true),
            ("{matchLabels: {app: web}}", true),
            ("{matchLabels: {app: web, tier: back}}", false),
            ("{matchExpressions: [{key: tier, operator: Exists}]}", true),
            ("{matchLabels: {app: web}, matchExpressions: [{key: x, operator: Exists}]}", false),
        ] {
            assert_eq!(selects(&value(selector), &labels), expected, "{selector}");
        }
        assert!(!selects(&Value::Null, &labels));
        assert!(selects(&value("{}"), &Value::Null));
    }
}
