//! Objects into the exact bytes that Kubernetes stores.
//!
//! A built-in object becomes `k8s\0` and the protobuf message `Unknown`: the type (field 1), the
//! object (field 2), an empty content encoding (3) and content type (4). A custom object becomes
//! JSON as Go writes it: keys sorted, `<`, `>` and `&` escaped, a line break at the end.
//!
//! * Driven by the [`schema`] alone; no kind has code of its own.
//! * Fields ascend by number, maps by key.
//! * `metadata.resourceVersion` and `metadata.selfLink` are never stored.
//!
//! Caveats: JSON of a built-in object has its keys in alphabetical order too, where Go writes them
//! as its types have them. Of a custom object's numbers only what serde_json keeps (64 bits,
//! doubles) is kept.
//!
//! Architecture invariant: a pure function of the object; adds no default and checks no rule.
// Models apimachinery pkg/runtime/serializer/protobuf and the generated Marshal functions.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::kinds::Kind;
use super::path::FieldPath;
use super::rfc3339;
use super::schema::{Field, Many, Message, Type, schema};
use super::setup::Media;
use super::wire::{MAGIC, put_bytes, put_int, put_varint};

/// A value that its type cannot hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unencodable {
    /// Which field.
    pub path: FieldPath,
    /// What the schema wants there.
    pub expected: &'static str,
}

impl std::fmt::Display for Unencodable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot encode {}: expected {}", self.path, self.expected)
    }
}

/// The bytes of an object as the flag `--storage-media-type` wants them; a custom object is JSON in
/// any case.
///
/// # Errors
/// As [`encode`].
pub fn encode_as(media: Media, kind: &Kind, object: &Value) -> Result<Vec<u8>, Unencodable> {
    match media {
        Media::Protobuf => encode(kind, object),
        Media::Json => Ok(json(&without_cleared(object)).into_bytes()),
    }
}

/// The bytes of an object, before any transformer.
///
/// # Errors
/// A field that is not what the schema says; [`super::typed`] finds those earlier, with positions.
pub fn encode(kind: &Kind, object: &Value) -> Result<Vec<u8>, Unencodable> {
    let Some(message) = kind.message.and_then(|name| schema().message(name)) else {
        return Ok(json(&without_cleared(object)).into_bytes());
    };
    let mut type_meta = Vec::new();
    put_bytes(&mut type_meta, 1, kind.api_version().as_bytes());
    put_bytes(&mut type_meta, 2, kind.kind.as_bytes());
    let raw = encode_message(message, &without_cleared(object), &FieldPath::default())?;
    let mut out = Vec::with_capacity(raw.len() + type_meta.len() + 16);
    out.extend_from_slice(MAGIC);
    put_bytes(&mut out, 1, &type_meta);
    put_bytes(&mut out, 2, &raw);
    put_bytes(&mut out, 3, b"");
    put_bytes(&mut out, 4, b"");
    Ok(out)
}

fn without_cleared(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(Value::Object(meta)) = object.get_mut("metadata") {
        meta.remove("resourceVersion");
        meta.remove("selfLink");
    }
    object
}

/// JSON as Go's encoder writes it.
pub fn json(value: &Value) -> String {
    let mut out = String::new();
    for c in value.to_string().chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('\n');
    out
}

type Encoded = Result<Vec<u8>, Unencodable>;

fn encode_message(message: &Message, object: &Value, path: &FieldPath) -> Encoded {
    let Value::Object(map) = object else {
        return Err(Unencodable { path: path.clone(), expected: "an object" });
    };
    let mut out = Vec::new();
    for field in &message.fields {
        if field.inline {
            let bytes = element(field, Some(object), path)?;
            put_bytes(&mut out, field.number, &bytes);
            continue;
        }
        let path = path.child(field.name);
        let value = map.get(field.name).filter(|value| !value.is_null());
        match (field.many, value) {
            (Many::List, Some(Value::Array(list))) => {
                for (index, value) in list.iter().enumerate() {
                    one(&mut out, field, Some(value), &path.index(index))?;
                }
            }
            (Many::Map, Some(Value::Object(entries))) => {
                encode_map(&mut out, field, entries, &path)?;
            }
            (Many::List, Some(_)) => return Err(Unencodable { path, expected: "a list" }),
            (Many::Map, Some(_)) => return Err(Unencodable { path, expected: "a map" }),
            (Many::One, value) if field.always || value.is_some() => {
                one(&mut out, field, value, &path)?;
            }
            _ => {}
        }
    }
    Ok(out)
}

