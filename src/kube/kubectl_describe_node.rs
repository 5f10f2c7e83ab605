//! `kubectl describe` of nodes.
//!
//! Architecture invariant: objects in, text out.
// Models kubectl pkg/describe/describe.go.

use serde_json::Value;

use super::filled::{at, text};
use super::kubectl_describe::{Around, Lines, time};
use super::kubectl_table::{age, roles};
use super::object;
use super::quantity::Quantity;

fn list<'a>(object: &'a Value, path: &str) -> &'a [Value] {
    at(object, path).as_array().map(Vec::as_slice).unwrap_or_default()
}

/// A Node, without its Events.
pub(super) fn node(lines: &mut Lines, node: &Value, around: &Around) {
    lines.add(0, "Roles", &roles(node));
    lines.map(0, "Labels", at(node, "metadata.labels"), "=");
    lines.map(0, "Annotations", at(node, "metadata.annotations"), ": ");
    lines.add(0, "CreationTimestamp", &time(node, "metadata.creationTimestamp"));
    taints(lines, node);
    lines.add(0, "Unschedulable", &(*at(node, "spec.unschedulable") == true).to_string());
    lease(lines, node, around);
    if let all @ [_, ..] = list(node, "status.conditions") {
        let columns = "Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage";
        lines.line(0, "Conditions:");
        lines.line(1, columns);
        let lines_under = columns.split('\t').map(|name| "-".repeat(name.len()));
        lines.line(1, &lines_under.collect::<Vec<_>>().join("\t"));
        for it in all {
            let (heard, changed) = (time(it, "lastHeartbeatTime"), time(it, "lastTransitionTime"));
            let [kind, status, reason, message] =
                ["type", "status", "reason", "message"].map(|field| text(it, field));
            let cells = [kind, status, &heard, &changed, reason, message];
            lines.line(1, &format!("{} ", cells.join(" \t")));
        }
    }
    lines.line(0, "Addresses:");
    for it in list(node, "status.addresses") {
        lines.add(1, text(it, "type"), text(it, "address"));
    }
    for (name, path) in [("Capacity", "status.capacity"), ("Allocatable", "status.allocatable")] {
        lines.line(0, &format!("{name}:"));
        for (name, amount) in at(node, path).as_object().into_iter().flatten() {
            lines.add(1, name, amount.as_str().unwrap_or_default());
        }
    }
    lines.line(0, "System Info:");
    for (name, field) in [
        ("Machine ID", "machineID"),
        ("System UUID", "systemUUID"),
        ("Boot ID", "bootID"),
        ("Kernel Version", "kernelVersion"),
        ("OS Image", "osImage"),
        ("Operating System", "operatingSystem"),
        ("Architecture", "architecture"),
        ("Container Runtime Version", "containerRuntimeVersion"),
        ("Kubelet Version", "kubeletVersion"),
        ("Kube-Proxy Version", "kubeProxyVersion"),
    ] {
        lines.add(1, name, text(at(node, "status.nodeInfo"), field));
    }
    if !text(node, "spec.podCIDR").is_empty() {
        lines.add(0, "PodCIDR", text(node, "spec.podCIDR"));
    }
    if let all @ [_, ..] = list(node, "spec.podCIDRs") {
        let all: Vec<&str> = all.iter().filter_map(Value::as_str).collect();
        lines.add(0, "PodCIDRs", &all.join(","));
    }
    pods(lines, node, around);
}

fn lease(lines: &mut Lines, node: &Value, around: &Around) {
    match &around.lease {
        None => {
            let missing = format!("leases.coordination.k8s.io {:?} not found", object::name(node));
            lines.add(0, "Lease", &format!("Failed to get lease: {missing}"));
        }
        Some(lease) => {
            lines.line(0, "Lease:");
            let holder = match text(lease, "spec.holderIdentity") {
                "" => "<unset>",
                holder => holder,
            };
            lines.add(1, "HolderIdentity", holder);
            lines.add(1, "AcquireTime", &time(lease, "spec.acquireTime"));
            lines.add(1, "RenewTime", &time(lease, "spec.renewTime"));
        }
    }
}

