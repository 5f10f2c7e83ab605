//! Stored bytes back into objects, as the apiserver prints them in JSON.
//!
//! * The inverse of [`super::encode`]: encoding the answer gives the same bytes.
//! * Empty scalars are left out, empty structs are shown (`status: {}`), as Go's JSON does;
//!   pointers are shown whenever they are set (`replicas: 0`).
//! * No bytes make it panic; fields the schema does not know are skipped.
//!
//! Caveats: Go shows some empty scalars too (a container status's `restartCount: 0`); here none is.
//!
//! Architecture invariant: a pure function of the bytes; knows nothing of transformers.

use std::fmt;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::kinds::Kind;
use super::rfc3339;
use super::schema::{Field, Many, Message, Type, schema};
use super::wire::{Content, Items, MAGIC, Malformed};

/// Bytes that are no object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecodable(pub String);

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Malformed> for Undecodable {
    fn from(malformed: Malformed) -> Self {
        Undecodable(malformed.to_string())
    }
}

/// The object that was stored, with `apiVersion` and `kind`.
///
/// # Errors
/// Damaged bytes, or a kind that is not known.
pub fn decode(bytes: &[u8]) -> Result<(Kind, Value), Undecodable> {
    if !bytes.starts_with(MAGIC) {
        return decode_json(bytes);
    }
    let envelope = Envelope::read(bytes)?;
    let kind = Kind::of(&envelope.api_version, &envelope.kind)
        .map_err(|status| Undecodable(status.message))?;
    let message = kind.message.and_then(|name| schema().message(name));
    let message = message.ok_or_else(|| Undecodable(format!("{} is no protobuf", kind.kind)))?;
    let mut map = message_map(message, bytes, envelope.object)?;
    map.insert("apiVersion".into(), Value::from(envelope.api_version));
    map.insert("kind".into(), Value::from(envelope.kind));
    Ok((kind, Value::Object(map)))
}

fn decode_json(bytes: &[u8]) -> Result<(Kind, Value), Undecodable> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| {
        Undecodable(format!("couldn't get version/kind; json parse error: {error}"))
    })?;
    let kind = Kind::of_object(&value).map_err(|status| Undecodable(status.message))?;
    Ok((kind, value))
}

/// What stands round the object in the stored bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Envelope {
    /// `apps/v1`.
    pub api_version: String,
    /// `Deployment`.
    pub kind: String,
    /// Where the object's message is.
    pub object: Range<usize>,
}

impl Envelope {
    /// Reads the envelope of bytes that begin with [`MAGIC`].
    ///
    /// # Errors
    /// Damaged bytes.
    pub fn read(bytes: &[u8]) -> Result<Envelope, Malformed> {
        let mut envelope = Envelope::default();
        for item in Items::new(bytes, MAGIC.len()..bytes.len()) {
            let item = item?;
            match (item.field, item.content) {
                (1, Content::Bytes(_, range)) => envelope.read_type(bytes, range)?,
                (2, Content::Bytes(_, range)) => envelope.object = range,
                _ => {}
            }
        }
        Ok(envelope)
    }

    fn read_type(&mut self, bytes: &[u8], range: Range<usize>) -> Result<(), Malformed> {
        for item in Items::new(bytes, range) {
            match item? {
                item if item.field == 1 => self.api_version = text(bytes, &item.content),
                item if item.field == 2 => self.kind = text(bytes, &item.content),
                _ => {}
            }
        }
        Ok(())
    }
}

/// A string, every invalid sequence replaced.
pub(super) fn text(bytes: &[u8], content: &Content) -> String {
    match content {
        Content::Bytes(_, range) => String::from_utf8_lossy(&bytes[range.clone()]).into_owned(),
        Content::Varint(..) => String::new(),
    }
}

type Decoded<T> = Result<T, Malformed>;

fn message_map(
    message: &Message,
    bytes: &[u8],
    range: Range<usize>,
) -> Decoded<Map<String, Value>> {
    let mut map = Map::new();
    for item in Items::new(bytes, range) {
        let item = item?;
        let Some(field) = message.by_number(item.field) else {
            continue;
        };
        put(&mut map, field, bytes, &item.content)?;
    }
    fill(&mut map, message);
    Ok(map)
}

/// Adds the empty structs that are no pointers, as Go's JSON shows them.
pub(super) fn fill(map: &mut Map<String, Value>, message: &Message) {
    for field in message.fields.iter().filter(|field| field.always && field.many == Many::One) {
        match field.ty {
            Type::Message(index) if field.inline => fill(map, schema().at(index)),
            ty if !map.contains_key(field.name) => {
                map.extend(empty(ty).map(|value| (field.name.to_string(), value)));
            }
            _ => {}
        }
    }
}

