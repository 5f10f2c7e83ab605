//! kubectl's tables: which columns each kind has, and how they stand side by side.
//!
//! Architecture invariant: objects in, text out.
// Models kubernetes pkg/printers/internalversion/printers.go, and cli-runtime's table printer.

use serde_json::Value;

use super::controllers::{condition, holds, is_going, millis};
use super::filled::{at, number, text};
use super::kinds::Kind;
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
        out.push('\n');
    }
    out.trim_end().to_string()
}

/// A table of objects of one kind. `namespaces`: with the column of that name. `kinds`: with the
/// kind before the name.
pub fn table(kind: &Kind, objects: &[Value], how: &How) -> String {
    let wide = how.wide;
    let mut rows = vec![header(kind, wide)];
    rows.extend(objects.iter().map(|object| {
        let name = match how.kinds {
            true => format!("{}/{}", kind.singular(), object::name(object)),
            false => object::name(object).to_string(),
        };
        let mut row = vec![name];
        row.extend(cells(kind, object, how));
        row
    }));
    if how.namespaces {
        rows[0].insert(0, "NAMESPACE".into());
        for (row, object) in rows[1..].iter_mut().zip(objects) {
            row.insert(0, object::namespace(object).to_string());
        }
    }
    aligned(&rows, 3, 6)
}

/// How a table is printed.
pub struct How {
    /// `-o wide`
    pub wide: bool,
    /// `-A`
    pub namespaces: bool,
    /// Several kinds at once.
    pub kinds: bool,
    /// Milliseconds since 1970.
    pub now_ms: i64,
}

fn header(kind: &Kind, wide: bool) -> Vec<String> {
    let (usual, more) = match kind.kind.as_ref() {
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
        "Lease" => ("NAME HOLDER AGE", ""),
        _ => ("NAME AGE", ""),
    };
    let more = if wide { more } else { "" };
    let names = usual.split(' ').chain(more.split(' ').filter(|name| !name.is_empty()));
    names.map(|name| name.replace('_', " ")).collect()
}

fn cells(kind: &Kind, object: &Value, how: &How) -> Vec<String> {
    let count = |path: &str| number(object, path).to_string();
    let said = |path: &str| match text(object, path) {
        "" => "<none>".to_string(),
        text => text.to_string(),
    };
    let none = || "<none>".to_string();
    let age = age(object, how.now_ms);
    let entries = || at(object, "data").as_object().map_or(0, |data| data.len()).to_string();
    let mut row = match kind.kind.as_ref() {
        "Pod" => vec![pod_ready(object), pod_status(object), restarts(object), age],
        "Deployment" => vec![
            format!("{}/{}", count("status.readyReplicas"), count("spec.replicas")),
            count("status.updatedReplicas"),
            count("status.availableReplicas"),
            age,
        ],
        "ReplicaSet" => vec![
            count("spec.replicas"),
            count("status.replicas"),
            count("status.readyReplicas"),
            age,
        ],
        "Node" => {
            vec![node_status(object), none(), age, said("status.nodeInfo.kubeletVersion")]
        }
        "Namespace" => vec![said("status.phase"), age],
        "ConfigMap" => vec![entries(), age],
        "Secret" => vec![said("type"), entries(), age],
        "Lease" => vec![text(object, "spec.holderIdentity").into(), age],
        _ => vec![age],
    };
    if !how.wide {
        return row;
    }
    match kind.kind.as_ref() {
        "Pod" => row.extend([said("status.podIP"), said("spec.nodeName"), none(), none()]),
        "Deployment" | "ReplicaSet" => {
            let all = at(object, "spec.template.spec.containers").as_array();
            let each = |field: &str| {
                let all = all.into_iter().flatten().map(|it| text(it, field));
                all.collect::<Vec<_>>().join(",")
            };
            row.extend([
                each("name"),
                each("image"),
                labels(at(object, "spec.selector.matchLabels")),
            ]);
        }
        "Node" => {
            let address = |kind: &str| {
                let all = at(object, "status.addresses").as_array();
                let found = all.into_iter().flatten().find(|it| text(it, "type") == kind);
                found.map_or_else(none, |it| text(it, "address").to_string())
            };
            row.extend([
                address("InternalIP"),
                address("ExternalIP"),
                said("status.nodeInfo.osImage"),
                said("status.nodeInfo.kernelVersion"),
                said("status.nodeInfo.containerRuntimeVersion"),
            ]);
        }
        _ => {}
    }
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

fn containers(pod: &Value) -> &[Value] {
    let all = at(pod, "status.containerStatuses").as_array();
    all.map(Vec::as_slice).unwrap_or_default()
}

fn pod_ready(pod: &Value) -> String {
    let ready = containers(pod).iter().filter(|it| *at(it, "ready") == true).count();
    format!("{ready}/{}", at(pod, "spec.containers").as_array().map_or(0, Vec::len))
}

/// What a pod's column STATUS says.
pub fn pod_status(pod: &Value) -> String {
    if is_going(pod) {
        return "Terminating".into();
    }
    let waits = containers(pod).iter().find_map(|it| at(it, "state.waiting.reason").as_str());
    let phase = at(pod, "status.phase").as_str().unwrap_or("Unknown");
    waits.unwrap_or(phase).to_string()
}

fn restarts(pod: &Value) -> String {
    containers(pod).iter().map(|it| number(it, "restartCount")).sum::<i64>().to_string()
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

fn age(object: &Value, now_ms: i64) -> String {
    match millis(at(object, "metadata.creationTimestamp")) {
        Some(born) => span((now_ms - born) / 1000),
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
    use serde_json::json;

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

    #[test]
    fn pods() {
        let born = "2026-01-01T00:00:00Z";
        let pod = |name: &str, status: Value, node: Value| {
            json!({
                "metadata": {"name": name, "namespace": "default", "creationTimestamp": born},
                "spec": {"containers": [{"name": "web"}], "nodeName": node}, "status": status,
            })
        };
        let runs = json!({
            "phase": "Running", "podIP": "10.244.1.2",
            "containerStatuses": [{"ready": true, "restartCount": 1}],
        });
        let waits = json!({
            "phase": "Pending",
            "containerStatuses": [{"state": {"waiting": {"reason": "ContainerCreating"}}}],
        });
        let pods = [
            pod("web-1", runs, "node-a".into()),
            pod("web-2", waits, "node-b".into()),
            pod("web-3", json!({"phase": "Pending"}), Value::Null),
        ];
        let kind = Kind::built_in("Pod").unwrap();
        let now_ms = millis(&born.into()).unwrap() + 42_000;
        let mut how = How { wide: false, namespaces: false, kinds: false, now_ms };
        let expected = "\
NAME    READY   STATUS              RESTARTS   AGE
web-1   1/1     Running             1          42s
web-2   0/1     ContainerCreating   0          42s
web-3   0/1     Pending             0          42s";
        assert_eq!(table(kind, &pods, &how), expected);
        how.wide = true;
        how.namespaces = true;
        let expected = [
            "NAMESPACE   NAME    READY   STATUS    RESTARTS   AGE   ",
            "IP           NODE     NOMINATED NODE   READINESS GATES\n",
            "default     web-1   1/1     Running   1          42s   ",
            "10.244.1.2   node-a   <none>           <none>",
        ];
        assert_eq!(table(kind, &pods[..1], &how), expected.concat());
    }
}
