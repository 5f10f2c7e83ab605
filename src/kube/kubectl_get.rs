//! `kubectl get` and `kubectl events`.
//!
//! Architecture invariant: as [`super::kubectl_run`].
// Models kubectl pkg/cmd/{get,events}.

use serde_json::Value;

use super::apiserver_write::now_ms;
use super::filled::{at, filled, text};
use super::kinds::Kind;
use super::kubectl_describe::{by_time, seen};
use super::kubectl_run::{Done, Session, Thing, name_and_selector, no_type};
use super::kubectl_table::{How, aligned, rows};
use super::kubectl_words::kind;
use super::status::Status;
use super::{kubectl_path, kubectl_raw, object, yaml_print};
use crate::sorted::SortedMap;

/// What `-o` takes, as kubectl lists it.
const FORMATS: &str = "custom-columns,custom-columns-file,go-template,go-template-file,json,\
    jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,wide,yaml";

/// How objects are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Output<'a> {
    Table,
    Wide,
    Yaml,
    Json,
    Name,
    Path(&'a str),
    Columns(&'a str),
}

impl Output<'_> {
    fn read(format: &str) -> Result<Output<'_>, Status> {
        let (name, rest) = match format.split_once('=') {
            Some((name, rest)) => (name, Some(rest)),
            None => (format, None),
        };
        Ok(match (name, rest) {
            ("", _) => Output::Table,
            ("wide", _) => Output::Wide,
            ("yaml", _) => Output::Yaml,
            ("json", _) => Output::Json,
            ("name", _) => Output::Name,
            ("jsonpath", None) => {
                let text = "template format specified but no template given";
                return Err(Status::local(text.into()));
            }
            ("jsonpath", Some(path)) => Output::Path(path),
            ("custom-columns", Some(columns)) => Output::Columns(columns),
            _ => {
                let text = format!(
                    "unable to match a printer suitable for the output format {format:?}, allowed \
                     formats are: {FORMATS}"
                );
                return Err(Status::local(text));
            }
        })
    }
}

/// `kubectl get`
pub(super) async fn get(session: &Session) -> Done {
    let asked = &session.asked;
    if let Some(path) = asked.flag("raw") {
        session.say(&kubectl_raw::get(&session.plane, path, session.thread).await?);
        return Ok(());
    }
    if asked.rest.is_empty() {
        session.warn(&format!("{}\n", no_type("get").message));
        let text = "Required resource not specified.\nUse \"kubectl explain <resource>\" for a \
            detailed description of that resource (e.g. kubectl explain pods).\nSee 'kubectl get \
            -h' for help and examples";
        return Err(Status::local(text.into()));
    }
    let output = Output::read(asked.flag("output").unwrap_or_default())?;
    if let Output::Path(path) = output {
        kubectl_path::check(path).map_err(Status::local)?;
    }
    let things = asked.things(&asked.rest)?;
    let named = things.iter().any(|thing| !thing.1.is_empty());
    if named && asked.namespace().is_empty() && things.iter().any(|thing| thing.0.namespaced) {
        let text = "a resource cannot be retrieved by name across all namespaces";
        return Err(Status::local(text.into()));
    }
    let by = ["selector", "field-selector"];
    if named && by.iter().any(|flag| asked.flag(flag).is_some()) {
        return Err(name_and_selector());
    }
    let (mut found, refused) = collect(session, &things).await?;
    if let Some(by) = asked.flag("sort-by") {
        let by = by.trim_matches(['{', '}']).trim_start_matches('.');
        for (_, objects) in &mut found {
            let key = |object: &Value| at(object, by).to_string();
            crate::sorted::sort_by(objects, |a, b| key(a).cmp(&key(b)));
        }
    }
    let single = things.len() == 1 && named;
    if !(refused.len() == things.len() && named) {
        print(session, output, &found, single);
    }
    refused.iter().for_each(|status| session.refuse(status));
    match asked.flag("watch") {
        Some(_) => watch(session, output, &things, found).await,
        None => Ok(()),
    }
}

