//! YAML events into one JSON value, without recursion.
//!
//! A stack of open lists and maps; a finished node goes into the one below it. Anchors keep a copy
//! of their node, an alias copies it again.
//!
//! * No node is deeper than [`YAML_DEPTH_MAX`], aliases included; all copies together never exceed
//!   [`YAML_ALIAS_BYTES_MAX`].
//! * A key given twice takes the later value and is reported; a merge (`<<`) never overrides.
//!
//! Architecture invariant: asks the parser nothing; sees only events and their places.

use saphyr_parser::{Event, ScalarStyle, Tag};
use serde_json::{Map, Value};

use super::path::{At, FieldPath, Place, Places};
use super::yaml::{Document, DuplicateKey, YAML_ALIAS_BYTES_MAX, YAML_DEPTH_MAX, YamlError};
use super::yaml_scalar;
use crate::sorted::SortedMap;

/// A list or map that is still open.
struct Open {
    node: Node,
    path: FieldPath,
    anchor: usize,
}

enum Node {
    List(Vec<Value>),
    Map { map: Map<String, Value>, merged: Map<String, Value>, key: Option<(String, At)> },
}

/// One document on its way.
#[derive(Default)]
pub(super) struct Builder {
    open: Vec<Open>,
    anchors: SortedMap<usize, (Value, Size)>,
    copied_bytes: usize,
    places: Places,
    duplicates: Vec<DuplicateKey>,
    root: Option<Value>,
}

impl Builder {
    /// The document, unless it was empty.
    pub(super) fn finish(self) -> Option<Document> {
        let value = self.root.filter(|value| !value.is_null())?;
        Some(Document { value, places: self.places, duplicates: self.duplicates })
    }

    pub(super) fn event(&mut self, event: Event<'_>, at: At) -> Result<(), YamlError> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                if self.wants_key() {
                    let key = key_text(&text, style, tag.as_deref(), at)?;
                    self.keep(anchor, &Value::String(key.clone()), at)?;
                    self.set_key(key, at);
                    return Ok(());
                }
                let value = scalar(&text, style, tag.as_deref(), at)?;
                self.place(at);
                self.keep(anchor, &value, at)?;
                self.node(value, at)
            }
            Event::Alias(anchor) => self.alias(anchor, at),
            Event::SequenceStart(anchor, _) => self.start(Node::List(Vec::new()), anchor, at),
            Event::MappingStart(anchor, _) => {
                let node = Node::Map { map: Map::new(), merged: Map::new(), key: None };
                self.start(node, anchor, at)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(at),
            _ => Ok(()),
        }
    }

    fn wants_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { node: Node::Map { key: None, .. }, .. }))
    }

    fn set_key(&mut self, name: String, at: At) {
        let Some(Open { node: Node::Map { map, key, .. }, path, .. }) = self.open.last_mut() else {
            return;
        };
        if map.contains_key(&name) {
            let duplicate = DuplicateKey { path: path.entry(&name), key: name.clone(), at };
            self.duplicates.push(duplicate);
        }
        *key = Some((name, at));
    }

    /// The path of the node that comes next, and where its key is.
    fn next_path(&self) -> (FieldPath, Option<At>) {
        match self.open.last() {
            None => (FieldPath::default(), None),
            Some(Open { node: Node::List(list), path, .. }) => (path.index(list.len()), None),
            Some(Open { node: Node::Map { key, .. }, path, .. }) => match key {
                Some((key, at)) => (path.entry(key), Some(*at)),
                None => (path.clone(), None),
            },
        }
    }

    fn place(&mut self, at: At) -> FieldPath {
        let (path, key) = self.next_path();
        self.places.insert(&path, Place { key: key.unwrap_or(at), value: at });
        path
    }

    fn start(&mut self, node: Node, anchor: usize, at: At) -> Result<(), YamlError> {
        if self.wants_key() {
            return Err(wrong(at, "invalid map key", "a plain word as the key"));
        }
        self.deep(self.open.len() + 1, at)?;
        let path = self.place(at);
        self.open.push(Open { node, path, anchor });
        Ok(())
    }

    fn end(&mut self, at: At) -> Result<(), YamlError> {
        let Some(Open { node, anchor, .. }) = self.open.pop() else {
            return Ok(());
        };
        let value = match node {
            Node::List(list) => Value::Array(list),
            Node::Map { mut map, merged, .. } => {
                for (key, value) in merged {
                    map.entry(key).or_insert(value);
                }
                Value::Object(map)
            }
        };
        self.keep(anchor, &value, at)?;
        self.node(value, at)
    }

    /// Puts a finished node where it belongs.
    fn node(&mut self, value: Value, at: At) -> Result<(), YamlError> {
        match self.open.last_mut().map(|open| &mut open.node) {
            None => self.root = Some(value),
            Some(Node::List(list)) => list.push(value),
            Some(Node::Map { map, merged, key }) => match key.take() {
                Some((key, _)) if key == "<<" => return merge(merged, value, at),
                Some((key, _)) => drop(map.insert(key, value)),
                None => {}
            },
        }
        Ok(())
    }

    /// Remembers what an anchor names.
    fn keep(&mut self, anchor: usize, value: &Value, at: At) -> Result<(), YamlError> {
        if anchor == 0 {
            return Ok(());
        }
        let size = size(value);
        self.copy(size, at)?;
        self.anchors.insert(anchor, (value.clone(), size));
        Ok(())
    }

    /// Counts one more copy of a node, whether for an anchor or for an alias.
    fn copy(&mut self, size: Size, at: At) -> Result<(), YamlError> {
        self.copied_bytes += size.bytes;
        if self.copied_bytes > YAML_ALIAS_BYTES_MAX {
            let problem = "document contains excessive aliasing";
            return Err(wrong(at, problem, "the values themselves in place of the aliases"));
        }
        self.deep(self.open.len() + size.depth, at)
    }

    fn deep(&self, depth: usize, at: At) -> Result<(), YamlError> {
        if depth <= YAML_DEPTH_MAX {
            return Ok(());
        }
        let problem = format!("exceeded max depth of {YAML_DEPTH_MAX}");
        Err(YamlError { at, problem, instead: "less nesting" })
    }

    fn alias(&mut self, anchor: usize, at: At) -> Result<(), YamlError> {
        let Some((value, size)) = self.anchors.get(&anchor).cloned() else {
            return Err(wrong(at, "anchor value contains itself", "a value in place of the alias"));
        };
        self.copy(size, at)?;
        if self.wants_key() {
            let Value::String(key) = value else {
                return Err(wrong(at, "invalid map key", "a plain word as the key"));
            };
            self.set_key(key, at);
            return Ok(());
        }
        self.place(at);
        self.node(value, at)
    }
}

