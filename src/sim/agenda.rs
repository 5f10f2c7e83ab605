//! The agenda: timers and events in the order they will happen.
//!
//! * The order is `(time, sequence)`: of two entries for one instant, the one entered first.
//! * A sequence number is used once, so a key names one entry forever.
//! * Nothing is dropped while the agenda is borrowed: entries are handed to the caller.
//!
//! Besides, it keeps calls without a date ([`Deferred`]): what waits for a disk and must vanish
//! when its process is killed.
//!
//! Architecture invariant: a list, not a clock; it neither advances time nor calls anything.

use std::collections::BTreeMap;
use std::task::Waker;

use super::groups::Group;
use super::time::Instant;
use crate::sorted::SortedMap;

/// Names one entry of the agenda; its order is the order of happening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventKey {
    /// When it happens.
    pub at: Instant,
    sequence: u64,
}

/// Names one call without a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deferred(u64);

/// A call the agenda keeps.
pub(super) type Call = Box<dyn FnOnce()>;

/// What an entry does.
pub(super) enum What {
    /// A timer: wakes a task.
    Wake(Waker),
    /// An event: runs with its group current.
    Call(Call),
}

/// One entry.
pub(super) struct Entry {
    pub(super) group: Group,
    pub(super) what: What,
}

/// All that is going to happen, as far as is known.
#[derive(Default)]
pub(super) struct Agenda {
    entries: BTreeMap<EventKey, Entry>,
    deferred: SortedMap<Deferred, (Group, Call)>,
    sequence: u64,
}

impl Agenda {
    fn next_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    /// Enters something behind everything already entered for the same instant.
    pub(super) fn insert(&mut self, at: Instant, entry: Entry) -> EventKey {
        let key = EventKey { at, sequence: self.next_sequence() };
        self.entries.insert(key, entry);
        key
    }

    /// Crosses an entry out.
    pub(super) fn remove(&mut self, key: EventKey) -> Option<Entry> {
        self.entries.remove(&key)
    }

    /// Takes the earliest entry if it happens at `limit` or before.
    pub(super) fn pop_until(&mut self, limit: Instant) -> Option<(EventKey, Entry)> {
        let first = self.entries.first_entry()?;
        (first.key().at <= limit).then(|| first.remove_entry())
    }

    /// The earliest entry.
    pub(super) fn next_key(&self) -> Option<EventKey> {
        self.entries.first_key_value().map(|(key, _)| *key)
    }

    /// Lets a timer wake another waker; false if the timer is gone.
    pub(super) fn rewake(&mut self, key: EventKey, new: &Waker) -> bool {
        let Some(Entry { what: What::Wake(waker), .. }) = self.entries.get_mut(&key) else {
            return false;
        };
        if !waker.will_wake(new) {
            *waker = new.clone();
        }
        true
    }

    /// Keeps a call without a date.
    pub(super) fn defer(&mut self, group: Group, call: Call) -> Deferred {
        let key = Deferred(self.next_sequence());
        self.deferred.insert(key, (group, call));
        key
    }

    /// Takes a call without a date out.
    pub(super) fn take_deferred(&mut self, key: Deferred) -> Option<(Group, Call)> {
        self.deferred.remove(&key)
    }

    /// Takes out everything of the groups chosen, for the caller to drop.
    pub(super) fn purge(&mut self, chosen: impl Fn(Group) -> bool) -> (Vec<Entry>, Vec<Call>) {
        let entries = self.entries.extract_if(.., |_, entry| chosen(entry.group));
        let entries = entries.map(|(_, entry)| entry).collect();
        let deferred = std::mem::take(&mut self.deferred);
        let (gone, stays) = deferred.into_iter().partition(|(_, (group, _))| chosen(*group));
        self.deferred = stays;
        let gone: SortedMap<_, (_, Call)> = gone;
        (entries, gone.into_iter().map(|(_, (_, call))| call).collect())
    }

    /// How many entries and undated calls there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len() + self.deferred.len()
    }
}
