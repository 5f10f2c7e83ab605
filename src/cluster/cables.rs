//! The cluster's network: how it is laid, cut and healed, and what becomes of its packets.
//!
//! * What belongs to a connection (a client's request, a proposal passed on) is taken once, however
//!   often its packet comes: TCP sees to that. Raft's own calls may come twice; it bears that.
//!
//! Architecture invariant: knows addresses and labels; no packet's content.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use super::etcdctl::ETCDCTL;
use super::fault::FAULT_SPAN_MAX;
use super::journal::Journal;
use super::{Cluster, Event, LinkFault, LinkState, Status, Timing, Ways};
use crate::raft::{Ack, Label, MemberId, PacketKind, address};
use crate::sim::{
    Address, Group, Instant, Latency, Link, Network, NetworkEvent, PacketId, Why, World,
};
use crate::sorted::{SortedMap, SortedSet};

/// A connection of which a packet was lost is found to be broken after so long (Kubernetes' client
/// of etcd: `keepaliveTimeout`).
pub const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// What is done then.
pub(super) type Then = Rc<dyn Fn()>;

type Refusal = Rc<dyn Fn(Why)>;
/// What is done for the packets that nobody takes.
pub(super) type Refusals = Rc<RefCell<SortedMap<PacketId, Refusal>>>;

impl Cluster {
    /// Cuts every link between members that share no group; who is in none is with the others that
    /// are in none.
    pub(super) fn partition(&self, groups: &[Vec<MemberId>]) {
        let of = |id: &MemberId| -> Vec<bool> { groups.iter().map(|it| it.contains(id)).collect() };
        let meet = |a: &MemberId, b: &MemberId| {
            let (a, b) = (of(a), of(b));
            a == b || a.iter().zip(&b).any(|(a, b)| *a && *b)
        };
        let members = self.member_ids();
        for from in &members {
            for to in members.iter().filter(|to| *to != from) {
                let (a, b) = (address(*from), address(*to));
                let link = self.network().link(a, b);
                self.lay(a, b, Link { cut: !meet(from, to), ..link });
            }
        }
        self.note(Event::Partitioned { groups: groups.to_vec() });
    }

    /// Lays the cables of a new member.
    pub(super) fn attach(&self, id: MemberId) {
        let here = address(id);
        self.network().attach(here, Group(here.0));
        for other in self.member_ids().into_iter().filter(|other| *other != id).map(address) {
            self.network().configure(here, other, self.well_link(here, other));
            self.network().configure(other, here, self.well_link(other, here));
        }
    }

    pub(super) fn heal(&self) {
        for ((from, to), link) in self.network().links() {
            let well = self.well_link(from, to);
            if link != well {
                self.lay(from, to, well);
            }
        }
        self.note(Event::Healed);
    }

    /// A link that nothing is wrong with.
    pub(super) fn well_link(&self, from: Address, to: Address) -> Link {
        let timing = self.setup().timing;
        let member = |at: Address| self.member(MemberId(u64::from(at.0))).map(|it| it.id);
        match (member(from), member(to)) {
            (Some(from), Some(to)) => cable(timing, from, to),
            _ => client_cable(timing),
        }
    }

    pub(super) fn hurt_links(&self, ways: &Ways, fault: LinkFault) {
        let all: Vec<Address> = self.member_ids().into_iter().map(address).collect();
        let named = |ends: &Vec<Address>| if ends.is_empty() { all.clone() } else { ends.clone() };
        let (from, to) = (named(&ways.from), named(&ways.to));
        let pairs = from.iter().flat_map(|from| to.iter().map(move |to| (*from, *to)));
        let pairs: SortedSet<(Address, Address)> = pairs.filter(|(from, to)| from != to).collect();
        if pairs.is_empty() {
            return;
        }
        for (from, to) in pairs {
            self.hurt_link(from, to, fault);
            if ways.both {
                self.hurt_link(to, from, fault);
            }
        }
        self.note(Event::LinkChanged { ways: ways.clone(), fault });
    }

    /// Every direction that is not as it was laid, and what is wrong with it.
    pub(super) fn link_states(&self) -> Vec<LinkState> {
        let states = self.network().links().into_iter().map(|((from, to), link)| LinkState {
            from,
            to,
            faults: faults(link, self.well_link(from, to)),
        });
        states.filter(|state| !state.faults.is_empty()).collect()
    }

    fn hurt_link(&self, from: Address, to: Address, fault: LinkFault) {
        let link = self.network().link(from, to);
        let within = |span: Duration| span.min(FAULT_SPAN_MAX);
        let link = match fault {
            LinkFault::Cut => Link { cut: true, ..link },
            LinkFault::Latency { middle, jitter } => {
                let (middle, jitter) = (within(middle), within(jitter));
                let (min, max) = (middle.saturating_sub(jitter), middle + jitter);
                Link { latency: Latency::Uniform { min, max }, ..link }
            }
            LinkFault::Loss(loss_ppm) => Link { loss_ppm, ..link },
            LinkFault::Duplicate(duplicate_ppm) => Link { duplicate_ppm, ..link },
            LinkFault::Reorder(reorder_ppm) => Link { reorder_ppm, ..link },
            LinkFault::Bandwidth(bytes) => Link { bandwidth: Some(bytes), ..link },
            LinkFault::Well => self.well_link(from, to),
        };
        self.lay(from, to, link);
    }

