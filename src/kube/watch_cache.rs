//! The watch cache of one kind: its objects as etcd's watch has told them, and the last changes.
//!
//! It has a revision of its own, that of the last change or progress note etcd told it of. Reads
//! are answered from the objects, watches begin from the changes.
//!
//! * Objects are kept in the order of their etcd keys and shared with whoever is told of them.
//! * Changes are in the order of their revisions, oldest first, [`CHANGES_MIN`] to [`CHANGES_MAX`]
//!   of them: the window doubles when its oldest change is younger than [`FRESH`], and halves when
//!   the younger three quarters would still reach so far back.
//! * A watch can begin after any revision since the last list, until a change has left the window;
//!   from then on only after the revision before the oldest change.
//!
//! Caveats: upstream's window has up to 102,400 changes; a browser tab has less room. A list of an
//! exact revision is etcd's business (upstream's snapshots of the cache are not modelled).
//!
//! Architecture invariant: pure; who feeds it and who waits for it is elsewhere.
// Models apiserver pkg/storage/cacher/watch_cache.go.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;

use super::object;
use super::selector::Selector;
use super::status::Status;
use super::storage_watch::Change;
use crate::sim::Instant;
use crate::store::Revision;

/// Fewest changes the window has room for (upstream's `defaultLowerBoundCapacity`).
pub const CHANGES_MIN: usize = 100;

/// Most changes the window has room for.
pub const CHANGES_MAX: usize = 8192;

/// How far back the window should reach (upstream's `eventFreshDuration`).
pub const FRESH: Duration = Duration::from_secs(75);

/// One change of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// The object after it; none: it was deleted.
    pub after: Option<Rc<Value>>,
    /// The object before it, with the revision of the change where it was deleted.
    pub before: Option<Rc<Value>>,
    /// The revision of the change.
    pub revision: Revision,
    /// The stored object's bytes.
    pub bytes: u32,
}

impl Changed {
    /// What it means to one who selects, and the object they are told; none: nothing.
    pub fn for_one(&self, selector: &Selector) -> Option<(Change, &Rc<Value>)> {
        let selected = |it: &&Rc<Value>| selector.selects(it);
        let after = self.after.as_ref().filter(selected);
        let before = self.before.as_ref().filter(selected);
        match (after, before) {
            (Some(after), None) => Some((Change::Added, after)),
            (Some(after), Some(_)) => Some((Change::Modified, after)),
            (None, Some(before)) => Some((Change::Deleted, before)),
            (None, None) => None,
        }
    }

    /// What it is about.
    pub fn object(&self) -> &Value {
        const NULL: &Value = &Value::Null;
        self.after.as_ref().or(self.before.as_ref()).map_or(NULL, |object| object)
    }
}

/// The cache.
#[derive(Debug)]
pub struct WatchCache {
    objects: BTreeMap<String, Rc<Value>>,
    changes: VecDeque<(Instant, Rc<Changed>)>,
    room: usize,
    /// The revision of the list it began with, while no change has left the window since.
    whole_since: Option<Revision>,
    revision: Revision,
}

impl Default for WatchCache {
    fn default() -> Self {
        WatchCache {
            objects: BTreeMap::new(),
            changes: VecDeque::new(),
            room: CHANGES_MIN,
            whole_since: None,
            revision: Revision(0),
        }
    }
}

impl WatchCache {
    /// How far it has been told.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// How many objects it holds.
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// The changes in the window, and how many it has room for.
    pub fn window(&self) -> (usize, usize) {
        (self.changes.len(), self.room)
    }

    /// The revision after which a watch can begin at the earliest, as it is named in refusals.
    pub fn oldest(&self) -> Revision {
        match (self.whole_since, self.changes.front()) {
            (Some(listed), _) => listed,
            (None, Some((_, oldest))) => Revision(oldest.revision.0 - 1),
            (None, None) => self.revision,
        }
    }

    /// Begins anew with a list.
    pub fn replace(&mut self, objects: Vec<(String, Rc<Value>)>, revision: Revision) {
        self.objects = objects.into_iter().collect();
        self.changes.clear();
        self.whole_since = Some(revision);
        self.revision = revision;
    }

    /// An object is so since a revision; none: it is gone. Returns the change.
    pub fn change(
        &mut self,
        key: &str,
        after: Option<Rc<Value>>,
        (revision, bytes): (Revision, u32),
        now: Instant,
    ) -> Rc<Changed> {
        let before = match &after {
            Some(after) => self.objects.insert(key.to_string(), after.clone()),
            None => self.objects.remove(key).map(|last| {
                let mut last = Value::clone(&last);
                object::set_resource_version(&mut last, revision);
                Rc::new(last)
            }),
        };
        let changed = Rc::new(Changed { after, before, revision, bytes });
        self.make_room(now);
        self.changes.push_back((now, changed.clone()));
        self.revision = self.revision.max(revision);
        changed
    }

    /// Nothing else has happened up to a revision.
    pub fn progress(&mut self, revision: Revision) {
        self.revision = self.revision.max(revision);
    }

    fn make_room(&mut self, now: Instant) {
        if self.changes.len() < self.room {
            return;
        }
        let young = |at: usize| self.changes.get(at).is_some_and(|it| now.since(it.0) < FRESH);
        if young(0) && self.room < CHANGES_MAX {
            self.room = (2 * self.room).min(CHANGES_MAX);
            return;
        }
        if !young(self.changes.len() * 3 / 4) && self.room > CHANGES_MIN {
            self.room = (self.room / 2).max(CHANGES_MIN);
        }
        let gone = self.changes.len() + 1 - self.room;
        self.changes.drain(..gone);
        self.whole_since = None;
    }

