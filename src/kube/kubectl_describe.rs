//! `kubectl describe`: one object at length, and what happened to it.
//!
//! Caveats: pods, Deployments, ReplicaSets, Nodes, namespaces, Services, ConfigMaps and Secrets at
//! length, others by their names only.
//!
//! Architecture invariant: objects in, text out.
// Models kubectl pkg/describe/describe.go.

use serde_json::Value;

use super::controllers::deployment::template_of;
use super::filled::{at, number, text};
use super::informer::controller_of;
use super::kinds::Kind;
use super::kubectl_describe_node::node;
use super::kubectl_describe_pod::{pod, template};
use super::kubectl_table::{selector, since};
use super::kubectl_tabs::tabbed;
use super::object;

/// What else is looked at.
#[derive(Default)]
pub(super) struct Around {
    /// The Events of the namespace.
    pub events: Vec<Value>,
    /// Pods: those of a ReplicaSet's namespace, or all.
    pub pods: Vec<Value>,
    /// The ReplicaSets of a Deployment's namespace.
    pub sets: Vec<Value>,
    /// The Lease of a Node.
    pub lease: Option<Value>,
    /// Milliseconds since 1970.
    pub now_ms: i64,
}

/// Text in the making: lines with tabs.
pub(super) struct Lines(pub String);

impl Lines {
    /// A line of so many levels, two spaces each.
    pub fn line(&mut self, level: usize, text: &str) {
        self.0 += &"  ".repeat(level);
        self.0 += text;
        self.0.push('\n');
    }

    /// `Name:  value`
    pub fn add(&mut self, level: usize, name: &str, value: &str) {
        self.line(level, &format!("{name}:\t{value}"));
    }

    /// A map, one entry a line.
    pub fn map(&mut self, level: usize, name: &str, map: &Value, between: &str) {
        let shown = |(key, _): &(&String, &Value)| *key != super::apply::LAST_APPLIED;
        let mut all = map.as_object().into_iter().flatten().filter(shown).peekable();
        if all.peek().is_none() {
            return self.add(level, name, "<none>");
        }
        let mut before = format!("{}{name}:", "  ".repeat(level));
        for (key, value) in all {
            let value = value.as_str().unwrap_or_default();
            let entry = match value.contains('\n') || value.len() + key.len() + 2 > 140 {
                true if between == ": " => format!("{key}:\n\t  {}", value.trim()),
                _ => format!("{key}{between}{value}"),
            };
            self.line(0, &format!("{}\t{entry}", std::mem::take(&mut before)));
        }
    }
}

/// An object at length.
pub(super) fn describe(kind: &Kind, object: &Value, around: &Around) -> String {
    let mut lines = Lines(String::new());
    lines.add(0, "Name", object::name(object));
    if kind.namespaced {
        lines.add(0, "Namespace", object::namespace(object));
    }
    let mut told = true;
    match kind.kind.as_ref() {
        "Pod" => pod(&mut lines, object, around.now_ms),
        "Deployment" => deployment(&mut lines, object, around),
        "ReplicaSet" => replica_set(&mut lines, object, around),
        "Node" => node(&mut lines, object, around),
        name => {
            lines.map(0, "Labels", at(object, "metadata.labels"), "=");
            lines.map(0, "Annotations", at(object, "metadata.annotations"), ": ");
            told = !["Secret", "Namespace"].contains(&name);
            match name {
                "Service" => service(&mut lines, object),
                "ConfigMap" => config_map(&mut lines, object),
                "Secret" => secret(&mut lines, object),
                "Namespace" => {
                    lines.add(0, "Status", text(object, "status.phase"));
                    lines.0 += "\nNo resource quota.\n";
                }
                _ => {}
            }
        }
    }
    if told {
        events(&mut lines, &around.events, object, around.now_ms);
    }
    tabbed(&lines.0).trim_end().to_string()
}

