//! Host ports: a port of a node is one pod's only.
//!
//! Caveats: a `hostIP` is not looked at.
//!
//! Architecture invariant: as [`super`].
// Models kubernetes pkg/scheduler/framework/plugins/nodeports.

use serde_json::Value;

use super::room::{Refusal, Room};
use crate::kube::filled::{at, number, text};
use crate::kube::label_selector::requirements;

/// The host ports of a pod, with their protocols.
fn host_ports(pod: &Value) -> impl Iterator<Item = (i64, &str)> {
    let containers = requirements(at(pod, "spec.containers"));
    let ports = containers.flat_map(|container| requirements(at(container, "ports")));
    let ports = ports.map(|port| (number(port, "hostPort"), text(port, "protocol")));
    ports.filter(|(number, _)| *number > 0)
}

/// Whether a pod of the node has one of the pod's host ports.
pub fn refusal(pod: &Value, room: &Room<'_>) -> Option<Refusal> {
    host_ports(pod).next()?;
    let mut taken = room.pods.iter().flat_map(|other| host_ports(other));
    if taken.any(|taken| host_ports(pod).any(|wanted| wanted == taken)) {
        return Refusal::for_now("node(s) didn't have free ports for the requested pod ports");
    }
    None
}
