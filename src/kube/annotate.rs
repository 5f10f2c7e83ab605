//! What every stored byte means: the list behind the page's annotated hex.
//!
//! Protobuf bytes are walked by the schema; a transformer's output is cut into its prefix, key
//! name, nonce and ciphertext; JSON is one text. Each [`ByteSpan`] names its field and its role.
//!
//! * The spans cover every byte exactly once, in order, whatever the bytes are: what cannot be
//!   read is a span of role `unreadable`.
//! * A value that is empty has no span; its length says so.
//!
//! Architecture invariant: reads bytes; never decides anything with them.

use std::ops::Range;

use super::ByteSpan;
use super::decode::{Envelope, text};
use super::path::FieldPath;
use super::rfc3339;
use super::schema::{Field, Many, Message, Type, schema};
use super::wire::{Content, Item, Items, MAGIC};

/// Longest value shown, in characters.
const VALUE_CHARS_MAX: usize = 120;

/// Explains bytes as they are stored in etcd.
pub fn annotate(bytes: &[u8]) -> Vec<ByteSpan> {
    let mut notes = Notes { bytes, spans: Vec::new() };
    if bytes.starts_with(MAGIC) {
        notes.add(0..MAGIC.len(), 0, "", "magic", "protobuf from Kubernetes follows");
        notes.envelope();
    } else if bytes.starts_with(b"k8s:enc:") {
        notes.transformed();
    } else {
        let what = if bytes.first() == Some(&b'{') { "JSON" } else { "value" };
        notes.add(0..bytes.len(), 0, "", what, &shown(bytes));
    }
    notes.spans
}

struct Notes<'a> {
    bytes: &'a [u8],
    spans: Vec<ByteSpan>,
}

/// What is known of a field.
struct Known<'a> {
    path: FieldPath,
    field: Option<&'a Field>,
}

