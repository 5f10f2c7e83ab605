//! Requests of clients as operations on single keys.
//!
//! A request on several keys is taken apart: every key it names gets what the request does to it.
//! Linearizability holds of the whole exactly when it holds of every key (Herlihy and Wing 1990,
//! "locality"), as far as single keys go; that a request on several keys happens at one instant for
//! all of them is not looked at here (revisions are, by the watches).
//!
//! * Exempt, and named so: serializable reads, and reads at a revision of the past.
//! * Keys of an interval are those known when the request begins.
//!
//! Architecture invariant: translates; judges nothing.

use super::register::{Act, Content, Op, Value, digest};
use crate::store::{
    Compare, Interval, KeyValue, RangeRequest, RangeResponse, Request, RequestOp, Response,
    ResponseOp, Revision, TxnRequest,
};

/// Why a request is not judged; none: it is.
pub(super) fn exempt(request: &Request) -> Option<&'static str> {
    match request {
        Request::Range(range) => exempt_range(range),
        Request::Txn(txn) => {
            let ops = || txn.success.iter().chain(&txn.failure);
            let is_nested = ops().any(|op| matches!(op, RequestOp::Txn(_)));
            let old = ops().find_map(|op| match op {
                RequestOp::Range(range) => exempt_range(range),
                _ => None,
            });
            if is_nested { Some("nested transaction") } else { old }
        }
        Request::Compaction(_) => Some("compaction"),
        Request::Lease(_) => Some("lease"),
        Request::Maintenance(_) => Some("maintenance"),
        Request::Cluster(_) => Some("members"),
        Request::Put(put) if put.ignore_value => Some("keeps the value that is there"),
        Request::Put(_) | Request::DeleteRange(_) => None,
    }
}

fn exempt_range(range: &RangeRequest) -> Option<&'static str> {
    let filters = [range.min_mod_revision, range.max_mod_revision];
    let more = [range.min_create_revision, range.max_create_revision];
    if range.serializable {
        Some("serializable")
    } else if range.revision > Revision(0) {
        Some("of a past revision")
    } else if filters.iter().chain(&more).any(|revision| revision.0 != 0) {
        Some("filtered")
    } else {
        None
    }
}

/// The intervals of keys a request is about.
pub(super) fn intervals(request: &Request) -> Vec<Interval<'_>> {
    match request {
        Request::Range(range) => vec![Interval::new(&range.key, &range.range_end)],
        Request::Put(put) => vec![Interval::new(&put.key, &[])],
        Request::DeleteRange(range) => vec![Interval::new(&range.key, &range.range_end)],
        Request::Txn(txn) => {
            let compared = txn.compare.iter().map(|it| Interval::new(&it.key, &it.range_end));
            let ops = txn.success.iter().chain(&txn.failure);
            compared.chain(ops.filter_map(op_interval)).collect()
        }
        Request::Compaction(_)
        | Request::Lease(_)
        | Request::Maintenance(_)
        | Request::Cluster(_) => Vec::new(),
    }
}

fn op_interval(op: &RequestOp) -> Option<Interval<'_>> {
    match op {
        RequestOp::Range(range) => Some(Interval::new(&range.key, &range.range_end)),
        RequestOp::Put(put) => Some(Interval::new(&put.key, &[])),
        RequestOp::DeleteRange(range) => Some(Interval::new(&range.key, &range.range_end)),
        RequestOp::Txn(_) | RequestOp::Empty => None,
    }
}

/// Whether a request may change something.
pub(super) fn writes(request: &Request) -> bool {
    match request {
        Request::Range(_)
        | Request::Compaction(_)
        | Request::Lease(_)
        | Request::Maintenance(_)
        | Request::Cluster(_) => false,
        Request::Put(_) | Request::DeleteRange(_) => true,
        Request::Txn(txn) => {
            let mut ops = txn.success.iter().chain(&txn.failure);
            ops.any(|op| !matches!(op, RequestOp::Range(_) | RequestOp::Empty))
        }
    }
}

