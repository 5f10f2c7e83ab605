//! What etcd promises of watches (etcd "KV API guarantees", watch APIs): ordered, unique, atomic,
//! reliable, resumable; and of what comes with them: previous values and bookmarks.
//!
//! Looked at where the client hears it, so that everything on the way is covered: the hub, the
//! stream, the connection that broke, the client that opened another.
//!
//! * Every event is compared with what really changed at its revision ([`super::watch_truth`]).
//! * A watch must be told of every change of its keys from its start on, whole revisions at a
//!   time; what it has not been told yet is no violation.
//!
//! The nine properties that etcd's own robustness tests look at (`tests/robustness/validate`) are
//! among the promises: *isCreate* and *filter* besides those of the API.
//!
//! Caveats: a change that is left out is seen only with the next event or bookmark; who ends a run
//! asks for what was not told at all ([`Watches::untold`]).
//!
//! Architecture invariant: observing only.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Promise::{self, *};
use super::promises::{Evidence, Found};
use super::watch_truth::{Truth, digest};
use crate::store::{EventType, Interval, Revision, WatchCreateRequest, WatchEvent, WatchResponse};

/// Watches that are remembered; the oldest go first.
const WATCHES_REMEMBERED_MAX: usize = 10_000;

/// All watches of all clients.
#[derive(Debug, Default)]
pub(super) struct Watches(BTreeMap<u64, Watch>);

#[derive(Debug)]
struct Watch {
    request: Rc<WatchCreateRequest>,
    /// The first revision it was not told of; none: it begins when it is created.
    next: Option<Revision>,
    /// The newest bookmark.
    noted: Revision,
}

impl Watch {
    /// Whether this is to be told of a change.
    fn awaits(&self, key: &[u8], is_put: bool) -> bool {
        let filtered = if is_put { self.request.no_put } else { self.request.no_delete };
        !filtered && Interval::new(&self.request.key, &self.request.range_end).contains(key)
    }

    /// The first revision in `from..to` that this is to be told of.
    fn awaited(&self, truth: &Truth, from: Revision, to: Revision) -> Option<Revision> {
        truth.first_within(from, to, |change| self.awaits(&change.key, change.is_put))
    }

    fn evidence(&self, revision: Revision, sentence: String) -> Evidence {
        let key = Some(self.request.key.text());
        Evidence { sentence, revision: Some(revision), key, ..Evidence::default() }
    }

    fn name(&self) -> String {
        format!("the watch on {}", self.request.key.text())
    }
}

impl Watches {
    /// A client opens a watch, or opens it again.
    pub fn opened(
        &mut self,
        id: u64,
        request: &Rc<WatchCreateRequest>,
        truth: &Truth,
        found: &mut Found,
    ) {
        let start = Some(request.start_revision).filter(|start| start.0 > 0);
        let (mut next, mut noted) = (start, Revision(0));
        if let Some(watch) = self.0.get(&id)
            && let Some(untold) = watch.next
        {
            let end = start.unwrap_or(Revision(i64::MAX));
            let missed = watch.awaited(truth, untold, end);
            found.expect(WatchResumable, missed.is_none(), || {
                let missed = missed.unwrap_or_default();
                let sentence = format!(
                    "{} is opened again behind revision {missed}, which it was not told of",
                    watch.name()
                );
                watch.evidence(missed, sentence)
            });
            // What comes before the new beginning and has not happened yet is still awaited.
            noted = watch.noted;
            next = if missed.is_none() { Some(untold) } else { start.or(Some(untold)) };
        }
        self.0.insert(id, Watch { request: request.clone(), next, noted });
        if self.0.len() > WATCHES_REMEMBERED_MAX {
            self.0.pop_first();
        }
    }

    /// A client does not listen any more.
    pub fn left(&mut self, id: u64) {
        self.0.remove(&id);
    }

    /// Of each watch that was not told of everything so far: what it was not told of.
    pub fn untold(&self, truth: &Truth) -> Vec<String> {
        let end = Revision(truth.newest().0 + 1);
        let untold = |watch: &Watch| {
            let missed = watch.awaited(truth, watch.next?, end)?;
            Some(format!("{} was not told of revision {missed}", watch.name()))
        };
        self.0.values().filter_map(untold).collect()
    }

