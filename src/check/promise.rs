//! The promises by name, where they are made, and what it means that one is broken.
//!
//! Architecture invariant: plain values; who checks what is in the other files of this floor.

use std::fmt;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::raft::{LogIndex, MemberId, Term};
use crate::sim::Instant;
use crate::store::Revision;

/// One promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Promise {
    ElectionSafety,
    OneVotePerTerm,
    Consent,
    LeaderAppendOnly,
    LogMatching,
    Commitment,
    LeaderCompleteness,
    CommittedNeverChanges,
    StateMachineSafety,
    Monotonic,
    StableStorage,
    SnapshotBeforePurge,
    AtMostOnce,
    StoreAgreement,
    Linearizability,
    WatchOrdered,
    WatchUnique,
    WatchAtomic,
    WatchReliable,
    WatchResumable,
    WatchPrevKv,
    WatchBookmark,
    WatchFilter,
    WatchIsCreate,
    LeaseNotEarly,
    LeaseNotLate,
    LeaseOneRevision,
}

/// Every promise, in the order in which they are shown: its name, where it is made, what it says.
const TEXTS: [(Promise, &str, &str, &str); 27] = [
    (
        Promise::ElectionSafety,
        "election safety",
        "Raft §5.2",
        "At most one leader is elected in a term",
    ),
    (
        Promise::OneVotePerTerm,
        "one vote per term",
        "Raft §5.2",
        "A member votes for one candidate in a term",
    ),
    (
        Promise::Consent,
        "consent",
        "Raft thesis §9.6",
        "A member raises its term only after a quorum would vote for it",
    ),
    (
        Promise::LeaderAppendOnly,
        "leader append-only",
        "Raft §5.3",
        "A leader never overwrites or deletes entries of its log",
    ),
    (
        Promise::LogMatching,
        "log matching",
        "Raft §5.3",
        "Logs with an entry of the same index and term are the same up to it",
    ),
    (
        Promise::Commitment,
        "commitment",
        "Raft §5.3, §5.4.2",
        "An entry is committed when a quorum has it on disk",
    ),
    (
        Promise::LeaderCompleteness,
        "leader completeness",
        "Raft §5.4",
        "What is committed is in the logs of all later leaders",
    ),
    (
        Promise::CommittedNeverChanges,
        "committed never changes",
        "Raft §5.4.3",
        "What is committed at an index stays there, on every member",
    ),
    (
        Promise::StateMachineSafety,
        "state machine safety",
        "Raft §5.4.3",
        "All members apply the same entry at the same index",
    ),
    (
        Promise::Monotonic,
        "terms and indices only grow",
        "Raft §5.1, Figure 2",
        "A member's term, commit and applied index never fall",
    ),
    (
        Promise::StableStorage,
        "stable storage",
        "Raft Figure 2",
        "What a member has answered for is on its disk when it starts again",
    ),
    (
        Promise::SnapshotBeforePurge,
        "snapshot before purge",
        "Raft §7",
        "What leaves a log is in a snapshot on disk",
    ),
    (Promise::AtMostOnce, "at most once", "Raft §8", "A request changes the store once at most"),
    (
        Promise::StoreAgreement,
        "store agreement",
        "etcd HashKV",
        "Stores that have applied the same entry have the same hash",
    ),
    (
        Promise::Linearizability,
        "linearizability",
        "Raft §8, etcd API guarantees",
        "Every request takes effect at one instant between its call and its answer",
    ),
    (
        Promise::WatchOrdered,
        "watch: ordered",
        "etcd API guarantees",
        "Events come in order of revision",
    ),
    (Promise::WatchUnique, "watch: unique", "etcd API guarantees", "An event never comes twice"),
    (
        Promise::WatchAtomic,
        "watch: atomic",
        "etcd API guarantees",
        "The events of one revision come together",
    ),
    (
        Promise::WatchReliable,
        "watch: reliable",
        "etcd API guarantees",
        "Between two events that come, none is left out",
    ),
    (
        Promise::WatchResumable,
        "watch: resumable",
        "etcd API guarantees",
        "A broken watch goes on right after the last event it was told of",
    ),
    (
        Promise::WatchPrevKv,
        "watch: previous value",
        "etcd API guarantees",
        "The value before a change is the one that was there",
    ),
    (
        Promise::WatchBookmark,
        "watch: bookmarks",
        "etcd API guarantees",
        "A progress note means that everything up to it has come",
    ),
    (
        Promise::WatchFilter,
        "watch: filter",
        "etcd watch API",
        "A watch is told of its own keys only, and of nothing it has filtered out",
    ),
    (
        Promise::WatchIsCreate,
        "watch: creation",
        "etcd watch API",
        "A change that says it created its key came when there was none",
    ),
    (
        Promise::LeaseNotEarly,
        "lease: never early",
        "etcd lease API",
        "A lease lives as long as it was granted for, and again after each keep-alive",
    ),
    (
        Promise::LeaseNotLate,
        "lease: never late",
        "etcd lease API",
        "A leader that hears of a quorum ends a lease within about a second of its end",
    ),
    (
        Promise::LeaseOneRevision,
        "lease: one revision",
        "etcd lease API",
        "All keys of a lease go in one revision, in key order",
    ),
];

impl Promise {
    /// All of them, in the order in which they are shown.
    pub fn all() -> impl Iterator<Item = Promise> {
        TEXTS.iter().map(|row| row.0)
    }

    fn text(self) -> (&'static str, &'static str, &'static str) {
        let row = TEXTS.iter().find(|row| row.0 == self);
        row.map_or(("", "", ""), |(_, name, section, says)| (*name, *section, *says))
    }

    /// Its name: `election safety`.
    pub fn name(self) -> &'static str {
        self.text().0
    }

    /// Where it is made: `Raft §5.2`.
    pub fn section(self) -> &'static str {
        self.text().1
    }

    /// What it says, in one sentence.
    pub fn says(self) -> &'static str {
        self.text().2
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A broken promise, with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Violation {
    /// Which.
    pub promise: Promise,
    /// When it was seen.
    pub at: Instant,
    /// In which micro-step.
    pub step: u64,
    /// What was seen, in one sentence.
    pub sentence: String,
    /// Who is concerned.
    pub members: Vec<MemberId>,
    /// Where in the log.
    pub index: Option<LogIndex>,
    /// In which term.
    pub term: Option<Term>,
    /// At which revision.
    pub revision: Option<Revision>,
    /// Which requests of clients.
    pub requests: Vec<u64>,
    /// Which key.
    pub key: Option<String>,
}

/// How one promise stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromiseState {
    /// Which.
    pub promise: Promise,
    /// How often it was looked at.
    pub checked: u64,
    /// How often it was found broken.
    pub broken: u64,
    /// The first time it was.
    pub violation: Option<Rc<Violation>>,
}

/// What happened among the promises.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Event {
    /// A promise was found broken for the first time.
    Broken { promise: Promise, sentence: String },
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Event::Broken { promise, sentence } = self;
        write!(f, "Promise broken: {promise} ({}): {sentence}", promise.section())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The states of the promises are kept by this number.
    #[test]
    fn every_promise_is_in_its_place() {
        let places: Vec<usize> = Promise::all().map(|promise| promise as usize).collect();
        assert_eq!(places, (0..places.len()).collect::<Vec<_>>());
        assert_eq!(Promise::LeaseOneRevision as usize + 1, places.len());
    }
}
