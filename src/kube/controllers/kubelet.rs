//! The kubelet: what becomes of the pods of one node, its Node object, and its heartbeat.
//!
//! A pod's containers are modelled: pulling an image the node does not have, starting and stopping
//! take spans drawn from the seed for that pod. Everything the kubelet says of them is written as a
//! real one writes it.
//!
//! * A pod begins as it is bound: `Pending`, `ContainerCreating`. When its containers have started
//!   it is `Running`, and ready once its readiness probes' first delay is over.
//! * A pod that is to go is deleted when its containers have stopped.
//! * The heartbeat is a Lease renewed every 10 seconds; the Node's status is written when it
//!   differs, and every five minutes.
//!
//! * What the reader does to containers, and images that are not there:
//!   [`super::kubelet_container`].
//!
//! Caveats: one container state for all of a pod's; nothing crashes unless the reader lets it.
//!
//! Architecture invariant: as [`super`].
// Models kubernetes pkg/kubelet (status, kubelet_node_status.go) and component-helpers
// apimachinery/lease/controller.go.

use std::time::Duration;

use serde_json::Value;

use super::kubelet_container::{lacks_image, pulls_in_vain, tend};
use super::{Ask, Plan, Role, condition, create, delete, is_going, itself, millis, patch, put};
use crate::kube::api::Part;
use crate::kube::filled::{at, filled, number, text};
use crate::kube::informer::{Cache, Key};
use crate::kube::{nodes as names, object, rfc3339};
use crate::sim::Rng;

/// How often a Lease is renewed: a quarter of its 40 seconds.
const RENEW: Duration = Duration::from_secs(10);
const LEASE_S: i64 = 40;

/// `--node-status-report-frequency`
const REPORT_MS: i64 = 300_000;

/// The node's pods.
pub const PODS: Role = Role { name: "kubelet", concerns: pods, reconcile: pod, assumes: true };
/// Its Node object.
pub const NODE: Role = Role { name: "kubelet", concerns: nodes, reconcile: node, assumes: true };
/// Its heartbeat.
pub const LEASE: Role = Role { name: "kubelet", concerns: nobody, reconcile: lease, assumes: true };

fn pods(_: &Cache, changed: &Value) -> Vec<Key> {
    itself("Pod", changed)
}

fn nodes(_: &Cache, changed: &Value) -> Vec<Key> {
    itself("Node", changed)
}

fn nobody(_: &Cache, _: &Value) -> Vec<Key> {
    Vec::new()
}

/// Which of the nodes this is, from 1.
fn number_of(node: &str) -> u16 {
    names::number(node).unwrap_or(1)
}

fn span(dice: &mut Rng, ms: std::ops::Range<u64>) -> Duration {
    Duration::from_millis(dice.between(ms))
}

fn pod(ask: &Ask<'_>) -> Plan {
    let Some(pod) = ask.object() else { return Plan::default() };
    let dice = &mut Rng::stream(ask.seed, object::uid(pod), 1, 0);
    let (pull, start) = (span(dice, 1_000..4_000), span(dice, 300..900));
    let stop = span(dice, 1_000..3_000);
    if is_going(pod) {
        let meta = at(pod, "metadata");
        let grace = number(meta, "deletionGracePeriodSeconds") * 1000;
        let asked = millis(at(meta, "deletionTimestamp")).unwrap_or(0) - grace;
        let left = asked + (stop.as_millis() as i64).min(grace) - ask.now_ms;
        return match left > 0 {
            true => later(left),
            false => now(delete(pod, Some(0))),
        };
    }
    let status = at(pod, "status");
    if at(status, "startTime").is_null() {
        return now(patch(Part::Status, pod, creating(ask, pod)));
    }
    if at(status, "phase") == "Pending" {
        if lacks_image(pod) {
            return match pull.saturating_sub(ask.since) {
                Duration::ZERO => pulls_in_vain(pod, (ask.since - pull).as_millis() as i64),
                left => Plan { again: Some(left), ..Plan::default() },
            };
        }
        let due = if has_images(ask.cache, pod) { start } else { pull + start };
        return match due.saturating_sub(ask.since) {
            Duration::ZERO => now(patch(Part::Status, pod, running(ask, pod))),
            left => Plan { again: Some(left), ..Plan::default() },
        };
    }
    match at(status, "phase") == "Running" {
        true => tend(ask, pod),
        false => Plan::default(),
    }
}

pub(super) fn now(write: super::ApiRequest) -> Plan {
    Plan { writes: vec![write], ..Plan::default() }
}

pub(super) fn later(ms: i64) -> Plan {
    Plan { again: Some(Duration::from_millis(ms as u64)), ..Plan::default() }
}

