//! What kubectl's table says of a pod: how many containers are ready, why not, how often they began
//! again.
//!
//! Architecture invariant: objects in, text out.
// Models kubernetes pkg/printers/internalversion/printers.go, printPod.

use serde_json::Value;

use super::controllers::{holds, is_going, millis};
use super::filled::{at, number, text};
use super::kubectl_table::span;

fn statuses<'a>(pod: &'a Value, field: &str) -> &'a [Value] {
    at(at(pod, "status"), field).as_array().map(Vec::as_slice).unwrap_or_default()
}

/// `1/2`: how many of its containers are ready.
pub fn pod_ready(pod: &Value) -> String {
    let runs = |it: &&Value| *at(it, "ready") == true && !at(it, "state.running").is_null();
    let initializing = initializing(pod).is_some() && !holds(pod, "Initialized");
    let ready = statuses(pod, "containerStatuses").iter().filter(runs).count();
    let ready = if initializing { 0 } else { ready };
    format!("{ready}/{}", at(pod, "spec.containers").as_array().map_or(0, Vec::len))
}

/// Why a container does not run, if that is said.
fn why(status: &Value) -> Option<String> {
    let (waiting, ended) = (at(status, "state.waiting"), at(status, "state.terminated"));
    match (text(waiting, "reason"), text(ended, "reason")) {
        ("", "") if ended.is_null() => None,
        ("", "") => Some(format!("ExitCode:{}", number(ended, "exitCode"))),
        ("", reason) | (reason, _) => Some(reason.to_string()),
    }
}

/// What an init container that is not over says of the pod.
fn initializing(pod: &Value) -> Option<String> {
    let all = statuses(pod, "initContainerStatuses");
    let is_over = |it: &Value| {
        let ended = at(it, "state.terminated");
        !ended.is_null() && number(ended, "exitCode") == 0
    };
    let (place, status) = all.iter().enumerate().find(|(_, it)| !is_over(it))?;
    let count = at(pod, "spec.initContainers").as_array().map_or(0, Vec::len);
    Some(match why(status).filter(|why| why != "PodInitializing") {
        Some(why) => format!("Init:{why}"),
        None => format!("Init:{place}/{count}"),
    })
}

/// What a pod's column STATUS says.
pub fn pod_status(pod: &Value) -> String {
    let phase = at(pod, "status.phase").as_str().unwrap_or("Unknown");
    let mut said = match text(pod, "status.reason") {
        "" => phase.to_string(),
        reason => reason.to_string(),
    };
    let init = initializing(pod);
    if init.is_none() || holds(pod, "Initialized") {
        let all = statuses(pod, "containerStatuses");
        said = all.iter().find_map(why).unwrap_or(said);
        let runs = |it: &Value| !at(it, "state.running").is_null() && *at(it, "ready") == true;
        if said == "Completed" && all.iter().any(runs) {
            said = if holds(pod, "Ready") { "Running".into() } else { "NotReady".into() };
        }
    }
    if let Some(init) = init.filter(|_| !holds(pod, "Initialized")) {
        said = init;
    }
    match is_going(pod) && !["Succeeded", "Failed"].contains(&phase) {
        true if text(pod, "status.reason") == "NodeLost" => "Unknown".into(),
        true => "Terminating".into(),
        false => said,
    }
}

/// How often a pod's containers began again, and how long ago the last of them ended.
pub fn restarts(pod: &Value, now_ms: i64) -> String {
    let all = statuses(pod, "containerStatuses");
    let count: i64 = all.iter().map(|it| number(it, "restartCount")).sum();
    let ended = |it: &Value| millis(at(it, "lastState.terminated.finishedAt"));
    match all.iter().filter_map(ended).max() {
        Some(last) if count > 0 => format!("{count} ({} ago)", span((now_ms - last) / 1000)),
        _ => count.to_string(),
    }
}
