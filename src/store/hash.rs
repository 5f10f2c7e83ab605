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

/// CRC-32C (Castagnoli), reflected, as Go's `crc32.Castagnoli`.
pub(super) struct Crc32c(u32);

impl Crc32c {
    const TABLE: [u32; 256] = Self::table();

    const fn table() -> [u32; 256] {
        let mut table = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            let mut crc = byte as u32;
            let mut bit = 0;
            while bit < 8 {
                crc = (crc >> 1) ^ (0x82f6_3b78 * (crc & 1));
                bit += 1;
            }
            table[byte] = crc;
            byte += 1;
        }
        table
    }

    pub(super) fn new() -> Self {
        Crc32c(!0)
    }

    pub(super) fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 >> 8) ^ Self::TABLE[usize::from(self.0 as u8 ^ byte)];
        }
    }

    pub(super) fn finish(self) -> u32 {
        !self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_value_of_the_polynomial() {
        let mut crc = Crc32c::new();
        crc.write(b"123456789");
        assert_eq!(crc.finish(), 0xe306_9283);
    }
}
