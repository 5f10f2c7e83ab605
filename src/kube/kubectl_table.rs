//! kubectl's tables: which columns each kind has, and how they stand side by side.
//!
//! Architecture invariant: objects in, text out.
// Models kubernetes pkg/printers/internalversion/printers.go, and cli-runtime's table printer.

use serde_json::Value;

use super::controllers::{condition, holds, millis};
use super::filled::{at, number, text};
use super::kinds::Kind;
use super::kubectl_pod::{pod_ready, pod_status, restarts};
use super::object;

/// Rows as columns of equal width, `padding` apart; nothing stands behind the last one.
pub fn aligned(rows: &[Vec<String>], padding: usize, least: usize) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let cell = |row: &Vec<String>, at: usize| row.get(at).map_or(0, |cell| cell.chars().count());
    let width = |at: usize| rows.iter().map(|row| cell(row, at)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(|at| (width(at) + padding).max(least)).collect();
    let mut out = String::new();
    for row in rows {
        for (at, text) in row.iter().enumerate() {
            let gap = widths[at] - cell(row, at);
            out += text;
            out.extend((at + 1 < row.len()).then(|| " ".repeat(gap)));
        }
        out.truncate(out.trim_end_matches(' ').len());
        out.push('\n');
    }
    out.trim_end().to_string()
}

/// How a table is printed.
#[derive(Debug, Clone, Default)]
pub struct How {
    /// `-o wide`
    pub wide: bool,
    /// `-A`
    pub namespaces: bool,
    /// Several kinds at once.
    pub kinds: bool,
    /// `--no-headers`
    pub headless: bool,
    /// `--show-labels`
    pub labels: bool,
    /// `-L`
    pub columns: Vec<String>,
    /// Milliseconds since 1970.
    pub now_ms: i64,
}

/// The rows of a table of objects of one kind, the header first unless it is left out.
pub fn rows(kind: &Kind, objects: &[Value], how: &How) -> Vec<Vec<String>> {
    let (usual, more) = columns(&kind.kind, how.wide);
    let more = if how.wide { more } else { "" };
    let names = usual.split(' ').chain(more.split(' ')).filter(|it| !it.is_empty());
    let names: Vec<String> = names.map(|it| it.replace('_', " ")).collect();
    let mut rows = Vec::new();
    if !how.headless {
        let mut header = names.clone();
        let last = |column: &String| column.rsplit('/').next().unwrap_or_default().to_string();
        header.extend(how.columns.iter().map(|column| last(column).to_uppercase()));
        header.extend(how.labels.then(|| "LABELS".into()));
        if how.namespaces {
            header.insert(0, "NAMESPACE".into());
        }
        rows.push(header);
    }
    for object in objects {
        let mut row = cells(kind, object, how);
        row.truncate(names.len());
        let labels = at(object, "metadata.labels");
        let label = |column: &String| {
            labels.get(column).and_then(Value::as_str).unwrap_or_default().to_string()
        };
        row.extend(how.columns.iter().map(label));
        row.extend(how.labels.then(|| self::labels(labels)));
        if how.namespaces {
            row.insert(0, object::namespace(object).to_string());
        }
        rows.push(row);
    }
    rows
}

/// The columns of a kind: always, and when it is wide.
fn columns(kind: &str, wide: bool) -> (&'static str, &'static str) {
    match kind {
        "Pod" => ("NAME READY STATUS RESTARTS AGE", "IP NODE NOMINATED_NODE READINESS_GATES"),
        "Deployment" => ("NAME READY UP-TO-DATE AVAILABLE AGE", "CONTAINERS IMAGES SELECTOR"),
        "ReplicaSet" => ("NAME DESIRED CURRENT READY AGE", "CONTAINERS IMAGES SELECTOR"),
        "Node" => (
            "NAME STATUS ROLES AGE VERSION",
            "INTERNAL-IP EXTERNAL-IP OS-IMAGE KERNEL-VERSION CONTAINER-RUNTIME",
        ),
        "Namespace" => ("NAME STATUS AGE", ""),
        "ConfigMap" => ("NAME DATA AGE", ""),
        "Secret" => ("NAME TYPE DATA AGE", ""),
        "ServiceAccount" => ("NAME SECRETS AGE", ""),
        "Service" => ("NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE", "SELECTOR"),
        "Lease" => ("NAME HOLDER AGE", ""),
        "PriorityClass" => ("NAME VALUE GLOBAL-DEFAULT AGE PREEMPTIONPOLICY", ""),
        "ResourceQuota" => ("NAME REQUEST LIMIT AGE", ""),
        "Event" if wide => {
            ("LAST_SEEN TYPE REASON OBJECT SUBOBJECT SOURCE MESSAGE FIRST_SEEN COUNT NAME", "")
        }
        "Event" => ("LAST_SEEN TYPE REASON OBJECT MESSAGE", ""),
        _ => ("NAME AGE", ""),
    }
}

