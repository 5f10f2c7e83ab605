//! The apiserver's writes of parts of objects, and its deletes.
//!
//! A part is one field that its subresource lets through; all else stays as it is stored. Whatever
//! the client says of uid and resourceVersion must be so, else it is told of a conflict.
//!
//! A pod on a node is not deleted at once: it gets a time of deletion, and its kubelet deletes it
//! when it has stopped. A namespace gets one too, and goes when it is empty.
//!
//! Caveats: that holds while the control plane acts; when it only watches, everything is deleted at
//! once. Of propagation policies there is *background* only.
//!
//! Architecture invariant: asks etcd only through the storage.
// Models kubernetes pkg/registry/core/pod/storage/storage.go (BindingREST), pkg/registry/*/strategy
// and apiserver pkg/registry/rest/delete.go.

use std::rc::Rc;

use serde_json::{Value, json};

use super::api::{Answered, ApiAnswer, Part};
use super::apiserver::Apiserver;
use super::apiserver_write::now_ms;
use super::apply::patched;
use super::controllers::scheduler;
use super::filled::filled;
use super::prepare::prepare_for_update;
use super::status::Status;
use super::storage_target::{Preconditions, Target};
use super::typed::typed_value;
use super::{object, rfc3339};
use crate::raft::ThreadId;

impl Apiserver {
    /// Writes an object, or a part of it.
    pub(super) async fn write(
        &self,
        target: Target<'_>,
        part: Part,
        (put, body): (bool, &Value),
        thread: ThreadId,
    ) -> ApiAnswer {
        let update = |stored: &Value| {
            let new = match (put, part) {
                (true, _) => body.clone(),
                (_, Part::Binding) => {
                    patched(target.kind, stored, &json!({"metadata": body["metadata"]}))
                }
                _ => patched(target.kind, stored, body),
            };
            let mut new = typed_value(target.kind, &new).map_err(|wrong| wrong.status)?;
            if part == Part::Object {
                return Ok(new);
            }
            // Uid and resourceVersion are compared there.
            let mut checked = new.clone();
            prepare_for_update(target.kind, stored, &mut checked)?;
            let mut all = stored.clone();
            match part {
                Part::Binding => bind(target, &mut all, body)?,
                Part::Finalize => all["spec"] = new["spec"].take(),
                _ => {
                    all["status"] = new["status"].take();
                    if put && !new["metadata"]["annotations"].is_null() {
                        all["metadata"]["annotations"] = new["metadata"]["annotations"].take();
                    }
                }
            }
            Ok(all)
        };
        let written = self.replace(target, part, thread, &update).await?;
        let spec = &written.object["spec"];
        if part == Part::Finalize && spec["finalizers"].as_array().is_none_or(Vec::is_empty) {
            return self.remove(target, String::new(), thread).await;
        }
        Ok(written)
    }

    /// Removes an object, or begins to.
    pub(super) async fn delete(
        &self,
        target: Target<'_>,
        (uid, grace_s): (String, Option<i64>),
        thread: ThreadId,
    ) -> ApiAnswer {
        if !self.plane.acts() || !matches!(target.kind.kind.as_ref(), "Pod" | "Namespace") {
            return self.remove(target, uid, thread).await;
        }
        let stored = match self.maybe_stale(target) {
            Some(stored) => stored,
            None => Rc::new(self.storage(target.kind, thread).get(target).await?),
        };
        let Some(grace) = grace_of(&stored, grace_s) else {
            return self.remove(target, uid, thread).await;
        };
        let update = |stored: &Value| {
            let mut new = stored.clone();
            if !uid.is_empty() {
                new["metadata"]["uid"] = uid.as_str().into();
            }
            prepare_for_update(target.kind, stored, &mut new)?;
            if new["metadata"]["deletionTimestamp"].is_null() {
                let at = rfc3339::format(now_ms() / 1000 + grace);
                new["metadata"]["deletionTimestamp"] = at.into();
                match target.kind.kind.as_ref() {
                    "Pod" => new["metadata"]["deletionGracePeriodSeconds"] = json!(grace),
                    _ => new["status"]["phase"] = "Terminating".into(),
                }
            }
            Ok(new)
        };
        Ok(self.replace(target, Part::Status, thread, &update).await?)
    }

    /// Removes an object at once.
    async fn remove(&self, target: Target<'_>, uid: String, thread: ThreadId) -> ApiAnswer {
        let preconditions =
            Preconditions { uid: Some(uid).filter(|uid| !uid.is_empty()), resource_version: None };
        let (storage, steps) = (self.storage(target.kind, thread), self.steps(thread));
        let cached = self.maybe_stale(target);
        let object =
            storage.delete(&steps, target, &preconditions, cached.as_deref(), |_| Ok(())).await?;
        Ok(Answered { object, changed: true, created: false, gone: true })
    }
}

/// How long the object has to end; none: it goes at once.
fn grace_of(stored: &Value, asked: Option<i64>) -> Option<i64> {
    if stored["kind"] == "Namespace" {
        let held = stored["spec"]["finalizers"].as_array().is_some_and(|all| !all.is_empty());
        return held.then_some(0);
    }
    let own = stored["spec"]["terminationGracePeriodSeconds"].as_i64();
    let grace = asked.or(own).unwrap_or(30);
    (grace > 0 && !stored["spec"]["nodeName"].is_null()).then_some(grace)
}

/// Gives a pod its node, once.
fn bind(target: Target<'_>, pod: &mut Value, binding: &Value) -> Result<(), Status> {
    let name = target.name;
    if let Some(node) = pod["spec"]["nodeName"].as_str() {
        let why = format!("pod {name} is already assigned to node {node:?}");
        return Err(Status::conflict_on("pods/binding", name, &why));
    }
    if !pod["metadata"]["deletionTimestamp"].is_null() {
        let why = format!("pod {name} is being deleted, cannot be assigned to a host");
        return Err(Status::conflict_on("pods/binding", name, &why));
    }
    pod["spec"]["nodeName"] = binding["target"]["name"].clone();
    let now = rfc3339::format(now_ms() / 1000);
    let scheduled = json!({"type": "PodScheduled", "status": "True", "lastTransitionTime": now});
    if let Some(list) = object::conditions_mut(pod) {
        list.retain(|condition| condition["type"] != "PodScheduled");
        list.push(scheduled);
    }
    Ok(())
}

/// The admission of tolerations: a pod stays five minutes on a node that is not ready or not heard
/// of, unless it says otherwise (models the plugin DefaultTolerationSeconds).
pub(super) fn tolerate(pod: &mut Value) {
    const TOLERATION: &str = r#"{"key": "$0", "operator": "Exists", "effect": "NoExecute",
        "tolerationSeconds": 300}"#;
    let Some(spec) = pod.get_mut("spec").and_then(Value::as_object_mut) else { return };
    let all = spec.entry("tolerations").or_insert_with(|| Value::Array(Vec::new()));
    let Some(all) = all.as_array_mut() else { return };
    for name in ["not-ready", "unreachable"] {
        let key = Value::from(format!("node.kubernetes.io/{name}"));
        let taint = filled(r#"{"key": "$0", "effect": "NoExecute"}"#, std::slice::from_ref(&key));
        if !all.iter().any(|it| scheduler::tolerates(it, &taint)) {
            all.push(filled(TOLERATION, &[key]));
        }
    }
}
