//! A node with the pods on it: what filters and scores look at.
//!
//! * [`rooms`] goes once over all pods; whoever needs the pods of a node finds them there.
//! * Pods that have ended take no room and are not there.
//!
//! Architecture invariant: gathers; decides nothing.
// Models kubernetes pkg/scheduler/framework/types.go (NodeInfo).

use serde_json::Value;

use super::fit::{self, UNASKED};
use crate::kube::filled::{at, text};
use crate::kube::informer::Cache;
use crate::kube::object;
use crate::sorted::SortedMap;

/// A node and the pods on it.
pub struct Room<'a> {
    /// The node.
    pub node: &'a Value,
    /// Its pods.
    pub pods: Vec<&'a Value>,
    /// Cpu and memory its pods ask for, in thousandths.
    pub used: [i64; 2],
    /// The same, as scores count those that ask for nothing.
    pub counted: [i64; 2],
}

impl<'a> Room<'a> {
    /// A label of the node.
    pub fn label(&self, key: &str) -> Option<&'a str> {
        object::label(self.node, key)
    }

    fn take(&mut self, pod: &'a Value) {
        let plus = |sum: [i64; 2], more: [i64; 2]| [sum[0] + more[0], sum[1] + more[1]];
        self.used = plus(self.used, fit::asks(pod, [0; 2]));
        self.counted = plus(self.counted, fit::asks(pod, UNASKED));
        self.pods.push(pod);
    }
}

/// All nodes by name, with their pods.
pub fn rooms(cache: &Cache) -> Vec<Room<'_>> {
    let empty = |node| Room { node, pods: Vec::new(), used: [0; 2], counted: [0; 2] };
    let mut rooms: Vec<Room> = cache.all("Node").into_iter().map(empty).collect();
    let numbered = rooms.iter().enumerate().map(|(number, room)| (object::name(room.node), number));
    let numbers: SortedMap<&str, usize> = numbered.collect();
    for pod in cache.all("Pod") {
        let ended = ["Succeeded", "Failed"].contains(&text(pod, "status.phase"));
        if let Some(number) = numbers.get(text(pod, "spec.nodeName")).filter(|_| !ended) {
            rooms[*number].take(pod);
        }
    }
    rooms
}

/// Why a node cannot take a pod.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    /// In the words of `FailedScheduling`.
    pub why: Vec<String>,
    /// Whether it could if other pods went.
    pub may_help: bool,
}

impl Refusal {
    /// It could if other pods went.
    pub fn for_now(why: &str) -> Option<Refusal> {
        Some(Refusal { why: vec![why.into()], may_help: true })
    }

    /// It cannot, whoever goes.
    pub fn for_good(why: &str) -> Option<Refusal> {
        Some(Refusal { why: vec![why.into()], may_help: false })
    }
}

/// Whether a node is cordoned.
pub fn cordoned(room: &Room<'_>) -> Option<Refusal> {
    if *at(room.node, "spec.unschedulable") == true {
        return Refusal::for_good("node(s) were unschedulable");
    }
    None
}
