//! Those who watch through the apiserver: scheduler, controllers, kubelets.
//!
//! Each keeps a reflector ([`super::reflector`]) for every kind it works with; a kubelet's are of
//! the pods bound to its node and of its Node, by field selectors. What they are told is real.
//! While the control plane acts ([`super::acting`]) they watch what their duties need: the
//! controllers everything, a kubelet its Node too; else they only take note of it.
//!
//! Architecture invariant: never speak to etcd.

use std::rc::Rc;

use super::acting::{self, Actor};
use super::control_plane::ControlPlane;
use super::informer::Key;
use super::kinds::{KINDS, Kind};
use super::places::{self, CONTROLLERS, KUBELET_A, KUBELET_B, SCHEDULER};
use super::reflector::Reflector;
use super::selector::Selector;
use crate::sim::Address;
use crate::sorted::SortedMap;

/// Who is told of what.
#[derive(Debug, Clone)]
pub(super) struct Subscription {
    pub place: Address,
    name: Rc<str>,
    kinds: &'static [&'static str],
    node: Option<Rc<str>>,
}

/// What controllers watch (kube-controller-manager's informers, as far as the kinds are held here).
const CONTROLLED: &[&str] =
    &["Deployment", "ReplicaSet", "Pod", "Node", "Namespace", "Service", "ServiceAccount"];

/// Everyone who watches through the apiserver.
fn all() -> Vec<Subscription> {
    let of =
        |place, name: &str, kinds| Subscription { place, name: name.into(), kinds, node: None };
    let kubelet = |place, node: &str| Subscription {
        place,
        name: format!("kubelet {node}").into(),
        kinds: &["Pod"],
        node: Some(node.into()),
    };
    vec![
        of(SCHEDULER, "scheduler", &["Pod", "Node"]),
        of(CONTROLLERS, "controllers", CONTROLLED),
        kubelet(KUBELET_A, "node-a"),
        kubelet(KUBELET_B, "node-b"),
    ]
}

impl Subscription {
    /// What it watches: kinds, and which of their objects.
    fn watched(&self, acting: bool) -> Vec<(&'static Kind, Selector)> {
        if let Some(node) = &self.node {
            let own = |kind, path| Some((Kind::built_in(kind)?, Selector::of_field(path, node)));
            let its_node = own("Node", "metadata.name").filter(|_| acting);
            return own("Pod", "spec.nodeName").into_iter().chain(its_node).collect();
        }
        let all = acting && self.place == CONTROLLERS;
        let wanted = |kind: &&Kind| all || self.kinds.contains(&&*kind.kind);
        KINDS.iter().filter(wanted).map(|kind| (kind, Selector::default())).collect()
    }

    fn kinds_in_words(&self) -> String {
        match (&self.node, self.kinds) {
            (Some(_), _) => "its own pods".into(),
            (None, [one, other]) => format!("{one}s, {other}s").to_ascii_lowercase(),
            (None, more) => format!("{} kinds", more.len()),
        }
    }
}

/// Everyone's duties.
pub(super) fn actors(plane: &ControlPlane) -> SortedMap<Address, Rc<Actor>> {
    use super::controllers::{CONTROLLERS as ROLES, kubelet, scheduler};
    let actor = |subscription: &Subscription| {
        let place = subscription.place;
        let actor = match (&subscription.node, place) {
            (Some(node), _) => {
                let roles = [kubelet::PODS, kubelet::NODE, kubelet::LEASE];
                let first =
                    [Key::new("Node", "", node), Key::new("Lease", "kube-node-lease", node)];
                acting::start(plane, place, &roles, &first)
            }
            (None, SCHEDULER) => acting::start(plane, place, &[scheduler::ROLE], &[]),
            _ => acting::start(plane, place, &ROLES, &[]),
        };
        (place, actor)
    };
    all().iter().map(actor).collect()
}

/// Where the kubelet of a node is.
pub(super) fn place_of(node: &str) -> Option<Address> {
    all().iter().find(|it| it.node.as_deref() == Some(node)).map(|it| it.place)
}

/// Everyone begins to list and watch.
pub(super) fn start(plane: &ControlPlane) {
    for subscription in all() {
        let Subscription { place, name, .. } = &subscription;
        plane.remark(*place, &format!("watches {}", subscription.kinds_in_words()));
        for (kind, selector) in subscription.watched(plane.acts()) {
            let reflector = Reflector::new(plane, (*place, name.clone()), kind, selector);
            plane.0.cluster.world().spawn_in(places::group(*place), reflector.run());
        }
    }
}
