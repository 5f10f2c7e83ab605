//! The apiserver's writes of parts of objects.
//!
//! A part is one field that its subresource lets through; all else stays as it is stored. Whatever
//! the client says of uid and resourceVersion must be so, else it is told of a conflict.
//!//!
//! Architecture invariant: asks etcd only through the storage.
// Models kubernetes pkg/registry/core/pod/storage/storage.go (BindingREST) and
// pkg/registry/*/strategy.

use serde_json::{Value, json};

use super::api::{ApiAnswer, Part};
use super::apiserver::Apiserver;
use super::apiserver_write::now_ms;
use super::apply::patched;
use super::controllers::scheduler;
use super::filled::filled;
use super::prepare::prepare_for_update;
use super::status::Status;
use super::storage_target::Target;
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
