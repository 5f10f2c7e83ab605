//! All keys in byte order, each with its history.
//!
//! * A key is here exactly as long as the backend holds a record of it.
//! * `alive` is how many of them are alive now.
//!
//! Architecture invariant: never reads a value; what it returns are places in the backend.

// Models etcd server/storage/mvcc/index.go.

use std::collections::{BTreeMap, BTreeSet};

use super::key_index::{Found, FullRevision, KeyIndex};
use super::{Blob, Interval};

/// Ordered map from key to history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Index {
    keys: BTreeMap<Blob, KeyIndex>,
    alive: usize,
}

impl Index {
    pub(super) fn key(&self, key: &[u8]) -> Option<(&Blob, &KeyIndex)> {
        self.keys.get_key_value(key)
    }

    /// How many keys are remembered, dead ones included.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// How many keys are alive now.
    pub(super) fn alive_now(&self) -> usize {
        self.alive
    }

    pub(super) fn get(&self, key: &[u8], at: i64) -> Option<Found> {
        self.keys.get(key)?.get(at)
    }

    /// Records a put and returns the key, shared with every earlier record of it.
    pub(super) fn put(&mut self, key: &Blob, revision: FullRevision) -> Blob {
        if let Some((shared, _)) = self.keys.get_key_value(key) {
            let shared = shared.clone();
            let index = self.keys.get_mut(key).expect("just found");
            self.alive += usize::from(!index.is_alive());
            index.put(revision);
            return shared;
        }
        self.alive += 1;
        self.keys.insert(key.clone(), KeyIndex::created(revision));
        key.clone()
    }

    /// Records a delete; false when the key is not alive.
    pub(super) fn tombstone(&mut self, key: &[u8], revision: FullRevision) -> bool {
        let died = self.keys.get_mut(key).is_some_and(|index| index.tombstone(revision));
        self.alive -= usize::from(died);
        died
    }

    /// Enters a history rebuilt from records, of a key not known yet.
    pub(super) fn insert(&mut self, key: Blob, index: KeyIndex) {
        self.alive += usize::from(index.is_alive());
        self.keys.insert(key, index);
    }

    /// The keys of an interval alive at a main revision, in order.
    pub(super) fn alive<'a>(
        &'a self,
        interval: Interval<'a>,
        at: i64,
    ) -> impl Iterator<Item = (&'a Blob, Found)> + 'a {
        self.within(interval).filter_map(move |(key, index)| Some((key, index.get(at)?)))
    }

    /// The keys of an interval, dead ones included, in order.
    pub(super) fn within<'a>(
        &'a self,
        interval: Interval<'a>,
    ) -> impl Iterator<Item = (&'a Blob, &'a KeyIndex)> + 'a {
        let keys = interval.bounds().map(|bounds| self.keys.range::<[u8], _>(bounds));
        keys.into_iter().flatten()
    }

    /// Forgets what is superseded at or before `at`; returns the forgotten revisions.
    pub(super) fn compact(&mut self, at: i64) -> Vec<FullRevision> {
        let mut forgotten = Vec::new();
        self.keys.retain(|_, index| {
            forgotten.extend(index.compact(at));
            !index.is_empty()
        });
        forgotten
    }

    /// The revisions at or below `at` that a hash as of `at` counts whatever was compacted.
    pub(super) fn keep(&self, at: i64) -> BTreeSet<FullRevision> {
        let mut kept = BTreeSet::new();
        kept.extend(self.keys.values().filter_map(|index| index.keep(at)));
        kept
    }
}
