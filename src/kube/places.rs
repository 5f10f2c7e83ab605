//! Who is who in the control plane, and where.
//!
//! Architecture invariant: names and addresses only.

use super::nodes;
use crate::cluster::{Place, PlaceKind, etcdctl::ETCDCTL};
use crate::sim::{Address, Group};

/// The reader's kubectl.
pub const KUBECTL: Address = Address(101);
/// kube-apiserver.
pub const APISERVER: Address = Address(102);
/// kube-scheduler.
pub const SCHEDULER: Address = Address(103);
/// kube-controller-manager.
pub const CONTROLLERS: Address = Address(104);
/// So many nodes are shown as a box each; more are cells of a grid (`cluster::Grid`).
pub const BOXES_MAX: u16 = 2;

/// Everyone of the control plane that has a box, in the order the page shows them.
pub fn all(nodes: u16) -> Vec<Place> {
    let place =
        |address, kind, name: &str| Place { address, kind, name: name.into(), ..Place::default() };
    let mut all = vec![
        place(ETCDCTL, PlaceKind::Etcdctl, "etcdctl"),
        place(KUBECTL, PlaceKind::Kubectl, "kubectl"),
        place(APISERVER, PlaceKind::Apiserver, "kube-apiserver"),
        place(SCHEDULER, PlaceKind::Scheduler, "scheduler"),
        place(CONTROLLERS, PlaceKind::Controllers, "controllers"),
    ];
    let boxes = if nodes > BOXES_MAX { 0 } else { nodes };
    all.extend((1..=boxes).map(|number| {
        let name = format!("kubelet {}", nodes::name(number, boxes));
        place(nodes::kubelet(number), PlaceKind::Kubelet, &name)
    }));
    all
}

/// The process at an address.
pub fn group(address: Address) -> Group {
    Group(address.0)
}
