//! Stored values and requests in words, for people.
//!
//! Architecture invariant: reads bytes; never decides anything with them.

use std::fmt::Write;

use super::decode::{Envelope, decode};
use super::{ByteSpan, annotate};
use crate::store::{Compare, CompareResult, CompareTarget, Request, RequestOp, TxnRequest};

/// Longest plain value shown, in characters.
const VALUE_CHARS_MAX: usize = 40;

/// What the bytes of a stored value mean, covering all of them in order.
pub fn spans(value: &[u8]) -> Vec<ByteSpan> {
    annotate::annotate(value)
}

/// A stored value in a few words: `Deployment default/web`, `encrypted, aesgcm, key1`, `"bar"`.
pub fn in_words(value: &[u8]) -> String {
    if let Some(rest) = value.strip_prefix(b"k8s:enc:") {
        let mut parts = rest.splitn(4, |byte| *byte == b':').map(String::from_utf8_lossy);
        let (provider, _version, key) = (parts.next(), parts.next(), parts.next());
        return match (provider, key) {
            (Some(provider), Some(key)) => format!("encrypted, {provider}, {key}"),
            _ => "encrypted".into(),
        };
    }
    if let Ok((kind, object)) = decode(value) {
        let field = |name: &str| object["metadata"][name].as_str().unwrap_or_default().to_string();
        let (namespace, name) = (field("namespace"), field("name"));
        return match namespace.is_empty() {
            true => format!("{} {name}", kind.kind),
            false => format!("{} {namespace}/{name}", kind.kind),
        };
    }
    if let Ok(envelope) = Envelope::read(value) {
        return format!("{} {}", envelope.api_version, envelope.kind);
    }
    plain(value)
}

fn plain(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) if text.chars().count() <= VALUE_CHARS_MAX => format!("\"{text}\""),
        Ok(text) => format!("\"{}…\"", text.chars().take(VALUE_CHARS_MAX).collect::<String>()),
        Err(_) => format!("{} bytes", value.len()),
    }
}

/// A write as etcd's documentation writes transactions.
pub fn request(request: &Request) -> String {
    match request {
        Request::Put(put) => format!("put {:?} ({} bytes)", put.key, put.value.len()),
        Request::DeleteRange(delete) => format!("delete {:?}", delete.key),
        Request::Range(range) => format!("get {:?}", range.key),
        Request::Compaction(compact) => format!("compact {}", compact.revision),
        Request::Txn(txn) => transaction(txn),
    }
}

/// A transaction, a line for each part.
pub fn transaction(txn: &TxnRequest) -> String {
    let mut text = String::from("If\n");
    for compare in &txn.compare {
        let _ = writeln!(text, "    {}", condition(compare));
    }
    for (word, ops) in [("Then", &txn.success), ("Else", &txn.failure)] {
        if !ops.is_empty() {
            let _ = writeln!(text, "{word}");
            ops.iter().for_each(|op| drop(writeln!(text, "    {}", operation(op))));
        }
    }
    text.trim_end().to_string()
}

fn condition(compare: &Compare) -> String {
    let key = &compare.key;
    let relation = match compare.result {
        CompareResult::Equal => "=",
        CompareResult::NotEqual => "!=",
        CompareResult::Greater => ">",
        CompareResult::Less => "<",
    };
    let (target, value) = match &compare.target {
        CompareTarget::Version(value) => ("version", value.to_string()),
        CompareTarget::Create(value) => ("create_revision", value.to_string()),
        CompareTarget::Mod(value) => ("mod_revision", value.to_string()),
        CompareTarget::Value(value) => ("value", format!("{value:?}")),
        CompareTarget::Lease(value) => ("lease", value.to_string()),
    };
    format!("{target}({key:?}) {relation} {value}")
}

fn operation(op: &RequestOp) -> String {
    match op {
        RequestOp::Put(put) => request(&Request::Put(put.clone())),
        RequestOp::DeleteRange(delete) => request(&Request::DeleteRange(delete.clone())),
        RequestOp::Range(range) => request(&Request::Range(range.clone())),
        RequestOp::Txn(_) => "a nested transaction".into(),
        RequestOp::Empty => "nothing".into(),
    }
}
