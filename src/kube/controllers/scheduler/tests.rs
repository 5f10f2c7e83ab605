//! Where the scheduler puts a pod, and what it says when there is no place.

mod filters;
mod near_and_far;
mod scores;

use serde_json::json;

use super::*;
use crate::kube::yaml;

/// A cache of a world in lines, and the pod `new` with this spec and the label `app=web`.
///
/// `node NAME LABEL=VALUE… {SPEC}` has a hostname by itself. `pod NODE LABEL=VALUE… {SPEC}` is one
/// that runs; `ns=`, `owner=`, `phase=` and `going=` are no labels but its namespace, its owner's
/// uid, its phase, and that somebody has asked for its deletion.
fn world(lines: &str, new: &str) -> Cache {
    let mut cache = Cache::default();
    let all = lines.trim().lines().enumerate().map(|(at, line)| thing(line.trim(), at));
    let new = thing(&format!("pod - app=web owner=set {new}"), 0);
    for mut object in all.chain([new]) {
        if at(&object, "spec.nodeName") == "-" {
            object["metadata"]["name"] = "new".into();
            object["spec"]["nodeName"] = Value::Null;
        }
        cache.put(std::rc::Rc::new(object));
    }
    cache
}

fn thing(line: &str, number: usize) -> Value {
    let (words, spec) = line.split_at(line.find('{').unwrap_or(line.len()));
    let mut words = words.split_whitespace();
    let (kind, name) = (words.next().unwrap(), words.next().unwrap());
    let spec = if spec.is_empty() { "{}" } else { spec };
    let spec = yaml::read(spec).unwrap_or_else(|wrong| panic!("{line}: {wrong:?}"));
    let mut object = match kind {
        "node" => node(name, "2", spec[0].value.clone()),
        _ => pod(&format!("p{number}"), "0", spec[0].value.clone()),
    };
    object["metadata"]["labels"] = json!({});
    if kind == "node" {
        object["status"]["allocatable"]["pods"] = "5".into();
        object["metadata"]["labels"]["kubernetes.io/hostname"] = name.into();
    } else {
        object["spec"]["nodeName"] = name.into();
        object["metadata"]["ownerReferences"][0]["uid"] = "nobody".into();
    }
    for (key, value) in words.filter_map(|word| word.split_once('=')) {
        let meta = &mut object["metadata"];
        match key {
            "ns" => meta["namespace"] = value.into(),
            "owner" => meta["ownerReferences"][0]["uid"] = value.into(),
            "phase" => object["status"] = json!({"phase": value}),
            "going" => meta["deletionTimestamp"] = value.into(),
            key => meta["labels"][key] = value.into(),
        }
    }
    object
}

/// A pod's spec with one affinity: `which` as `nodeAffinity`, `how` required or preferred.
fn affinity(which: &str, how: &str, terms: &str) -> String {
    format!("{{affinity: {{{which}: {{{how}DuringSchedulingIgnoredDuringExecution: {terms}}}}}}}")
}

/// A pod's spec with one constraint of spread, by zone.
fn spread(when: &str, more: &str) -> String {
    let selector = "labelSelector: {matchLabels: {app: web}}";
    format!(
        "{{topologySpreadConstraints: [{{topologyKey: zone, maxSkew: 1, \
         whenUnsatisfiable: {when}, {selector}{more}}}]}}"
    )
}

fn node(name: &str, cpu: &str, change: Value) -> Value {
    let mut node = json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {"name": name, "labels": {"disk": "ssd", "kubernetes.io/hostname": name}},
        "spec": {},
        "status": {"allocatable": {"cpu": cpu, "memory": "1Gi", "pods": "3"}},
    });
    for (field, value) in change.as_object().into_iter().flatten() {
        node["spec"][field] = value.clone();
    }
    node
}

fn pod(name: &str, cpu: &str, spec: Value) -> Value {
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": name, "namespace": "default", "uid": name,
            "ownerReferences": [{"uid": "set", "controller": true}],
        },
        "spec": {"containers": [{"resources": {"requests": {"cpu": cpu}}}]},
    });
    for (field, value) in spec.as_object().into_iter().flatten() {
        pod["spec"][field] = value.clone();
    }
    pod
}

/// Where the pod `new` goes, or why nowhere.
fn placed(objects: Vec<Value>) -> String {
    let mut cache = Cache::default();
    objects.into_iter().for_each(|object| cache.put(std::rc::Rc::new(object)));
    let (key, since) = (&Key::new("Pod", "default", "new"), Duration::ZERO);
    let ask = Ask { cache: &cache, key, now_ms: 0, since, settled: true, seed: 1, ails: (None, 0) };
    let plan = reconcile(&ask);
    let Some(crate::kube::api::ApiRequest::Write { body, .. }) = plan.writes.first() else {
        return "nothing".into();
    };
    let said = &body["status"]["conditions"][0]["message"];
    body["target"]["name"].as_str().or(said.as_str()).unwrap_or_default().into()
}

#[test]
fn a_pod_goes_where_there_is_room() {
    let on = |name, cpu, node: &str| pod(name, cpu, json!({"nodeName": node}));
    let new = || pod("new", "500m", json!({}));
    let plain = |name| node(name, "1", json!({}));
    assert_eq!(placed(vec![plain("a"), plain("b"), on("x", "100m", "a"), new()]), "b");
    // The pods of one owner are spread, even if there is less room.
    let mut other = on("x", "400m", "a");
    other["metadata"]["ownerReferences"][0]["uid"] = "other".into();
    assert_eq!(placed(vec![plain("a"), plain("b"), other, on("y", "100m", "b"), new()]), "a");
    let chosen = pod("new", "1", json!({"nodeSelector": {"disk": "ssd"}}));
    assert_eq!(placed(vec![plain("a"), on("x", "0", "a"), chosen]), "a");
    // One that has its node already is left alone.
    assert_eq!(placed(vec![plain("a"), on("new", "1", "b")]), "nothing");
}

#[test]
fn a_pod_that_goes_nowhere_is_told_why() {
    let taint = json!({"taints": [{"key": "k", "value": "v", "effect": "NoSchedule"}]});
    let tolerations = json!([{"key": "k", "operator": "Exists"}]);
    assert_eq!(placed(vec![pod("new", "1", json!({}))]), "no nodes available to schedule pods");
    assert_eq!(
        placed(vec![
            node("a", "1", taint.clone()),
            node("b", "2", json!({"unschedulable": true})),
            node("c", "500m", json!({})),
            node("d", "1", json!({})),
            pod("x", "500m", json!({"nodeName": "d"})),
            pod("new", "1", json!({})),
        ]),
        "0/4 nodes are available: 1 node(s) had untolerated taint {k: v}, 1 node(s) were \
         unschedulable, 2 Insufficient cpu. preemption: 0/4 nodes are available: 1 No preemption \
         victims found for incoming pod, 3 Preemption is not helpful for scheduling."
    );
    let tolerant = pod("new", "1", json!({"tolerations": tolerations}));
    assert_eq!(placed(vec![node("a", "1", taint), tolerant]), "a");
}
