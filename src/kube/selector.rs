//! Which objects of a kind are meant: by namespace, by labels, by fields.
//!
//! Labels: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`. Fields: `=`, `==`, `!=`
//! on the few that a kind has (`fields_of`). All parts must hold.
//!
//! * A kind has at most one field that watches are sorted by ([`trigger`]): whoever selects by it
//!   is found without asking everyone.
//!
//! Architecture invariant: decides about an object from the object alone.
// Models apimachinery pkg/labels, pkg/fields and kubernetes pkg/registry/core/pod/strategy.go.

use std::fmt;

use serde_json::Value;

use super::filled::at;
use super::kinds::Kind;
use super::object;
use super::status::Status;

/// What must hold of one label or field.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Demand {
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    Missing,
}

/// One part of a selector.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    key: String,
    demand: Demand,
}

/// Which objects of a kind are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    /// Of this namespace; empty: of all.
    pub namespace: String,
    labels: Vec<Part>,
    fields: Vec<Part>,
}

/// The fields that every kind can be selected by.
const FIELDS: [&str; 2] = ["metadata.name", "metadata.namespace"];

/// The other fields that objects of a kind can be selected by.
fn fields_of(kind: &str) -> &'static [&'static str] {
    match kind {
        "Pod" => &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "status.phase",
            "status.podIP",
        ],
        "Event" => &[
            "involvedObject.kind",
            "involvedObject.name",
            "involvedObject.namespace",
            "involvedObject.uid",
            "reason",
            "type",
        ],
        "Node" => &["spec.unschedulable"],
        "Secret" => &["type"],
        _ => &[],
    }
}

/// The field by which watchers of a kind are found (models the apiserver's `TriggerFunc`s).
pub fn trigger(kind: &str) -> Option<&'static str> {
    match kind {
        "Pod" => Some("spec.nodeName"),
        "Node" | "Secret" | "ConfigMap" => Some("metadata.name"),
        _ => None,
    }
}

/// A field as selectors see it: what is not there is empty, a truth value its word.
pub fn field<'a>(object: &'a Value, path: &str) -> &'a str {
    match at(object, path) {
        Value::String(text) => text,
        Value::Bool(true) => "true",
        Value::Null if path == "spec.unschedulable" => "false",
        Value::Bool(false) => "false",
        _ => "",
    }
}

impl Demand {
    fn holds(&self, found: Option<&str>) -> bool {
        let one_of = |values: &[String]| found.is_some_and(|it| values.iter().any(|v| v == it));
        match self {
            Demand::In(values) => one_of(values),
            Demand::NotIn(values) => !one_of(values),
            Demand::Exists => found.is_some(),
            Demand::Missing => found.is_none(),
        }
    }
}

impl Selector {
    /// All of a namespace; of all when it is empty.
    pub fn all(namespace: &str) -> Selector {
        Selector { namespace: namespace.into(), ..Selector::default() }
    }

    /// Those whose field has this value.
    pub fn of_field(path: &str, value: &str) -> Selector {
        let part = Part { key: path.into(), demand: Demand::In(vec![value.into()]) };
        Selector { fields: vec![part], ..Selector::default() }
    }

    /// The one of this name.
    pub fn of_name(namespace: &str, name: &str) -> Selector {
        let namespace = namespace.to_string();
        Selector { namespace, ..Selector::of_field("metadata.name", name) }
    }

    /// Reads `labelSelector` and `fieldSelector`.
    ///
    /// # Errors
    /// 400 in the apiserver's words.
    pub fn read(
        kind: &Kind,
        namespace: &str,
        labels: &str,
        fields: &str,
    ) -> Result<Selector, Status> {
        let labels = parts(labels, true).map_err(|wrong| unreadable("labels", &wrong))?;
        let fields = parts(fields, false).map_err(|_| {
            let odd = fields.split(',').find(|one| !one.contains('=')).unwrap_or(fields);
            let text = format!("invalid selector: '{fields}'; can't understand '{odd}'");
            Status::bad_request(&text)
        })?;
        let known = |path: &str| FIELDS.contains(&path) || fields_of(&kind.kind).contains(&path);
        match fields.iter().find(|part| !known(&part.key)) {
            Some(part) => {
                Err(Status::bad_request(&format!("field label not supported: {}", part.key)))
            }
            None => Ok(Selector { namespace: namespace.into(), labels, fields }),
        }
    }

