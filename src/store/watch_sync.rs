//! How watchers are told: of the present as it happens, of the past batch by batch.
//!
//! * What a watcher is told of moves its next revision on; nothing else does.
//! * History is read only as far as those in their turn can take it.
//!
//! Caveat: which 512 of more unsynced watchers are looked at goes round in turn; in etcd, by
//! chance.
//!
//! Architecture invariant: the store is only read.

// Models etcd server/storage/mvcc/watchable_store.go.

use super::watch::{WatchHub, Watcher};
use super::watch_batch::Batch;
use super::watch_group::{WatchGroup, WatcherId};
use super::{EventType, Revision, Store, WatchCreateRequest, WatchEvent, WatchResponse};
use crate::sorted::SortedMap;

/// Most unsynced watchers looked at in one round; etcd's `maxWatchersPerSync`.
pub const WATCHERS_PER_SYNC_MAX: usize = 512;

impl WatchHub {
    /// Tells the synced watchers of a write that just ended. `changes` is what
    /// [`Store::take_changes`] returned: whole revisions, in order.
    pub fn notify(&mut self, store: &Store, changes: &[WatchEvent]) {
        for revision in changes.chunk_by(|a, b| a.kv.mod_revision == b.kv.mod_revision) {
            let Some(first) = revision.first() else { continue };
            let batches = gather(&self.synced, &self.watchers, revision.iter().cloned(), None);
            for (id, batch) in batches {
                self.set_next(id, first.kv.mod_revision.0 + 1);
                if !self.send(id, &batch.events, first.kv.mod_revision, store) {
                    self.sacrifice(id, batch);
                }
            }
        }
    }

    /// Offers what victims wait for once more; returns how many were relieved.
    pub fn retry(&mut self, store: &Store) -> usize {
        let mut relieved = 0;
        for (id, batch) in std::mem::take(&mut self.victims) {
            let Some(watcher) = self.watchers.get(&id) else { continue };
            let seen = Revision(watcher.next - 1);
            if !self.send(id, &batch.events, seen, store) {
                self.victims.insert(id, batch);
                continue;
            }
            relieved += 1;
            self.regroup(id, store.revision().0);
        }
        relieved
    }

    /// One round for unsynced watchers: at most [`WATCHERS_PER_SYNC_MAX`] of them are told the next
    /// part of the past; who has seen all of it becomes synced. Returns how many are unsynced
    /// still.
    pub fn sync(&mut self, store: &Store) -> usize {
        let chosen = self.unsynced.turn(self.turn, WATCHERS_PER_SYNC_MAX);
        self.turn = chosen.last().copied();
        let now = store.revision().0;
        let mut group = WatchGroup::default();
        let mut first = i64::MAX;
        for id in chosen {
            if self.is_compacted(id, store) {
                self.cancel_compacted(id, store);
                continue;
            }
            let watcher = &self.watchers[&id];
            first = first.min(watcher.next);
            group.insert(id, &watcher.request.key, &watcher.request.range_end);
        }
        let past = store.changes(Revision(first), Revision(now));
        let mut batches = gather(&group, &self.watchers, past, Some(group.len()));
        for id in group.drain() {
            let batch = batches.remove(&id).unwrap_or_default();
            self.tell_past(id, batch, store);
        }
        self.unsynced.len()
    }

    fn tell_past(&mut self, id: WatcherId, batch: Batch, store: &Store) {
        let now = store.revision().0;
        let next = batch.more_from.unwrap_or_else(|| self.watchers[&id].next.max(now + 1));
        self.set_next(id, next);
        if batch.events.is_empty() || self.send(id, &batch.events, store.revision(), store) {
            self.regroup(id, now);
        } else {
            self.sacrifice(id, batch);
        }
    }

    fn is_compacted(&self, id: WatcherId, store: &Store) -> bool {
        self.watchers[&id].next < store.compact_revision().0
    }

