//! A member's database file in its time: what is committed to it, and when.
//!
//! * etcd's backend commits what was written every 100 ms, or after 10,000 operations; what was
//!   written since is in the process only. Here a commit happens when the file is next looked at or
//!   written to after it was due; nobody can see the difference.
//! * It lies on the member's machine: a process that ends leaves it as last committed, and entries
//!   that are in it already are not written to it again (etcd's consistent index).
//! * Caveat: commits are not put onto the simulated disk. They do not hold up a write in etcd
//!   either, until the disk is slower than they come.
//!
//! Architecture invariant: knows how full the file is; the store alone knows what is in it.

// Models etcd server/storage/backend/backend.go and server/etcdserver/cindex.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::{LogIndex, Meter};
use crate::sim::{self, Instant};
use crate::store::{DbFile, Request, Store, quota_cost};

/// etcd's `--backend-batch-interval`.
pub const COMMIT_EVERY: Duration = Duration::from_millis(100);

/// etcd's `--backend-batch-limit`.
pub const COMMIT_OPS_MAX: u32 = 10_000;

/// One member's database file. Clones are the same file.
#[derive(Clone)]
pub struct Database(Rc<State>);

struct State {
    file: RefCell<DbFile>,
    /// The most bytes it may have; negative: as many as it likes.
    quota_bytes: Rc<Cell<i64>>,
    /// When what was written is due to be committed.
    due: Cell<Option<Instant>>,
    operations: Cell<u32>,
    /// The last entry written, and the last committed.
    written: Cell<Option<LogIndex>>,
    committed: Cell<Option<LogIndex>>,
    /// Who measures it: the process that has it open.
    meter: RefCell<Option<Rc<Meter>>>,
    /// Until when a defragmentation blocks the member.
    busy_until: Cell<Instant>,
}

impl Database {
    /// A new file.
    pub fn new(quota_bytes: Rc<Cell<i64>>) -> Database {
        Database(Rc::new(State {
            file: RefCell::default(),
            quota_bytes,
            due: Cell::default(),
            operations: Cell::default(),
            written: Cell::default(),
            committed: Cell::default(),
            meter: RefCell::default(),
            busy_until: Cell::new(Instant(0)),
        }))
    }

    /// From now on someone measures it, or nobody.
    pub fn measured_by(&self, meter: Option<Rc<Meter>>) {
        self.0.meter.replace(meter);
    }

    /// The process ended: what was not committed is gone.
    pub fn process_ended(&self) {
        self.0.due.set(None);
        self.0.operations.set(0);
        self.0.written.set(self.0.committed.get());
        self.0.busy_until.set(Instant(0));
    }

    /// The machine's disk is empty.
    pub fn lost(&self) {
        self.process_ended();
        self.0.file.take();
        self.0.written.set(None);
        self.0.committed.set(None);
    }

    /// Another file of the same store takes its place, up to an entry.
    pub fn replace(&self, file: DbFile, index: Option<LogIndex>) {
        self.process_ended();
        self.0.file.replace(file);
        self.0.written.set(index);
        self.0.committed.set(index);
    }

    /// Commits what is due.
    pub fn settle(&self, store: &Store, now: Instant) {
        if self.0.due.get().is_some_and(|due| due <= now) {
            self.commit(store);
        }
    }

    /// Commits what was written, now.
    pub fn commit(&self, store: &Store) {
        self.0.due.set(None);
        self.0.operations.set(0);
        self.0.committed.set(self.0.written.get());
        self.0.file.borrow_mut().commit(store);
        self.0.meter.borrow().iter().for_each(|meter| meter.committed());
    }

    /// Whether an entry is in the file already.
    pub fn has(&self, index: LogIndex) -> bool {
        self.0.written.get() >= Some(index)
    }

    /// An entry was applied.
    pub fn wrote(&self, store: &Store, index: LogIndex, compacted: bool, now: Instant) {
        if self.has(index) {
            return;
        }
        self.0.written.set(Some(index));
        self.0.operations.set(self.0.operations.get() + 1);
        if compacted {
            self.commit(store);
            self.0.file.borrow_mut().compacted(store);
        } else if self.0.operations.get() >= COMMIT_OPS_MAX {
            self.commit(store);
        } else if self.0.due.get().is_none() {
            let every = COMMIT_EVERY.as_nanos() as u64;
            self.0.due.set(Some(Instant((now.0 / every + 1) * every)));
        }
    }

    /// Bytes of the file as last committed.
    pub fn size_bytes(&self) -> u64 {
        self.0.file.borrow().size_bytes()
    }

    /// Bytes of its pages that hold something.
    pub fn in_use_bytes(&self) -> u64 {
        self.0.file.borrow().in_use_bytes()
    }

    /// The most bytes it may have.
    pub fn quota_bytes(&self) -> i64 {
        self.0.quota_bytes.get()
    }

    /// Whether a request still fits.
    pub fn has_room(&self, request: &Request) -> bool {
        let (cost, quota) = (quota_cost(request), self.quota_bytes());
        cost == 0 || quota < 0 || (self.size_bytes() as i64) + cost < quota
    }

    /// From now until then the member's backend is locked.
    pub fn lock_until(&self, until: Instant) {
        self.0.busy_until.set(until);
    }

    /// Until when the backend is locked, if it is.
    pub fn locked_until(&self, now: Instant) -> Option<Instant> {
        Some(self.0.busy_until.get()).filter(|until| *until > now)
    }

    /// Waits until nothing locks the backend.
    pub async fn unlocked(&self) {
        while let Some(until) = self.locked_until(sim::now()) {
            sim::sleep(until - sim::now()).await;
        }
    }
}
