//! One rule broken by one field, as Kubernetes words it.
//!
//! Architecture invariant: words only; knows no rule.
// Models apimachinery pkg/util/validation/field/errors.go.

use std::fmt;

use serde_json::Value;

use super::path::FieldPath;

/// What kind of rule.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Rule {
    Required,
    Invalid(Value),
    Duplicate(Value),
    /// With the values that are.
    Unsupported(Value, &'static [&'static str]),
    Forbidden,
    /// With the most bytes allowed.
    TooLong(usize),
}

/// A broken rule.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldError {
    /// Which field.
    pub path: FieldPath,
    /// Which rule.
    pub rule: Rule,
    /// More words; may be empty.
    pub detail: String,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path)?;
        match &self.rule {
            Rule::Required => f.write_str("Required value")?,
            Rule::Invalid(value) => write!(f, "Invalid value: {value}")?,
            Rule::Duplicate(value) => write!(f, "Duplicate value: {value}")?,
            Rule::Forbidden => f.write_str("Forbidden")?,
            Rule::Unsupported(value, supported) => {
                let supported: Vec<_> = supported.iter().map(|one| format!("{one:?}")).collect();
                let supported = supported.join(", ");
                write!(f, "Unsupported value: {value}: supported values: {supported}")?;
            }
            Rule::TooLong(bytes) => write!(f, "Too long: may not be more than {bytes} bytes")?,
        }
        match self.detail.is_empty() {
            true => Ok(()),
            false => write!(f, ": {}", self.detail),
        }
    }
}

/// Collects broken rules.
#[derive(Debug, Default)]
pub(super) struct Errors(pub(super) Vec<FieldError>);

impl Errors {
    pub(super) fn add(&mut self, path: &FieldPath, rule: Rule, detail: &str) {
        self.0.push(FieldError { path: path.clone(), rule, detail: detail.to_string() });
    }

    pub(super) fn required(&mut self, path: &FieldPath) {
        self.add(path, Rule::Required, "");
    }

    pub(super) fn invalid(&mut self, path: &FieldPath, value: &Value, detail: &str) {
        self.add(path, Rule::Invalid(value.clone()), detail);
    }

    /// Adds every problem that a check finds with a text.
    pub(super) fn text(
        &mut self,
        path: &FieldPath,
        text: &str,
        check: impl FnOnce(&str) -> Vec<String>,
    ) {
        for problem in check(text) {
            self.invalid(path, &Value::from(text), &problem);
        }
    }

    /// A text that must be one of a few.
    pub(super) fn one_of(
        &mut self,
        path: &FieldPath,
        value: Option<&Value>,
        supported: &'static [&'static str],
    ) {
        match value.and_then(Value::as_str).unwrap_or_default() {
            "" => self.required(path),
            text if supported.contains(&text) => {}
            text => self.add(path, Rule::Unsupported(text.into(), supported), ""),
        }
    }

    /// A number that must lie within bounds.
    pub(super) fn range(
        &mut self,
        path: &FieldPath,
        value: Option<&Value>,
        range: std::ops::RangeInclusive<i64>,
    ) {
        let number = value.and_then(Value::as_i64).unwrap_or(0);
        if range.contains(&number) {
            return;
        }
        let detail = match *range.end() {
            i64::MAX => "must be greater than or equal to 0".to_string(),
            end => format!("must be between {} and {end}, inclusive", range.start()),
        };
        self.invalid(path, &Value::from(number), &detail);
    }
}