pub(super) fn containers(pod: &Value) -> &[Value] {
    at(pod, "spec.containers").as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Whether another pod of the node has run the same images.
pub fn has_images(cache: &Cache, pod: &Value) -> bool {
    let ran = cache.all("Pod");
    let has = |image: &Value| {
        let ran = ran.iter().filter(|other| at(other, "status.phase") == "Running");
        ran.flat_map(|other| containers(other)).any(|other| at(other, "image") == image)
    };
    containers(pod).iter().all(|container| has(at(container, "image")))
}

/// When the first readiness probe is over: a probe is run once its delay has passed.
pub(super) fn first_probe_ms(pod: &Value) -> i64 {
    let delay = |container: &Value| match at(container, "readinessProbe") {
        Value::Null => 0,
        probe => number(probe, "initialDelaySeconds").max(1) * 1000,
    };
    containers(pod).iter().map(delay).max().unwrap_or(0)
}

/// Since when a condition has been so; from now on, if it was not.
fn since(ask: &Ask<'_>, object: &Value, name: &str, status: &str) -> Value {
    let before = condition(object, name).filter(|it| at(it, "status") == status);
    before.map_or(ask.now().into(), |it| at(it, "lastTransitionTime").clone())
}

/// The pod's conditions; those that are so already keep their time.
pub(super) fn conditions(ask: &Ask<'_>, pod: &Value, made: bool, ready: bool) -> Vec<Value> {
    let names: Vec<_> = containers(pod).iter().map(object_name).collect();
    let unready = format!("containers with unready status: [{}]", names.join(" "));
    let one = |name: &str, holds: bool, why: Option<&str>| {
        const TEXT: &str = r#"{"type": "$0", "status": "$1", "reason": "$2", "message": "$3",
            "lastTransitionTime": "$4"}"#;
        let status = if holds { "True" } else { "False" };
        let message = why.map(|_| unready.as_str());
        let since = since(ask, pod, name, status);
        filled(TEXT, &[name.into(), status.into(), why.into(), message.into(), since])
    };
    let why = (!ready).then_some("ContainersNotReady");
    vec![
        one("PodReadyToStartContainers", made, None),
        one("Initialized", true, None),
        one("Ready", ready, why),
        one("ContainersReady", ready, why),
        one("PodScheduled", true, None),
    ]
}

fn object_name(container: &Value) -> &str {
    text(container, "name")
}

fn host_ip(pod: &Value) -> String {
    names::host_ip(number_of(text(pod, "spec.nodeName")))
}

fn creating(ask: &Ask<'_>, pod: &Value) -> Value {
    const STATUS: &str = r#"{"status": {"phase": "Pending", "startTime": "$0", "hostIP": "$1",
        "conditions": "$2", "containerStatuses": "$3"}}"#;
    const CONTAINER: &str = r#"{"name": "$0", "image": "$1", "started": false,
        "state": {"waiting": {"reason": "ContainerCreating"}}}"#;
    let waiting = |container: &Value| {
        filled(CONTAINER, &["name", "image"].map(|field| at(container, field).clone()))
    };
    let conditions = conditions(ask, pod, false, false).into();
    let waiting = containers(pod).iter().map(waiting).collect();
    filled(STATUS, &[ask.now().into(), host_ip(pod).into(), conditions, waiting])
}

pub(super) fn running(ask: &Ask<'_>, pod: &Value) -> Value {
    const STATUS: &str = r#"{"status": {"phase": "Running", "podIP": "$0", "podIPs": [{"ip": "$0"}],
        "conditions": "$1", "containerStatuses": "$2"}}"#;
    const CONTAINER: &str = r#"{"name": "$0", "image": "$1", "ready": "$2", "started": true,
        "imageID": "$3", "containerID": "$4", "restartCount": "$6", "lastState": "$7",
        "state": {"running": {"startedAt": "$5"}, "waiting": null, "terminated": null}}"#;
    let status = at(pod, "status.containerStatuses.0");
    let started = at(status, "state.running.startedAt");
    let ready = !started.is_null() || first_probe_ms(pod) == 0;
    let again = started.is_null() && at(pod, "status.phase") == "Running";
    let count = number(status, "restartCount") + i64::from(again);
    let last = match at(status, "state.terminated") {
        Value::Null => at(status, "lastState").clone(),
        ended => filled(r#"{"terminated": "$0"}"#, std::slice::from_ref(ended)),
    };
    let started = if started.is_null() { ask.now().into() } else { started.clone() };
    let hash = |text: &str| format!("{:016x}{:016x}", digest(text), digest(&format!("{text}.")));
    let runs = |container: &Value| {
        let (name, image) = (text(container, "name"), text(container, "image"));
        let nth = if count > 0 { count.to_string() } else { String::new() };
        let id = hash(&format!("{}{name}{nth}", object::uid(pod)));
        let image_id = format!("docker.io/library/{image}@sha256:{}{}", hash(image), hash(&id));
        let id = format!("containerd://{id}{}", hash(image));
        filled(
            CONTAINER,
            &[
                name.into(),
                image.into(),
                ready.into(),
                image_id.into(),
                id.into(),
                started.clone(),
                count.into(),
                last.clone(),
            ],
        )
    };
    let ip = at(pod, "status.podIP");
    let ip = if ip.is_null() { free_ip(ask, pod).into() } else { ip.clone() };
    let conditions = conditions(ask, pod, true, ready).into();
    filled(STATUS, &[ip, conditions, containers(pod).iter().map(runs).collect()])
}

