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

use super::search::Progress;
use super::{EncryptionView, KeyView, MetricsView, ObjectsView, Recorded, StoreView};
use crate::check::{self, HistoryView, PromiseState};
use crate::cluster::{self, gateway::Answer};
use crate::kube::{self, WriteDetail, WritePath, grid::Grid};
use crate::raft::{LogIndex, MemberId, ThreadId};
use crate::sim::Instant;
use crate::store::Revision;

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
    /// The Kubernetes objects in a member's store.
    Objects {
        /// Whose.
        member: MemberId,
        /// Those whose keys have this in them.
        sought: String,
    },
    /// A member's metrics over the last seconds.
    Metrics(MemberId),
    /// What came of a write of the reader's; none: of the newest that led to something.
    Story(Option<ThreadId>),
    /// The file of `--encryption-provider-config`, and what would be wrong with another one.
    Encryption {
        /// The other one.
        draft: String,
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
    /// The nodes, where they are too many to be places of the cluster's.
    pub nodes: Rc<Grid>,
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
    /// Objects.
    Objects(ObjectsView),
    /// A write; none: not known (any more).
    Write(Option<Box<WriteDetail>>),
    /// The clients' history.
    History(HistoryView),
    /// Entries.
    Log(Vec<cluster::Entry>),
    /// Metrics.
    Metrics(MetricsView),
    /// A story; none: there is none yet.
    Story(Option<Rc<kube::Story>>),
    /// How far a search is.
    Search(Box<Progress>),
    /// A line, read.
    Line(LineView),
    /// The encryption configuration.
    Encryption(EncryptionView),
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
