//! `kubectl describe` of pods and of what pods are made from.
//!
//! Caveats: of volumes the kinds a reader is likely to write; others by name only.
//!
//! Architecture invariant: objects in, text out.
// Models kubectl pkg/describe/describe.go.

use serde_json::Value;

use super::controllers::is_going;
use super::filled::{at, number, text};
use super::kubectl_describe::{Lines, controlled_by, time};
use super::kubectl_table::{selector, since};

fn list<'a>(object: &'a Value, path: &str) -> &'a [Value] {
    at(object, path).as_array().map(Vec::as_slice).unwrap_or_default()
}

/// A pod, without its Events.
pub(super) fn pod(lines: &mut Lines, pod: &Value, now_ms: i64) {
    if let Some(priority) = at(pod, "spec.priority").as_i64() {
        lines.add(0, "Priority", &priority.to_string());
    }
    for (name, path) in [
        ("Priority Class Name", "spec.priorityClassName"),
        ("Service Account", "spec.serviceAccountName"),
    ] {
        if !text(pod, path).is_empty() {
            lines.add(0, name, text(pod, path));
        }
    }
    match text(pod, "spec.nodeName") {
        "" => lines.add(0, "Node", "<none>"),
        node => lines.add(0, "Node", &format!("{node}/{}", text(pod, "status.hostIP"))),
    }
    if !at(pod, "status.startTime").is_null() {
        lines.add(0, "Start Time", &time(pod, "status.startTime"));
    }
    lines.map(0, "Labels", at(pod, "metadata.labels"), "=");
    lines.map(0, "Annotations", at(pod, "metadata.annotations"), ": ");
    let phase = text(pod, "status.phase");
    if is_going(pod) && !["Succeeded", "Failed"].contains(&phase) {
        let since = since(pod, "metadata.deletionTimestamp", now_ms);
        lines.add(0, "Status", &format!("Terminating (lasts {since})"));
        let grace = number(pod, "metadata.deletionGracePeriodSeconds");
        lines.add(0, "Termination Grace Period", &format!("{grace}s"));
    } else {
        lines.add(0, "Status", phase);
    }
    for (name, path) in [("Reason", "status.reason"), ("Message", "status.message")] {
        if !text(pod, path).is_empty() {
            lines.add(0, name, text(pod, path));
        }
    }
    lines.add(0, "IP", text(pod, "status.podIP"));
    match list(pod, "status.podIPs") {
        [] => lines.add(0, "IPs", "<none>"),
        all => {
            lines.line(0, "IPs:");
            all.iter().for_each(|ip| lines.add(1, "IP", text(ip, "ip")));
        }
    }
    controlled_by(lines, pod);
    let spec = at(pod, "spec");
    if !list(spec, "initContainers").is_empty() {
        let statuses = list(pod, "status.initContainerStatuses");
        containers(lines, "Init Containers", list(spec, "initContainers"), statuses, "");
    }
    let statuses = list(pod, "status.containerStatuses");
    containers(lines, "Containers", list(spec, "containers"), statuses, "");
    if let all @ [_, ..] = list(pod, "status.conditions") {
        lines.line(0, "Conditions:\n  Type\tStatus");
        for it in all {
            lines.line(1, &format!("{} \t{} ", text(it, "type"), text(it, "status")));
        }
    }
    volumes(lines, spec, "");
    lines.add(0, "QoS Class", text(pod, "status.qosClass"));
    placement(lines, spec, 0);
    spread(lines, spec, "");
}

/// Where it may go.
fn placement(lines: &mut Lines, spec: &Value, level: usize) {
    lines.map(level, "Node-Selectors", at(spec, "nodeSelector"), "=");
    let mut before = format!("{}Tolerations:", "  ".repeat(level));
    if list(spec, "tolerations").is_empty() {
        lines.line(0, &format!("{before}\t<none>"));
    }
    for it in list(spec, "tolerations") {
        let mut said = text(it, "key").to_string();
        if !text(it, "value").is_empty() {
            said += &format!("={}", text(it, "value"));
        }
        if !text(it, "effect").is_empty() {
            said += &format!(":{}", text(it, "effect"));
        }
        if text(it, "operator") == "Exists" && text(it, "value").is_empty() {
            said += if said.is_empty() { "op=Exists" } else { " op=Exists" };
        }
        if let Some(seconds) = at(it, "tolerationSeconds").as_i64() {
            said += &format!(" for {seconds}s");
        }
        lines.line(0, &format!("{}\t{said}", std::mem::take(&mut before)));
    }
}

/// What pods are made from.
pub(super) fn template(lines: &mut Lines, template: &Value) {
    lines.line(0, "Pod Template:");
    lines.map(1, "Labels", at(template, "metadata.labels"), "=");
    let annotations = at(template, "metadata.annotations");
    if annotations.as_object().is_some_and(|all| !all.is_empty()) {
        lines.map(1, "Annotations", annotations, ": ");
    }
    let spec = at(template, "spec");
    if !text(spec, "serviceAccountName").is_empty() {
        lines.add(1, "Service Account", text(spec, "serviceAccountName"));
    }
    if !list(spec, "initContainers").is_empty() {
        containers(lines, "Init Containers", list(spec, "initContainers"), &[], "  ");
    }
    containers(lines, "Containers", list(spec, "containers"), &[], "  ");
    volumes(lines, spec, "  ");
    spread(lines, spec, "  ");
    if !text(spec, "priorityClassName").is_empty() {
        lines.add(1, "Priority Class Name", text(spec, "priorityClassName"));
    }
    placement(lines, spec, 1);
}

