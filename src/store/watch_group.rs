//! Watchers sorted by the keys they watch, so that a change finds them quickly.
//!
//! Watchers of one key are found by the key; those of an interval share one entry with all others
//! of the same interval.
//!
//! * A watcher is in a group at most once.
//! * Iteration is in the order of stream, then watch id: the same on every run.
//!
//! Caveat: a change looks at every distinct interval that begins at or before its key (etcd has an
//! interval tree). Watchers of one resource share an interval, so there are few.
//!
//! Architecture invariant: knows who watches what, not what they were told.

// Models etcd server/storage/mvcc/watcher_group.go.

use serde::{Deserialize, Serialize};

use super::{Blob, Interval};
use crate::sorted::{SortedMap, SortedSet};

/// One connection of a client; it carries any number of watchers.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct StreamId(pub u64);

/// One watcher: its stream, and its id there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WatcherId {
    /// The stream.
    pub stream: StreamId,
    /// The id within the stream, from 0.
    pub watch: i64,
}

/// A set of watchers.
#[derive(Debug, Clone, Default)]
pub(super) struct WatchGroup {
    singles: SortedMap<Blob, SortedSet<WatcherId>>,
    intervals: SortedMap<(Blob, Blob), SortedSet<WatcherId>>,
    members: SortedSet<WatcherId>,
}

impl WatchGroup {
    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    pub(super) fn has(&self, id: WatcherId) -> bool {
        self.members.contains(&id)
    }

    pub(super) fn insert(&mut self, id: WatcherId, key: &Blob, range_end: &Blob) {
        self.members.insert(id);
        let watchers = match range_end.is_empty() {
            true => self.singles.or_default(key.clone()),
            false => self.intervals.or_default((key.clone(), range_end.clone())),
        };
        watchers.insert(id);
    }

    /// False when it was not there.
    pub(super) fn remove(&mut self, id: WatcherId, key: &Blob, range_end: &Blob) -> bool {
        if !self.members.remove(&id) {
            return false;
        }
        if range_end.is_empty() {
            remove_from(&mut self.singles, key, id);
        } else {
            remove_from(&mut self.intervals, &(key.clone(), range_end.clone()), id);
        }
        true
    }

    /// Who watches this key.
    pub(super) fn watching<'a>(&'a self, key: &'a [u8]) -> impl Iterator<Item = WatcherId> + 'a {
        let intervals = self
            .intervals
            .iter()
            .take_while(move |((start, _), _)| &start[..] <= key)
            .filter(move |((start, end), _)| Interval::new(start, end).contains(key));
        let singles = self.singles.get(key).into_iter().flatten();
        singles.chain(intervals.flat_map(|(_, watchers)| watchers)).copied()
    }

    /// At most `most` members, going on after `last` and then from the beginning.
    pub(super) fn turn(&self, last: Option<WatcherId>, most: usize) -> Vec<WatcherId> {
        let Some(last) = last else {
            return self.members.iter().take(most).copied().collect();
        };
        let members = self.members.as_slice();
        let (until, after) = members.split_at(members.partition_point(|id| *id <= last));
        after.iter().chain(until).take(most).copied().collect()
    }

    /// Takes all members out.
    pub(super) fn drain(&mut self) -> SortedSet<WatcherId> {
        std::mem::take(self).members
    }
}

fn remove_from<K: Ord>(map: &mut SortedMap<K, SortedSet<WatcherId>>, key: &K, id: WatcherId) {
    if let Some(watchers) = map.get_mut(key) {
        watchers.remove(&id);
        if watchers.is_empty() {
            map.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_has_a_turn() {
        let id = |watch| WatcherId { stream: StreamId(1), watch };
        let mut group = WatchGroup::default();
        for watch in 0..5 {
            group.insert(id(watch), &"a".into(), &Blob::default());
        }
        let turn = |last: Option<i64>, most| -> Vec<i64> {
            group.turn(last.map(id), most).iter().map(|id| id.watch).collect()
        };
        assert_eq!(turn(None, 3), [0, 1, 2]);
        assert_eq!(turn(Some(2), 3), [3, 4, 0]);
        assert_eq!(turn(Some(9), 2), [0, 1], "the last one may be gone");
        assert_eq!(turn(Some(1), 9), [2, 3, 4, 0, 1]);
    }
}
