//! Looking at a log: for pictures, not for openraft.
//!
//! Architecture invariant: reads only.

use std::rc::Rc;

use openraft::EntryPayload;

use super::describe::{EntrySummary, describe, membership};
use super::types::Entry;
use super::{LogIndex, LogStore, Term};

impl LogStore {
    /// Term and index of the newest entries, oldest first, at most `count` of them.
    pub fn tail(&self, count: usize) -> Vec<(Term, LogIndex)> {
        let log = self.0.borrow();
        let skip = log.entries.len().saturating_sub(count);
        let place = |(entry, _): &(Entry, u32)| {
            (Term(entry.log_id.leader_id.term), LogIndex(entry.log_id.index))
        };
        log.entries.iter().skip(skip).map(place).collect()
    }

    /// One entry, if it is still here.
    pub fn summary(&self, index: LogIndex) -> Option<EntrySummary> {
        let log = self.0.borrow();
        let first = log.entries.front()?.0.log_id.index;
        let (entry, bytes) = log.entries.get(index.0.checked_sub(first)? as usize)?;
        let (text, thread) = describe(entry);
        let term = Term(entry.log_id.leader_id.term);
        Some(EntrySummary { index, term, text, bytes: *bytes, thread })
    }

    /// Who the members are by an entry, if it says so and is still here.
    pub fn members(&self, index: LogIndex) -> Option<String> {
        let log = self.0.borrow();
        let first = log.entries.front()?.0.log_id.index;
        match &log.entries.get(index.0.checked_sub(first)? as usize)?.0.payload {
            EntryPayload::Membership(members) => Some(membership(members)),
            _ => None,
        }
    }

    /// The command of an entry, if it is one and still here.
    pub fn command(&self, index: LogIndex) -> Option<Rc<super::Command>> {
        let log = self.0.borrow();
        let first = log.entries.front()?.0.log_id.index;
        match &log.entries.get(index.0.checked_sub(first)? as usize)?.0.payload {
            EntryPayload::Normal(command) => Some(command.clone()),
            _ => None,
        }
    }
}