fn cells(kind: &Kind, object: &Value, how: &How) -> Vec<String> {
    if kind.kind == "Event" {
        return event(object, how);
    }
    let count = |path: &str| number(object, path).to_string();
    let none = || "<none>".to_string();
    let said = |path: &str| said(object, path);
    let age = age(object, how.now_ms);
    let entries = |field: &str| match at(object, field) {
        Value::Object(map) => map.len().to_string(),
        Value::Array(list) => list.len().to_string(),
        _ => "0".into(),
    };
    let name = match how.kinds {
        true => format!("{}/{}", kind.singular(), object::name(object)),
        false => object::name(object).to_string(),
    };
    let mut row = vec![name];
    row.extend(match kind.kind.as_ref() {
        "Pod" => {
            let status = pod_status(object);
            let restarts = restarts(object, how.now_ms);
            let (ip, node) = (said("status.podIP"), said("spec.nodeName"));
            vec![pod_ready(object), status, restarts, age, ip, node, none(), none()]
        }
        "Deployment" | "ReplicaSet" => workload(object, age),
        "Node" => node(object, age),
        "Namespace" => vec![said("status.phase"), age],
        "ConfigMap" => vec![entries("data"), age],
        "Secret" => vec![said("type"), entries("data"), age],
        "ServiceAccount" => vec![entries("secrets"), age],
        "Service" => {
            let ports = at(object, "spec.ports").as_array();
            let port = |it: &Value| format!("{}/{}", number(it, "port"), text(it, "protocol"));
            let ports: Vec<_> = ports.into_iter().flatten().map(port).collect();
            let ports = if ports.is_empty() { none() } else { ports.join(",") };
            let selector = labels(at(object, "spec.selector"));
            vec![said("spec.type"), said("spec.clusterIP"), none(), ports, age, selector]
        }
        "Lease" => vec![text(object, "spec.holderIdentity").into(), age],
        "PriorityClass" => {
            let globally = (*at(object, "globalDefault") == true).to_string();
            let policy = match text(object, "preemptionPolicy") {
                "" => "PreemptLowerPriority".to_string(),
                policy => policy.to_string(),
            };
            vec![count("value"), globally, age, policy]
        }
        "ResourceQuota" => {
            let (hard, used) = (at(object, "status.hard"), at(object, "status.used"));
            let one = |(name, most): (&String, &Value)| {
                let used = used.get(name).and_then(Value::as_str).unwrap_or("0");
                format!("{name}: {used}/{}", most.as_str().unwrap_or_default())
            };
            let all = hard.as_object().into_iter().flatten().map(one);
            vec![all.collect::<Vec<_>>().join(", "), String::new(), age]
        }
        _ => vec![age],
    });
    row
}

fn said(object: &Value, path: &str) -> String {
    match text(object, path) {
        "" => "<none>".into(),
        text => text.to_string(),
    }
}

fn workload(object: &Value, age: String) -> Vec<String> {
    let count = |path: &str| number(object, path).to_string();
    let all = at(object, "spec.template.spec.containers").as_array();
    let each = |field: &str| {
        let all = all.into_iter().flatten().map(|it| text(it, field));
        all.collect::<Vec<_>>().join(",")
    };
    let ready = count("status.readyReplicas");
    let mut cells = match at(object, "kind") == "Deployment" {
        true => vec![
            format!("{ready}/{}", count("spec.replicas")),
            count("status.updatedReplicas"),
            count("status.availableReplicas"),
        ],
        false => vec![count("spec.replicas"), count("status.replicas"), ready],
    };
    cells.extend([age, each("name"), each("image"), selector(at(object, "spec.selector"))]);
    cells
}

fn node(object: &Value, age: String) -> Vec<String> {
    let address = |kind: &str| {
        let all = at(object, "status.addresses").as_array();
        let found = all.into_iter().flatten().find(|it| text(it, "type") == kind);
        found.map_or_else(|| "<none>".into(), |it| text(it, "address").to_string())
    };
    let info = |field: &str| said(at(object, "status.nodeInfo"), field);
    vec![
        node_status(object),
        roles(object),
        age,
        info("kubeletVersion"),
        address("InternalIP"),
        address("ExternalIP"),
        info("osImage"),
        info("kernelVersion"),
        info("containerRuntimeVersion"),
    ]
}

