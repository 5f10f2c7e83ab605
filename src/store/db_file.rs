//! The database file as etcd would have it: how much is allocated, how much of that is in use.
//!
//! Our store lives in memory; etcd's lives in a bbolt file, and its size is what the quota is about
//! and what `defrag` gives back. So the file is modelled: not its bytes but its pages of 4 KiB.
//!
//! * Modelled as bbolt does it: records in key order in leaves that are filled to nine tenths; a
//!   change of a leaf rewrites it, the branches above it and the root on new pages, and the old
//!   pages are free one commit later; a leaf that falls below a quarter is merged with the one
//!   before it; a leaf larger than a page takes several. The file never shrinks: what is allocated
//!   is its high-water mark. A defragmentation writes it anew.
//! * Modelled roughly: free pages are counted and not placed, so that a large leaf always finds
//!   room between small ones; the buckets besides `key` share the root's page.
//! * A commit happens when the owner says so; what was written since the last one is not in the
//!   file yet, and is not counted.
//!
//! Architecture invariant: counts pages of records the store has; holds no record itself.

// Models go.etcd.io/bbolt node.go, freelist.go, tx.go and etcd server/storage/backend/backend.go.

use super::key_index::FullRevision;
use super::wire::record_size;
use super::{Revision, Store};

/// bbolt's page.
pub const PAGE_BYTES: u64 = 4096;

const PAGE_HEAD_BYTES: u64 = 16;
/// The head of a record in its leaf.
const LEAF_ELEMENT_BYTES: u64 = 16;
/// A branch's entry: its head and a revision as key.
const BRANCH_ELEMENT_BYTES: u64 = 16 + 17;
/// A full leaf that is split keeps so much (etcd sets `FillPercent` 0.9).
const FILLED_BYTES: u64 = PAGE_BYTES * 9 / 10;
/// A leaf with no more than this is merged.
const MERGED_BYTES: u64 = PAGE_BYTES / 4;
/// A bucket with no more than this lies in its parent's page.
const INLINE_BYTES: u64 = PAGE_BYTES / 4;
/// A leaf is not split below so many records on either side.
const RECORDS_MIN: usize = 2;
/// Entries of a branch.
const FAN: u64 = (FILLED_BYTES - PAGE_HEAD_BYTES) / BRANCH_ELEMENT_BYTES;
/// A compaction deletes so many records, then commits.
const COMPACTION_BATCH: u64 = 1000;
/// A new file: two meta pages, the root, and two that its making has left free.
const NEW_PAGES: u64 = 5;

/// One leaf of the bucket `key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Leaf {
    first: FullRevision,
    records: u64,
    bytes: u64,
    /// The commit that wrote it.
    commit: u64,
}

impl Leaf {
    fn size(&self) -> u64 {
        PAGE_HEAD_BYTES + self.bytes
    }

    fn pages(&self) -> u64 {
        self.size().div_ceil(PAGE_BYTES)
    }
}

/// The pages of one member's database file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DbFile {
    leaves: Vec<Leaf>,
    /// Pages ever allocated: the file's size.
    allocated: u64,
    /// Pages that hold nothing.
    free: u64,
    /// Pages the last commit left behind: free from the next one on.
    pending: u64,
    /// Revisions up to here are in it.
    written: i64,
    /// The number of the next commit.
    commit: u64,
}

impl Default for DbFile {
    fn default() -> Self {
        let (free, pending) = (1, 0);
        let (written, commit) = (1, 1);
        DbFile { leaves: Vec::new(), allocated: NEW_PAGES, free, pending, written, commit }
    }
}

/// A record's place and what it takes in a leaf.
type Element = (FullRevision, u64);

impl DbFile {
    /// A file written at once from a store: as a defragmentation leaves it.
    pub fn of(store: &Store) -> DbFile {
        let leaves = split(&elements(store, FullRevision::default(), None), 0);
        let mut file = DbFile { leaves, ..DbFile::default() };
        file.allocated += file.leaf_pages() + file.branch_pages();
        file.written = store.revision().0;
        file
    }

    /// A file of the same content as large as another: a snapshot of that member, received whole.
    pub fn received(store: &Store, allocated_bytes: u64) -> DbFile {
        let mut file = DbFile::of(store);
        let more = (allocated_bytes / PAGE_BYTES).saturating_sub(file.allocated);
        file.allocated += more;
        file.free += more;
        file
    }

    /// Bytes of the file.
    pub fn size_bytes(&self) -> u64 {
        self.allocated * PAGE_BYTES
    }

    /// Bytes of its pages that are not free.
    pub fn in_use_bytes(&self) -> u64 {
        (self.allocated - self.free) * PAGE_BYTES
    }

    /// Writes what happened to the store since the last commit, but for compactions.
    pub fn commit(&mut self, store: &Store) {
        let revision = store.revision().0;
        let branches = self.branch_levels();
        let mut dirty = Dirty::default();
        if revision > self.written {
            let inline = self.is_inline();
            let last = self.leaves.pop();
            let start = FullRevision { main: self.written + 1, sub: 0 };
            let first = last.map_or(start, |leaf| leaf.first);
            dirty.old = last.map_or(0, |leaf| if inline { 0 } else { leaf.pages() });
            self.leaves.extend(split(&elements(store, first, None), self.commit));
            let fresh = self.leaves.iter().rev().take_while(|leaf| leaf.commit == self.commit);
            fresh.for_each(|leaf| dirty.add(leaf));
            self.written = revision;
        }
        self.turn(dirty, &branches);
    }

