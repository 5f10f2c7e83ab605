//! The history of one key: its generations, each a run of revisions from a put to a tombstone.
//!
//! A generation begins with the put that creates the key and ends with the delete that buries it.
//! The index holds revisions only; keys and values are in the backend.
//!
//! Example: put 1, put 2, delete 3, put 4, delete 5 gives `{1, 2, 3t} {4, 5t} {}`.
//!
//! * There is always a last generation, and only the last may be empty.
//! * Every generation but the last ends in a tombstone.
//! * Revisions grow strictly, within a generation and from one to the next.
//! * A compaction keeps at most one revision at or below it.
//!
//! Caveat: behaves as etcd 3.7 (and 3.4.34, 3.5.16, 3.6 on): compacting exactly at a delete keeps
//! its tombstone, so that a watch from that revision is still told. Older versions, 3.4.23 among
//! them, remove it (etcd issue 19179).
//!
//! Architecture invariant: knows neither keys nor values, only when they changed.

// Models etcd server/storage/mvcc/key_index.go.

use std::fmt;

/// A change's exact place in history: which write, and which change of that write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FullRevision {
    /// The store's revision after the write.
    pub main: i64,
    /// Place within the write, from 0.
    pub sub: i64,
}

/// One life of a key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Generation {
    /// Changes so far, the tombstone included.
    pub changes: i64,
    /// The first put. Zero when only the tombstone was found at a restore.
    pub created: FullRevision,
    /// The changes still kept, oldest first.
    pub revisions: Vec<FullRevision>,
}

/// What a key was at some revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Its last change at or before that revision.
    pub modified: FullRevision,
    /// The first put of its generation.
    pub created: FullRevision,
    /// Puts since then, from 1.
    pub version: i64,
}

/// All generations of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyIndex {
    modified: FullRevision,
    generations: Vec<Generation>,
}

impl KeyIndex {
    /// The index of a key first seen in this put.
    pub fn created(revision: FullRevision) -> Self {
        let mut index = KeyIndex {
            modified: FullRevision::default(),
            generations: vec![Generation::default()],
        };
        index.put(revision);
        index
    }

    /// The index of a key whose oldest kept record is this put, its `version`-th.
    pub fn restored(created: FullRevision, modified: FullRevision, version: i64) -> Self {
        let generation = Generation { changes: version, created, revisions: vec![modified] };
        KeyIndex { modified, generations: vec![generation] }
    }

    /// The index of a key whose oldest kept record is a tombstone.
    pub fn restored_tombstone(modified: FullRevision) -> Self {
        let mut index = Self::restored(FullRevision::default(), modified, 1);
        index.generations.push(Generation::default());
        index
    }

    /// Whether the last change was no delete.
    pub fn is_alive(&self) -> bool {
        self.generations.last().is_some_and(|last| !last.revisions.is_empty())
    }

    /// The last change.
    pub fn modified(&self) -> FullRevision {
        self.modified
    }

    /// All generations, oldest first; the last is empty when the key is dead.
    pub fn generations(&self) -> &[Generation] {
        &self.generations
    }

    /// Records a put.
    pub fn put(&mut self, revision: FullRevision) {
        assert!(revision > self.modified, "{revision:?} is not after {:?}", self.modified);
        let last = self.last_mut();
        if last.revisions.is_empty() {
            last.created = revision;
        }
        last.revisions.push(revision);
        last.changes += 1;
        self.modified = revision;
    }

    /// Records a delete. False, and nothing done, when the key is not alive.
    pub fn tombstone(&mut self, revision: FullRevision) -> bool {
        if self.last_mut().revisions.is_empty() {
            return false;
        }
        self.put(revision);
        self.generations.push(Generation::default());
        true
    }

    /// The key as of a main revision, `None` when it was not alive then (or that is forgotten).
    pub fn get(&self, at: i64) -> Option<Found> {
        let generation = self.generation_at(at)?;
        let place = generation.revisions.partition_point(|revision| revision.main <= at);
        let modified = generation.revisions[..place].last()?;
        let later = (generation.revisions.len() - place) as i64;
        Some(Found {
            modified: *modified,
            created: generation.created,
            version: generation.changes - later,
        })
    }

