//! The writes of a run and how far each has come.
//!
//! The apiserver fills in the stations it passes; what happens below is read from the cluster's
//! events, by thread.
//!
//! * A station is only ever advanced by what happened.
//! * Bounded: the oldest write goes when there are more than [`WRITES_KEPT_MAX`], the reader's own
//!   later than others.
//!
//! Architecture invariant: observing only; nothing is decided from it.

use std::rc::Rc;

use super::story::{Stories, StoryWrite};
use super::{Step, StepKind, StepState, WRITES_KEPT_MAX, WriteDetail, WriteOutcome, WritePath};
use crate::cluster::{Event, Noted};
use crate::raft::{LogIndex, MemberId, ThreadId};
use crate::sim::Instant;
use crate::sorted::{SortedMap, SortedSet};
use crate::store::Revision;

/// One write.
pub(super) struct Write {
    path: Rc<WritePath>,
    /// Its bytes and texts.
    pub detail: WriteDetail,
    /// Whether it is etcdctl's, which ends with its request.
    pub is_etcdctl: bool,
    index: Option<LogIndex>,
    acked: SortedSet<MemberId>,
    applied: SortedSet<MemberId>,
}

/// All writes still known.
#[derive(Default)]
pub(super) struct WriteBook {
    members: usize,
    writes: SortedMap<ThreadId, Write>,
    /// What came of the reader's own.
    pub stories: Stories,
    /// Requests of the cluster's clients, by number.
    requests: SortedMap<u64, ThreadId>,
}

/// Of the reader's own writes so many stay, whatever else is written.
const OWN_KEPT_MIN: usize = 4;

/// Requests remembered until they end.
const REQUESTS_MAX: usize = 1024;

impl WriteBook {
    pub fn new(members: usize) -> WriteBook {
        WriteBook { members, ..WriteBook::default() }
    }

    /// A new write, with stations that it does not pass.
    pub fn begin(&mut self, thread: ThreadId, title: String, now: Instant, skips: &[StepKind]) {
        let step = |kind: StepKind| Step {
            kind,
            state: match skips.contains(&kind) {
                true => StepState::Skipped,
                false => StepState::Waiting,
            },
            ..Step::default()
        };
        let steps = StepKind::ALL.map(step).to_vec();
        let path = Rc::new(WritePath { thread, title, started: now, steps, ..Default::default() });
        let detail = WriteDetail { thread, ..WriteDetail::default() };
        let write = Write {
            path,
            detail,
            is_etcdctl: skips.contains(&StepKind::Object),
            index: None,
            acked: SortedSet::default(),
            applied: SortedSet::default(),
        };
        self.writes.insert(thread, write);
        if self.writes.len() > WRITES_KEPT_MAX {
            self.forget_one();
        }
    }

    /// The oldest goes, but for the reader's own newest ones: controllers write much.
    fn forget_one(&mut self) {
        let own = self.writes.iter().filter(|(_, write)| !write.path.own_accord);
        let own: Vec<ThreadId> = own.map(|(thread, _)| *thread).collect();
        let kept = &own[own.len().saturating_sub(OWN_KEPT_MIN)..];
        let oldest = self.writes.keys().find(|thread| !kept.contains(thread)).copied();
        oldest.map(|thread| self.writes.remove(&thread));
    }

    /// The newest writes, oldest first.
    pub fn paths(&self) -> Vec<Rc<WritePath>> {
        self.writes.values().map(|write| write.path.clone()).collect()
    }

    /// One write.
    pub fn get_mut(&mut self, thread: ThreadId) -> Option<&mut Write> {
        self.writes.get_mut(&thread)
    }

    /// One write's bytes and texts.
    pub fn detail(&self, thread: ThreadId) -> Option<WriteDetail> {
        self.writes.get(&thread).map(|write| write.detail.clone())
    }

    /// Something happened in the cluster.
    pub fn follow(&mut self, noted: &Noted) {
        let (at, members) = (noted.at, self.members);
        match &noted.event {
            Event::Requested { id, thread, .. } if self.writes.contains_key(thread) => {
                self.requests.insert(*id, *thread);
                if self.requests.len() > REQUESTS_MAX {
                    self.requests.pop_first();
                }
            }
            Event::Proposed { member, index, term, thread, .. } => {
                if let Some(write) = self.writes.get_mut(thread) {
                    write.index = Some(*index);
                    write.detail.entry = Some((*index, term.0));
                    write.acked.clear();
                    write.acks(Some(*member), at, members);
                }
            }
            Event::Acked { by, index, .. } => {
                let open = |write: &&mut Write| {
                    write.index.is_some_and(|mine| mine <= *index) && !write.acked.contains(by)
                };
                for write in self.writes.values_mut().filter(open) {
                    write.acks(Some(*by), at, members);
                }
            }
            Event::Committed { thread: Some(thread), .. } => {
                if let Some(write) = self.writes.get_mut(thread) {
                    write.committed(at, members);
                }
            }
            Event::Applied { member, revision, thread: Some(thread), .. } => {
                if self.writes.contains_key(thread) {
                    self.stories.made(*thread, *revision);
                }
                if let Some(write) = self.writes.get_mut(thread)
                    && write.applied.insert(*member)
                {
                    write.detail.revision = Some(*revision);
                    write.detail.applied.push((*member, at));
                    let note = format!("{} of {members} stores", write.applied.len());
                    let what = format!("revision {revision}");
                    write.reach(StepKind::Apply, StepState::Done, (what, note), at);
                }
            }
            _ => {}
        }
    }

