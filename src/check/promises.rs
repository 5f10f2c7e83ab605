//! All promises together: facts in, their state and what broke out.
//!
//! Architecture invariant: the only file that knows all promises; none of them knows another.

use std::rc::Rc;

use super::bars::HistoryView;
use super::chronicle::Chronicle;
use super::leases::{Leases, own_clock};
use super::linearizability::History;
use super::watch::Watches;
use super::watch_truth::Truth;
use super::{
    Event, Promise, PromiseState, Violation, at_most_once, commitment, committed_never_changes,
    consent, election_safety, leader_append_only, leader_completeness, lease_late, log_matching,
    monotonic, one_vote_per_term, snapshot_before_purge, stable_storage, state_machine_safety,
    store_agreement,
};
use crate::cluster::{self, Cluster, DiskFault, Noted, Word};
use crate::raft::{Fact, LogIndex, MemberId, Term};
use crate::sim::Instant;
use crate::store::Revision;

/// What a check has found in the facts of one micro-step.
pub(super) struct Found {
    /// By the promise's place among all.
    states: Vec<PromiseState>,
    at: Instant,
    step: u64,
    fresh: Vec<NotedBreak>,
    sequence: u64,
}

/// A promise that was broken, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct NotedBreak {
    /// When.
    pub at: Instant,
    /// In which micro-step.
    pub step: u64,
    /// What.
    pub event: Event,
}

/// What a check has in its hands when it finds something broken. All but the sentence may be empty.
#[derive(Default)]
pub(super) struct Evidence {
    pub sentence: String,
    pub members: Vec<MemberId>,
    pub index: Option<LogIndex>,
    pub term: Option<Term>,
    pub revision: Option<Revision>,
    pub requests: Vec<u64>,
    pub key: Option<String>,
}

impl Found {
    /// A promise was looked at and held.
    pub fn checked(&mut self, promise: Promise) {
        if let Some(state) = self.states.get_mut(promise as usize) {
            state.checked += 1;
        }
    }

    /// A promise was looked at: it holds, or this is what was seen.
    pub fn expect(&mut self, promise: Promise, holds: bool, seen: impl FnOnce() -> Evidence) {
        self.checked(promise);
        if !holds {
            self.broken(promise, seen());
        }
    }

    /// A promise is broken.
    pub fn broken(&mut self, promise: Promise, seen: Evidence) {
        self.sequence += 1;
        let Some(state) = self.states.get_mut(promise as usize) else { return };
        state.broken += 1;
        if state.violation.is_some() {
            return;
        }
        let Evidence { sentence, members, index, term, revision, requests, key } = seen;
        let event = Event::Broken { promise, sentence: sentence.clone() };
        let (at, step) = (self.at, self.step);
        state.violation = Some(Rc::new(Violation {
            promise,
            at,
            step,
            sentence,
            members,
            index,
            term,
            revision,
            requests,
            key,
        }));
        self.fresh.push(NotedBreak { at, step, event });
    }
}

/// Watches over all promises of one cluster.
pub struct Promises {
    found: Found,
    chronicle: Chronicle,
    requests: at_most_once::Requests,
    history: History,
    truth: Truth,
    watches: Watches,
    leases: Leases,
    facts: Vec<Fact>,
    words: Vec<Word>,
    shown: Option<(u64, Rc<Vec<PromiseState>>)>,
}

impl Promises {
    /// From now on, the members and clients of a cluster are listened to.
    pub fn of(cluster: &Cluster) -> Promises {
        cluster.witness().listen();
        cluster.overheard().listen();
        let state = |promise| PromiseState { promise, checked: 0, broken: 0, violation: None };
        let states = Promise::all().map(state).collect();
        let found = Found { states, at: Instant::ZERO, step: 0, fresh: Vec::new(), sequence: 0 };
        Promises {
            found,
            chronicle: Chronicle::default(),
            requests: at_most_once::Requests::default(),
            history: History::default(),
            truth: Truth::default(),
            watches: Watches::default(),
            leases: Leases::default(),
            facts: Vec::new(),
            words: Vec::new(),
            shown: None,
        }
    }

    /// Looks at what was told since this was last called: to be called after every micro-step.
    pub fn follow(&mut self, cluster: &Cluster) {
        if cluster.witness().is_silent() && cluster.overheard().is_silent() {
            return;
        }
        (self.found.at, self.found.step) = (cluster.world().now(), cluster.world().steps());
        let mut facts = std::mem::take(&mut self.facts);
        cluster.witness().take(&mut facts);
        facts.iter().for_each(|fact| self.fact(cluster, fact));
        facts.clear();
        self.facts = facts;
        let mut words = std::mem::take(&mut self.words);
        cluster.overheard().take(&mut words);
        words.iter().for_each(|word| self.word(word));
        words.clear();
        self.words = words;
    }

