//! The whole cluster at one instant: plain data for the picture.
//!
//! A frame is taken between micro-steps, from what openraft's metrics, our storage, our network and
//! our disks hold. Taking one changes nothing.
//!
//! * What openraft does not show is inferred from messages and named so at the field.
//! * Lists are bounded by the named limits below; a frame never grows with the length of the run.
//!
//! Architecture invariant: no behaviour. A frame cannot reach back into the world it shows.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::{CommandRun, DiskFault, LinkFault, Pattern, Touch};
use crate::raft::{EntrySummary, LogIndex, MemberId, PacketKind, Rule, Term, ThreadId};
use crate::sim::{Address, ClockFault, Instant};
use crate::store::Revision;

/// Entries of each member's log in a frame: the newest so many.
pub const LOG_ROWS_MAX: usize = 24;

/// Finished requests that stay in the frame; open ones always do.
pub const REQUESTS_KEPT_MAX: usize = 32;

/// The whole cluster at one instant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// The instant.
    pub now: Instant,
    /// Micro-steps since the world began.
    pub step: u64,
    /// Running hash of everything that happened; equal for equal runs.
    pub trace_hash: u64,
    /// Members by id.
    pub members: Vec<Rc<Member>>,
    /// Everyone else with an address: clients and the control plane.
    pub places: Vec<Rc<Place>>,
    /// Packets on their way, oldest first.
    pub packets: Vec<Packet>,
    /// Requests of etcd's clients, oldest first.
    pub requests: Vec<Rc<ClientRequest>>,
    /// The reader's own command lines, oldest first.
    pub commands: Vec<Rc<CommandRun>>,
    /// Rules that were taken away.
    pub rules_off: Vec<Rule>,
    /// Links that are cut, per direction.
    pub cuts: Vec<(Address, Address)>,
    /// Links that are not as they were laid, per direction; those that are cut among them.
    pub links: Vec<LinkState>,
    /// What waits for the next packet of a kind.
    pub armed: Vec<(Pattern, Touch)>,
    /// Whether raft loops wait for their fsync.
    pub loop_waits_for_fsync: bool,
}

/// One direction of a link with which something is wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkState {
    /// From where.
    pub from: Address,
    /// To where.
    pub to: Address,
    /// What is wrong, in the words of the script: `cut`, `loss 20%`.
    pub faults: Vec<LinkFault>,
}

/// What is wrong with a member's machine.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Faults {
    /// Its disk: [`DiskFault::Slow`], [`DiskFault::Stall`], … in a fixed order; none when well.
    pub disk: Vec<DiskFault>,
    /// Its clock.
    pub clock: ClockFault,
}

impl Faults {
    /// Whether nothing is wrong.
    pub fn is_well(&self) -> bool {
        *self == Faults::default()
    }
}

/// Whether a member's process runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// It runs.
    #[default]
    Running,
    /// It is stopped (SIGSTOP); its packets wait.
    Paused,
    /// It is gone; its disk keeps what was synced.
    Crashed,
}

/// What a member is in Raft.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Takes entries from the leader.
    #[default]
    Follower,
    /// Asks whether it would win, without raising its term (Raft thesis §9.6). Inferred from its
    /// messages.
    PreCandidate,
    /// Asks for votes.
    Candidate,
    /// Orders the log.
    Leader,
    /// Takes entries, has no vote.
    Learner,
}

/// One member.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// Its id.
    pub id: MemberId,
    /// Whether its process runs.
    pub status: Status,
    /// What it is in Raft. Of a crashed member: what it was.
    pub role: Role,
    /// Its term.
    pub term: Term,
    /// Whom it voted for in this term.
    pub voted_for: Option<MemberId>,
    /// Whom it takes for the leader.
    pub leader: Option<MemberId>,
    /// Of a candidate: who granted so far, itself included. Inferred from answers.
    pub votes: Vec<MemberId>,
    /// Its last entry.
    pub last_index: Option<LogIndex>,
    /// Its last entry that a power cut would not take.
    pub durable_index: Option<LogIndex>,
    /// What it knows to be committed.
    pub commit_index: Option<LogIndex>,
    /// What its store holds.
    pub applied_index: Option<LogIndex>,
    /// The end of its last snapshot.
    pub snapshot_index: Option<LogIndex>,
    /// The newest [`LOG_ROWS_MAX`] entries of its log, oldest first.
    pub log: Vec<Rc<Entry>>,
    /// Of a leader: how far each other member is.
    pub progress: Vec<Progress>,
    /// The clock that makes it campaign; none while it leads or is down.
    pub election: Option<ElectionTimer>,
    /// Of a leader: until when a quorum has promised not to elect another.
    pub lease_until: Option<Instant>,
    /// Its disk.
    pub disk: DiskState,
    /// What is wrong with its machine.
    pub faults: Faults,
    /// Its store's revision.
    pub revision: Revision,
    /// Its store's compacted revision; 0 when none.
    pub compact_revision: Revision,
    /// Live keys in its store.
    pub keys: u64,
    /// Watchers it serves.
    pub watchers: u32,
}