fn wrong(at: At, problem: &str, instead: &'static str) -> YamlError {
    YamlError { at, problem: problem.to_string(), instead }
}

/// What a copy of a node costs.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    /// Its text, and 16 for every node.
    bytes: usize,
    /// Levels of lists and maps.
    depth: usize,
}

fn size(value: &Value) -> Size {
    let mut todo = vec![(value, 0)];
    let mut size = Size::default();
    while let Some((value, depth)) = todo.pop() {
        size.bytes += 16;
        let inside = depth + 1;
        match value {
            Value::String(text) => size.bytes += text.len(),
            Value::Array(list) => todo.extend(list.iter().map(|value| (value, inside))),
            Value::Object(map) => {
                size.bytes += map.keys().map(String::len).sum::<usize>();
                todo.extend(map.values().map(|value| (value, inside)));
            }
            _ => continue,
        }
        size.depth = size.depth.max(inside);
    }
    size
}

fn merge(merged: &mut Map<String, Value>, value: Value, at: At) -> Result<(), YamlError> {
    const MERGE: &str = "map merge requires map or sequence of maps as the value";
    let maps = match value {
        Value::Array(list) => list,
        other => vec![other],
    };
    for map in maps {
        let Value::Object(map) = map else {
            return Err(wrong(at, MERGE, "an alias of a map behind <<"));
        };
        for (key, value) in map {
            merged.entry(key).or_insert(value);
        }
    }
    Ok(())
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>, at: At) -> Result<Value, YamlError> {
    let tag = tag.filter(|tag| tag.is_yaml_core_schema()).map(|tag| tag.suffix.as_str());
    if style != ScalarStyle::Plain && tag.is_none() || matches!(tag, Some("str" | "binary")) {
        return Ok(Value::String(text.to_string()));
    }
    yaml_scalar::resolve(text).map_err(|problem| YamlError {
        at,
        problem,
        instead: "a finite number",
    })
}

/// A key's text; what is not a string becomes one, as in the step to JSON.
fn key_text(
    text: &str,
    style: ScalarStyle,
    tag: Option<&Tag>,
    at: At,
) -> Result<String, YamlError> {
    match scalar(text, style, tag, at)? {
        Value::String(text) => Ok(text),
        Value::Null => Ok("null".to_string()),
        other => Ok(other.to_string()),
    }
}
