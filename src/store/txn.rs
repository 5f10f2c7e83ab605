//! Transactions: if all compares hold do these, else those, in one revision.
//!
//! 1. Every compare on the path taken, those of nested transactions included, is decided before
//!    any change: a nested compare does not see earlier writes.
//! 2. Every operation on the path is checked against that same state; one fault refuses the whole.
//! 3. The operations run in order. Reads see earlier writes; answers carry the revision so far.
//!
//! Caveat: that nothing is put twice is not checked here but before proposing
//! ([`super::validate_txn`]), as in etcd.
//!
//! Architecture invariant: decides first, writes after; nothing is ever undone.

// Models etcd server/etcdserver/txn/txn.go.

use std::cmp::Ordering;

use super::error::Error;
use super::mvcc::Write;
use super::tally::reads;
use super::{
    Compare, CompareResult, CompareTarget, Interval, KeyValue, RangeRequest, RequestOp, ResponseOp,
    Revision, Store, TxnRequest, TxnResponse,
};

/// Whether it only reads, whichever way it goes; a nested transaction counts as a write. Such a
/// transaction is not proposed but answered like a range.
pub fn is_read_only(txn: &TxnRequest) -> bool {
    ops(txn).all(|op| matches!(op, RequestOp::Range(_)))
}

/// Whether a read-only transaction may be answered without asking the leader: every range says so.
pub fn is_serializable(txn: &TxnRequest) -> bool {
    ops(txn).all(|op| matches!(op, RequestOp::Range(range) if range.serializable))
}

fn ops(txn: &TxnRequest) -> impl Iterator<Item = &RequestOp> {
    txn.success.iter().chain(&txn.failure)
}

/// A transaction with every compare on its path decided.
struct Plan<'a> {
    succeeded: bool,
    steps: Vec<Step<'a>>,
}

enum Step<'a> {
    Op(&'a RequestOp),
    Nested(Plan<'a>),
}

impl Store {
    /// Decides and does, in one revision or, where nothing changes, in none.
    ///
    /// Errors: [`Error::LeaseNotFound`], [`Error::KeyNotFound`], [`Error::FutureRevision`],
    /// [`Error::Compacted`], from any operation on the path taken; then nothing is written.
    pub fn txn(&mut self, request: &TxnRequest) -> Result<TxnResponse, Error> {
        let plan = self.decide(request);
        self.check_plan(&plan).inspect_err(|_| self.tally.end())?;
        if !is_read_only(request) {
            // What was read to decide is a transaction of its own.
            self.tally.end();
        }
        let mut write = Write::begin(self);
        let outcome = write.run(&plan);
        let revision = Revision(write.revision());
        write.end();
        Ok(TxnResponse { revision, ..outcome? })
    }

    fn decide<'a>(&self, txn: &'a TxnRequest) -> Plan<'a> {
        let succeeded = txn.compare.iter().all(|compare| self.holds(compare));
        let taken = if succeeded { &txn.success } else { &txn.failure };
        let steps = taken.iter().map(|op| match op {
            RequestOp::Txn(nested) => Step::Nested(self.decide(nested)),
            op => Step::Op(op),
        });
        Plan { succeeded, steps: steps.collect() }
    }

    /// Every key of the interval must satisfy; where there is none, the compare sees an all-zero
    /// key, except that a value cannot be compared at all.
    fn holds(&self, compare: &Compare) -> bool {
        self.tally.ranges(1);
        let interval = Interval::new(&compare.key, &compare.range_end);
        let mut found = self.index.alive(interval, self.revision).peekable();
        if found.peek().is_none() {
            let of_value = matches!(compare.target, CompareTarget::Value(_));
            return !of_value && satisfies(compare, &KeyValue::default());
        }
        found
            .filter_map(|(_, found)| self.backend.put(found.modified))
            .all(|kv| satisfies(compare, kv))
    }

    fn check_plan(&self, plan: &Plan<'_>) -> Result<(), Error> {
        plan.steps.iter().try_for_each(|step| match step {
            Step::Nested(nested) => self.check_plan(nested),
            Step::Op(RequestOp::Range(range)) => self.check_range_revision(range),
            Step::Op(RequestOp::Put(put)) => {
                self.tally.ranges(u64::from(put.ignore_value || put.ignore_lease));
                self.check_previous(put)?;
                self.check_lease(put)
            }
            Step::Op(RequestOp::Empty) => Err(Error::KeyNotFound),
            Step::Op(_) => Ok(()),
        })
    }

    /// Unlike a range outside a transaction, a negative revision is not "now" here, but compacted
    /// as soon as it is below the compacted revision.
    fn check_range_revision(&self, range: &RangeRequest) -> Result<(), Error> {
        match range.revision.0 {
            0 => Ok(()),
            at if at > self.revision => Err(Error::FutureRevision),
            at if at < self.compact_revision => Err(Error::Compacted),
            _ => Ok(()),
        }
    }
}

fn satisfies(compare: &Compare, kv: &KeyValue) -> bool {
    let ordering = match &compare.target {
        CompareTarget::Version(version) => kv.version.cmp(version),
        CompareTarget::Create(revision) => kv.create_revision.cmp(revision),
        CompareTarget::Mod(revision) => kv.mod_revision.cmp(revision),
        CompareTarget::Value(value) => kv.value.cmp(value),
        CompareTarget::Lease(lease) => kv.lease.cmp(lease),
    };
    match compare.result {
        CompareResult::Equal => ordering == Ordering::Equal,
        CompareResult::NotEqual => ordering != Ordering::Equal,
        CompareResult::Greater => ordering == Ordering::Greater,
        CompareResult::Less => ordering == Ordering::Less,
    }
}

impl Write<'_> {
    fn run(&mut self, plan: &Plan<'_>) -> Result<TxnResponse, Error> {
        let mut response = TxnResponse { succeeded: plan.succeeded, ..Default::default() };
        for step in &plan.steps {
            response.responses.push(match step {
                Step::Nested(nested) => ResponseOp::Txn(self.run(nested)?),
                Step::Op(RequestOp::Range(range)) => ResponseOp::Range(self.range(range)?),
                Step::Op(RequestOp::Put(put)) => {
                    self.store.tally.ranges(reads(put));
                    ResponseOp::Put(self.put(put))
                }
                Step::Op(RequestOp::DeleteRange(r)) => {
                    self.store.tally.ranges(u64::from(r.prev_kv));
                    ResponseOp::DeleteRange(self.delete_range(r))
                }
                Step::Op(RequestOp::Empty | RequestOp::Txn(_)) => return Err(Error::KeyNotFound),
            });
        }
        Ok(response)
    }
}
