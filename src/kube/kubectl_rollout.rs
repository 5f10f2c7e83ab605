//! `kubectl rollout`: how far a Deployment has come, what it was before, and back to that.
//!
//! Architecture invariant: as [`super::kubectl_run`].
// Models kubectl pkg/cmd/rollout and pkg/polymorphichelpers/{rollout_status,history,rollback}.go.

use std::time::Duration;

use serde_json::Value;

use super::api::Part;
use super::controllers::deployment::{revision, template_of};
use super::controllers::{condition, patch, put};
use super::filled::{at, filled, number};
use super::informer::controller_of;
use super::kinds::Kind;
use super::kubectl_describe::Lines;
use super::kubectl_describe_pod::template;
use super::kubectl_run::{Done, Session};
use super::kubectl_table::aligned;
use super::kubectl_wait::{Informer, within};
use super::status::Status;
use super::storage_watch::Change;
use super::{apply, object};
use crate::sim;
use crate::sorted::sort_by;

/// The annotation that says why a revision came.
pub(super) const CAUSE: &str = "kubernetes.io/change-cause";

/// Runs one of them.
pub(super) async fn run(session: &Session) -> Done {
    let asked = &session.asked;
    if asked.rest.is_empty() {
        return Err(Status::local("required resource not specified".into()));
    }
    let all = !["rollout status", "rollout undo"].contains(&asked.verb.name);
    for (kind, name) in session.named(&asked.rest, all).await? {
        if let Err(status) = one(session, kind, &name).await {
            session.refuse(&status);
        }
    }
    Ok(())
}

async fn one(session: &Session, kind: &'static Kind, name: &str) -> Done {
    let stored = session.read(kind, name).await?;
    let verb = session.asked.verb.name;
    if kind.kind != "Deployment" {
        let plural = kind.resource();
        return Err(Status::local(match verb {
            "rollout status" => {
                format!("no status viewer has been implemented for {}", kind.kind)
            }
            "rollout history" => {
                format!("no history viewer has been implemented for {:?}", kind.kind)
            }
            "rollout undo" => format!("no rollbacker has been implemented for {:?}", kind.kind),
            "rollout pause" => format!("{plural} {name:?} pausing is not supported"),
            "rollout resume" => format!("{plural} {name:?} resuming is not supported"),
            _ => format!("{plural} {name:?} restarting is not supported"),
        }));
    }
    match verb {
        "rollout status" => status(session, kind, name).await,
        "rollout history" => history(session, kind, &stored).await,
        "rollout undo" => undo(session, kind, stored).await,
        "rollout restart" if is_paused(&stored) => {
            let text = "can't restart paused deployment (run rollout resume first)";
            Err(Status::local(format!("deployments.apps {name:?} {text}")))
        }
        "rollout restart" => {
            let now = super::rfc3339::format(super::apiserver_write::now_ms() / 1000);
            const CHANGE: &str = r#"{"spec": {"template": {"metadata": {"annotations":
                {"kubectl.kubernetes.io/restartedAt": "$0"}}}}}"#;
            let change = filled(CHANGE, &[now.into()]);
            session.write(patch(Part::Object, &stored, change)).await?;
            session.say(&apply::printed(kind, name, "restarted"));
            Ok(())
        }
        verb => {
            let pause = verb == "rollout pause";
            let word = if pause { "paused" } else { "resumed" };
            if is_paused(&stored) == pause {
                let state = if pause { "already paused" } else { "not paused" };
                return Err(Status::local(format!("deployments.apps {name:?} is {state}")));
            }
            let paused = if pause { true.into() } else { Value::Null };
            let change = filled(r#"{"spec": {"paused": "$0"}}"#, &[paused]);
            session.write(patch(Part::Object, &stored, change)).await?;
            session.say(&apply::printed(kind, name, word));
            Ok(())
        }
    }
}

fn is_paused(deployment: &Value) -> bool {
    *at(deployment, "spec.paused") == true
}

/// What there is to wait for; none: it is done.
fn waits_for(deployment: &Value) -> Result<Option<String>, Status> {
    let (name, status) = (object::name(deployment), at(deployment, "status"));
    if number(status, "observedGeneration") < object::generation(deployment) {
        return Ok(Some("Waiting for deployment spec update to be observed...".into()));
    }
    let late = |it: &Value| at(it, "reason") == "ProgressDeadlineExceeded";
    if condition(deployment, "Progressing").is_some_and(late) {
        let text = format!("deployment {name:?} exceeded its progress deadline");
        return Err(Status::local(text));
    }
    let wanted = number(deployment, "spec.replicas");
    let [replicas, updated, available] =
        ["replicas", "updatedReplicas", "availableReplicas"].map(|field| number(status, field));
    let what = if updated < wanted {
        format!("{updated} out of {wanted} new replicas have been updated")
    } else if replicas > updated {
        format!("{} old replicas are pending termination", replicas - updated)
    } else if available < updated {
        format!("{available} of {updated} updated replicas are available")
    } else {
        return Ok(None);
    };
    Ok(Some(format!("Waiting for deployment {name:?} rollout to finish: {what}...")))
}

