//! `kubectl get -w`: what there is, and then a row, or a document, for every change.
//!
//! * A list is watched from its revision on. A single object is watched from 0 on: what comes first
//!   is the object once more, which is not printed again.
//! * Columns never become narrower.
//! * It ends when the watch does, and that is no error; why a watch cannot go on is printed like an
//!   object.
//!
//! Architecture invariant: as [`super::kubectl_run`].
// Models kubectl pkg/cmd/get/{get,skip_printer}.go and cli-runtime pkg/printers/tableprinter.go.

use std::slice::from_ref;

use serde_json::{Value, json};

use super::kinds::Kind;
use super::kubectl_columns::Columns;
use super::kubectl_get::{How, Output, how, indented, whole};
use super::kubectl_run::{Done, Session, Thing};
use super::kubectl_table::rows;
use super::kubectl_watch::{Told, Watching};
use super::selector::Selector;
use super::status::Status;
use super::storage_watch::Change;
use super::{kubectl_path, object, yaml_print};
use crate::store::Revision;

/// Prints what there is and every change, until the watch ends.
pub(super) async fn watch(session: &Session, output: Output<'_>, things: &[Thing]) -> Done {
    let asked = &session.asked;
    if asked.flag("sort-by").is_some() {
        session.warn("warning: --watch or --watch-only requested, --sort-by will be ignored");
    }
    let kind = things[0].0;
    if things.iter().any(|thing| thing.0 != kind) {
        return Err(Status::local("you may only specify a single resource type".into()));
    }
    let single = (things.len() == 1).then(|| things[0].1.as_str()).filter(|it| !it.is_empty());
    let (selector, objects, after) = match single {
        Some(name) => {
            let namespace = if kind.namespaced { asked.namespace() } else { "" };
            let selector = Selector::of_name(namespace, name);
            (selector, vec![session.read(kind, name).await?], Revision(0))
        }
        None if things.len() > 1 => {
            (Selector::default(), named(session, things).await?, Revision(0))
        }
        None => {
            let selector = session.selector(kind)?;
            let (objects, revision) = session.list(kind, selector.clone()).await?;
            (selector, objects, revision)
        }
    };
    let mut printer = Printer::new(session, output, kind);
    if asked.flag("watch-only").is_none() {
        printer.print(Change::Added, &objects);
    }
    if things.len() > 1 {
        let text = "you may only watch a single resource or type of resource at a time";
        return Err(Status::local(text.into()));
    }
    // The object that was asked for comes once more.
    let mut again = single.is_some();
    let mut watching = Watching::begin(&session.plane, kind, (selector, after));
    while let Some(told) = watching.next().await {
        match told {
            Told::Error(status) if status.code != 410 => return Err(status),
            _ if std::mem::take(&mut again) => {}
            Told::Changed(change, object) => printer.print(change, from_ref(&*object)),
            Told::Error(status) => printer.error(&status),
        }
    }
    Ok(())
}

async fn named(session: &Session, things: &[Thing]) -> Result<Vec<Value>, Status> {
    let mut objects = Vec::new();
    for (kind, name) in things {
        objects.push(session.read(kind, name).await?);
    }
    Ok(objects)
}

/// Prints one object after the other.
struct Printer<'a> {
    session: &'a Session,
    output: Output<'a>,
    kind: &'static Kind,
    /// `--output-watch-events`
    events: bool,
    columns: Columns,
    headed: bool,
    documents: usize,
}

impl<'a> Printer<'a> {
    fn new(session: &'a Session, output: Output<'a>, kind: &'static Kind) -> Printer<'a> {
        let headed = session.asked.flag("no-headers").is_some();
        let events = session.asked.flag("output-watch-events").is_some();
        Printer { session, output, kind, events, columns: Columns::default(), headed, documents: 0 }
    }

    fn print(&mut self, change: Change, objects: &[Value]) {
        match self.output {
            _ if objects.is_empty() => {}
            Output::Table | Output::Wide => {
                let how = how(self.session, self.output, self.kind, false);
                let mut rows = rows(self.kind, objects, &How { headless: self.headed, ..how });
                if self.events {
                    // As wide as the longest of these words.
                    let word = format!("{:8}", change.word());
                    let first = (!self.headed).then(|| "EVENT".to_string());
                    let words = first.into_iter().chain(std::iter::repeat(word));
                    rows.iter_mut().zip(words).for_each(|(row, word)| row.insert(0, word));
                }
                self.headed = true;
                self.table(&rows);
            }
            _ => objects.iter().for_each(|object| self.one(change.word(), object)),
        }
    }

    /// Why it cannot go on.
    fn error(&mut self, status: &Status) {
        let (reason, message) = (format!("{:?}", status.reason), status.message.clone());
        match self.output {
            Output::Table | Output::Wide => {
                let header = ["STATUS", "REASON", "MESSAGE"].map(str::to_string).to_vec();
                self.table(&[header, vec!["Failure".into(), reason, message]]);
            }
            _ => {
                let status = json!({"apiVersion": "v1", "kind": "Status", "metadata": {},
                    "status": "Failure", "message": message, "reason": reason,
                    "code": status.code});
                self.one("ERROR", &status);
            }
        }
    }

    fn table(&mut self, rows: &[Vec<String>]) {
        self.session.say(&self.columns.lines(rows));
    }

    fn one(&mut self, word: &str, object: &Value) {
        let object = whole(object);
        let event = || json!({"type": word, "object": object});
        let shown = if self.events { event() } else { object.clone() };
        let text = match self.output {
            Output::Yaml if self.documents > 0 => format!("---\n{}", yaml_print::yaml(&shown)),
            Output::Yaml => yaml_print::yaml(&shown),
            Output::Json => indented(&shown),
            Output::Path(path) => kubectl_path::print(path, &shown),
            Output::Columns(columns) => {
                let mut rows = kubectl_path::columns(columns, from_ref(&object));
                rows.drain(..usize::from(std::mem::replace(&mut self.headed, true)));
                return self.table(&rows);
            }
            _ => format!("{}/{}", self.kind.singular(), object::name(&object)),
        };
        self.documents += 1;
        self.session.say(&text);
    }
}
