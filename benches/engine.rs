//! What the engine costs: one virtual second of a whole world, a frame, an update's bytes.
//! `cargo bench --bench engine`; the same as virtual seconds per second, in one table:
//! `cargo run --profile bench --example speed`.

mod load;

use std::time::Duration;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use raftarium::cluster::Timing;

fn main() {
    divan::main();
}

fn virtual_second(bencher: Bencher<'_, '_>, members: u8, timing: Timing, writes: u64) {
    let mut engine = load::world(members, timing, writes);
    bencher.bench_local(|| {
        engine.advance(Duration::from_secs(1));
        engine.take_events()
    });
}

/// Arguments: members, writes per virtual second.
#[divan::bench(args = [(3, 0), (3, 100), (5, 0), (5, 100), (5, 1_000), (7, 0), (7, 100)])]
fn second_of_etcd(bencher: Bencher<'_, '_>, (members, writes): (u8, u64)) {
    virtual_second(bencher, members, Timing::Etcd, writes);
}

/// Arguments: members, writes per virtual second.
#[divan::bench(args = [(3, 0), (5, 0), (5, 100), (5, 1_000), (7, 0)])]
fn second_of_classroom(bencher: Bencher<'_, '_>, (members, writes): (u8, u64)) {
    virtual_second(bencher, members, Timing::Classroom, writes);
}

/// A frame after every 16 virtual ms, of which only the frame is measured.
#[divan::bench(args = [0, 100, 1_000])]
fn frame(bencher: Bencher<'_, '_>, writes: u64) {
    let engine = std::cell::RefCell::new(load::world(5, Timing::Etcd, writes));
    let advance = || {
        engine.borrow_mut().advance(Duration::from_millis(16));
    };
    bencher.with_inputs(advance).bench_local_values(|()| engine.borrow_mut().frame());
}

/// The bytes of a frame.
#[divan::bench(args = [0, 100, 1_000])]
fn frame_as_bytes(bencher: Bencher<'_, '_>, writes: u64) {
    let frame = load::world(5, Timing::Etcd, writes).frame();
    let bytes = || postcard::to_allocvec(black_box(&frame)).expect("a frame is plain data");
    bencher.counter(BytesCount::new(bytes().len())).bench_local(bytes);
}
