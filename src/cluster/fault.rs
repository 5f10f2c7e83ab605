//! What can go wrong with a disk, a clock, a link or a packet, as values that print as their line.
//!
//! ```text
//! disk 1 slow 200ms         disk 1 stall              disk 1 full
//! disk 1 torn               disk 1 lies               disk 1 lose
//! disk 1 corrupt 42         disk 1 well
//! clock 1 skew +300ms drift 5%                        clock 1 well
//! link 1>2 cut              link 1-2 latency 200ms jitter 50ms
//! link 1>2,3 loss 20%       link 1-all dup 5%         link 1>2 reorder 10%
//! link 1>2 bandwidth 20kB/s link all-all well
//! packet 17 drop            packet 17 delay 1s        packet 17 dup
//! packet 17 now             next append 1>3 drop      next vote-answer 2>1 delay 1s
//! ```
//!
//! * A fault stays until its thing is `well`; a second fault of another kind adds to it.
//!
//! Architecture invariant: plain values; what they do is elsewhere.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::MEMBERS_MAX;
use super::amounts::{percent, rate, span};
use super::etcdctl::ETCDCTL;
use crate::raft::{Label, LogIndex, PacketKind};
use crate::sim::{Address, ClockFault};

/// The longest a fault may make anything take.
pub const FAULT_SPAN_MAX: Duration = Duration::from_secs(3600);

/// What happens to a member's disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DiskFault {
    /// `disk 1 slow 200ms`: an fsync takes so long.
    Slow(Duration),
    /// `disk 1 stall`: fsyncs do not end.
    Stall,
    /// `disk 1 full`: what is written is refused. etcd dies of it.
    Full,
    /// `disk 1 torn`: a power cut may leave a part of what was appended.
    Torn,
    /// `disk 1 lies`: it says "synced" when it is not.
    Lies,
    /// `disk 1 lose`: everything on it is gone, and with it the process.
    Lose,
    /// `disk 1 corrupt 42`: a bit of this entry flips.
    Corrupt(LogIndex),
    /// `disk 1 well`: it behaves again. What is lost stays lost, a flipped bit flipped.
    Well,
}

/// What happens to a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LinkFault {
    /// `link 1>2 cut`: nothing arrives.
    Cut,
    /// `link 1>2 latency 200ms jitter 50ms`: so long, more or less.
    Latency {
        /// In the middle.
        middle: Duration,
        /// So much more or less.
        jitter: Duration,
    },
    /// `link 1>2 loss 20%`: so many of a million packets are lost.
    Loss(u32),
    /// `link 1>2 dup 5%`: so many of a million packets arrive twice.
    Duplicate(u32),
    /// `link 1>2 reorder 10%`: so many of a million packets are overtaken.
    Reorder(u32),
    /// `link 1>2 bandwidth 20kB/s`: so many bytes a second.
    Bandwidth(u64),
    /// `link 1>2 well`: as the cluster was laid.
    Well,
}

/// Which directions of which links: `1>2`, `1-2`, `1>2,3`, `1-all`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Ways {
    /// From where; empty: from every member.
    pub from: Vec<Address>,
    /// To where; empty: to every other member.
    pub to: Vec<Address>,
    /// Whether the way back is meant too.
    pub both: bool,
}

/// What the reader does to a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Touch {
    /// It does not arrive.
    Drop,
    /// It arrives so much later.
    Delay(Duration),
    /// It arrives twice.
    Duplicate,
    /// It arrives at once.
    Now,
}

/// A kind of packet on one way: `append 1>3`, `heartbeat 1>3`, `vote-answer 2>1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pattern {
    /// What it carries.
    pub kind: PacketKind,
    /// An append without entries.
    pub is_heartbeat: bool,
    /// An answer rather than a request.
    pub answer: bool,
    /// From where.
    pub from: Address,
    /// To where.
    pub to: Address,
}

/// The kinds of packets by name; a heartbeat is an append without entries.
pub const PACKET_NAMES: [(&str, PacketKind, bool); 11] = [
    ("append", PacketKind::Append, false),
    ("heartbeat", PacketKind::Append, true),
    ("vote", PacketKind::Vote, false),
    ("pre-vote", PacketKind::PreVote, false),
    ("snapshot", PacketKind::Snapshot, false),
    ("transfer", PacketKind::Transfer, false),
    ("read-index", PacketKind::ReadIndex, false),
    ("forward", PacketKind::Forward, false),
    ("client", PacketKind::Client, false),
    ("watch", PacketKind::Watch, false),
    ("api", PacketKind::Api, false),
];

