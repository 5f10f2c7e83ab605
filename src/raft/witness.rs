//! What members do to their logs, votes and stores, told as facts to whoever checks them.
//!
//! The log, the state machine and the transport tell each fact at the place where it happens, in
//! the order in which it happens. Nobody listens by default, and then nothing is kept.
//!
//! * A fact is small and plain: entries are named by term, index and checksum, stores by hashes.
//! * Who listens must take the facts now and then; they are kept until taken.
//!
//! Architecture invariant: observing only. Nothing reads a fact to decide what to do.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use super::types::{LogId, Vote};
use super::{LogIndex, MemberId, Term};
use crate::sim::Instant;
use crate::store::{Blob, LeaseId, Revision, WatchEvent};

/// An entry, named so that two different ones have different names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark {
    /// Its index.
    pub index: LogIndex,
    /// The term of the leader that made it.
    pub term: Term,
    /// CRC-32C of it as it is written down.
    pub sum: u32,
}

/// Where a log is: an index, and the term of the entry there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spot {
    /// The index.
    pub index: LogIndex,
    /// The term.
    pub term: Term,
}

/// A vote: for whom in which term, and whether a quorum gave it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ballot {
    /// The term.
    pub term: Term,
    /// For whom.
    pub candidate: MemberId,
    /// Whether a quorum gave it: then the candidate leads.
    pub won: bool,
}

/// What a member starts from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Birth {
    /// Its log.
    pub log: Vec<Mark>,
    /// Who the members are, by each entry that says so.
    pub members: Vec<(LogIndex, Voters)>,
    /// The end of what is gone from its log.
    pub purged: Option<Spot>,
    /// What it knew to be committed.
    pub committed: Option<Spot>,
    /// Its vote.
    pub vote: Option<Ballot>,
    /// The end of the snapshot it starts from.
    pub snapshot: Option<Spot>,
}

/// The voters of each part of a configuration; a quorum has a majority of every part.
pub type Voters = Vec<BTreeSet<MemberId>>;

/// An entry that a store took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// The entry's place.
    pub spot: Spot,
    /// The request it belongs to.
    pub request: Option<u64>,
    /// A hash of all it changed and of what was answered.
    pub effect: u64,
    /// How many keys it changed.
    pub changes: u32,
    /// The store's revision after it.
    pub revision: Revision,
    /// etcd's hash of the whole store after it, now and then.
    pub store_hash: Option<u32>,
}

/// What a member does about leases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tenancy {
    /// Its store takes a grant of so many seconds. This and the next two are told before the
    /// [`Fact::Applied`] of their entry.
    Granted(LeaseId, i64),
    /// Its store takes a revocation.
    Revoked(LeaseId),
    /// Its store takes what a lease had left, in seconds; 0: all.
    Checkpointed(LeaseId, i64),
    /// It measures their time from now on: all of it again, and so much more.
    Promoted(Duration),
    /// It measures no more.
    Demoted,
    /// It tells a client that a lease begins again.
    Renewed(LeaseId),
    /// It asks by this request that what has expired be revoked.
    Expired(LeaseId, u64),
}

/// One fact about one member.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Fact {
    /// It starts from its disk.
    Started(MemberId, Rc<Birth>),
    /// Its log has a new last entry.
    Appended(MemberId, Mark),
    /// That entry says who the members are.
    Configured(MemberId, LogIndex, Voters),
    /// Its log ends here now; none: is empty.
    Truncated(MemberId, Option<LogIndex>),
    /// Its log begins behind here now.
    Purged(MemberId, Spot),
    /// A power cut would leave its log up to here.
    Synced(MemberId, LogIndex),
    /// It has this vote, not yet durable.
    Voted(MemberId, Ballot),
    /// It answers that it has everything up to here.
    Acked(MemberId, Spot),
    /// It answers a candidate: yes.
    Granted(MemberId, Ballot),
    /// It knows everything up to here to be committed.
    Committed(MemberId, Spot),
    /// Its store took an entry.
    Applied(MemberId, Taken),
    /// Its store is in a durable snapshot; with its checksum.
    SnapshotSaved(MemberId, Spot, u32),
    /// Its store was replaced by a snapshot.
    Restored(MemberId, Spot),
    /// It leads in a term.
    Led(MemberId, Term),
    /// It answers a candidate that asks whether it would win: yes.
    Consented(MemberId, Ballot),
    /// The leader asks it to campaign at once.
    Invited(MemberId),
    /// As a leader with leases it learns that a quorum has heard what it said then, by its clock.
    QuorumHeard(MemberId, Instant),
    /// Something about leases.
    Lease(MemberId, Tenancy),
}

