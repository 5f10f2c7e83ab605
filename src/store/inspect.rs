//! Looking at the store without disturbing it: what is alive, what is kept, what it takes.
//!
//! All of it is lazy: take as many as there is room to show, go on after the last key shown.
//!
//! Architecture invariant: reads only, and never copies a key or a value.

use super::error::Error;
use super::key_index::{FullRevision, KeyIndex};
use super::{Blob, Interval, KeyValue, Record, Revision, Store, range};

/// One life of a key, as far as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Life<'a> {
    /// Its changes, oldest first: the key as each put left it, `None` for the tombstone.
    pub versions: Vec<(FullRevision, Option<&'a KeyValue>)>,
}

impl Life<'_> {
    /// Whether a delete ended it.
    pub fn ended(&self) -> bool {
        self.versions.last().is_some_and(|(_, kv)| kv.is_none())
    }
}

impl Store {
    /// The keys alive at a revision (0 or less: now), from `key` on, in order.
    ///
    /// The page after one that ended with `last` begins at `last` followed by a zero byte.
    ///
    /// Errors: [`Error::FutureRevision`], [`Error::Compacted`].
    pub fn alive_from<'a>(
        &'a self,
        key: &'a [u8],
        revision: Revision,
    ) -> Result<impl Iterator<Item = &'a KeyValue> + 'a, Error> {
        let at = range::readable(self, self.revision, revision.0)?;
        let alive = self.index.alive(Interval::new(key, b"\0"), at);
        Ok(alive.filter_map(|(_, found)| self.backend.put(found.modified)))
    }

    /// Every key that is remembered, dead ones included, from `key` on, with its history.
    pub fn kept_from<'a>(
        &'a self,
        key: &'a [u8],
    ) -> impl Iterator<Item = (&'a Blob, &'a KeyIndex)> + 'a {
        self.index.within(Interval::new(key, b"\0"))
    }

    /// The lives of one key, oldest first, as far as they are kept.
    pub fn lives(&self, key: &[u8]) -> Vec<Life<'_>> {
        let Some((_, index)) = self.index.key(key) else { return Vec::new() };
        let with_kv = |at: &FullRevision| (*at, self.backend.put(*at));
        let kept = index.generations().iter().filter(|g| !g.revisions.is_empty());
        kept.map(|g| Life { versions: g.revisions.iter().map(with_kv).collect() }).collect()
    }

    /// The kept records of revisions `first..=last`, in order, as the database holds them.
    pub fn records(
        &self,
        first: Revision,
        last: Revision,
    ) -> impl Iterator<Item = (FullRevision, &Record)> {
        self.backend.between(first.0, last.0)
    }

    /// How many keys are alive now.
    pub fn alive_count(&self) -> usize {
        self.index.alive_now()
    }

    /// How many keys are remembered, dead ones included.
    pub fn key_count(&self) -> usize {
        self.index.len()
    }

    /// How many records are kept.
    pub fn record_count(&self) -> usize {
        self.backend.len()
    }

    /// What the kept records take, encoded as in etcd's database, in bytes.
    pub fn size_bytes(&self) -> u64 {
        self.backend.bytes()
    }
}
