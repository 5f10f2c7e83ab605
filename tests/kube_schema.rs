//! The compact schema table against the whole schema it was cut from.

use raftarium::kube::kinds::KINDS;
use raftarium::kube::schema::{Field, Many, Type, schema};
use serde_json::Value;

fn whole() -> serde_json::Map<String, Value> {
    serde_json::from_str(include_str!("schema/k8s-pb-schema.json")).unwrap()
}

fn type_name(field: &Field) -> String {
    let name = match field.ty {
        Type::String => "string",
        Type::Int32 => "int32",
        Type::Int64 => "int64",
        Type::Bool => "bool",
        Type::Bytes => "bytes",
        Type::Time => "Time",
        Type::MicroTime => "MicroTime",
        Type::Quantity => "Quantity",
        Type::IntOrString => "IntOrString",
        Type::FieldsV1 => "FieldsV1",
        Type::Message(index) => schema().at(index).name,
    };
    name.to_string()
}

#[test]
fn the_table_is_the_schema_of_our_kinds() {
    let whole = whole();
    let mut checked = 0;
    for message in &schema().messages {
        let of_name = |name: &&String| name.rsplit('.').next() == Some(message.name);
        let candidates: Vec<_> = whole.keys().filter(of_name).collect();
        let same = candidates.iter().any(|name| {
            let fields = whole[*name].as_array().unwrap();
            fields.len() == message.fields.len()
                && message.fields.iter().all(|field| {
                    let found = fields.iter().find(|known| known["n"] == field.number);
                    found.is_some_and(|known| is_same(field, known))
                })
        });
        assert!(same, "{} is not as in {candidates:?}", message.name);
        checked += 1;
    }
    assert!(checked > 190);
}

fn is_same(field: &Field, known: &Value) -> bool {
    let text = known["type"].as_str().unwrap();
    let (many, element) = match text.strip_prefix("map<") {
        Some(map) => (Many::Map, map.trim_end_matches('>').split(", ").nth(1).unwrap()),
        None if known["rep"] == true => (Many::List, text),
        None => (Many::One, text),
    };
    let inline = known["inline"] == true || field.name == "ephemeralContainerCommon";
    field.name == known["name"]
        && field.many == many
        && type_name(field) == element.rsplit('.').next().unwrap()
        && field.always == (known["presence"] == "always")
        && field.inline == inline
}

#[test]
fn every_kind_has_its_message() {
    for kind in KINDS.iter() {
        let message = schema().message(kind.message.unwrap()).unwrap();
        assert_eq!(message.fields[0].name, "metadata", "{}", kind.kind);
    }
}
