//! How much work many kubelets are, as a table: `cargo run --profile bench --example nodes`.
//!
//! Every node renews its Lease every 10 s through the apiserver: N / 10 writes a second to the Raft
//! leader. The same for the module: `node tests/browser/nodes.mjs`.
#![allow(clippy::disallowed_methods)]

use std::time::{Duration, SystemTime};

use raftarium::cluster::Timing;
use raftarium::engine::{Config, Engine};
use raftarium::kube::Conduct;

/// Virtual seconds until everyone has joined and is heard of regularly.
const SETTLES: u64 = 40;

/// Virtual seconds measured.
const MEASURED: u64 = 30;

fn main() {
    let asked: Vec<u16> = std::env::args().skip(1).filter_map(|it| it.parse().ok()).collect();
    let counts = if asked.is_empty() { vec![2, 100, 1_000, 2_500] } else { asked };
    println!("5 members; virtual seconds per second, joining and afterwards");
    println!(
        "{:<10} {:>6} {:>8} {:>8} {:>9} {:>10} {:>8}",
        "timing", "nodes", "joining", "after", "writes/s", "frame, us", "frame, B"
    );
    for timing in [Timing::Etcd, Timing::Classroom] {
        counts.iter().for_each(|nodes| measure(timing, *nodes));
    }
}

fn measure(timing: Timing, nodes: u16) {
    let config = Config { timing, nodes, plane: Conduct::Acting, ..Config::default() };
    let mut engine = Engine::boot(config).expect("such a world boots");
    let joining = pass(&mut engine, SETTLES);
    let before = revision(&engine);
    let after = pass(&mut engine, MEASURED);
    let writes = (revision(&engine) - before) as f64 / MEASURED as f64;
    let began = seconds();
    let frame = engine.frame();
    let taken = (seconds() - began) * 1e6;
    let bytes = postcard::to_allocvec(&frame).expect("a frame is plain data").len();
    println!(
        "{timing:<10} {nodes:>6} {joining:>8.1} {after:>8.1} {writes:>9.1} {taken:>10.0} {bytes:>8}"
    );
}

fn revision(engine: &Engine) -> i64 {
    let cluster = engine.cluster();
    let of = |id| cluster.with_store(id, |store| store.revision().0);
    cluster.member_ids().into_iter().filter_map(of).max().unwrap_or(0)
}

/// Virtual seconds per second of processor time.
fn pass(engine: &mut Engine, span: u64) -> f64 {
    let began = seconds();
    for _ in 0..span {
        engine.advance(Duration::from_secs(1));
        engine.take_events();
    }
    span as f64 / (seconds() - began)
}

/// Seconds of processor time so far; of the wall clock where the system does not tell.
fn seconds() -> f64 {
    let told = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanos = told.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok());
    let wall = || SystemTime::UNIX_EPOCH.elapsed().map_or(0.0, |since| since.as_secs_f64());
    nanos.map_or_else(wall, |nanos| nanos / 1e9)
}
