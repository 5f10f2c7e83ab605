//! Leader completeness: if an entry is committed in a given term, it is present in the logs of the
//! leaders of all higher-numbered terms (Raft Figure 3, §5.4).
//!
//! Looked at twice: a new leader's log must have everything that was committed in earlier terms,
//! and what is first known to be committed must be in the log of whoever leads in a later term.
//!
//! Caveat: what is in a leader's snapshot is taken for the same; store agreement looks at that.
//!
//! Architecture invariant: observing only.

use super::Promise::LeaderCompleteness;
use super::chronicle::Chronicle;
use super::promises::{Evidence, Found};
use super::shadow::Shadow;
use crate::raft::witness::Spot;
use crate::raft::{LogIndex, MemberId, Term};

/// A member leads in a term.
pub(super) fn check_led(past: &Chronicle, member: MemberId, term: Term, found: &mut Found) {
    let shadow = past.member(member);
    let earlier = past.slots().filter_map(|(index, slot)| {
        let (entry, by, in_term) = slot.committed?;
        (in_term < term).then_some((Spot { index, term: entry }, by))
    });
    let lost = earlier.into_iter().find(|(spot, _)| !has(shadow, *spot));
    found.expect(LeaderCompleteness, lost.is_none(), || {
        let (spot, by) = lost.unwrap_or((Spot::default(), member));
        evidence(member, term, spot, by)
    });
}

/// A member newly knows entries to be committed.
pub(super) fn check_committed(past: &Chronicle, member: MemberId, upto: Spot, found: &mut Found) {
    let in_term = past.member(member).ballot.term;
    let Some(later) = past.leaders.iter().next_back().filter(|(term, _)| **term > in_term) else {
        return;
    };
    let (term, leader) = (*later.0, *later.1);
    let shadow = past.member(leader);
    if !shadow.leads || shadow.ballot.term != term {
        return;
    }
    for spot in past.newly_committed(member, upto) {
        let known = past.slot(spot.index).is_some_and(|slot| slot.committed.is_some());
        found.expect(LeaderCompleteness, known || has(shadow, spot), || {
            evidence(leader, term, spot, member)
        });
    }
}

fn has(shadow: &Shadow, spot: Spot) -> bool {
    shadow.has_purged(spot.index) || shadow.at(spot.index).is_some_and(|(at, _)| at == spot.term)
}

fn evidence(leader: MemberId, term: Term, spot: Spot, by: MemberId) -> Evidence {
    let Spot { index, term: entry } = spot;
    Evidence {
        sentence: format!(
            "{leader} leads in term {term} without entry {index} of term {entry}, which {by} knows \
             to be committed"
        ),
        members: vec![leader, by],
        index: Some(LogIndex(index.0)),
        term: Some(term),
        ..Evidence::default()
    }
}
