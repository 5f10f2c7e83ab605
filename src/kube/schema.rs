//! Kubernetes' types, as far as our kinds reach: what each message's fields are called, in JSON
//! and in protobuf, and when they are written.
//!
//! The table is `schema.table`, made by `tests/schema/trim.py` from the whole schema and read once.
//!
//! * Fields ascend by number: the order in which they are written.
//! * `always` fields are written even when empty; that is how Go's non-pointer fields come out, and
//!   what the length of every stored object depends on.
//! * An `inline` field is a message of its own in protobuf, and no level at all in JSON.
//!
//! Architecture invariant: knows shapes, no values and no meaning.

use std::sync::OnceLock;

/// What one field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Type {
    String,
    Int32,
    Int64,
    Bool,
    /// base64 in JSON.
    Bytes,
    /// Seconds; RFC 3339 in JSON.
    Time,
    /// Microseconds; RFC 3339 in JSON.
    MicroTime,
    /// Text such as `500m`.
    Quantity,
    /// A number or a text such as `25%`.
    IntOrString,
    /// JSON kept as bytes.
    FieldsV1,
    /// Another message, by its place in the table.
    Message(usize),
}

/// How many values a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Many {
    One,
    List,
    /// From strings.
    Map,
}

/// One field of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its number in protobuf.
    pub number: u32,
    /// Its name in JSON.
    pub name: &'static str,
    /// What it holds.
    pub ty: Type,
    /// How many.
    pub many: Many,
    /// Written even when empty.
    pub always: bool,
    /// No level of its own in JSON.
    pub inline: bool,
    /// The Go type's name where it is not the plain one.
    pub go: Option<&'static str>,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its name without the package.
    pub name: &'static str,
    /// Its fields, ascending by number.
    pub fields: Vec<Field>,
}

/// All messages.
#[derive(Debug, PartialEq, Eq)]
pub struct Schema {
    /// Ascending by name.
    pub messages: Vec<Message>,
}

impl Message {
    /// The field of this number.
    pub fn by_number(&self, number: u32) -> Option<&Field> {
        self.fields.iter().find(|field| field.number == number)
    }
}

impl Schema {
    /// The message of this name.
    pub fn message(&self, name: &str) -> Option<&Message> {
        let at = self.messages.binary_search_by(|message| message.name.cmp(name)).ok()?;
        self.messages.get(at)
    }

    /// The message at a place that a [`Type::Message`] names.
    pub fn at(&self, index: usize) -> &Message {
        &self.messages[index]
    }

    /// The field that `name` is in this message's JSON, looking through inline messages.
    pub fn json_field(&self, message: &Message, name: &str) -> Option<&Field> {
        self.messages.iter().find(|known| known.name == message.name)?.fields.iter().find_map(
            |field| match field.ty {
                Type::Message(index) if field.inline => self.json_field(self.at(index), name),
                _ => (field.name == name).then_some(field),
            },
        )
    }
}

/// The schema, read on first use.
pub fn schema() -> &'static Schema {
    static SCHEMA: OnceLock<Schema> = OnceLock::new();
    SCHEMA.get_or_init(|| read(include_str!("schema.table")))
}

fn read(table: &'static str) -> Schema {
    let names: Vec<_> = table.lines().filter_map(|line| line.strip_prefix("= ")).collect();
    let mut messages: Vec<Message> = Vec::with_capacity(names.len());
    for line in table.lines() {
        match (line.strip_prefix("= "), messages.last_mut()) {
            (Some(name), _) => messages.push(Message { name, fields: Vec::new() }),
            (None, Some(message)) => message.fields.extend(field(line, &names)),
            (None, None) => {}
        }
    }
    Schema { messages }
}

fn field(line: &'static str, names: &[&str]) -> Option<Field> {
    let mut words = line.split(' ');
    let number = words.next()?.parse().ok()?;
    let name = words.next()?;
    let kind = words.next()?;
    let flags = words.next().unwrap_or_default();
    let (flags, go) = match flags.split_once('#') {
        Some((flags, go)) => (flags, Some(go)),
        None => (flags, None),
    };
    let (many, kind) = match (kind.strip_prefix("[]"), kind.strip_prefix("{}")) {
        (Some(kind), _) => (Many::List, kind),
        (_, Some(kind)) => (Many::Map, kind),
        _ => (Many::One, kind),
    };
    let (always, inline) = (flags.contains('!'), flags.contains('*'));
    Some(Field { number, name, ty: type_of(kind, names)?, many, always, inline, go })
}

fn type_of(kind: &str, names: &[&str]) -> Option<Type> {
    Some(match kind {
        "s" => Type::String,
        "i" => Type::Int32,
        "l" => Type::Int64,
        "b" => Type::Bool,
        "y" => Type::Bytes,
        "Time" => Type::Time,
        "MicroTime" => Type::MicroTime,
        "Quantity" => Type::Quantity,
        "IntOrString" => Type::IntOrString,
        "FieldsV1" => Type::FieldsV1,
        name => Type::Message(names.binary_search(&name).ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_whole() {
        let table = include_str!("schema.table");
        let fields: usize = schema().messages.iter().map(|message| message.fields.len()).sum();
        assert_eq!(fields + schema().messages.len(), table.lines().count());
        assert!(schema().messages.is_sorted_by_key(|message| message.name));
    }

    #[test]
    fn inline_fields_are_looked_through() {
        let volume = schema().message("Volume").unwrap();
        let field = schema().json_field(volume, "configMap").unwrap();
        assert_eq!((field.number, field.always), (19, false));
        assert!(schema().json_field(volume, "volumeSource").is_none());
    }
}
