//! Where a field is: in the object, and in the text it was read from.
//!
//! A [`FieldPath`] is written as Kubernetes writes it: `spec.template.spec.containers[0].image`,
//! `data[a.key]`. [`Places`] remembers the line and column of every field of one YAML document.
//!
//! * Lines and columns count from 1, columns in characters.
//! * A path that is not in the text (a field that defaulting added, a missing required field) is
//!   answered with the place of its nearest ancestor, so that a problem always has somewhere to be.
//!
//! Caveat: `data.x` and `data[x]` name the same field, as both forms occur in Kubernetes' messages.
//!
//! Architecture invariant: knows neither YAML nor the schema.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The path of a field, as Kubernetes prints it. The empty path is the object itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FieldPath(pub String);

impl FieldPath {
    /// A path written out, for instance `spec.replicas`.
    pub fn new(text: &str) -> Self {
        FieldPath(text.to_string())
    }

    /// The field `name` of this object.
    pub fn child(&self, name: &str) -> Self {
        if self.0.is_empty() {
            return FieldPath(name.to_string());
        }
        FieldPath(format!("{}.{name}", self.0))
    }

    /// Element `index` of this list.
    pub fn index(&self, index: usize) -> Self {
        FieldPath(format!("{}[{index}]", self.0))
    }

    /// Entry `key` of this map.
    pub fn key(&self, key: &str) -> Self {
        FieldPath(format!("{}[{key}]", self.0))
    }

    /// Entry `key` of an object whose type is not known: a field if it looks like one.
    pub fn entry(&self, key: &str) -> Self {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        match !key.is_empty() && key.chars().all(plain) {
            true => self.child(key),
            false => self.key(key),
        }
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A line and a column, both from 1.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct At {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Where one field stands in the text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    /// Its key; for a list's element, the element.
    pub key: At,
    /// Its value.
    pub value: At,
}

/// Where every field of one document stands in the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places(BTreeMap<String, Place>);

impl Places {
    /// Remembers a field.
    pub fn insert(&mut self, path: &FieldPath, place: Place) {
        self.0.insert(steps(&path.0), place);
    }

    /// Where the field is, or else its nearest ancestor that is in the text.
    pub fn find(&self, path: &FieldPath) -> Option<Place> {
        let mut steps = steps(&path.0);
        loop {
            if let Some(place) = self.0.get(&steps) {
                return Some(*place);
            }
            let cut = steps.rfind('\u{1}')?;
            steps.truncate(cut);
        }
    }

    /// Fields remembered.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is remembered.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// One form for `a.b`, `a[b]` and `a[0]`: each step behind a byte that no key contains.
fn steps(path: &str) -> String {
    let mut out = String::with_capacity(path.len() + 2);
    let (mut depth, mut fresh) = (0, true);
    for c in path.chars() {
        match c {
            '.' if depth == 0 => fresh = true,
            '[' if depth == 0 => (depth, fresh) = (1, true),
            ']' if depth == 1 => depth = 0,
            c => {
                if std::mem::take(&mut fresh) {
                    out.push('\u{1}');
                }
                out.push(c);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_field_is_where_its_parent_is() {
        let mut places = Places::default();
        let at = |line| Place { key: At { line, column: 1 }, value: At { line, column: 5 } };
        places.insert(&FieldPath::default(), at(1));
        places.insert(&FieldPath::new("data[a.b]"), at(2));
        places.insert(&FieldPath::new("spec.list[0].x"), at(3));
        places.insert(&FieldPath::new("data"), at(4));
        let line = |path: &str| places.find(&FieldPath::new(path)).unwrap().key.line;
        assert_eq!(line("data[a.b]"), 2);
        assert_eq!(line("data.c"), 4);
        assert_eq!(line("spec.list[0].x.y.z"), 3);
        assert_eq!(line("spec.list[1]"), 1);
    }

    #[test]
    fn an_entry_is_a_field_when_it_looks_like_one() {
        let labels = FieldPath::new("metadata.labels");
        assert_eq!(labels.entry("app").0, "metadata.labels.app");
        assert_eq!(labels.entry("a/b").0, "metadata.labels[a/b]");
        assert_eq!(FieldPath::default().entry("spec").index(2).0, "spec[2]");
    }
}
