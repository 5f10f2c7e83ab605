//! What is known of one member from the facts it told.
//!
//! Architecture invariant: a copy for checking; never what the member itself works with.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::raft::witness::{Ballot, Birth, Fact, Spot, Voters};
use crate::raft::{LogIndex, MemberId, Term};
use crate::sorted::SortedMap;

/// What is known of one member.
#[derive(Debug, Clone, Default)]
pub(super) struct Shadow {
    /// Its log: term and checksum, from the index `first` on.
    log: VecDeque<(Term, u32)>,
    first: u64,
    /// Who the members are, by the entry that says so.
    configs: SortedMap<LogIndex, Rc<Voters>>,
    /// The end of what is gone from its log.
    pub purged: Option<Spot>,
    /// A power cut would leave its log up to here.
    pub synced: Option<LogIndex>,
    /// The furthest it has answered for.
    pub acked: Option<Spot>,
    /// Its vote as last written.
    pub ballot: Ballot,
    /// The last candidate it said yes to.
    pub granted: Option<Ballot>,
    /// Whether the leader has asked it to campaign.
    pub is_invited: bool,
    /// Whether it won its ballot in this life.
    pub leads: bool,
    /// What it knows to be committed.
    pub committed: Option<Spot>,
    /// The last entry in its store.
    pub applied: Option<LogIndex>,
    /// The end of its last durable snapshot.
    pub snapshot: Option<Spot>,
}

impl Shadow {
    /// The entry at an index, if it is in the log.
    pub fn at(&self, index: LogIndex) -> Option<(Term, u32)> {
        self.log.get(index.0.checked_sub(self.first)? as usize).copied()
    }

    /// The term at an index, also where the log was cut off.
    pub fn term_at(&self, index: LogIndex) -> Option<Term> {
        let cut = self.purged.filter(|purged| purged.index == index);
        cut.map(|purged| purged.term).or_else(|| self.at(index).map(|(term, _)| term))
    }

    /// Whether an index is in a snapshot and gone from the log.
    pub fn has_purged(&self, index: LogIndex) -> bool {
        self.purged.is_some_and(|purged| index <= purged.index)
    }

    /// The last index.
    pub fn last(&self) -> Option<LogIndex> {
        match self.log.len() as u64 {
            0 => self.purged.map(|purged| purged.index),
            length => Some(LogIndex(self.first + length - 1)),
        }
    }

    /// The voters as of the last entry that says so.
    pub fn voters(&self) -> Option<&Voters> {
        self.configs.values().next_back().map(|voters| &**voters)
    }

    /// Takes a fact in, after it was looked at.
    pub fn take(&mut self, fact: &Fact) {
        match fact {
            Fact::Started(_, birth) => self.begin(birth),
            Fact::Appended(_, mark) => {
                if self.log.is_empty() {
                    self.first = mark.index.0;
                }
                self.log.push_back((mark.term, mark.sum));
            }
            Fact::Configured(_, index, voters) => {
                self.configs.insert(*index, Rc::new(voters.clone()));
            }
            Fact::Truncated(_, after) => self.truncate(*after),
            Fact::Purged(_, upto) => self.purge(*upto),
            Fact::Synced(_, index) => self.synced = self.synced.max(Some(*index)),
            Fact::Voted(_, ballot) => {
                self.ballot = *ballot;
                self.is_invited = false;
                self.leads = ballot.won && ballot.candidate == fact.member();
            }
            Fact::Acked(_, spot) => {
                if self.acked.is_none_or(|acked| acked.index < spot.index) {
                    self.acked = Some(*spot);
                }
            }
            Fact::Granted(_, ballot) => self.granted = Some(*ballot),
            Fact::Committed(_, spot) => self.committed = Some(*spot),
            Fact::Applied(_, taken) => self.applied = Some(taken.spot.index),
            Fact::SnapshotSaved(_, spot, _) => self.snapshot = Some(*spot),
            Fact::Restored(_, spot) => self.applied = Some(spot.index),
            Fact::Invited(_) => self.is_invited = true,
            Fact::Led(..) | Fact::Consented(..) | Fact::QuorumHeard(..) | Fact::Lease(..) => {}
        }
    }

    /// A new life, from what the disk kept.
    fn begin(&mut self, birth: &Birth) {
        let granted = self.granted;
        *self = Shadow {
            log: birth.log.iter().map(|mark| (mark.term, mark.sum)).collect(),
            first: birth.log.first().map_or(0, |mark| mark.index.0),
            configs: self.configs.clone(),
            purged: birth.purged,
            synced: birth.log.last().map(|mark| mark.index),
            ballot: birth.vote.unwrap_or_default(),
            granted,
            committed: birth.committed,
            applied: birth.snapshot.map(|snapshot| snapshot.index),
            snapshot: birth.snapshot,
            ..Shadow::default()
        };
        let last = self.last();
        self.configs.retain(|index, _| Some(*index) <= last);
        for (index, voters) in &birth.members {
            self.configs.insert(*index, Rc::new(voters.clone()));
        }
        self.acked = last.and_then(|index| Some(Spot { index, term: self.term_at(index)? }));
    }

    fn truncate(&mut self, after: Option<LogIndex>) {
        let end = after.map_or(0, |index| index.0 + 1);
        self.log.truncate(end.saturating_sub(self.first) as usize);
        self.configs.retain(|index, _| index.0 < end);
        self.synced = self.synced.min(after);
        if self.acked.is_some_and(|acked| Some(acked.index) > after) {
            self.acked = after.and_then(|index| Some(Spot { index, term: self.term_at(index)? }));
        }
    }

    fn purge(&mut self, upto: Spot) {
        let gone = (upto.index.0 + 1).saturating_sub(self.first).min(self.log.len() as u64);
        self.log.drain(..gone as usize);
        self.first = upto.index.0 + 1;
        self.purged = Some(upto);
        self.synced = self.synced.max(Some(upto.index));
    }
}

/// Whether these members are a quorum: a majority of every part of a configuration.
pub(super) fn is_quorum(voters: &Voters, has: impl Fn(MemberId) -> bool) -> bool {
    let majority = |part: &std::collections::BTreeSet<MemberId>| {
        2 * part.iter().filter(|member| has(**member)).count() > part.len()
    };
    voters.iter().all(majority)
}
