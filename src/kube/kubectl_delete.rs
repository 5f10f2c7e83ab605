//! `kubectl delete`: deletes, and waits until everything is gone, or for as long as `--timeout`.
//!
//! Architecture invariant: as [`super::kubectl_run`].
// Models kubectl pkg/cmd/delete.

use super::api::Cascade;
use super::controllers;
use super::kubectl_run::{Done, Session, name_and_selector, nothing_named};
use super::kubectl_wait::{patience, until_gone};
use super::status::{Reason, Status};

/// `kubectl delete`
pub(super) async fn delete(session: &Session) -> Done {
    let asked = &session.asked;
    if asked.rest.is_empty() {
        return Err(nothing_named());
    }
    let cascade = match asked.flag("cascade").unwrap_or("background") {
        "background" | "" => Cascade::Background,
        "foreground" => Cascade::Foreground,
        "orphan" => Cascade::Orphan,
        other => {
            return Err(Status::local(format!(
                "invalid cascade value ({other}). Must be \"background\", \"foreground\", or \
                 \"orphan\""
            )));
        }
    };
    let by = asked.flag("selector").is_some() || asked.flag("all").is_some();
    if by && asked.rest.len() > 1 {
        return Err(name_and_selector());
    }
    let things = session.named(&asked.rest, false).await?;
    if things.is_empty() {
        session.say("No resources found");
        return Ok(());
    }
    let force = asked.flag("force").is_some();
    let grace_s = match (asked.number("grace-period"), asked.flag("now").is_some()) {
        (_, true) => Some(1),
        (Some(0), _) if !force => Some(1),
        (None, _) if force => Some(0),
        (grace_s, _) => grace_s.filter(|it| *it >= 0),
    };
    if force && grace_s == Some(0) {
        session.warn(
            "Warning: Immediate deletion does not wait for confirmation that the running resource \
             has been terminated. The resource may continue to run on the cluster indefinitely.",
        );
    }
    let mut going = Vec::new();
    for (kind, name) in things {
        let missing = asked.flag("ignore-not-found").is_some();
        let stored = match session.read(kind, &name).await {
            Err(status) if status.reason == Reason::NotFound && missing => continue,
            Err(status) => {
                session.refuse(&status);
                continue;
            }
            Ok(stored) => stored,
        };
        session.write(controllers::delete_with(&stored, grace_s, cascade)).await?;
        let word = if force && grace_s == Some(0) { "force deleted" } else { "deleted" };
        match asked.flag("output") {
            Some("name") => session.say(&format!("{}/{name}", kind.singular())),
            _ => session.say(&format!("{} {name:?} {word}", kind.singular())),
        }
        going.push(stored);
    }
    let until = patience(asked.span_ms("timeout"));
    let going = going.into_iter().filter(|_| !asked.is_off("wait"));
    for stored in going {
        until_gone(&session.plane, &stored, until, session.thread).await?;
    }
    Ok(())
}