impl Fact {
    /// Whom it is about.
    pub fn member(&self) -> MemberId {
        use Fact::*;
        match self {
            Started(member, _)
            | Appended(member, _)
            | Configured(member, ..)
            | Truncated(member, _)
            | Purged(member, _)
            | Synced(member, _)
            | Voted(member, _)
            | Acked(member, _)
            | Granted(member, _)
            | Committed(member, _)
            | Applied(member, _)
            | SnapshotSaved(member, ..)
            | Restored(member, _)
            | Led(member, _)
            | Consented(member, _)
            | QuorumHeard(member, _)
            | Lease(member, _)
            | Invited(member) => *member,
        }
    }
}

impl From<&LogId> for Spot {
    fn from(id: &LogId) -> Spot {
        Spot { index: LogIndex(id.index), term: Term(id.leader_id.term) }
    }
}

impl From<&Vote> for Ballot {
    fn from(vote: &Vote) -> Ballot {
        let (term, candidate) = (Term(vote.leader_id.term), vote.leader_id.voted_for);
        Ballot { term, candidate, won: vote.committed }
    }
}

/// Where facts are told.
#[derive(Clone, Default)]
pub struct Witness(Rc<Ears>);

#[derive(Default)]
struct Ears {
    listens: Cell<bool>,
    facts: RefCell<Vec<Fact>>,
}

impl Witness {
    /// From now on facts are kept.
    pub fn listen(&self) {
        self.0.listens.set(true);
    }

    /// Whether anybody listens.
    pub fn listens(&self) -> bool {
        self.0.listens.get()
    }

    /// Tells a fact, which is made only if somebody listens.
    pub fn tell(&self, fact: impl FnOnce() -> Fact) {
        if self.listens() {
            self.0.facts.borrow_mut().push(fact());
        }
    }

    /// Whether there is nothing to take.
    pub fn is_silent(&self) -> bool {
        self.0.facts.borrow().is_empty()
    }

    /// Exchanges the facts told so far for an empty list.
    pub fn take(&self, empty: &mut Vec<Fact>) {
        std::mem::swap(&mut *self.0.facts.borrow_mut(), empty);
    }
}

/// A hash that tells different contents apart; not against forgery.
#[derive(Debug, Clone, Copy)]
pub struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Digest(0xcbf2_9ce4_8422_2325)
    }
}

impl Digest {
    /// The hash of some bytes.
    pub fn of(bytes: &[u8]) -> u64 {
        let mut digest = Digest::default();
        digest.bytes(bytes);
        digest.finish()
    }

    /// Takes a number in.
    pub fn number(&mut self, number: u64) {
        let mixed = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 29);
    }

    /// Takes bytes in, and how many they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.number(u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.number(u64::from_le_bytes(last));
    }

    /// The hash.
    pub fn finish(self) -> u64 {
        self.0
    }

    /// Takes one change of a store in.
    pub fn change(&mut self, event: &WatchEvent) {
        let kv = &event.kv;
        self.number(event.event_type as u64);
        let blobs: [&Blob; 2] = [&kv.key, &kv.value];
        blobs.iter().for_each(|blob| self.bytes(blob));
        [kv.mod_revision.0, kv.create_revision.0, kv.version, kv.lease]
            .iter()
            .for_each(|number| self.number(*number as u64));
    }
}
