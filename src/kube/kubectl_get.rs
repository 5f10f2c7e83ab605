//! `kubectl get`.
//!
//! Architecture invariant: as [`super::kubectl_run`].
// Models kubectl pkg/cmd/get.

use serde_json::Value;

use super::apiserver_write::now_ms;
use super::filled::{at, filled};
use super::kinds::Kind;
use super::kubectl_run::{Done, Session, Thing, name_and_selector, no_type};
pub(super) use super::kubectl_table::How;
use super::kubectl_table::{aligned, rows};
use super::status::Status;
use super::{kubectl_get_watch, kubectl_path, kubectl_raw, object, yaml_print};

/// What `-o` takes, as kubectl lists it.
const FORMATS: &str = "custom-columns,custom-columns-file,go-template,go-template-file,json,\
    jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,wide,yaml";

/// How objects are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output<'a> {
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
    if ["watch", "watch-only"].iter().any(|flag| asked.flag(flag).is_some()) {
        return kubectl_get_watch::watch(session, output, &things).await;
    }
    if asked.flag("output-watch-events").is_some() {
        let text = "--output-watch-events option can only be used with --watch or --watch-only\n\
            See 'kubectl get -h' for help and examples";
        return Err(Status::local(text.into()));
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
    Ok(())
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
pub(super) fn whole(object: &Value) -> Value {
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

/// How a table is printed.
pub(super) fn how(session: &Session, output: Output<'_>, kind: &Kind, kinds: bool) -> How {
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

/// JSON indented by four, as kubectl prints it.
pub(super) fn indented(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    let line = |line: &str| {
        let depth = line.len() - line.trim_start().len();
        format!("{}{line}", " ".repeat(depth))
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}
