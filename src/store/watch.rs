//! Who is told of what: the watchers of one member.
//!
//! A watcher that has seen everything is *synced* and is told of each write at its end
//! ([`WatchHub::notify`]). One that asked for the past, or fell behind, is *unsynced* and is told
//! batch by batch from the store's history ([`WatchHub::sync`], every 100 ms in etcd). One whose
//! stream had no room is a *victim*: its batch waits and is offered again ([`WatchHub::retry`],
//! every 10 ms).
//!
//! * Each watcher is in exactly one of the three states, or gone.
//! * A watcher is told of every change to its keys from its start on, each once, in order, whole
//!   revisions at a time; or it is cancelled with the revision up to which history is gone.
//! * A progress answer never overtakes a change.
//!
//! Caveats: after a snapshot is installed every watcher goes on from the revision after the last
//! one it was told of, not the last one it could have been told of, so a quiet one may find that
//! compacted, as in etcd. An id is free again as soon as a compaction cancelled its watcher (in
//! etcd, when the client has cancelled it, too).
//!
//! Architecture invariant: pure; the caller decides when. Belongs to one member and never travels.

// Models etcd server/storage/mvcc/watchable_store.go, watcher.go and
// server/etcdserver/api/v3rpc/watch.go.

use super::watch_batch::Batch;
use super::watch_fragment::{FRAGMENT_BYTES_MAX, fragments};
use super::watch_group::{StreamId, WatchGroup, WatcherId};
use super::watch_stream::WatchStream;
use super::{Blob, Revision, Store, WatchCreateRequest, WatchResponse};
use crate::sorted::SortedMap;

/// The watch id of answers about no watcher in particular.
pub const NO_WATCH: i64 = -1;

/// One watcher.
#[derive(Debug, Clone)]
pub(super) struct Watcher {
    pub(super) request: WatchCreateRequest,
    /// The first revision it has not been told of.
    pub(super) next: i64,
    /// Whether the next progress round is to tell it.
    pub(super) quiet: bool,
}

/// All watchers of one member.
#[derive(Debug, Clone, Default)]
pub struct WatchHub {
    pub(super) streams: SortedMap<StreamId, WatchStream>,
    opened: u64,
    pub(super) watchers: SortedMap<WatcherId, Watcher>,
    pub(super) synced: WatchGroup,
    pub(super) unsynced: WatchGroup,
    pub(super) victims: SortedMap<WatcherId, Batch>,
    /// Who was looked at last in a sync round.
    pub(super) turn: Option<WatcherId>,
}

impl WatchHub {
    /// No streams.
    pub fn new() -> Self {
        Self::default()
    }

    /// A new stream.
    pub fn open(&mut self) -> StreamId {
        self.opened += 1;
        let stream = StreamId(self.opened);
        self.streams.insert(stream, WatchStream::default());
        stream
    }

    /// Ends a stream and its watchers; what waits in it is lost.
    pub fn close(&mut self, stream: StreamId) {
        for id in self.ids(stream) {
            self.remove(id);
        }
        self.streams.remove(&stream);
    }

    /// Takes everything that waits in a stream, oldest first; in fragments for those who take them
    /// (`watch_fragment`).
    pub fn take(&mut self, stream: StreamId) -> Vec<WatchResponse> {
        self.take_within(stream, FRAGMENT_BYTES_MAX)
    }

    /// The same, where fragments may have so many bytes.
    pub fn take_within(&mut self, stream: StreamId, most: usize) -> Vec<WatchResponse> {
        let mut taken = Vec::new();
        while let Some(answer) = self.take_one(stream) {
            let id = WatcherId { stream, watch: answer.watch_id };
            match self.watchers.get(&id).is_some_and(|watcher| watcher.request.fragment) {
                true => taken.extend(fragments(answer, most)),
                false => taken.push(answer),
            }
        }
        taken
    }

    /// Takes the oldest answer that waits in a stream.
    pub fn take_one(&mut self, stream: StreamId) -> Option<WatchResponse> {
        self.streams.get_mut(&stream)?.next()
    }

    /// Creates a watcher. What came of it is told in the stream: `created`, and, if it was refused,
    /// `canceled` with the reason and watch id −1. An unknown stream is ignored.
    pub fn create(&mut self, stream: StreamId, request: &WatchCreateRequest, store: &Store) {
        let mut request = request.clone();
        if request.key.is_empty() {
            request.key = Blob::from([0].as_slice());
        }
        let outcome = self.admit(stream, &request);
        let Some(told) = self.streams.get_mut(&stream) else { return };
        let created = WatchResponse {
            revision: store.revision(),
            watch_id: NO_WATCH,
            created: true,
            ..WatchResponse::default()
        };
        match outcome {
            Err(reason) => {
                let cancel_reason = reason.to_string();
                told.tell(WatchResponse { canceled: true, cancel_reason, ..created });
            }
            Ok(id) => {
                told.tell(WatchResponse { watch_id: id.watch, ..created });
                self.start(id, request, store.revision().0);
            }
        }
    }

    fn admit(
        &mut self,
        stream: StreamId,
        request: &WatchCreateRequest,
    ) -> Result<WatcherId, &'static str> {
        if request.start_revision < Revision(0) {
            return Err("etcdserver: mvcc: required revision has been compacted");
        }
        let end = &request.range_end[..];
        if !end.is_empty() && end != [0] && &request.key[..] >= end {
            return Err("mvcc: watcher range is empty");
        }
        let watchers = &self.watchers;
        let taken = |watch| watchers.contains_key(&WatcherId { stream, watch });
        let watch = match request.watch_id {
            0 => self.streams.get_mut(&stream).map_or(0, |stream| stream.free_id(taken)),
            wanted if taken(wanted) => {
                return Err("mvcc: duplicate watch ID provided on the WatchStream");
            }
            wanted => wanted,
        };
        Ok(WatcherId { stream, watch })
    }

    fn start(&mut self, id: WatcherId, request: WatchCreateRequest, now: i64) {
        let start = request.start_revision.0;
        let synced = start == 0 || start > now;
        let next = if synced { start.max(now + 1) } else { start };
        let group = if synced { &mut self.synced } else { &mut self.unsynced };
        group.insert(id, &request.key, &request.range_end);
        self.watchers.insert(id, Watcher { request, next, quiet: true });
    }

    /// Ends a watcher at its client's wish and tells so; false when there is none of this id.
    /// What waited for it is dropped.
    pub fn cancel(&mut self, stream: StreamId, watch: i64, store: &Store) -> bool {
        let known = self.remove(WatcherId { stream, watch });
        if let (true, Some(told)) = (known, self.streams.get_mut(&stream)) {
            told.forget(watch);
            let revision = store.revision();
            let canceled = true;
            told.tell(WatchResponse {
                revision,
                watch_id: watch,
                canceled,
                ..WatchResponse::default()
            });
        }
        known
    }

    pub(super) fn remove(&mut self, id: WatcherId) -> bool {
        let Some(watcher) = self.watchers.remove(&id) else { return false };
        let WatchCreateRequest { key, range_end, .. } = &watcher.request;
        self.synced.remove(id, key, range_end);
        self.unsynced.remove(id, key, range_end);
        self.victims.remove(&id);
        true
    }

    pub(super) fn ids(&self, stream: StreamId) -> Vec<WatcherId> {
        self.watchers.keys().filter(|id| id.stream == stream).copied().collect()
    }
}
