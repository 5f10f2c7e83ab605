//! Seeing in a run what is sought.
//!
//! * Decides by what happened (events) and by what is on a member's disk; never by what was asked.
//! * Sees a thing at the event with which it becomes certain.
//!
//! Architecture invariant: observing only.

use std::collections::{BTreeMap, BTreeSet};

use super::{Engine, Event, What};
use crate::cluster::{self, Role, Status};
use crate::kube;
use crate::raft::{LogIndex, MemberId, Term};
use crate::script::Sought;
use crate::sim::Instant;

/// A leader that commits nothing for so long cannot: several elections' time in every preset.
const CANNOT_COMMIT_NANOS: u64 = 4_000_000_000;

/// Looks out for one thing in one run.
pub struct Detector {
    sought: Sought,
    candidates: BTreeMap<Term, BTreeSet<MemberId>>,
    won: BTreeSet<Term>,
    /// Who leads, and since when nothing it appended was committed.
    leaders: BTreeMap<MemberId, Term>,
    open: BTreeMap<(MemberId, LogIndex), (Term, Instant)>,
    appended: BTreeMap<LogIndex, BTreeMap<MemberId, Term>>,
}

impl Detector {
    /// Looks out for this.
    pub fn new(sought: Sought) -> Detector {
        Detector {
            sought,
            candidates: BTreeMap::new(),
            won: BTreeSet::new(),
            leaders: BTreeMap::new(),
            open: BTreeMap::new(),
            appended: BTreeMap::new(),
        }
    }

    /// Takes one event. A sentence when it is what is sought.
    pub fn see(&mut self, event: &Event, engine: &Engine) -> Option<String> {
        match (self.sought, &event.what) {
            (Sought::SplitVote, What::Cluster(what)) => self.split_vote(what),
            (Sought::Overwritten, What::Cluster(what)) => self.overwritten(what, engine),
            (Sought::CannotCommit, What::Cluster(what)) => {
                self.cannot_commit(what, event.at, engine)
            }
            (Sought::UnknownWrite, What::Cluster(what)) => unknown_write(what),
            (Sought::WatchCompacted, What::Kube(what)) => watch_compacted(what),
            _ => None,
        }
    }

    fn split_vote(&mut self, event: &cluster::Event) -> Option<String> {
        let cluster::Event::RoleChanged { member, role, term } = event else { return None };
        match role {
            Role::Leader => drop(self.won.insert(*term)),
            Role::Candidate => drop(self.candidates.entry(*term).or_default().insert(*member)),
            _ => return None,
        }
        let split = |(before, who): &(&Term, &BTreeSet<MemberId>)| {
            *before < term && who.len() > 1 && !self.won.contains(before)
        };
        let (split, who) = self.candidates.iter().find(split)?;
        let names: Vec<String> = who.iter().map(MemberId::to_string).collect();
        Some(format!("{} asked for votes in term {split}, and none won", names.join(" and ")))
    }

    fn overwritten(&mut self, event: &cluster::Event, engine: &Engine) -> Option<String> {
        use cluster::Event::{Applied, Committed, Proposed};
        match event {
            Proposed { member, index, term, .. } => {
                self.appended.entry(*index).or_default().insert(*member, *term);
            }
            Committed { index, .. } | Applied { index, .. } => {
                let there = self.appended.get(index)?.iter().find_map(|(member, term)| {
                    let now = engine.cluster().with_log(*member, |log| log.summary(*index))??;
                    (now.term != *term).then_some((member, term, now.term))
                });
                let (member, before, after) = there?;
                return Some(format!(
                    "Entry {index} of term {before} on {member} gave way to one of term {after}"
                ));
            }
            _ => {}
        }
        None
    }

    fn cannot_commit(
        &mut self,
        event: &cluster::Event,
        at: Instant,
        engine: &Engine,
    ) -> Option<String> {
        use cluster::Event::{Committed, Proposed, RoleChanged};
        match event {
            RoleChanged { member, role: Role::Leader, term } => {
                self.leaders.insert(*member, *term);
            }
            RoleChanged { member, .. } => {
                self.leaders.remove(member);
                self.open.retain(|(of, _), _| of != member);
            }
            Proposed { member, index, term, .. } => {
                self.open.insert((*member, *index), (*term, at));
            }
            Committed { index, .. } => self.open.retain(|(_, open), _| open > index),
            _ => {}
        }
        let stuck = self.open.iter().find(|((member, _), (term, since))| {
            let leads = self.leaders.get(member) == Some(term)
                && engine.cluster().status(*member) == Some(Status::Running);
            leads && at.0 - since.0 > CANNOT_COMMIT_NANOS
        });
        let ((member, index), (term, since)) = stuck?;
        Some(format!(
            "{member} leads term {term}, and entry {index} has reached no quorum since {since}"
        ))
    }
}

fn unknown_write(event: &cluster::Event) -> Option<String> {
    let unknown = matches!(event, cluster::Event::Failed { unknown: true, .. });
    unknown.then(|| event.to_string())
}

fn watch_compacted(event: &kube::Event) -> Option<String> {
    let kube::Event::Relisted { why, .. } = event else { return None };
    why.contains("compacted").then(|| event.to_string())
}
