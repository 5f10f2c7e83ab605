//! Every change still kept, ordered by when it happened.
//!
//! This is the bucket `key` of etcd's database: one record per change, a put holding the whole
//! [`KeyValue`], a tombstone only the key.
//!
//! * Records are in order of `(main, sub)`; nothing is ever changed, only appended and forgotten.
//! * `bytes` is the sum over all records of their encoded key and value.
//!
//! Caveat: etcd's database file also has pages, free space and other buckets; `bytes` is what its
//! records alone would take.
//!
//! Architecture invariant: knows nothing of intervals, limits or transactions.

// Models the `key` bucket of etcd server/storage/mvcc/kvstore.go.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::key_index::FullRevision;
use super::wire;
use super::{Blob, KeyValue};

/// One change of one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    /// The key as the put left it.
    Put(KeyValue),
    /// The key was deleted.
    Tombstone(Blob),
}

impl Record {
    /// The key it is about.
    pub fn key(&self) -> &Blob {
        match self {
            Record::Put(kv) => &kv.key,
            Record::Tombstone(key) => key,
        }
    }

    /// Whether it is a delete.
    pub fn is_tombstone(&self) -> bool {
        matches!(self, Record::Tombstone(_))
    }
}

/// All records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Backend {
    records: BTreeMap<FullRevision, Record>,
    bytes: u64,
}

impl Backend {
    pub(super) fn append(&mut self, revision: FullRevision, record: Record) {
        self.bytes += wire::record_size(&record) as u64;
        self.records.insert(revision, record);
    }

    pub(super) fn forget(&mut self, revision: FullRevision) {
        if let Some(record) = self.records.remove(&revision) {
            self.bytes -= wire::record_size(&record) as u64;
        }
    }

    /// The put at this revision.
    pub(super) fn put(&self, revision: FullRevision) -> Option<&KeyValue> {
        match self.records.get(&revision)? {
            Record::Put(kv) => Some(kv),
            Record::Tombstone(_) => None,
        }
    }

    /// Flips a bit of the value of a put. False when it has none.
    pub(super) fn flip(&mut self, revision: FullRevision) -> bool {
        let Some(Record::Put(kv)) = self.records.get_mut(&revision) else { return false };
        let mut bytes = kv.value.to_vec();
        let Some(last) = bytes.last_mut() else { return false };
        *last ^= 1;
        kv.value = Blob::from(bytes);
        true
    }

    /// Records of main revisions `first..=last`, in order.
    pub(super) fn between(
        &self,
        first: i64,
        last: i64,
    ) -> impl Iterator<Item = (FullRevision, &Record)> {
        let lower = FullRevision { main: first, sub: 0 };
        let upper = FullRevision { main: last, sub: i64::MAX };
        let range = (lower <= upper).then(|| self.records.range(lower..=upper));
        range.into_iter().flatten().map(|(revision, record)| (*revision, record))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (FullRevision, &Record)> {
        self.records.iter().map(|(revision, record)| (*revision, record))
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }
}