    /// The generation alive at a main revision.
    fn generation_at(&self, at: i64) -> Option<&Generation> {
        let last = self.generations.len() - 1;
        for (place, generation) in self.generations.iter().enumerate().rev() {
            let (Some(first), Some(end)) =
                (generation.revisions.first(), generation.revisions.last())
            else {
                continue;
            };
            if place != last && end.main <= at {
                return None;
            }
            if first.main <= at {
                return Some(generation);
            }
        }
        None
    }

    /// The one revision at or below `at` that a compaction at `at` keeps, as place of its
    /// generation and place within it.
    fn survivor(&self, at: i64) -> (usize, Option<usize>) {
        let last = self.generations.len() - 1;
        let ends_before = |g: &Generation| g.revisions.last().is_some_and(|end| end.main < at);
        let place = self.generations[..last].iter().take_while(|g| ends_before(g)).count();
        let revisions = &self.generations[place].revisions;
        (place, revisions.partition_point(|revision| revision.main <= at).checked_sub(1))
    }

    /// Forgets what is superseded at or before `at`; returns the forgotten revisions.
    pub fn compact(&mut self, at: i64) -> Vec<FullRevision> {
        let (generation, revision) = self.survivor(at);
        let mut forgotten: Vec<_> =
            self.generations.drain(..generation).flat_map(|g| g.revisions).collect();
        let superseded = revision.unwrap_or(0);
        forgotten.extend(self.generations[0].revisions.drain(..superseded));
        forgotten
    }

    /// What a hash as of `at` counts even though it is at or below the compacted revision.
    ///
    /// Unlike a compaction it leaves out a tombstone.
    pub fn keep(&self, at: i64) -> Option<FullRevision> {
        let (place, revision) = self.survivor(at);
        let revisions = &self.generations[place].revisions;
        let revision = revision?;
        let buried = place + 1 != self.generations.len() && revision + 1 == revisions.len();
        (!buried).then(|| revisions[revision])
    }

    /// Whether nothing is left to remember.
    pub fn is_empty(&self) -> bool {
        matches!(self.generations.as_slice(), [only] if only.revisions.is_empty())
    }

    fn last_mut(&mut self) -> &mut Generation {
        self.generations.last_mut().expect("there is always a last generation")
    }
}

