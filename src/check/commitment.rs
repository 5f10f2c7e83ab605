//! Commitment: an entry is committed once the leader that replicates it has it stored on a majority
//! of the members (Raft §5.3); a leader counts only entries of its own term (§5.4.2).
//!
//! Looked at when an index is first known to be committed: a quorum of the members as the
//! leader's log has them must have the very entry on disk. A crashed member counts: its disk has
//! it.
//!
//! Caveat: that the newest entry committed is of the leader's own term is checked too; what lies
//! before it is committed with it.
//!
//! Architecture invariant: observing only.

use super::Promise::Commitment;
use super::chronicle::Chronicle;
use super::promises::{Evidence, Found};
use super::shadow::is_quorum;
use crate::raft::MemberId;
use crate::raft::witness::Spot;

/// A member knows everything up to an entry to be committed.
pub(super) fn check(past: &Chronicle, member: MemberId, upto: Spot, found: &mut Found) {
    let Spot { index, term } = upto;
    let known = past.slot(index).is_some_and(|slot| slot.committed.is_some());
    let shadow = past.member(member);
    let Some(voters) = shadow.voters().filter(|_| !known) else { return };
    let has = |other: MemberId| {
        let other = past.member(other);
        let has_it = other.at(index).is_some_and(|(at, _)| at == term) || other.has_purged(index);
        has_it && other.synced >= Some(index)
    };
    found.expect(Commitment, is_quorum(voters, has), || {
        let all: std::collections::BTreeSet<MemberId> = voters.iter().flatten().copied().collect();
        let having: Vec<MemberId> = all.iter().copied().filter(|it| has(*it)).collect();
        Evidence {
            sentence: format!(
                "{member} takes entry {index} of term {term} for committed, though only {} of {} \
                 members have it on disk",
                having.len(),
                all.len()
            ),
            members: [vec![member], having].concat(),
            index: Some(index),
            term: Some(term),
            ..Evidence::default()
        }
    });
    found.expect(Commitment, !shadow.leads || term == shadow.ballot.term, || Evidence {
        sentence: format!(
            "{member} leads in term {} and commits entry {index} of term {term} by counting",
            shadow.ballot.term
        ),
        members: vec![member],
        index: Some(index),
        term: Some(term),
        ..Evidence::default()
    });
}