/// One log entry.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its index.
    pub index: LogIndex,
    /// The term of the leader that made it.
    pub term: Term,
    /// In a few words: `put …/web`, `new leader`, `members 1,2,3`.
    pub text: String,
    /// Bytes of its payload.
    pub bytes: u32,
    /// The write it belongs to.
    pub thread: Option<ThreadId>,
}

impl From<EntrySummary> for Entry {
    fn from(summary: EntrySummary) -> Entry {
        let EntrySummary { index, term, text, bytes, thread } = summary;
        Entry { index, term, text, bytes, thread }
    }
}

/// How far a leader has brought one member.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The member.
    pub to: MemberId,
    /// Known to be in its log.
    pub matched: Option<LogIndex>,
    /// The first entry not yet sent. Inferred from the last append sent to it.
    pub next: LogIndex,
}

/// The clock that makes a member campaign.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElectionTimer {
    /// When it was last set back.
    pub since: Instant,
    /// When it campaigns unless it hears from a leader.
    pub due: Instant,
}

/// A member's disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiskState {
    /// Until when it syncs; none when idle, or when it stalls.
    pub busy_until: Option<Instant>,
    /// Bytes a power cut would take.
    pub unsynced_bytes: u64,
    /// Bytes written since the world began.
    pub written_bytes: u64,
    /// Syncs since the world began.
    pub syncs: u64,
}

/// What someone with an address is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlaceKind {
    /// The reader's etcdctl, speaking to etcd directly.
    #[default]
    Etcdctl,
    /// The reader's kubectl.
    Kubectl,
    /// The only client of etcd in a Kubernetes cluster.
    Apiserver,
    /// kube-scheduler.
    Scheduler,
    /// kube-controller-manager.
    Controllers,
    /// A kubelet on its node.
    Kubelet,
    /// An etcd of their own for Events.
    EventEtcd,
}

/// Someone with an address who is not a member.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The address.
    pub address: Address,
    /// What it is.
    pub kind: PlaceKind,
    /// `kube-apiserver`, `kubelet node-a`.
    pub name: String,
    /// Short lines about it: what it waits for, what it was last told.
    pub notes: Vec<String>,
    /// What lives there: a node's pods.
    pub cells: Vec<Cell>,
    /// Whether it is the one of several that acts.
    pub leads: bool,
    /// The apiserver that serves it, if it is a client of one.
    pub apiserver: Option<Address>,
    /// What it watches just now, where that comes and goes: a kubectl's watches.
    pub watches: Vec<String>,
}

/// One that lives at a place.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Its name and how it is: `web-1: Running`.
    pub text: String,
    /// The same at a glance.
    pub health: Health,
}

/// How things are with something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Health {
    /// It has no state of its own.
    #[default]
    Plain,
    /// As it should be.
    Well,
    /// On its way there, or on its way out.
    Changing,
    /// Not as it should be.
    Bad,
}

/// One packet on its way.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Packet {
    /// Its number, unique in a run.
    pub id: u64,
    /// From where.
    pub from: Address,
    /// To where.
    pub to: Address,
    /// When it left.
    pub sent: Instant,
    /// When it arrives, or would have.
    pub arrives: Instant,
    /// Lost: when it falls.
    pub falls: Option<Instant>,
    /// What it carries.
    pub kind: PacketKind,
    /// An answer rather than a request.
    pub answer: bool,
    /// An answer that says no.
    pub refused: bool,
    /// The sender's term, if it is one of Raft's own.
    pub term: Option<Term>,
    /// Entries carried.
    pub entries: u32,
    /// Bytes carried, as far as they are modelled.
    pub bytes: u32,
    /// For the capsule: `148`, `vote?`, `ack 148`.
    pub text: String,
    /// The write it belongs to.
    pub thread: Option<ThreadId>,
    /// Whether the reader had a hand in it.
    pub touched: bool,
}

/// How a client's request stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// No answer yet.
    #[default]
    Open,
    /// Answered.
    Done {
        /// The revision in the answer's header.
        revision: Revision,
        /// The answer in a few words.
        text: String,
    },
    /// Refused or given up.
    Failed {
        /// etcd's error text.
        error: String,
        /// Whether it may have happened all the same.
        unknown: bool,
    },
}

/// One request of a client of etcd.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ClientRequest {
    /// Its number, unique in a run.
    pub id: u64,
    /// Whose it is.
    pub client: Address,
    /// In a few words: `put /registry/…`.
    pub text: String,
    /// The endpoint tried last.
    pub endpoint: MemberId,
    /// Endpoints tried.
    pub attempts: u32,
    /// When it began.
    pub started: Instant,
    /// When it ended.
    pub ended: Option<Instant>,
    /// How it stands.
    pub outcome: Outcome,
    /// The write it belongs to.
    pub thread: ThreadId,
    /// Of an HTTP request: the status of its answer; 0 while there is none.
    pub http_status: u16,
    /// Of an HTTP request: the body of its answer so far, of a long one only a part
    /// ([`super::BODY_SHOWN_MAX`]).
    pub printed: String,
}
