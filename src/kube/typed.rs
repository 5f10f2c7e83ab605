//! A value read as an object of its kind: every field known and of the right type, or an error that
//! says where.
//!
//! It does what decoding into Go's structs does on the apiserver, and answers the object in the
//! form that decoding its stored bytes would give: nulls and empty scalars left out, empty structs
//! there, times and numbers normalised.
//!
//! * A wrong type is reported alone, as Go stops there; unknown fields are all reported at once.
//! * Problems are in the order of the text, each with line and column.
//!
//! Caveats: of a custom object only `metadata` is checked. Keys given twice are reported in the
//! words of the server's own YAML decoder; a real kubectl drops them before.
//!
//! Architecture invariant: knows types, no rules: `replicas: -1` is fine here.
// Models sigs.k8s.io/json (error texts) and apimachinery's strict decoding.

use serde_json::{Map, Value};

use super::decode;
use super::kinds::Kind;
use super::path::{At, FieldPath, Places};
use super::quantity::Quantity;
use super::rfc3339;
use super::schema::{Field, Many, Message, Type, schema};
use super::status::Status;
use super::yaml::Document;
use crate::sorted::sort_by;

/// One thing that is wrong with an object's fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which field.
    pub path: FieldPath,
    /// Where, if the object came from a text.
    pub at: Option<At>,
    /// What, in Kubernetes' words.
    pub message: String,
}

/// Why a value is not an object of its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotTyped {
    /// What the apiserver answers.
    pub status: Status,
    /// Each problem with its place, in the order of the text.
    pub problems: Vec<Problem>,
}

/// Reads a document as an object of its kind.
///
/// # Errors
/// A wrong type, unknown fields, or keys given twice.
pub fn typed(kind: &Kind, document: &Document) -> Result<Value, Box<NotTyped>> {
    let mut reader =
        Reader { places: Some(&document.places), wrong: Vec::new(), unknown: Vec::new() };
    let object = reader.object(kind, &document.value);
    for duplicate in &document.duplicates {
        let (line, key) = (duplicate.at.line, &duplicate.key);
        let message =
            format!("yaml: unmarshal errors:\n  line {line}: key {key:?} already set in map");
        let at = Some(duplicate.at);
        reader.unknown.push(Problem { path: duplicate.path.clone(), at, message });
    }
    reader.answer(kind, object)
}

/// As [`typed`], for a value without a text.
///
/// # Errors
/// A wrong type or unknown fields.
pub fn typed_value(kind: &Kind, value: &Value) -> Result<Value, Box<NotTyped>> {
    let mut reader = Reader { places: None, wrong: Vec::new(), unknown: Vec::new() };
    let object = reader.object(kind, value);
    reader.answer(kind, object)
}

struct Reader<'a> {
    places: Option<&'a Places>,
    wrong: Vec<Problem>,
    unknown: Vec<Problem>,
}

/// Where the reader is.
#[derive(Clone)]
struct Here<'a> {
    path: FieldPath,
    /// The path without indices, as Go's messages have it.
    go: String,
    /// The struct that the field belongs to.
    of: &'a str,
}

fn by_place(problems: &mut [Problem]) {
    sort_by(problems, |one, other| one.at.cmp(&other.at));
}