/// Those that drive out, those that keep out, those that only would rather.
fn taints(lines: &mut Lines, node: &Value) {
    let mut before = "Taints:";
    for effect in ["NoExecute", "NoSchedule", "PreferNoSchedule"] {
        for taint in list(node, "spec.taints").iter().filter(|it| text(it, "effect") == effect) {
            let value = match text(taint, "value") {
                "" => String::new(),
                value => format!("={value}"),
            };
            lines.line(0, &format!("{before}\t{}{value}:{effect}", text(taint, "key")));
            before = "";
        }
    }
    if !before.is_empty() {
        lines.line(0, "Taints:\t<none>");
    }
}

/// What a pod may have of something: for each container, or the largest of its init containers'.
fn asked(pod: &Value, what: &str, name: &str) -> i64 {
    let one = |container: &Value| amount(at(at(container, what), name));
    let sum: i64 = list(pod, "spec.containers").iter().map(one).sum();
    let first = list(pod, "spec.initContainers").iter().map(one).max().unwrap_or(0);
    sum.max(first)
}

/// In thousandths.
fn amount(value: &Value) -> i64 {
    let quantity = value.as_str().and_then(|text| Quantity::parse(text).ok());
    quantity.map_or(0, |quantity| quantity.milli() as i64)
}

/// `250m`, `64Mi`, and how much of all that is.
fn share(thousandths: i64, name: &str, all: i64) -> String {
    let percent = if all > 0 { thousandths * 100 / all } else { 0 };
    let bytes = thousandths / 1000;
    let text = match name {
        "cpu" if thousandths % 1000 == 0 => (thousandths / 1000).to_string(),
        "cpu" => format!("{thousandths}m"),
        _ => {
            let units = [("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)];
            let fits = units.iter().find(|(_, unit)| bytes > 0 && bytes % unit == 0);
            fits.map_or(bytes.to_string(), |(name, unit)| format!("{}{name}", bytes / unit))
        }
    };
    format!("{text} ({percent}%)")
}

const REQUESTS: &str = "resources.requests";
const LIMITS: &str = "resources.limits";

fn pods(lines: &mut Lines, node: &Value, around: &Around) {
    let ended = |pod: &Value| ["Succeeded", "Failed"].contains(&text(pod, "status.phase"));
    let here = |pod: &&Value| text(pod, "spec.nodeName") == object::name(node) && !ended(pod);
    let pods: Vec<&Value> = around.pods.iter().filter(here).collect();
    let all = |name: &str| amount(at(at(node, "status.allocatable"), name));
    lines.add(0, "Non-terminated Pods", &format!("({} in total)", pods.len()));
    let columns =
        ["Namespace", "Name", "", "CPU Requests", "CPU Limits", "Memory Requests", "Memory Limits"];
    let mut columns = columns.to_vec();
    columns.push("Age");
    lines.line(1, &columns.join("\t"));
    let under: Vec<String> = columns.iter().map(|name| "-".repeat(name.len())).collect();
    lines.line(1, &under.join("\t"));
    for pod in &pods {
        let cell = |name: &str, what: &str| share(asked(pod, what, name), name, all(name));
        let shares = [("cpu", REQUESTS), ("cpu", LIMITS), ("memory", REQUESTS), ("memory", LIMITS)]
            .map(|(name, what)| cell(name, what));
        let (namespace, name) = (object::namespace(pod), object::name(pod));
        let age = age(pod, around.now_ms);
        lines.line(1, &format!("{namespace}\t{name}\t\t{}\t{age}", shares.join("\t")));
    }
    lines.line(0, "Allocated resources:");
    lines.line(1, "(Total limits may be over 100 percent, i.e., overcommitted.)");
    lines.line(1, "Resource\tRequests\tLimits");
    lines.line(1, "--------\t--------\t------");
    for name in ["cpu", "memory", "ephemeral-storage"] {
        let total = |what: &str| {
            let sum = pods.iter().map(|pod| asked(pod, what, name)).sum();
            share(sum, name, all(name))
        };
        lines.line(1, &format!("{name}\t{}\t{}", total(REQUESTS), total(LIMITS)));
    }
}
