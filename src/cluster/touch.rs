//! The reader's hand on packets: on one that flies, or on the next of its kind.
//!
//! * What waits for the next packet of a kind touches one, the first that is sent, and is done.
//!
//! Architecture invariant: what a packet carries stays as it is.

use std::time::Duration;

use super::fault::FAULT_SPAN_MAX;
use super::{Cluster, Event, Pattern, Touch};
use crate::raft::Label;
use crate::sim::{Packet, PacketId};

/// How many packets may be waited for.
pub const ARMED_MAX: usize = 64;

impl Cluster {
    pub(super) fn touch_packet(&self, id: PacketId, touch: Touch) {
        if let Some(packet) = self.network().packet(id) {
            self.touch(&packet, touch);
        }
    }

    fn touch(&self, packet: &Packet<Label>, touch: Touch) {
        // Noted before the packet falls, so that its fall comes after its reason.
        let pattern = Pattern::of((packet.from, packet.to), &packet.label);
        self.note(Event::Touched { packet: packet.id.0, pattern, touch });
        let within = |by: Duration| by.min(FAULT_SPAN_MAX);
        match touch {
            Touch::Drop => drop(self.network().drop_packet(packet.id)),
            Touch::Delay(by) => drop(self.network().delay(packet.id, within(by))),
            Touch::Duplicate => drop(self.network().duplicate(packet.id)),
            Touch::Now => drop(self.network().deliver_now(packet.id)),
        }
    }

    pub(super) fn arm(&self, pattern: Pattern, touch: Touch) {
        let mut armed = self.0.armed.borrow_mut();
        if armed.len() < ARMED_MAX {
            armed.push((pattern, touch));
            drop(armed);
            self.note(Event::Armed { pattern, touch });
        }
    }

    /// A packet was sent: if it was waited for, it is touched.
    pub(super) fn packet_sent(&self, packet: &Packet<Label>) {
        let mut armed = self.0.armed.borrow_mut();
        let matches = |(pattern, _): &(Pattern, Touch)| {
            pattern.matches((packet.from, packet.to), &packet.label)
        };
        let Some(at) = armed.iter().position(matches) else { return };
        let (_, touch) = armed.remove(at);
        drop(armed);
        self.touch(packet, touch);
    }

    /// What waits for a packet, in order.
    pub fn armed(&self) -> Vec<(Pattern, Touch)> {
        self.0.armed.borrow().clone()
    }
}
