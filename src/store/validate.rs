//! What etcd refuses before it proposes anything: requests that are wrong whatever the store holds.
//!
//! The order of the checks decides which error a doubly wrong request gets, so it is etcd's.
//!
//! * Operations: at most [`MAX_TXN_OPS`], and a nested transaction has what its parent leaves.
//! * No branch may put a key twice, or put and delete it; delete and delete may overlap. Between
//!   nested transactions this depends on their order: `{put a} {delete a}` is accepted,
//!   `{delete a} {put a}` is not.
//!
//! Caveat, etcd's own: a delete of every key from `a` on (`range_end` one zero byte) is not seen as
//! meeting any put, so `{put b, delete a…}` is accepted and done in order (seen in 3.4.23).
//!
//! Architecture invariant: looks at the request alone.

// Models etcd server/etcdserver/api/v3rpc/key.go and server/etcdserver/v3_server.go.

use super::error::Error;
use super::wire::request_size;
use super::{Blob, DeleteRangeRequest, Interval, PutRequest, RangeRequest, Request, RequestOp};
use super::{Compare, TxnRequest};
use crate::sorted::SortedSet;

/// Largest request, in bytes of its raft entry; etcd's `--max-request-bytes`.
pub const MAX_REQUEST_BYTES: usize = 1_572_864;

/// Most compares, and most operations of one branch; etcd's `--max-txn-ops`.
pub const MAX_TXN_OPS: usize = 128;

/// Checks any request, as the API does on arrival.
///
/// Errors: those of the function for its kind.
pub fn validate(request: &Request) -> Result<(), Error> {
    match request {
        Request::Range(range) => validate_range(range),
        Request::Put(put) => validate_put(put),
        Request::DeleteRange(delete) => validate_delete_range(delete),
        Request::Txn(txn) => validate_txn(txn),
        Request::Compaction(_)
        | Request::Lease(_)
        | Request::Maintenance(_)
        | Request::Cluster(_) => Ok(()),
    }
}

/// Checks that a request is not too large to be proposed under this request id.
///
/// Errors: [`Error::RequestTooLarge`].
pub fn validate_size(request: &Request, id: u64) -> Result<(), Error> {
    let fits = request_size(request, id) <= MAX_REQUEST_BYTES;
    if fits { Ok(()) } else { Err(Error::RequestTooLarge) }
}

/// Errors: [`Error::EmptyKey`].
pub fn validate_range(request: &RangeRequest) -> Result<(), Error> {
    has_key(&request.key)
}

/// Errors: [`Error::EmptyKey`], [`Error::ValueProvided`], [`Error::LeaseProvided`].
pub fn validate_put(request: &PutRequest) -> Result<(), Error> {
    has_key(&request.key)?;
    if request.ignore_value && !request.value.is_empty() {
        return Err(Error::ValueProvided);
    }
    if request.ignore_lease && request.lease != 0 {
        return Err(Error::LeaseProvided);
    }
    Ok(())
}

/// Errors: [`Error::EmptyKey`].
pub fn validate_delete_range(request: &DeleteRangeRequest) -> Result<(), Error> {
    has_key(&request.key)
}

/// Errors: [`Error::TooManyOps`], [`Error::EmptyKey`], [`Error::KeyNotFound`] (an operation with
/// nothing in it), those of its operations, [`Error::DuplicateKey`].
pub fn validate_txn(request: &TxnRequest) -> Result<(), Error> {
    check_shape(request, MAX_TXN_OPS)?;
    check_intervals(&request.success)?;
    check_intervals(&request.failure)?;
    Ok(())
}

fn has_key(key: &[u8]) -> Result<(), Error> {
    if key.is_empty() { Err(Error::EmptyKey) } else { Ok(()) }
}

fn check_shape(txn: &TxnRequest, budget: usize) -> Result<(), Error> {
    let ops = txn.compare.len().max(txn.success.len()).max(txn.failure.len());
    let left = budget.checked_sub(ops).ok_or(Error::TooManyOps)?;
    txn.compare.iter().try_for_each(|Compare { key, .. }| has_key(key))?;
    txn.success.iter().chain(&txn.failure).try_for_each(|op| match op {
        RequestOp::Empty => Err(Error::KeyNotFound),
        RequestOp::Range(range) => validate_range(range),
        RequestOp::Put(put) => validate_put(put),
        RequestOp::DeleteRange(delete) => validate_delete_range(delete),
        RequestOp::Txn(nested) => check_shape(nested, left),
    })
}

/// What a branch puts and deletes.
#[derive(Default)]
struct Touched<'a> {
    puts: SortedSet<&'a Blob>,
    deletes: Vec<Interval<'a>>,
}

impl Touched<'_> {
    fn deletes(&self, key: &[u8]) -> bool {
        self.deletes.iter().any(|interval| !interval.is_open() && interval.contains(key))
    }
}

fn check_intervals(ops: &[RequestOp]) -> Result<Touched<'_>, Error> {
    let mut touched = Touched::default();
    for op in ops {
        if let RequestOp::DeleteRange(delete) = op {
            touched.deletes.push(Interval::new(&delete.key, &delete.range_end));
        }
    }
    for op in ops {
        if let RequestOp::Txn(nested) = op {
            check_nested(nested, &mut touched)?;
        }
    }
    for op in ops {
        if let RequestOp::Put(PutRequest { key, .. }) = op
            && (touched.deletes(key) || !touched.puts.insert(key))
        {
            return Err(Error::DuplicateKey);
        }
    }
    Ok(touched)
}

/// A nested transaction's puts must not meet what came before; its own two branches may meet.
fn check_nested<'a>(txn: &'a TxnRequest, touched: &mut Touched<'a>) -> Result<(), Error> {
    let success = check_intervals(&txn.success)?;
    let failure = check_intervals(&txn.failure)?;
    let puts: SortedSet<&Blob> = success.puts.into_iter().chain(failure.puts).collect();
    if puts.iter().any(|key| touched.puts.contains(key) || touched.deletes(key)) {
        return Err(Error::DuplicateKey);
    }
    touched.puts.extend(puts);
    touched.deletes.extend(success.deletes);
    touched.deletes.extend(failure.deletes);
    Ok(())
}
