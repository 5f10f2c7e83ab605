//! A packet in flight, and what is told of it.
//!
//! Architecture invariant: plain data; what is on the wire never reaches back into the network.

use std::fmt;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::address::Address;
use crate::sim::Instant;

/// Names a packet; counted from 1 in the order of sending.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct PacketId(pub u64);

/// Why a packet did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Why {
    /// The link lost it by chance.
    Loss,
    /// The link is cut.
    Cut,
    /// The reader dropped it.
    Reader,
    /// Too many packets were in flight.
    Full,
    /// Nobody is there, or not who was there when it was sent.
    Refused,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Why::Loss => "lost",
            Why::Cut => "cut off",
            Why::Reader => "dropped",
            Why::Full => "too many packets",
            Why::Refused => "refused",
        })
    }
}

/// What will become of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fate {
    /// It arrives.
    Arrives,
    /// It falls before.
    Lost {
        /// When, and so where: it has come `(falls - sent) / (arrives - sent)` of the way.
        falls: Instant,
        /// Why.
        why: Why,
    },
}

/// A packet in flight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packet<L> {
    /// Its name.
    pub id: PacketId,
    /// Where it was sent from.
    pub from: Address,
    /// Where it goes to.
    pub to: Address,
    /// When it was sent.
    pub sent: Instant,
    /// When it arrives, or would have.
    pub arrives: Instant,
    /// What it carries.
    pub label: L,
    /// What will become of it.
    pub fate: Fate,
    /// Whether the reader had a hand in it.
    pub touched: bool,
}

impl<L> Packet<L> {
    /// When it leaves the wire: by arriving or by falling.
    pub fn ends(&self) -> Instant {
        match self.fate {
            Fate::Arrives => self.arrives,
            Fate::Lost { falls, .. } => falls,
        }
    }
}

/// Something that happened to a packet.
#[derive(Debug, Clone)]
pub enum NetworkEvent<L> {
    /// It was sent and is in flight.
    Sent(Rc<Packet<L>>),
    /// It arrived; told before its receiver acts.
    Delivered(Rc<Packet<L>>),
    /// It did not arrive. If there was no room for it, it was never told as sent.
    Dropped(Rc<Packet<L>>, Why),
}

impl<L> NetworkEvent<L> {
    /// The packet it happened to.
    pub fn packet(&self) -> &Rc<Packet<L>> {
        match self {
            NetworkEvent::Sent(packet) | NetworkEvent::Delivered(packet) => packet,
            NetworkEvent::Dropped(packet, _) => packet,
        }
    }
}
