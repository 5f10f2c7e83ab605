//! The nodes as the apiserver has heard of them last, a byte each: enough to draw 2,500 of them.
//!
//! Where there are more nodes than boxes ([`super::places::BOXES_MAX`]), frames carry this instead
//! of a place for each.
//!
//! * Of a cell six bits are its pods (63 stands for more), two how its node is.
//! * A pod counts at the node it is bound to, from its binding until it is gone.
//!
//! Architecture invariant: observing only; nothing is decided from it.

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::controllers::holds;
use super::filled::{at, text};
use super::informer::Key;
use super::nodes;
use crate::sorted::SortedMap;

/// Pods counted at a node.
pub const PODS_COUNTED_MAX: u8 = 63;

/// How a node is, as its Node object says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NodeState {
    /// It has no Node object yet.
    #[default]
    Absent,
    /// Its condition Ready is True.
    Ready,
    /// Its condition Ready is anything else.
    NotReady,
    /// It is ready, and no new pod may come to it.
    Cordoned,
}

/// All of them, by number.
const STATES: [NodeState; 4] =
    [NodeState::Absent, NodeState::Ready, NodeState::NotReady, NodeState::Cordoned];

/// Every node, the first one first; empty where each has a box.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grid(Vec<u8>);

impl Grid {
    /// How many there are.
    pub fn count(&self) -> u16 {
        self.0.len() as u16
    }

    /// A node, from 1, and how many pods it has.
    pub fn cell(&self, number: u16) -> (NodeState, u8) {
        let byte = self.0.get(usize::from(number) - 1).copied().unwrap_or_default();
        (STATES[usize::from(byte & 3)], byte >> 2)
    }

    /// Writes a cell.
    pub fn set(&mut self, number: u16, state: NodeState, pods: u8) {
        if let Some(byte) = self.0.get_mut(usize::from(number) - 1) {
            *byte = pods.min(PODS_COUNTED_MAX) << 2 | state as u8;
        }
    }

    /// So many nodes nobody has heard of.
    pub fn of(count: u16) -> Grid {
        Grid(vec![0; usize::from(count)])
    }
}

/// The grid, and what is remembered to keep it right.
#[derive(Default)]
pub(super) struct Census {
    grid: Rc<Grid>,
    /// Where each pod is.
    pods: SortedMap<(String, String), u16>,
    /// How many pods each node has.
    counts: Vec<u8>,
}

impl Census {
    /// Of so many nodes.
    pub fn of(count: u16) -> Census {
        let counts = vec![0; usize::from(count)];
        Census { grid: Rc::new(Grid::of(count)), counts, ..Census::default() }
    }

    /// The grid as it is now.
    pub fn grid(&self) -> &Rc<Grid> {
        &self.grid
    }

    /// An object is so now, or is gone.
    pub fn learn(&mut self, object: &Value, gone: bool) {
        let Key { kind, namespace, name } = Key::of(object);
        match kind.as_str() {
            "Node" => {
                let Some(number) = self.known(&name) else { return };
                let state = if gone { NodeState::Absent } else { state(object) };
                self.write(number, state);
            }
            "Pod" => {
                let node = self.known(text(object, "spec.nodeName")).filter(|_| !gone);
                let pod = (namespace, name);
                let before = match node {
                    Some(number) => self.pods.insert(pod, number),
                    None => self.pods.remove(&pod),
                };
                if before != node {
                    before.into_iter().for_each(|number| self.count(number, -1));
                    node.into_iter().for_each(|number| self.count(number, 1));
                }
            }
            _ => {}
        }
    }

    fn known(&self, name: &str) -> Option<u16> {
        nodes::number(name).filter(|number| usize::from(*number) <= self.counts.len())
    }

    fn count(&mut self, number: u16, more: i8) {
        let count = &mut self.counts[usize::from(number) - 1];
        *count = count.saturating_add_signed(more);
        self.write(number, self.grid.cell(number).0);
    }

    fn write(&mut self, number: u16, state: NodeState) {
        let pods = self.counts[usize::from(number) - 1];
        if self.grid.cell(number) != (state, pods.min(PODS_COUNTED_MAX)) {
            Rc::make_mut(&mut self.grid).set(number, state, pods);
        }
    }
}

fn state(node: &Value) -> NodeState {
    match (holds(node, "Ready"), *at(node, "spec.unschedulable") == true) {
        (false, _) => NodeState::NotReady,
        (true, false) => NodeState::Ready,
        (true, true) => NodeState::Cordoned,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn node(ready: &str, cordoned: bool) -> Value {
        json!({"kind": "Node", "metadata": {"name": "node-0002"},
            "spec": {"unschedulable": cordoned},
            "status": {"conditions": [{"type": "Ready", "status": ready}]}})
    }

    fn pod(name: &str, node: &str) -> Value {
        json!({"kind": "Pod", "metadata": {"name": name, "namespace": "default"},
            "spec": {"nodeName": node}})
    }

    #[test]
    fn nodes_and_their_pods_are_counted() {
        let mut census = Census::of(30);
        let cells = |census: &Census| (1..=3).map(|it| census.grid().cell(it)).collect::<Vec<_>>();
        census.learn(&node("True", false), false);
        for name in ["a", "b"] {
            // Told twice, it counts once.
            census.learn(&pod(name, "node-0002"), false);
            census.learn(&pod(name, "node-0002"), false);
        }
        census.learn(&pod("c", "node-0003"), false);
        use NodeState::*;
        assert_eq!(cells(&census), [(Absent, 0), (Ready, 2), (Absent, 1)]);
        census.learn(&node("Unknown", true), false);
        census.learn(&pod("a", "node-0002"), true);
        census.learn(&pod("nowhere", ""), false);
        census.learn(&pod("elsewhere", "node-2500"), false);
        assert_eq!(cells(&census), [(Absent, 0), (NotReady, 1), (Absent, 1)]);
        census.learn(&node("True", true), false);
        assert_eq!(census.grid().cell(2), (Cordoned, 1));
        census.learn(&node("True", true), true);
        assert_eq!(census.grid().cell(2), (Absent, 1));
    }

    #[test]
    fn unchanged_it_stays_the_same_grid() {
        let mut census = Census::of(30);
        census.learn(&node("True", false), false);
        let before = census.grid().clone();
        census.learn(&node("True", false), false);
        assert!(Rc::ptr_eq(&before, census.grid()));
    }
}
