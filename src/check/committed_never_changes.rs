//! Committed never changes: what any member knows to be committed at an index is the same entry on
//! every member and for ever (Raft §5.4.3: the base of state machine safety).
//!
//! Looked at when a member's commit index moves, and when a member deletes the end of its log: that
//! may not reach below what it knows to be committed.
//!
//! Architecture invariant: observing only.

use super::Promise::CommittedNeverChanges;
use super::chronicle::Chronicle;
use super::promises::{Evidence, Found};
use crate::raft::witness::Spot;
use crate::raft::{LogIndex, MemberId};

/// A member knows everything up to an entry to be committed.
pub(super) fn check(past: &Chronicle, member: MemberId, upto: Spot, found: &mut Found) {
    for spot in past.newly_committed(member, upto) {
        let known = past.slot(spot.index).and_then(|slot| slot.committed);
        let (term, by, _) = known.unwrap_or((spot.term, member, spot.term));
        found.expect(CommittedNeverChanges, term == spot.term, || Evidence {
            sentence: format!(
                "entry {} of term {} is committed at {member}; at {by} the one of term {term} was",
                spot.index, spot.term
            ),
            members: vec![by, member],
            index: Some(spot.index),
            term: Some(spot.term),
            ..Evidence::default()
        });
    }
}

/// A member deletes the end of its log.
pub(super) fn check_truncated(
    past: &Chronicle,
    member: MemberId,
    after: Option<LogIndex>,
    found: &mut Found,
) {
    let committed = past.member(member).committed;
    let index = committed.map(|spot| spot.index);
    found.expect(CommittedNeverChanges, index <= after, || Evidence {
        sentence: format!(
            "{member} deletes entries that it knows to be committed, up to {}",
            index.unwrap_or_default()
        ),
        members: vec![member],
        index,
        ..Evidence::default()
    });
}
