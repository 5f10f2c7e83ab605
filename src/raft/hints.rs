//! What openraft does not show, inferred from the messages that pass.
//!
//! openraft keeps private who has granted a vote so far, whether a pre-vote is under way, what the
//! leader will send next, and when a follower will campaign. All of it can be told from messages.
//!
//! * Inferred, never guessed: every field is set by a message that implies it.
//! * Caveat: the election clock assumes no greater log was seen (openraft then waits longer), and
//!   is right to the tick.
//!
//! Architecture invariant: observing only. Nothing here flows back into Raft.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use super::{LogIndex, MemberId, Term};
use crate::sim::Instant;
use crate::sorted::SortedMap;

/// What was inferred of one member.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hint {
    /// When its election clock was last set back.
    pub since: Instant,
    /// How long it then waits before its own patience begins: a leader's lease, or nothing.
    pub lease: Duration,
    /// When it asked for pre-votes, while that round may still be under way.
    pub pre_vote_at: Option<Instant>,
    /// The term it would campaign in.
    pub pre_vote_term: Term,
    /// Who would vote for it.
    pub pre_votes: BTreeSet<MemberId>,
    /// The term it campaigns in, and who voted for it, itself included.
    pub votes: (Term, BTreeSet<MemberId>),
    /// What it will send next to whom, while it leads.
    pub next: SortedMap<MemberId, LogIndex>,
    /// Counts its changes, so that a picture knows when to look again.
    pub version: u64,
}

impl Hint {
    /// Whether it asks if it would win, while it is in a term. Once it is in the term it asked for,
    /// the question is over.
    pub fn asks_in(&self, term: Term) -> bool {
        self.pre_vote_at.is_some() && term < self.pre_vote_term
    }
}

/// What was inferred of all members.
#[derive(Clone, Default)]
pub struct Hints(Rc<RefCell<SortedMap<MemberId, Hint>>>);

impl Hints {
    /// What was inferred of a member.
    pub fn of(&self, member: MemberId) -> Hint {
        self.0.borrow().get(&member).cloned().unwrap_or_default()
    }

    /// Looks at what was inferred of a member.
    pub fn with<T>(&self, member: MemberId, look: impl FnOnce(&Hint) -> T) -> T {
        match self.0.borrow().get(&member) {
            Some(hint) => look(hint),
            None => look(&Hint::default()),
        }
    }

    /// How often what was inferred of a member has changed.
    pub fn version(&self, member: MemberId) -> u64 {
        self.0.borrow().get(&member).map_or(0, |hint| hint.version)
    }

    /// A member starts: its clock starts, the rest is forgotten.
    pub fn started(&self, member: MemberId, now: Instant) {
        let version = self.version(member) + 1;
        let hint = Hint { since: now, version, ..Hint::default() };
        self.0.borrow_mut().insert(member, hint);
    }

    /// A member accepted a leader's message: its clock is set back, with the leader's lease.
    pub fn heard_leader(&self, member: MemberId, now: Instant, lease: Duration) {
        self.change(member, |hint| {
            hint.since = now;
            hint.lease = lease;
            hint.pre_vote_at = None;
        });
    }

    /// A member gave its vote: its clock is set back.
    pub fn voted(&self, member: MemberId, now: Instant) {
        self.change(member, |hint| {
            hint.pre_vote_at = None;
            hint.since = now;
            hint.lease = Duration::ZERO;
        });
    }

    /// A member asks for pre-votes.
    pub fn asks_pre_vote(&self, member: MemberId, term: Term, now: Instant) {
        self.change(member, |hint| {
            if hint.pre_vote_at != Some(now) {
                hint.pre_votes = BTreeSet::from([member]);
            }
            hint.pre_vote_at = Some(now);
            hint.pre_vote_term = term;
        });
    }

    /// A member asks for votes.
    pub fn asks_vote(&self, member: MemberId, term: Term, now: Instant) {
        self.change(member, |hint| {
            if hint.votes.0 != term {
                hint.votes = (term, BTreeSet::from([member]));
            }
            hint.pre_vote_at = None;
            hint.since = now;
            hint.lease = Duration::ZERO;
        });
    }

    /// A member was granted a pre-vote.
    pub fn pre_granted(&self, member: MemberId, by: MemberId) {
        self.change(member, |hint| {
            hint.pre_votes.insert(by);
        });
    }

    /// A member was granted a vote.
    pub fn granted(&self, member: MemberId, term: Term, by: MemberId) {
        self.change(member, |hint| {
            if hint.votes.0 == term {
                hint.votes.1.insert(by);
            }
        });
    }

    /// A leader sent entries up to `next`, not including.
    pub fn sent(&self, leader: MemberId, to: MemberId, next: LogIndex) {
        self.change(leader, |hint| {
            hint.next.insert(to, next);
        });
    }

    fn change(&self, member: MemberId, change: impl FnOnce(&mut Hint)) {
        let mut hints = self.0.borrow_mut();
        let hint = hints.or_default(member);
        change(hint);
        hint.version += 1;
    }
}
