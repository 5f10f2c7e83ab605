//! Election safety: at most one leader can be elected in a given term (Raft Figure 3, §5.2).
//!
//! Formally: ∀ leaders a, b: term(a) = term(b) ⇒ a = b.
//!
//! Architecture invariant: observing only.

use super::Promise::ElectionSafety;
use super::chronicle::Chronicle;
use super::promises::{Evidence, Found};
use crate::raft::{MemberId, Term};

/// A member leads in a term.
pub(super) fn check(past: &Chronicle, member: MemberId, term: Term, found: &mut Found) {
    let other = past.leaders.get(&term).copied().unwrap_or(member);
    found.expect(ElectionSafety, other == member, || Evidence {
        sentence: format!("{other} and {member} both lead in term {term}"),
        members: vec![other, member],
        term: Some(term),
        ..Evidence::default()
    });
}