/// Prints what there is to wait for, at every change, until there is nothing.
async fn status(session: &Session, kind: &'static Kind, name: &str) -> Done {
    let most = session.asked.span_ms("timeout").filter(|most| *most > 0);
    let until = most.map(|most| sim::now() + Duration::from_millis(most));
    let mut informer = Informer::begin(&session.plane, kind, (session.asked.namespace(), name));
    let done = async {
        while let Some((change, deployment)) = informer.next().await {
            if change == Change::Deleted {
                return Err(Status::local("object has been deleted".into()));
            }
            let Some(waits) = waits_for(&deployment)? else {
                session.say(&format!("deployment {name:?} successfully rolled out"));
                break;
            };
            session.say(&waits);
            if session.asked.is_off("watch") {
                break;
            }
        }
        Ok(())
    };
    within(until, done, || "timed out waiting for the condition".into()).await
}

/// The Deployment's ReplicaSets, by revision.
async fn sets(session: &Session, deployment: &Value) -> Result<Vec<Value>, Status> {
    let kind = Kind::built_in("ReplicaSet").ok_or_else(|| Status::internal("no ReplicaSets"))?;
    let mut sets = session.listed(kind).await?;
    let uid = object::uid(deployment);
    sets.retain(|set| controller_of(set).is_some_and(|owner| at(owner, "uid") == uid));
    sort_by(&mut sets, |a, b| revision(a).cmp(&revision(b)));
    Ok(sets)
}

async fn history(session: &Session, kind: &Kind, deployment: &Value) -> Done {
    let sets = sets(session, deployment).await?;
    let name = apply::printed(kind, object::name(deployment), "");
    let name = name.trim_end();
    if let Some(wanted) = session.asked.number("revision").filter(|it| *it > 0) {
        let Some(set) = sets.iter().find(|set| revision(set) == wanted) else {
            return Err(Status::local("unable to find the specified revision".into()));
        };
        let mut of = at(set, "spec.template").clone();
        if let Some(cause) = object::annotation(set, CAUSE) {
            of["metadata"]["annotations"][CAUSE] = cause.into();
        }
        let mut lines = Lines(String::new());
        template(&mut lines, &of);
        session.say(&format!("{name} with revision #{wanted}\n{}", lines.0));
        return Ok(());
    }
    if sets.is_empty() {
        session.say(&format!("{name}\nNo rollout history found."));
        return Ok(());
    }
    let mut rows = vec![vec!["REVISION".to_string(), "CHANGE-CAUSE".to_string()]];
    for set in sets {
        let cause = object::annotation(&set, CAUSE).unwrap_or("<none>");
        rows.push(vec![revision(&set).to_string(), cause.to_string()]);
    }
    session.say(&format!("{name}\n{}\n", aligned(&rows, 2, 0)));
    Ok(())
}

async fn undo(session: &Session, kind: &Kind, mut deployment: Value) -> Done {
    let name = object::name(&deployment).to_string();
    if is_paused(&deployment) {
        return Err(Status::local(
            "you cannot rollback a paused deployment; resume it first with 'kubectl rollout \
             resume' and try again"
                .into(),
        ));
    }
    let sets = sets(session, &deployment).await?;
    let to = session.asked.number("to-revision").unwrap_or(0);
    let found = match to {
        0 => sets.iter().rev().nth(1),
        to => sets.iter().find(|set| revision(set) == to),
    };
    let Some(set) = found else {
        let text = match to {
            0 => format!("no rollout history found for deployment {name:?}"),
            to => format!("unable to find specified revision {to} in history"),
        };
        return Err(Status::local(text));
    };
    let template = template_of(set);
    if template == *at(&deployment, "spec.template") {
        let same = format!("current template already matches revision {}", revision(set));
        let text = apply::printed(kind, &name, &format!("skipped rollback ({same})"));
        session.say(&text);
        return Ok(());
    }
    deployment["spec"]["template"] = template;
    if let Some(meta) = object::meta_mut(&mut deployment) {
        meta.remove("resourceVersion");
    }
    session.write(put(Part::Object, deployment)).await?;
    session.say(&apply::printed(kind, &name, "rolled back"));
    Ok(())
}