    /// Whether everything of the namespace is meant.
    pub fn is_everything(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    /// Whether an object is meant.
    pub fn selects(&self, it: &Value) -> bool {
        (self.namespace.is_empty() || object::namespace(it) == self.namespace)
            && self.labels.iter().all(|part| part.demand.holds(object::label(it, &part.key)))
            && self.fields.iter().all(|part| part.demand.holds(Some(field(it, &part.key))))
    }

    /// The one value a field must have, if there is such.
    pub fn value_of(&self, path: &str) -> Option<&str> {
        let part = self.fields.iter().find(|part| part.key == path)?;
        match &part.demand {
            Demand::In(values) if values.len() == 1 => Some(&values[0]),
            _ => None,
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for part in self.fields.iter().chain(&self.labels) {
            if !std::mem::take(&mut first) {
                f.write_str(",")?;
            }
            let key = &part.key;
            match &part.demand {
                Demand::In(values) if values.len() == 1 => write!(f, "{key}={}", values[0])?,
                Demand::NotIn(values) if values.len() == 1 => write!(f, "{key}!={}", values[0])?,
                Demand::In(values) => write!(f, "{key} in ({})", values.join(","))?,
                Demand::NotIn(values) => write!(f, "{key} notin ({})", values.join(","))?,
                Demand::Exists => f.write_str(key)?,
                Demand::Missing => write!(f, "!{key}")?,
            }
        }
        Ok(())
    }
}

fn unreadable(what: &str, wrong: &str) -> Status {
    Status::bad_request(&format!("unable to parse requirement of {what}: {wrong}"))
}

/// The parts of a text; commas in brackets do not part.
fn parts(text: &str, by_label: bool) -> Result<Vec<Part>, String> {
    let mut depth = 0i32;
    let cut = |letter: char| {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        letter == ',' && depth == 0
    };
    let all = text.split(cut).map(str::trim).filter(|part| !part.is_empty());
    all.map(|one| part(one, by_label)).collect()
}

fn part(text: &str, by_label: bool) -> Result<Part, String> {
    let made = |key: &str, demand| Ok(Part { key: key.trim().to_string(), demand });
    let one = |value: &str| vec![value.trim().to_string()];
    if let Some((key, value)) = text.split_once("!=") {
        return made(key, Demand::NotIn(one(value)));
    }
    if let Some((key, value)) = text.split_once('=') {
        return made(key, Demand::In(one(value.trim_start_matches('='))));
    }
    if !by_label {
        return Err(format!("invalid selector: {text:?}; can't understand {text:?}"));
    }
    if let Some((head, list)) = text.split_once('(') {
        let values = list.trim_end_matches(')').split(',').map(|it| it.trim().to_string());
        let values = values.collect();
        return match head.trim().rsplit_once(' ') {
            Some((key, "in")) => made(key, Demand::In(values)),
            Some((key, "notin")) => made(key, Demand::NotIn(values)),
            _ => Err(format!("found '(', expected: !, identifier, or 'end of string' in {text:?}")),
        };
    }
    match text.strip_prefix('!') {
        Some(key) => made(key, Demand::Missing),
        None => made(text, Demand::Exists),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use serde_json::json;

    use super::*;

    fn check(labels: &str, fields: &str, expected: Expect) {
        let pod = json!({
            "metadata": {"name": "web", "namespace": "a", "labels": {"app": "web", "tier": "b"}},
            "spec": {"nodeName": "node-a"}
        });
        let kind = Kind::built_in("Pod").unwrap();
        let seen = match Selector::read(kind, "", labels, fields) {
            Ok(selector) => format!("{selector}: {}", selector.selects(&pod)),
            Err(status) => status.kubectl(),
        };
        expected.assert_eq(&seen);
    }

    #[test]
    fn parts_must_hold() {
        check("app=web", "", expect!["app=web: true"]);
        check("app==web,tier!=a", "", expect!["app=web,tier!=a: true"]);
        check("app in (x, web),!zone", "", expect!["app in (x,web),!zone: true"]);
        check("app notin (x,web)", "", expect!["app notin (x,web): false"]);
        check("zone", "", expect!["zone: false"]);
        check("", "spec.nodeName=node-a", expect!["spec.nodeName=node-a: true"]);
        check("", "spec.nodeName!=", expect!["spec.nodeName!=: true"]);
        check("app=web", "status.phase=Running", expect!["status.phase=Running,app=web: false"]);
        check(
            "",
            "spec.color=red",
            expect!["Error from server (BadRequest): field label not supported: spec.color"],
        );
    }
}
