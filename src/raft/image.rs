//! What a snapshot file holds: the whole store, and where in the log it was taken.
//!
//! Architecture invariant: bytes in, plain data out; what is done with it is the machine's.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::MemberId;
use super::wal::Place;
use crate::store::Store;

/// What a snapshot file holds.
#[derive(Serialize, Deserialize)]
pub(super) struct Image {
    pub last: Option<Place>,
    pub membership_at: Option<Place>,
    pub voters: Vec<BTreeSet<MemberId>>,
    pub nodes: BTreeSet<MemberId>,
    pub removed: BTreeSet<MemberId>,
    /// Bytes of the database file it was made from.
    pub file_bytes: u64,
    #[serde(serialize_with = "as_bytes")]
    pub store: Vec<u8>,
}

/// All at once instead of byte by byte; what comes out is the same.
fn as_bytes<S: serde::Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}

/// The checksum at the end of a store's bytes.
pub(super) fn sum(store: &[u8]) -> u32 {
    store.last_chunk().map_or(0, |sum| u32::from_le_bytes(*sum))
}

/// A snapshot file's content; none when it is empty or damaged.
pub(super) fn parse(bytes: &[u8]) -> Option<(Image, Store)> {
    let image: Image = postcard::from_bytes(bytes).ok()?;
    let store = Store::from_bytes(&image.store).ok()?;
    Some((image, store))
}
