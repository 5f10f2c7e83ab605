//! Which of the nodes that can take a pod is best.
//!
//! Every plugin gives every node a score from 0 to [`MOST`]; the sum counts each as often as its
//! weight says.
//!
//! Caveats: no `ImageLocality`, as images are on no node in particular; all nodes are scored, not
//! a share of them.
//!
//! Architecture invariant: as [`super`].
// Models kubernetes pkg/scheduler/framework/runtime (RunScorePlugins) and
// pkg/scheduler/apis/config/v1/default_plugins.go.

use serde_json::Value;

use super::room::Room;
use super::{fit, node_affinity, pod_affinity, spread_score, taints};

/// The best score a plugin gives.
pub const MOST: i64 = 100;

/// The plugins and their weights.
pub const PLUGINS: [(&str, i64); 6] = [
    ("TaintToleration", 3),
    ("NodeAffinity", 2),
    ("NodeResourcesFit", 1),
    ("PodTopologySpread", 2),
    ("InterPodAffinity", 2),
    ("NodeResourcesBalancedAllocation", 1),
];

/// What each plugin gives each of the nodes that can take the pod, weight not yet counted.
pub fn by_plugin<'a>(pod: &'a Value, all: &[Room<'a>], rooms: &[&Room<'a>]) -> [Vec<i64>; 6] {
    let each =
        |score: fn(&Value, &Room<'_>) -> i64| rooms.iter().map(|it| score(pod, it)).collect();
    [
        taints::scores(pod, rooms),
        node_affinity::scores(pod, rooms),
        each(fit::least_allocated),
        spread_score::scores(pod, all, rooms),
        pod_affinity::scores(pod, all, rooms),
        each(fit::balance),
    ]
}

/// How good each of the nodes is for the pod.
pub fn scores<'a>(pod: &'a Value, all: &[Room<'a>], rooms: &[&Room<'a>]) -> Vec<i64> {
    let given = by_plugin(pod, all, rooms);
    let sum = |room: usize| {
        let weighed = given.iter().zip(PLUGINS).map(|(scores, (_, weight))| scores[room] * weight);
        weighed.sum()
    };
    (0..rooms.len()).map(sum).collect()
}

/// From 0 to [`MOST`] for the highest; all as they are when that is 0.
pub fn normalised(mut raw: Vec<i64>) -> Vec<i64> {
    let highest = raw.iter().copied().max().unwrap_or(0);
    if highest > 0 {
        raw.iter_mut().for_each(|score| *score = *score * MOST / highest);
    }
    raw
}
