//! The cluster's network: how it is laid, cut and healed, and what becomes of its packets.
//!
//! Architecture invariant: knows addresses and labels; no packet's content.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::etcdctl::ETCDCTL;
use super::journal::Journal;
use super::{Cluster, Event, Timing};
use crate::raft::{Label, MemberId, address, transport::Ack};
use crate::sim::{Address, Group, Latency, Link, Network, NetworkEvent, PacketId, Why, World};

type Refusal = Rc<dyn Fn()>;
/// What is done for the packets that nobody takes.
pub(super) type Refusals = Rc<RefCell<BTreeMap<PacketId, Refusal>>>;

impl Cluster {
    pub(super) fn partition(&self, groups: &[Vec<MemberId>]) {
        let side = |id: &MemberId| groups.iter().position(|group| group.contains(id));
        for from in self.0.members.keys() {
            for to in self.0.members.keys().filter(|to| *to != from) {
                let (a, b) = (address(*from), address(*to));
                match side(from) == side(to) {
                    true => self.network().heal(a, b),
                    false => self.network().cut(a, b),
                }
            }
        }
        self.note(Event::Partitioned { groups: groups.to_vec() });
    }

    pub(super) fn heal(&self) {
        for (from, to) in self.network().cuts() {
            self.network().heal(from, to);
        }
        self.note(Event::Healed);
    }

    /// Sends a packet; if nobody listens when it arrives, `refused` runs instead.
    pub(super) fn send_or_refuse(
        &self,
        (from, to): (Address, Address),
        label: Label,
        deliver: Rc<dyn Fn()>,
        refused: Rc<dyn Fn()>,
    ) {
        let packet = self.network().send(from, to, label, deliver);
        self.0.refusals.borrow_mut().insert(packet, refused);
    }
}

/// What is done when a leader hears from a follower.
pub(super) fn note_acks(journal: &Rc<Journal>, world: &World) -> Rc<dyn Fn(Ack)> {
    let (journal, world) = (journal.clone(), world.downgrade());
    Rc::new(move |ack| {
        let Some(world) = world.upgrade() else { return };
        let Ack { leader: member, by, index, thread } = ack;
        journal.note(&world, Event::Acked { member, by, index, thread });
    })
}

/// Every packet's fate goes into the trace; a packet that nobody took is refused.
pub(super) fn watch_network(
    network: &Network<Label>,
    world: &World,
    (journal, refusals, delivered): (&Rc<Journal>, &Refusals, &Rc<Cell<u64>>),
) {
    let (journal, refusals, delivered) = (journal.clone(), refusals.clone(), delivered.clone());
    let world = world.downgrade();
    network.on(move |event| {
        let Some(world) = world.upgrade() else { return };
        let (fate, packet) = match event {
            NetworkEvent::Sent(packet) => (1, packet),
            NetworkEvent::Delivered(packet) => (2, packet),
            NetworkEvent::Dropped(packet, why) => (3 + *why as u64, packet),
        };
        let label = &packet.label;
        let numbers = [
            world.now().0,
            fate,
            u64::from(packet.from.0) << 32 | u64::from(packet.to.0),
            label.kind as u64,
            label.index,
        ];
        journal.trace(&numbers);
        if fate == 2 {
            delivered.set(delivered.get() + 1);
        }
        if fate != 1 {
            let refusal = refusals.borrow_mut().remove(&packet.id);
            if let (Some(refusal), NetworkEvent::Dropped(_, Why::Refused)) = (refusal, event) {
                refusal();
            }
        }
    });
}

/// The latencies of a preset.
pub(super) fn lay_cables(network: &Network<Label>, members: &BTreeSet<MemberId>, timing: Timing) {
    let figures = timing.figures();
    let fixed = Latency::Fixed(figures.client_latency);
    network.configure_default(Link { latency: fixed, ..Link::default() });
    network.attach(ETCDCTL, Group(ETCDCTL.0));
    for from in members {
        network.attach(address(*from), Group(from.0 as u32));
        for to in members.iter().filter(|to| *to != from) {
            let (min, max) = timing.latency(*from, *to);
            let link = Link { latency: Latency::Uniform { min, max }, ..Link::default() };
            network.configure(address(*from), address(*to), link);
        }
    }
}
