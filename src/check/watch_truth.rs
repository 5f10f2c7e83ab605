//! What really changed at every revision: what watchers are to be told.
//!
//! Taken from the first store that reached a revision, in the same micro-step.
//!
//! * The newest [`REVISIONS_REMEMBERED_MAX`] revisions are remembered, and the last change of
//!   [`KEYS_REMEMBERED_MAX`] keys.
//!
//! Architecture invariant: remembers; judges nothing.

use std::collections::{BTreeMap, VecDeque};

use crate::cluster::Cluster;
use crate::raft::MemberId;
use crate::raft::witness::{Digest, Taken};
use crate::store::{Blob, EventType, KeyValue, Revision, WatchEvent};

/// Revisions whose changes are remembered.
const REVISIONS_REMEMBERED_MAX: usize = 10_000;

/// Keys whose last value is remembered.
const KEYS_REMEMBERED_MAX: usize = 50_000;

/// One key's change.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Change {
    pub key: Blob,
    pub is_put: bool,
    /// A hash of the key-value pair as it is told.
    pub digest: u64,
    /// The same of the pair before it; none: there was none, or it is not known.
    pub before: Option<(Revision, u64)>,
}

/// What really changed.
#[derive(Debug, Default)]
pub(super) struct Truth {
    /// None: it was compacted before anybody could look.
    revisions: VecDeque<Option<Vec<Change>>>,
    first: i64,
    keys: BTreeMap<Blob, (Revision, u64)>,
    compacted: Revision,
    forgot_keys: bool,
}

/// A hash of a pair.
pub(super) fn digest(kv: &KeyValue) -> u64 {
    let mut digest = Digest::default();
    digest.change(&WatchEvent { event_type: EventType::Put, kv: kv.clone(), prev_kv: None });
    digest.finish()
}

impl Truth {
    /// A member's store took an entry. Returns what that changed, if it was not known.
    pub fn applied(
        &mut self,
        cluster: &Cluster,
        member: MemberId,
        taken: &Taken,
    ) -> Vec<WatchEvent> {
        let revision = taken.revision;
        // A compaction changes no key: it is seen here, or with the next change too late.
        let compacted = cluster.with_store(member, |store| store.compact_revision());
        self.compacted = self.compacted.max(compacted.unwrap_or_default());
        let next = self.first + self.revisions.len() as i64;
        if revision.0 < next || revision.0 < 2 {
            return Vec::new();
        }
        let known = cluster
            .with_store(member, |store| store.changes(revision, revision).collect::<Vec<_>>());
        let Some(events) = known else { return Vec::new() };
        if revision.0 != next {
            self.revisions.clear();
            self.first = revision.0;
            self.keys.clear();
            self.forgot_keys |= revision.0 > 2;
        }
        let is_whole = events.len() == taken.changes as usize;
        if !is_whole {
            self.keys.clear();
            self.forgot_keys = true;
        }
        let changes = events.iter().map(|event| self.change(event)).collect();
        self.revisions.push_back(Some(changes).filter(|_| is_whole));
        if self.revisions.len() > REVISIONS_REMEMBERED_MAX {
            self.revisions.pop_front();
            self.first += 1;
        }
        events
    }

    fn change(&mut self, event: &WatchEvent) -> Change {
        let key = event.kv.key.clone();
        let is_put = event.event_type == EventType::Put;
        let digest = digest(&event.kv);
        let before = match is_put {
            true => self.keys.insert(key.clone(), (event.kv.mod_revision, digest)),
            false => self.keys.remove(&key),
        };
        if self.keys.len() > KEYS_REMEMBERED_MAX {
            self.keys.clear();
            self.forgot_keys = true;
        }
        Change { key, is_put, digest, before }
    }

    /// The changes at a revision; none: not known.
    pub fn at(&self, revision: Revision) -> Option<&[Change]> {
        let at = usize::try_from(revision.0 - self.first).ok()?;
        self.revisions.get(at)?.as_deref()
    }

    /// The first revision in `from..to` with a change of the kind, as far as it is known.
    pub fn first_within(
        &self,
        from: Revision,
        to: Revision,
        of_kind: impl Fn(&Change) -> bool,
    ) -> Option<Revision> {
        let from = from.0.max(self.first);
        let end = to.0.min(self.first + self.revisions.len() as i64);
        let has =
            |revision: &Revision| self.at(*revision).is_some_and(|it| it.iter().any(&of_kind));
        (from..end).map(Revision).find(has)
    }

    /// The revision of the newest change.
    pub fn newest(&self) -> Revision {
        Revision(self.first + self.revisions.len() as i64 - 1)
    }

    /// Whether there was nothing before a change; none: not known.
    pub fn is_create(&self, change: &Change) -> Option<bool> {
        match change.before {
            None if self.forgot_keys => None,
            before => Some(change.is_put && before.is_none()),
        }
    }

    /// Whether the value before a change is known to have been there and to be kept.
    pub fn before(&self, change: &Change) -> Option<Option<(Revision, u64)>> {
        match change.before {
            None if self.forgot_keys => None,
            Some((revision, _)) if revision <= self.compacted => None,
            before => Some(before),
        }
    }
}
