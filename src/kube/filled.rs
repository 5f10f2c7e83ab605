//! Objects written as JSON text with gaps, and fields found by their path.
//!
//! What `json!` and indexing do, as data and one function each: they become code at every place
//! they are used, and controllers use them everywhere.
//!
//! Architecture invariant: knows JSON, no kind.

use serde_json::Value;

/// The object of a text in which `"$0"`, `"$1"`, … stand for these values.
pub fn filled(text: &'static str, values: &[Value]) -> Value {
    let mut object = serde_json::from_str(text).unwrap_or_default();
    fill(&mut object, values);
    object
}

fn fill(object: &mut Value, values: &[Value]) {
    match object {
        Value::Object(map) => map.values_mut().for_each(|value| fill(value, values)),
        Value::Array(list) => list.iter_mut().for_each(|value| fill(value, values)),
        Value::String(text) => {
            let gap = text.strip_prefix('$').and_then(|gap| gap.parse::<usize>().ok());
            if let Some(value) = gap.and_then(|gap| values.get(gap)) {
                *object = value.clone();
            }
        }
        _ => {}
    }
}

/// The field at a path such as `status.conditions.0.type`; null when there is none.
pub fn at<'a>(mut object: &'a Value, path: &str) -> &'a Value {
    for part in path.split('.') {
        let found = match object {
            Value::Array(list) => part.parse::<usize>().ok().and_then(|at| list.get(at)),
            object => object.get(part),
        };
        object = found.unwrap_or(&Value::Null);
    }
    object
}

/// The text at a path; empty when there is none.
pub fn text<'a>(object: &'a Value, path: &str) -> &'a str {
    at(object, path).as_str().unwrap_or_default()
}

/// The whole number at a path; 0 when there is none.
pub fn number(object: &Value, path: &str) -> i64 {
    at(object, path).as_i64().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn gaps_are_filled() {
        let text = r#"{"a": "$1", "b": ["$0", "$"], "c": 3}"#;
        let object = filled(text, &[json!([1]), json!("x")]);
        assert_eq!(object, json!({"a": "x", "b": [[1], "$"], "c": 3}));
        assert_eq!((at(&object, "b.0.0"), at(&object, "b.x.y")), (&json!(1), &Value::Null));
    }
}
