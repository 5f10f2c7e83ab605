//! The one number that is equal on all members that hold the same history.
//!
//! CRC-32C over the bucket's name and every kept record, key bytes then value bytes, in order.
//! Skipped are records at or below the compacted revision that a reader at the hashed revision
//! could not see, and a tombstone exactly at the compacted revision: versions before 3.4.34 and
//! 3.5.16 remove it, later ones keep it, and their hashes are to be equal.
//!
//! Architecture invariant: what it hashes is what etcd's database holds, byte for byte.

// Models etcd server/storage/mvcc/hash.go.

use serde::{Deserialize, Serialize};

use super::checksum::Crc32c;
use super::error::Error;
use super::wire;
use super::{Revision, Store};

/// A hash, and what it is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HashKv {
    /// The hash.
    pub hash: u32,
    /// History up to this revision was hashed.
    pub hash_revision: Revision,
    /// History up to this revision was compacted. Compare hashes only where this is equal.
    pub compact_revision: Revision,
}

pub(super) fn hash_kv(store: &Store, revision: i64) -> Result<HashKv, Error> {
    if revision > 0 && revision < store.compact_revision {
        return Err(Error::Compacted);
    }
    if revision > store.revision {
        return Err(Error::FutureRevision);
    }
    let until = if revision <= 0 { store.revision } else { revision };
    let compacted = store.compact_revision;
    let keep = store.index.keep(until);
    let mut crc = Crc32c::new();
    crc.write(b"key");
    let mut bytes = Vec::new();
    for (at, record) in store.backend.between(i64::MIN, until) {
        let superseded = at.main <= compacted && !keep.is_empty() && !keep.contains(&at);
        if superseded || (at.main == compacted && record.is_tombstone()) {
            continue;
        }
        bytes.clear();
        wire::write_record(at, record, &mut bytes);
        crc.write(&bytes);
    }
    Ok(HashKv {
        hash: crc.finish(),
        hash_revision: Revision(until),
        compact_revision: Revision(compacted),
    })
}
