//! The whole store as bytes, and back.
//!
//! Layout: `RKVS`, one byte of format version, the postcard encoding of [`Body`], CRC-32C of all
//! before it (four bytes, little-endian). The index is not in it: as at a restart of etcd it is
//! rebuilt from the records.
//!
//! * A restored store answers every later request as the original would, hashes included.
//! * No bytes make it panic; damaged ones are refused.
//!
//! Caveat: of a life of which only the tombstone is left, the rebuilt index does not know when it
//! began. Nothing can be read there, so no answer shows it.
//!
//! Architecture invariant: knows the store's parts, not who sends them where.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use super::backend::{Backend, Record};
use super::checksum::Crc32c;
use super::encoding::encode_behind;
use super::index::Index;
use super::key_index::{FullRevision, KeyIndex};
use super::{AlarmMember, Blob, CompactionRequest, Interval, Lease, LeaseId, Revision, Store};

const MAGIC: &[u8] = b"RKVS";
const FORMAT: u8 = 2;
const CRC_BYTES: usize = 4;

/// Why bytes are not a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SnapshotError {
    /// They begin as no snapshot does.
    NotASnapshot,
    /// Written by a version with another format.
    Format(u8),
    /// The checksum, the encoding or the records in it do not hold together.
    Damaged,
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SnapshotError::NotASnapshot => f.write_str("not a snapshot of a store"),
            SnapshotError::Format(found) => {
                write!(f, "snapshot has format {found}, this version reads {FORMAT}")
            }
            SnapshotError::Damaged => f.write_str("snapshot is damaged"),
        }
    }
}

impl std::error::Error for SnapshotError {}

/// A lease's id, the seconds it was granted for, and those it had left. Its keys are found again in
/// the records.
type LeaseTerms = (LeaseId, i64, i64);

#[derive(Serialize)]
struct BodyRef<'a> {
    revision: i64,
    compact_revision: i64,
    leases: Vec<LeaseTerms>,
    alarms: &'a BTreeSet<AlarmMember>,
    peer_urls: &'a BTreeMap<u64, Vec<String>>,
    records: Records<'a>,
}

struct Records<'a>(&'a Backend);

impl Serialize for Records<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.all().map(|(at, record)| (at.main, at.sub, record)))
    }
}

/// What a snapshot holds.
#[derive(Deserialize)]
struct Body {
    revision: i64,
    compact_revision: i64,
    leases: Vec<LeaseTerms>,
    alarms: BTreeSet<AlarmMember>,
    peer_urls: BTreeMap<u64, Vec<String>>,
    records: Vec<(i64, i64, Record)>,
}

impl Store {
    /// Moves the revision on, so that it is further than any that was told before the disaster from
    /// which this store is brought back; with `mark_compacted` nothing before that can be read or
    /// watched any more, and whoever remembers such a revision has to list anew (`etcdutl snapshot
    /// restore --bump-revision --mark-compacted`).
    pub fn bump(&mut self, by: i64, mark_compacted: bool) {
        let last = self.revision.saturating_add(by.max(0));
        (self.revision, self.told) = (last, last);
        if mark_compacted {
            let all = CompactionRequest { revision: Revision(last), physical: true };
            // Refused only when it was compacted so far already.
            let _ = self.compact(&all);
        }
    }

    /// The store as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let body = BodyRef {
            revision: self.revision,
            compact_revision: self.compact_revision,
            leases: self.leases.iter().map(|(id, it)| (*id, it.ttl, it.remaining_ttl)).collect(),
            alarms: &self.alarms,
            peer_urls: &self.peer_urls,
            records: Records(&self.backend),
        };
        let mut bytes = Vec::with_capacity(self.backend.bytes() as usize);
        bytes.extend(MAGIC);
        bytes.push(FORMAT);
        encode_behind(&body, &mut bytes).expect("every part has a known length");
        bytes.extend(checksum(&bytes));
        bytes
    }

    /// The store that [`Store::to_bytes`] wrote; its changes count as taken.
    ///
    /// Errors: see [`SnapshotError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Store, SnapshotError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(SnapshotError::NotASnapshot)?;
        let (&format, rest) = rest.split_first().ok_or(SnapshotError::Damaged)?;
        if format != FORMAT {
            return Err(SnapshotError::Format(format));
        }
        let split = rest.len().checked_sub(CRC_BYTES).ok_or(SnapshotError::Damaged)?;
        let (encoded, crc) = rest.split_at(split);
        if crc != checksum(&bytes[..bytes.len() - CRC_BYTES]) {
            return Err(SnapshotError::Damaged);
        }
        let body: Body = postcard::from_bytes(encoded).map_err(|_| SnapshotError::Damaged)?;
        rebuild(body).ok_or(SnapshotError::Damaged)
    }
}

fn checksum(bytes: &[u8]) -> [u8; CRC_BYTES] {
    Crc32c::of(bytes).to_le_bytes()
}

/// `None` when the records contradict each other.
fn rebuild(body: Body) -> Option<Store> {
    let mut store = Store {
        revision: body.revision,
        compact_revision: body.compact_revision,
        leases: body.leases.into_iter().map(lease).collect(),
        alarms: body.alarms,
        peer_urls: body.peer_urls,
        told: body.revision,
        tally: Default::default(),
        ..Store::new()
    };
    let mut before = FullRevision::default();
    for (main, sub, record) in body.records {
        let at = FullRevision { main, sub };
        if at <= before || main > body.revision {
            return None;
        }
        before = at;
        let key = enter(&mut store.index, at, &record)?;
        store.backend.append(at, with_key(record, key));
    }
    attach(&mut store);
    Some(store)
}

fn lease((id, ttl, remaining_ttl): LeaseTerms) -> (LeaseId, Lease) {
    (id, Lease { ttl, remaining_ttl, ..Lease::default() })
}

/// Gives the leases the keys that name them.
fn attach(store: &mut Store) {
    if store.leases.is_empty() {
        return;
    }
    let everything = Interval::new(&[0], &[0]);
    let alive = store.index.alive(everything, store.revision);
    let held = alive.filter_map(|(_, found)| store.backend.put(found.modified));
    let held: Vec<_> = held.map(|kv| (kv.key.clone(), kv.lease)).collect();
    held.iter().for_each(|(key, lease)| store.reattach(key, 0, *lease));
}

/// Enters a record into the index; returns the key, shared with the key's earlier records.
fn enter(index: &mut Index, at: FullRevision, record: &Record) -> Option<Blob> {
    let key = record.key();
    if index.key(key).is_none() {
        let history = match record {
            Record::Put(kv) => {
                let created = FullRevision { main: kv.create_revision.0, sub: 0 };
                KeyIndex::restored(created, at, kv.version)
            }
            Record::Tombstone(_) => KeyIndex::restored_tombstone(at),
        };
        index.insert(key.clone(), history);
        return Some(key.clone());
    }
    match record {
        Record::Put(_) => Some(index.put(key, at)),
        Record::Tombstone(_) => {
            index.tombstone(key, at).then(|| index.key(key).map(|(shared, _)| shared.clone()))?
        }
    }
}

fn with_key(record: Record, key: Blob) -> Record {
    match record {
        Record::Put(kv) => Record::Put(super::KeyValue { key, ..kv }),
        Record::Tombstone(_) => Record::Tombstone(key),
    }
}