type Found = Vec<(&'static Kind, Vec<Value>)>;

/// What is there of the things; what could not be read.
async fn collect(session: &Session, things: &[Thing]) -> Result<(Found, Vec<Status>), Status> {
    let (mut found, mut refused) = (Found::new(), Vec::new());
    for (kind, name) in things {
        let objects = match name.is_empty() {
            true => session.selected(kind).await?,
            false => match session.read(kind, name).await {
                Ok(object) => vec![object],
                Err(status) => {
                    let missing = status.code == 404;
                    if !(missing && session.asked.flag("ignore-not-found").is_some()) {
                        refused.push(status);
                    }
                    Vec::new()
                }
            },
        };
        match found.last_mut() {
            Some((last, all)) if last == kind => all.extend(objects),
            _ => found.push((kind, objects)),
        }
    }
    Ok((found, refused))
}

fn print(session: &Session, output: Output<'_>, found: &Found, single: bool) {
    let all = || found.iter().flat_map(|(_, objects)| objects).map(whole).collect::<Vec<_>>();
    let whole = || match single {
        true => all().pop().unwrap_or_default(),
        false => {
            const LIST: &str = r#"{"apiVersion": "v1", "items": "$0", "kind": "List",
                "metadata": {"resourceVersion": ""}}"#;
            filled(LIST, &[all().into()])
        }
    };
    if single && all().is_empty() {
        return;
    }
    match output {
        Output::Yaml => session.say(&yaml_print::yaml(&whole())),
        Output::Json => session.say(&indented(&whole())),
        Output::Path(path) => session.say(&kubectl_path::print(path, &whole())),
        Output::Columns(columns) => {
            session.say(&aligned(&kubectl_path::columns(columns, &all()), 3, 6));
        }
        Output::Name => {
            for (kind, objects) in found {
                let name = |it| format!("{}/{}", kind.singular(), object::name(it));
                objects.iter().for_each(|object| session.say(&name(object)));
            }
        }
        Output::Table | Output::Wide => tables(session, output, found),
    }
}

/// The object with the fields that an apiserver's JSON always has and that are not stored apart
/// from nothing.
fn whole(object: &Value) -> Value {
    let mut object = object.clone();
    let status = &mut object["status"];
    for list in ["containerStatuses", "initContainerStatuses"] {
        let all = status.get_mut(list).and_then(Value::as_array_mut);
        for it in all.into_iter().flatten() {
            let known = [("ready", false.into()), ("restartCount", 0.into())];
            let texts = ["image", "imageID"].map(|name| (name, Value::from("")));
            fill(it, known.into_iter().chain(texts));
        }
    }
    if let Some(info) = status.get_mut("nodeInfo") {
        let names = ["machineID", "systemUUID", "bootID", "kubeProxyVersion"];
        fill(info, names.map(|name| (name, Value::from(""))).into_iter());
    }
    if object["status"].is_null() {
        object.as_object_mut().map(|map| map.remove("status"));
    }
    object
}