    /// One of the control plane begins a write because of another.
    pub fn caused(&mut self, write: StoryWrite) {
        let own = write.because.and_then(|thread| self.own(thread));
        self.stories.caused(write, own);
    }

    /// The reader's own write, as the first of a story.
    fn own(&self, thread: ThreadId) -> Option<StoryWrite> {
        let path = &self.writes.get(&thread).filter(|write| !write.path.own_accord)?.path;
        let (by, about) = path.title.split_once(" · ").unwrap_or((&path.title, ""));
        let (by, about) = (by.to_string(), about.to_string());
        Some(StoryWrite { thread, by, about, started: path.started, ..StoryWrite::default() })
    }

    /// The write that made a revision.
    pub fn thread_of(&self, revision: Revision) -> Option<ThreadId> {
        let made = |write: &&Write| write.detail.revision == Some(revision);
        self.writes.values().rev().find(made).map(|write| write.path.thread)
    }

    /// The thread of a request that ended.
    pub fn ended(&mut self, request: u64) -> Option<ThreadId> {
        self.requests.remove(&request)
    }
}

impl Write {
    /// The write comes to a station, or gets on there.
    pub fn reach(
        &mut self,
        kind: StepKind,
        state: StepState,
        (what, note): (String, String),
        at: Instant,
    ) {
        let path = Rc::make_mut(&mut self.path);
        let step = &mut path.steps[kind as usize];
        if step.state == StepState::Done && state == StepState::Now {
            return;
        }
        step.state = state;
        step.what = what;
        step.note = note;
        step.at.get_or_insert(at);
    }

    /// The write does not pass these stations, unless it has.
    pub fn skip(&mut self, kinds: &[StepKind]) {
        let path = Rc::make_mut(&mut self.path);
        for kind in kinds {
            let step = &mut path.steps[*kind as usize];
            if step.state == StepState::Waiting {
                step.state = StepState::Skipped;
            }
        }
    }

    /// Nobody but one of the control plane has asked for it.
    pub fn is_own_accord(&mut self) {
        Rc::make_mut(&mut self.path).own_accord = true;
    }

    /// The write ended for the one who asked for it. On an error, where it ended is marked.
    pub fn end(&mut self, outcome: WriteOutcome, at: Instant) {
        let path = Rc::make_mut(&mut self.path);
        let marked = path.steps.iter().any(|step| step.state == StepState::Failed);
        if outcome.failed && !marked {
            let open = |step: &&mut Step| matches!(step.state, StepState::Now | StepState::Waiting);
            if let Some(step) = path.steps.iter_mut().find(open) {
                step.state = StepState::Failed;
                step.at.get_or_insert(at);
            }
        }
        path.outcome = Some(outcome);
    }

    /// etcd answered its transaction.
    pub fn txn_answered(&mut self, succeeded: bool, text: &str, at: Instant) {
        let what = self.path.steps[StepKind::Txn as usize].what.clone();
        let state = if succeeded { StepState::Done } else { StepState::Failed };
        self.reach(StepKind::Txn, state, (what, text.to_string()), at);
    }

    /// Someone was told of it.
    pub fn told(&mut self, name: &str, at: Instant) {
        self.detail.told.push((name.to_string(), at));
        let count = self.detail.told.len();
        let note = if count == 1 { name.to_string() } else { format!("{name}, …") };
        self.reach(StepKind::Watch, StepState::Done, (format!("{count} told"), note), at);
    }

    fn acks(&mut self, by: Option<MemberId>, at: Instant, members: usize) {
        if let Some(by) = by
            && self.acked.insert(by)
        {
            self.detail.acks.push((by, at));
        }
        let done = self.path.steps[StepKind::Raft as usize].state == StepState::Done;
        let state = if done { StepState::Done } else { StepState::Now };
        let what = format!("entry {}", self.index.unwrap_or_default());
        let note = format!("{} of {members} acks", self.acked.len());
        self.reach(StepKind::Raft, state, (what, note), at);
    }

    fn committed(&mut self, at: Instant, members: usize) {
        let what = format!("entry {}", self.index.unwrap_or_default());
        let note = format!("committed · {} of {members}", self.acked.len());
        self.reach(StepKind::Raft, StepState::Done, (what, note), at);
    }
}
