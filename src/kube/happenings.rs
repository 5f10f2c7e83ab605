//! The Events that tell a reader what the control plane does: `ScalingReplicaSet`, `Scheduled`, …
//!
//! Each follows from a write that went well, and is written as an object of its own.
//!
//! Caveats: a kubelet's come with the status they belong to, not one by one as containers start.
//! None is counted up; none expires.
//!
//! Architecture invariant: pure functions of a write and its answer.
// Models client-go tools/record, and the messages of those who record.

use serde_json::Value;

use super::api::{ApiRequest, Part};
use super::controllers::kubelet_container;
use super::filled::{at, filled, number, text};
use super::informer::{Cache, Key};

/// What happened to an object: type, reason, message.
pub type Happening = (Key, &'static str, &'static str, String);

/// What a write that went well is told as; `before`: the object as its writer knew it then.
pub(super) fn of(
    cache: &Cache,
    by: &str,
    request: &ApiRequest,
    (before, after): (&Value, &Value),
) -> Vec<Happening> {
    let key = Key::of(after);
    let owner = |kind: &str| super::controllers::owner(kind, after).unwrap_or_default();
    let one = |about: Key, reason, message| vec![(about, "Normal", reason, message)];
    match (request, key.kind.as_str()) {
        (ApiRequest::Create { .. }, "Pod") => {
            one(owner("ReplicaSet"), "SuccessfulCreate", format!("Created pod: {}", key.name))
        }
        (ApiRequest::Delete { .. }, "Pod") if by == "replicaset-controller" => {
            one(owner("ReplicaSet"), "SuccessfulDelete", format!("Deleted pod: {}", key.name))
        }
        (
            ApiRequest::Create { .. } | ApiRequest::Write { part: Part::Object, .. },
            "ReplicaSet",
        ) => {
            let before = number(before, "spec.replicas");
            let now = number(after, "spec.replicas");
            let way = if now > before { "up" } else { "down" };
            let message = format!("Scaled {way} replica set {} from {before} to {now}", key.name);
            let about = owner("Deployment");
            if now == before { vec![] } else { one(about, "ScalingReplicaSet", message) }
        }
        (ApiRequest::Write { part: Part::Binding, .. }, _) => {
            let (namespace, name) = (&key.namespace, &key.name);
            let node = text(after, "spec.nodeName");
            let message = format!("Successfully assigned {namespace}/{name} to {node}");
            one(key, "Scheduled", message)
        }
        (ApiRequest::Write { part: Part::Status, .. }, "Pod") => of_pod(cache, key, before, after),
        _ => Vec::new(),
    }
}

fn of_pod(cache: &Cache, key: Key, before: &Value, pod: &Value) -> Vec<Happening> {
    let why = super::controllers::condition(pod, "PodScheduled");
    let unplaced = why.filter(|why| text(why, "reason") == "Unschedulable");
    if let Some(unplaced) = unplaced {
        let message = text(unplaced, "message").to_string();
        return vec![(key, "Warning", "FailedScheduling", message)];
    }
    let running = text(pod, "status.phase") == "Running";
    let ails = ailing(&key, before, pod);
    if running && text(before, "status.phase") == "Running" || !ails.is_empty() {
        return ails;
    }
    let has_images = super::controllers::kubelet::has_images(cache, pod);
    let second = |path: &str| super::controllers::millis(at(pod, path)).unwrap_or(0) / 1000;
    let took = second("status.containerStatuses.0.state.running.startedAt");
    let took = took - second("status.startTime");
    let mut told = Vec::new();
    for container in at(pod, "spec.containers").as_array().into_iter().flatten() {
        let (name, image) = (text(container, "name"), text(container, "image"));
        let mut tell = |reason, message| told.push((key.clone(), "Normal", reason, message));
        let pulled = match has_images {
            true => format!("Container image {image:?} already present on machine"),
            false => format!(
                "Successfully pulled image {image:?} in {took}s ({took}s including waiting)"
            ),
        };
        if running {
            tell("Pulled", pulled);
            tell("Created", format!("Created container: {name}"));
            tell("Started", format!("Started container {name}"));
        } else if !has_images {
            tell("Pulling", format!("Pulling image {image:?}"));
        }
    }
    told
}

