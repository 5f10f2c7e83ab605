//! What has happened so far, as far as the promises need it.
//!
//! By index: every entry that was ever in some log, which of them was committed and by whom it was
//! first known, and what applying it did. By member: its [`Shadow`]. By term: who led.
//!
//! * The newest [`ENTRIES_REMEMBERED_MAX`] indices and [`TERMS_REMEMBERED_MAX`] terms are kept.
//!
//! Architecture invariant: remembers; judges nothing.

use std::collections::VecDeque;

use super::shadow::Shadow;
use crate::raft::witness::{Ballot, Fact, Spot, Taken};
use crate::raft::{LogIndex, MemberId, Term};
use crate::sorted::SortedMap;

/// Indices of the log that are remembered.
pub(super) const ENTRIES_REMEMBERED_MAX: usize = 10_000;

/// Terms whose leaders are remembered.
pub(super) const TERMS_REMEMBERED_MAX: usize = 1_000;

/// Different entries remembered at one index.
const VERSIONS_MAX: usize = 16;

/// An entry that was in some log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Version {
    pub term: Term,
    pub sum: u32,
    /// The term of the entry before it; none: not known, or there is none.
    pub before: Option<Term>,
    /// Whose log had it first.
    pub by: MemberId,
}

/// What is known of one index.
#[derive(Debug, Clone, Default)]
pub(super) struct Slot {
    version: Option<Version>,
    /// Those that other logs have in its place.
    others: Vec<Version>,
    /// The term of the entry that was committed, who knew it first, and in which term that was.
    pub committed: Option<(Term, MemberId, Term)>,
    /// What applying it did, and to whose store first.
    pub applied: Option<(Taken, MemberId)>,
    /// The hash of the store after it.
    pub store_hash: Option<(u32, MemberId)>,
    /// The hash of a snapshot that ends with it.
    pub snapshot: Option<(u32, MemberId)>,
}

impl Slot {
    /// The entry of a term that was here.
    pub fn version(&self, term: Term) -> Option<Version> {
        let mut all = self.version.iter().chain(&self.others);
        all.find(|version| version.term == term).copied()
    }
}

/// What has happened so far.
#[derive(Debug, Default)]
pub(super) struct Chronicle {
    pub members: SortedMap<MemberId, Shadow>,
    pub leaders: SortedMap<Term, MemberId>,
    slots: VecDeque<Slot>,
    first: u64,
    nobody: Shadow,
    /// The last yes of each voter to each candidate that only asked: in which term.
    consents: SortedMap<(MemberId, MemberId), Term>,
}

impl Chronicle {
    /// What is known of a member.
    pub fn member(&self, member: MemberId) -> &Shadow {
        self.members.get(&member).unwrap_or(&self.nobody)
    }

    /// Whether a voter has said that it would vote so.
    pub fn consents(&self, voter: MemberId, ballot: Ballot) -> bool {
        self.consents.get(&(voter, ballot.candidate)) == Some(&ballot.term)
    }

    /// What is known of an index, if it is remembered.
    pub fn slot(&self, index: LogIndex) -> Option<&Slot> {
        self.slots.get(index.0.checked_sub(self.first)? as usize)
    }

    /// Every index that is remembered.
    pub fn slots(&self) -> impl Iterator<Item = (LogIndex, &Slot)> {
        (self.first..).map(LogIndex).zip(&self.slots)
    }

    fn slot_mut(&mut self, index: LogIndex) -> Option<&mut Slot> {
        let at = index.0.checked_sub(self.first)? as usize;
        if at > self.slots.len() + ENTRIES_REMEMBERED_MAX {
            self.first = index.0;
            self.slots.clear();
            return self.slot_mut(index);
        }
        while self.slots.len() <= at {
            self.slots.push_back(Slot::default());
        }
        let most = self.slots.len().saturating_sub(ENTRIES_REMEMBERED_MAX);
        self.slots.drain(..most);
        self.first += most as u64;
        self.slots.get_mut(at - most)
    }

    /// The indices a member newly knows to be committed, with the terms of its entries there.
    pub fn newly_committed(&self, member: MemberId, upto: Spot) -> impl Iterator<Item = Spot> + '_ {
        let shadow = self.member(member);
        let start = shadow.committed.map_or(0, |before| before.index.0 + 1).max(self.first);
        let spot = move |index: LogIndex| Some(Spot { index, term: shadow.term_at(index)? });
        (start..=upto.index.0).map(LogIndex).filter_map(spot)
    }

    /// Takes a fact in, after every promise has looked at it.
    pub fn take(&mut self, fact: &Fact) {
        let member = fact.member();
        match fact {
            Fact::Appended(_, mark) => {
                let before = mark.index.0.checked_sub(1).map(LogIndex);
                let before = before.and_then(|index| self.member(member).term_at(index));
                let version = Version { term: mark.term, sum: mark.sum, before, by: member };
                self.remember(mark.index, version);
            }
            Fact::Started(_, birth) => {
                let mut before = birth.purged.map(|purged| purged.term);
                for mark in &birth.log {
                    let version = Version { term: mark.term, sum: mark.sum, before, by: member };
                    self.remember(mark.index, version);
                    before = Some(mark.term);
                }
            }
            Fact::Committed(_, upto) => {
                let shadow = self.members.or_default(member);
                let term = shadow.ballot.term;
                let start = shadow.committed.map_or(0, |before| before.index.0 + 1);
                for index in start.max(self.first)..=upto.index.0 {
                    let at = (index - self.first) as usize;
                    if let (Some(own), Some(slot)) =
                        (shadow.term_at(LogIndex(index)), self.slots.get_mut(at))
                    {
                        slot.committed.get_or_insert((own, member, term));
                    }
                }
            }
            Fact::Applied(_, taken) => {
                if let Some(slot) = self.slot_mut(taken.spot.index) {
                    slot.applied.get_or_insert((*taken, member));
                    if let (Some(hash), None) = (taken.store_hash, slot.store_hash) {
                        slot.store_hash = Some((hash, member));
                    }
                }
            }
            Fact::SnapshotSaved(_, spot, hash) => {
                if let Some(slot) = self.slot_mut(spot.index) {
                    slot.snapshot.get_or_insert((*hash, member));
                }
            }
            Fact::Consented(_, ballot) => {
                self.consents.insert((member, ballot.candidate), ballot.term);
            }
            Fact::Led(_, term) => {
                self.leaders.or_insert_with(*term, || member);
                while self.leaders.len() > TERMS_REMEMBERED_MAX {
                    self.leaders.pop_first();
                }
            }
            _ => {}
        }
        self.members.or_default(member).take(fact);
    }

    fn remember(&mut self, index: LogIndex, version: Version) {
        if let Some(slot) = self.slot_mut(index)
            && slot.version(version.term).is_none()
            && slot.others.len() < VERSIONS_MAX
        {
            match slot.version {
                None => slot.version = Some(version),
                Some(_) => slot.others.push(version),
            }
        }
    }
}
