//! The sentences of faults.
//!
//! Architecture invariant: value to words; decides nothing.

use std::fmt::{Formatter, Result};
use std::time::Duration;

use super::amounts::{percent, rate, size, span};
use super::fault::who;
use super::{DiskFault, Event, LinkFault, Pattern, Touch, Ways};
use crate::raft::MemberId;
use crate::sim::{Address, ClockFault};

/// What was done to members, machines, links and packets.
pub(super) fn fault(f: &mut Formatter<'_>, event: &Event) -> Result {
    use Event::*;
    match event {
        PowerCut { member } => {
            write!(f, "{member} loses its power; what it had not synced is lost")
        }
        Died { member, why } => write!(f, "{member} dies: {why}"),
        DiskChanged { member, fault } => disk(f, *member, *fault),
        ClockChanged { member, fault } => clock(f, *member, *fault),
        FsyncChanged { waits: true } => write!(f, "Raft loops wait for their fsync, as etcd's"),
        FsyncChanged { waits: false } => write!(f, "Raft loops go on while the disk syncs"),
        LinkChanged { ways, fault } => link(f, ways, *fault),
        Armed { pattern, touch } => {
            write!(f, "The next {} will be {}", packet(pattern), done(*touch))
        }
        Touched { pattern, touch, .. } => {
            write!(f, "The {} is {}", packet(pattern), done(*touch))
        }
        StartedNew { member } => write!(f, "{member} starts on a new machine"),
        Reconfigured { member, index, text } => {
            write!(f, "{member} appends entry {index}: {text}")
        }
        ReadsChanged { lease: true } => write!(f, "Reads trust the leader's lease"),
        ReadsChanged { lease: false } => write!(f, "Reads ask a quorum (ReadIndex)"),
        Partitioned { groups } => write!(f, "The network is cut into {} parts", groups.len()),
        Healed => write!(f, "Every link is whole"),
        RuleChanged { rule, on: true } => write!(f, "The rule {rule} holds again"),
        RuleChanged { rule, on: false } => {
            let (section, without) = (rule.section(), rule.without());
            write!(f, "The rule {rule} ({section}) is off: {without}")
        }
        // Everything else has its sentence beside the event.
        _ => Ok(()),
    }
}

/// What was done to databases, and what was wrong with them.
pub(super) fn upkeep(f: &mut Formatter<'_>, event: &Event) -> Result {
    match event {
        Event::DefragBegan { member } => {
            write!(f, "{member} defragments its database and answers nobody meanwhile")
        }
        Event::Defragmented { member, before, after } => {
            let (before, after) = (size(*before), size(*after));
            write!(f, "{member} has defragmented its database: {before} became {after}")
        }
        Event::AlarmChanged { member, alarm, raised: true } => {
            write!(f, "{member} raises the alarm {alarm}: every member knows")
        }
        Event::AlarmChanged { member, alarm, raised: false } => {
            write!(f, "{member}'s alarm {alarm} is disarmed")
        }
        Event::WatchProgressChanged { every } => {
            let every = super::amounts::span(*every);
            write!(f, "Quiet watchers on new streams are told how far they are every {every}")
        }
        Event::CorruptCheckChanged { every: None } => {
            write!(f, "Leaders do not compare their members' hashes")
        }
        Event::CorruptCheckChanged { every: Some(every) } => {
            write!(f, "A leader compares its members' hashes every {}", span(*every))
        }
        Event::Flipped { member, key } => {
            write!(f, "A bit of {key} flips in {member}'s store; nobody notices")
        }
        Event::QuotaChanged { bytes } if *bytes < 0 => {
            write!(f, "A member's database may have any size")
        }
        Event::QuotaChanged { bytes } => {
            write!(f, "A member's database may have {}", size(*bytes as u64))
        }
        Event::LeaseExpired { member, lease } => {
            write!(f, "{member} finds lease {lease:016x} expired and has it revoked")
        }
        Event::CheckpointsChanged { on: true } => {
            write!(f, "Leaders write down what long leases have left")
        }
        Event::CheckpointsChanged { on: false } => {
            write!(f, "What leases have left is known to the leader alone")
        }
        _ => Ok(()),
    }
}