fn fill(object: &mut Value, known: impl Iterator<Item = (&'static str, Value)>) {
    let Some(map) = object.as_object_mut() else { return };
    for (name, value) in known {
        if !map.contains_key(name) {
            map.insert(name.into(), value);
        }
    }
}

fn how(session: &Session, output: Output<'_>, kind: &Kind, kinds: bool) -> How {
    let asked = &session.asked;
    let columns = asked.flag("label-columns").unwrap_or_default();
    How {
        wide: output == Output::Wide,
        namespaces: asked.namespace().is_empty() && kind.namespaced,
        kinds,
        headless: asked.flag("no-headers").is_some(),
        labels: asked.flag("show-labels").is_some(),
        columns: columns.split(',').filter(|it| !it.is_empty()).map(str::to_string).collect(),
        now_ms: now_ms(),
    }
}

fn tables(session: &Session, output: Output<'_>, found: &Found) {
    let kinds = found.len() > 1;
    let full: Vec<_> = found.iter().filter(|(_, objects)| !objects.is_empty()).collect();
    if full.is_empty() && session.asked.flag("ignore-not-found").is_none() {
        return session.warn(&match session.asked.namespace() {
            namespace if found.iter().any(|it| it.0.namespaced) && !namespace.is_empty() => {
                format!("No resources found in {namespace} namespace.")
            }
            _ => "No resources found".into(),
        });
    }
    for (at, (kind, objects)) in full.iter().enumerate() {
        if at > 0 {
            session.say("");
        }
        session.say(&aligned(&rows(kind, objects, &how(session, output, kind, kinds)), 3, 6));
    }
}

/// Goes on with a row for every change, until it is interrupted.
async fn watch(session: &Session, output: Output<'_>, things: &[Thing], found: Found) -> Done {
    let kinds = found.len() > 1;
    let key = |it: &Value| (text(it, "kind").to_string(), object::uid(it).to_string());
    let mut known = SortedMap::default();
    let mut widths: Vec<usize> = Vec::new();
    let all = found.iter().flat_map(|(kind, objects)| objects.iter().map(|it| (*kind, it)));
    for (kind, object) in all {
        fit(
            &mut widths,
            &rows(kind, std::slice::from_ref(object), &how(session, output, kind, kinds)),
        );
        known.insert(key(object), (kind, object.clone()));
    }
    loop {
        session.wait().await;
        let Ok((found, _)) = collect(session, things).await else { continue };
        let now = found.iter().flat_map(|(kind, all)| all.iter().map(|it| (*kind, it.clone())));
        let mut gone = std::mem::take(&mut known);
        let mut told = Vec::new();
        for (kind, object) in now {
            let before = gone.remove(&key(&object));
            if before.is_none_or(|(_, before): (_, Value)| {
                object::revision(&before) != object::revision(&object)
            }) {
                told.push((kind, object.clone()));
            }
            known.insert(key(&object), (kind, object));
        }
        told.extend(gone.values().cloned());
        for (kind, object) in told {
            if ![Output::Table, Output::Wide].contains(&output) {
                print(session, output, &vec![(kind, vec![object])], true);
                continue;
            }
            let mut how = how(session, output, kind, kinds);
            how.headless = !widths.is_empty();
            let rows = rows(kind, &[object], &how);
            fit(&mut widths, &rows);
            rows.iter().for_each(|row| session.say(&padded(row, &widths)));
        }
    }
}

/// The columns are as wide as the widest cell so far.
fn fit(widths: &mut Vec<usize>, rows: &[Vec<String>]) {
    for row in rows {
        widths.resize(widths.len().max(row.len()), 6);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count() + 3);
        }
    }
}

fn padded(row: &[String], widths: &[usize]) -> String {
    let cells = row.iter().zip(widths).map(|(cell, width)| {
        let gap = width.saturating_sub(cell.chars().count());
        format!("{cell}{}", " ".repeat(gap))
    });
    cells.collect::<String>().trim_end().to_string()
}

/// `kubectl events`
pub(super) async fn events(session: &Session) -> Done {
    let asked = &session.asked;
    let all = session.listed(kind("events")?).await?;
    let about = match asked.flag("for") {
        None => None,
        Some(about) => {
            let (of, name) = about.split_once('/').unwrap_or((about, ""));
            if name.is_empty() {
                let text = "--for must be in resource/name form";
                return Err(Status::local(text.into()));
            }
            Some((kind(of)?, name))
        }
    };
    let types: Vec<&str> = asked.flag("types").unwrap_or_default().split(',').collect();
    let fits = |event: &&Value| {
        let of = at(event, "involvedObject");
        let meant = about
            .is_none_or(|(kind, name)| text(of, "kind") == kind.kind && text(of, "name") == name);
        meant && (types == [""] || types.contains(&text(event, "type")))
    };
    let events = by_time(all.iter().filter(fits).collect());
    if events.is_empty() {
        let namespace = asked.namespace();
        session.warn(&match namespace.is_empty() {
            true => "No events found.".to_string(),
            false => format!("No events found in {namespace} namespace."),
        });
        return Ok(());
    }
    let everywhere = asked.namespace().is_empty();
    let mut rows: Vec<Vec<String>> = Vec::new();
    let row = |namespace: &str, cells: [&str; 5]| {
        let cells = everywhere.then_some(namespace).into_iter().chain(cells);
        cells.map(str::to_string).collect()
    };
    if asked.flag("no-headers").is_none() {
        rows.push(row("NAMESPACE", ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]));
    }
    for event in events {
        let of = at(event, "involvedObject");
        let about = format!("{}/{}", text(of, "kind"), text(of, "name"));
        let seen = seen(event, now_ms());
        let [kind, reason, message] = ["type", "reason", "message"].map(|it| text(event, it));
        rows.push(row(object::namespace(event), [&seen, kind, reason, &about, message.trim()]));
    }
    session.say(&aligned(&rows, 3, 6));
    Ok(())
}

/// JSON indented by four, as kubectl prints it.
fn indented(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    let line = |line: &str| {
        let depth = line.len() - line.trim_start().len();
        format!("{}{line}", " ".repeat(depth))
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}
