//! `-o jsonpath=…` and `-o custom-columns=…`: parts of objects as text.
//!
//! In a template `{…}` stands for what a path finds: `.a.b`, `['a']`, `[0]`, `[-1]`, `[*]`,
//! `[?(@.a=="b")]`, `@`, `$`, `"text"`, and `range … end` around what is repeated.
//!
//! Caveats: no `..`, no slices, no unions; filters compare with a text by `==` or `!=`.
//!
//! Architecture invariant: template and objects in, text out.
// Models client-go util/jsonpath.

use serde_json::Value;

/// A part of a template.
#[derive(Debug)]
enum Part<'a> {
    Text(&'a str),
    Inside(&'a str),
}

fn parts(template: &str) -> Result<Vec<Part<'_>>, String> {
    let (mut parts, mut rest) = (Vec::new(), template);
    while let Some(open) = rest.find('{') {
        if open > 0 {
            parts.push(Part::Text(&rest[..open]));
        }
        let close = rest[open..].find('}');
        let close = close.ok_or(format!("error parsing jsonpath {template}, unclosed action"))?;
        parts.push(Part::Inside(rest[open + 1..open + close].trim()));
        rest = &rest[open + close + 1..];
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    Ok(parts)
}

/// Whether a template can be read.
///
/// # Errors
/// What kubectl says.
pub fn check(template: &str) -> Result<(), String> {
    parts(template).map(|_| ())
}

/// What a template becomes.
pub fn print(template: &str, object: &Value) -> String {
    let parts = parts(template).unwrap_or_default();
    let mut out = String::new();
    run(&parts, object, object, &mut out);
    out
}

/// Runs parts up to the end of the range they are in; how many.
fn run(parts: &[Part<'_>], root: &Value, here: &Value, out: &mut String) -> usize {
    let mut at = 0;
    while at < parts.len() {
        match parts[at] {
            Part::Text(text) => *out += text,
            Part::Inside("end") => return at,
            Part::Inside(inside) => match inside.strip_prefix("range ") {
                Some(path) => {
                    let found = find(path.trim(), root, here);
                    let mut body = 0;
                    for one in &found {
                        body = run(&parts[at + 1..], root, one, out);
                    }
                    if found.is_empty() {
                        body = run(&parts[at + 1..], root, &Value::Null, &mut String::new());
                    }
                    at += body + 1;
                }
                None => *out += &value(inside, root, here),
            },
        }
        at += 1;
    }
    at
}

/// What stands between braces: paths and texts, the results of one path apart by spaces.
fn value(inside: &str, root: &Value, here: &Value) -> String {
    if let Some(quoted) = inside.strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
        return quoted.replace("\\n", "\n").replace("\\t", "\t").replace("\\\"", "\"");
    }
    let found = find(inside, root, here);
    found.into_iter().map(plain).collect::<Vec<_>>().join(" ")
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// What a path finds.
fn find<'a>(path: &str, root: &'a Value, here: &'a Value) -> Vec<&'a Value> {
    let (mut found, mut rest) = match (path.strip_prefix('$'), path.strip_prefix('@')) {
        (Some(rest), _) => (vec![root], rest),
        (_, Some(rest)) => (vec![here], rest),
        _ => (vec![here], path),
    };
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let Some(close) = inner.find(']') else { return Vec::new() };
            let step = &inner[..close];
            found = found.into_iter().flat_map(|value| bracket(step, value)).collect();
            rest = &inner[close + 1..];
            continue;
        }
        rest = rest.strip_prefix('.').unwrap_or(rest);
        let end = name_end(rest);
        let name = rest[..end].replace("\\.", ".");
        rest = &rest[end..];
        match name.as_str() {
            "" => {}
            "*" => found = found.into_iter().flat_map(|value| bracket("*", value)).collect(),
            name => found = found.into_iter().filter_map(|value| value.get(name)).collect(),
        }
        if end == 0 && !rest.starts_with(['.', '[']) {
            return Vec::new();
        }
    }
    found
}

/// Up to a dot or bracket that is not masked.
fn name_end(text: &str) -> usize {
    let mut masked = false;
    for (at, c) in text.char_indices() {
        match c {
            '.' | '[' if !masked => return at,
            c => masked = c == '\\',
        }
    }
    text.len()
}

fn bracket<'a>(step: &str, value: &'a Value) -> Vec<&'a Value> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    if step == "*" {
        let map = value.as_object().into_iter().flatten().map(|(_, value)| value);
        return list.iter().chain(map).collect();
    }
    if let Some(filter) = step.strip_prefix("?(").and_then(|it| it.strip_suffix(')')) {
        let (path, wanted, same) = match (filter.split_once("=="), filter.split_once("!=")) {
            (Some((path, wanted)), _) => (path, wanted, true),
            (_, Some((path, wanted))) => (path, wanted, false),
            _ => (filter, "", false),
        };
        let wanted = wanted.trim().trim_matches(['"', '\'']);
        let fits = |one: &&Value| {
            let found = find(path.trim(), one, one);
            (found.first().map(|it| plain(it)).as_deref().unwrap_or_default() == wanted) == same
        };
        return list.iter().filter(fits).collect();
    }
    if let Some(name) = step.strip_prefix('\'').and_then(|it| it.strip_suffix('\'')) {
        return value.get(name).into_iter().collect();
    }
    let Ok(place) = step.parse::<i64>() else { return Vec::new() };
    let place = if place < 0 { list.len() as i64 + place } else { place };
    usize::try_from(place).ok().and_then(|place| list.get(place)).into_iter().collect()
}

/// `NAME:.metadata.name,NODE:.spec.nodeName` as rows.
pub fn columns(columns: &str, objects: &[Value]) -> Vec<Vec<String>> {
    let columns: Vec<(&str, &str)> =
        columns.split(',').map(|it| it.split_once(':').unwrap_or((it, ""))).collect();
    let mut rows = vec![columns.iter().map(|(name, _)| name.to_string()).collect()];
    for object in objects {
        let cell = |(_, path): &(&str, &str)| {
            let found = find(path.trim_matches(['{', '}']), object, object);
            match found.is_empty() {
                true => "<none>".to_string(),
                false => found.into_iter().map(plain).collect::<Vec<_>>().join(","),
            }
        };
        rows.push(columns.iter().map(cell).collect());
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let object = serde_json::json!({"items": [
            {"name": "a", "kind": "x", "labels": {"app.io/name": "n"}, "list": [1, 2, 3]},
            {"name": "b", "kind": "y"},
        ]});
        let cases = [
            ("{.items[*].name}", "a b"),
            ("{.items[-1].name}!", "b!"),
            ("{range .items[*]}{.name}{\"\\t\"}{.kind}{\"\\n\"}{end}.", "a\tx\nb\ty\n."),
            ("{.items[?(@.kind==\"y\")].name}", "b"),
            ("{.items[0].labels.app\\.io/name}", "n"),
            ("{.items[0]['name']}", "a"),
            ("{.items[0].list}", "[1,2,3]"),
            ("{.nothing}", ""),
            ("{.items[0]", ""),
        ];
        for (template, expected) in cases {
            assert_eq!(print(template, &object), expected, "{template}");
        }
        assert_eq!(check("{.a").unwrap_err(), "error parsing jsonpath {.a, unclosed action");
        let rows = columns("N:.name,K:.nothing", object["items"].as_array().unwrap());
        assert_eq!(rows, [["N", "K"], ["a", "<none>"], ["b", "<none>"]]);
    }
}
