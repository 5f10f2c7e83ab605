//! `kubectl describe`: one object at length, and what happened to it.
//!
//! Caveats: pods, Deployments, ReplicaSets and Nodes at length, others by their names only; of
//! containers what a reader sets here.
//!
//! Architecture invariant: objects in, text out.
// Models kubectl pkg/describe/describe.go.

use serde_json::Value;

use super::filled::{at, number, text};
use super::kinds::Kind;
use super::kubectl_table::{aligned, pod_status};
use super::{happenings, object};

/// `Name:  value` rows; a value of several lines goes on below.
struct Rows(Vec<Vec<String>>);

impl Rows {
    fn add(&mut self, name: &str, value: &str) {
        self.0.push(vec![format!("{name}:"), value.to_string()]);
    }

    fn said(&mut self, name: &str, object: &Value, path: &str) {
        match text(object, path) {
            "" => self.add(name, "<none>"),
            value => self.add(name, value),
        }
    }

    /// A map, one entry a line.
    fn map(&mut self, name: &str, map: &Value, between: &str) {
        let all = map.as_object().into_iter().flatten();
        let mut name = format!("{name}:");
        let before = self.0.len();
        for (key, value) in all {
            let value = value.as_str().unwrap_or_default();
            self.0.push(vec![std::mem::take(&mut name), format!("{key}{between}{value}")]);
        }
        if self.0.len() == before {
            self.0.push(vec![name, "<none>".into()]);
        }
    }
}

/// An object at length.
pub(super) fn describe(kind: &Kind, object: &Value, events: &[Value], now_ms: i64) -> String {
    let mut rows = Rows(Vec::new());
    rows.add("Name", object::name(object));
    if kind.namespaced {
        rows.add("Namespace", object::namespace(object));
    }
    let mut more = Vec::new();
    match kind.kind.as_ref() {
        "Pod" => pod(&mut rows, &mut more, object),
        "Deployment" => deployment(&mut rows, &mut more, object),
        "ReplicaSet" => replica_set(&mut rows, &mut more, object),
        "Node" => node(&mut rows, &mut more, object),
        _ => {
            rows.map("Labels", at(object, "metadata.labels"), "=");
            rows.map("Annotations", at(object, "metadata.annotations"), ": ");
        }
    }
    more.insert(0, aligned(&rows.0, 2, 0));
    more.push(happenings::listed(events, object, now_ms));
    more.join("\n")
}

/// `Thu, 01 Jan 2026 00:00:04 +0000`
fn time(object: &Value, path: &str) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let written = text(object, path);
    let Ok((seconds, _)) = super::rfc3339::parse(written) else { return "<unset>".into() };
    let day = DAYS[(seconds.div_euclid(86_400)).rem_euclid(7) as usize];
    let part = |range: std::ops::Range<usize>| written.get(range).unwrap_or_default();
    let month = MONTHS[part(5..7).parse::<usize>().unwrap_or(1).saturating_sub(1) % 12];
    format!("{day}, {} {month} {} {} +0000", part(8..10), part(0..4), part(11..19))
}

fn conditions(more: &mut Vec<String>, object: &Value, fields: &[(&str, &str)]) {
    let row = |cell: &dyn Fn(&(&str, &str)) -> String| {
        let mut cells: Vec<String> = fields.iter().map(cell).collect();
        cells[0].insert_str(0, "  ");
        cells
    };
    let mut rows = vec![row(&|(name, _)| name.to_string())];
    rows.push(row(&|(name, _)| "-".repeat(name.len())));
    for condition in at(object, "status.conditions").as_array().into_iter().flatten() {
        rows.push(row(&|(_, field)| text(condition, field).to_string()));
    }
    more.push(format!("Conditions:\n{}", aligned(&rows, 2, 0)));
}

fn pod(rows: &mut Rows, more: &mut Vec<String>, pod: &Value) {
    rows.add(
        "Node",
        &match (text(pod, "spec.nodeName"), text(pod, "status.hostIP")) {
            ("", _) => "<none>".into(),
            (node, ip) => format!("{node}/{ip}"),
        },
    );
    if !at(pod, "status.startTime").is_null() {
        rows.add("Start Time", &time(pod, "status.startTime"));
    }
    rows.map("Labels", at(pod, "metadata.labels"), "=");
    rows.map("Annotations", at(pod, "metadata.annotations"), ": ");
    rows.add("Status", &pod_status(pod));
    rows.add("IP", text(pod, "status.podIP"));
    if let Some(owner) = super::informer::controller_of(pod) {
        let owner = format!("{}/{}", text(owner, "kind"), text(owner, "name"));
        rows.add("Controlled By", &owner);
    }
    more.push(containers(at(pod, "spec"), at(pod, "status.containerStatuses"), ""));
    conditions(more, pod, &[("Type", "type"), ("Status", "status")]);
    let mut tail = Rows(Vec::new());
    tail.said("QoS Class", pod, "status.qosClass");
    tail.map("Node-Selectors", at(pod, "spec.nodeSelector"), "=");
    more.push(aligned(&tail.0, 2, 0));
}

