//! The one door of the engine: what can be asked, and what comes back.
//!
//! Both are encoded with postcard. Nothing else crosses the border between the page and the engine,
//! so a copy of the engine's memory is a save-game, and a list of requests is a replay.
//!
//! Architecture invariant: plain values; no reference into the engine.

use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Recorded;
use super::search::Progress;
use crate::check::{self, HistoryView, PromiseState};
use crate::cluster::{self, gateway::Answer};
use crate::kube::{self, WriteDetail, WritePath};
use crate::raft::{LogIndex, MemberId, ThreadId};
use crate::sim::Instant;
use crate::store::{KeyValue, LeaseId, Revision};

pub use crate::cluster::MEMBERS_MAX;
pub use crate::script::{Action, Config, Position, Sought, StepBy, Stop};

/// Micro-steps one request may take; an advance that needs more is cut short and says so.
pub const ADVANCE_STEPS_MAX: u64 = 200_000;

/// Events one update carries; the oldest beyond it are left out and counted.
pub const EVENTS_PER_UPDATE_MAX: usize = 4_000;

/// Events told again after going somewhere: the newest ones up to there.
pub const RECENT_EVENTS_MAX: usize = 256;

/// How long a post waits for its answer at most: as long as curl does, and a little.
pub const POST_WAIT_MAX: Duration = Duration::from_secs(31);

/// Watchers one look at a store returns.
pub const WATCHERS_PER_LOOK_MAX: usize = 100;

/// Leases one look at a store returns.
pub const LEASES_PER_LOOK_MAX: usize = 100;

/// Keys one look at a store returns.
pub const KEYS_PER_LOOK_MAX: usize = 500;

/// What can be asked of the engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Make a new world.
    Boot(Config),
    /// Do something now.
    Act(Action),
    /// Let virtual time pass.
    Advance {
        /// So much of it.
        nanos: u64,
        /// Unless one of these holds before.
        stops: Vec<Stop>,
    },
    /// Let one thing happen.
    Step(StepBy),
    /// Look at something that frames do not carry. Changes nothing.
    Look(Look),
    /// Go to a position of this run. The engine goes forward; a host that keeps the past
    /// (`static/engine-host.js`) goes anywhere.
    Go(Position),
    /// Go back to the last position at which this held. For hosts that keep the past.
    Back(Stop),
    /// From here on another future grows, under this number. For hosts that keep the past.
    Fork(BranchId),
    /// Go to a position of another branch. For hosts that keep the past.
    Switch(BranchId, Position),
    /// Forget a branch. For hosts that keep the past.
    Forget(BranchId),
    /// Run on to a position, unless one of these holds before. For hosts.
    Run(Position, Vec<Stop>),
    /// From now on remember the last position before this one at which this held. For hosts.
    Find(Stop, Position),
    /// Tell what has happened since the last answer, and how the last journey ended. For hosts.
    Tell,
    /// Tell what is, with the newest events, and whether all was reached. For hosts.
    Show(bool),
    /// Begin to search for a run in which something happens. In a module of its own: a search
    /// makes many worlds, and none is served beside it.
    Search(Config, Sought),
    /// Go on searching for so many micro-steps.
    SearchOn(u64),
    /// Read a script as a run that can be gone through. Changes nothing.
    Read(String),
    /// Post to a member's JSON gateway, as its `curl` does, and let time pass until the answer is
    /// there: [`Update::answer`]. It is an action like any other ([`cluster::Action::Post`]), done
    /// at this position; who does not want to wait asks for that, and finds the answer in the
    /// frame's requests. A watch is not waited for: its lines are found there as they come
    /// ([`cluster::ClientRequest::printed`]), until it is interrupted.
    Post(cluster::Post),
}

/// The number of a branch of a run; the first is 0.
pub type BranchId = u32;

/// What can be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Look {
    /// The keys of a member's store.
    Store {
        /// Whose.
        member: MemberId,
        /// As of which revision; none: now.
        revision: Option<Revision>,
        /// Keys with this prefix.
        prefix: String,
    },
    /// Everything a member's store still knows of one key.
    Key {
        /// Whose.
        member: MemberId,
        /// The key.
        key: String,
    },
    /// The bytes of a write.
    Write(ThreadId),
    /// The clients' history as bars with their linearization points.
    History {
        /// Of which key; none: of all.
        key: Option<String>,
    },
    /// Entries of a member's log.
    Log {
        /// Whose.
        member: MemberId,
        /// From which index on.
        from: LogIndex,
    },
    /// A line of the language: what it would do. Nothing is done.
    Line {
        /// As far as it is typed.
        text: String,
        /// Whether the reader means it to be done.
        entered: bool,
    },
}

/// What comes back from every request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Update {
    /// The world after it; none only when there is no world yet, or for a look.
    pub frame: Option<Frame>,
    /// What happened on the way.
    pub events: Vec<Rc<Event>>,
    /// Events left out of `events`.
    pub events_left_out: u32,
    /// Whether the whole time asked for has passed.
    pub reached: bool,
    /// What held, if that ended it.
    pub stopped: Option<Stop>,
    /// What was looked at.
    pub seen: Option<Seen>,
    /// The run that was read.
    pub recorded: Option<Box<Recorded>>,
    /// Why the request could not be served.
    pub error: Option<String>,
    /// What a member's gateway answered; of a post whose member gave no answer none, and the
    /// frame's requests say why.
    pub answer: Option<Answer>,
}

