//! Consent: a candidate raises its term only after a quorum has said that it would vote for it
//! (pre-vote, Raft thesis §9.6). So a member that was cut off does not depose a leader that is well
//! when it comes back.
//!
//! What counts is what voters answered. A candidate whom the leader asked to campaign (a transfer
//! of leadership, thesis §3.10) need not ask.
//!
//! Architecture invariant: observing only.

use super::Promise::Consent;
use super::chronicle::Chronicle;
use super::promises::{Evidence, Found};
use super::shadow::is_quorum;
use crate::raft::MemberId;
use crate::raft::witness::Ballot;

/// A member writes down its vote.
pub(super) fn check(past: &Chronicle, member: MemberId, ballot: Ballot, found: &mut Found) {
    let shadow = past.member(member);
    let campaigns = ballot.candidate == member && !ballot.won && ballot.term > shadow.ballot.term;
    let Some(voters) = shadow.voters().filter(|_| campaigns && !shadow.is_invited) else { return };
    let said = |voter: MemberId| voter == member || past.consents(voter, ballot);
    found.expect(Consent, is_quorum(voters, said), || Evidence {
        sentence: format!(
            "{member} campaigns in term {} without a quorum that would vote for it",
            ballot.term
        ),
        members: vec![member],
        term: Some(ballot.term),
        ..Evidence::default()
    });
}
