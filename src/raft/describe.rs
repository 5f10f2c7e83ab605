//! Entries in a few words.
//!
//! Architecture invariant: value to words; looks at no log.

use openraft::{EmptyNode, EntryPayload, Membership};

use super::types::Entry;
use super::{LogIndex, MemberId, Term, ThreadId};

/// What one entry is, for whoever looks at the log.
#[derive(Debug, Clone, PartialEq)]
pub struct EntrySummary {
    /// Its index.
    pub index: LogIndex,
    /// The term of the leader that made it.
    pub term: Term,
    /// In a few words.
    pub text: String,
    /// Bytes on disk.
    pub bytes: u32,
    /// The write it belongs to.
    pub thread: Option<ThreadId>,
}

/// In a few words, and whose write it is.
pub(super) fn describe(entry: &Entry) -> (String, Option<ThreadId>) {
    match &entry.payload {
        EntryPayload::Blank => ("new leader".into(), None),
        EntryPayload::Normal(command) => (command.to_string(), Some(command.thread)),
        EntryPayload::Membership(members) => (membership(members), None),
    }
}

/// Who votes, both halves of a joint configuration, and who learns: `members 1,2,3 and 1,2 · 4
/// learns`.
pub(super) fn membership(members: &Membership<MemberId, EmptyNode>) -> String {
    let list =
        |ids: Vec<MemberId>| ids.iter().map(|id| id.0.to_string()).collect::<Vec<_>>().join(",");
    let halves = members.get_joint_config().iter();
    let halves: Vec<String> = halves.map(|half| list(half.iter().copied().collect())).collect();
    let learners: Vec<MemberId> = members.learner_ids().collect();
    let learn = match learners.is_empty() {
        true => String::new(),
        false => format!(" · {} learns", list(learners)),
    };
    format!("members {}{learn}", halves.join(" and "))
}
