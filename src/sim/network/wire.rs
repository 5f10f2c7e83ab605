//! The wire itself: sending, flying, arriving.
//!
//! * A packet in flight has exactly one event on the agenda, and the event holds its `deliver`: so
//!   the world owns what packets carry, and the network never keeps a world or a process alive.
//!
//! Architecture invariant: see the module above.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::rc::{Rc, Weak};

use super::dice::{Direction, Draws};
use super::{Address, Fate, Link, NetworkEvent, Packet, PacketId, Why};
use crate::sim::{EventKey, Group, Instant, WeakWorld, World};
use crate::sorted::SortedMap;

/// Packets in flight at once; one more is dropped as it is sent.
pub const PACKETS_IN_FLIGHT_MAX: usize = 16_384;

/// A handle to a network; clones are the same network. `L` is what a packet is labelled with.
pub struct Network<L> {
    pub(super) wire: Rc<Wire<L>>,
}

pub(super) struct Wire<L> {
    pub(super) world: WeakWorld,
    pub(super) state: RefCell<State<L>>,
    observers: RefCell<Vec<Observer<L>>>,
    untold: RefCell<VecDeque<NetworkEvent<L>>>,
    telling: Cell<bool>,
}

type Observer<L> = Box<dyn FnMut(&NetworkEvent<L>)>;

pub(super) struct State<L> {
    default_link: Link,
    links: SortedMap<(Address, Address), Link>,
    pub(super) directions: SortedMap<(Address, Address), Direction>,
    listeners: SortedMap<Address, Group>,
    pub(super) packets: SortedMap<PacketId, InFlight<L>>,
    next_id: u64,
    /// Bytes of a packet on the wire.
    weigh: fn(&L) -> u64,
}

pub(super) struct InFlight<L> {
    pub(super) packet: Rc<Packet<L>>,
    pub(super) key: EventKey,
    pub(super) deliver: Weak<dyn Fn()>,
    pub(super) bound: Bound,
}

/// Which life of which process a packet was sent to.
pub(super) type Bound = Option<(Group, u64)>;

