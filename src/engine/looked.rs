//! What looks return: stores, keys, objects.
//!
//! Architecture invariant: plain values, as all of the protocol.

use serde::{Deserialize, Serialize};

use crate::cluster::Sample;
use crate::kube;
use crate::kube::standing::Standing;
use crate::raft::MemberId;
use crate::store::{KeyValue, LeaseId, Revision};

/// Watchers one look at a store returns.
pub const WATCHERS_PER_LOOK_MAX: usize = 100;

/// Leases one look at a store returns.
pub const LEASES_PER_LOOK_MAX: usize = 100;

/// Keys one look at a store returns.
pub const KEYS_PER_LOOK_MAX: usize = 500;

/// Events one look at an object reads: the newest.
pub const EVENTS_PER_LOOK_MAX: usize = 200;

/// The objects one look returns at most.
pub const OBJECTS_PER_LOOK_MAX: usize = 500;

/// The file of `--encryption-provider-config`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncryptionView {
    /// As it is on the machines of the apiservers.
    pub file: String,
    /// The other one that was asked about.
    pub draft: String,
    /// What an apiserver would say about that one instead of starting.
    pub problem: Option<String>,
}

/// A store as of one revision.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StoreView {
    /// Whose.
    pub member: MemberId,
    /// The revision shown.
    pub at: Revision,
    /// The store's newest revision.
    pub revision: Revision,
    /// Nothing before this revision is kept; 0 when all is.
    pub compact_revision: Revision,
    /// Keys in order, at most [`KEYS_PER_LOOK_MAX`].
    pub keys: Vec<KeyRow>,
    /// How many there are in all.
    pub count: i64,
    /// Why there is nothing to see, in etcd's words.
    pub error: Option<String>,
    /// The watchers the member serves, at most [`WATCHERS_PER_LOOK_MAX`].
    pub watchers: Vec<WatcherRow>,
    /// The leases it knows, at most [`LEASES_PER_LOOK_MAX`].
    pub leases: Vec<LeaseRow>,
    /// How many leases there are in all.
    pub lease_count: u32,
}

/// The objects in a member's store.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ObjectsView {
    /// As of which revision.
    pub revision: Revision,
    /// Keys and objects, at most [`OBJECTS_PER_LOOK_MAX`].
    pub objects: Vec<(String, kube::overview::Overview)>,
    /// How many there are in all.
    pub count: u32,
}

/// A member's metrics over the last seconds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MetricsView {
    /// Whose.
    pub member: MemberId,
    /// One for each second, oldest first, at most [`crate::cluster::SAMPLES_MAX`].
    pub samples: Vec<Sample>,
    /// The most bytes its database may have; 0: as many as it likes.
    pub quota_bytes: u64,
}

/// A watcher, as the member that serves it knows it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct WatcherRow {
    /// The first key it watches.
    pub key: String,
    /// It watches everything that begins so; else, one key or a range.
    pub prefix: bool,
    /// The first revision it has not been told of.
    pub next: Revision,
    /// It is told of each write as it happens; else it is behind.
    pub synced: bool,
}

/// A lease.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LeaseRow {
    /// Its id.
    pub id: LeaseId,
    /// Seconds it was granted for.
    pub ttl_s: i64,
    /// Seconds it has left; none: this member does not know, since only the leader measures.
    pub left_s: Option<u64>,
    /// The first of its keys.
    pub key: String,
    /// How many keys it has.
    pub keys: u32,
}

/// One key in a list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct KeyRow {
    /// The key.
    pub key: String,
    /// Revision of its creation.
    pub create_revision: Revision,
    /// Revision of its last change.
    pub mod_revision: Revision,
    /// Changes since its creation, from 1.
    pub version: i64,
    /// Bytes of its value.
    pub bytes: u32,
    /// What the value is, in a few words: `Deployment default/web`, `"bar"`, `encrypted (aesgcm,
    /// key1)`.
    pub text: String,
}

/// Everything a store still knows of one key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct KeyView {
    /// Whose.
    pub member: MemberId,
    /// The key.
    pub key: String,
    /// Its versions, oldest first; a deletion has version 0.
    pub versions: Vec<KeyVersion>,
    /// Of an object: its conditions and the Events about it, now.
    pub standing: Standing,
}

/// One version of a key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct KeyVersion {
    /// The key then; of a deletion only key and mod_revision.
    pub kv: KeyValue,
    /// Whether this is a deletion.
    pub tombstone: bool,
    /// What the bytes of the value mean, covering all of them in order.
    pub spans: Vec<kube::ByteSpan>,
    /// The object as indented JSON, when the value is one and could be read.
    pub object: Option<String>,
}
