//! Looking at a member's watchers without disturbing them.
//!
//! Architecture invariant: reads only.

use super::watch::WatchHub;
use super::watch_group::{StreamId, WatcherId};
use super::{Revision, WatchCreateRequest};

/// How far a watcher is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatcherState {
    /// It is told of each write as it happens.
    Synced,
    /// It is being told of the past.
    Unsynced,
    /// Its stream had no room for what it was to be told.
    Victim,
}

/// A watcher as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatcherView<'a> {
    /// Which.
    pub id: WatcherId,
    /// What it asked for.
    pub request: &'a WatchCreateRequest,
    /// How far it is.
    pub state: WatcherState,
    /// The first revision it has not been told of.
    pub next_revision: Revision,
}

/// How many watchers are in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WatcherCounts {
    /// Told as it happens.
    pub synced: usize,
    /// Catching up. With `victims`, what etcd's gauge `slow_watcher_total` shows.
    pub unsynced: usize,
    /// Waiting for room in their stream.
    pub victims: usize,
}

impl WatchHub {
    /// How many watchers are in each state.
    pub fn counts(&self) -> WatcherCounts {
        WatcherCounts {
            synced: self.synced.len(),
            unsynced: self.unsynced.len(),
            victims: self.victims.len(),
        }
    }

    /// All watchers, by stream and id.
    pub fn watchers(&self) -> impl Iterator<Item = WatcherView<'_>> {
        self.watchers.iter().map(|(&id, watcher)| WatcherView {
            id,
            request: &watcher.request,
            state: self.state(id),
            next_revision: Revision(watcher.next),
        })
    }

    fn state(&self, id: WatcherId) -> WatcherState {
        match () {
            () if self.synced.has(id) => WatcherState::Synced,
            () if self.unsynced.has(id) => WatcherState::Unsynced,
            () => WatcherState::Victim,
        }
    }

    /// How many answers wait in a stream (creations and cancellations not counted), at most
    /// [`super::STREAM_BUFFER_MAX`].
    pub fn waiting(&self, stream: StreamId) -> usize {
        self.streams.get(&stream).map_or(0, |stream| stream.waiting())
    }
}
