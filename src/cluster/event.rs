//! What happened in the cluster: one value per happening, and its sentence.
//!
//! The `Display` of an event is the transcript's line and the sentence on the page. An event is
//! noted by the code in which it happens, or found by comparing two frames' worth of metrics; never
//! guessed.
//!
//! Architecture invariant: observing only. Nothing reads an event to decide what to do.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{DiskFault, LinkFault, Pattern, Recovered, Role, Timing, Touch, Ways, sentence};
use crate::raft::{LogIndex, MemberId, Rule, Term, ThreadId};
use crate::sim::{Address, ClockFault};
use crate::store::{AlarmType, LeaseId, Revision};

/// One happening.
#[derive(Debug, Clone, PartialEq, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Event {
    /// The members start.
    Booted { members: u8, timing: Timing },
    /// A member is something else than before, or in another term.
    RoleChanged { member: MemberId, role: Role, term: Term },
    /// A leader appended a client's write to its log.
    Proposed { member: MemberId, index: LogIndex, term: Term, text: String, thread: ThreadId },
    /// A leader heard that another member has everything up to an entry on its disk.
    Acked { member: MemberId, by: MemberId, index: LogIndex, thread: Option<ThreadId> },
    /// A leader saw an entry on a quorum.
    Committed { member: MemberId, index: LogIndex, term: Term, thread: Option<ThreadId> },
    /// A member's store took an entry.
    Applied { member: MemberId, index: LogIndex, revision: Revision, thread: Option<ThreadId> },
    /// A member wrote its store down and can forget the log before.
    SnapshotTaken { member: MemberId, index: LogIndex },
    /// A member replaced its store by a leader's.
    SnapshotInstalled { member: MemberId, index: LogIndex },
    /// The reader killed a member.
    Killed { member: MemberId },
    /// The reader cut the power of a member's machine.
    PowerCut { member: MemberId },
    /// A member's process ended by itself.
    Died { member: MemberId, why: String },
    /// The reader started a new member.
    StartedNew { member: MemberId },
    /// A leader appended an entry that names the members.
    Reconfigured { member: MemberId, index: LogIndex, text: String },
    /// The reader chose how linearizable reads are confirmed.
    ReadsChanged { lease: bool },
    /// The reader started a member again.
    Restarted { member: MemberId },
    /// A member could not start from its disk.
    StartFailed { member: MemberId, why: String },
    /// The reader stopped a member's process.
    Paused { member: MemberId },
    /// The reader let it go on.
    Resumed { member: MemberId },
    /// The reader did something to a member's disk.
    DiskChanged { member: MemberId, fault: DiskFault },
    /// The reader set a member's clock.
    ClockChanged { member: MemberId, fault: ClockFault },
    /// The reader chose whether raft loops wait for their fsync.
    FsyncChanged { waits: bool },
    /// The reader did something to links.
    LinkChanged { ways: Ways, fault: LinkFault },
    /// The reader has the next packet of a kind touched.
    Armed { pattern: Pattern, touch: Touch },
    /// A packet was touched.
    Touched { packet: u64, pattern: Pattern, touch: Touch },
    /// The reader cut the network into groups.
    Partitioned { groups: Vec<Vec<MemberId>> },
    /// The reader mended every link.
    Healed,
    /// The reader took a rule away, or gave it back.
    RuleChanged { rule: Rule, on: bool },
    /// A client sent a request to a member.
    Requested { id: u64, client: Address, endpoint: MemberId, text: String, thread: ThreadId },
    /// A member passed a write on to the leader.
    Forwarded { id: u64, from: MemberId, to: MemberId },
    /// A client turned to another endpoint.
    Retried { id: u64, endpoint: MemberId, why: String },
    /// A client's request ended well.
    Answered { id: u64, client: Address, revision: Revision, text: String },
    /// A client's request ended badly; `unknown` when it may have happened all the same.
    Failed { id: u64, client: Address, error: String, unknown: bool },
    /// A watcher of etcd was sent changes.
    Told { client: Address, revision: Revision, key: String, thread: Option<ThreadId> },
    /// A member copies its database to be rid of free pages; it answers nobody meanwhile.
    DefragBegan { member: MemberId },
    /// The copy took its place. Sizes in bytes.
    Defragmented { member: MemberId, before: u64, after: u64 },
    /// The cluster learned of a member's alarm, or that it is over.
    AlarmChanged { member: MemberId, alarm: AlarmType, raised: bool },
    /// The reader set how large a member's database may be.
    QuotaChanged { bytes: i64 },
    /// The leader found a lease expired, and has it revoked.
    LeaseExpired { member: MemberId, lease: LeaseId },
    /// The reader chose whether leaders write down what leases have left.
    CheckpointsChanged { on: bool },
    /// The reader chose how often leaders compare their members' hashes.
    CorruptCheckChanged { every: Option<Duration> },
    /// How often watchers are told how far they are has changed.
    WatchProgressChanged { every: Duration },
    /// The reader flipped a bit of what a member has for a key.
    Flipped { member: MemberId, key: String },
    /// A snapshot was saved, or a cluster began again.
    Recovered(Recovered),
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use Event::*;
        match self {
            Booted { members, timing } => write!(f, "{members} members start ({timing} timing)"),
            RoleChanged { member, role, term } => match role {
                Role::Leader => write!(f, "{member} is the leader of term {term}"),
                Role::Candidate => write!(f, "{member} asks for votes in term {term}"),
                Role::PreCandidate => write!(f, "{member} asks whether it would win an election"),
                Role::Follower => write!(f, "{member} follows in term {term}"),
                Role::Learner => write!(f, "{member} learns in term {term}"),
            },
            Proposed { member, index, text, .. } => {
                write!(f, "{member} appends entry {index}: {text}")
            }
            Acked { member, by, index, .. } => {
                write!(f, "{by} has entry {index}, {member} hears")
            }
            Committed { member, index, .. } => {
                write!(f, "Entry {index} is committed: {member} knows it on a quorum")
            }
            Applied { member, index, revision, .. } => {
                write!(f, "{member} applies entry {index}: its store is at revision {revision}")
            }
            SnapshotTaken { member, index } => {
                write!(f, "{member} takes a snapshot up to entry {index}")
            }
            SnapshotInstalled { member, index } => {
                write!(f, "{member} installs the leader's snapshot up to entry {index}")
            }
            Killed { member } => write!(f, "{member} is killed; its machine keeps what it wrote"),
            Restarted { member } => write!(f, "{member} starts again from its disk"),
            StartFailed { member, why } => write!(f, "{member} cannot start: {why}"),
            Paused { member } => write!(f, "{member} is paused; its packets wait"),
            Resumed { member } => write!(f, "{member} goes on"),
            Requested { endpoint, text, .. } => write!(f, "A client asks {endpoint}: {text}"),
            Forwarded { from, to, .. } => write!(f, "{from} forwards the request to leader {to}"),
            Retried { endpoint, why, .. } => write!(f, "The client turns to {endpoint}: {why}"),
            Answered { revision: Revision(0), text, .. } => write!(f, "Answered: {text}"),
            Answered { revision, text, .. } => write!(f, "Answered at revision {revision}: {text}"),
            Failed { error, unknown: false, .. } => write!(f, "Failed: {error}"),
            Failed { error, unknown: true, .. } => {
                write!(f, "No answer: {error}. Whether it happened is not known")
            }
            Event::Recovered(recovered) => recovered.fmt(f),
            Told { revision, key, .. } => write!(f, "A watcher is told of {key} at {revision}"),
            PowerCut { .. }
            | Died { .. }
            | StartedNew { .. }
            | Reconfigured { .. }
            | DiskChanged { .. }
            | ClockChanged { .. }
            | FsyncChanged { .. }
            | ReadsChanged { .. }
            | LinkChanged { .. }
            | Partitioned { .. }
            | Healed
            | RuleChanged { .. }
            | Armed { .. }
            | Touched { .. } => sentence::fault(f, self),
            DefragBegan { .. }
            | Defragmented { .. }
            | AlarmChanged { .. }
            | QuotaChanged { .. }
            | LeaseExpired { .. }
            | CheckpointsChanged { .. }
            | CorruptCheckChanged { .. }
            | WatchProgressChanged { .. }
            | Flipped { .. } => sentence::upkeep(f, self),
        }
    }
}