impl<L: Clone + 'static> Network<L> {
    /// A network in the world, without listeners, with every link as [`Link::default`].
    pub fn new(world: &World) -> Network<L> {
        let state = State {
            default_link: Link::default(),
            links: SortedMap::new(),
            directions: SortedMap::new(),
            listeners: SortedMap::new(),
            packets: SortedMap::new(),
            next_id: 0,
            weigh: |_| 0,
        };
        let wire = Wire {
            world: world.downgrade(),
            state: RefCell::new(state),
            observers: RefCell::default(),
            untold: RefCell::default(),
            telling: Cell::new(false),
        };
        Network { wire: Rc::new(wire) }
    }

    /// From now on a packet is so many bytes on the wire, by its label.
    pub fn weigh(&self, weigh: fn(&L) -> u64) {
        self.wire.state.borrow_mut().weigh = weigh;
    }

    pub(super) fn world(&self) -> World {
        self.wire.world.upgrade().expect("a network is used while its world exists")
    }

    /// From now on the group listens at the address.
    pub fn attach(&self, address: Address, group: Group) {
        self.wire.state.borrow_mut().listeners.insert(address, group);
    }

    /// From now on nobody listens at the address.
    pub fn detach(&self, address: Address) {
        self.wire.state.borrow_mut().listeners.remove(&address);
    }

    /// Tells the observer everything that happens to packets from now on, in order.
    pub fn on(&self, observer: impl FnMut(&NetworkEvent<L>) + 'static) {
        self.wire.observers.borrow_mut().push(Box::new(observer));
    }

    /// The link from one address to another.
    pub fn link(&self, from: Address, to: Address) -> Link {
        self.wire.state.borrow().link(from, to)
    }

    /// Makes every link like this that has no configuration of its own.
    pub fn configure_default(&self, link: Link) {
        self.wire.state.borrow_mut().default_link = link;
        if link.cut {
            self.fall_where_cut();
        }
    }

    /// Gives one direction a configuration of its own. If that is cut, what is on it falls.
    pub fn configure(&self, from: Address, to: Address, link: Link) {
        self.wire.state.borrow_mut().links.insert((from, to), link);
        if link.cut {
            self.fall_where_cut();
        }
    }

    /// Cuts one direction. What is on it falls where it is.
    pub fn cut(&self, from: Address, to: Address) {
        self.configure(from, to, Link { cut: true, ..self.link(from, to) });
    }

    /// Makes one direction whole. What fell stays lost.
    pub fn heal(&self, from: Address, to: Address) {
        self.configure(from, to, Link { cut: false, ..self.link(from, to) });
    }

    /// Every direction that is cut by a configuration of its own.
    pub fn cuts(&self) -> Vec<(Address, Address)> {
        let state = self.wire.state.borrow();
        state.links.iter().filter(|(_, link)| link.cut).map(|(direction, _)| *direction).collect()
    }

    /// Every direction that has a configuration of its own.
    pub fn links(&self) -> Vec<((Address, Address), Link)> {
        self.wire.state.borrow().links.iter().map(|(way, link)| (*way, *link)).collect()
    }

    /// A packet in flight.
    pub fn packet(&self, id: PacketId) -> Option<Rc<Packet<L>>> {
        self.wire.state.borrow().packets.get(&id).map(|flying| flying.packet.clone())
    }

    /// Packets in flight, oldest first, those that will be lost included.
    pub fn in_flight(&self) -> Vec<Rc<Packet<L>>> {
        self.wire.state.borrow().packets.values().map(|flying| flying.packet.clone()).collect()
    }

    /// The packet that arrives next, if nobody touches anything.
    pub fn next_delivery(&self) -> Option<Rc<Packet<L>>> {
        let state = self.wire.state.borrow();
        let arriving = state.packets.values().filter(|flying| flying.packet.fate == Fate::Arrives);
        arriving.min_by_key(|flying| flying.key).map(|flying| flying.packet.clone())
    }

    /// The packet whose arrival is the very next micro-step, if it is one: where stepping by
    /// message stops, so that the packet can still be touched.
    pub fn next_step_delivers(&self) -> Option<Rc<Packet<L>>> {
        let key = self.world().next_event()?;
        let state = self.wire.state.borrow();
        let flying = state.packets.values().find(|flying| flying.key == key)?;
        (flying.packet.fate == Fate::Arrives).then(|| flying.packet.clone())
    }

    /// Sends a packet. `deliver` runs when and if it arrives, with the listening group current;
    /// twice if the link doubles it.
    pub fn send(&self, from: Address, to: Address, label: L, deliver: Rc<dyn Fn()>) -> PacketId {
        let world = self.world();
        let (packet, bound, twice) = {
            let mut state = self.wire.state.borrow_mut();
            let link = state.link(from, to);
            let bytes = (state.weigh)(&label);
            let draws = state.draw(&world, (from, to), &link, bytes);
            let packet = state.packet(world.now(), (from, to), label, &draws);
            (packet, state.bound(&world, to), draws.twice)
        };
        let id = packet.id;
        if twice {
            let copy = Packet { id: self.next_id(), ..packet.clone() };
            self.launch(&world, packet, bound, deliver.clone());
            self.launch(&world, copy, bound, deliver);
        } else {
            self.launch(&world, packet, bound, deliver);
        }
        id
    }

    pub(super) fn next_id(&self) -> PacketId {
        self.wire.state.borrow_mut().next_id()
    }

    /// Puts a packet on the wire, if there is room.
    pub(super) fn launch(
        &self,
        world: &World,
        packet: Packet<L>,
        bound: Bound,
        deliver: Rc<dyn Fn()>,
    ) {
        let packet = Rc::new(packet);
        if self.wire.state.borrow().packets.len() >= PACKETS_IN_FLIGHT_MAX {
            self.tell(NetworkEvent::Dropped(packet, Why::Full));
            return;
        }
        let weak = Rc::downgrade(&deliver);
        let (network, id) = (self.clone(), packet.id);
        let key =
            world.at(packet.ends(), Group::WORLD, move || network.leave_the_wire(id, &*deliver));
        let flying = InFlight { packet: packet.clone(), key, deliver: weak, bound };
        self.wire.state.borrow_mut().packets.insert(id, flying);
        self.tell(NetworkEvent::Sent(packet));
    }

    /// The packet's event: it arrives, falls, or finds nobody.
    fn leave_the_wire(&self, id: PacketId, deliver: &dyn Fn()) {
        let world = self.world();
        let flying = self.wire.state.borrow_mut().packets.remove(&id);
        let flying = flying.expect("a packet with an event is in flight");
        let packet = flying.packet;
        if let Fate::Lost { why, .. } = packet.fate {
            return self.tell(NetworkEvent::Dropped(packet, why));
        }
        match self.receiver(&world, packet.to, flying.bound) {
            None => self.tell(NetworkEvent::Dropped(packet, Why::Refused)),
            Some(group) => {
                self.tell(NetworkEvent::Delivered(packet));
                world.within(group, deliver);
            }
        }
    }

    /// Who listens at the address, if it is alive and who the packet was sent to. What was sent to
    /// an address where nobody listened goes to whoever does now: a connection being made.
    fn receiver(&self, world: &World, to: Address, bound: Bound) -> Option<Group> {
        let group = *self.wire.state.borrow().listeners.get(&to)?;
        let same = bound.is_none_or(|bound| bound == (group, world.kills(group)));
        (same && !world.is_dead(group)).then_some(group)
    }

    /// Drops what is on a cut link, but for what was sent into the cut: that falls when it is
    /// there.
    fn fall_where_cut(&self) {
        let cut: Vec<PacketId> = {
            let state = self.wire.state.borrow();
            let packets = state.packets.values().map(|flying| &flying.packet);
            let on_its_way =
                packets.filter(|p| !matches!(p.fate, Fate::Lost { why: Why::Cut, .. }));
            let cut = on_its_way.filter(|p| state.link(p.from, p.to).cut);
            cut.map(|packet| packet.id).collect()
        };
        for id in cut {
            self.take_off(id, Why::Cut);
        }
    }

    /// Takes a packet off the wire. False if it is not in flight.
    pub(super) fn take_off(&self, id: PacketId, why: Why) -> bool {
        let taken = self.wire.state.borrow_mut().packets.remove(&id);
        let Some(flying) = taken else { return false };
        self.world().cancel(flying.key);
        self.tell(NetworkEvent::Dropped(flying.packet, why));
        true
    }

    /// Tells the observers. What an observer causes is told after what it is being told.
    pub(super) fn tell(&self, event: NetworkEvent<L>) {
        self.wire.untold.borrow_mut().push_back(event);
        if self.wire.telling.replace(true) {
            return;
        }
        loop {
            let next = self.wire.untold.borrow_mut().pop_front();
            let Some(event) = next else { break };
            let mut observers = self.wire.observers.take();
            observers.iter_mut().for_each(|observer| observer(&event));
            observers.append(&mut self.wire.observers.borrow_mut());
            self.wire.observers.replace(observers);
        }
        self.wire.telling.set(false);
    }
}