impl Pattern {
    /// Whether a packet is one of these.
    pub fn matches(&self, (from, to): (Address, Address), label: &Label) -> bool {
        *self == Pattern::of((from, to), label)
    }

    /// What a packet is one of.
    pub fn of((from, to): (Address, Address), label: &Label) -> Pattern {
        let is_heartbeat = label.kind == PacketKind::Append && label.entries == 0;
        Pattern { kind: label.kind, is_heartbeat, answer: label.answer, from, to }
    }

    /// `append`, `heartbeat-answer`.
    pub fn name(&self) -> String {
        let named = |(_, kind, heartbeat): &&(&str, PacketKind, bool)| {
            (*kind, *heartbeat) == (self.kind, self.is_heartbeat)
        };
        let name = PACKET_NAMES.iter().find(named).map_or("packet", |(name, ..)| name);
        format!("{name}{}", if self.answer { "-answer" } else { "" })
    }
}

/// An end of a link as a script writes it: `1`, `etcdctl`, `@102`.
pub fn end(address: Address) -> String {
    match address {
        ETCDCTL => "etcdctl".into(),
        Address(id) if (1..=u32::from(MEMBERS_MAX)).contains(&id) => id.to_string(),
        Address(other) => format!("@{other}"),
    }
}

/// An end of a link in a sentence: `etcd-1`.
pub(super) fn who(address: Address) -> String {
    match address {
        Address(id) if (1..=u32::from(MEMBERS_MAX)).contains(&id) => format!("etcd-{id}"),
        ETCDCTL => "etcdctl".into(),
        other => other.to_string(),
    }
}

fn ends(addresses: &[Address]) -> String {
    match addresses.is_empty() {
        true => "all".into(),
        false => addresses.iter().map(|at| end(*at)).collect::<Vec<_>>().join(","),
    }
}

impl fmt::Display for DiskFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DiskFault::Slow(takes) => write!(f, "slow {}", span(*takes)),
            DiskFault::Stall => f.write_str("stall"),
            DiskFault::Full => f.write_str("full"),
            DiskFault::Torn => f.write_str("torn"),
            DiskFault::Lies => f.write_str("lies"),
            DiskFault::Lose => f.write_str("lose"),
            DiskFault::Corrupt(index) => write!(f, "corrupt {index}"),
            DiskFault::Well => f.write_str("well"),
        }
    }
}

impl fmt::Display for LinkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = |ppm: &u32| percent(i64::from(*ppm));
        match self {
            LinkFault::Cut => f.write_str("cut"),
            LinkFault::Latency { middle, jitter: Duration::ZERO } => {
                write!(f, "latency {}", span(*middle))
            }
            LinkFault::Latency { middle, jitter } => {
                write!(f, "latency {} jitter {}", span(*middle), span(*jitter))
            }
            LinkFault::Loss(ppm) => write!(f, "loss {}", share(ppm)),
            LinkFault::Duplicate(ppm) => write!(f, "dup {}", share(ppm)),
            LinkFault::Reorder(ppm) => write!(f, "reorder {}", share(ppm)),
            LinkFault::Bandwidth(bytes) => write!(f, "bandwidth {}", rate(*bytes)),
            LinkFault::Well => f.write_str("well"),
        }
    }
}

impl fmt::Display for Ways {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arrow = if self.both { '-' } else { '>' };
        write!(f, "{}{arrow}{}", ends(&self.from), ends(&self.to))
    }
}

impl fmt::Display for Touch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Touch::Drop => f.write_str("drop"),
            Touch::Delay(by) => write!(f, "delay {}", span(*by)),
            Touch::Duplicate => f.write_str("dup"),
            Touch::Now => f.write_str("now"),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}>{}", self.name(), end(self.from), end(self.to))
    }
}

/// A clock's fault as a script writes it: `skew +300ms drift 5%`, `well`.
pub(super) fn clock_line(fault: &ClockFault) -> String {
    let ClockFault { skew_nanos, drift_ppm } = *fault;
    let ahead = if skew_nanos < 0 { '-' } else { '+' };
    let skew = format!("skew {ahead}{}", span(Duration::from_nanos(skew_nanos.unsigned_abs())));
    let drift = format!("drift {}", percent(drift_ppm.into()));
    match (skew_nanos, drift_ppm) {
        (0, 0) => "well".into(),
        (0, _) => drift,
        (_, 0) => skew,
        _ => format!("{skew} {drift}"),
    }
}
