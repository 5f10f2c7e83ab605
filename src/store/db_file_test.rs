//! The modelled file against the pages a 3.4.23 server had after the same requests.

use super::*;
use crate::store::{CompactionRequest, PutRequest, RequestOp, TxnRequest};

fn put(key: String, size: usize) -> RequestOp {
    let value = vec![b'v'; size].into();
    RequestOp::Put(PutRequest { key: key.as_str().into(), value, ..PutRequest::default() })
}

struct Member {
    store: Store,
    file: DbFile,
}

impl Member {
    /// One put and a commit, so many times.
    fn slow_puts(&mut self, times: usize) {
        for _ in 0..times {
            self.store.txn(&txn(vec![put("k".into(), 100)])).unwrap();
            self.file.commit(&self.store);
        }
    }

    /// Puts in transactions of a hundred; a commit after so many transactions.
    fn batch(&mut self, count: usize, size: usize, keys: usize, commit_every: usize) {
        for (nth, first) in (0..count).step_by(100).enumerate() {
            let end = count.min(first + 100);
            let name = if size > 1000 { "big" } else { "key" };
            let ops = (first..end).map(|n| put(format!("{name}{:05}", n % keys), size));
            self.store.txn(&txn(ops.collect())).unwrap();
            if (nth + 1) % commit_every == 0 {
                self.file.commit(&self.store);
            }
        }
        self.file.commit(&self.store);
    }

    /// Pages allocated, pages in use.
    fn pages(&self) -> (u64, u64) {
        (self.file.size_bytes() / PAGE_BYTES, self.file.in_use_bytes() / PAGE_BYTES)
    }
}

fn txn(success: Vec<RequestOp>) -> TxnRequest {
    TxnRequest { success, ..TxnRequest::default() }
}

/// Recorded with status from etcd 3.4.23 (dbSize and dbSizeInUse in pages). When it commits depends
/// on its clock; a sixteenth more or less is not told apart.
#[test]
fn it_grows_and_shrinks_as_etcds_does() {
    let mut at = Member { store: Store::new(), file: DbFile::default() };
    let near = |at: &Member, what: &str, (size, used): (u64, u64)| {
        let (ours, ours_used) = at.pages();
        eprintln!("{what}: {ours} {ours_used}, recorded {size} {used}");
        let close = |a: u64, b: u64| a.abs_diff(b) <= 4 + b / 16;
        assert!(close(ours, size) && close(ours_used, used), "{what}: {ours} {ours_used}");
    };
    assert_eq!(at.pages(), (5, 4));
    at.slow_puts(25);
    near(&at, "25 puts", (6, 6));
    at.slow_puts(40);
    near(&at, "40 puts", (10, 10));
    at.batch(1000, 100, 1000, 10);
    near(&at, "1000 puts of 100 bytes", (52, 52));
    at.batch(10_000, 100, 1000, 20);
    near(&at, "10000 puts of 100 bytes", (474, 474));
    at.batch(100, 10_000, 100, 1);
    near(&at, "100 puts of 10 kB", (724, 724));
    let revision = at.store.revision();
    at.store.compact(&CompactionRequest { revision, physical: true }).unwrap();
    at.file.commit(&at.store);
    at.file.compacted(&at.store);
    at.slow_puts(1);
    near(&at, "compacted", (725, 298));
    at.batch(1000, 100, 1000, 10);
    at.slow_puts(1);
    near(&at, "1000 puts again", (725, 353));
    at.file = DbFile::of(&at.store);
    near(&at, "defragmented", (342, 340));
}

#[test]
fn pages_are_neither_lost_nor_made() {
    let mut at = Member { store: Store::new(), file: DbFile::default() };
    for round in 0..30 {
        at.batch(300, 50 + 37 * round, 100, 1);
        let revision = at.store.revision();
        if round % 3 == 2 {
            at.store.compact(&CompactionRequest { revision, physical: true }).unwrap();
            at.file.compacted(&at.store);
        }
        // What is in use is what a file written anew would need, and what the last commits left.
        let anew = DbFile::of(&at.store);
        let (used, least) = (at.file.in_use_bytes(), anew.in_use_bytes());
        assert!(used + 2 * PAGE_BYTES >= least, "round {round}: {used} {least}");
        let records: u64 = at.file.leaves.iter().map(|leaf| leaf.records).sum();
        assert_eq!(records, at.store.record_count() as u64, "round {round}");
    }
}