impl Reader<'_> {
    fn answer(mut self, kind: &Kind, object: Value) -> Result<Value, Box<NotTyped>> {
        by_place(&mut self.wrong);
        by_place(&mut self.unknown);
        let text = match self.wrong.first() {
            Some(first) => first.message.clone(),
            None if self.unknown.is_empty() => return Ok(object),
            None => {
                let all: Vec<_> = self.unknown.iter().map(|p| p.message.as_str()).collect();
                format!("strict decoding error: {}", all.join(", "))
            }
        };
        let (name, version) = (&kind.kind, &kind.version);
        let message =
            format!("{name} in version {version:?} cannot be handled as a {name}: {text}");
        let mut problems = self.wrong;
        problems.extend(self.unknown);
        by_place(&mut problems);
        Err(Box::new(NotTyped { status: Status::bad_request(&message), problems }))
    }

    fn object(&mut self, kind: &Kind, value: &Value) -> Value {
        let root = Here { path: FieldPath::default(), go: String::new(), of: &kind.kind };
        let Value::Object(given) = value else {
            self.wrong(&root, value, &format!("v1.{}", kind.kind));
            return Value::Null;
        };
        let message = kind.message.and_then(|name| schema().message(name));
        let mut map = match message {
            Some(message) => self.message(message, given, &root),
            None => self.custom(given, &root),
        };
        for name in ["apiVersion", "kind"] {
            map.extend(given.get(name).map(|value| (name.to_string(), value.clone())));
        }
        Value::Object(map)
    }

    /// Everything stays as it is but `metadata`.
    fn custom(&mut self, given: &Map<String, Value>, root: &Here<'_>) -> Map<String, Value> {
        let mut map = given.clone();
        let at = schema().messages.binary_search_by(|message| message.name.cmp("ObjectMeta"));
        let (Ok(index), Some(meta)) = (at, given.get("metadata")) else {
            return map;
        };
        let here = root.step("metadata");
        if let Some(meta) = self.one(Type::Message(index), "v1.ObjectMeta", meta, &here) {
            map.insert("metadata".to_string(), meta);
        }
        map
    }

    fn at(&self, path: &FieldPath, key: bool) -> Option<At> {
        let place = self.places?.find(path)?;
        Some(if key { place.key } else { place.value })
    }

    fn wrong(&mut self, here: &Here<'_>, value: &Value, go_type: &str) {
        let what = match value {
            Value::Null => "null".to_string(),
            Value::Bool(_) => "bool".to_string(),
            Value::String(_) => "string".to_string(),
            Value::Array(_) => "array".to_string(),
            Value::Object(_) => "object".to_string(),
            Value::Number(number) if go_type.starts_with("int") => format!("number {number}"),
            Value::Number(_) => "number".to_string(),
        };
        let (of, go) = (here.of, &here.go);
        let field = match go.is_empty() {
            true => "value".to_string(),
            false => format!("struct field {of}.{go}"),
        };
        let text = format!("json: cannot unmarshal {what} into Go {field} of type {go_type}");
        self.refuse(here, text);
    }

    fn refuse(&mut self, here: &Here<'_>, message: String) {
        let at = self.at(&here.path, false);
        self.wrong.push(Problem { path: here.path.clone(), at, message });
    }

    fn message(
        &mut self,
        message: &Message,
        given: &Map<String, Value>,
        here: &Here<'_>,
    ) -> Map<String, Value> {
        let mut map = Map::new();
        let root = here.path.0.is_empty();
        for (name, value) in given {
            if root && matches!(name.as_str(), "apiVersion" | "kind") {
                continue;
            }
            let inside = Here { of: message.name, ..here.step(name) };
            let Some(field) = schema().json_field(message, name) else {
                let path = inside.path;
                let at = self.at(&path, true);
                let message = format!("unknown field \"{path}\"");
                self.unknown.push(Problem { path, at, message });
                continue;
            };
            if let Some(value) = self.field(field, value, &inside) {
                map.insert(name.clone(), value);
            }
        }
        decode::fill(&mut map, message);
        map
    }

    /// A field's value, unless it is the empty one that is not kept.
    fn field(&mut self, field: &Field, value: &Value, here: &Here<'_>) -> Option<Value> {
        if value.is_null() {
            return None;
        }
        let element = go_type(field);
        match (field.many, value) {
            (Many::One, value) => {
                let value = self.one(field.ty, &element, value, here)?;
                (!field.always || !decode::is_zero(&value)).then_some(value)
            }
            (Many::List, Value::Array(list)) => {
                let each = list.iter().enumerate().map(|(index, value)| {
                    let path = here.path.index(index);
                    self.element(field, &element, value, &Here { path, ..here.clone() })
                });
                let list: Vec<_> = each.collect();
                (!list.is_empty()).then_some(Value::Array(list))
            }
            (Many::Map, Value::Object(entries)) => {
                let each = entries.iter().map(|(key, value)| {
                    let here = Here { path: here.path.key(key), ..here.clone() };
                    (key.clone(), self.element(field, &element, value, &here))
                });
                let mut map = Map::new();
                map.extend(each);
                (!map.is_empty()).then_some(Value::Object(map))
            }
            (Many::List, _) => {
                self.wrong(here, value, &format!("[]{element}"));
                None
            }
            (Many::Map, _) => {
                let go_type = match field.ty {
                    Type::Quantity => "v1.ResourceList".to_string(),
                    _ => format!("map[string]{element}"),
                };
                self.wrong(here, value, &go_type);
                None
            }
        }
    }

    /// An element of a list or map, where null means the empty value.
    fn element(&mut self, field: &Field, go: &str, value: &Value, here: &Here<'_>) -> Value {
        let value = Some(value).filter(|value| !value.is_null());
        let found = value.and_then(|value| self.one(field.ty, go, value, here));
        found.or_else(|| decode::empty(field.ty)).unwrap_or_else(|| match field.ty {
            Type::Int32 | Type::Int64 => Value::from(0),
            Type::Bool => Value::from(false),
            _ => Value::from(""),
        })
    }

    /// One value of a type; none when it is wrong, or a time that is not set.
    fn one(&mut self, ty: Type, go: &str, value: &Value, here: &Here<'_>) -> Option<Value> {
        match (ty, value) {
            (Type::String, Value::String(_)) | (Type::Bool, Value::Bool(_)) => Some(value.clone()),
            (Type::FieldsV1, _) => Some(value.clone()),
            (Type::Int32, Value::Number(number)) => {
                let fits = number.as_i64().filter(|n| i32::try_from(*n).is_ok());
                self.some_or_wrong(fits.map(Value::from), here, value, go)
            }
            (Type::Int64, Value::Number(number)) => {
                self.some_or_wrong(number.as_i64().map(Value::from), here, value, go)
            }
            (Type::IntOrString, Value::String(_)) => Some(value.clone()),
            (Type::IntOrString, Value::Number(number)) => {
                let fits = number.as_i64().filter(|n| i32::try_from(*n).is_ok());
                self.some_or_refused(fits.map(Value::from), here, || {
                    format!("json: cannot unmarshal number {number} into Go value of type int32")
                })
            }
            (Type::Bytes, Value::String(text)) => self.base64(text, here),
            (Type::Time | Type::MicroTime, Value::String(text)) => match rfc3339::parse(text) {
                Ok(at) if ty == Type::MicroTime => Some(rfc3339::format_micro(at).into()),
                Ok(at) => Some(rfc3339::format(at.0).into()),
                Err(problem) => self.some_or_refused(None, here, || problem),
            },
            (Type::Quantity, Value::String(_) | Value::Number(_)) => {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_string);
                match Quantity::parse(text.trim()) {
                    Ok(_) => Some(Value::from(text.trim())),
                    Err(problem) => self.some_or_refused(None, here, || problem.to_string()),
                }
            }
            (Type::Message(index), Value::Object(given)) => {
                Some(self.message(schema().at(index), given, here).into())
            }
            _ => self.some_or_wrong(None, here, value, go),
        }
    }

    fn base64(&mut self, text: &str, here: &Here<'_>) -> Option<Value> {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;
        let decoded = STANDARD.decode(text).ok().map(|bytes| STANDARD.encode(bytes).into());
        self.some_or_refused(decoded, here, || {
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
            let end = text.find(|c| !fits(c)).unwrap_or(text.len());
            let end = if text[end..].starts_with('=') { text.len() } else { end };
            format!("illegal base64 data at input byte {}", end)
        })
    }

    fn some_or_wrong(
        &mut self,
        found: Option<Value>,
        here: &Here<'_>,
        value: &Value,
        go_type: &str,
    ) -> Option<Value> {
        if found.is_none() {
            self.wrong(here, value, go_type);
        }
        found
    }

    fn some_or_refused(
        &mut self,
        found: Option<Value>,
        here: &Here<'_>,
        text: impl FnOnce() -> String,
    ) -> Option<Value> {
        if found.is_none() {
            self.refuse(here, text());
        }
        found
    }
}