    /// A client is told something.
    pub fn told(&mut self, id: u64, told: &WatchResponse, truth: &Truth, found: &mut Found) {
        let Some(watch) = self.0.get_mut(&id) else { return };
        if told.canceled {
            self.0.remove(&id);
            return;
        }
        if told.created {
            watch.next.get_or_insert(Revision(told.revision.0 + 1));
            return;
        }
        if told.events.is_empty() {
            watch.bookmark(told.revision, truth, found);
            return;
        }
        for event in &told.events {
            watch.event(event, truth, found);
        }
        watch.whole(told, truth, found);
        let last = told.events.iter().map(|event| event.kv.mod_revision).max();
        let next = last.map(|last| Revision(last.0 + 1));
        watch.next = watch.next.max(next);
    }
}

impl Watch {
    /// Everything up to a revision has come.
    fn bookmark(&mut self, revision: Revision, truth: &Truth, found: &mut Found) {
        let Some(next) = self.next else { return };
        let end = Revision(revision.0 + 1);
        let missed = self.awaited(truth, next, end);
        found.expect(WatchBookmark, missed.is_none(), || {
            let missed = missed.unwrap_or_default();
            let name = self.name();
            let sentence = format!("{name} is at revision {revision} and was not told of {missed}");
            self.evidence(missed, sentence)
        });
        self.next = self.next.max(Some(end));
        self.noted = self.noted.max(revision);
    }

    /// One event against what really changed.
    fn event(&self, event: &WatchEvent, truth: &Truth, found: &mut Found) {
        let (revision, key) = (event.kv.mod_revision, &event.kv.key);
        let said = |what: &str| {
            let sentence = format!("{} {what} {revision} ({})", self.name(), key.text());
            Evidence { key: Some(key.text()), ..self.evidence(revision, sentence) }
        };
        let is_put = event.event_type == EventType::Put;
        found.expect(WatchFilter, self.awaits(key, is_put), || said("did not want to be told of"));
        if revision <= self.noted {
            found.expect(WatchBookmark, false, || said("had a note behind revision"));
        }
        let is_new = self.next.is_none_or(|next| revision >= next) || revision <= self.noted;
        found.expect(WatchUnique, is_new, || said("is told a second time of revision"));
        let Some(changes) = truth.at(revision) else { return };
        let change = changes.iter().find(|change| change.key == *key && change.is_put == is_put);
        let is_true = change.is_some_and(|change| change.digest == digest(&event.kv));
        found.expect(WatchReliable, is_true, || said("is told of what did not happen at revision"));
        if let Some(is_create) = change.and_then(|change| truth.is_create(change)) {
            let holds = event.is_create() == is_create;
            found.expect(WatchIsCreate, holds, || said("is wrong on what there was before"));
        }
        if let (true, Some(change)) = (self.request.prev_kv, change)
            && let Some(before) = truth.before(change)
        {
            let told = event.prev_kv.as_ref().map(|kv| (kv.mod_revision, digest(kv)));
            found.expect(WatchPrevKv, told == before, || said("has a wrong value before revision"));
        }
    }

    /// The events of one answer: in order, whole, none left out.
    fn whole(&self, told: &WatchResponse, truth: &Truth, found: &mut Found) {
        let revisions: Vec<Revision> =
            told.events.iter().map(|event| event.kv.mod_revision).collect();
        let fall = revisions.windows(2).find(|pair| pair[0] > pair[1]);
        found.expect(WatchOrdered, fall.is_none(), || {
            let (a, b) = fall.map_or_else(Default::default, |pair| (pair[0], pair[1]));
            let sentence = format!("{} is told of revision {a}, then of {b}", self.name());
            self.evidence(b, sentence)
        });
        if fall.is_some() {
            return;
        }
        for group in told.events.chunk_by(|a, b| a.kv.mod_revision == b.kv.mod_revision) {
            let revision = group[0].kv.mod_revision;
            let Some(changes) = truth.at(revision) else { continue };
            let all = changes.iter().filter(|it| self.awaits(&it.key, it.is_put)).count();
            self.expect_all(WatchAtomic, group.len() >= all, revision, found);
        }
        let (Some(next), Some(last)) = (self.next, revisions.last()) else { return };
        let mut from = next;
        for revision in revisions.iter().filter(|revision| **revision >= next) {
            let missed = self.awaited(truth, from, *revision);
            let at = missed.unwrap_or(*last);
            self.expect_all(WatchReliable, missed.is_none(), at, found);
            from = Revision(revision.0 + 1);
        }
    }

    fn expect_all(&self, promise: Promise, holds: bool, revision: Revision, found: &mut Found) {
        found.expect(promise, holds, || {
            let sentence = match promise {
                WatchAtomic => format!("{} is told of a part of revision {revision}", self.name()),
                _ => format!("{} is not told of revision {revision}", self.name()),
            };
            self.evidence(revision, sentence)
        });
    }
}
