//! What the reader can do to a packet in flight.
//!
//! * A packet touched by hand is exempt from chance, not from order: a delayed packet holds up
//!   those behind it, as on a TCP connection. Delivering one at once is the exception: it is what
//!   the reader asked for.
//! * Touching draws no chance.
//!
//! Architecture invariant: each of these is one input of the reader's; the network itself calls
//! none.

use std::rc::Rc;
use std::time::Duration;

use super::{Fate, Network, Packet, PacketId, Why};
use crate::sim::{Instant, World};

impl<L: Clone + 'static> Network<L> {
    /// Drops a packet. False if it is not in flight.
    pub fn drop_packet(&self, id: PacketId) -> bool {
        self.take_off(id, Why::Reader)
    }

    /// Has a packet arrive at this instant, even one that would have been lost. False if it is not
    /// in flight.
    pub fn deliver_now(&self, id: PacketId) -> bool {
        let world = self.world();
        let now = world.now();
        self.alter(&world, id, |packet| {
            packet.touched = true;
            packet.fate = Fate::Arrives;
            packet.arrives = now;
        })
    }

    /// Delays a packet, and those behind it that it would otherwise let pass. False if it is not in
    /// flight.
    pub fn delay(&self, id: PacketId, by: Duration) -> bool {
        let world = self.world();
        let delayed = self.alter(&world, id, |packet| {
            packet.touched = true;
            packet.arrives += by;
            if let Fate::Lost { falls, .. } = &mut packet.fate {
                *falls += by;
            }
        });
        if delayed {
            self.hold_up_behind(&world, id);
        }
        delayed
    }

    /// Sends a copy right behind a packet, with the same fate. `None` if it is not in flight.
    pub fn duplicate(&self, id: PacketId) -> Option<PacketId> {
        let world = self.world();
        let (packet, bound, deliver) = {
            let state = self.wire.state.borrow();
            let flying = state.packets.get(&id)?;
            (flying.packet.clone(), flying.bound, flying.deliver.upgrade()?)
        };
        let copy = Packet { id: self.next_id(), touched: true, ..(*packet).clone() };
        let copy_id = copy.id;
        self.launch(&world, copy, bound, deliver);
        Some(copy_id)
    }

    /// Changes a packet and moves its event to where it now ends, behind all else there.
    fn alter(&self, world: &World, id: PacketId, change: impl FnOnce(&mut Packet<L>)) -> bool {
        let mut state = self.wire.state.borrow_mut();
        let Some(flying) = state.packets.get_mut(&id) else { return false };
        change(Rc::make_mut(&mut flying.packet));
        if let Some(key) = world.reschedule(flying.key, flying.packet.ends()) {
            flying.key = key;
        }
        true
    }

    fn hold_up_behind(&self, world: &World, id: PacketId) {
        let Some((until, behind)) = self.behind(id) else { return };
        for id in behind {
            self.alter(world, id, |packet| packet.arrives = until);
        }
    }

    /// When the packet arrives, and which later ones of its direction would arrive before.
    fn behind(&self, id: PacketId) -> Option<(Instant, Vec<PacketId>)> {
        let mut state = self.wire.state.borrow_mut();
        let packet = state.packets.get(&id)?.packet.clone();
        if packet.fate != Fate::Arrives || state.reorders(packet.from, packet.to) {
            return None;
        }
        let direction = (packet.from, packet.to);
        if let Some(direction) = state.directions.get_mut(&direction) {
            direction.last_arrival = direction.last_arrival.max(packet.arrives);
        }
        let after = state.packets.values().map(|flying| &flying.packet).filter(|other| {
            other.id > id
                && (other.from, other.to) == direction
                && other.fate == Fate::Arrives
                && other.arrives <= packet.arrives
        });
        let after = after.map(|other| other.id).collect();
        Some((packet.arrives, after))
    }
}
