//! Who is who in the control plane, and where.
//!
//! Architecture invariant: names and addresses only.

use super::event_etcd::EVENT_ETCD;
use super::nodes;
use super::setup::{APISERVERS_MAX, MANAGERS_MAX, Setup};
use crate::cluster::{Place, PlaceKind, etcdctl::ETCDCTL};
use crate::sim::{Address, Group};

/// The reader's kubectl.
pub const KUBECTL: Address = Address(101);
/// kube-apiserver, the first of them.
pub const APISERVER: Address = Address(102);
/// The apiservers, as many as there can be.
pub const APISERVERS: [Address; APISERVERS_MAX as usize] = [APISERVER, Address(98), Address(99)];
/// The kube-schedulers, as many as there can be.
pub const SCHEDULERS: [Address; MANAGERS_MAX as usize] = [Address(103), Address(105), Address(106)];
/// The kube-controller-managers, as many as there can be.
pub const CONTROLLERS: [Address; MANAGERS_MAX as usize] =
    [Address(104), Address(107), Address(108)];
/// So many nodes are shown as a box each; more are cells of a grid (`cluster::Grid`).
pub const BOXES_MAX: u16 = 2;

/// Everyone of the control plane that has a box, in the order the page shows them.
pub fn all(nodes: u16, setup: &Setup) -> Vec<Place> {
    let (apiservers, managers) = (setup.apiservers, setup.managers);
    let place =
        |address, kind, name: &str| Place { address, kind, name: name.into(), ..Place::default() };
    let numbers = 0..usize::from(apiservers.clamp(1, APISERVERS_MAX));
    let first = numbers
        .map(|at| place(APISERVERS[at], PlaceKind::Apiserver, &apiserver_name(at, apiservers)));
    let mut all: Vec<Place> = first.collect();
    all.extend([
        place(ETCDCTL, PlaceKind::Etcdctl, "etcdctl"),
        place(KUBECTL, PlaceKind::Kubectl, "kubectl"),
    ]);
    for (of, kind, name) in [
        (SCHEDULERS, PlaceKind::Scheduler, "scheduler"),
        (CONTROLLERS, PlaceKind::Controllers, "controllers"),
    ] {
        let several = of.iter().take(managers.into()).enumerate();
        all.extend(several.map(|(at, address)| place(*address, kind, &one_of(name, at, managers))));
    }
    let boxes = if nodes > BOXES_MAX { 0 } else { nodes };
    all.extend((1..=boxes).map(|number| {
        let name = format!("kubelet {}", nodes::name(number, boxes));
        place(nodes::kubelet(number), PlaceKind::Kubelet, &name)
    }));
    if setup.own_events {
        all.push(place(EVENT_ETCD, PlaceKind::EventEtcd, "etcd-events"));
    }
    all
}

/// How an apiserver is called, of so many.
pub fn apiserver_name(at: usize, of: u8) -> String {
    one_of("kube-apiserver", at, of)
}

/// How one of so many is called.
pub fn one_of(name: &str, at: usize, of: u8) -> String {
    match of {
        0 | 1 => name.into(),
        _ => format!("{name}-{}", at + 1),
    }
}

/// What of a process outlives it by a moment: its connections, which the kernel closes.
pub fn sockets(address: Address) -> Group {
    Group(0x10_0000 + address.0)
}

/// The process at an address.
pub fn group(address: Address) -> Group {
    Group(address.0)
}