    /// An object, by its etcd key.
    pub fn get(&self, key: &str) -> Option<&Rc<Value>> {
        self.objects.get(key)
    }

    /// The objects meant, from a key on, all of whose keys have a prefix.
    pub fn list<'a>(
        &'a self,
        prefix: &'a str,
        from: &'a str,
        selector: &'a Selector,
    ) -> impl Iterator<Item = (&'a String, &'a Rc<Value>)> {
        let range = (Bound::Included(from), Bound::Unbounded);
        let all = self.objects.range::<str, _>(range);
        let mine = all.take_while(move |(key, _)| key.starts_with(prefix));
        mine.filter(move |(_, object)| selector.selects(object))
    }

    /// The changes after a revision.
    ///
    /// # Errors
    /// 410 when some of them are no longer in the window.
    pub fn since(&self, after: Revision) -> Result<impl Iterator<Item = &Rc<Changed>>, Status> {
        let oldest = self.oldest();
        if after < oldest {
            let text = format!("too old resource version: {after} ({oldest})");
            return Err(Status::expired(&text, None));
        }
        let changes = self.changes.iter().map(|(_, changed)| changed);
        Ok(changes.filter(move |changed| changed.revision > after))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(name: &str, node: &str, revision: i64) -> Rc<Value> {
        Rc::new(json!({
            "metadata": {"name": name, "resourceVersion": revision.to_string()},
            "spec": {"nodeName": node}
        }))
    }

    fn at(ms: u64) -> Instant {
        Instant::ZERO + Duration::from_millis(ms)
    }

    fn changes(cache: &WatchCache, after: i64) -> Result<Vec<i64>, String> {
        let found = cache.since(Revision(after)).map_err(|status| status.message)?;
        Ok(found.map(|changed| changed.revision.0).collect())
    }

    #[test]
    fn whoever_selects_is_told_what_it_means_to_them() {
        let mut cache = WatchCache::default();
        let on_a = Selector::of_field("spec.nodeName", "a");
        let mut told = |after: Option<Rc<Value>>, revision: i64| {
            let changed = cache.change("/pods/x", after, (Revision(revision), 0), at(0));
            let told = changed.for_one(&on_a);
            told.map(|(change, object)| (change, object::revision(object).0))
        };
        assert_eq!(told(Some(pod("x", "", 2)), 2), None);
        assert_eq!(told(Some(pod("x", "a", 3)), 3), Some((Change::Added, 3)));
        assert_eq!(told(Some(pod("x", "a", 4)), 4), Some((Change::Modified, 4)));
        // As it was, with the revision of its removal.
        assert_eq!(told(None, 6), Some((Change::Deleted, 6)));
    }

    #[test]
    fn a_watch_begins_in_the_window_or_not_at_all() {
        let mut cache = WatchCache::default();
        cache.replace(vec![("/pods/a".into(), pod("a", "", 4))], Revision(10));
        assert_eq!(changes(&cache, 10), Ok(vec![]));
        assert_eq!(changes(&cache, 9), Err("too old resource version: 9 (10)".into()));
        for revision in 11..=120 {
            // One a second: the hundredth is older than the window must reach.
            let key = "/pods/a";
            cache.change(
                key,
                Some(pod("a", "", revision)),
                (Revision(revision), 0),
                at(1000 * revision as u64),
            );
        }
        assert_eq!(cache.window(), (100, 100));
        assert_eq!(changes(&cache, 118), Ok(vec![119, 120]));
        assert_eq!(changes(&cache, 20).map(|all| all.len()), Ok(100));
        assert_eq!(changes(&cache, 19), Err("too old resource version: 19 (20)".into()));
        // From the future: whatever comes before it will not be told.
        assert_eq!(changes(&cache, 500), Ok(vec![]));
    }

    #[test]
    fn the_window_grows_with_the_pace_and_shrinks_with_it() {
        let mut cache = WatchCache::default();
        let mut put = |revision: i64, ms| {
            cache.change("/pods/a", Some(pod("a", "", revision)), (Revision(revision), 0), at(ms));
            cache.window().1
        };
        assert_eq!((1..=101).map(|it| put(it, 10 * it as u64)).last(), Some(200));
        assert_eq!((102..=20_000).map(|it| put(it, it as u64)).last(), Some(CHANGES_MAX));
        let slow = (20_001..=40_000).map(|it| put(it, 20_000 + 60_000 * it as u64)).last();
        assert_eq!(slow, Some(CHANGES_MIN));
    }

    #[test]
    fn lists_are_of_a_prefix() {
        let mut cache = WatchCache::default();
        let key = |it: &str| (format!("/pods/{it}"), pod(it, "a", 1));
        cache.replace(["ns1/a", "ns1/b", "ns10/a"].map(key).to_vec(), Revision(3));
        let names = |prefix, from| {
            let all = cache
                .list(prefix, from, &Selector::default())
                .map(|it| it.0.clone())
                .collect::<Vec<_>>();
            all.join(" ")
        };
        assert_eq!(names("/pods/ns1/", "/pods/ns1/"), "/pods/ns1/a /pods/ns1/b");
        assert_eq!(names("/pods/", "/pods/ns1/b"), "/pods/ns1/b /pods/ns10/a");
    }
}