/// `Thu, 01 Jan 2026 00:00:04 +0000`
pub(super) fn time(object: &Value, path: &str) -> String {
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

/// The conditions with these columns; none: nothing.
fn conditions(lines: &mut Lines, object: &Value) {
    let Some(all) = at(object, "status.conditions").as_array().filter(|all| !all.is_empty()) else {
        return;
    };
    lines.line(0, "Conditions:");
    lines.line(1, "Type\tStatus\tReason");
    lines.line(1, "----\t------\t------");
    for it in all {
        let (kind, status, reason) = (text(it, "type"), text(it, "status"), text(it, "reason"));
        lines.line(1, &format!("{kind} \t{status}\t{reason}"));
    }
}

fn deployment(lines: &mut Lines, deployment: &Value, around: &Around) {
    lines.add(0, "CreationTimestamp", &time(deployment, "metadata.creationTimestamp"));
    lines.map(0, "Labels", at(deployment, "metadata.labels"), "=");
    lines.map(0, "Annotations", at(deployment, "metadata.annotations"), ": ");
    lines.add(0, "Selector", &selector(at(deployment, "spec.selector")));
    let count = |path: &str| number(deployment, path);
    let replicas = format!(
        "{} desired | {} updated | {} total | {} available | {} unavailable",
        count("spec.replicas"),
        count("status.updatedReplicas"),
        count("status.replicas"),
        count("status.availableReplicas"),
        count("status.unavailableReplicas"),
    );
    lines.add(0, "Replicas", &replicas);
    lines.add(0, "StrategyType", text(deployment, "spec.strategy.type"));
    lines.add(0, "MinReadySeconds", &count("spec.minReadySeconds").to_string());
    if let rolling @ Value::Object(_) = at(deployment, "spec.strategy.rollingUpdate") {
        let one = |field: &str| at(rolling, field).to_string().replace('"', "");
        let (unavailable, surge) = (one("maxUnavailable"), one("maxSurge"));
        let text = format!("{unavailable} max unavailable, {surge} max surge");
        lines.add(0, "RollingUpdateStrategy", &text);
    }
    template(lines, at(deployment, "spec.template"));
    conditions(lines, deployment);
    let uid = object::uid(deployment);
    let owned = |set: &&Value| controller_of(set).is_some_and(|owner| at(owner, "uid") == uid);
    let sets: Vec<&Value> = around.sets.iter().filter(owned).collect();
    if sets.is_empty() {
        return;
    }
    let wanted = at(deployment, "spec.template");
    let new = sets.iter().position(|set| template_of(set) == *wanted);
    let one = |set: &Value| {
        let (is, wanted) = (number(set, "status.replicas"), number(set, "spec.replicas"));
        format!("{} ({is}/{wanted} replicas created)", object::name(set))
    };
    let old = sets.iter().enumerate().filter(|(at, _)| Some(*at) != new);
    let old: Vec<String> = old.map(|(_, set)| one(set)).collect();
    let none = || "<none>".to_string();
    let old = if old.is_empty() { none() } else { old.join(", ") };
    lines.add(0, "OldReplicaSets", &old);
    lines.add(0, "NewReplicaSet", &new.map_or_else(none, |at| one(sets[at])));
}

fn replica_set(lines: &mut Lines, set: &Value, around: &Around) {
    lines.add(0, "Selector", &selector(at(set, "spec.selector")));
    lines.map(0, "Labels", at(set, "metadata.labels"), "=");
    lines.map(0, "Annotations", at(set, "metadata.annotations"), ": ");
    controlled_by(lines, set);
    let (now, wanted) = (number(set, "status.replicas"), number(set, "spec.replicas"));
    lines.add(0, "Replicas", &format!("{now} current / {wanted} desired"));
    let uid = object::uid(set);
    let owned = |pod: &&Value| controller_of(pod).is_some_and(|owner| at(owner, "uid") == uid);
    let phase = |phase: &str| {
        let pods = around.pods.iter().filter(owned);
        pods.filter(|pod| text(pod, "status.phase") == phase).count()
    };
    let pods = format!(
        "{} Running / {} Waiting / {} Succeeded / {} Failed",
        phase("Running"),
        phase("Pending"),
        phase("Succeeded"),
        phase("Failed"),
    );
    lines.add(0, "Pods Status", &pods);
    template(lines, at(set, "spec.template"));
    conditions(lines, set);
}

/// `Controlled By:  ReplicaSet/web`, if someone does.
pub(super) fn controlled_by(lines: &mut Lines, object: &Value) {
    if let Some(owner) = controller_of(object) {
        let owner = format!("{}/{}", text(owner, "kind"), text(owner, "name"));
        lines.add(0, "Controlled By", &owner);
    }
}

fn config_map(lines: &mut Lines, object: &Value) {
    lines.0 += "\nData\n====\n";
    for (key, value) in at(object, "data").as_object().into_iter().flatten() {
        lines.0 += &format!("{key}:\n----\n{}\n\n", value.as_str().unwrap_or_default());
    }
    lines.0 += "\nBinaryData\n====\n\n";
}

fn service(lines: &mut Lines, object: &Value) {
    let spec = at(object, "spec");
    let said = |path: &str| match at(spec, path) {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
        Value::String(text) => text.clone(),
        _ => "<none>".into(),
    };
    lines.map(0, "Selector", at(spec, "selector"), "=");
    for (name, path) in [
        ("Type", "type"),
        ("IP Family Policy", "ipFamilyPolicy"),
        ("IP Families", "ipFamilies"),
        ("IP", "clusterIP"),
        ("IPs", "clusterIPs"),
    ] {
        lines.add(0, name, &said(path));
    }
    for port in at(spec, "ports").as_array().into_iter().flatten() {
        let name = match text(port, "name") {
            "" => "<unset>",
            name => name,
        };
        let protocol = text(port, "protocol");
        lines.add(0, "Port", &format!("{name}\t{}/{protocol}", number(port, "port")));
        let target = at(port, "targetPort").to_string().replace('"', "");
        lines.add(0, "TargetPort", &format!("{target}/{protocol}"));
        lines.add(0, "Endpoints", "<none>");
    }
    lines.add(0, "Session Affinity", &said("sessionAffinity"));
    lines.add(0, "Internal Traffic Policy", &said("internalTrafficPolicy"));
}

fn secret(lines: &mut Lines, object: &Value) {
    lines.0 += &format!("\nType:\t{}\n\nData\n====\n", text(object, "type"));
    for (key, value) in at(object, "data").as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        let padded = value.bytes().rev().take_while(|byte| *byte == b'=').count();
        lines.add(0, key, &format!("{} bytes", value.len() / 4 * 3 - padded));
    }
}

