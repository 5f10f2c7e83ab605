//! How often a store was read and written since somebody last asked.
//!
//! * Counted as etcd's `metricsTxnWrite` does: each range, put and deletion by itself, those for
//!   compares and previous values among them, and a transaction where there was more than one.
//!
//! Architecture invariant: no part of what a store is; equal stores need not have been asked alike.

// Models etcd server/storage/mvcc/metrics_txn.go.

use std::cell::Cell;

use super::PutRequest;

/// Operations, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Operations {
    pub ranges: u64,
    pub puts: u64,
    pub deletes: u64,
    /// Transactions of more than one operation.
    pub txns: u64,
}

/// Counts the operations of one store.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    counts: Cell<Operations>,
    /// Operations of the transaction under way.
    open: Cell<u64>,
}

impl PartialEq for Tally {
    fn eq(&self, _: &Tally) -> bool {
        true
    }
}

impl Eq for Tally {}

/// How often a put reads what is there before it.
pub(super) fn reads(put: &PutRequest) -> u64 {
    u64::from(put.prev_kv || put.ignore_value || put.ignore_lease)
}

impl Tally {
    pub fn ranges(&self, count: u64) {
        self.count(count, |counts| &mut counts.ranges);
    }

    pub fn put(&self) {
        self.count(1, |counts| &mut counts.puts);
    }

    pub fn delete(&self) {
        self.count(1, |counts| &mut counts.deletes);
    }

    /// The transaction under way has ended.
    pub fn end(&self) {
        if self.open.replace(0) > 1 {
            self.count(1, |counts| &mut counts.txns);
            self.open.set(0);
        }
    }

    pub fn take(&self) -> Operations {
        self.counts.take()
    }

    fn count(&self, more: u64, what: impl FnOnce(&mut Operations) -> &mut u64) {
        let mut counts = self.counts.get();
        *what(&mut counts) += more;
        self.counts.set(counts);
        self.open.set(self.open.get() + more);
    }
}
