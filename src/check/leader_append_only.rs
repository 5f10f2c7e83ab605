//! Leader append-only: a leader never overwrites or deletes entries in its log; it only appends
//! new ones (Raft Figure 3, §5.3).
//!
//! A member leads from when it has written down that its ballot is won until it writes down
//! another.
//!
//! Architecture invariant: observing only.

use super::Promise::LeaderAppendOnly;
use super::chronicle::Chronicle;
use super::promises::{Evidence, Found};
use crate::raft::{LogIndex, MemberId};

/// A member deletes the end of its log.
pub(super) fn check(
    past: &Chronicle,
    member: MemberId,
    after: Option<LogIndex>,
    found: &mut Found,
) {
    let shadow = past.member(member);
    let first = after.map_or(LogIndex(0), |index| LogIndex(index.0 + 1));
    let term = shadow.ballot.term;
    found.expect(LeaderAppendOnly, !shadow.leads || shadow.last() <= after, || Evidence {
        sentence: format!("{member} leads in term {term} and deletes its entries from {first} on"),
        members: vec![member],
        index: Some(first),
        term: Some(term),
        ..Evidence::default()
    });
}
