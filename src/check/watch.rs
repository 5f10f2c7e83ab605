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
//! Caveats: a change that is left out is seen only with the next event or bookmark. Filters are
//! taken into account by not judging what they may have left out.
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
}

impl Watch {
    fn interval(&self) -> Interval<'_> {
        Interval::new(&self.request.key, &self.request.range_end)
    }

    fn evidence(&self, revision: Revision, sentence: String) -> Evidence {
        let key = Some(self.request.key.text());
        Evidence { sentence, revision: Some(revision), key, ..Evidence::default() }
    }

    fn is_filtered(&self) -> bool {
        self.request.no_put || self.request.no_delete
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
        let mut next = start;
        if let Some(watch) = self.0.get(&id)
            && let Some(untold) = watch.next
        {
            let end = start.unwrap_or(Revision(i64::MAX));
            let missed = truth.first_within(untold, end, watch.interval());
            let missed = missed.map(|(revision, _)| revision);
            found.expect(WatchResumable, missed.is_none(), || {
                let missed = missed.unwrap_or_default();
                let sentence = format!(
                    "{} is opened again behind revision {missed}, which it was not told of",
                    watch.name()
                );
                watch.evidence(missed, sentence)
            });
            // What comes before the new beginning and has not happened yet is still awaited.
            next = if missed.is_none() { Some(untold) } else { start.or(Some(untold)) };
        }
        self.0.insert(id, Watch { request: request.clone(), next });
        if self.0.len() > WATCHES_REMEMBERED_MAX {
            self.0.pop_first();
        }
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
        let Some(next) = self.next.filter(|_| !self.is_filtered()) else { return };
        let end = Revision(revision.0 + 1);
        let missed = truth.first_within(next, end, self.interval()).map(|(missed, _)| missed);
        found.expect(WatchBookmark, missed.is_none(), || {
            let missed = missed.unwrap_or_default();
            let name = self.name();
            let sentence = format!("{name} is at revision {revision} and was not told of {missed}");
            self.evidence(missed, sentence)
        });
        self.next = self.next.max(Some(end));
    }

    /// One event against what really changed.
    fn event(&self, event: &WatchEvent, truth: &Truth, found: &mut Found) {
        let (revision, key) = (event.kv.mod_revision, &event.kv.key);
        let said = |what: &str| {
            let sentence = format!("{} {what} {revision} ({})", self.name(), key.text());
            Evidence { key: Some(key.text()), ..self.evidence(revision, sentence) }
        };
        let is_new = self.next.is_none_or(|next| revision >= next);
        found.expect(WatchUnique, is_new, || said("is told a second time of revision"));
        let Some(changes) = truth.at(revision) else { return };
        let is_put = event.event_type == EventType::Put;
        let change = changes.iter().find(|change| change.key == *key && change.is_put == is_put);
        let is_true = change.is_some_and(|change| change.digest == digest(&event.kv));
        found.expect(WatchReliable, is_true, || said("is told of what did not happen at revision"));
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
        if self.is_filtered() || fall.is_some() {
            return;
        }
        for group in told.events.chunk_by(|a, b| a.kv.mod_revision == b.kv.mod_revision) {
            let revision = group[0].kv.mod_revision;
            let Some(_) = truth.at(revision) else { continue };
            let all = truth.within(revision, self.interval()).count();
            self.expect_all(WatchAtomic, group.len() >= all, revision, found);
        }
        let (Some(next), Some(last)) = (self.next, revisions.last()) else { return };
        let mut from = next;
        for revision in revisions.iter().filter(|revision| **revision >= next) {
            let missed = truth.first_within(from, *revision, self.interval());
            let at = missed.map_or(*last, |(missed, _)| missed);
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
