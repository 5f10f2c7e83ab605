//! Monitoring agents: one on each of the first nodes, which lists all pods and all nodes again and
//! again.
//!
//! An agent asks the apiserver, waits for the whole answer, does nothing with it, and asks again
//! when its interval is over. The apiserver has each list read from etcd, as those before
//! Kubernetes 1.31 had every list that names no revision. What is answered is as large as what is
//! stored, and goes over the same cables as everything else: from the member to the apiserver, and
//! on to the node.
//!
//! * An agent has one list under way at a time, so so many agents never have more than so many.
//!
//! Caveats: the agents are modelled, and so is what their reading costs the apiserver: nothing but
//! time on the cables.
//!
//! Architecture invariant: reads; writes nothing.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use super::control_plane::ControlPlane;
use super::kinds::Kind;
use super::{Event, keys, nodes};
use crate::raft::{Label, PacketKind};
use crate::sim::channel::oneshot;
use crate::sim::{self, Address, Group};
use crate::store::{Blob, RangeRequest, Request};

/// The agents' processes: they go together.
const AGENTS: Group = Group(900);

/// An agent gives up after so long, and begins anew.
const PATIENCE: Duration = Duration::from_secs(60);

/// What each of them lists.
const LISTED: [&str; 2] = ["Pod", "Node"];

/// From now on so many agents list everything so often; those before are gone.
pub(super) fn monitor(plane: &ControlPlane, agents: u16, every: Duration) {
    let world = plane.0.cluster.world();
    world.kill(AGENTS);
    let agents = agents.min(plane.0.nodes);
    for number in 1..=agents {
        world.spawn_in(AGENTS, agent(plane.clone(), number, every));
    }
    plane.note(Event::Monitored { agents, every });
}

async fn agent(plane: ControlPlane, number: u16, every: Duration) {
    let mut dice = plane.0.cluster.world().stream("agents", number.into(), 0);
    sim::sleep(Duration::from_nanos(dice.below(every.as_nanos() as u64))).await;
    loop {
        let began = sim::now();
        for kind in LISTED.iter().filter_map(|kind| Kind::built_in(kind)) {
            list(&plane, nodes::kubelet(number), kind).await;
        }
        sim::sleep(every.saturating_sub(sim::now().since(began))).await;
    }
}

/// One list, there and back.
async fn list(plane: &ControlPlane, from: Address, kind: &'static Kind) {
    let thread = plane.0.cluster.fresh_thread();
    let label = Label { kind: PacketKind::Api, word: "LIST", ..Label::default() };
    let (done, answered) = oneshot::channel();
    let done = Cell::new(Some(done));
    let (at, to) = (plane.clone(), plane.balanced(from));
    let deliver = move || {
        let (plane, Some(done)) = (at.clone(), done.take()) else { return };
        sim::spawn(async move {
            let bytes = match plane.apiserver_at(to) {
                Some(apiserver) => {
                    let range = all_of(plane.registry(), kind);
                    let read = apiserver.client().request(Request::Range(range), thread, None);
                    read.await.map(|response| crate::raft::response_bytes(&response)).ok()
                }
                None => None,
            };
            let label = Label {
                kind: PacketKind::Api,
                answer: true,
                refused: bytes.is_none(),
                word: "LIST",
                bytes: bytes.unwrap_or(0),
                ..Label::default()
            };
            let done = Cell::new(Some(done));
            let hand_over = move || {
                let _ = done.take().map(|done| done.send(()));
            };
            plane.0.cluster.network().send(to, from, label, Rc::new(hand_over));
        });
    };
    plane.0.cluster.network().send(from, to, label, Rc::new(deliver));
    // An answer that never comes: the agent gives up as a client would.
    let _ = sim::timeout(PATIENCE, answered).await;
}

/// All of a kind, as storage asks for them.
fn all_of(registry: &keys::Registry, kind: &Kind) -> RangeRequest {
    let prefix = registry.list(kind, "").unwrap_or_default();
    let end = Blob::from(crate::store::prefix_end(prefix.as_bytes()).as_slice());
    RangeRequest { key: Blob::from(&*prefix), range_end: end, ..Default::default() }
}
