//! Those who watch through the apiserver: scheduler, controllers, kubelets.
//!
//! Each keeps a reflector ([`super::reflector`]) for every kind it works with; a kubelet's are of
//! the pods bound to its node and of its Node, by field selectors. What they are told is real.
//! While the control plane acts ([`super::acting`]) they watch what their duties need: the
//! controllers everything, a kubelet its Node too; else they only take note of it. Of several
//! schedulers or controller managers one acts ([`super::processes`]).
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
use super::places::{self, CONTROLLERS, SCHEDULERS};
use super::processes::Component;
use super::reflector::Reflector;
use super::selector::Selector;
use crate::sim::{self, Address, Instant};

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
fn all(plane: &ControlPlane) -> Vec<Subscription> {
    let (nodes, managers) = (plane.0.nodes, plane.0.setup.managers);
    let of = |places: [Address; 3], name: &'static str, kinds: &'static [&'static str]| {
        let of_one = move |(at, place)| {
            let name = places::one_of(name, at, managers).into();
            Subscription { place, name, kinds, node: None }
        };
        places.into_iter().take(managers.into()).enumerate().map(of_one)
    };
    let schedulers = of(SCHEDULERS, "scheduler", &["Pod", "Node"]);
    let mut all: Vec<_> = schedulers.chain(of(CONTROLLERS, "controllers", CONTROLLED)).collect();
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
        let all = acting && CONTROLLERS.contains(&self.place);
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

/// Everyone begins to act, if anyone does.
pub(super) fn act(plane: &ControlPlane) {
    if plane.acts() {
        all(plane).iter().for_each(|subscription| act_on(plane, subscription));
    }
}

impl ControlPlane {
    /// What each of those who act knows just now, by who it is.
    pub fn informed(&self) -> Vec<(Rc<str>, Vec<Rc<Value>>)> {
        let known = |subscription: Subscription| {
            let actor = self.actor(subscription.place)?;
            let objects = actor.cache.borrow().iter().map(|(_, it)| it.clone()).collect();
            Some((subscription.name, objects))
        };
        all(self).into_iter().filter_map(known).collect()
    }
}

fn act_on(plane: &ControlPlane, subscription: &Subscription) {
    use super::controllers::{CONTROLLERS as ROLES, kubelet, scheduler};
    let place = subscription.place;
    // Of one there is nothing to elect. As the world begins there is nothing to list either.
    let one = |roles| match plane.0.cluster.world().now() {
        Instant::ZERO => acting::start(plane, place, roles),
        _ => {
            let actor = acting::standby(plane, place, roles);
            begin_when_synced(plane, actor.clone());
            actor
        }
    };
    let actor = match (&subscription.node, Component::at(place)) {
        (Some(node), _) => {
            let roles = [kubelet::PODS, kubelet::NODE, kubelet::LEASE];
            let actor = acting::start(plane, place, &roles);
            let first = [Key::new("Node", "", node), Key::new("Lease", "kube-node-lease", node)];
            let (world, begins) = (plane.0.cluster.world(), actor.clone());
            let begin = move || begins.look_after(&first);
            match joins_after(plane, place) {
                Duration::ZERO => begin(),
                later => drop(world.at(world.now() + later, places::group(place), begin)),
            }
            actor
        }
        (None, Some((Component::Scheduler, _))) if plane.elects() => {
            plane.stands(place, Component::Scheduler);
            acting::standby(plane, place, &[scheduler::ROLE])
        }
        (None, Some((Component::Scheduler, _))) => one(&[scheduler::ROLE]),
        // It has no caches before it leads.
        _ if plane.elects() => return plane.stands(place, Component::Controllers),
        _ => one(&ROLES),
    };
    plane.0.actors.borrow_mut().insert(place, actor);
}

/// One that was elected acts.
pub(super) fn lead(plane: &ControlPlane, place: Address) {
    let stood_by = plane.actor(place);
    let actor = stood_by.unwrap_or_else(|| {
        let own = |it: &Subscription| it.place == place;
        all(plane).into_iter().filter(own).for_each(|it| watch(plane, &it));
        let actor = acting::standby(plane, place, &super::controllers::CONTROLLERS);
        plane.0.actors.borrow_mut().insert(place, actor.clone());
        actor
    });
    begin_when_synced(plane, actor);
}

fn begin_when_synced(plane: &ControlPlane, actor: Rc<Actor>) {
    let (plane, place) = (plane.clone(), actor.place);
    let world = plane.0.cluster.world().clone();
    world.spawn_in(places::group(place), async move {
        while !plane.is_synced(place) {
            sim::sleep(SYNC_POLL).await;
        }
        actor.begin();
    });
}

/// How often it is looked whether caches are there (client-go's `syncedPollPeriod`).
const SYNC_POLL: Duration = Duration::from_millis(100);

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
    all(plane).iter().for_each(|subscription| begin(plane, subscription));
}

/// One that starts again begins to watch, and to act.
pub(super) fn start_at(plane: &ControlPlane, place: Address) {
    for subscription in all(plane).iter().filter(|it| it.place == place) {
        begin(plane, subscription);
        if plane.acts() {
            act_on(plane, subscription);
        }
    }
}

fn begin(plane: &ControlPlane, subscription: &Subscription) {
    match Component::at(subscription.place) {
        Some((Component::Controllers, _)) if plane.elects() => {
            plane.remark(subscription.place, "stands by");
        }
        _ => watch(plane, subscription),
    }
}

fn watch(plane: &ControlPlane, subscription: &Subscription) {
    let Subscription { place, name, .. } = subscription;
    plane.remark(*place, &format!("watches {}", subscription.kinds_in_words()));
    let mut reflectors = Vec::new();
    for (kind, selector) in subscription.watched(plane.acts()) {
        let of = (*place, name.clone());
        let reflector = Rc::new(Reflector::new(plane, of, kind, selector));
        reflectors.push(reflector.clone());
        let (world, group) = (plane.0.cluster.world(), places::group(*place));
        match joins_after(plane, *place) {
            Duration::ZERO => drop(world.spawn_in(group, reflector.run())),
            later => drop(world.spawn_in(group, async move {
                sim::sleep(later).await;
                reflector.run().await;
            })),
        }
    }
    plane.watches(*place, reflectors);
}