impl<'a> Here<'a> {
    fn step(&self, name: &str) -> Here<'a> {
        let go = match self.go.is_empty() {
            true => name.to_string(),
            false => format!("{}.{name}", self.go),
        };
        Here { path: self.path.child(name), go, of: self.of }
    }
}

/// The Go type of one value of a field.
fn go_type(field: &Field) -> String {
    match (field.go, field.ty) {
        (Some(go), _) if go.contains('.') => go.to_string(),
        (Some(go), _) => format!("v1.{go}"),
        (_, Type::String) => "string".to_string(),
        (_, Type::Int32) => "int32".to_string(),
        (_, Type::Int64) => "int64".to_string(),
        (_, Type::Bool) => "bool".to_string(),
        (_, Type::Bytes) => "[]uint8".to_string(),
        (_, Type::Quantity) => "resource.Quantity".to_string(),
        (_, Type::IntOrString) => "intstr.IntOrString".to_string(),
        (_, Type::Time) => "v1.Time".to_string(),
        (_, Type::MicroTime) => "v1.MicroTime".to_string(),
        (_, Type::FieldsV1) => "v1.FieldsV1".to_string(),
        (_, Type::Message(index)) => format!("v1.{}", schema().at(index).name),
    }
}

#[cfg(test)]
mod tests;
