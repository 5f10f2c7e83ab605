//! etcd's protobuf: exact sizes of requests, exact bytes of backend records.
//!
//! Proto3 rules: a field at its default is left out, except members of a `oneof`, which are written
//! whenever they are set; a negative integer takes ten bytes.
//!
//! Caveat: a compare whose union value the client left out is counted as if it were set to zero, as
//! every etcd client sets it.
//!
//! Architecture invariant: writes and measures; never parses.

// Models etcd api/etcdserverpb/rpc.proto, raft_internal.proto, api/mvccpb/kv.proto.

use super::backend::Record;
use super::key_index::FullRevision;
use super::{
    CompactionRequest, Compare, CompareResult, CompareTarget, DeleteRangeRequest, EventType,
    KeyValue, LeaseRequest, PutRequest, RangeRequest, Request, RequestOp, SortOrder, SortTarget,
    TxnRequest, WatchEvent, WatchResponse,
};

/// Bytes of the protobuf message `InternalRaftRequest` that etcd would put into its raft log: the
/// request in its wrapper, with a header that holds the request's `id`.
pub fn request_size(request: &Request, id: u64) -> usize {
    let header = if id == 0 { 0 } else { 1 + varint_len(id) };
    let (field, body) = match request {
        Request::Range(range) => (3, range_size(range)),
        Request::Put(put) => (4, put_size(put)),
        Request::DeleteRange(delete) => (5, delete_range_size(delete)),
        Request::Txn(txn) => (6, txn_size(txn)),
        Request::Compaction(compaction) => (7, compaction_size(compaction)),
        Request::Lease(lease) => lease_size(lease),
        Request::Maintenance(_) => (10, 6),
        Request::Cluster(_) => (8, 0),
    };
    message(100, header) + message(field, body)
}

/// Its field in the wrapper, and its size.
fn lease_size(lease: &LeaseRequest) -> (u64, usize) {
    match lease {
        LeaseRequest::Grant { id, ttl } => (8, int(1, *ttl) + int(2, *id)),
        LeaseRequest::Revoke { id } => (9, int(1, *id)),
        LeaseRequest::Checkpoint { id, remaining_ttl } => {
            (11, message(1, int(1, *id) + int(2, *remaining_ttl)))
        }
        LeaseRequest::KeepAlive { .. } | LeaseRequest::TimeToLive { .. } | LeaseRequest::Leases => {
            (8, 0)
        }
    }
}

fn range_size(r: &RangeRequest) -> usize {
    bytes(1, &r.key)
        + bytes(2, &r.range_end)
        + int(3, r.limit)
        + int(4, r.revision.0)
        + int(5, sort_order_number(r.sort_order))
        + int(6, sort_target_number(r.sort_target))
        + flag(7, r.serializable)
        + flag(8, r.keys_only)
        + flag(9, r.count_only)
        + int(10, r.min_mod_revision.0)
        + int(11, r.max_mod_revision.0)
        + int(12, r.min_create_revision.0)
        + int(13, r.max_create_revision.0)
}

fn sort_order_number(order: SortOrder) -> i64 {
    match order {
        SortOrder::None => 0,
        SortOrder::Ascend => 1,
        SortOrder::Descend => 2,
    }
}

fn sort_target_number(target: SortTarget) -> i64 {
    match target {
        SortTarget::Key => 0,
        SortTarget::Version => 1,
        SortTarget::Create => 2,
        SortTarget::Mod => 3,
        SortTarget::Value => 4,
    }
}

fn put_size(r: &PutRequest) -> usize {
    bytes(1, &r.key)
        + bytes(2, &r.value)
        + int(3, r.lease)
        + flag(4, r.prev_kv)
        + flag(5, r.ignore_value)
        + flag(6, r.ignore_lease)
}

fn delete_range_size(r: &DeleteRangeRequest) -> usize {
    bytes(1, &r.key) + bytes(2, &r.range_end) + flag(3, r.prev_kv)
}

fn compaction_size(r: &CompactionRequest) -> usize {
    int(1, r.revision.0) + flag(2, r.physical)
}

fn txn_size(r: &TxnRequest) -> usize {
    let compares: usize = r.compare.iter().map(|c| message(1, compare_size(c))).sum();
    let ops = |field, ops: &[RequestOp]| -> usize {
        ops.iter().map(|op| message(field, op_size(op))).sum()
    };
    compares + ops(2, &r.success) + ops(3, &r.failure)
}

