//! State machine safety: if a member has applied an entry at a given index, no other member will
//! ever apply a different entry for the same index (Raft Figure 3, §5.4.3).
//!
//! The entry is compared by its term, and by all that applying it did: the changes of the store,
//! whether it was refused, and the revision. The same holds from one life of a member to the next.
//!
//! Architecture invariant: observing only.

use super::Promise::StateMachineSafety;
use super::chronicle::Chronicle;
use super::promises::{Evidence, Found};
use crate::raft::MemberId;
use crate::raft::witness::Taken;

/// A member's store takes an entry.
pub(super) fn check(past: &Chronicle, member: MemberId, taken: &Taken, found: &mut Found) {
    let (index, term) = (taken.spot.index, taken.spot.term);
    let known = past.slot(index).and_then(|slot| slot.applied);
    let (other, by) = known.unwrap_or((*taken, member));
    let evidence = |sentence: String| Evidence {
        sentence,
        members: vec![by, member],
        index: Some(index),
        term: Some(term),
        revision: Some(taken.revision),
        requests: other.request.into_iter().chain(taken.request).collect(),
        ..Evidence::default()
    };
    found.expect(StateMachineSafety, other.spot.term == term, || {
        evidence(format!(
            "{member} applies entry {index} of term {term}; {by} has applied the one of term {}",
            other.spot.term
        ))
    });
    let same = (other.effect, other.request) == (taken.effect, taken.request);
    found.expect(StateMachineSafety, same || other.spot.term != term, || {
        evidence(format!(
            "entry {index} does not do the same at {by} (revision {}) and at {member} (revision \
             {})",
            other.revision, taken.revision
        ))
    });
}