impl Notes<'_> {
    fn add(&mut self, range: Range<usize>, depth: u16, path: &str, role: &str, value: &str) {
        if range.is_empty() {
            return;
        }
        self.spans.push(ByteSpan {
            start: range.start as u32,
            end: range.end as u32,
            depth,
            path: path.to_string(),
            role: role.to_string(),
            value: value.to_string(),
        });
    }

    /// Walks the fields of a range; what is left when they cannot be read is one span.
    fn walk(&mut self, range: Range<usize>, depth: u16, mut each: impl FnMut(&mut Self, Item)) {
        let mut end = range.start;
        for item in Items::new(self.bytes, range.clone()) {
            match item {
                Ok(item) => {
                    end = content_range(&item.content).end;
                    each(self, item);
                }
                Err(malformed) => {
                    self.add(end..range.end, depth, "", "unreadable", &malformed.to_string());
                }
            }
        }
    }

    fn envelope(&mut self) {
        let bytes = self.bytes;
        let envelope = Envelope::read(bytes).unwrap_or_default();
        let message = schema().message(&envelope.kind);
        self.walk(MAGIC.len()..bytes.len(), 0, |notes, item| {
            let name = match item.field {
                1 => "typeMeta",
                2 => "raw",
                3 => "contentEncoding",
                4 => "contentType",
                _ => "unknown",
            };
            notes.head(&item, 0, name);
            let Content::Bytes(_, range) = &item.content else {
                return notes.add(content_range(&item.content), 0, name, "value", "");
            };
            match (item.field, message) {
                (1, _) => notes.parts(range.clone(), 1, name, &["apiVersion", "kind"]),
                (2, Some(message)) => {
                    notes.message(message, range.clone(), 1, &FieldPath::default());
                }
                _ => notes.add(range.clone(), 0, name, "value", &shown(&bytes[range.clone()])),
            }
        });
    }

    /// The tag and the length of a field, or its number.
    fn head(&mut self, item: &Item, depth: u16, path: &str) {
        let kind = match item.content {
            Content::Varint(..) => "number",
            Content::Bytes(..) => "bytes",
        };
        let value = format!("field {}, {kind}", item.field);
        self.add(item.tag.clone(), depth, path, "tag", &value);
        if let Content::Bytes(length, range) = &item.content {
            let value = match range.len() {
                0 => "empty".to_string(),
                1 => "1 byte".to_string(),
                more => format!("{more} bytes"),
            };
            self.add(length.clone(), depth, path, "length", &value);
        }
    }

    /// A message of strings and numbers whose fields count from 1.
    fn parts(&mut self, range: Range<usize>, depth: u16, path: &str, names: &[&str]) {
        self.walk(range, depth, |notes, item| {
            let name = names.get(item.field as usize - 1).copied().unwrap_or("unknown");
            let path = FieldPath::new(path).child(name).0;
            notes.head(&item, depth, &path);
            let value = match &item.content {
                Content::Varint(number, _) if name == "seconds" => {
                    format!("{number} = {}", rfc3339::format(*number as i64 % 253_402_300_800))
                }
                Content::Varint(number, _) => (*number as i64).to_string(),
                Content::Bytes(_, range) => shown(&notes.bytes[range.clone()]),
            };
            notes.add(content_range(&item.content), depth, &path, "value", &value);
        });
    }

    fn message(&mut self, message: &Message, range: Range<usize>, depth: u16, path: &FieldPath) {
        let mut seen = std::collections::BTreeMap::new();
        self.walk(range, depth, |notes, item| {
            let field = message.by_number(item.field);
            let name = field.map_or("unknown", |field| field.name);
            let index = seen.entry(item.field).or_insert(0usize);
            let path = match field {
                Some(field) if field.inline => path.clone(),
                Some(field) if field.many == Many::List => path.child(name).index(*index),
                _ => path.child(name),
            };
            *index += 1;
            match field {
                Some(field) if field.many == Many::Map => notes.entry(field, &item, depth, &path),
                field => notes.field(&Known { path, field }, &item, depth),
            }
        });
    }

    fn field(&mut self, known: &Known<'_>, item: &Item, depth: u16) {
        let path = match known.field {
            Some(field) if field.inline => known.path.child(field.name).0,
            _ => known.path.0.clone(),
        };
        self.head(item, depth, &path);
        self.content(known, item, depth, &path);
    }

    fn content(&mut self, known: &Known<'_>, item: &Item, depth: u16, path: &str) {
        let ty = known.field.map(|field| field.ty);
        let range = match &item.content {
            Content::Varint(number, range) => {
                let value = match ty {
                    Some(Type::Bool) => (*number != 0).to_string(),
                    _ => (*number as i64).to_string(),
                };
                self.add(range.clone(), depth, path, "value", &value);
                return;
            }
            Content::Bytes(_, range) => range.clone(),
        };
        let inside = depth + 1;
        match ty {
            Some(Type::Message(index)) => {
                self.message(schema().at(index), range, inside, &known.path);
            }
            Some(Type::Time | Type::MicroTime) => {
                self.parts(range, inside, path, &["seconds", "nanos"]);
            }
            Some(Type::Quantity) => self.parts(range, inside, path, &["string"]),
            Some(Type::FieldsV1) => self.parts(range, inside, path, &["raw"]),
            Some(Type::IntOrString) => {
                self.parts(range, inside, path, &["type", "intVal", "strVal"]);
            }
            _ => {
                let value = shown(&self.bytes[range.clone()]);
                self.add(range, depth, path, "value", &value);
            }
        }
    }

    /// One entry of a map: a message of a key (1) and a value (2).
    fn entry(&mut self, field: &Field, item: &Item, depth: u16, path: &FieldPath) {
        let Content::Bytes(_, range) = &item.content else {
            return self.field(&Known { path: path.clone(), field: None }, item, depth);
        };
        let bytes = self.bytes;
        let mut items = Items::new(bytes, range.clone());
        let key = items.find_map(|item| item.ok().filter(|item| item.field == 1));
        let path = path.key(&key.map_or(String::new(), |key| text(bytes, &key.content)));
        self.head(item, depth, &path.0);
        self.walk(range.clone(), depth + 1, |notes, item| {
            notes.head(&item, depth + 1, &path.0);
            if item.field == 1 {
                let range = content_range(&item.content);
                let value = shown(&bytes[range.clone()]);
                notes.add(range, depth + 1, &path.0, "key", &value);
                return;
            }
            let field = (item.field == 2).then_some(field);
            let known = Known { path: path.clone(), field };
            notes.content(&known, &item, depth + 1, &path.0);
        });
    }

    /// `k8s:enc:<provider>:v1:<key>:` and what the provider makes.
    fn transformed(&mut self) {
        let bytes = self.bytes;
        let colons: Vec<_> = (0..bytes.len()).filter(|at| bytes[*at] == b':').take(5).collect();
        let [_, second, third, fourth, fifth] = colons[..] else {
            return self.add(0..bytes.len(), 0, "", "unreadable", "a prefix cut short");
        };
        let provider = String::from_utf8_lossy(&bytes[second + 1..third]).into_owned();
        let text = |range: Range<usize>| shown(&bytes[range]);
        let prefix = format!("encrypted by {provider}");
        self.add(0..fourth + 1, 0, "", "prefix", &prefix);
        self.add(fourth + 1..fifth, 0, "", "key name", &text(fourth + 1..fifth));
        self.add(fifth..fifth + 1, 0, "", "separator", "\":\"");
        let parts: &[(&str, usize)] = match provider.as_str() {
            "aescbc" => &[("IV", 16), ("ciphertext", usize::MAX)],
            "aesgcm" => &[("nonce", 12), ("ciphertext", usize::MAX - 16), ("tag", 16)],
            "secretbox" => &[("nonce", 24), ("tag", 16), ("ciphertext", usize::MAX)],
            _ => &[("ciphertext", usize::MAX)],
        };
        let mut at = fifth + 1;
        for (role, length) in parts {
            // Lengths near the maximum mean: all but what must follow.
            let left = bytes.len() - at;
            let length = match usize::MAX - length {
                kept if kept <= 16 => left.saturating_sub(kept),
                _ => left.min(*length),
            };
            let value = format!("{length} bytes");
            self.add(at..at + length, 1, "", role, &value);
            at += length;
        }
    }
}

