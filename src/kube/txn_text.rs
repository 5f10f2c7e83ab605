//! A transaction as text, in the manner of etcd's documentation.
//!
//! Architecture invariant: for eyes only; nothing parses it.

use std::fmt::Write as _;

use crate::store::{Blob, Compare, CompareResult, CompareTarget, RequestOp, TxnRequest};

/// `txn(if mod_revision("/a") = 0 then put("/a", 5 bytes))`.
pub fn txn_text(txn: &TxnRequest) -> String {
    let mut out = String::from("txn(if ");
    out.push_str(&joined(&txn.compare, compare, " and ", "true"));
    let _ = write!(out, " then {}", joined(&txn.success, operation, "; ", "nothing"));
    if !txn.failure.is_empty() {
        let _ = write!(out, " else {}", joined(&txn.failure, operation, "; ", ""));
    }
    out.push(')');
    out
}

fn joined<T>(list: &[T], each: fn(&T) -> String, between: &str, empty: &str) -> String {
    match list.is_empty() {
        true => empty.to_string(),
        false => list.iter().map(each).collect::<Vec<_>>().join(between),
    }
}

fn compare(compare: &Compare) -> String {
    let relation = match compare.result {
        CompareResult::Equal => "=",
        CompareResult::Greater => ">",
        CompareResult::Less => "<",
        CompareResult::NotEqual => "!=",
    };
    let (target, number) = match &compare.target {
        CompareTarget::Version(number) => ("version", number.to_string()),
        CompareTarget::Create(revision) => ("create_revision", revision.to_string()),
        CompareTarget::Mod(revision) => ("mod_revision", revision.to_string()),
        CompareTarget::Lease(number) => ("lease", number.to_string()),
        CompareTarget::Value(value) => ("value", format!("{value:?}")),
    };
    format!("{target}({}) {relation} {number}", keys(&compare.key, &compare.range_end))
}

fn operation(operation: &RequestOp) -> String {
    match operation {
        RequestOp::Empty => "nothing".to_string(),
        RequestOp::Range(range) => format!("get({})", keys(&range.key, &range.range_end)),
        RequestOp::Put(put) => format!("put({:?}, {} bytes)", put.key, put.value.len()),
        RequestOp::DeleteRange(delete) => {
            format!("delete({})", keys(&delete.key, &delete.range_end))
        }
        RequestOp::Txn(txn) => txn_text(txn),
    }
}

fn keys(key: &Blob, range_end: &Blob) -> String {
    match range_end.is_empty() {
        true => format!("{key:?}"),
        false => format!("{key:?}, {range_end:?}"),
    }
}