/// What the kubelet tells of containers that do not do as they should.
fn ailing(key: &Key, before: &Value, pod: &Value) -> Vec<Happening> {
    const FIRST: &str = "status.containerStatuses.0";
    let (was, is) = (at(before, FIRST), at(pod, FIRST));
    let reason = |status: &Value| text(status, "state.waiting.reason").to_string();
    let mut told = Vec::new();
    let changed = Some(reason(is)).filter(|now| *now != reason(was)).unwrap_or_default();
    for container in at(pod, "spec.containers").as_array().into_iter().flatten() {
        let (name, image) = (text(container, "name"), text(container, "image"));
        let mut tell =
            |kind, reason, message: String| told.push((key.clone(), kind, reason, message));
        match changed.as_str() {
            "CrashLoopBackOff" => {
                let whose = kubelet_container::whose(pod);
                let text = format!("Back-off restarting failed container {name} in pod {whose}");
                tell("Warning", "BackOff", text);
            }
            "ErrImagePull" => {
                let why = kubelet_container::not_found(image);
                tell("Warning", "Failed", format!("Failed to pull image {image:?}: {why}"));
                tell("Warning", "Failed", format!("Error: {changed}"));
            }
            "ImagePullBackOff" => {
                tell("Normal", "BackOff", format!("Back-off pulling image {image:?}"));
                tell("Warning", "Failed", format!("Error: {changed}"));
            }
            _ => {}
        }
        let ended = at(is, "state.terminated");
        let probe = |probe: &str| match at(container, probe) {
            probe if !at(probe, "httpGet").is_null() => "HTTP probe failed with statuscode: 500",
            probe if !at(probe, "tcpSocket").is_null() => "connect: connection refused",
            _ => "command failed",
        };
        if !ended.is_null()
            && at(was, "state.terminated").is_null()
            && number(ended, "exitCode") == 137
        {
            let text = format!("Liveness probe failed: {}", probe("livenessProbe"));
            tell("Warning", "Unhealthy", text);
            let text = format!("Container {name} failed liveness probe, will be restarted");
            tell("Normal", "Killing", text);
        }
        let runs = |status: &Value| !at(status, "state.running").is_null();
        if runs(is) && runs(was) && *at(was, "ready") == true && *at(is, "ready") != true {
            let text = format!("Readiness probe failed: {}", probe("readinessProbe"));
            tell("Warning", "Unhealthy", text);
        }
        if runs(is) && number(is, "restartCount") > number(was, "restartCount") {
            let present = format!("Container image {image:?} already present on machine");
            tell("Normal", "Pulled", present);
            tell("Normal", "Created", format!("Created container: {name}"));
            tell("Normal", "Started", format!("Started container {name}"));
        }
    }
    told
}

const EVENT: &str = r#"{"apiVersion": "v1", "kind": "Event",
    "metadata": {"name": "$0", "namespace": "$1"},
    "involvedObject": {"kind": "$2", "namespace": "$1", "name": "$3", "uid": "$4",
        "apiVersion": "$5", "resourceVersion": "$6"},
    "reason": "$7", "message": "$8", "type": "$9", "source": {"component": "$10"},
    "firstTimestamp": "$11", "lastTimestamp": "$11", "count": 1, "reportingComponent": "$10"}"#;

/// The Event of a happening. `about` is the object, `nanos` the time since 1970.
pub(super) fn event(happening: &Happening, about: &Value, by: &str, nanos: u64) -> Value {
    let (key, kind, reason, message) = happening;
    let name = format!("{}.{nanos:x}", key.name);
    let now = super::rfc3339::format((nanos / 1_000_000_000) as i64);
    let text = |path: &str| at(about, path).clone();
    let texts =
        [&name, &key.namespace, &key.kind, &key.name].map(|text| Value::from(text.as_str()));
    let mut values = texts.to_vec();
    values.extend(["metadata.uid", "apiVersion", "metadata.resourceVersion"].map(text));
    values.extend([*reason, message, *kind, by, &now].map(Value::from));
    filled(EVENT, &values)
}