fn content_range(content: &Content) -> Range<usize> {
    match content {
        Content::Varint(_, range) | Content::Bytes(_, range) => range.clone(),
    }
}

/// Bytes as quoted text, cut when long.
fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let cut: String = text.chars().take(VALUE_CHARS_MAX).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!("{cut:?}{more}")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;
    use crate::kube::{encode::encode, kinds::Kind};

    #[test]
    fn a_config_map() {
        let kind = Kind::built_in("ConfigMap").unwrap();
        let object = json!({
            "metadata": {"name": "c", "creationTimestamp": "2026-01-02T03:04:05Z"},
            "data": {"a.b": "1"},
        });
        let bytes = encode(kind, &object).unwrap();
        let seen: String = annotate(&bytes)
            .iter()
            .map(|span| {
                let hex: String =
                    bytes[span.start as usize..span.end as usize].iter().map(hex).collect();
                let indent = " ".repeat(span.depth.into());
                let path = span.path.trim_start_matches("metadata.");
                format!("{indent}{hex} {path} {} {}\n", span.role, span.value)
            })
            .collect();
        expect![[r#"
            6b387300  magic protobuf from Kubernetes follows
            0a typeMeta tag field 1, bytes
            0f typeMeta length 15 bytes
             0a typeMeta.apiVersion tag field 1, bytes
             02 typeMeta.apiVersion length 2 bytes
             7631 typeMeta.apiVersion value "v1"
             12 typeMeta.kind tag field 2, bytes
             09 typeMeta.kind length 9 bytes
             436f6e6669674d6170 typeMeta.kind value "ConfigMap"
            12 raw tag field 2, bytes
            25 raw length 37 bytes
             0a metadata tag field 1, bytes
             19 metadata length 25 bytes
              0a name tag field 1, bytes
              01 name length 1 byte
              63 name value "c"
              12 generateName tag field 2, bytes
              00 generateName length empty
              1a namespace tag field 3, bytes
              00 namespace length empty
              22 selfLink tag field 4, bytes
              00 selfLink length empty
              2a uid tag field 5, bytes
              00 uid length empty
              32 resourceVersion tag field 6, bytes
              00 resourceVersion length empty
              38 generation tag field 7, number
              00 generation value 0
              42 creationTimestamp tag field 8, bytes
              08 creationTimestamp length 8 bytes
               08 creationTimestamp.seconds tag field 1, number
               a5ebdcca06 creationTimestamp.seconds value 1767323045 = 2026-01-02T03:04:05Z
               10 creationTimestamp.nanos tag field 2, number
               00 creationTimestamp.nanos value 0
             12 data[a.b] tag field 2, bytes
             08 data[a.b] length 8 bytes
              0a data[a.b] tag field 1, bytes
              03 data[a.b] length 3 bytes
              612e62 data[a.b] key "a.b"
              12 data[a.b] tag field 2, bytes
              01 data[a.b] length 1 byte
              31 data[a.b] value "1"
            1a contentEncoding tag field 3, bytes
            00 contentEncoding length empty
            22 contentType tag field 4, bytes
            00 contentType length empty
        "#]]
        .assert_eq(&seen);
    }

    fn hex(byte: &u8) -> String {
        format!("{byte:02x}")
    }
}
