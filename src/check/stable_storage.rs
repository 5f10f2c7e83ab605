//! Stable storage: term, vote and log are updated on disk before a member answers for them (Raft
//! Figure 2, "persistent state"). So when it starts again, it still has them.
//!
//! Looked at when a member starts: what it had said yes to, to a candidate or to a leader, must
//! be in what the disk kept.
//!
//! Architecture invariant: observing only.

use super::Promise::StableStorage;
use super::chronicle::Chronicle;
use super::promises::{Evidence, Found};
use crate::raft::witness::{Birth, Spot};
use crate::raft::{LogIndex, MemberId, Term};

/// A member starts from its disk.
pub(super) fn check(past: &Chronicle, member: MemberId, birth: &Birth, found: &mut Found) {
    let before = past.member(member);
    let purged = birth.purged.map(|purged| purged.index);
    let last = birth.log.last().map(|mark| mark.index).or(purged);
    let acked = before.acked.unwrap_or(Spot { index: last.unwrap_or_default(), term: Term(0) });
    let kept = entry_kept(birth, acked);
    found.expect(StableStorage, before.acked.is_none() || kept, || Evidence {
        sentence: format!(
            "{member} starts without entry {} of term {}, which it had said it has",
            acked.index, acked.term
        ),
        members: vec![member],
        index: Some(acked.index),
        term: Some(acked.term),
        ..Evidence::default()
    });
    let Some(granted) = before.granted else { return };
    let vote = birth.vote.unwrap_or_default();
    let same = (vote.term, vote.candidate) == (granted.term, granted.candidate);
    // The term's leader, once heard of, stands in place of the vote.
    let kept = vote.term > granted.term || same || (vote.term == granted.term && vote.won);
    found.expect(StableStorage, kept, || Evidence {
        sentence: format!(
            "{member} starts in term {} without its vote for {} in term {}",
            vote.term, granted.candidate, granted.term
        ),
        members: vec![member, granted.candidate],
        term: Some(granted.term),
        ..Evidence::default()
    });
}

/// The entry, or a newer one in its place, or a snapshot with it.
fn entry_kept(birth: &Birth, spot: Spot) -> bool {
    let gone = |upto: Option<LogIndex>| upto.is_some_and(|upto| spot.index <= upto);
    let there = birth.log.iter().any(|mark| mark.index == spot.index && mark.term >= spot.term);
    there || gone(birth.purged.map(|purged| purged.index))
}
