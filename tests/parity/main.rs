//! Ours against a real etcd: the same requests through the same door, and the same answers.
//!
//! * The door is the JSON gateway: text in, text out. Answers are compared character for character,
//!   but for what `differences.rs` names; streams of watchers line by line.
//! * At the end of every run both must have the same HashKV: a hash over every record of the whole
//!   history, so no version of any key may differ.
//! * It needs Debian's etcd 3.4.23 and fails where that is not installed: `cargo xtask test`
//!   installs it.

// A real server lives in real time.
#![allow(clippy::disallowed_methods)]

mod cases;
mod chance;
mod differences;
mod etcd;
mod fragments;
mod http;
mod metrics;
mod pair;

use std::thread;

use chance::Chance;
use differences::{Differences, NAMED};
use pair::{Pair, Watched};
use serde_json::Value;

/// Requests of one run, after which histories are compared.
const RUN: u64 = 250;

/// Members of ours, a seed, and runs: each has an etcd of its own and goes on beside the others.
const PLAN: [(u8, u64, u64); 3] = [(1, 1, 32), (1, 2, 32), (3, 3, 18)];

/// Every so many runs a watch from every revision is compared.
const WATCHED_RUNS: u64 = 8;

#[test]
fn generated_requests() {
    let plan = PLAN.map(|(members, seed, runs)| {
        thread::spawn(move || {
            let mut pair = Pair::start(&format!("seed-{seed}"), members, seed);
            let mut chance = Chance::new(seed);
            chance.serializable = members == 1;
            chance.leases = true;
            (0..runs).for_each(|number| run(&mut pair, &mut chance, number));
            (pair.compared, pair.told, std::mem::take(&mut pair.differences))
        })
    });
    let mut seen = Differences::default();
    let (mut compared, mut told) = (0, 0);
    // Every one comes to its end, so that its etcd is ended, too.
    for part in plan.map(thread::JoinHandle::join) {
        let (requests, answers, differences) = part.expect("equal, see above");
        compared += requests;
        told += answers;
        seen.add(&differences);
    }
    println!("generated: {compared} requests and {told} answers of watches compared with etcd");
    report(&seen);
    assert!(compared >= 20_000, "only {compared} requests");
}

#[test]
fn recorded_requests() {
    let mut seen = Differences::default();
    let mut pair = |name: &str| Pair::start(name, 1, 1);
    let compared = cases::recorded(&mut pair);
    let mut pair = pair("ported");
    let ported = cases::ported(&mut pair);
    seen.add(&pair.differences);
    println!("recorded: {compared} requests, and {ported} of etcd's tables, compared with etcd");
    report(&seen);
    assert!(compared >= 1_200 && ported > 100);
}

/// One run: requests, watchers that hear them, and at its end the whole history.
fn run(pair: &mut Pair, chance: &mut Chance, number: u64) {
    let (newest, compacted) = pair.revisions();
    let from = [0, 0, newest + 2, newest + 9, newest - 2, compacted.max(newest - 20)];
    let live: Vec<Value> = from.iter().map(|from| chance.watcher((*from).max(0))).collect();
    let mut live: Vec<Watched> = streams(&live).map(|some| pair.watch(some)).collect();
    for done in 1..=RUN {
        let (path, body) = chance.request();
        let answer = pair.ask(path, &body.to_string());
        let revision = answer["header"]["revision"].as_str().and_then(|it| it.parse().ok());
        chance.revision = revision.unwrap_or(chance.revision);
        if done % 50 == 0 {
            live.iter_mut().for_each(|stream| pair.compare_told(stream));
        }
    }
    live.into_iter().for_each(|stream| pair.close(stream));
    pair.compare_hashes();
    if number.is_multiple_of(WATCHED_RUNS) {
        from_every_revision(pair, chance);
    }
}

/// Watchers from before the oldest revision that is kept to after the newest.
fn from_every_revision(pair: &mut Pair, chance: &mut Chance) {
    let (newest, compacted) = pair.revisions();
    let from = compacted.max(2) - 1..=newest + 2;
    let all: Vec<Value> = from.map(|from| chance.watcher(from)).collect();
    for some in streams(&all) {
        let stream = pair.watch(some);
        pair.close(stream);
    }
}

/// Watchers, so many together as are read from one stream for sure: Go's HTTP/1 server drops what
/// it has not read of a request when it begins to answer, and its JSON decoder reads 512 bytes at
/// once.
fn streams(watchers: &[Value]) -> impl Iterator<Item = &[Value]> {
    watchers.chunks(3).inspect(|some| {
        let bytes: usize = some.iter().map(|it| it.to_string().len()).sum();
        assert!(bytes < 430, "{bytes} bytes, and the mark");
    })
}

fn report(seen: &Differences) {
    for (name, reason) in NAMED {
        if let Some(times) = seen.0.get(name) {
            println!("  named difference, {times} times: {name} ({reason})");
        }
    }
}
