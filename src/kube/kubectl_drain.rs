//! `kubectl drain`: nothing new comes to a node, and its pods go.
//!
//! Caveats: there are no PodDisruptionBudgets, so that every eviction is let through: it is a
//! delete. There are no DaemonSets either, but a pod that says it is one's is left alone.
//!
//! Architecture invariant: as [`super::kubectl_run`].
// Models kubectl pkg/drain/{drain,filters}.go.

use serde_json::Value;

use super::api::Part;
use super::controllers::{delete, patch};
use super::filled::{at, filled, text};
use super::informer::controller_of;
use super::kubectl_change::nodes;
use super::kubectl_delete::until_gone;
use super::kubectl_run::{Done, Session, Thing};
use super::kubectl_words::kind;
use super::status::Status;
use super::{apply, object};

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
        let (pods, errors) = meant(session, &node.1).await?;
        if errors.is_empty() {
            evict(session, &node, pods).await?;
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
    let mut pods = session.listed_in(kind("pods")?, "").await?;
    pods.retain(|pod| text(pod, "spec.nodeName") == node);
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

async fn evict(session: &Session, (node, name): &Thing, pods: Vec<Value>) -> Done {
    for pod in &pods {
        let (namespace, name) = (object::namespace(pod), object::name(pod));
        session.say(&format!("evicting pod {namespace}/{name}"));
        let grace_s = session.asked.number("grace-period").filter(|it| *it >= 0);
        match session.write(delete(pod, grace_s)).await {
            Err(status) if status.code != 404 => return Err(status),
            _ => {}
        }
    }
    for pod in &pods {
        until_gone(session, kind("pods")?, pod).await?;
        session.say(&format!("pod/{} evicted", object::name(pod)));
    }
    session.say(&apply::printed(node, name, "drained"));
    Ok(())
}
