//! `kubectl get … -o json | kubectl replace -f -`: everything is written again as it was read.
//!
//! It is how stored objects get to be stored another way (another key, another media type): nothing
//! changes in them, but what is *stale* is written all the same.
//!
//! Architecture invariant: speaks to the apiserver only.

use std::rc::Rc;

use serde_json::Value;

use super::api::ApiRequest;
use super::control_plane::ControlPlane;
use super::kubectl_words::Asked;
use super::list_rules::ListAsked;
use super::places::KUBECTL;
use super::selector::Selector;
use super::status::Status;
use super::{WriteOutcome, apply, object};
use crate::raft::ThreadId;

/// The command before the pipe, if that is what follows it.
pub fn cut(words: &[String]) -> Option<&[String]> {
    let at = words.iter().position(|word| word == "|")?;
    let replaces = words[at + 1..].iter().eq(["kubectl", "replace", "-f", "-"]);
    replaces.then(|| &words[..at])
}

/// Gets what the first command says and replaces every object of it.
pub(super) async fn run(plane: &ControlPlane, first: &[String], thread: ThreadId) -> WriteOutcome {
    let place = None;
    match replaced(plane, first, thread).await {
        Ok(lines) => {
            let failed = lines.iter().any(|line| !line.ends_with(" replaced"));
            WriteOutcome { text: lines.join("\n"), failed, place }
        }
        Err(status) => WriteOutcome { text: status.kubectl(), failed: true, place },
    }
}

async fn replaced(
    plane: &ControlPlane,
    first: &[String],
    thread: ThreadId,
) -> Result<Vec<String>, Status> {
    let asked = Asked::read(first).map_err(|(_, wrong)| Status::local(wrong))?;
    let mut lines = Vec::new();
    for (kind, name) in asked.things(&asked.rest)? {
        let namespace = if kind.namespaced { asked.namespace() } else { "" };
        let labels = asked.flag("selector").unwrap_or_default();
        let selector = Selector::read(kind, namespace, labels, "")?;
        let listed = ListAsked { selector, ..ListAsked::default() };
        let page = plane.list(KUBECTL, kind, listed, thread).await;
        let items = &page.map_err(|refused| refused.status)?.items;
        let named = |it: &&Rc<Value>| name.is_empty() || object::name(it) == name;
        for item in items.iter().filter(named) {
            let document = Box::new(Value::clone(item).into());
            let request = ApiRequest::Update { kind: kind.clone(), document };
            plane.begin_command(thread, "replace", &request);
            lines.push(match plane.call(KUBECTL, request, thread).await {
                Ok(_) => apply::printed(kind, object::name(item), "replaced"),
                Err(refused) => refused.status.kubectl_when("error when replacing \"STDIN\": "),
            });
        }
    }
    match lines.is_empty() {
        true => Err(Status::local("no objects passed to replace".into())),
        false => Ok(lines),
    }
}
