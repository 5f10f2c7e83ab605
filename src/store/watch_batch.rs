//! What one watcher is to be told in one answer.
//!
//! * Whole revisions only, in order, at most [`BATCH_REVISIONS_MAX`] of them.
//!
//! Architecture invariant: knows nothing of who it is for.

// Models etcd server/storage/mvcc/watcher_group.go (eventBatch).

use super::WatchEvent;

/// Most distinct revisions in one answer to a watcher that is behind; etcd's `watchBatchMaxRevs`.
pub const BATCH_REVISIONS_MAX: usize = 1000;

/// Changes for one watcher.
#[derive(Debug, Clone, Default)]
pub(super) struct Batch {
    pub(super) events: Vec<WatchEvent>,
    revisions: usize,
    /// The first revision that found no room, if any did not.
    pub(super) more_from: Option<i64>,
}

impl Batch {
    /// Whether it takes no more.
    pub(super) fn is_full(&self) -> bool {
        self.more_from.is_some()
    }

    /// Adds a change, if there is room for its revision.
    pub(super) fn add(&mut self, event: WatchEvent) {
        if self.is_full() {
            return;
        }
        let revision = event.kv.mod_revision;
        if self.events.last().is_none_or(|last| last.kv.mod_revision < revision) {
            if self.revisions == BATCH_REVISIONS_MAX {
                self.more_from = Some(revision.0);
                return;
            }
            self.revisions += 1;
        }
        self.events.push(event);
    }
}
