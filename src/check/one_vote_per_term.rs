//! One vote per term: each member votes for at most one candidate in a given term (Raft §5.2).
//!
//! What counts is what candidates are told: a yes that left, not what is in memory. So a vote that
//! is forgotten by a crash and given again is seen.
//!
//! Architecture invariant: observing only.

use super::Promise::OneVotePerTerm;
use super::chronicle::Chronicle;
use super::promises::{Evidence, Found};
use crate::raft::MemberId;
use crate::raft::witness::Ballot;

/// A member answers a candidate: yes.
pub(super) fn check(past: &Chronicle, member: MemberId, ballot: Ballot, found: &mut Found) {
    let before = past.member(member).granted.unwrap_or(ballot);
    let (term, candidate) = (ballot.term, ballot.candidate);
    let holds = before.term != term || before.candidate == candidate;
    found.expect(OneVotePerTerm, holds, || Evidence {
        sentence: format!(
            "{member} votes for {candidate} in term {term}, after it voted for {}",
            before.candidate
        ),
        members: vec![member, before.candidate, candidate],
        term: Some(term),
        ..Evidence::default()
    });
}
