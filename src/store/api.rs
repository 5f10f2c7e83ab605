//! The requests and answers of etcd's KV service, field for field; those of the others are in
//! `api_services`.
//!
//! Names, defaults and meanings are those of etcd's `rpc.proto`; a field left at its default means
//! what it means there. What only the serving member knows (cluster id, member id, raft term) is
//! not here: the cluster adds it.
//!
//! Architecture invariant: plain values, as etcd's messages are; no behaviour.

use serde::{Deserialize, Serialize};

use super::{
    Blob, ClusterRequest, ClusterResponse, LeaseRequest, LeaseResponse, MaintenanceRequest,
    MaintenanceResponse,
};

/// A position in the history of the store: the main part of etcd's revision. The store starts at 1.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Revision(pub i64);

impl std::fmt::Display for Revision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A lease's id; 0 means no lease.
pub type LeaseId = i64;

/// One key at one revision.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyValue {
    /// The key.
    pub key: Blob,
    /// Revision of the first put of this generation.
    pub create_revision: Revision,
    /// Revision of the last put.
    pub mod_revision: Revision,
    /// Puts since the generation began, from 1.
    pub version: i64,
    /// The value.
    pub value: Blob,
    /// The lease the key is attached to, or 0.
    pub lease: LeaseId,
}

/// Which way a range is sorted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum SortOrder {
    #[default]
    None,
    Ascend,
    Descend,
}

/// What a range is sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum SortTarget {
    #[default]
    Key,
    Version,
    Create,
    Mod,
    Value,
}

/// Reads one key or an interval of keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RangeRequest {
    /// First key. Must not be empty.
    pub key: Blob,
    /// Empty: only `key`; one zero byte: every key from `key` on; else up to, not including.
    pub range_end: Blob,
    /// Most keys to return; 0 means all.
    pub limit: i64,
    /// Read as of this revision; 0 or less means now.
    pub revision: Revision,
    /// Order of the answer.
    pub sort_order: SortOrder,
    /// What the order is about.
    pub sort_target: SortTarget,
    /// Answer from this member's own state, without asking the leader.
    pub serializable: bool,
    /// Leave the values out.
    pub keys_only: bool,
    /// Return only the count.
    pub count_only: bool,
    /// Lower bound of `mod_revision`; 0 means none.
    pub min_mod_revision: Revision,
    /// Upper bound of `mod_revision`; 0 means none.
    pub max_mod_revision: Revision,
    /// Lower bound of `create_revision`; 0 means none.
    pub min_create_revision: Revision,
    /// Upper bound of `create_revision`; 0 means none.
    pub max_create_revision: Revision,
}

/// The answer to a range.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RangeResponse {
    /// The store's revision when it answered (not the one asked for).
    pub revision: Revision,
    /// The keys.
    pub kvs: Vec<KeyValue>,
    /// Whether the limit cut some off.
    pub more: bool,
    /// All keys of the interval, whatever limit and filters say.
    pub count: i64,
}

/// Writes one key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutRequest {
    /// The key. Must not be empty.
    pub key: Blob,
    /// The value.
    pub value: Blob,
    /// The lease to attach to, or 0 to detach.
    pub lease: LeaseId,
    /// Return what was there before.
    pub prev_kv: bool,
    /// Keep the value that is there.
    pub ignore_value: bool,
    /// Keep the lease that is there.
    pub ignore_lease: bool,
}

/// The answer to a put.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutResponse {
    /// The revision of the put.
    pub revision: Revision,
    /// What was there before, if asked for.
    pub prev_kv: Option<KeyValue>,
}

/// Deletes one key or an interval of keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteRangeRequest {
    /// First key. Must not be empty.
    pub key: Blob,
    /// As in a range.
    pub range_end: Blob,
    /// Return what was deleted.
    pub prev_kv: bool,
}

/// The answer to a delete.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteRangeResponse {
    /// The store's revision after it.
    pub revision: Revision,
    /// How many keys were deleted.
    pub deleted: i64,
    /// What was deleted, if asked for.
    pub prev_kvs: Vec<KeyValue>,
}

/// How a compare relates its two sides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum CompareResult {
    #[default]
    Equal,
    Greater,
    Less,
    NotEqual,
}

/// What a compare looks at, and with what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum CompareTarget {
    Version(i64),
    Create(Revision),
    Mod(Revision),
    Value(Blob),
    Lease(LeaseId),
}

