//! What the ReplicaSet controller decides: which pods go, how many come.

use serde_json::json;

use super::*;

const NOW: i64 = 1_767_225_700_000;

/// Which of two pods goes first.
fn first(one: Value, other: Value, beside: [usize; 2]) -> &'static str {
    match rank(&one, beside[0]).cmp(&rank(&other, beside[1])) {
        std::cmp::Ordering::Less => "one",
        std::cmp::Ordering::Equal => "either",
        std::cmp::Ordering::Greater => "other",
    }
}

/// A running, ready pod on a node, with changes.
fn pod(change: Value) -> Value {
    let pod = json!({
        "metadata": {"creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"nodeName": "a"},
        "status": {"phase": "Running", "conditions": [
            {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:05Z"},
        ]},
    });
    crate::kube::apply::patched(crate::kube::kinds::Kind::built_in("Pod").unwrap(), &pod, &change)
}

fn ready(status: &str, time: &str) -> Value {
    json!({"status": {"conditions": [
        {"type": "Ready", "status": status, "lastTransitionTime": time},
    ]}})
}

#[test]
fn which_pod_goes_first() {
    let plain = || pod(json!({}));
    let cost = |cost: &str| {
        let annotations = json!({"controller.kubernetes.io/pod-deletion-cost": cost});
        pod(json!({"metadata": {"annotations": annotations}}))
    };
    let restarted = json!({"status": {"containerStatuses": [{"name": "a", "restartCount": 2}]}});
    let later = "2026-01-01T00:00:09Z";
    let cases = [
        ("unassigned", pod(json!({"spec": {"nodeName": null}})), [1, 9]),
        ("pending", pod(json!({"status": {"phase": "Pending"}})), [1, 9]),
        ("unknown", pod(json!({"status": {"phase": "Unknown"}})), [1, 9]),
        ("not ready", pod(ready("False", later)), [1, 9]),
        ("cheap", cost("-5"), [1, 9]),
        ("crowded", plain(), [3, 2]),
        ("ready for a shorter time", pod(ready("True", later)), [1, 1]),
        ("restarted", pod(restarted), [1, 1]),
        ("newer", pod(json!({"metadata": {"creationTimestamp": later}})), [1, 1]),
    ];
    for (why, goes, beside) in cases {
        assert_eq!(first(goes, plain(), beside), "one", "{why}");
    }
    assert_eq!(first(cost("5"), plain(), [1, 1]), "other");
    assert_eq!(first(plain(), plain(), [1, 1]), "either");
    // The earlier rule decides.
    let pending = pod(json!({"status": {"phase": "Pending"}}));
    assert_eq!(first(cost("-5"), pending, [1, 1]), "other");
}

fn set(replicas: i64) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {"name": "web-1", "namespace": "default", "uid": "u", "generation": 1},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}}},
        "status": {},
    })
}

/// What is done for a ReplicaSet with so many pods.
fn planned(replicas: i64, pods: usize, settled: bool) -> Vec<&'static str> {
    let (mut cache, set) = (Cache::default(), set(replicas));
    cache.put(std::rc::Rc::new(set.clone()));
    for at in 0..pods {
        let mut pod = pod_of(&set);
        pod["metadata"]["name"] = format!("web-1-{at}").into();
        cache.put(std::rc::Rc::new(pod));
    }
    let since = std::time::Duration::ZERO;
    let key = &Key::of(&set);
    let ask = Ask { cache: &cache, key, now_ms: NOW, since, settled, seed: 1, ails: (None, 0) };
    reconcile(&ask).writes.iter().map(|write| write.in_words().0).collect()
}

#[test]
fn as_many_as_are_wanted() {
    assert_eq!(planned(2, 0, true), ["create", "create", "update status of"]);
    assert_eq!(planned(1, 3, true), ["delete", "delete", "update status of"]);
    assert_eq!(planned(2, 2, true), ["update status of"]);
    // It has not been told of what it created itself.
    assert_eq!(planned(2, 0, false), ["update status of"]);
}
