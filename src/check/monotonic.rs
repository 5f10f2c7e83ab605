//! Terms and indices only grow: a member's term (Raft §5.1), its vote within a term, its commit and
//! its applied index (Raft Figure 2: "initialized to 0, increases monotonically").
//!
//! * Within one life none of them falls, and entries are applied one by one, none left out, and
//!   only committed ones.
//! * Across a restart what a member has answered for may not fall: [`super::stable_storage`].
//!
//! Architecture invariant: observing only.

use super::Promise::Monotonic;
use super::chronicle::Chronicle;
use super::promises::{Evidence, Found};
use crate::raft::witness::{Ballot, Spot};
use crate::raft::{LogIndex, MemberId};

/// A member writes down its vote.
pub(super) fn check_voted(past: &Chronicle, member: MemberId, ballot: Ballot, found: &mut Found) {
    let before = past.member(member).ballot;
    found.expect(Monotonic, before.term <= ballot.term, || Evidence {
        sentence: format!("{member} goes back from term {} to term {}", before.term, ballot.term),
        members: vec![member],
        term: Some(ballot.term),
        ..Evidence::default()
    });
    let same = before.candidate == ballot.candidate || before.candidate == MemberId(0);
    // Whoever hears of the term's leader writes that down in place of its own vote.
    let same = same || ballot.won;
    found.expect(Monotonic, before.term != ballot.term || same, || Evidence {
        sentence: format!(
            "{member} changes its vote in term {} from {} to {}",
            ballot.term, before.candidate, ballot.candidate
        ),
        members: vec![member, before.candidate, ballot.candidate],
        term: Some(ballot.term),
        ..Evidence::default()
    });
}

/// A member knows everything up to an entry to be committed.
pub(super) fn check_committed(past: &Chronicle, member: MemberId, upto: Spot, found: &mut Found) {
    let before = past.member(member).committed.map(|spot| spot.index);
    found.expect(Monotonic, before <= Some(upto.index), || Evidence {
        sentence: format!(
            "{member}'s commit index falls from {} to {}",
            before.unwrap_or_default(),
            upto.index
        ),
        members: vec![member],
        index: Some(upto.index),
        ..Evidence::default()
    });
}

/// A member's store takes an entry.
pub(super) fn check_applied(
    past: &Chronicle,
    member: MemberId,
    index: LogIndex,
    found: &mut Found,
) {
    let shadow = past.member(member);
    let next = shadow.applied.map_or(LogIndex(0), |index| LogIndex(index.0 + 1));
    let evidence = |sentence: String| Evidence {
        sentence,
        members: vec![member],
        index: Some(index),
        ..Evidence::default()
    };
    found.expect(Monotonic, index == next, || {
        evidence(format!("{member} applies entry {index} when {next} is the next one"))
    });
    let committed = shadow.committed.map(|spot| spot.index);
    found.expect(Monotonic, Some(index) <= committed, || {
        evidence(format!("{member} applies entry {index} before it is committed"))
    });
}
