//! Those who watch through the apiserver: scheduler, controllers, kubelets.
//!
//! Each asks the apiserver, once it is up, for the kinds it works with, and is then told of every
//! change to them; a kubelet only of the pods bound to its node. What they are told is real; here
//! they only take note of it.
//!
//! Architecture invariant: never speak to etcd.

use std::rc::Rc;

use serde_json::Value;

use super::control_plane::ControlPlane;
use super::places::{self, APISERVER, CONTROLLERS, KUBELET_A, KUBELET_B, SCHEDULER};
use super::storage_watch::{Change, ObjectEvent};
use super::{Event, object};
use crate::raft::{Label, PacketKind, ThreadId};
use crate::sim::Address;

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
    pub fn wants(&self, kind: &str, object: &Value) -> bool {
        let bound = object["spec"]["nodeName"].as_str();
        self.kinds.contains(&kind) && self.node.is_none_or(|node| bound == Some(node))
    }
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
    pub fn tell(&self, plane: &ControlPlane, told: &ObjectEvent, thread: Option<ThreadId>) {
        let word = match told.change {
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
        let deliver = move || {
            at.remark(place, &text);
            let (text, name) = (text.clone(), name.clone());
            at.note(Event::Told { place, name: name.clone(), text, revision, thread });
            at.told(thread, &name);
        };
        plane.0.cluster.network().send(APISERVER, self.place, label, Rc::new(deliver));
    }
}