/// The whole world at one instant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// The cluster.
    pub cluster: cluster::Frame,
    /// Actions of the reader's done so far.
    pub acts: u64,
    /// The newest writes, oldest first.
    pub writes: Vec<Rc<WritePath>>,
    /// How every promise stands.
    pub promises: Rc<Vec<PromiseState>>,
}

impl Frame {
    /// Where in the run it is.
    pub fn position(&self) -> Position {
        Position { step: self.cluster.step, at: self.cluster.now, acts: self.acts }
    }
}

/// One happening, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: Instant,
    /// In which micro-step.
    pub step: u64,
    /// What.
    pub what: What,
}

/// Where a happening belongs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum What {
    /// In the cluster.
    Cluster(cluster::Event),
    /// In the control plane.
    Kube(kube::Event),
    /// Among the promises.
    Check(check::Event),
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Cluster(event) => event.fmt(f),
            What::Kube(event) => event.fmt(f),
            What::Check(event) => event.fmt(f),
        }
    }
}

/// What was looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Seen {
    /// The keys of a store.
    Store(StoreView),
    /// One key.
    Key(KeyView),
    /// A write; none: not known (any more).
    Write(Option<Box<WriteDetail>>),
    /// The clients' history.
    History(HistoryView),
    /// Entries.
    Log(Vec<cluster::Entry>),
    /// How far a search is.
    Search(Box<Progress>),
    /// A line, read.
    Line(LineView),
}

/// A line of the language, read: what it means, or what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LineView {
    /// The line.
    pub text: String,
    /// What it would do; none: it is wrong.
    pub meaning: Option<Meaning>,
    /// The column at which it is wrong, from 1; 0 when that is nowhere in particular.
    pub column: u32,
    /// What is wrong.
    pub wrong: String,
    /// etcdctl's exit code, when it is etcdctl that finds it wrong.
    pub exit: u8,
    /// What it becomes when its last word is completed; empty: nothing to complete.
    pub completed: String,
    /// How it may go on.
    pub hints: Vec<Hint>,
}

/// What a line would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Meaning {
    /// These, one after the other.
    Act(Vec<Action>),
    /// Make a new world.
    Boot(Config),
    /// Let one thing happen.
    Step(StepBy),
    /// Let virtual time pass.
    Wait {
        /// So much of it.
        nanos: u64,
        /// Unless one of these happens before.
        stops: Vec<Stop>,
    },
    /// Show this.
    Show(String),
    /// Stop time whenever this holds; none: whatever happens, never.
    Break(Option<Stop>),
    /// Look at a place of the run.
    Go(Position),
    /// Look in other worlds for a run in which something happens.
    Search(Sought),
}

/// How a line may go on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    /// The verb.
    pub verb: String,
    /// How its lines are written.
    pub usage: String,
}

/// A store as of one revision.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StoreView {
    /// Whose.
    pub member: MemberId,
    /// The revision shown.
    pub at: Revision,
    /// The store's newest revision.
    pub revision: Revision,
    /// Nothing before this revision is kept; 0 when all is.
    pub compact_revision: Revision,
    /// Keys in order, at most [`KEYS_PER_LOOK_MAX`].
    pub keys: Vec<KeyRow>,
    /// How many there are in all.
    pub count: i64,
    /// Why there is nothing to see, in etcd's words.
    pub error: Option<String>,
    /// The watchers the member serves, at most [`WATCHERS_PER_LOOK_MAX`].
    pub watchers: Vec<WatcherRow>,
    /// The leases it knows, at most [`LEASES_PER_LOOK_MAX`].
    pub leases: Vec<LeaseRow>,
    /// How many leases there are in all.
    pub lease_count: u32,
}

/// A watcher, as the member that serves it knows it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct WatcherRow {
    /// The first key it watches.
    pub key: String,
    /// It watches everything that begins so; else, one key or a range.
    pub prefix: bool,
    /// The first revision it has not been told of.
    pub next: Revision,
    /// It is told of each write as it happens; else it is behind.
    pub synced: bool,
}

/// A lease.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LeaseRow {
    /// Its id.
    pub id: LeaseId,
    /// Seconds it was granted for.
    pub ttl_s: i64,
    /// Seconds it has left; none: this member does not know, since only the leader measures.
    pub left_s: Option<u64>,
    /// The first of its keys.
    pub key: String,
    /// How many keys it has.
    pub keys: u32,
}

/// One key in a list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct KeyRow {
    /// The key.
    pub key: String,
    /// Revision of its creation.
    pub create_revision: Revision,
    /// Revision of its last change.
    pub mod_revision: Revision,
    /// Changes since its creation, from 1.
    pub version: i64,
    /// Bytes of its value.
    pub bytes: u32,
    /// What the value is, in a few words: `Deployment default/web`, `"bar"`, `encrypted (aesgcm,
    /// key1)`.
    pub text: String,
}

/// Everything a store still knows of one key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct KeyView {
    /// Whose.
    pub member: MemberId,
    /// The key.
    pub key: String,
    /// Its versions, oldest first; a deletion has version 0.
    pub versions: Vec<KeyVersion>,
}

/// One version of a key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct KeyVersion {
    /// The key then; of a deletion only key and mod_revision.
    pub kv: KeyValue,
    /// Whether this is a deletion.
    pub tombstone: bool,
    /// What the bytes of the value mean, covering all of them in order.
    pub spans: Vec<kube::ByteSpan>,
    /// The object as indented JSON, when the value is one and could be read.
    pub object: Option<String>,
}
