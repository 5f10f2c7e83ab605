//! `kubectl explain` and `kubectl api-resources`: what the apiserver's kinds are made of.
//!
//! Types are those of [`schema`]; what is said about them is `explain.table`: of a message, or of
//! one of its fields; a `!` marks what must be given. Sentences are our own.
//!
//! Architecture invariant: asks nobody.
// Models kubectl pkg/explain/v2/templates/plaintext.tmpl and pkg/cmd/apiresources.

use super::kinds::{KINDS, Kind};
use super::kubectl_run::{Done, Session, no_type};
use super::kubectl_table::aligned;
use super::schema::{Field, Many, Message, Type, schema};
use super::status::Status;

/// Characters in a line of a description, without its indent.
const WIDTH: usize = 76;

/// What is said of a message or a field, and whether it must be given.
fn said(of: &str) -> Option<(&'static str, bool)> {
    include_str!("explain.table").lines().find_map(|line| {
        let (name, text) = line.split_once(' ')?;
        let plain = name.trim_end_matches('!');
        (plain == of).then_some((text, plain.len() < name.len()))
    })
}

/// A field by its name: its message, and the field; none for `apiVersion` and `kind`.
type Known = (&'static str, &'static str, Option<&'static Field>);

/// A message's fields as JSON has them, by name.
fn fields(message: &'static Message, root: bool) -> Vec<Known> {
    let mut all: Vec<Known> = Vec::new();
    if root {
        all.extend(["apiVersion", "kind"].map(|name| ("*", name, None)));
    }
    for field in &message.fields {
        match field.ty {
            Type::Message(at) if field.inline => all.extend(fields(schema().at(at), false)),
            _ => all.push((message.name, field.name, Some(field))),
        }
    }
    crate::sorted::sort_by(&mut all, |a, b| a.1.cmp(b.1));
    all
}

fn type_of(field: Option<&Field>) -> String {
    let Some(field) = field else { return "string".into() };
    let one = match field.ty {
        Type::String | Type::Bytes | Type::Time | Type::MicroTime => "string",
        Type::Int32 | Type::Int64 => "integer",
        Type::Bool => "boolean",
        Type::Quantity => "Quantity",
        Type::IntOrString => "IntOrString",
        Type::FieldsV1 => "object",
        Type::Message(at) => schema().at(at).name,
    };
    match field.many {
        Many::One => one.into(),
        Many::List => format!("[]{one}"),
        Many::Map => format!("map[string]{one}"),
    }
}

fn inside(field: Option<&Field>) -> Option<&'static Message> {
    match field?.ty {
        Type::Message(at) => Some(schema().at(at)),
        _ => None,
    }
}

/// `kubectl explain`
pub(super) fn explain(session: &Session) -> Done {
    let asked = &session.asked;
    let [what] = &asked.rest[..] else {
        return Err(match asked.rest.is_empty() {
            true => no_type("explain"),
            false => Status::local("We accept only this format: explain RESOURCE".into()),
        });
    };
    let mut path = what.split('.');
    let name = path.next().unwrap_or_default();
    let Some(kind) = Kind::of_resource(name) else {
        session.warn(&format!("the server doesn't have a resource type {name:?}"));
        return failed();
    };
    let group = match kind.group.as_ref() {
        "" => String::new(),
        group => format!("GROUP:      {group}\n"),
    };
    session.say(&format!("{group}KIND:       {}\nVERSION:    {}\n", kind.kind, kind.version));
    let Some(root) = kind.message.and_then(|message| schema().message(message)) else {
        return failed();
    };
    let (mut message, mut at): (_, Option<Known>) = (Some(root), None);
    let mut is_root = true;
    for name in path {
        let known = message.and_then(|it| fields(it, is_root).into_iter().find(|it| it.1 == name));
        let Some(known) = known else {
            return Err(Status::local(format!("field {name:?} does not exist")));
        };
        (message, at, is_root) = (inside(known.2), Some(known), false);
    }
    let mut out = String::new();
    if let Some((_, name, field)) = at {
        out += &format!("FIELD: {name} <{}>\n\n\n", type_of(field));
    }
    out += "DESCRIPTION:\n";
    let own = at.and_then(|(message, name, _)| said(&format!("{message}.{name}")));
    let texts: Vec<&str> =
        [own, message.and_then(|it| said(it.name))].into_iter().flatten().map(|it| it.0).collect();
    if texts.is_empty() {
        out += "    <empty>";
    }
    texts.iter().for_each(|text| out += &wrapped(text));
    out.push('\n');
    if let Some(message) = message {
        out += "FIELDS:\n";
        let recursive = asked.flag("recursive").is_some();
        listed(&mut out, message, is_root, (1, recursive));
    }
    session.say(&out);
    Ok(())
}