    /// Lays a cable, and remembers when one that was cut became whole.
    fn lay(&self, from: Address, to: Address, link: Link) {
        if self.network().link(from, to).cut && !link.cut {
            self.0.mended.borrow_mut().insert((from, to), self.world().now());
        }
        self.network().configure(from, to, link);
    }

    /// Since when two members have been connected both ways; none: they are not.
    ///
    /// etcd's members keep streams open to each other, and see when one breaks; here it is the
    /// processes and the cables between them that are looked at.
    pub(super) fn connected_since(&self, one: MemberId, other: MemberId) -> Option<Instant> {
        let mended = self.0.mended.borrow();
        let of_link = |from: Address, to: Address| {
            let whole = !self.network().link(from, to).cut;
            whole.then(|| mended.get(&(from, to)).copied().unwrap_or(Instant(0)))
        };
        let of_process = |id: MemberId| {
            let member = self.member(id)?;
            let runs = member.status.get() == Status::Running && member.server.borrow().is_some();
            runs.then(|| member.running_since.get())
        };
        let (a, b) = (address(one), address(other));
        let parts = [of_link(a, b)?, of_link(b, a)?, of_process(one)?, of_process(other)?];
        parts.into_iter().max()
    }

    /// Sends a packet; if nobody listens when it arrives, `refused` runs instead.
    pub fn send_or_refuse(
        &self,
        (from, to): (Address, Address),
        label: Label,
        deliver: Rc<dyn Fn()>,
        refused: Rc<dyn Fn()>,
    ) {
        let packet = self.network().send(from, to, label, deliver);
        // One that was dropped as it was sent has no fate any more.
        if self.network().packet(packet).is_some() {
            let dropped = move |why| {
                if why == Why::Refused {
                    refused()
                }
            };
            self.0.refusals.borrow_mut().insert(packet, Rc::new(dropped));
        }
    }

    /// Sends a packet of a connection; if it is lost, `broken` runs [`KEEP_ALIVE`] later.
    pub(super) fn send_on_connection(
        &self,
        (from, to): (Address, Address),
        label: Label,
        (deliver, refused): (Then, Then),
        broken: Then,
    ) {
        let packet = self.network().send(from, to, label, deliver);
        let world = self.world().downgrade();
        let dropped = move |why| {
            if why == Why::Refused {
                return refused();
            }
            let (Some(world), broken) = (world.upgrade(), broken.clone()) else { return };
            world.at(world.now() + KEEP_ALIVE, Group::WORLD, move || broken());
        };
        match self.network().packet(packet) {
            Some(_) => drop(self.0.refusals.borrow_mut().insert(packet, Rc::new(dropped))),
            None => dropped(Why::Loss),
        }
    }
}

/// How a link differs from what it was.
fn faults(link: Link, well: Link) -> Vec<LinkFault> {
    let mut faults = Vec::new();
    faults.extend(link.cut.then_some(LinkFault::Cut));
    if let (Latency::Uniform { min, max }, true) = (link.latency, link.latency != well.latency) {
        let jitter = (max - min) / 2;
        faults.push(LinkFault::Latency { middle: min + jitter, jitter });
    }
    faults.extend((link.loss_ppm > 0).then_some(LinkFault::Loss(link.loss_ppm)));
    faults.extend((link.duplicate_ppm > 0).then_some(LinkFault::Duplicate(link.duplicate_ppm)));
    faults.extend((link.reorder_ppm > 0).then_some(LinkFault::Reorder(link.reorder_ppm)));
    faults.extend(link.bandwidth.map(LinkFault::Bandwidth));
    faults
}

/// Does it the first time only.
pub(super) fn once(deliver: impl Fn()) -> impl Fn() {
    let done = Cell::new(false);
    move || {
        if !done.replace(true) {
            deliver();
        }
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

/// How many packets were delivered, and what the last one carried.
pub(super) type Delivered = Rc<Cell<(u64, Option<PacketKind>)>>;

/// Every packet's fate goes into the trace; a packet that nobody took is refused.
pub(super) fn watch_network(
    network: &Network<Label>,
    world: &World,
    (journal, refusals, delivered): (&Rc<Journal>, &Refusals, &Delivered),
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
            delivered.set((delivered.get().0 + 1, Some(label.kind)));
        }
        if fate != 1 {
            let refusal = refusals.borrow_mut().remove(&packet.id);
            if let (Some(refusal), NetworkEvent::Dropped(_, why)) = (refusal, event) {
                refusal(*why);
            }
        }
    });
}

/// Bytes of a packet besides what it carries: the headers of its layers, roughly.
pub const PACKET_OVERHEAD_BYTES: u64 = 80;

/// The cables of a preset.
pub(super) fn lay_cables(network: &Network<Label>, members: &BTreeSet<MemberId>, timing: Timing) {
    network.configure_default(client_cable(timing));
    network.weigh(|label| u64::from(label.bytes) + PACKET_OVERHEAD_BYTES);
    network.attach(ETCDCTL, Group(ETCDCTL.0));
    for from in members {
        network.attach(address(*from), Group(from.0 as u32));
        for to in members.iter().filter(|to| *to != from) {
            network.configure(address(*from), address(*to), cable(timing, *from, *to));
        }
    }
}

/// Between two members.
fn cable(timing: Timing, from: MemberId, to: MemberId) -> Link {
    let (min, max) = timing.latency(from, to);
    Link { latency: Latency::Uniform { min, max }, ..Link::default() }
}

/// Between a client and anyone.
fn client_cable(timing: Timing) -> Link {
    Link { latency: Latency::Fixed(timing.figures().client_latency), ..Link::default() }
}
