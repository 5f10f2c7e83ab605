//! Those who watch through the apiserver: scheduler, controllers, kubelets.
//!
//! Each keeps a reflector ([`super::reflector`]) for every kind it works with; a kubelet's are of
//! the pods bound to its node and of its Node, by field selectors. What they are told is real.
//! While the control plane acts ([`super::acting`]) they watch what their duties need: the
//! controllers everything, a kubelet its Node too; else they only take note of it.
//!
//! Architecture invariant: never speak to etcd.

use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;

use super::acting::{self, Actor};
use super::control_plane::ControlPlane;
use super::informer::Key;
use super::kinds::{KINDS, Kind};
use super::nodes;
use super::places::{self, CONTROLLERS, SCHEDULER};
use super::reflector::Reflector;
use super::selector::Selector;
use crate::sim::{self, Address};
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
fn all(nodes: u16) -> Vec<Subscription> {
    let of =
        |place, name: &str, kinds| Subscription { place, name: name.into(), kinds, node: None };
    let mut all = vec![
        of(SCHEDULER, "scheduler", &["Pod", "Node"]),
        of(CONTROLLERS, "controllers", CONTROLLED),
    ];
    all.extend((1..=nodes).map(|number| {
        let node = nodes::name(number, nodes);
        let name = format!("kubelet {node}").into();
        let (place, node) = (nodes::kubelet(number), Some(node.into()));
        Subscription { place, name, kinds: &["Pod"], node }
    }));
    all
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
                let actor = acting::start(plane, place, &roles);
                let first =
                    [Key::new("Node", "", node), Key::new("Lease", "kube-node-lease", node)];
                let (world, begins) = (plane.0.cluster.world(), actor.clone());
                let begin = move || begins.look_after(&first);
                match joins_after(plane, place) {
                    Duration::ZERO => begin(),
                    later => drop(world.at(world.now() + later, places::group(place), begin)),
                }
                actor
            }
            (None, SCHEDULER) => acting::start(plane, place, &[scheduler::ROLE]),
            _ => acting::start(plane, place, &ROLES),
        };
        (place, actor)
    };
    all(plane.0.nodes).iter().map(actor).collect()
}

impl ControlPlane {
    /// What each of those who act knows just now, by who it is.
    pub fn informed(&self) -> Vec<(Rc<str>, Vec<Rc<Value>>)> {
        let known = |subscription: Subscription| {
            let actor = self.actor(subscription.place)?;
            let objects = actor.cache.borrow().iter().map(|(_, it)| it.clone()).collect();
            Some((subscription.name, objects))
        };
        all(self.0.nodes).into_iter().filter_map(known).collect()
    }
}

/// How long after the beginning someone starts: a few kubelets at once, of many each at a time of
/// its own, so that their heartbeats do not all come together.
fn joins_after(plane: &ControlPlane, place: Address) -> Duration {
    let many = plane.0.nodes > places::BOXES_MAX;
    let Some(number) = nodes::at(place).filter(|_| many) else { return Duration::ZERO };
    let rounds = u64::from(plane.0.nodes / NODES_A_ROUND + 1);
    let mut dice = plane.0.cluster.world().stream("joins", u64::from(number), 0);
    Duration::from_millis(dice.below(rounds * JOIN_ROUND_MS))
}

/// So many nodes join within [`JOIN_ROUND_MS`], which is how often a Lease is renewed.
const NODES_A_ROUND: u16 = 1_250;
const JOIN_ROUND_MS: u64 = 10_000;

/// Where the kubelet of a node is, in a cluster of so many.
pub(super) fn place_of(node: &str, nodes: u16) -> Option<Address> {
    let number = nodes::number(node).filter(|number| *number <= nodes)?;
    (nodes::name(number, nodes) == node).then(|| nodes::kubelet(number))
}

/// Everyone begins to list and watch.
pub(super) fn start(plane: &ControlPlane) {
    for subscription in all(plane.0.nodes) {
        let Subscription { place, name, .. } = &subscription;
        plane.remark(*place, &format!("watches {}", subscription.kinds_in_words()));
        for (kind, selector) in subscription.watched(plane.acts()) {
            let reflector = Reflector::new(plane, (*place, name.clone()), kind, selector);
            let (world, group) = (plane.0.cluster.world(), places::group(*place));
            match joins_after(plane, *place) {
                Duration::ZERO => drop(world.spawn_in(group, reflector.run())),
                later => drop(world.spawn_in(group, async move {
                    sim::sleep(later).await;
                    reflector.run().await;
                })),
            }
        }
    }
}
