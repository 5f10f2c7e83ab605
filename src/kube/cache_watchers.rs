//! Who watches one kind through an apiserver, found by what a change is about.
//!
//! * Who selects by the kind's trigger field ([`super::selector::trigger`]), as kubelets do, is
//!   found by the field's value before and after the change; only who does not is asked each time.
//! * What one watcher is told is numbered without a gap, so that who misses a packet knows.
//!
//! Architecture invariant: finds watchers; sends nothing.
// Models apiserver pkg/storage/cacher/cacher.go (indexedWatchers).

use std::cell::Cell;
use std::rc::Rc;

use serde_json::Value;

use super::api_watch::WatchAsked;
use super::selector::{field, trigger};
use super::status::Status;
use super::storage_watch::Change;
use super::watch_cache::Changed;
use crate::sim::Address;
use crate::sorted::{SortedMap, SortedSet};
use crate::store::Revision;

/// What one who watches hears.
#[derive(Debug, Clone)]
pub(super) enum Heard {
    /// A change, or a bookmark; with its number on this watch, from 0.
    Told(u64, Change, Rc<Value>, Revision),
    /// The apiserver refuses to go on, or to begin.
    Refused(Status),
    /// The watch has ended; one can watch again from where it was.
    Closed,
}

/// Where it is heard.
pub(super) type Ear = Rc<dyn Fn(Heard)>;

/// One watch.
pub(super) struct CacheWatcher {
    pub place: Address,
    pub asked: WatchAsked,
    pub ear: Ear,
    /// It has been told everything up to here.
    pub after: Cell<Revision>,
    told: Cell<u64>,
}

impl CacheWatcher {
    pub fn new(place: Address, asked: WatchAsked, ear: Ear) -> CacheWatcher {
        let after = Cell::new(asked.after);
        CacheWatcher { place, asked, ear, after, told: Cell::new(0) }
    }

    /// The number of what it is told next.
    pub fn number(&self) -> u64 {
        self.told.replace(self.told.get() + 1)
    }
}

/// Everyone who watches a kind.
#[derive(Default)]
pub(super) struct CacheWatchers {
    all: SortedMap<u64, Rc<CacheWatcher>>,
    by_value: SortedMap<String, Vec<u64>>,
    others: SortedSet<u64>,
    next: u64,
}

impl CacheWatchers {
    /// One more; its number.
    pub fn add(&mut self, kind: &str, watcher: Rc<CacheWatcher>) -> u64 {
        let id = self.next;
        self.next += 1;
        match trigger(kind).and_then(|path| watcher.asked.selector.value_of(path)) {
            Some(value) => self.by_value.or_default(value.to_string()).push(id),
            None => drop(self.others.insert(id)),
        }
        self.all.insert(id, watcher);
        id
    }

    /// One less.
    pub fn remove(&mut self, kind: &str, id: u64) -> Option<Rc<CacheWatcher>> {
        let watcher = self.all.remove(&id)?;
        match trigger(kind).and_then(|path| watcher.asked.selector.value_of(path)) {
            Some(value) => {
                if let Some(ids) = self.by_value.get_mut(value) {
                    ids.retain(|other| *other != id);
                    if ids.is_empty() {
                        self.by_value.remove(value);
                    }
                }
            }
            None => drop(self.others.remove(&id)),
        }
        Some(watcher)
    }

    /// All of them, for good.
    pub fn take(&mut self) -> impl Iterator<Item = Rc<CacheWatcher>> + use<> {
        let next = self.next;
        let taken = std::mem::replace(self, CacheWatchers { next, ..CacheWatchers::default() });
        taken.all.into_values()
    }

    /// Those whom a change may concern.
    pub fn concerned(&self, kind: &str, changed: &Changed) -> Vec<Rc<CacheWatcher>> {
        let mut ids: Vec<u64> = Vec::new();
        if let Some(path) = trigger(kind) {
            let value = |object: &'_ Option<Rc<Value>>| {
                object.as_ref().map(|object| field(object, path).to_string())
            };
            let (after, before) = (value(&changed.after), value(&changed.before));
            let before = before.filter(|before| after.as_ref() != Some(before));
            for value in after.into_iter().chain(before) {
                ids.extend(self.by_value.get(&value).into_iter().flatten());
            }
        }
        ids.extend(self.others.iter());
        ids.sort_unstable();
        ids.iter().filter_map(|id| self.all.get(id)).cloned().collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Those of the sixtieth whose turn it is, as far as they want bookmarks.
    pub fn sixtieth(&self, turn: u64) -> Vec<Rc<CacheWatcher>> {
        let wants = |it: &(&u64, &Rc<CacheWatcher>)| it.0 % 60 == turn % 60 && it.1.asked.bookmarks;
        let mine = self.all.iter().filter(wants);
        mine.map(|(_, watcher)| watcher.clone()).collect()
    }
}