/// The containers, each with its lines deeper than its name.
fn containers(spec: &Value, statuses: &Value, indent: &str) -> String {
    let mut out = format!("{indent}Containers:");
    for container in at(spec, "containers").as_array().into_iter().flatten() {
        let name = text(container, "name");
        let mut rows = Rows(Vec::new());
        rows.said("Image", container, "image");
        let of_it = |it: &&Value| text(it, "name") == name;
        if let Some(status) = statuses.as_array().into_iter().flatten().find(of_it) {
            let waits = text(status, "state.waiting.reason");
            rows.add("State", if waits.is_empty() { "Running" } else { "Waiting" });
            match waits {
                "" => rows.add("  Started", &time(status, "state.running.startedAt")),
                reason => rows.add("  Reason", reason),
            }
            let ready = *at(status, "ready") == true;
            rows.add("Ready", if ready { "True" } else { "False" });
            rows.add("Restart Count", &number(status, "restartCount").to_string());
        }
        for (name, path) in [("Limits", "resources.limits"), ("Requests", "resources.requests")] {
            if !at(container, path).is_null() {
                rows.map(name, at(container, path), ": ");
            }
        }
        let lines = aligned(&rows.0, 2, 0);
        out += &format!("\n{indent}  {name}:");
        lines.lines().for_each(|line| out += &format!("\n{indent}    {line}"));
    }
    out
}

fn template(more: &mut Vec<String>, object: &Value) {
    let mut rows = Rows(Vec::new());
    rows.map("  Labels", at(object, "spec.template.metadata.labels"), "=");
    let spec = at(object, "spec.template.spec");
    let containers = containers(spec, &Value::Null, "  ");
    more.push(format!("Pod Template:\n{}\n{containers}", aligned(&rows.0, 2, 0)));
}

fn deployment(rows: &mut Rows, more: &mut Vec<String>, deployment: &Value) {
    rows.add("CreationTimestamp", &time(deployment, "metadata.creationTimestamp"));
    rows.map("Labels", at(deployment, "metadata.labels"), "=");
    rows.map("Annotations", at(deployment, "metadata.annotations"), ": ");
    let labels = super::kubectl_table::labels(at(deployment, "spec.selector.matchLabels"));
    rows.add("Selector", &labels);
    let count = |path: &str| number(deployment, path);
    let replicas = format!(
        "{} desired | {} updated | {} total | {} available | {} unavailable",
        count("spec.replicas"),
        count("status.updatedReplicas"),
        count("status.replicas"),
        count("status.availableReplicas"),
        count("status.unavailableReplicas"),
    );
    rows.add("Replicas", &replicas);
    rows.said("StrategyType", deployment, "spec.strategy.type");
    rows.add("MinReadySeconds", &count("spec.minReadySeconds").to_string());
    if let rolling @ Value::Object(_) = at(deployment, "spec.strategy.rollingUpdate") {
        let one = |field: &str| at(rolling, field).to_string().replace('"', "");
        let (unavailable, surge) = (one("maxUnavailable"), one("maxSurge"));
        rows.add(
            "RollingUpdateStrategy",
            &format!("{unavailable} max unavailable, {surge} max surge"),
        );
    }
    template(more, deployment);
    let fields = [("Type", "type"), ("Status", "status"), ("Reason", "reason")];
    conditions(more, deployment, &fields);
}

fn replica_set(rows: &mut Rows, more: &mut Vec<String>, set: &Value) {
    let labels = super::kubectl_table::labels(at(set, "spec.selector.matchLabels"));
    rows.add("Selector", &labels);
    rows.map("Labels", at(set, "metadata.labels"), "=");
    rows.map("Annotations", at(set, "metadata.annotations"), ": ");
    if let Some(owner) = super::informer::controller_of(set) {
        let owner = format!("{}/{}", text(owner, "kind"), text(owner, "name"));
        rows.add("Controlled By", &owner);
    }
    let count = |path: &str| number(set, path);
    let (now, wanted) = (count("status.replicas"), count("spec.replicas"));
    rows.add("Replicas", &format!("{now} current / {wanted} desired"));
    template(more, set);
}

fn node(rows: &mut Rows, more: &mut Vec<String>, node: &Value) {
    rows.add("Roles", "<none>");
    rows.map("Labels", at(node, "metadata.labels"), "=");
    rows.map("Annotations", at(node, "metadata.annotations"), ": ");
    rows.add("CreationTimestamp", &time(node, "metadata.creationTimestamp"));
    let taints = at(node, "spec.taints").as_array();
    let taints: Vec<String> = taints
        .into_iter()
        .flatten()
        .map(|taint| format!("{}:{}", text(taint, "key"), text(taint, "effect")))
        .collect();
    let none = if taints.is_empty() { "<none>" } else { &taints[0] };
    rows.add("Taints", none);
    for taint in taints.iter().skip(1) {
        rows.0.push(vec![String::new(), taint.clone()]);
    }
    rows.add("Unschedulable", &(*at(node, "spec.unschedulable") == true).to_string());
    let fields =
        [("Type", "type"), ("Status", "status"), ("Reason", "reason"), ("Message", "message")];
    conditions(more, node, &fields);
}
