//! etcd's data model, pure and synchronous: revisions, index, transactions, watches, compaction.
//!
//! A request is first checked alone ([`validate()`], [`validate_size`]), as etcd does before it
//! proposes it, and once committed it is done ([`Store::apply`]) by every member, with the same
//! outcome.
//!
//! ```
//! use raftarium::store::{PutRequest, RangeRequest, Store};
//!
//! let mut store = Store::new();
//! let put = PutRequest { key: "a".into(), value: "1".into(), ..Default::default() };
//! assert_eq!(store.put(&put).unwrap().revision.0, 2);
//! let range = RangeRequest { key: "a".into(), ..Default::default() };
//! assert_eq!(store.range(&range).unwrap().kvs[0].value.text(), "1");
//! ```
//!
//! * Every member that applies the same requests in the same order holds the same store.
//! * The words and the codes of its errors are etcd's.
//!
//! Architecture invariant: no clock, no chance, no network, no disk; imports no other floor.

mod alarm;
mod api;
mod api_services;
mod backend;
mod blob;
mod checksum;
mod db_file;
mod encoding;
mod error;
mod hash;
mod index;
mod inspect;
mod interval;
mod key_index;
mod lease;
mod mvcc;
mod range;
mod snapshot;
mod tally;
mod txn;
mod validate;
mod watch;
mod watch_batch;
mod watch_fragment;
mod watch_group;
mod watch_inspect;
mod watch_progress;
mod watch_stream;
mod watch_sync;
mod wire;

pub use alarm::{KV_OVERHEAD_BYTES, LEASE_OVERHEAD_BYTES, QUOTA_BYTES, quota_cost};
pub use api::*;
pub use api_services::*;
pub use backend::Record;
pub use blob::Blob;
pub use checksum::Crc32c;
pub use db_file::{DbFile, PAGE_BYTES};
pub use encoding::{encode, encode_behind};
pub use error::{Code, Error};
pub use hash::HashKv;
pub use inspect::Life;
pub use interval::{Interval, prefix_end};
pub use key_index::{Found, FullRevision, Generation, KeyIndex};
pub use lease::{LEASE_TTL_MAX_S, LEASE_TTL_MIN_S, Lease, Leases};
pub use mvcc::Store;
pub use snapshot::SnapshotError;
pub use tally::Operations;
pub use txn::{is_read_only, is_serializable};
pub use validate::{
    MAX_REQUEST_BYTES, MAX_TXN_OPS, validate, validate_delete_range, validate_put, validate_range,
    validate_size, validate_txn,
};
pub use watch::{NO_WATCH, WatchHub};
pub use watch_batch::BATCH_REVISIONS_MAX;
pub use watch_fragment::FRAGMENT_BYTES_MAX;
pub use watch_group::{StreamId, WatcherId};
pub use watch_inspect::{WatcherCounts, WatcherState, WatcherView};
pub use watch_stream::STREAM_BUFFER_MAX;
pub use watch_sync::WATCHERS_PER_SYNC_MAX;
pub use wire::{request_size, write_key_value, write_record};
