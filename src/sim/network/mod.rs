//! The network between processes: packets that take time, get lost, and can be touched.
//!
//! How it works: [`Network::send`] draws what will become of a packet (how long it takes, whether
//! and where it is lost) and schedules one event. Until then the packet is listed as in flight, and
//! whoever looks can drop it, delay it, double it or have it arrive at once. On arrival the
//! packet's
//! `deliver` runs with the group current that listens at the address; it usually spawns a task.
//!
//! * Each direction of each link has its own dice, and every packet draws the same number of times,
//!   cut or whole: cutting a link does not change what happens on another, or on this one later.
//! * Packets of one direction arrive in the order they were sent, as on a TCP connection, unless
//!   the link reorders. A lost packet does not hold up those behind it.
//! * A packet is delivered to the process it was sent to or not at all: if that process was killed
//!   meanwhile it is refused, even if another runs at the address now.
//! * At most [`PACKETS_IN_FLIGHT_MAX`] packets are in flight; a packet too many is dropped at once
//!   ([`Why::Full`]), the newest rather than the oldest.
//! * Observers are told everything in order; they cannot change what happens.
//!
//! * Where a link has a bandwidth, packets leave one after another, each when the one before is
//!   through; how many bytes a packet is, whoever made the network says.
//!
//! Caveats: no connections and no retransmission: a lost packet is lost, as a message is when its
//! connection breaks. A process that is paused still receives: its packets wait in its tasks.
//!
//! Architecture invariant: carries labels and calls; knows nothing of what they mean.

mod address;
mod dice;
mod link;
mod packet;
mod touch;
mod wire;

#[cfg(test)]
mod tests;

pub use address::Address;
pub use link::Link;
pub use packet::{Fate, NetworkEvent, Packet, PacketId, Why};
pub use wire::{Network, PACKETS_IN_FLIGHT_MAX};