/// One condition of a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compare {
    /// First key. Must not be empty.
    pub key: Blob,
    /// As in a range: every key of the interval must satisfy.
    pub range_end: Blob,
    /// The relation.
    pub result: CompareResult,
    /// What is compared.
    pub target: CompareTarget,
}

/// One operation of a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum RequestOp {
    /// An operation with nothing in it, which etcd refuses in its own words.
    Empty,
    Range(RangeRequest),
    Put(PutRequest),
    DeleteRange(DeleteRangeRequest),
    Txn(TxnRequest),
}

/// If all compares hold, `success`, else `failure`; atomically, at one revision.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TxnRequest {
    /// The conditions; none means they hold.
    pub compare: Vec<Compare>,
    /// Done when they hold.
    pub success: Vec<RequestOp>,
    /// Done when they do not.
    pub failure: Vec<RequestOp>,
}

/// The answer to one operation of a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum ResponseOp {
    Range(RangeResponse),
    Put(PutResponse),
    DeleteRange(DeleteRangeResponse),
    Txn(TxnResponse),
}

/// The answer to a transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TxnResponse {
    /// The store's revision after it. In a nested answer etcd leaves it 0.
    pub revision: Revision,
    /// Whether the compares held.
    pub succeeded: bool,
    /// One answer per operation of the branch taken.
    pub responses: Vec<ResponseOp>,
}

/// Forgets the history below a revision.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompactionRequest {
    /// What is superseded at or before this revision goes.
    pub revision: Revision,
    /// Answer only when the removal is done.
    pub physical: bool,
}

/// The answer to a compaction.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompactionResponse {
    /// The store's revision, unchanged by it.
    pub revision: Revision,
}

/// What happened to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum EventType {
    Put,
    Delete,
}

/// One change, as watchers are told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchEvent {
    /// Put or delete.
    pub event_type: EventType,
    /// The key after it; for a delete only `key` and `mod_revision`.
    pub kv: KeyValue,
    /// The key before it, if asked for and still there.
    pub prev_kv: Option<KeyValue>,
}

impl WatchEvent {
    /// Whether this put began a generation.
    pub fn is_create(&self) -> bool {
        self.event_type == EventType::Put && self.kv.create_revision == self.kv.mod_revision
    }
}

/// Asks to be told of changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchCreateRequest {
    /// First key. Empty means a zero byte.
    pub key: Blob,
    /// As in a range.
    pub range_end: Blob,
    /// From this revision on, inclusive; 0 means from the next one.
    pub start_revision: Revision,
    /// Wants the key before each change.
    pub prev_kv: bool,
    /// Do not tell of puts.
    pub no_put: bool,
    /// Do not tell of deletes.
    pub no_delete: bool,
    /// Wants an empty answer now and then when nothing happens.
    pub progress_notify: bool,
    /// The id wanted; 0 means the next free one.
    pub watch_id: i64,
    /// Takes answers in fragments where they are too large for one.
    pub fragment: bool,
}

/// What a watcher is told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchResponse {
    /// The store's revision when it was told.
    pub revision: Revision,
    /// Which watcher of the stream.
    pub watch_id: i64,
    /// The watcher was created.
    pub created: bool,
    /// The watcher is no more.
    pub canceled: bool,
    /// Cancelled since history before this revision is gone; 0 otherwise.
    pub compact_revision: Revision,
    /// Why it was cancelled, in etcd's words; often empty.
    pub cancel_reason: String,
    /// More of the same answer follows.
    pub fragment: bool,
    /// The changes, whole revisions in order.
    pub events: Vec<WatchEvent>,
}

/// Any request of etcd's services, but for watches, which are streams.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Request {
    Range(RangeRequest),
    Put(PutRequest),
    DeleteRange(DeleteRangeRequest),
    Txn(TxnRequest),
    Compaction(CompactionRequest),
    Lease(LeaseRequest),
    Maintenance(MaintenanceRequest),
    Cluster(ClusterRequest),
}

/// The answer to a [`Request`], of the same kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Response {
    Range(RangeResponse),
    Put(PutResponse),
    DeleteRange(DeleteRangeResponse),
    Txn(TxnResponse),
    Compaction(CompactionResponse),
    Lease(LeaseResponse),
    Maintenance(MaintenanceResponse),
    Cluster(ClusterResponse),
}
