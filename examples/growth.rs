//! How the store grows with its keys, as one table: `cargo run --profile bench --example growth`.
//!
//! * Each key is written once, 36 bytes of it and a value of 100; times are medians of single
//!   operations, in microseconds.
//! * Memory is what the process has grown by while the store was filled, as the system tells
//!   (Linux; elsewhere `-`).
//! * At last a million revisions of a thousand keys are compacted.
#![allow(clippy::disallowed_methods)]

use std::hint::black_box;
use std::time::Instant;

use raftarium::store::{
    Blob, CompactionRequest, Compare, CompareResult, CompareTarget, PutRequest, RangeRequest,
    RequestOp, Revision, Store, TxnRequest,
};

/// Operations of each kind that are timed.
const ROUNDS: usize = 2_001;

/// Revisions compacted at last.
const REVISIONS: usize = 1_000_000;

fn main() {
    println!(
        "{:>9} {:>10} {:>8} {:>8} {:>8} {:>12} {:>10}",
        "keys", "bytes/key", "put", "get", "txn", "100 of them", "hash, ms"
    );
    for keys in [1_000, 10_000, 100_000, 1_000_000] {
        row(keys);
    }
    compaction();
}

fn key(n: usize) -> Blob {
    format!("/registry/pods/default/pod-{n:09}").into()
}

fn put(n: usize) -> PutRequest {
    PutRequest { key: key(n), value: vec![b'x'; 100].into(), ..PutRequest::default() }
}

fn filled(keys: usize) -> Store {
    let mut store = Store::new();
    for n in 0..keys {
        store.put(&put(n)).expect("a put of a key");
    }
    store.take_changes();
    store
}

fn row(keys: usize) {
    let before = resident_bytes();
    let mut store = filled(keys);
    let grown = resident_bytes().zip(before).map(|(after, before)| after.saturating_sub(before));
    let each = grown.map_or("-".into(), |grown| (grown / keys as u64).to_string());
    let somewhere = |round: usize| round * 7_919 % keys;
    let get = |n| RangeRequest { key: key(n), ..RangeRequest::default() };
    let gets = median(|round| {
        let request = get(somewhere(round));
        timed(|| black_box(store.range(&request)).is_ok())
    });
    let some = keys.min(100);
    let ranges = median(|round| {
        let from = somewhere(round).min(keys - some);
        let range_end = key(from + some);
        let request = RangeRequest { range_end, ..get(from) };
        timed(|| black_box(store.range(&request)).is_ok())
    });
    let puts = median(|round| {
        let request = put(somewhere(round));
        timed(|| store.put(&request).is_ok())
    });
    let txns = median(|round| {
        let request = update(&store, somewhere(round));
        timed(|| store.txn(&request).is_ok_and(|answer| answer.succeeded))
    });
    store.take_changes();
    let hash = timed(|| store.hash_kv(Revision(0)).is_ok()) / 1_000.0;
    println!(
        "{keys:>9} {each:>10} {puts:>8.1} {gets:>8.1} {txns:>8.1} {ranges:>12.1} {hash:>10.1}"
    );
}

/// What every Kubernetes update asks: put, if not changed since.
fn update(store: &Store, n: usize) -> TxnRequest {
    let known = store.get(&key(n), store.revision()).map_or(Revision(0), |kv| kv.mod_revision);
    let unchanged = Compare {
        key: key(n),
        range_end: Blob::default(),
        result: CompareResult::Equal,
        target: CompareTarget::Mod(known),
    };
    TxnRequest { compare: vec![unchanged], success: vec![RequestOp::Put(put(n))], failure: vec![] }
}

fn compaction() {
    let mut store = filled(1_000);
    let requests: Vec<PutRequest> = (0..1_000).map(put).collect();
    for n in 0..REVISIONS {
        store.put(&requests[n % requests.len()]).expect("a put of a key");
        if n % 10_000 == 0 {
            store.take_changes();
        }
    }
    store.take_changes();
    let request = CompactionRequest { revision: store.revision(), physical: true };
    let seconds = timed(|| store.compact(&request).is_ok()) / 1_000_000.0;
    println!("\n{REVISIONS} revisions of 1,000 keys compacted in {seconds:.2} s");
}

/// Microseconds of it.
fn timed(work: impl FnOnce() -> bool) -> f64 {
    let begun = Instant::now();
    let went_well = work();
    let taken = begun.elapsed();
    assert!(went_well);
    taken.as_secs_f64() * 1_000_000.0
}

fn median(mut timed: impl FnMut(usize) -> f64) -> f64 {
    let mut all: Vec<f64> = (0..ROUNDS).map(&mut timed).collect();
    all.sort_by(f64::total_cmp);
    all[ROUNDS / 2]
}

/// Bytes of memory this process has.
fn resident_bytes() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096)
}