fn compare_size(c: &Compare) -> usize {
    let relation = match c.result {
        CompareResult::Equal => 0,
        CompareResult::Greater => 1,
        CompareResult::Less => 2,
        CompareResult::NotEqual => 3,
    };
    // Members of a oneof are written even when they are zero.
    let (target, union) = match &c.target {
        CompareTarget::Version(version) => (0, 1 + int_len(*version)),
        CompareTarget::Create(revision) => (1, 1 + int_len(revision.0)),
        CompareTarget::Mod(revision) => (2, 1 + int_len(revision.0)),
        CompareTarget::Value(value) => (3, message(7, value.len())),
        CompareTarget::Lease(lease) => (4, 1 + int_len(*lease)),
    };
    int(1, relation) + int(2, target) + bytes(3, &c.key) + union + bytes(64, &c.range_end)
}

fn op_size(op: &RequestOp) -> usize {
    match op {
        RequestOp::Empty => 0,
        RequestOp::Range(range) => message(1, range_size(range)),
        RequestOp::Put(put) => message(2, put_size(put)),
        RequestOp::DeleteRange(delete) => message(3, delete_range_size(delete)),
        RequestOp::Txn(txn) => message(4, txn_size(txn)),
    }
}

fn varint_len(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

fn int_len(value: i64) -> usize {
    varint_len(value as u64)
}

fn tag_len(field: u64) -> usize {
    varint_len(field << 3)
}

fn int(field: u64, value: i64) -> usize {
    if value == 0 { 0 } else { tag_len(field) + int_len(value) }
}

fn flag(field: u64, value: bool) -> usize {
    if value { tag_len(field) + 1 } else { 0 }
}

fn bytes(field: u64, value: &[u8]) -> usize {
    if value.is_empty() { 0 } else { message(field, value.len()) }
}

fn message(field: u64, body: usize) -> usize {
    tag_len(field) + varint_len(body as u64) + body
}

/// Encoded length of a backend record, key and value.
pub(super) fn record_size(record: &Record) -> usize {
    match record {
        Record::Put(kv) => 17 + key_value_size(kv),
        Record::Tombstone(key) => 18 + bytes(1, key),
    }
}

fn key_value_size(kv: &KeyValue) -> usize {
    bytes(1, &kv.key)
        + int(2, kv.create_revision.0)
        + int(3, kv.mod_revision.0)
        + int(4, kv.version)
        + bytes(5, &kv.value)
        + int(6, kv.lease)
}

/// Bytes of the protobuf message `WatchResponse` without its events: its header has ids of ten
/// bytes each, as etcd's are large.
pub(super) fn watch_response_size(response: &WatchResponse) -> usize {
    const IDS: usize = 2 * 11;
    const TERM: usize = 2;
    message(1, IDS + int(3, response.revision.0) + TERM)
        + int(2, response.watch_id)
        + flag(7, response.fragment)
}

/// Bytes that an event adds to a `WatchResponse`.
pub(super) fn watch_event_size(event: &WatchEvent) -> usize {
    let previous = event.prev_kv.as_ref().map_or(0, |kv| message(3, key_value_size(kv)));
    let is_delete = event.event_type == EventType::Delete;
    message(11, flag(1, is_delete) + message(2, key_value_size(&event.kv)) + previous)
}

/// Appends a backend record as etcd's database holds it: the 17-byte key (18 for a tombstone), then
/// the protobuf value.
pub fn write_record(revision: FullRevision, record: &Record, out: &mut Vec<u8>) {
    out.extend(revision.main.to_be_bytes());
    out.push(b'_');
    out.extend(revision.sub.to_be_bytes());
    match record {
        Record::Put(kv) => write_key_value(kv, out),
        Record::Tombstone(key) => {
            out.push(b't');
            write_bytes(1, key, out);
        }
    }
}

/// Appends the protobuf message `KeyValue`.
pub fn write_key_value(kv: &KeyValue, out: &mut Vec<u8>) {
    write_bytes(1, &kv.key, out);
    write_int(2, kv.create_revision.0, out);
    write_int(3, kv.mod_revision.0, out);
    write_int(4, kv.version, out);
    write_bytes(5, &kv.value, out);
    write_int(6, kv.lease, out);
}

fn write_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn write_int(field: u64, value: i64, out: &mut Vec<u8>) {
    if value != 0 {
        write_varint(field << 3, out);
        write_varint(value as u64, out);
    }
}

fn write_bytes(field: u64, value: &[u8], out: &mut Vec<u8>) {
    if !value.is_empty() {
        write_varint(field << 3 | 2, out);
        write_varint(value.len() as u64, out);
        out.extend(value);
    }
}