fn digest(text: &str) -> u64 {
    Rng::stream(0, text, 0, 0).next_u64()
}

/// The lowest address of the node's that no pod has.
fn free_ip(ask: &Ask<'_>, pod: &Value) -> String {
    let pods = ask.cache.all("Pod");
    let range = names::pod_range(number_of(text(pod, "spec.nodeName")));
    let mut all = (2..=255).map(|number| format!("{range}.{number}"));
    let is_free = |ip: &String| !pods.iter().any(|pod| at(pod, "status.podIP") == ip.as_str());
    all.find(is_free).unwrap_or_default()
}

fn node(ask: &Ask<'_>) -> Plan {
    let again = Some(RENEW);
    let Some(node) = ask.object() else {
        return Plan { again, ..now(create(birth(ask))) };
    };
    let ready = condition(node, "Ready").filter(|ready| at(ready, "status") == "True");
    let last = ready.and_then(|ready| millis(at(ready, "lastHeartbeatTime"))).unwrap_or(0);
    if ask.now_ms - last < REPORT_MS {
        return Plan { again, ..Plan::default() };
    }
    let conditions = node_conditions(ask, node).into();
    let status = filled(r#"{"status": {"conditions": "$0"}}"#, &[conditions]);
    Plan { again, ..now(patch(Part::Status, node, status)) }
}

fn node_conditions(ask: &Ask<'_>, node: &Value) -> Vec<Value> {
    const TEXT: &str = r#"{"type": "$0", "status": "$1", "reason": "$2", "message": "$3",
        "lastHeartbeatTime": "$4", "lastTransitionTime": "$5"}"#;
    const ALL: [[&str; 4]; 4] = [
        [
            "MemoryPressure",
            "False",
            "KubeletHasSufficientMemory",
            "kubelet has sufficient memory available",
        ],
        ["DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"],
        ["PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"],
        ["Ready", "True", "KubeletReady", "kubelet is posting ready status"],
    ];
    let one = |[name, status, reason, message]: [&str; 4]| {
        let since = since(ask, node, name, status);
        let now = ask.now().into();
        filled(TEXT, &[name.into(), status.into(), reason.into(), message.into(), now, since])
    };
    ALL.map(one).to_vec()
}

/// What the kubelet registers: name, conditions, its pods' addresses and its own.
const NODE_TEXT: &str = r#"{"apiVersion": "v1", "kind": "Node",
    "metadata": {"name": "$0", "labels": {"kubernetes.io/hostname": "$0",
        "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}},
    "spec": {"podCIDR": "$2"},
    "status": {
        "capacity": {"cpu": "4", "memory": "8Gi", "pods": "110", "ephemeral-storage": "60Gi"},
        "allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110", "ephemeral-storage": "60Gi"},
        "conditions": "$1",
        "addresses": [
            {"type": "InternalIP", "address": "$3"}, {"type": "Hostname", "address": "$0"}],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "nodeInfo": {"kernelVersion": "6.1.0", "osImage": "Debian GNU/Linux 12 (bookworm)",
            "containerRuntimeVersion": "containerd://1.7.24", "kubeletVersion": "v1.32.4",
            "operatingSystem": "linux", "architecture": "amd64"}}}"#;

fn birth(ask: &Ask<'_>) -> Value {
    let name = ask.key.name.as_str();
    let number = number_of(name);
    let (range, address) = (format!("{}.0/24", names::pod_range(number)), names::host_ip(number));
    let conditions = node_conditions(ask, &Value::Null).into();
    filled(NODE_TEXT, &[name.into(), conditions, range.into(), address.into()])
}

const LEASE_TEXT: &str = r#"{"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
    "metadata": {"name": "$0", "namespace": "kube-node-lease",
        "ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": "$0", "uid": "$1"}]},
    "spec": {"holderIdentity": "$0", "leaseDurationSeconds": "$2", "renewTime": "$3"}}"#;

fn lease(ask: &Ask<'_>) -> Plan {
    let name = ask.key.name.as_str();
    // There is no Lease without its Node.
    let Some(node) = ask.cache.get(&Key::new("Node", "", name)) else {
        return later(200);
    };
    let mut dice = Rng::stream(ask.seed, name, ask.now_ms as u64, 0);
    // 4 % around, so that not all nodes come at once.
    let around = span(&mut dice, 9_600..10_401);
    let at = (ask.now_ms / 1000, (ask.now_ms % 1000 * 1_000_000) as u32);
    let renewed = Value::from(rfc3339::format_micro(at));
    let write = match ask.object() {
        Some(lease) => {
            let mut lease = lease.clone();
            lease["spec"]["renewTime"] = renewed;
            put(Part::Object, lease)
        }
        None => {
            let uid = object::uid(node).into();
            create(filled(LEASE_TEXT, &[name.into(), uid, LEASE_S.into(), renewed]))
        }
    };
    Plan { again: Some(around), ..now(write) }
}
