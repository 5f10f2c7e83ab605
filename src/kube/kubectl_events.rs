//! `kubectl events`: all at once by their time, or, with `-w`, those there are and each that comes.
//!
//! * What `--for` names the apiserver looks for, `--types` is looked at here.
//! * A watch tells of no Event that ends: each does, an hour after it was written.
//!
//! Architecture invariant: as [`super::kubectl_run`].
// Models kubectl pkg/cmd/events.

use serde_json::Value;

use super::apiserver_write::now_ms;
use super::filled::{at, text};
use super::kubectl_columns::Columns;
use super::kubectl_describe::{by_time, seen};
use super::kubectl_run::{Done, Session};
use super::kubectl_table::aligned;
use super::kubectl_watch::{Told, Watching};
use super::kubectl_words::kind;
use super::object;
use super::selector::Selector;
use super::status::Status;
use super::storage_watch::Change;
use crate::store::Revision;

/// `kubectl events`
pub(super) async fn events(session: &Session) -> Done {
    let asked = &session.asked;
    let about = match asked.flag("for") {
        None => String::new(),
        Some(about) => {
            let (of, name) = about.split_once('/').unwrap_or((about, ""));
            if name.is_empty() {
                let text = "--for must be in resource/name form";
                return Err(Status::local(text.into()));
            }
            format!("involvedObject.kind={},involvedObject.name={name}", kind(of)?.kind)
        }
    };
    let selector = Selector::read(kind("events")?, asked.namespace(), "", &about)?;
    let types: Vec<&str> = asked.flag("types").unwrap_or_default().split(',').collect();
    let fits = |event: &&Value| types == [""] || types.contains(&text(event, "type"));
    if asked.flag("watch").is_some() {
        return watch(session, selector, &fits).await;
    }
    let (all, _) = session.list(kind("events")?, selector).await?;
    let events = by_time(all.iter().filter(fits).collect());
    if events.is_empty() {
        let namespace = asked.namespace();
        session.warn(&match namespace.is_empty() {
            true => "No events found.".to_string(),
            false => format!("No events found in {namespace} namespace."),
        });
        return Ok(());
    }
    let mut rows = header(session);
    rows.extend(events.into_iter().map(|event| row(session, event)));
    session.say(&aligned(&rows, 3, 6));
    Ok(())
}

async fn watch(session: &Session, of: Selector, fits: &dyn Fn(&&Value) -> bool) -> Done {
    let (mut columns, mut rows) = (Columns::default(), header(session));
    let mut watching = Watching::begin(&session.plane, kind("events")?, (of, Revision(0)));
    while let Some(told) = watching.next().await {
        match told {
            Told::Error(status) if status.code != 410 => return Err(status),
            Told::Changed(Change::Added | Change::Modified, event) if fits(&&*event) => {
                rows.push(row(session, &event));
                session.say(&columns.lines(&rows));
                rows.clear();
            }
            _ => {}
        }
    }
    Ok(())
}

fn cells(session: &Session, namespace: &str, cells: [&str; 5]) -> Vec<String> {
    let everywhere = session.asked.namespace().is_empty();
    let cells = everywhere.then_some(namespace).into_iter().chain(cells);
    cells.map(str::to_string).collect()
}

fn header(session: &Session) -> Vec<Vec<String>> {
    let names = ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"];
    match session.asked.flag("no-headers") {
        Some(_) => Vec::new(),
        None => vec![cells(session, "NAMESPACE", names)],
    }
}

fn row(session: &Session, event: &Value) -> Vec<String> {
    let of = at(event, "involvedObject");
    let about = format!("{}/{}", text(of, "kind"), text(of, "name"));
    let seen = seen(event, now_ms());
    let [kind, reason, message] = ["type", "reason", "message"].map(|it| text(event, it));
    cells(session, object::namespace(event), [&seen, kind, reason, &about, message.trim()])
}