/// What a request does to one key; with its answer, if there is one, and else with the revision
/// that is known to have come of it.
pub(super) fn op(
    request: &Request,
    key: &[u8],
    response: Option<&Response>,
    revision: Option<Revision>,
) -> Op {
    let success = |acts: Vec<Act>| Op { success: acts, revision, ..Op::default() };
    let mut op = match (request, response) {
        (Request::Range(range), Some(Response::Range(answer))) => {
            success(vec![Act::Read(seen(range, answer, key))])
        }
        (Request::Range(_), _) => success(vec![Act::Read(None)]),
        (Request::Put(put), _) => success(vec![Act::Put(digest(&put.value))]),
        (Request::DeleteRange(range), answer) => {
            let is_single = Interval::new(&range.key, &range.range_end).is_single();
            let deleted = match answer {
                Some(Response::DeleteRange(answer)) if is_single => Some(answer.deleted > 0),
                _ => None,
            };
            success(vec![Act::Delete(deleted)])
        }
        (Request::Txn(txn), Some(Response::Txn(answer))) => {
            let succeeded = Some(answer.succeeded);
            let answers = Some(&answer.responses[..]);
            of_txn(txn, key, (succeeded, answers), revision)
        }
        (Request::Txn(txn), _) => of_txn(txn, key, (None, None), revision),
        (Request::Compaction(_), _)
        | (Request::Lease(_), _)
        | (Request::Maintenance(_), _)
        | (Request::Cluster(_), _) => Op::default(),
    };
    if let Some(response) = response {
        op.revision = Some(crate::raft::header_revision(response));
    }
    op
}

fn of_txn(
    txn: &TxnRequest,
    key: &[u8],
    (succeeded, answers): (Option<bool>, Option<&[ResponseOp]>),
    revision: Option<Revision>,
) -> Op {
    let of_key = |compare: &&Compare| &compare.key[..] == key && compare.range_end.is_empty();
    let compare: Vec<Compare> = txn.compare.iter().filter(of_key).cloned().collect();
    let branch = |ops: &[RequestOp], taken: bool| {
        let answers = answers.filter(|_| succeeded == Some(taken));
        let nth = |at: usize| answers.and_then(|answers| answers.get(at));
        let acts = ops.iter().enumerate().filter_map(|(at, op)| act(op, key, nth(at)));
        acts.collect::<Vec<Act>>()
    };
    Op {
        is_partial: compare.len() < txn.compare.len(),
        compare,
        succeeded,
        success: branch(&txn.success, true),
        failure: branch(&txn.failure, false),
        revision,
    }
}

fn act(op: &RequestOp, key: &[u8], answer: Option<&ResponseOp>) -> Option<Act> {
    let interval = op_interval(op).filter(|interval| interval.contains(key))?;
    Some(match (op, answer) {
        (RequestOp::Put(put), _) => Act::Put(digest(&put.value)),
        (RequestOp::DeleteRange(_), Some(ResponseOp::DeleteRange(answer)))
            if interval.is_single() =>
        {
            Act::Delete(Some(answer.deleted > 0))
        }
        (RequestOp::DeleteRange(_), _) => Act::Delete(None),
        (RequestOp::Range(range), Some(ResponseOp::Range(answer))) => {
            Act::Read(seen(range, answer, key))
        }
        _ => Act::Read(None),
    })
}

/// What an answer says of a key; none: nothing.
fn seen(range: &RangeRequest, answer: &RangeResponse, key: &[u8]) -> Option<Content> {
    if range.count_only || range.keys_only {
        return None;
    }
    let of_key = |kv: &&KeyValue| &kv.key[..] == key;
    match answer.kvs.iter().find(of_key) {
        Some(kv) => Some(Content::Present(Value::from(kv))),
        None if answer.more || range.limit > 0 => None,
        None => Some(Content::Absent),
    }
}