/// `{1, 2, 3t} {4.1, 5t} {}`: main revisions, the sub revision where it is not 0, `t` for a
/// tombstone.
impl fmt::Display for KeyIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.generations.len() - 1;
        for (place, generation) in self.generations.iter().enumerate() {
            let gap = if place == 0 { "" } else { " " };
            write!(f, "{gap}{{")?;
            for (nth, revision) in generation.revisions.iter().enumerate() {
                let comma = if nth == 0 { "" } else { ", " };
                write!(f, "{comma}{}", revision.main)?;
                if revision.sub != 0 {
                    write!(f, ".{}", revision.sub)?;
                }
                if place != last && nth + 1 == generation.revisions.len() {
                    f.write_str("t")?;
                }
            }
            f.write_str("}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    /// `put` and `delete` by turns as the text says: `1 2 3t 4.1`.
    fn history(text: &str) -> KeyIndex {
        let mut index: Option<KeyIndex> = None;
        for word in text.split(' ') {
            let number = word.trim_end_matches('t');
            let (main, sub) = number.split_once('.').unwrap_or((number, "0"));
            let at = FullRevision { main: main.parse().unwrap(), sub: sub.parse().unwrap() };
            match (&mut index, word.ends_with('t')) {
                (None, _) => index = Some(KeyIndex::created(at)),
                (Some(index), false) => index.put(at),
                (Some(index), true) => assert!(index.tombstone(at)),
            }
        }
        index.unwrap()
    }

    fn each(
        text: &str,
        at: std::ops::RangeInclusive<i64>,
        what: fn(KeyIndex, i64) -> String,
    ) -> String {
        at.map(|at| format!("{at}: {}\n", what(history(text), at))).collect()
    }

    fn compacted(mut index: KeyIndex, at: i64) -> String {
        index.compact(at);
        if index.is_empty() { "removed".into() } else { index.to_string() }
    }

    fn kept(index: KeyIndex, at: i64) -> String {
        index.keep(at).map_or("none".into(), |kept| format!("{}.{}", kept.main, kept.sub))
    }

    fn found(index: KeyIndex, at: i64) -> String {
        index.get(at).map_or("none".into(), |found| {
            let Found { modified, created, version } = found;
            format!(
                "modified {}.{} created {} v{version}",
                modified.main, modified.sub, created.main
            )
        })
    }

    fn check(found: String, expected: Expect) {
        expected.assert_eq(&found);
    }

    /// The example in etcd's own comment on its key index.
    #[test]
    fn worked_example() {
        let text = "1 2 3t 4 5t";
        check(history(text).to_string(), expect!["{1, 2, 3t} {4, 5t} {}"]);
        check(
            each(text, 1..=6, compacted),
            expect![[r#"
                1: {1, 2, 3t} {4, 5t} {}
                2: {2, 3t} {4, 5t} {}
                3: {3t} {4, 5t} {}
                4: {4, 5t} {}
                5: {5t} {}
                6: removed
            "#]],
        );
    }

    const THREE_LIVES: &str = "2 4 6t 8 10 12t 14 15.1 16t";

    #[test]
    fn compact_anywhere() {
        check(
            each(THREE_LIVES, 1..=17, compacted),
            expect![[r#"
            1: {2, 4, 6t} {8, 10, 12t} {14, 15.1, 16t} {}
            2: {2, 4, 6t} {8, 10, 12t} {14, 15.1, 16t} {}
            3: {2, 4, 6t} {8, 10, 12t} {14, 15.1, 16t} {}
            4: {4, 6t} {8, 10, 12t} {14, 15.1, 16t} {}
            5: {4, 6t} {8, 10, 12t} {14, 15.1, 16t} {}
            6: {6t} {8, 10, 12t} {14, 15.1, 16t} {}
            7: {8, 10, 12t} {14, 15.1, 16t} {}
            8: {8, 10, 12t} {14, 15.1, 16t} {}
            9: {8, 10, 12t} {14, 15.1, 16t} {}
            10: {10, 12t} {14, 15.1, 16t} {}
            11: {10, 12t} {14, 15.1, 16t} {}
            12: {12t} {14, 15.1, 16t} {}
            13: {14, 15.1, 16t} {}
            14: {14, 15.1, 16t} {}
            15: {15.1, 16t} {}
            16: {16t} {}
            17: removed
        "#]],
        );
    }

    /// What a hash counts: as a compaction would keep, but no tombstone.
    #[test]
    fn keep_anywhere() {
        check(
            each(THREE_LIVES, 1..=17, kept),
            expect![[r#"
            1: none
            2: 2.0
            3: 2.0
            4: 4.0
            5: 4.0
            6: none
            7: none
            8: 8.0
            9: 8.0
            10: 10.0
            11: 10.0
            12: none
            13: none
            14: 14.0
            15: 15.1
            16: none
            17: none
        "#]],
        );
    }

    #[test]
    fn get_anywhere() {
        check(
            each(THREE_LIVES, 1..=17, found),
            expect![[r#"
            1: none
            2: modified 2.0 created 2 v1
            3: modified 2.0 created 2 v1
            4: modified 4.0 created 2 v2
            5: modified 4.0 created 2 v2
            6: none
            7: none
            8: modified 8.0 created 8 v1
            9: modified 8.0 created 8 v1
            10: modified 10.0 created 8 v2
            11: modified 10.0 created 8 v2
            12: none
            13: none
            14: modified 14.0 created 14 v1
            15: modified 15.1 created 14 v2
            16: none
            17: none
        "#]],
        );
    }

    /// Compacting step by step leaves what compacting at once leaves.
    #[test]
    fn compact_step_by_step() {
        let mut steps = history(THREE_LIVES);
        for at in 1..=16 {
            steps.compact(at);
            assert_eq!(steps.to_string(), compacted(history(THREE_LIVES), at));
        }
    }

    #[test]
    fn a_dead_key_cannot_be_deleted() {
        let mut index = history("1 2t");
        assert!(!index.tombstone(FullRevision { main: 3, sub: 0 }));
        check(index.to_string(), expect!["{1, 2t} {}"]);
    }

    #[test]
    #[should_panic(expected = "is not after")]
    fn time_does_not_go_back() {
        history("2 1");
    }
}