fn failed() -> Done {
    Err(Status::local(String::new()))
}

/// Deeper than that, `--recursive` stops: some types hold themselves.
const DEEPEST: usize = 12;

fn listed(out: &mut String, message: &'static Message, root: bool, (depth, all): (usize, bool)) {
    for (of, name, field) in fields(message, root) {
        let about = said(&format!("{of}.{name}"));
        let required = if about.is_some_and(|it| it.1) { " -required-" } else { "" };
        let indent = "  ".repeat(depth);
        *out += &format!("{indent}{name}\t<{}>{required}\n", type_of(field));
        match (all, inside(field)) {
            (true, Some(inside)) if depth < DEEPEST => listed(out, inside, false, (depth + 1, all)),
            (true, _) => {}
            (false, _) => *out += &wrapped(about.map_or("<no description>", |it| it.0)),
        }
        *out += if all { "" } else { "\n" };
    }
}

/// In lines of [`WIDTH`], four deep.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last_mut().map(|line| line.len()).unwrap_or(0);
        match last {
            0 => {}
            last if last + 1 + word.len() > WIDTH => lines.push(String::new()),
            _ => lines.last_mut().into_iter().for_each(|line| line.push(' ')),
        }
        lines.last_mut().into_iter().for_each(|line| line.push_str(word));
    }
    lines.iter().map(|line| format!("    {line}\n")).collect()
}

/// What can be done with every kind.
const VERBS: &str = "create,delete,deletecollection,get,list,patch,update,watch";

/// `kubectl api-resources`
pub(super) fn resources(session: &Session) -> Done {
    let asked = &session.asked;
    let mut kinds: Vec<&Kind> = KINDS.iter().collect();
    crate::sorted::sort_by(&mut kinds, |a, b| {
        (&*a.group, &*a.plural).cmp(&(&*b.group, &*b.plural))
    });
    if let Some(group) = asked.flag("api-group") {
        kinds.retain(|kind| kind.group == group);
    }
    if asked.flag("namespaced").is_some() || asked.is_off("namespaced") {
        kinds.retain(|kind| kind.namespaced != asked.is_off("namespaced"));
    }
    if asked.flag("output") == Some("name") {
        kinds.iter().for_each(|kind| session.say(&kind.resource()));
        return Ok(());
    }
    let wide = asked.flag("output") == Some("wide");
    let names = ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND", "VERBS", "CATEGORIES"];
    let shown = if wide { names.len() } else { 5 };
    let mut rows = Vec::new();
    if asked.flag("no-headers").is_none() {
        rows.push(names[..shown].iter().map(|name| name.to_string()).collect());
    }
    for kind in kinds {
        let all = ["pods", "services", "deployments", "replicasets"].contains(&&*kind.plural);
        let mut row = vec![
            kind.plural.to_string(),
            kind.short.join(","),
            kind.api_version(),
            kind.namespaced.to_string(),
            kind.kind.to_string(),
            VERBS.into(),
            if all { "all".into() } else { String::new() },
        ];
        row.truncate(shown);
        rows.push(row);
    }
    session.say(&aligned(&rows, 3, 6));
    Ok(())
}
