//! What a reader can do to the cluster, as values that print as the line that does it.
//!
//! Architecture invariant: an action says what is wanted, never how it is done.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::fault::clock_line;
use super::{DiskFault, Etcdctl, LinkFault, Pattern, Post, Recovery, Touch, Ways, amounts, quote};
use crate::raft::{MemberId, Rule, ThreadId};
use crate::sim::ClockFault;

/// One thing done to the cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// End a member's process, as SIGKILL does: its machine keeps all it wrote, synced or not.
    Kill(MemberId),
    /// Cut the power of a member's machine: its disk keeps what was synced.
    Crash(MemberId),
    /// Start a new member on a machine of its own, with an empty disk.
    Start(MemberId),
    /// Start a crashed member from its disk.
    Restart(MemberId),
    /// Stop a member's process as SIGSTOP does.
    Pause(MemberId),
    /// Let a paused member go on.
    Resume(MemberId),
    /// Something happens to a member's disk.
    Disk(MemberId, DiskFault),
    /// A member's clock is set so.
    Clock(MemberId, ClockFault),
    /// From now on members' raft loops wait for their fsync, or do not.
    LoopWaitsForFsync(bool),
    /// From now on a linearizable read trusts the leader's lease, or asks a quorum.
    LeaseReads(bool),
    /// Something happens to links.
    Link(Ways, LinkFault),
    /// Cut every link between members that share no group. Who is in two groups is a bridge.
    Partition(Vec<Vec<MemberId>>),
    /// Mend every link: no cut, no loss, the latencies of the beginning.
    Heal,
    /// Touch a packet that is under way.
    Packet(u64, Touch),
    /// Touch the next packet of a kind that is sent.
    Next(Pattern, Touch),
    /// Take a rule away, or give it back.
    Rule(Rule, bool),
    /// A line of the reader's etcdctl.
    Etcdctl(Etcdctl),
    /// A `curl` on a member's JSON gateway.
    Post(Post),
    /// Ctrl-C on the command with this thread (0: the newest that runs), if it is one that goes on
    /// by itself.
    Interrupt(ThreadId),
    /// A line for the command with this thread to read, if it is one that reads while it runs.
    Type(ThreadId, String),
    /// How often watchers who want it are told how far they are, on streams opened from now on.
    WatchProgress(Duration),
    /// How many bytes a member's database may have; negative: any number.
    Quota(i64),
    /// From now on leaders write down what long leases have left, or do not (etcd's
    /// `LeaseCheckpoint`).
    LeaseCheckpoints(bool),
    /// How often leaders compare their members' hashes; none: never.
    CorruptCheck(Option<Duration>),
    /// Flip a bit of the value a member has for a key.
    Flip(MemberId, String),
    /// Save a snapshot, or begin again when the quorum will not come back.
    Recover(Recovery),
}

impl Action {
    /// Whether it is done to the cluster, rather than asked of it.
    pub fn is_fault(&self) -> bool {
        use Action::{Etcdctl, Interrupt, Post, Type};
        !matches!(self, Etcdctl(_) | Post(_) | Interrupt(_) | Type(..))
    }
}

/// A command by its thread, or the newest that runs.
fn command(thread: ThreadId) -> String {
    match thread.0 {
        0 => "last".into(),
        thread => thread.to_string(),
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Kill(member) => write!(f, "kill {}", member.0),
            Action::Start(member) => write!(f, "start {}", member.0),
            Action::Restart(member) => write!(f, "restart {}", member.0),
            Action::Pause(member) => write!(f, "pause {}", member.0),
            Action::Resume(member) => write!(f, "resume {}", member.0),
            Action::Crash(member) => write!(f, "crash {}", member.0),
            Action::Disk(member, fault) => write!(f, "disk {} {fault}", member.0),
            Action::Clock(member, fault) => {
                write!(f, "clock {} {}", member.0, clock_line(fault))
            }
            Action::LoopWaitsForFsync(true) => f.write_str("fsync wait"),
            Action::LoopWaitsForFsync(false) => f.write_str("fsync overlap"),
            Action::LeaseReads(true) => f.write_str("reads lease"),
            Action::LeaseReads(false) => f.write_str("reads index"),
            Action::Link(ways, fault) => write!(f, "link {ways} {fault}"),
            Action::Packet(id, touch) => write!(f, "packet {id} {touch}"),
            Action::Next(pattern, touch) => write!(f, "next {pattern} {touch}"),
            Action::Partition(groups) => {
                let side = |group: &Vec<MemberId>| {
                    group.iter().map(|m| m.0.to_string()).collect::<Vec<_>>().join(",")
                };
                write!(f, "partition {}", groups.iter().map(side).collect::<Vec<_>>().join(" | "))
            }
            Action::Heal => write!(f, "heal"),
            Action::Rule(rule, on) => write!(f, "rule {rule} {}", if *on { "on" } else { "off" }),
            Action::Etcdctl(etcdctl) => etcdctl.fmt(f),
            Action::Post(post) => post.fmt(f),
            Action::Interrupt(thread) => write!(f, "interrupt {}", command(*thread)),
            Action::Type(thread, line) => write!(f, "type {} {}", command(*thread), quote(line)),
            Action::WatchProgress(every) => {
                write!(f, "watch-progress {}", amounts::span(*every))
            }
            Action::CorruptCheck(None) => f.write_str("corrupt-check off"),
            Action::CorruptCheck(Some(every)) => {
                write!(f, "corrupt-check {}", amounts::span(*every))
            }
            Action::Recover(recovery) => recovery.fmt(f),
            Action::Flip(member, key) => write!(f, "flip {} {}", member.0, quote(key)),
            Action::Quota(bytes) if *bytes < 0 => f.write_str("quota off"),
            Action::Quota(bytes) => write!(f, "quota {}", amounts::size(*bytes as u64)),
            Action::LeaseCheckpoints(true) => f.write_str("leases checkpointed"),
            Action::LeaseCheckpoints(false) => f.write_str("leases plain"),
        }
    }
}
