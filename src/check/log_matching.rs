//! Log matching: if two logs contain an entry with the same index and term, then the logs are
//! identical in all entries up through the given index (Raft Figure 3, §5.3).
//!
//! Checked by the induction of the paper: for every index and term there is one entry, and before
//! it always an entry of the same term. If both hold for every entry that any log ever gets, any
//! two logs that share an entry share all before it.
//!
//! Architecture invariant: observing only.

use super::Promise::LogMatching;
use super::chronicle::{Chronicle, Version};
use super::promises::{Evidence, Found};
use crate::raft::witness::{Birth, Mark};
use crate::raft::{LogIndex, MemberId, Term};

/// A member's log gets a new last entry.
pub(super) fn check(past: &Chronicle, member: MemberId, mark: Mark, found: &mut Found) {
    let before = mark.index.0.checked_sub(1).map(LogIndex);
    let before = before.and_then(|index| past.member(member).term_at(index));
    compare(past, member, mark, before, found);
}

/// A member starts with a log.
pub(super) fn check_birth(past: &Chronicle, member: MemberId, birth: &Birth, found: &mut Found) {
    let mut before = birth.purged.map(|purged| purged.term);
    for mark in &birth.log {
        compare(past, member, *mark, before, found);
        before = Some(mark.term);
    }
}

fn compare(
    past: &Chronicle,
    member: MemberId,
    mark: Mark,
    before: Option<Term>,
    found: &mut Found,
) {
    let Mark { index, term, sum } = mark;
    let known = past.slot(index).and_then(|slot| slot.version(term));
    let own = Version { term, sum, before, by: member };
    let known = known.unwrap_or(own);
    found.expect(LogMatching, known.sum == sum, || Evidence {
        sentence: format!(
            "entry {index} of term {term} is not the same at {} and at {member}",
            known.by
        ),
        ..evidence(known, own, index)
    });
    let both = known.before.zip(before);
    found.expect(LogMatching, both.is_none_or(|(a, b)| a == b), || Evidence {
        sentence: format!(
            "{} and {member} both have entry {index} of term {term}; before it {} has one of term \
             {}, {member} one of term {}",
            known.by,
            known.by,
            known.before.unwrap_or_default(),
            before.unwrap_or_default()
        ),
        ..evidence(known, own, index)
    });
}

fn evidence(known: Version, own: Version, index: LogIndex) -> Evidence {
    Evidence {
        members: vec![known.by, own.by],
        index: Some(index),
        term: Some(own.term),
        ..Evidence::default()
    }
}