    /// A compaction removed records: the leaves that lost some are written anew. To be called
    /// right after a commit.
    pub fn compacted(&mut self, store: &Store) {
        let until = store.compact_revision().0;
        let old = std::mem::take(&mut self.leaves);
        let mut dirty = Dirty::default();
        for (nth, leaf) in old.iter().enumerate() {
            let end = old.get(nth + 1).map(|next| next.first);
            let kept = match leaf.first.main <= until {
                true => elements(store, leaf.first, end),
                false => Vec::new(),
            };
            let lost = leaf.records - (kept.len() as u64).min(leaf.records);
            if leaf.first.main > until || lost == 0 {
                self.leaves.push(*leaf);
                continue;
            }
            dirty.lost += lost;
            dirty.old += leaf.pages();
            self.keep(store, kept, &mut dirty);
            if dirty.lost >= COMPACTION_BATCH {
                let branches = self.branch_levels();
                self.turn(std::mem::take(&mut dirty), &branches);
            }
        }
        let branches = self.branch_levels();
        self.turn(dirty, &branches);
    }

    /// What is left of a leaf: a leaf of its own, or a part of the one before.
    fn keep(&mut self, store: &Store, kept: Vec<Element>, dirty: &mut Dirty) {
        let Some((first, _)) = kept.first().copied() else { return };
        let bytes: u64 = kept.iter().map(|(_, bytes)| bytes).sum();
        let small = PAGE_HEAD_BYTES + bytes <= MERGED_BYTES || kept.len() <= 1;
        let commit = self.commit;
        let Some(before) = self.leaves.pop_if(|_| small) else {
            let leaf = Leaf { first, records: kept.len() as u64, bytes, commit };
            dirty.add(&leaf);
            return self.leaves.push(leaf);
        };
        if before.commit == commit {
            dirty.leaves -= 1;
            dirty.new -= before.pages();
        } else {
            dirty.old += before.pages();
        }
        let mut joined = elements(store, before.first, Some(first));
        joined.extend(kept);
        let leaves = split(&joined, commit);
        leaves.iter().for_each(|leaf| dirty.add(leaf));
        self.leaves.extend(leaves);
    }

    /// One commit: pages let go by the one before are free now; new ones are taken, from the free
    /// ones first; then the old ones are let go.
    fn turn(&mut self, dirty: Dirty, branches_before: &[u64]) {
        let leaf_pages = if self.is_inline() { 0 } else { dirty.new };
        let levels = self.branch_levels();
        let grown = levels.iter().sum::<u64>().saturating_sub(branches_before.iter().sum());
        let branches: u64 = levels.iter().map(|pages| (*pages).min(dirty.leaves)).sum();
        let branches = branches.max(grown);
        self.free += std::mem::replace(&mut self.pending, dirty.old + branches - grown + 1);
        let new = leaf_pages + branches + 1;
        let reused = new.min(self.free);
        self.free -= reused;
        self.allocated += new - reused;
        self.commit += 1;
    }

    /// Whether the bucket lies in its parent's page.
    fn is_inline(&self) -> bool {
        match &self.leaves[..] {
            [] => true,
            [leaf] => leaf.size() <= INLINE_BYTES,
            _ => false,
        }
    }

    fn leaf_pages(&self) -> u64 {
        if self.is_inline() { 0 } else { self.leaves.iter().map(Leaf::pages).sum() }
    }

    fn branch_pages(&self) -> u64 {
        self.branch_levels().iter().sum()
    }

    /// Branches of each level, the lowest first.
    fn branch_levels(&self) -> Vec<u64> {
        let mut levels = Vec::new();
        let mut below = self.leaves.len() as u64;
        while below > 1 {
            below = below.div_ceil(FAN);
            levels.push(below);
        }
        levels
    }
}

/// What a commit writes anew.
#[derive(Default)]
struct Dirty {
    /// Records that are gone.
    lost: u64,
    /// Pages of leaves that are replaced.
    old: u64,
    /// Leaves that are written, and their pages.
    leaves: u64,
    new: u64,
}

impl Dirty {
    fn add(&mut self, leaf: &Leaf) {
        self.leaves += 1;
        self.new += leaf.pages();
    }
}

/// What the store has from one place up to another.
fn elements(store: &Store, first: FullRevision, end: Option<FullRevision>) -> Vec<Element> {
    let last = end.map_or(store.revision(), |end| Revision(end.main));
    let records = store.records(Revision(first.main), last);
    let within = |at: &FullRevision| *at >= first && end.is_none_or(|end| *at < end);
    let records = records.filter(|(at, _)| within(at));
    records.map(|(at, record)| (at, LEAF_ELEMENT_BYTES + record_size(record) as u64)).collect()
}

/// Leaves for these records, each but the last filled to nine tenths.
fn split(mut elements: &[Element], commit: u64) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    while let Some((first, _)) = elements.first() {
        let end = cut(elements);
        let bytes = elements[..end].iter().map(|(_, bytes)| bytes).sum();
        leaves.push(Leaf { first: *first, records: end as u64, bytes, commit });
        elements = &elements[end..];
    }
    leaves
}

/// How many of the records the first leaf takes (models `node.splitIndex`).
fn cut(elements: &[Element]) -> usize {
    let all: u64 = elements.iter().map(|(_, bytes)| bytes).sum();
    if elements.len() <= 2 * RECORDS_MIN || PAGE_HEAD_BYTES + all < PAGE_BYTES {
        return elements.len();
    }
    let mut size = PAGE_HEAD_BYTES;
    for (nth, (_, bytes)) in elements[..elements.len() - RECORDS_MIN].iter().enumerate() {
        if nth >= RECORDS_MIN && size + bytes > FILLED_BYTES {
            return nth;
        }
        size += bytes;
    }
    elements.len() - RECORDS_MIN
}

#[cfg(test)]
#[path = "db_file_test.rs"]
mod tests;