    fn fact(&mut self, cluster: &Cluster, fact: &Fact) {
        let (chronicle, found) = (&self.chronicle, &mut self.found);
        match fact {
            Fact::Started(member, birth) => {
                stable_storage::check(chronicle, *member, birth, found);
                log_matching::check_birth(chronicle, *member, birth, found);
            }
            Fact::Appended(member, mark) => {
                log_matching::check(chronicle, *member, *mark, found);
            }
            Fact::Truncated(member, after) => {
                leader_append_only::check(chronicle, *member, *after, found);
                committed_never_changes::check_truncated(chronicle, *member, *after, found);
            }
            Fact::Purged(member, upto) => {
                snapshot_before_purge::check(chronicle, *member, *upto, found);
            }
            Fact::Voted(member, ballot) => {
                monotonic::check_voted(chronicle, *member, *ballot, found);
                consent::check(chronicle, *member, *ballot, found);
            }
            Fact::Granted(member, ballot) => {
                one_vote_per_term::check(chronicle, *member, *ballot, found);
            }
            Fact::Committed(member, upto) => {
                monotonic::check_committed(chronicle, *member, *upto, found);
                commitment::check(chronicle, *member, *upto, found);
                committed_never_changes::check(chronicle, *member, *upto, found);
                leader_completeness::check_committed(chronicle, *member, *upto, found);
            }
            Fact::Applied(member, taken) => {
                monotonic::check_applied(chronicle, *member, taken.spot.index, found);
                state_machine_safety::check(chronicle, *member, taken, found);
                store_agreement::check(chronicle, *member, taken, found);
                self.requests.check(chronicle, *member, taken, found);
                let known = chronicle.slot(taken.spot.index);
                let first = known.is_none_or(|slot| slot.applied.is_none());
                if first {
                    let at = found.at;
                    self.history.applied(taken, at, found);
                }
                let changes = self.truth.applied(cluster, *member, taken);
                if first && self.leases.takes_end(*member) {
                    let at = found.at;
                    self.history.revoked(taken, &changes, at, found);
                }
                self.leases.applied(cluster, (*member, taken, first), &changes, found);
            }
            Fact::SnapshotSaved(member, spot, hash) => {
                store_agreement::check_snapshot(chronicle, *member, *spot, *hash, found);
            }
            Fact::Led(member, term) => {
                election_safety::check(chronicle, *member, *term, found);
                leader_completeness::check_led(chronicle, *member, *term, found);
            }
            Fact::Configured(..)
            | Fact::Synced(..)
            | Fact::Acked(..)
            | Fact::Restored(..)
            | Fact::Consented(..)
            | Fact::Invited(..)
            | Fact::QuorumHeard(..)
            | Fact::Lease(..) => {}
        }
        self.of_leases(cluster, fact);
        self.chronicle.take(fact);
    }

    fn of_leases(&mut self, cluster: &Cluster, fact: &Fact) {
        let (leases, member) = (&mut self.leases, fact.member());
        match fact {
            Fact::Lease(_, tenancy) => leases.told(cluster, member, *tenancy),
            Fact::Started(..) | Fact::Voted(..) => leases.leads_no_more(member),
            Fact::QuorumHeard(_, said) => {
                let Some(primary) = leases.primaries.get_mut(&member) else { return };
                let now = own_clock(cluster, member);
                lease_late::check_heard(primary, member, (*said, now), &mut self.found);
            }
            Fact::Appended(_, mark) => {
                let Some(primary) = leases.primaries.get_mut(&member) else { return };
                lease_late::appended(primary, mark.index, own_clock(cluster, member));
            }
            _ => {}
        }
    }

    fn word(&mut self, word: &Word) {
        match word {
            Word::Watches { watch, request, .. } => {
                self.watches.opened(*watch, request, &self.truth, &mut self.found);
            }
            Word::Left { watch } => self.watches.left(*watch),
            Word::Told { watch, response } => {
                self.watches.told(*watch, response, &self.truth, &mut self.found);
            }
            Word::Asked { id, client, request } => {
                self.history.asked(*id, *client, request, self.found.at);
            }
            Word::Answered { id, response } => {
                self.history.answered(*id, response, self.found.at, &mut self.found);
            }
            Word::Failed { id, unknown } => {
                self.history.failed(*id, *unknown, self.found.at, &mut self.found);
            }
        }
    }

    /// What happened in the cluster: faults go into the picture of the history.
    ///
    /// A disk that is lost keeps no word: that is the reader's doing. What comes of it elsewhere is
    /// still looked at.
    pub fn hear(&mut self, noted: &Noted) {
        if let cluster::Event::DiskChanged { member, fault: DiskFault::Lose } = noted.event
            && let Some(shadow) = self.chronicle.members.get_mut(&member)
        {
            (shadow.acked, shadow.granted) = (None, None);
        }
        self.history.bars.hear(noted);
    }

    /// The clients' history, of one key or of all.
    pub fn history(&self, key: Option<&str>) -> HistoryView {
        let state = self.found.states.get(Promise::Linearizability as usize);
        let first = state.and_then(|state| state.violation.as_ref());
        let broken = first.map(|violation| violation.sentence.clone());
        HistoryView { broken, ..self.history.view(key) }
    }

    /// How every promise stands.
    pub fn states(&self) -> impl Iterator<Item = &PromiseState> {
        self.found.states.iter()
    }

    /// Every promise that was broken, with the evidence of the first time.
    pub fn violations(&self) -> Vec<Rc<Violation>> {
        self.states().filter_map(|state| state.violation.clone()).collect()
    }

    /// Of each watch that was not told of everything so far: what it was not told of. In a sound
    /// cluster there is none once it has come to rest.
    pub fn untold(&self) -> Vec<String> {
        self.watches.untold(&self.truth)
    }

    /// Whether every promise has been kept so far.
    pub fn are_kept(&self) -> bool {
        self.found.sequence == 0
    }

    /// Takes what broke since this was last called.
    pub fn take_events(&mut self) -> Vec<NotedBreak> {
        std::mem::take(&mut self.found.fresh)
    }

    /// How every promise stands, shared while nothing was looked at.
    pub fn shown(&mut self) -> Rc<Vec<PromiseState>> {
        let version = self.states().map(|state| state.checked + state.broken).sum();
        match &self.shown {
            Some((known, shown)) if *known == version => shown.clone(),
            _ => {
                let shown: Rc<Vec<_>> = Rc::new(self.states().cloned().collect());
                self.shown = Some((version, shown.clone()));
                shown
            }
        }
    }
}
