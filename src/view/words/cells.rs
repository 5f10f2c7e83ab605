//! The words of many nodes.
//!
//! Architecture invariant: texts only; nothing here decides.

#![allow(missing_docs)]

use super::scene::counted;
use crate::kube::grid::{NodeState, PODS_COUNTED_MAX};

pub const GRID: &str = "Nodes";
pub const READY: &str = "ready";
pub const NOT_READY: &str = "not ready";
pub const CORDONED: &str = "cordoned";
pub const ABSENT: &str = "not registered";

/// With the keys that lead through the grid.
pub const GRID_KEYS: &str =
    "Arrow keys go from node to node, Page Down to the next that is not ready, Enter opens it";

/// `2,500`
pub fn number(of: u32) -> String {
    match of {
        0..1000 => of.to_string(),
        _ => format!("{},{:03}", of / 1000, of % 1000),
    }
}

/// `2,500 nodes`
pub fn nodes(count: u16) -> String {
    format!("{} {}", number(count.into()), if count == 1 { "node" } else { "nodes" })
}

/// `1,203 pods`
pub fn pods(count: u32, more: bool) -> String {
    let pods = if count == 1 { "pod" } else { "pods" };
    format!("{} {pods}{}", number(count), if more { " or more" } else { "" })
}

/// `node-0431: ready, 3 pods`
pub fn node(name: &str, state: NodeState, pods: u8) -> String {
    let state = match state {
        NodeState::Absent => "not registered yet",
        NodeState::Ready => "ready",
        NodeState::NotReady => "not ready",
        NodeState::Cordoned => "ready, cordoned",
    };
    let pods = match pods {
        0 => "no pods".into(),
        PODS_COUNTED_MAX.. => format!("{PODS_COUNTED_MAX} pods or more"),
        pods => counted(pods.into(), "pod", "pods"),
    };
    format!("{name}: {state}, {pods}")
}

/// How many nodes the next cluster has, and what that costs.
pub const CHOICE: (&str, &str) = (
    "Nodes",
    "Each renews a Lease every 10 s: 2,500 are 250 writes a second, much work for a computer",
);