/// Events, those that were last seen longest ago first.
pub(super) fn by_time(mut events: Vec<&Value>) -> Vec<&Value> {
    let order = |event: &Value| (text(event, "lastTimestamp").to_string(), object::revision(event));
    crate::sorted::sort_by(&mut events, |a, b| order(a).cmp(&order(b)));
    events
}

/// `20m (x3 over 42m)`
pub(super) fn seen(event: &Value, now_ms: i64) -> String {
    let last = since(event, "lastTimestamp", now_ms);
    match number(event, "count") {
        ..=1 => last,
        count => format!("{last} (x{count} over {})", since(event, "firstTimestamp", now_ms)),
    }
}

/// The Events about an object.
fn events(lines: &mut Lines, all: &[Value], about: &Value, now_ms: i64) {
    let (uid, name) = (object::uid(about), object::name(about));
    let is_node = at(about, "kind") == "Node";
    let mine = all.iter().filter(|event| {
        let about = text(event, "involvedObject.uid");
        // A kubelet calls its Node's uid by the Node's name.
        about == uid || is_node && about == name
    });
    let mine = by_time(mine.collect());
    if mine.is_empty() {
        return lines.add(0, "Events", "<none>");
    }
    lines.line(0, "Events:");
    lines.line(1, "Type\tReason\tAge\tFrom\tMessage");
    lines.line(1, "----\t------\t----\t----\t-------");
    for event in mine {
        let [kind, reason, from, message] =
            ["type", "reason", "source.component", "message"].map(|path| text(event, path));
        let age = seen(event, now_ms);
        lines.line(1, &format!("{kind}\t{reason}\t{age}\t{from}\t{}", message.trim()));
    }
}
