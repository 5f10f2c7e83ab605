//! How fast the engine runs, as one table: `cargo run --profile bench --example speed`.
//!
//! The same for the module as it is shipped: `node tests/browser/speed.mjs`. Seconds are those this
//! process had a processor for, where the system tells (Linux), so that a busy machine does not
//! count; else of the wall clock. Both are read here and nowhere below.
#![allow(clippy::disallowed_methods)]

#[path = "../benches/load/mod.rs"]
mod load;

use std::time::{Duration, SystemTime};

use raftarium::cluster::{self, Etcdctl, Timing};
use raftarium::engine::{Action, Config, Engine, Request, door};

/// Every figure is the median of so many.
const ROUNDS: usize = 9;

/// A round takes at least so many seconds.
const ROUND_SECONDS: f64 = 0.2;

fn main() {
    println!("virtual seconds per second, engine with its control plane, no frames");
    println!("{:<14} {:>7} {:>8} {:>8} {:>8}", "timing", "members", "idle", "100 w/s", "1000 w/s");
    for timing in [Timing::Etcd, Timing::Classroom] {
        for members in [3, 5, 7] {
            let [idle, some, many] =
                [0, 100, 1_000].map(|writes| speed(&mut load::world(members, timing, writes)));
            println!("{timing:<14} {members:>7} {idle:>8.0} {some:>8.0} {many:>8.0}");
        }
    }
    frames();
    println!("\nthrough the door, as a page would (compare: node tests/browser/speed.mjs)");
    for writes in [0, 100, 1_000] {
        println!("5 members, etcd timing, {writes:>4} w/s: {:>6.0}", through_the_door(writes));
    }
}

/// Seconds of processor time so far.
fn seconds() -> f64 {
    let told = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanos = told.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok());
    let wall = || SystemTime::UNIX_EPOCH.elapsed().map_or(0.0, |since| since.as_secs_f64());
    nanos.map_or_else(wall, |nanos| nanos / 1e9)
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

/// Virtual seconds per second, for something that takes one of them.
fn measure(mut second: impl FnMut()) -> f64 {
    let round = |_| {
        let (began, mut count) = (seconds(), 0.0);
        while seconds() - began < ROUND_SECONDS {
            second();
            count += 1.0;
        }
        count / (seconds() - began)
    };
    median((0..ROUNDS).map(round).collect())
}

fn speed(engine: &mut Engine) -> f64 {
    measure(|| {
        engine.advance(Duration::from_secs(1));
        engine.take_events();
    })
}

fn frames() {
    println!("\na frame every 16 virtual ms, 5 members, etcd timing");
    for writes in [0, 100, 1_000] {
        let mut engine = load::world(5, Timing::Etcd, writes);
        let (mut taken, mut encoded, mut bytes) = (Vec::new(), Vec::new(), 0);
        for _ in 0..400 {
            engine.advance(Duration::from_millis(16));
            engine.take_events();
            let began = seconds();
            let frame = engine.frame();
            taken.push((seconds() - began) * 1e6);
            let began = seconds();
            bytes = postcard::to_allocvec(&frame).expect("a frame is plain data").len();
            encoded.push((seconds() - began) * 1e6);
        }
        let (taken, encoded) = (median(taken), median(encoded));
        println!("{writes:>4} w/s: taken in {taken:.0} us, encoded in {encoded:.0} us, {bytes} B");
    }
}

fn serve(request: &Request) {
    let bytes = postcard::to_allocvec(request).expect("a request is plain data");
    door::serve(&bytes);
}

/// Something etcdctl does.
fn etcdctl(line: Etcdctl) {
    let action = cluster::Action::Etcdctl(line);
    serve(&Request::Act(Action::Cluster(action)));
}

/// Bursts of puts every 100 virtual ms and one update each; see `tests/browser/speed.mjs`.
fn through_the_door(writes_per_second: i64) -> f64 {
    serve(&Request::Boot(Config { timing: Timing::Etcd, ..Config::default() }));
    let mut nth = 0;
    let mut second = || {
        for _ in 0..10 {
            for _ in 0..writes_per_second / 10 {
                nth += 1;
                let (key, value) = (format!("/load/{:04}", nth % 500), "x".repeat(100));
                etcdctl(Etcdctl::put(&key, &value));
            }
            serve(&Request::Advance { nanos: 100_000_000, stops: vec![] });
        }
        if nth > 1_000 {
            etcdctl(Etcdctl::compaction(nth - 1_000));
        }
    };
    (0..10).for_each(|_| second());
    measure(second)
}