/// How evenly the pods are to be spread.
fn spread(lines: &mut Lines, spec: &Value, space: &str) {
    let mut all: Vec<&Value> = list(spec, "topologySpreadConstraints").iter().collect();
    crate::sorted::sort_by(&mut all, |a, b| text(a, "topologyKey").cmp(text(b, "topologyKey")));
    let mut before = format!("{space}Topology Spread Constraints:");
    for it in all {
        let (key, when) = (text(it, "topologyKey"), text(it, "whenUnsatisfiable"));
        let mut said = format!("{key}:{when} when max skew {} is exceeded", number(it, "maxSkew"));
        if !at(it, "labelSelector").is_null() {
            said += &format!(" for selector {}", selector(at(it, "labelSelector")));
        }
        lines.line(0, &format!("{}\t{said}", std::mem::take(&mut before)));
    }
}

/// Containers, of a template deeper by `space`.
fn containers(lines: &mut Lines, title: &str, all: &[Value], statuses: &[Value], space: &str) {
    lines.line(0, &format!("{space}{title}:"));
    for container in all {
        let name = text(container, "name");
        let deeper = if space.is_empty() { "" } else { " " };
        lines.line(1, &format!("{deeper}{name}:"));
        let status = statuses.iter().find(|it| text(it, "name") == name);
        if let Some(status) = status {
            lines.add(2, "Container ID", text(status, "containerID"));
        }
        lines.add(2, "Image", text(container, "image"));
        if let Some(status) = status {
            lines.add(2, "Image ID", text(status, "imageID"));
        }
        ports(lines, list(container, "ports"));
        for (name, field) in [("Command", "command"), ("Args", "args")] {
            if let all @ [_, ..] = list(container, field) {
                lines.line(2, &format!("{name}:"));
                let words = all.iter().filter_map(Value::as_str);
                words.for_each(|word| lines.line(3, word));
            }
        }
        if let Some(status) = status {
            states(lines, status);
        }
        for (name, path) in [("Limits", "resources.limits"), ("Requests", "resources.requests")] {
            if let Value::Object(all) = at(container, path) {
                lines.line(2, &format!("{name}:"));
                for (name, amount) in all {
                    lines.add(3, name, amount.as_str().unwrap_or_default());
                }
            }
        }
        for (name, field) in [
            ("Liveness", "livenessProbe"),
            ("Readiness", "readinessProbe"),
            ("Startup", "startupProbe"),
        ] {
            if !at(container, field).is_null() {
                lines.add(2, name, &probe(at(container, field)));
            }
        }
        environment(lines, container);
        mounts(lines, list(container, "volumeMounts"));
    }
}

