//! Telling clients how far they are while nothing happens.
//!
//! * A progress answer says: everything up to this revision was told before.
//!
//! Architecture invariant: when an interval has passed is the caller's to say.

// Models etcd server/etcdserver/api/v3rpc/watch.go and server/storage/mvcc/watcher.go.

use super::watch::{NO_WATCH, WatchHub};
use super::watch_group::{StreamId, WatcherId};
use super::{Store, WatchResponse};

impl WatchHub {
    /// A client asks how far its stream is: one answer for all its watchers (watch id −1), if all
    /// are synced and have begun. Returns whether it was told.
    pub fn request_progress(&mut self, stream: StreamId, store: &Store) -> bool {
        let ids = self.ids(stream);
        let begun = |id: &WatcherId| {
            let start = self.watchers[id].request.start_revision;
            self.synced.has(*id) && start <= store.revision()
        };
        if ids.is_empty() || !ids.iter().all(begun) {
            return false;
        }
        self.tell_progress(stream, NO_WATCH, store)
    }

    /// The progress interval of a stream passed: those of its watchers that wanted it, are synced
    /// and were told of nothing since the last time are told the revision.
    pub fn progress_round(&mut self, stream: StreamId, store: &Store) {
        for id in self.ids(stream) {
            let Some(watcher) = self.watchers.get_mut(&id) else { continue };
            if !watcher.request.progress_notify {
                continue;
            }
            let due = std::mem::replace(&mut watcher.quiet, true);
            let begun = watcher.request.start_revision <= store.revision();
            if due && begun && self.synced.has(id) {
                self.tell_progress(stream, id.watch, store);
            }
        }
    }

    fn tell_progress(&mut self, stream: StreamId, watch_id: i64, store: &Store) -> bool {
        let revision = store.revision();
        let answer = WatchResponse { revision, watch_id, ..WatchResponse::default() };
        self.streams.get_mut(&stream).is_some_and(|stream| stream.offer(answer))
    }
}
