//! Answers that are too large for one message, cut into several.
//!
//! * Cut between events only: one event that is too large goes alone.
//! * All but the last say that more follows.
//! * Together they are the answer; each has its revision and its watcher.
//!
//! Architecture invariant: knows no watcher; who takes fragments is the caller's to ask.

// Models etcd server/etcdserver/api/v3rpc/watch.go (sendFragments).

use super::wire::{watch_event_size, watch_response_size};
use super::{MAX_REQUEST_BYTES, WatchResponse};

/// Answers of so many bytes are cut: the largest request, and what gRPC adds to it.
pub const FRAGMENT_BYTES_MAX: usize = MAX_REQUEST_BYTES + 512 * 1024;

/// An answer in pieces of less than so many bytes.
pub(super) fn fragments(answer: WatchResponse, most: usize) -> Vec<WatchResponse> {
    let sizes = answer.events.iter().map(watch_event_size);
    let whole = watch_response_size(&answer) + sizes.sum::<usize>();
    if whole < most || answer.events.len() < 2 {
        return vec![answer];
    }
    let blank = WatchResponse { events: Vec::new(), fragment: true, ..answer };
    let envelope = watch_response_size(&blank);
    let mut pieces = vec![blank.clone()];
    let mut size = envelope;
    for event in answer.events {
        let more = watch_event_size(&event);
        let has_some = pieces.last().is_some_and(|piece| !piece.events.is_empty());
        if has_some && size + more >= most {
            pieces.push(blank.clone());
            size = envelope;
        }
        size += more;
        pieces.last_mut().into_iter().for_each(|piece| piece.events.push(event.clone()));
    }
    pieces.last_mut().into_iter().for_each(|last| last.fragment = false);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{EventType, KeyValue, WatchEvent};

    /// How many events of this size each piece has, and whether it says that more follows.
    fn cut(sizes: &[usize]) -> Vec<(usize, bool)> {
        let event = |size: &usize| {
            let kv = KeyValue { key: "k".into(), value: vec![b'v'; *size].into(), ..kv() };
            WatchEvent { event_type: EventType::Put, kv, prev_kv: None }
        };
        let events = sizes.iter().map(event).collect();
        let answer = WatchResponse { events, watch_id: 7, ..WatchResponse::default() };
        let pieces = fragments(answer, FRAGMENT_BYTES_MAX);
        assert!(pieces.iter().all(|piece| piece.watch_id == 7));
        pieces.iter().map(|piece| (piece.events.len(), piece.fragment)).collect()
    }

    fn kv() -> KeyValue {
        KeyValue { mod_revision: crate::store::Revision(2), version: 1, ..KeyValue::default() }
    }

    #[test]
    fn large_answers_are_cut() {
        const MB: usize = 1_000_000;
        assert_eq!(cut(&[MB, MB]), [(2, false)]);
        assert_eq!(cut(&[MB, MB, MB]), [(2, true), (1, false)]);
        assert_eq!(cut(&[3 * MB]), [(1, false)]);
        assert_eq!(cut(&[1, 3 * MB, 1]), [(1, true), (1, true), (1, false)]);
        assert_eq!(cut(&[]), [(0, false)]);
    }
}