fn ports(lines: &mut Lines, all: &[Value]) {
    let each = |field: &str| {
        let one = |port: &Value| format!("{}/{}", number(port, field), text(port, "protocol"));
        all.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    match all.len() {
        0 => {
            lines.add(2, "Port", "<none>");
            lines.add(2, "Host Port", "<none>");
        }
        count => {
            let more = if count > 1 { "s" } else { "" };
            lines.add(2, &format!("Port{more}"), &each("containerPort"));
            lines.add(2, &format!("Host Port{more}"), &each("hostPort"));
        }
    }
}

fn states(lines: &mut Lines, status: &Value) {
    state(lines, "State", at(status, "state"));
    if !at(status, "lastState.terminated").is_null() {
        state(lines, "Last State", at(status, "lastState"));
    }
    let ready = *at(status, "ready") == true;
    lines.add(2, "Ready", if ready { "True" } else { "False" });
    lines.add(2, "Restart Count", &number(status, "restartCount").to_string());
}

fn state(lines: &mut Lines, name: &str, state: &Value) {
    let (running, ended) = (at(state, "running"), at(state, "terminated"));
    if !running.is_null() {
        lines.add(2, name, "Running");
        return lines.add(3, "Started", &time(running, "startedAt"));
    }
    if ended.is_null() {
        lines.add(2, name, "Waiting");
        if !text(state, "waiting.reason").is_empty() {
            lines.add(3, "Reason", text(state, "waiting.reason"));
        }
        return;
    }
    lines.add(2, name, "Terminated");
    for (name, field) in [("Reason", "reason"), ("Message", "message")] {
        if !text(ended, field).is_empty() {
            lines.add(3, name, text(ended, field));
        }
    }
    lines.add(3, "Exit Code", &number(ended, "exitCode").to_string());
    lines.add(3, "Started", &time(ended, "startedAt"));
    lines.add(3, "Finished", &time(ended, "finishedAt"));
}

fn probe(probe: &Value) -> String {
    let plain = |value: &Value| value.to_string().replace('"', "");
    let (get, tcp) = (at(probe, "httpGet"), at(probe, "tcpSocket"));
    let how = if !get.is_null() {
        let scheme = text(get, "scheme").to_ascii_lowercase();
        let (host, path) = (text(get, "host"), text(get, "path"));
        format!("http-get {scheme}://{host}:{}{path}", plain(at(get, "port")))
    } else if !tcp.is_null() {
        format!("tcp-socket {}:{}", text(tcp, "host"), plain(at(tcp, "port")))
    } else {
        let words = list(probe, "exec.command").iter().filter_map(Value::as_str);
        format!("exec [{}]", words.collect::<Vec<_>>().join(" "))
    };
    let [delay, timeout, period, good, bad] = [
        "initialDelaySeconds",
        "timeoutSeconds",
        "periodSeconds",
        "successThreshold",
        "failureThreshold",
    ]
    .map(|field| number(probe, field));
    let times = format!("delay={delay}s timeout={timeout}s period={period}s");
    format!("{how} {times} #success={good} #failure={bad}")
}

fn environment(lines: &mut Lines, container: &Value) {
    let optional = |it: &Value| *at(it, "optional") == true;
    if let all @ [_, ..] = list(container, "envFrom") {
        lines.line(2, "Environment Variables from:");
        for it in all {
            let (of, kind) = match at(it, "configMapRef") {
                Value::Null => (at(it, "secretRef"), "Secret"),
                of => (of, "ConfigMap"),
            };
            let name = text(of, "name");
            lines.line(3, &format!("{name}\t{kind}\tOptional: {}", optional(of)));
        }
    }
    let all = list(container, "env");
    if all.is_empty() {
        return lines.add(2, "Environment", "<none>");
    }
    lines.line(2, "Environment:");
    for it in all {
        let from = at(it, "valueFrom");
        let (field, resource) = (at(from, "fieldRef"), at(from, "resourceFieldRef"));
        let (secret, map) = (at(from, "secretKeyRef"), at(from, "configMapKeyRef"));
        let key = |of: &Value, what: &str| {
            let (key, name) = (text(of, "key"), text(of, "name"));
            format!("<set to the key '{key}' {what} '{name}'>\tOptional: {}", optional(of))
        };
        let value = if !field.is_null() {
            format!(" ({}:{})", text(field, "apiVersion"), text(field, "fieldPath"))
        } else if !resource.is_null() {
            format!("({})", text(resource, "resource"))
        } else if !secret.is_null() {
            key(secret, "in secret")
        } else if !map.is_null() {
            key(map, "of config map")
        } else {
            text(it, "value").to_string()
        };
        lines.add(3, text(it, "name"), &value);
    }
}

fn mounts(lines: &mut Lines, all: &[Value]) {
    if all.is_empty() {
        return lines.add(2, "Mounts", "<none>");
    }
    lines.line(2, "Mounts:");
    let mut all: Vec<&Value> = all.iter().collect();
    crate::sorted::sort_by(&mut all, |a, b| text(a, "mountPath").cmp(text(b, "mountPath")));
    for it in all {
        let mode = if *at(it, "readOnly") == true { "ro" } else { "rw" };
        let path = match text(it, "subPath") {
            "" => String::new(),
            path => format!(",path={path:?}"),
        };
        let (place, name) = (text(it, "mountPath"), text(it, "name"));
        lines.line(3, &format!("{place} from {name} ({mode}{path})"));
    }
}

fn volumes(lines: &mut Lines, spec: &Value, space: &str) {
    let all = list(spec, "volumes");
    if all.is_empty() {
        return lines.line(0, &format!("{space}Volumes:\t<none>"));
    }
    lines.line(0, &format!("{space}Volumes:"));
    for volume in all {
        let deeper = if space.is_empty() { "" } else { " " };
        lines.line(1, &format!("{deeper}{}:", text(volume, "name")));
        let optional = |of: &Value| (*at(of, "optional") == true).to_string();
        let (map, secret) = (at(volume, "configMap"), at(volume, "secret"));
        if !map.is_null() {
            lines.add(2, "Type", "ConfigMap (a volume populated by a ConfigMap)");
            lines.add(2, "Name", text(map, "name"));
            lines.add(2, "Optional", &optional(map));
        } else if !secret.is_null() {
            lines.add(2, "Type", "Secret (a volume populated by a Secret)");
            lines.add(2, "SecretName", text(secret, "secretName"));
            lines.add(2, "Optional", &optional(secret));
        } else if !at(volume, "emptyDir").is_null() {
            lines.add(2, "Type", "EmptyDir (a temporary directory that shares a pod's lifetime)");
            lines.add(2, "Medium", text(volume, "emptyDir.medium"));
            let limit = match text(volume, "emptyDir.sizeLimit") {
                "" => "<unset>",
                limit => limit,
            };
            lines.add(2, "SizeLimit", limit);
        } else if !at(volume, "hostPath").is_null() {
            lines.add(2, "Type", "HostPath (bare host directory volume)");
            lines.add(2, "Path", text(volume, "hostPath.path"));
            lines.add(2, "HostPathType", text(volume, "hostPath.type"));
        }
    }
}