impl<L> State<L> {
    fn link(&self, from: Address, to: Address) -> Link {
        self.links.get(&(from, to)).copied().unwrap_or(self.default_link)
    }

    pub(super) fn reorders(&self, from: Address, to: Address) -> bool {
        self.link(from, to).reorder_ppm > 0
    }

    fn next_id(&mut self) -> PacketId {
        self.next_id += 1;
        PacketId(self.next_id)
    }

    fn bound(&self, world: &World, to: Address) -> Bound {
        let group = *self.listeners.get(&to)?;
        (!world.is_dead(group)).then(|| (group, world.kills(group)))
    }

    fn draw(
        &mut self,
        world: &World,
        (from, to): (Address, Address),
        link: &Link,
        bytes: u64,
    ) -> Draws {
        let directions = &mut self.directions;
        let direction = directions.or_insert_with((from, to), || Direction::new(world, from, to));
        direction.draw(world.now(), link, bytes)
    }

    fn packet(
        &mut self,
        sent: Instant,
        (from, to): (Address, Address),
        label: L,
        Draws { arrives, fate, .. }: &Draws,
    ) -> Packet<L> {
        Packet {
            id: self.next_id(),
            from,
            to,
            sent,
            arrives: *arrives,
            label,
            fate: *fate,
            touched: false,
        }
    }
}

impl<L> Clone for Network<L> {
    fn clone(&self) -> Network<L> {
        Network { wire: self.wire.clone() }
    }
}

impl<L> fmt::Debug for Network<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let in_flight = self.wire.state.borrow().packets.len();
        f.debug_struct("Network").field("in_flight", &in_flight).finish()
    }
}