/// What an empty field that is no pointer looks like in JSON, if it is shown at all.
pub(super) fn empty(ty: Type) -> Option<Value> {
    match ty {
        Type::Message(index) => {
            let mut map = Map::new();
            fill(&mut map, schema().at(index));
            Some(Value::Object(map))
        }
        Type::IntOrString => Some(Value::from(0)),
        Type::Quantity => Some(Value::from("0")),
        _ => None,
    }
}

fn put(
    map: &mut Map<String, Value>,
    field: &Field,
    bytes: &[u8],
    content: &Content,
) -> Decoded<()> {
    if field.inline {
        if let (Type::Message(index), Content::Bytes(_, range)) = (field.ty, content) {
            map.extend(message_map(schema().at(index), bytes, range.clone())?);
        }
        return Ok(());
    }
    match field.many {
        Many::One => {
            let value = value(field, bytes, content)?;
            if let Some(value) = value.filter(|value| !(field.always && is_zero(value))) {
                map.insert(field.name.to_string(), value);
            }
        }
        Many::List => {
            let value = value(field, bytes, content)?.unwrap_or_default();
            let list = map.entry(field.name).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(list) = list {
                list.push(value);
            }
        }
        Many::Map => {
            let (key, value) = entry(field, bytes, content)?;
            let entries = map.entry(field.name).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(entries) = entries {
                entries.insert(key, value);
            }
        }
    }
    Ok(())
}

/// Whether a scalar is the empty one.
pub(super) fn is_zero(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Bool(yes) => !yes,
        Value::Number(number) => number.as_i64() == Some(0),
        _ => false,
    }
}

fn entry(field: &Field, bytes: &[u8], content: &Content) -> Decoded<(String, Value)> {
    let (mut key, mut found) = (String::new(), None);
    if let Content::Bytes(_, range) = content {
        for item in Items::new(bytes, range.clone()) {
            match item? {
                item if item.field == 1 => key = text(bytes, &item.content),
                item if item.field == 2 => found = value(field, bytes, &item.content)?,
                _ => {}
            }
        }
    }
    Ok((key, found.unwrap_or_else(|| Value::from(""))))
}

/// One value; none for a time that is not set.
fn value(field: &Field, bytes: &[u8], content: &Content) -> Decoded<Option<Value>> {
    let range = match content {
        Content::Bytes(_, range) => range.clone(),
        Content::Varint(number, _) => {
            let number = *number as i64;
            return Ok(Some(match field.ty {
                Type::Bool => Value::from(number != 0),
                Type::Int32 => Value::from(number as i32),
                _ => Value::from(number),
            }));
        }
    };
    Ok(match field.ty {
        Type::Bytes => Some(Value::from(STANDARD.encode(&bytes[range]))),
        Type::Time => numbers(bytes, range)?.map(|(seconds, _)| rfc3339::format(seconds).into()),
        Type::MicroTime => numbers(bytes, range)?.map(|at| rfc3339::format_micro(at).into()),
        Type::Quantity => Some(Value::from(first_text(bytes, range)?)),
        Type::FieldsV1 => serde_json::from_str(&first_text(bytes, range)?).ok(),
        Type::IntOrString => Some(int_or_string(bytes, range)?),
        Type::Message(index) => Some(message_map(schema().at(index), bytes, range)?.into()),
        _ => Some(Value::from(text(bytes, content))),
    })
}

/// Seconds and nanoseconds; none when both are left out, which is Go's zero time.
fn numbers(bytes: &[u8], range: Range<usize>) -> Decoded<Option<rfc3339::Instant>> {
    let (mut at, empty) = ((0, 0), range.is_empty());
    for item in Items::new(bytes, range) {
        let item = item?;
        match (item.field, item.content) {
            (1, Content::Varint(number, _)) => at.0 = number as i64,
            (2, Content::Varint(number, _)) => at.1 = (number as u32).min(999_999_999),
            _ => {}
        }
    }
    // Beyond the years 0 to 9999 there is no RFC 3339.
    let fits = (-62_167_219_200..253_402_300_800).contains(&at.0);
    Ok((!empty && fits).then_some(at))
}

fn first_text(bytes: &[u8], range: Range<usize>) -> Decoded<String> {
    let mut found = String::new();
    for item in Items::new(bytes, range) {
        match item? {
            item if item.field == 1 => found = text(bytes, &item.content),
            _ => {}
        }
    }
    Ok(found)
}

fn int_or_string(bytes: &[u8], range: Range<usize>) -> Decoded<Value> {
    let (mut is_text, mut number, mut string) = (false, 0i32, String::new());
    for item in Items::new(bytes, range) {
        let item = item?;
        match (item.field, &item.content) {
            (1, Content::Varint(kind, _)) => is_text = *kind == 1,
            (2, Content::Varint(found, _)) => number = *found as i32,
            (3, content) => string = text(bytes, content),
            _ => {}
        }
    }
    Ok(if is_text { Value::from(string) } else { Value::from(number) })
}