    /// A watcher whose past is gone is told so and ends; without room, it waits for the next round.
    fn cancel_compacted(&mut self, id: WatcherId, store: &Store) {
        let answer = WatchResponse {
            watch_id: id.watch,
            canceled: true,
            compact_revision: store.compact_revision(),
            ..WatchResponse::default()
        };
        if self.streams.get_mut(&id.stream).is_some_and(|stream| stream.offer(answer)) {
            self.remove(id);
        }
    }

    /// The store was replaced by a snapshot: every synced watcher must look for what it missed.
    pub fn restore(&mut self) {
        for id in self.synced.drain() {
            let WatchCreateRequest { key, range_end, .. } = &self.watchers[&id].request;
            self.unsynced.insert(id, key, range_end);
        }
    }

    /// Puts changes into the stream, filtered and with what the watcher wants to know; false when
    /// there is no room. Nothing is sent when nothing passes the filters.
    fn send(
        &mut self,
        id: WatcherId,
        events: &[WatchEvent],
        revision: Revision,
        store: &Store,
    ) -> bool {
        let Some(watcher) = self.watchers.get_mut(&id) else { return true };
        let Some(stream) = self.streams.get_mut(&id.stream) else { return true };
        let request = &watcher.request;
        let passes = |event: &&WatchEvent| match event.event_type {
            EventType::Put => !request.no_put,
            EventType::Delete => !request.no_delete,
        };
        let mut passing = events.iter().filter(passes).peekable();
        if passing.peek().is_none() {
            return true;
        }
        if !stream.has_room() {
            return false;
        }
        let events = passing.map(|event| finished(event, request.prev_kv, store)).collect();
        watcher.quiet = false;
        let watch_id = id.watch;
        stream.offer(WatchResponse { revision, watch_id, events, ..WatchResponse::default() })
    }

    fn set_next(&mut self, id: WatcherId, next: i64) {
        if let Some(watcher) = self.watchers.get_mut(&id) {
            watcher.next = next;
        }
    }

    /// Moves a watcher to where its next revision belongs.
    fn regroup(&mut self, id: WatcherId, now: i64) {
        let Some(watcher) = self.watchers.get(&id) else { return };
        let WatchCreateRequest { key, range_end, .. } = &watcher.request;
        if watcher.next > now {
            self.unsynced.remove(id, key, range_end);
            self.synced.insert(id, key, range_end);
        } else {
            self.synced.remove(id, key, range_end);
            self.unsynced.insert(id, key, range_end);
        }
    }

    fn sacrifice(&mut self, id: WatcherId, batch: Batch) {
        let Some(watcher) = self.watchers.get(&id) else { return };
        let WatchCreateRequest { key, range_end, .. } = &watcher.request;
        self.synced.remove(id, key, range_end);
        self.unsynced.remove(id, key, range_end);
        self.victims.insert(id, batch);
    }
}

/// A change as this watcher wants it: with what was there before, unless it was created by it or
/// that is forgotten.
fn finished(event: &WatchEvent, with_previous: bool, store: &Store) -> WatchEvent {
    let mut event = event.clone();
    if with_previous && !event.is_create() {
        let before = Revision(event.kv.mod_revision.0 - 1);
        event.prev_kv = store.get(&event.kv.key, before).cloned();
    }
    event
}

/// Sorts changes by the watchers of a group that await them. Stops early once `enough` of them have
/// all they can take.
fn gather(
    group: &WatchGroup,
    watchers: &SortedMap<WatcherId, Watcher>,
    changes: impl Iterator<Item = WatchEvent>,
    enough: Option<usize>,
) -> SortedMap<WatcherId, Batch> {
    let mut batches = SortedMap::<WatcherId, Batch>::new();
    let mut full = 0;
    for event in changes {
        if enough == Some(full) {
            break;
        }
        for id in group.watching(&event.kv.key) {
            if event.kv.mod_revision.0 < watchers[&id].next {
                continue;
            }
            let batch = batches.or_default(id);
            let had_room = !batch.is_full();
            batch.add(event.clone());
            full += usize::from(had_room && batch.is_full());
        }
    }
    batches
}
