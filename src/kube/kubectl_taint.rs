//! `kubectl taint`: what keeps pods away from a node.
//!
//! Architecture invariant: as [`super::kubectl_run`].
// Models kubectl pkg/cmd/taint.

use serde_json::Value;

use super::api::Part;
use super::controllers::patch;
use super::filled::{at, filled, text};
use super::kubectl_change::local;
use super::kubectl_run::{Done, Session};
use super::status::Status;
use super::{apply, object};

/// `KEY=VALUE:EFFECT`, `KEY:EFFECT`, `KEY:EFFECT-`, `KEY-`
pub(super) async fn taint(session: &Session) -> Done {
    let is_taint = |word: &String| word.contains(['=', ':']) || word.ends_with('-');
    let rest = &session.asked.rest;
    let first = rest.iter().position(is_taint).unwrap_or(rest.len());
    let (words, taints) = rest.split_at(first);
    if words.is_empty() {
        return Err(local("one or more resources must be specified as <resource> <name>"));
    }
    if taints.is_empty() {
        return Err(local("at least one taint update is required"));
    }
    let mut wanted: Vec<(&str, &str, &str)> = Vec::new();
    for text in taints {
        let (left, effect) =
            text.trim_end_matches('-').split_once(':').unwrap_or((text.trim_end_matches('-'), ""));
        let known = ["NoSchedule", "PreferNoSchedule", "NoExecute"].contains(&effect);
        if !(known || effect.is_empty() && text.ends_with('-')) {
            let text = format!("invalid taint effect: {effect}, unsupported taint effect");
            let see = "See 'kubectl taint -h' for help and examples";
            return Err(Status::local(format!("{text}\n{see}")));
        }
        let (key, value) = left.split_once('=').unwrap_or((left, ""));
        wanted.push((key, value, effect));
    }
    for (kind, name) in session.named(words, false).await? {
        if kind.kind != "Node" {
            let plural = &kind.plural;
            let text = format!("invalid resource type {plural}, only node types are supported");
            return Err(Status::local(text));
        }
        let stored = session.read(kind, &name).await?;
        let (now, word) = tainted(session, &stored, taints, &wanted)?;
        let change = filled(r#"{"spec": {"taints": "$0"}}"#, &[now.into()]);
        session.write(patch(Part::Object, &stored, change)).await?;
        session.say(&apply::printed(kind, &name, word));
    }
    Ok(())
}

/// The node's taints then, and what has been done.
fn tainted(
    session: &Session,
    node: &Value,
    texts: &[String],
    wanted: &[(&str, &str, &str)],
) -> Result<(Vec<Value>, &'static str), Status> {
    let mut now = at(node, "spec.taints").as_array().cloned().unwrap_or_default();
    let (mut removed, mut overwritten) = (false, false);
    for (given, (key, value, effect)) in texts.iter().zip(wanted) {
        let same = |it: &Value| {
            text(it, "key") == *key && (effect.is_empty() || text(it, "effect") == *effect)
        };
        let there = now.iter().any(same);
        if given.ends_with('-') {
            if !there {
                let effect = if effect.is_empty() { String::new() } else { format!(":{effect}") };
                return Err(Status::local(format!("taint \"{key}{effect}\" not found")));
            }
            removed = true;
            now.retain(|it| !same(it));
            continue;
        }
        if there && session.asked.flag("overwrite").is_none() {
            let name = object::name(node);
            return Err(Status::local(format!(
                "node {name} already has {key} taint(s) with same effect(s) and --overwrite is \
                 false"
            )));
        }
        overwritten |= there;
        now.retain(|it| !same(it));
        let value = if value.is_empty() { Value::Null } else { (*value).into() };
        const TAINT: &str = r#"{"key": "$0", "value": "$1", "effect": "$2"}"#;
        let mut taint = filled(TAINT, &[(*key).into(), value.clone(), (*effect).into()]);
        if value.is_null() {
            taint.as_object_mut().map(|map| map.remove("value"));
        }
        now.insert(0, taint);
    }
    Ok((
        now,
        if overwritten {
            "modified"
        } else if removed {
            "untainted"
        } else {
            "tainted"
        },
    ))
}
