//! The words of the tools that break things.
//!
//! Architecture invariant: texts only.
#![allow(missing_docs)]

use super::scene;
use crate::cluster::{Frame, Packet, end_name};
use crate::raft::MemberId;
use crate::sim::Address;

pub const FAULTS: &str = "Faults…";
pub const FAULTS_TITLE: &str = "What can go wrong with it (F)";
pub const PROCESS: &str = "Process";
pub const DISK: &str = "Disk";
pub const CLOCK: &str = "Clock";
pub const ALL_LINKS: &str = "All its links, both ways";
pub const BOTH_WAYS: &str = "Both ways";
pub const ONE_LINK: &str = "One link";
pub const PACKETS: &str = "Packets under way";
pub const THIS_PACKET: &str = "This packet";
pub const PACKET_GONE: &str = "This packet has arrived, or is lost";
pub const SIDES: &str = "Partition";
pub const SIDES_NOTE: &str = "Choose one side, or draw a line through the picture";
pub const CUT_SIDES: &str = "Cut";
pub const CUT_ONE_WAY: &str = "Cut from here to there only";
pub const CUT_OTHER_WAY: &str = "Cut from there to here only";
pub const LOOP: &str = "The raft loop, on every member";
pub const LOOP_WAITS: &str = "Waits for fsync, as etcd’s";
pub const LOOP_GOES_ON: &str = "Goes on meanwhile";
pub const RECOVERY: &str = "When the quorum will not come back";
pub const SAVE: &str = "Save a snapshot";
pub const RESTORE: &str = "Restore it on all";
pub const ALONE: &str = "Go on alone";
pub const HEAL: &str = "Heal the whole network";
pub const LINES_NOTE: &str = "Each button does the line under it; type any line with /";

pub const KILL: &str = "Kill the process";
pub const POWER: &str = "Cut the power";
pub const PAUSE: &str = "Stop the process";
pub const SLOW: &str = "Slow";
pub const STALL: &str = "Stalls";
pub const FULL: &str = "Full";
pub const TORN: &str = "Tears writes";
pub const LIES: &str = "Lies about fsync";
pub const CORRUPT: &str = "Flip a bit";
pub const LOSE: &str = "Lost";
pub const WELL: &str = "Well again";
pub const AHEAD: &str = "Ahead";
pub const BEHIND: &str = "Behind";
pub const FAST: &str = "Too fast";
pub const SLOW_CLOCK: &str = "Too slow";
pub const RIGHT: &str = "Right again";
pub const CUT: &str = "Cut";
pub const FAR: &str = "Far";
pub const LOSSY: &str = "Loses";
pub const TWICE: &str = "Doubles";
pub const SHUFFLED: &str = "Reorders";
pub const NARROW: &str = "Narrow";
pub const MEND: &str = "Mend";
pub const DROP: &str = "Drop";
pub const DELAY: &str = "Delay";
pub const DUPLICATE: &str = "Duplicate";
pub const NOW: &str = "Deliver now";

/// Over the tools.
pub fn to(what: &str) -> String {
    format!("What to do to {what}")
}

/// A partition with one member on both sides.
pub fn bridge(id: MemberId) -> String {
    format!("Cut, with {id} as a bridge")
}

/// Over the tools of a link.
pub fn to_link(a: MemberId, b: MemberId) -> String {
    to(&format!("the link of {a} and {b}"))
}

/// One direction.
pub fn way(from: u64, to: u64) -> String {
    format!("From etcd-{from} to etcd-{to}")
}

/// A packet in few words: `AppendEntries 148, 1 to 3`.
pub fn packet(packet: &Packet, frame: &Frame) -> String {
    let name = |at: Address| {
        let place = frame.places.iter().find(|place| place.address == at);
        place.map_or_else(|| end_name(at), |place| place.name.clone())
    };
    let Packet { kind, answer, refused, entries, text, from, to, .. } = packet;
    let what = scene::packet(*kind, *answer, *refused, *entries);
    let what = what.split([':', ',']).next().unwrap_or(what);
    format!("{what} {text} {} → {}", name(*from), name(*to)).replace("  ", " ")
}
