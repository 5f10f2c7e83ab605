//! Stored values and requests in words, for people.
//!
//! Architecture invariant: reads bytes; never decides anything with them.

use super::decode::{Envelope, decode};
use super::txn_text::txn_text;
use super::{ByteSpan, annotate};
use crate::store::Request;

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
        Request::Txn(txn) => txn_text(txn),
        Request::Lease(_) | Request::Maintenance(_) | Request::Cluster(_) => {
            crate::raft::summary(request)
        }
    }
}