fn event(event: &Value, how: &How) -> Vec<String> {
    let about = at(event, "involvedObject");
    let object = format!("{}/{}", text(about, "kind").to_ascii_lowercase(), text(about, "name"));
    let cell = |path: &str| text(event, path).trim().to_string();
    let mut row = vec![since(event, "lastTimestamp", how.now_ms), cell("type"), cell("reason")];
    row.push(object);
    if how.wide {
        let host = cell("source.host");
        let from = cell("source.component");
        row.push(cell("involvedObject.fieldPath"));
        row.push(if host.is_empty() { from } else { format!("{from}, {host}") });
    }
    row.push(cell("message"));
    row.push(since(event, "firstTimestamp", how.now_ms));
    row.extend([number(event, "count").to_string(), cell("metadata.name")]);
    row
}

/// `a=b,c=d`, or `<none>`.
pub fn labels(map: &Value) -> String {
    let all: Vec<String> = map
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    if all.is_empty() { "<none>".into() } else { all.join(",") }
}

/// A selector as one text, by key.
pub fn selector(selector: &Value) -> String {
    let labels = at(selector, "matchLabels").as_object().into_iter().flatten();
    let mut all: Vec<(&str, String)> = labels
        .map(|(key, value)| (key.as_str(), format!("{key}={}", value.as_str().unwrap_or_default())))
        .collect();
    for one in at(selector, "matchExpressions").as_array().into_iter().flatten() {
        let key = text(one, "key");
        let values = at(one, "values").as_array().into_iter().flatten();
        let values = values.filter_map(Value::as_str).collect::<Vec<_>>().join(",");
        let text = match text(one, "operator") {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "DoesNotExist" => format!("!{key}"),
            _ => key.to_string(),
        };
        all.push((key, text));
    }
    crate::sorted::sort_by(&mut all, |a, b| a.0.cmp(b.0));
    match all.is_empty() {
        true => "<none>".into(),
        false => all.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(","),
    }
}

fn node_status(node: &Value) -> String {
    let ready = match condition(node, "Ready") {
        None => "Unknown",
        Some(_) if holds(node, "Ready") => "Ready",
        Some(_) => "NotReady",
    };
    match *at(node, "spec.unschedulable") == true {
        true => format!("{ready},SchedulingDisabled"),
        false => ready.into(),
    }
}

/// A node's roles, which are labels.
pub fn roles(node: &Value) -> String {
    let all = at(node, "metadata.labels").as_object().into_iter().flatten();
    let roles = all.filter_map(|(name, _)| name.strip_prefix("node-role.kubernetes.io/"));
    let roles: Vec<&str> = roles.filter(|role| !role.is_empty()).collect();
    if roles.is_empty() { "<none>".into() } else { roles.join(",") }
}

/// How old an object is.
pub fn age(object: &Value, now_ms: i64) -> String {
    since(object, "metadata.creationTimestamp", now_ms)
}

/// How long ago a time was.
pub fn since(object: &Value, path: &str, now_ms: i64) -> String {
    match millis(at(object, path)) {
        Some(then) => span((now_ms - then) / 1000),
        None => "<unknown>".into(),
    }
}

/// A span as people like it (models apimachinery duration.HumanDuration).
pub fn span(seconds: i64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let two = |big: i64, unit: &str, small: i64, of: &str| match small {
        0 => format!("{big}{unit}"),
        _ => format!("{big}{unit}{small}{of}"),
    };
    match seconds {
        ..0 => "0s".into(),
        0..120 => format!("{seconds}s"),
        120..600 => two(minutes, "m", seconds % 60, "s"),
        600..10_800 => format!("{minutes}m"),
        10_800..28_800 => two(hours, "h", minutes % 60, "m"),
        28_800..172_800 => format!("{hours}h"),
        172_800..691_200 => two(days, "d", hours % 24, "h"),
        _ => format!("{days}d"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        let cases = [
            (-1, "0s"),
            (119, "119s"),
            (120, "2m"),
            (125, "2m5s"),
            (601, "10m"),
            (10_800, "3h"),
            (11_000, "3h3m"),
            (172_799, "47h"),
            (180_000, "2d2h"),
            (700_000, "8d"),
        ];
        for (seconds, text) in cases {
            assert_eq!(span(seconds), text);
        }
    }
}