/// Entries ascend by key, as [`Map`] keeps them.
fn encode_map(
    out: &mut Vec<u8>,
    field: &Field,
    entries: &Map<String, Value>,
    path: &FieldPath,
) -> Result<(), Unencodable> {
    for (key, value) in entries {
        let mut entry = Vec::new();
        put_bytes(&mut entry, 1, key.as_bytes());
        let value = Some(value).filter(|value| !value.is_null());
        put_bytes(&mut entry, 2, &element(field, value, &path.key(key))?);
        put_bytes(out, field.number, &entry);
    }
    Ok(())
}

/// One value with its tag; no value is the empty one.
fn one(
    out: &mut Vec<u8>,
    field: &Field,
    value: Option<&Value>,
    path: &FieldPath,
) -> Result<(), Unencodable> {
    let wrong = |expected| Unencodable { path: path.clone(), expected };
    match (field.ty, value) {
        (Type::Int32 | Type::Int64, value) => {
            let number = value.map_or(Some(0), Value::as_i64);
            put_int(out, field.number, number.ok_or_else(|| wrong("an integer"))?);
        }
        (Type::Bool, value) => {
            let yes = value.map_or(Some(false), Value::as_bool);
            put_int(out, field.number, i64::from(yes.ok_or_else(|| wrong("true or false"))?));
        }
        (_, value) => put_bytes(out, field.number, &element(field, value, path)?),
    }
    Ok(())
}

/// The bytes of a value that is length-prefixed on the wire.
fn element(field: &Field, value: Option<&Value>, path: &FieldPath) -> Encoded {
    let wrong = |expected| Unencodable { path: path.clone(), expected };
    let text = value.map_or(Some(""), Value::as_str);
    match field.ty {
        Type::String => Ok(text.ok_or_else(|| wrong("a string"))?.as_bytes().to_vec()),
        Type::Bytes => {
            let bytes = text.and_then(|text| STANDARD.decode(text).ok());
            bytes.ok_or_else(|| wrong("base64"))
        }
        Type::Time | Type::MicroTime => {
            let Some(text) = value.map(|value| value.as_str().ok_or_else(|| wrong("a time")))
            else {
                return Ok(Vec::new());
            };
            let instant = rfc3339::parse(text?).map_err(|_| wrong("a time"))?;
            Ok(time(instant, field.ty))
        }
        Type::Quantity => {
            let text = text.map(|text| if text.is_empty() { "0" } else { text });
            let mut out = Vec::new();
            put_bytes(&mut out, 1, text.ok_or_else(|| wrong("a quantity"))?.as_bytes());
            Ok(out)
        }
        Type::IntOrString => int_or_string(value).ok_or_else(|| wrong("a number or a string")),
        Type::FieldsV1 => {
            let mut out = Vec::new();
            let raw = value.map(Value::to_string).unwrap_or_default();
            put_bytes(&mut out, 1, raw.as_bytes());
            Ok(out)
        }
        Type::Message(index) => {
            let empty = Value::Object(Map::new());
            encode_message(schema().at(index), value.unwrap_or(&empty), path)
        }
        Type::Int32 | Type::Int64 | Type::Bool => Err(wrong("no map or inline of numbers")),
    }
}

fn time((seconds, nanos): rfc3339::Instant, ty: Type) -> Vec<u8> {
    let mut out = Vec::new();
    put_int(&mut out, 1, seconds);
    let nanos = if ty == Type::MicroTime { nanos / 1000 * 1000 } else { 0 };
    put_int(&mut out, 2, i64::from(nanos));
    out
}

fn int_or_string(value: Option<&Value>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (kind, number, text) = match value {
        None => (0, 0, ""),
        Some(Value::String(text)) => (1, 0, text.as_str()),
        Some(value) => (0, value.as_i64()?, ""),
    };
    put_int(&mut out, 1, kind);
    put_varint(&mut out, 2 << 3);
    put_varint(&mut out, number as u64);
    put_bytes(&mut out, 3, text.as_bytes());
    Some(out)
}
