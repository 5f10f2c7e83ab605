//! Rules one can take away, to see which promise then breaks.
//!
//! Each is asked for at one place of our own code: the log, the state machine, the transport, the
//! server, the client. openraft itself is whole; where its rule is taken away, its ears are lied to
//! (`commit-quorum`: answers that nobody gave), never its code.
//!
//! * All rules hold unless somebody said otherwise; asking costs a bit test.
//!
//! Caveat: what cannot be taken away so is listed in ARCHITECTURE.md.
//!
//! Architecture invariant: a set of switches; what they do is where they are asked.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

/// One rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Rule {
    SyncBeforeAck,
    VoteOnDisk,
    CommitQuorum,
    VoteQuorum,
    LogMatching,
    UpToDateCandidate,
    PreVote,
    ReadIndex,
    TxnCompare,
    WatchOrder,
    WatchResume,
    SnapshotBeforePurge,
    ApplyInOrder,
    AnswerAfterApply,
    SendOnce,
    LeaseQuorum,
    LeaseExpiry,
    LeaseRevision,
}

/// Every rule: its name, where it is from, and what happens without it.
const TEXTS: [(Rule, &str, &str, &str); 18] = [
    (
        Rule::SyncBeforeAck,
        "sync-before-ack",
        "Raft Figure 2",
        "members answer for entries that are not on disk",
    ),
    (
        Rule::VoteOnDisk,
        "vote-on-disk",
        "Raft Figure 2",
        "members answer candidates before their vote is on disk",
    ),
    (
        Rule::CommitQuorum,
        "commit-quorum",
        "Raft §5.3",
        "a leader takes silence for an acknowledgement",
    ),
    (Rule::VoteQuorum, "vote-quorum", "Raft §5.2", "a candidate counts votes that nobody gave"),
    (
        Rule::LogMatching,
        "log-matching",
        "Raft §5.3",
        "members append without looking at the entry before",
    ),
    (
        Rule::UpToDateCandidate,
        "up-to-date-candidate",
        "Raft §5.4.1",
        "candidates claim to have the newest log",
    ),
    (
        Rule::PreVote,
        "pre-vote",
        "Raft thesis §9.6",
        "candidates raise their term without asking whether they would win",
    ),
    (
        Rule::ReadIndex,
        "read-index",
        "Raft §8",
        "a leader answers reads without asking a quorum whether it still leads",
    ),
    (
        Rule::TxnCompare,
        "txn-compare",
        "etcd KV API",
        "transactions write whatever their conditions say",
    ),
    (Rule::WatchOrder, "watch-order", "etcd API guarantees", "watchers are told backwards"),
    (
        Rule::WatchResume,
        "watch-resume",
        "etcd API guarantees",
        "a broken watch goes on one revision too late",
    ),
    (
        Rule::SnapshotBeforePurge,
        "snapshot-before-purge",
        "Raft §7",
        "logs are cut off though the snapshot was never written",
    ),
    (
        Rule::ApplyInOrder,
        "apply-in-order",
        "Raft §5.3",
        "stores take the entries of a batch from the last to the first",
    ),
    (
        Rule::AnswerAfterApply,
        "answer-after-apply",
        "Raft §5.3",
        "puts are answered before they are committed",
    ),
    (Rule::SendOnce, "send-once", "Raft §8", "clients send a write again when the line breaks"),
    (
        Rule::LeaseQuorum,
        "lease-quorum",
        "etcd ensureLeadership",
        "a leader keeps leases alive without asking whether it still leads",
    ),
    (Rule::LeaseExpiry, "lease-expiry", "etcd lease API", "leaders let leases live on and on"),
    (
        Rule::LeaseRevision,
        "lease-revision",
        "etcd lease API",
        "the keys of a lease are deleted one by one",
    ),
];

impl Rule {
    /// All of them, by name.
    pub fn all() -> impl Iterator<Item = (&'static str, Rule)> {
        TEXTS.iter().map(|row| (row.1, row.0))
    }

    fn text(self) -> (&'static str, &'static str, &'static str) {
        let row = TEXTS.iter().find(|row| row.0 == self);
        row.map_or(("", "", ""), |row| (row.1, row.2, row.3))
    }

    /// Its name: `sync-before-ack`.
    pub fn name(self) -> &'static str {
        self.text().0
    }

    /// Where it is from: `Raft Figure 2`.
    pub fn section(self) -> &'static str {
        self.text().1
    }

    /// What happens without it, as a clause.
    pub fn without(self) -> &'static str {
        self.text().2
    }

    fn bit(self) -> u32 {
        1 << self as u32
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which rules hold in one cluster. Clones are the same switches.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    off: Rc<Cell<u32>>,
}

impl Rules {
    /// Whether a rule holds.
    pub fn hold(&self, rule: Rule) -> bool {
        self.off.get() & rule.bit() == 0
    }

    /// Takes a rule away, or gives it back. Whether that changes anything.
    pub fn switch(&self, rule: Rule, on: bool) -> bool {
        let before = self.hold(rule);
        let off = self.off.get();
        self.off.set(if on { off & !rule.bit() } else { off | rule.bit() });
        before != on
    }

    /// Those that do not hold.
    pub fn off(&self) -> Vec<Rule> {
        TEXTS.iter().map(|row| row.0).filter(|rule| !self.hold(*rule)).collect()
    }
}
