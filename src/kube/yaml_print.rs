//! Objects as YAML, the way kubectl prints them.
//!
//! Keys ascend, lists stand as deep as their key, and a text is quoted only where it would be read
//! as something else.
//!
//! Architecture invariant: a pure function of the value.
// Models sigs.k8s.io/yaml over its fork of go-yaml v2.

use serde_json::Value;

/// An object's YAML, without a line break at its end.
pub fn yaml(value: &Value) -> String {
    let mut out = String::new();
    block(&mut out, value, 0);
    out.trim_end_matches('\n').to_string()
}

/// The value on lines of its own, each `depth` deep.
fn block(out: &mut String, value: &Value, depth: usize) {
    let start = |out: &mut String, first: bool| {
        if !first {
            out.push_str(&" ".repeat(depth));
        }
    };
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (at, (key, value)) in map.iter().enumerate() {
                start(out, at == 0);
                out.push_str(&plain(key, depth));
                out.push(':');
                match value {
                    Value::Object(map) if !map.is_empty() => {
                        out.push_str(&format!("\n{}", " ".repeat(depth + 2)));
                        block(out, value, depth + 2);
                    }
                    Value::Array(list) if !list.is_empty() => {
                        out.push_str(&format!("\n{}", " ".repeat(depth)));
                        block(out, value, depth);
                    }
                    value => {
                        out.push(' ');
                        block(out, value, depth + 2);
                    }
                }
            }
        }
        Value::Array(list) if !list.is_empty() => {
            for (at, value) in list.iter().enumerate() {
                start(out, at == 0);
                out.push_str("- ");
                block(out, value, depth + 2);
            }
        }
        Value::String(text) => out.push_str(&format!("{}\n", plain(text, depth))),
        value => out.push_str(&format!("{value}\n")),
    }
}

/// A text as it stands behind a key `depth` deep.
fn plain(text: &str, depth: usize) -> String {
    let indent = " ".repeat(depth);
    if text.contains('\n') && !text.starts_with([' ', '\n']) {
        let keep = if text.ends_with("\n\n") {
            "+"
        } else if text.ends_with('\n') {
            ""
        } else {
            "-"
        };
        let lines: Vec<String> = text
            .strip_suffix('\n')
            .unwrap_or(text)
            .split('\n')
            .map(|line| if line.is_empty() { String::new() } else { format!("{indent}{line}") })
            .collect();
        return format!("|{keep}\n{}", lines.join("\n"));
    }
    if text.contains(|c: char| c.is_control()) {
        return format!("{text:?}");
    }
    let words = ["", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    let is_time = super::rfc3339::parse(text).is_ok();
    if words.contains(&text.to_ascii_lowercase().as_str()) || is_number(text) || is_time {
        return format!("{text:?}");
    }
    let begins = text.starts_with(|c| "-?:,[]{}#&*!|>'\"%@` =".contains(c));
    let follows = |c: char| text.contains(&format!("{c} ")) || text.ends_with(c);
    let odd = begins && !(text.starts_with('-') && !text.starts_with("- ") && text.len() > 1)
        || follows(':')
        || text.contains(" #")
        || text.ends_with(' ');
    if odd { format!("'{}'", text.replace('\'', "''")) } else { text.to_string() }
}

/// Whether a text would be read as a number.
fn is_number(text: &str) -> bool {
    let digits = text.trim_start_matches(['-', '+']);
    let known = |c: char| c.is_ascii_digit() || ".eE+-_".contains(c);
    digits.starts_with("0x")
        || digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
            && digits.chars().all(known)
            && digits.contains(|c: char| c.is_ascii_digit())
            && digits.matches('.').count() < 2
            && digits
                .bytes()
                .zip(digits.bytes().skip(1))
                .all(|(a, b)| !matches!(b, b'-' | b'+') || matches!(a, b'e' | b'E'))
            && !digits.ends_with(['e', 'E', '-', '+'])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn as_kubectl_prints() {
        let object = json!({
            "kind": "Pod", "metadata": {"labels": {"a": "1", "b": "true", "c": "x y"}},
            "spec": {
                "containers": [
                    {"args": ["-c", "a: b", "*", "- x"], "name": "web", "image": "nginx:1.25"},
                    {"name": "two", "ports": [{"containerPort": 80}], "resources": {}},
                ],
                "empty": [], "nothing": null, "time": "2026-01-01T00:00:00Z", "text": "a\nb\n",
            },
        });
        let expected = "\
kind: Pod
metadata:
  labels:
    a: \"1\"
    b: \"true\"
    c: x y
spec:
  containers:
  - args:
    - -c
    - 'a: b'
    - '*'
    - '- x'
    image: nginx:1.25
    name: web
  - name: two
    ports:
    - containerPort: 80
    resources: {}
  empty: []
  nothing: null
  text: |
    a
    b
  time: \"2026-01-01T00:00:00Z\"";
        assert_eq!(yaml(&object), expected);
        let read = super::super::yaml::read(&yaml(&object)).unwrap();
        assert_eq!(read[0].value, object);
    }
}
