//! Those who watch through the apiserver: scheduler, controllers, kubelets.
//!
//! Each asks the apiserver, once it is up, for the kinds it works with, and is then told of every
//! change to them; a kubelet only of the pods bound to its node. What they are told is real. While
//! the control plane acts ([`super::acting`]) they watch what their duties need: the controllers
//! everything, a kubelet its Node too; else they only take note of it.
//!
//! Architecture invariant: never speak to etcd.

use std::rc::Rc;

use serde_json::Value;

use super::acting::{self, Actor};
use super::control_plane::ControlPlane;
use super::informer::Key;
use super::places::{self, APISERVER, CONTROLLERS, KUBELET_A, KUBELET_B, SCHEDULER};
use super::storage_watch::{Change, ObjectEvent};
use super::{Event, object};
use crate::raft::{Label, PacketKind, ThreadId};
use crate::sim::Address;
use crate::sorted::SortedMap;

/// Who is told of what.
#[derive(Debug, Clone)]
pub(super) struct Subscription {
    pub place: Address,
    name: &'static str,
    kinds: &'static [&'static str],
    node: Option<&'static str>,
}

/// What controllers watch (kube-controller-manager's informers, as far as the kinds are held here).
const CONTROLLED: &[&str] =
    &["Deployment", "ReplicaSet", "Pod", "Node", "Namespace", "Service", "ServiceAccount"];

/// Everyone who watches through the apiserver.
const ALL: [Subscription; 4] = [
    Subscription { place: SCHEDULER, name: "scheduler", kinds: &["Pod", "Node"], node: None },
    Subscription { place: CONTROLLERS, name: "controllers", kinds: CONTROLLED, node: None },
    kubelet(KUBELET_A, "kubelet node-a", "node-a"),
    kubelet(KUBELET_B, "kubelet node-b", "node-b"),
];

const fn kubelet(place: Address, name: &'static str, node: &'static str) -> Subscription {
    Subscription { place, name, kinds: &["Pod"], node: Some(node) }
}

impl Subscription {
    /// Whether a change concerns it.
    pub fn wants(&self, kind: &str, object: &Value, acting: bool) -> bool {
        match (self.place, self.node, kind) {
            (CONTROLLERS, ..) if acting => true,
            (_, Some(node), "Node") => acting && object::name(object) == node,
            (_, Some(node), _) => self.kinds.contains(&kind) && object["spec"]["nodeName"] == node,
            _ => self.kinds.contains(&kind),
        }
    }
}

/// Everyone's duties.
pub(super) fn actors(plane: &ControlPlane) -> SortedMap<Address, Rc<Actor>> {
    use super::controllers::{CONTROLLERS as ROLES, kubelet, scheduler};
    let actor = |subscription: &Subscription| {
        let place = subscription.place;
        let actor = match (subscription.node, place) {
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
    ALL.iter().map(actor).collect()
}

/// Where the kubelet of a node is.
pub(super) fn place_of(node: &str) -> Option<Address> {
    ALL.iter().find(|it| it.node == Some(node)).map(|it| it.place)
}

/// Everyone asks the apiserver to be told.
pub(super) fn start(plane: &ControlPlane) {
    for subscription in ALL {
        let plane = plane.clone();
        let world = plane.0.cluster.world().clone();
        world.spawn_in(places::group(subscription.place), async move {
            let label = Label { kind: PacketKind::Api, word: "watch", ..Label::default() };
            let (at, from) = (plane.clone(), subscription.place);
            plane.remark(from, &format!("watches {}", subscription.kinds_in_words()));
            let deliver = move || {
                if let Some(apiserver) = at.apiserver() {
                    apiserver.subscribe(subscription.clone());
                }
            };
            plane.0.cluster.network().send(from, APISERVER, label, Rc::new(deliver));
        });
    }
}

impl Subscription {
    fn kinds_in_words(&self) -> String {
        match (self.node, self.kinds) {
            (Some(_), _) => "its own pods".into(),
            (None, [one, other]) => format!("{one}s, {other}s").to_ascii_lowercase(),
            (None, more) => format!("{} kinds", more.len()),
        }
    }

    /// Sends it one change.
    pub fn tell(
        &self,
        plane: &ControlPlane,
        told: &ObjectEvent,
        change: Change,
        thread: Option<ThreadId>,
    ) {
        let word = match change {
            Change::Added => "ADDED",
            Change::Modified => "MODIFIED",
            Change::Deleted => "DELETED",
            Change::Bookmark => "BOOKMARK",
        };
        let label = Label {
            kind: PacketKind::Api,
            word,
            entries: 1,
            index: told.revision.0 as u64,
            thread,
            ..Label::default()
        };
        let kind = told.object["kind"].as_str().unwrap_or_default();
        let text = format!("{word} {kind} {}", object::name(&told.object));
        let (at, place, name) = (plane.clone(), self.place, self.name.to_string());
        let revision = told.revision;
        let object = plane.acts().then(|| Rc::new(told.object.clone()));
        let is_quiet = matches!(kind, "Lease" | "Event") && plane.acts();
        let deliver = move || {
            if let (Some(actor), Some(object)) = (at.actor(place), &object) {
                actor.told(change, object, revision);
            }
            if is_quiet {
                return;
            }
            at.remark(place, &text);
            let (text, name) = (text.clone(), name.clone());
            at.note(Event::Told { place, name: name.clone(), text, revision, thread });
            at.told(thread, &name);
        };
        plane.0.cluster.network().send(APISERVER, self.place, label, Rc::new(deliver));
    }
}
