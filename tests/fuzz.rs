//! The promises of `fuzz/` on inputs that are cheap to try every time: those that once broke one
//! (`fuzz/regressions/TARGET/*`), and thousands made from a fixed seed.
//!
//! The targets themselves try millions: `fuzz/README.md`.
#![allow(missing_docs)]

#[path = "fuzz/promises.rs"]
mod promises;

use std::path::{Path, PathBuf};
use std::{env, fs};

use promises::Promise;
use raftarium::engine::{Config, Look, Request, Sought};
use raftarium::raft::{MemberId, wal};
use raftarium::script::Command;
use raftarium::sim::Rng;
use raftarium::store::Store;

fn promise(name: &str) -> Promise {
    promises::ALL.iter().find(|(other, _)| *other == name).unwrap().1
}

fn files(folder: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let read = |path: PathBuf| if path.is_file() { fs::read(path).ok() } else { None };
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| read(entry.unwrap().path())).collect()
}

/// Whole inputs, and the same with a few bytes changed, cut out, doubled or spliced.
fn tries(name: &str, seeds: &[Vec<u8>], times: u64) {
    let promise = promise(name);
    files(&format!("fuzz/regressions/{name}")).iter().for_each(|bytes| promise(bytes));
    seeds.iter().for_each(|bytes| promise(bytes));
    let mut rng = Rng::stream(7, "tries", 0, 0);
    for _ in 0..times {
        let mut bytes = seeds[rng.below(seeds.len() as u64) as usize].clone();
        for _ in 0..=rng.below(4) {
            mutate(&mut bytes, seeds, &mut rng);
        }
        promise(&bytes);
    }
}

fn mutate(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], rng: &mut Rng) {
    let mut place = |bytes: &[u8]| rng.below(bytes.len() as u64 + 1) as usize;
    let (a, b) = (place(bytes), place(bytes));
    let (from, to) = (a.min(b), a.max(b).min(a.min(b) + 64));
    match rng.below(5) {
        0 if from < bytes.len() => bytes[from] = rng.next_u64() as u8,
        1 => drop(bytes.drain(from..to)),
        2 => {
            let piece = bytes[from..to].to_vec();
            bytes.splice(to..to, piece);
        }
        3 => bytes.insert(from, rng.next_u64() as u8),
        _ => {
            let other = &seeds[rng.below(seeds.len() as u64) as usize];
            let start = rng.below(other.len() as u64 + 1) as usize;
            let end = other.len().min(start + 64);
            bytes.splice(from..to, other[start..end].to_vec());
        }
    }
}

fn texts() -> Vec<Vec<u8>> {
    raftarium::script::EXAMPLES.iter().map(|(_, text)| text.as_bytes().to_vec()).collect()
}

#[test]
fn script() {
    let commands = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).unwrap();
        text.split("\n---\n").next().unwrap().as_bytes().to_vec()
    };
    let seeds: Vec<Vec<u8>> = files("scenarios").into_iter().map(commands).collect();
    tries("script", &seeds, 20_000);
}

#[test]
fn link() {
    let seeds = [
        "boot seed=3 members=5 timing=etcd\nat 1.5s/42 kill 1\nat 2s etcdctl put k v\nat 3s/7\n",
        "boot\nat 2s next append 1>2 drop\nat 2.25s kubectl create -f - <<EOF\n\
         kind: Pod\nEOF\nat 3s",
    ];
    tries("link", &seeds.map(|text| text.as_bytes().to_vec()), 20_000);
}

#[test]
fn yaml() {
    tries("yaml", &texts(), 4_000);
}

#[test]
fn stored() {
    let hex = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).ok()?;
        let byte = |at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
        (0..text.trim().len()).step_by(2).map(byte).collect::<Option<Vec<u8>>>()
    };
    let seeds: Vec<_> = files("tests/vectors/objects").into_iter().filter_map(hex).collect();
    assert!(seeds.len() >= 10);
    tries("stored", &seeds, 10_000);
}

#[test]
fn disk() {
    let mut log = Vec::new();
    wal::write(&wal::Record::Vote(3, MemberId(2), true), &mut log);
    tries("disk", &[log, Store::default().to_bytes()], 20_000);
}

#[test]
fn door() {
    let boot = Request::Boot(Config::default());
    let look = Request::Look(Look::Store {
        member: MemberId(1),
        revision: None,
        prefix: "/registry".into(),
    });
    let act = Request::Act("kill 1".parse::<Command>().unwrap().action().unwrap());
    let sought = Sought::ALL[0].1;
    let search = Request::Search(Config::default(), sought);
    let on = Request::SearchOn(100);
    let seeds =
        [boot, look, act, search, on].map(|request| postcard::to_allocvec(&request).unwrap());
    tries("door", &seeds, 2_000);
}

#[test]
fn world() {
    let mut rng = Rng::stream(11, "worlds", 0, 0);
    let seeds: Vec<Vec<u8>> =
        (0..4).map(|_| (0..64).map(|_| rng.next_u64() as u8).collect()).collect();
    tries("world", &seeds, 20);
}

#[test]
fn every_fault_is_a_line_of_the_language() {
    for line in promises::FAULTS {
        let line = line.replace('M', "1");
        assert!(line.parse::<Command>().is_ok_and(|it| it.action().is_some()), "{line}");
    }
}
