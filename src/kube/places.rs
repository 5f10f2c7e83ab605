//! Who is who in the control plane, and where.
//!
//! Architecture invariant: names and addresses only.

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
/// The kubelet of node-a.
pub const KUBELET_A: Address = Address(110);
/// The kubelet of node-b.
pub const KUBELET_B: Address = Address(111);

/// Everyone of the control plane, in the order the page shows them.
pub fn all() -> Vec<Place> {
    let place =
        |address, kind, name: &str| Place { address, kind, name: name.into(), ..Place::default() };
    vec![
        place(ETCDCTL, PlaceKind::Etcdctl, "etcdctl"),
        place(KUBECTL, PlaceKind::Kubectl, "kubectl"),
        place(APISERVER, PlaceKind::Apiserver, "kube-apiserver"),
        place(SCHEDULER, PlaceKind::Scheduler, "scheduler"),
        place(CONTROLLERS, PlaceKind::Controllers, "controllers"),
        place(KUBELET_A, PlaceKind::Kubelet, "kubelet node-a"),
        place(KUBELET_B, PlaceKind::Kubelet, "kubelet node-b"),
    ]
}

/// The process at an address.
pub fn group(address: Address) -> Group {
    Group(address.0)
}
