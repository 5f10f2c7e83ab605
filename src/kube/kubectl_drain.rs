//! `kubectl drain`: nothing new comes to a node, and its pods go.
//!
//! Caveats: there are no PodDisruptionBudgets, so that every eviction is let through: it is a
//! delete. There are no DaemonSets either, but a pod that says it is one's is left alone.
//!
//! Architecture invariant: as [`super::kubectl_run`].
// Models kubectl pkg/drain/{drain,filters}.go.

use std::time::Duration;

use serde_json::Value;

use super::api::Part;
use super::controllers::{delete, patch};
use super::filled::{at, filled, text};
use super::informer::controller_of;
use super::kubectl_change::nodes;
use super::kubectl_run::{Done, Session, Thing};
use super::kubectl_words::kind;
use super::selector::Selector;
use super::setup::go_duration;
use super::status::Status;
use super::{apply, object};
use crate::sim;

/// So often it is looked whether the pods are gone: the real one does not watch here either.
const LOOK: Duration = Duration::from_secs(1);

/// Drains every node that is named.
pub(super) async fn drain(session: &Session) -> Done {
    let (mut left, mut why) = (Vec::new(), Vec::new());
    let nodes = nodes(session).await?;
    for node in &nodes {
        session.read(node.0, &node.1).await?;
    }
    for node in &nodes {
        cordon(session, node).await?;
    }
    for node in nodes {
        let (pods, mut errors) = meant(session, &node.1).await?;
        if errors.is_empty() {
            errors = evict(session, &node, pods).await.err().unwrap_or_default();
        }
        if errors.is_empty() {
            continue;
        }
        let said = match &errors[..] {
            [one] => one.clone(),
            more => format!("[{}]", more.join(", ")),
        };
        let text = format!("unable to drain node {:?} due to error: {said}", node.1);
        session.refuse(&Status::local(format!("{text}, continuing command...")));
        left.push(node.1);
        why.extend(errors);
    }
    if !left.is_empty() {
        session.warn("There are pending nodes to be drained:");
        left.iter().for_each(|name| session.warn(&format!(" {name}")));
        why.iter().for_each(|why| session.warn(why));
        return Err(Status::local(String::new()));
    }
    Ok(())
}

async fn cordon(session: &Session, (kind, name): &Thing) -> Done {
    let stored = session.read(kind, name).await?;
    let is_so = *at(&stored, "spec.unschedulable") == true;
    if !is_so {
        let change = filled(r#"{"spec": {"unschedulable": true}}"#, &[]);
        session.write(patch(Part::Object, &stored, change)).await?;
    }
    session.say(&apply::printed(kind, name, if is_so { "already cordoned" } else { "cordoned" }));
    Ok(())
}

/// The pods that go, and why some may not.
async fn meant(session: &Session, node: &str) -> Result<(Vec<Value>, Vec<String>), Status> {
    let on_node = Selector::of_field("spec.nodeName", node);
    let (mut pods, _) = session.list(kind("pods")?, on_node).await?;
    let name = |pod: &Value| format!("{}/{}", object::namespace(pod), object::name(pod));
    let names = |is: &dyn Fn(&Value) -> bool| {
        let all: Vec<String> = pods.iter().filter(|pod| is(pod)).map(name).collect();
        (!all.is_empty()).then(|| all.join(", "))
    };
    let given = |flag: &str| session.asked.flag(flag).is_some();
    let is_daemon =
        |pod: &Value| controller_of(pod).is_some_and(|owner| text(owner, "kind") == "DaemonSet");
    let ended = |pod: &Value| ["Succeeded", "Failed"].contains(&text(pod, "status.phase"));
    let is_alone = |pod: &Value| controller_of(pod).is_none() && !ended(pod);
    let has_data = |pod: &Value| {
        let volumes = at(pod, "spec.volumes").as_array();
        volumes.into_iter().flatten().any(|it| !at(it, "emptyDir").is_null())
            && !is_daemon(pod)
            && !ended(pod)
    };
    let (daemons, alone, data) = (names(&is_daemon), names(&is_alone), names(&has_data));
    let (mut errors, mut warnings) = (Vec::new(), Vec::new());
    match (daemons, given("ignore-daemonsets")) {
        (Some(names), true) => warnings.push(format!("ignoring DaemonSet-managed Pods: {names}")),
        (Some(names), false) => errors.push(format!(
            "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): {names}"
        )),
        _ => {}
    }
    match (alone, given("force")) {
        (Some(names), true) => {
            warnings.push(format!("deleting Pods that declare no controller: {names}"));
        }
        // The real one says it twice.
        (Some(names), false) => errors.push(format!(
            "cannot delete cannot delete Pods that declare no controller (use --force to \
             override): {names}"
        )),
        _ => {}
    }
    if let (Some(names), false) = (data, given("delete-emptydir-data")) {
        errors.push(format!(
            "cannot delete Pods with local storage (use --delete-emptydir-data to override): \
             {names}"
        ));
    }
    if errors.is_empty() && !warnings.is_empty() {
        session.warn(&format!("Warning: {}", warnings.join("; ")));
    }
    pods.retain(|pod| !is_daemon(pod));
    Ok((pods, errors))
}

/// Takes the pods off a node, side by side, and waits until they are gone. Returns what went wrong.
async fn evict(session: &Session, node: &Thing, pods: Vec<Value>) -> Result<(), Vec<String>> {
    let most = session.asked.span_ms("timeout").filter(|most| *most > 0);
    let until = most.map(|most| sim::now() + Duration::from_millis(most));
    let mut errors = Vec::new();
    for pod in &pods {
        let (namespace, name) = (object::namespace(pod), object::name(pod));
        session.say(&format!("evicting pod {namespace}/{name}"));
        let grace_s = session.asked.number("grace-period").filter(|it| *it >= 0);
        match session.write(delete(pod, grace_s)).await {
            Err(status) if status.code != 404 => errors.push(format!(
                "error when evicting pods/{name:?} -n {namespace:?}: {}",
                status.message
            )),
            _ => {}
        }
    }
    let failed = |pod: &Value, why: &str| {
        let (name, namespace) = (object::name(pod), object::namespace(pod));
        format!(
            "error when waiting for pod {name:?} in namespace {namespace:?} to terminate: {why}"
        )
    };
    let mut left = if errors.is_empty() { pods } else { Vec::new() };
    while !left.is_empty() {
        let mut still = Vec::new();
        for pod in left {
            match is_gone(session, &pod).await {
                Ok(true) => session.say(&format!("pod/{} evicted", object::name(&pod))),
                Ok(false) => still.push(pod),
                Err(status) => errors.push(failed(&pod, &status.message)),
            }
        }
        left = still;
        if let Some(most) = most
            && until.is_some_and(|until| sim::now() >= until)
        {
            let why =
                format!("global timeout reached: {}", go_duration(Duration::from_millis(most)));
            errors.extend(left.drain(..).map(|pod| failed(&pod, &why)));
        }
        if !left.is_empty() {
            sim::sleep(LOOK).await;
        }
    }
    if errors.is_empty() {
        session.say(&apply::printed(node.0, &node.1, "drained"));
        return Ok(());
    }
    Err(errors)
}

async fn is_gone(session: &Session, pod: &Value) -> Result<bool, Status> {
    let (namespace, name) = (object::namespace(pod), object::name(pod));
    match session.read_in(kind("pods")?, namespace, name).await {
        Ok(now) => Ok(object::uid(&now) != object::uid(pod)),
        Err(status) if status.code == 404 => Ok(true),
        Err(status) => Err(status),
    }
}
