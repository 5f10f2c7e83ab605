//! What the store's operations cost. `cargo bench --bench store`.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use raftarium::store::*;

fn main() {
    divan::main();
}

const VALUE_BYTES: usize = 1000;

fn key(n: usize) -> Blob {
    format!("/registry/pods/default/pod-{n:06}").into()
}

fn put(n: usize) -> PutRequest {
    PutRequest { key: key(n), value: vec![b'x'; VALUE_BYTES].into(), ..Default::default() }
}

/// A store of so many keys.
fn filled(keys: usize) -> Store {
    let mut store = Store::new();
    for n in 0..keys {
        store.put(&put(n)).unwrap();
    }
    store.take_changes();
    store
}

/// One write into a store that has so many keys already.
#[divan::bench(args = [1, 1_000, 100_000])]
fn put_into(bencher: Bencher<'_, '_>, keys: usize) {
    let mut store = filled(keys);
    let requests: Vec<_> = (0..keys).map(put).collect();
    let mut n = 0;
    bencher.bench_local(|| {
        n = (n + 7919) % keys;
        store.put(black_box(&requests[n])).unwrap()
    });
}

#[divan::bench(args = [1, 100, 10_000])]
fn range_of(bencher: Bencher<'_, '_>, keys: usize) {
    let store = filled(20_000);
    let request =
        RangeRequest { key: key(5_000), range_end: key(5_000 + keys), ..Default::default() };
    let count = ItemsCount::new(keys);
    bencher.counter(count).bench_local(|| store.range(black_box(&request)).unwrap());
}

/// The first page of a list, as the apiserver asks for it; the count is of all 20,000.
#[divan::bench]
fn first_500_of_20_000(bencher: Bencher<'_, '_>) {
    let store = filled(20_000);
    let request = RangeRequest {
        key: key(0),
        range_end: prefix_end(b"/registry/pods/").into(),
        limit: 500,
        ..Default::default()
    };
    bencher.bench_local(|| store.range(black_box(&request)).unwrap());
}

/// The transaction of every Kubernetes update: put if not changed since.
#[divan::bench]
fn txn_update(bencher: Bencher<'_, '_>) {
    let mut store = filled(10_000);
    let mut revision = store.get(&key(77), store.revision()).unwrap().mod_revision;
    bencher.bench_local(|| {
        let request = TxnRequest {
            compare: vec![Compare {
                key: key(77),
                range_end: Blob::default(),
                result: CompareResult::Equal,
                target: CompareTarget::Mod(revision),
            }],
            success: vec![RequestOp::Put(put(77))],
            failure: vec![RequestOp::Range(RangeRequest { key: key(77), ..Default::default() })],
        };
        let answer = store.txn(black_box(&request)).unwrap();
        assert!(answer.succeeded);
        revision = answer.revision;
    });
}

/// One write, told to so many watchers of one prefix, each with its own stream.
#[divan::bench(args = [1, 100, 10_000])]
fn watch_fan_out(bencher: Bencher<'_, '_>, watchers: usize) {
    let mut store = filled(1_000);
    let mut hub = WatchHub::new();
    let request = WatchCreateRequest {
        key: "/registry/pods/".into(),
        range_end: prefix_end(b"/registry/pods/").into(),
        ..Default::default()
    };
    let streams: Vec<_> = (0..watchers).map(|_| hub.open()).collect();
    for stream in &streams {
        hub.create(*stream, &request, &store);
    }
    let write = put(500);
    bencher.counter(ItemsCount::new(watchers)).bench_local(|| {
        store.put(&write).unwrap();
        let changes = store.take_changes();
        hub.notify(&store, &changes);
        streams.iter().map(|stream| hub.take(*stream).len()).sum::<usize>()
    });
}

/// Forgetting 100,000 revisions of 1,000 keys.
#[divan::bench(sample_count = 10)]
fn compact_100_000(bencher: Bencher<'_, '_>) {
    let mut store = filled(1_000);
    let requests: Vec<_> = (0..1_000).map(put).collect();
    for n in 0..100_000 {
        store.put(&requests[n % 1_000]).unwrap();
    }
    let request = CompactionRequest { revision: store.revision(), physical: true };
    bencher.with_inputs(|| store.clone()).bench_local_values(|mut store| {
        store.compact(&request).unwrap();
        store
    });
}

#[divan::bench]
fn snapshot_of_10_000(bencher: Bencher<'_, '_>) {
    let store = filled(10_000);
    bencher.bench_local(|| store.to_bytes());
}

#[divan::bench]
fn restore_of_10_000(bencher: Bencher<'_, '_>) {
    let bytes = filled(10_000).to_bytes();
    bencher.bench_local(|| Store::from_bytes(black_box(&bytes)).unwrap());
}

#[divan::bench]
fn hash_of_10_000(bencher: Bencher<'_, '_>) {
    let store = filled(10_000);
    bencher.bench_local(|| store.hash_kv(Revision(0)).unwrap());
}