/// Something happened to a disk.
fn disk(f: &mut Formatter<'_>, member: MemberId, fault: DiskFault) -> Result {
    match fault {
        DiskFault::Slow(takes) => {
            write!(f, "{member}'s disk is slow: an fsync takes {}", span(takes))
        }
        DiskFault::Stall => write!(f, "{member}'s disk stalls: its fsyncs do not end"),
        DiskFault::Full => write!(f, "{member}'s disk is full"),
        DiskFault::Torn => write!(f, "A power cut may leave half a record on {member}'s disk"),
        DiskFault::Lies => write!(f, "{member}'s disk says it has synced when it has not"),
        DiskFault::Lose => write!(f, "{member}'s disk is lost; an empty one takes its place"),
        DiskFault::Corrupt(index) => {
            write!(f, "A bit of entry {index} flips on {member}'s disk; nobody notices")
        }
        DiskFault::Well => write!(f, "{member}'s disk is well"),
    }
}

/// A clock was set.
fn clock(f: &mut Formatter<'_>, member: MemberId, fault: ClockFault) -> Result {
    let ClockFault { skew_nanos, drift_ppm } = fault;
    let skew = span(Duration::from_nanos(skew_nanos.unsigned_abs()));
    let set = if skew_nanos < 0 { "behind" } else { "ahead" };
    let drift = percent(i64::from(drift_ppm).abs());
    let runs = if drift_ppm < 0 { "slow" } else { "fast" };
    match (skew_nanos, drift_ppm) {
        (0, 0) => write!(f, "{member}'s clock is right"),
        (0, _) => write!(f, "{member}'s clock runs {drift} too {runs}"),
        (_, 0) => write!(f, "{member}'s clock is {skew} {set}"),
        _ => write!(f, "{member}'s clock is {skew} {set} and runs {drift} too {runs}"),
    }
}

/// Something happened to links.
fn link(f: &mut Formatter<'_>, ways: &Ways, fault: LinkFault) -> Result {
    let (from, to) = (them(&ways.from, "every member"), them(&ways.to, "every other member"));
    let join = if ways.both { "Between" } else { "From" };
    let and = if ways.both { "and" } else { "to" };
    write!(f, "{join} {from} {and} {to}: ")?;
    let share = |ppm: u32| percent(ppm.into());
    match fault {
        LinkFault::Cut => write!(f, "the cable is cut"),
        LinkFault::Latency { middle, jitter: Duration::ZERO } => {
            write!(f, "a packet takes {}", span(middle))
        }
        LinkFault::Latency { middle, jitter } => {
            write!(f, "a packet takes {}, up to {} more or less", span(middle), span(jitter))
        }
        LinkFault::Loss(ppm) => write!(f, "{} of the packets are lost", share(ppm)),
        LinkFault::Duplicate(ppm) => write!(f, "{} of the packets arrive twice", share(ppm)),
        LinkFault::Reorder(ppm) => write!(f, "{} of the packets are overtaken", share(ppm)),
        LinkFault::Bandwidth(bytes) => write!(f, "{} at most", rate(bytes)),
        LinkFault::Well => write!(f, "the link is well"),
    }
}

fn them(addresses: &[Address], all: &str) -> String {
    match addresses {
        [] => all.into(),
        [some @ .., last] if !some.is_empty() => {
            let some: Vec<String> = some.iter().map(|at| who(*at)).collect();
            format!("{} and {}", some.join(", "), who(*last))
        }
        [one] => who(*one),
        [..] => String::new(),
    }
}

/// A kind of packet on its way.
fn packet(pattern: &Pattern) -> String {
    format!("{} from {} to {}", pattern.name(), who(pattern.from), who(pattern.to))
}

/// What was done to a packet.
fn done(touch: Touch) -> String {
    match touch {
        Touch::Drop => "dropped".into(),
        Touch::Delay(by) => format!("delayed by {}", span(by)),
        Touch::Duplicate => "doubled".into(),
        Touch::Now => "delivered at once".into(),
    }
}
