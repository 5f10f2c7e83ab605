//! 240 clusters under random requests and faults, all promises watched; after everything is mended
//! they come together. The same lives as `examples/swarm`.
//!
//! And the swarm can fail: lying disks, and rules taken away, are noticed, and what is noticed can
//! be made small.
//!
//! Mutations of the watch hub tried by hand, and in how many of the first 16 seeds (of bookmarks:
//! of 60) a promise of watches broke:
//!
//! | mutation | promise | seeds |
//! |---|---|--:|
//! | filters let everything pass | filter | 13 |
//! | a progress note says one revision too many | bookmarks | 42 of 60 |
//! | an answer's events come newest first | ordered | 2 |
//! | who has caught up begins one revision too early, every third time | unique | 1 |
//! | the first event of an answer goes alone | atomic | 5 |
//! | every fifth revision is told to nobody | reliable | 14 |
//! | a client goes on one revision too late after a break | resumable | 4 |
//! | the previous value is the one before the previous | previous values | 7 |
//! | every put says that it created its key | is-create | 11 |
//!
//! A progress note to who is not synced yet lasts 100 ms at most and breaks nothing here;
//! `tests/store_watch` has it.
#![allow(missing_docs)]

#[path = "../examples/swarm/judge.rs"]
mod judge;
#[path = "../examples/swarm/troubles.rs"]
mod troubles;
#[path = "../examples/swarm/watchers.rs"]
mod watchers;

use judge::{judge, shrink};
use troubles::{Life, life};

const SEEDS: u64 = 240;

/// The seeds are dealt to so many tests, so that they can run side by side.
const SHARES: u64 = 4;

fn share(which: u64) {
    let (mut hours, mut requests, mut checks) = (0.0, 0, 0);
    for seed in (1..=SEEDS).filter(|seed| seed % SHARES == which) {
        let life = life(seed);
        let outcome = judge(&life.script(&life.troubles));
        assert!(
            outcome.problems.is_empty(),
            "{:#?}\ncargo run --release --example swarm -- --seeds 1 --from {seed}",
            outcome.problems
        );
        hours += outcome.seconds / 3600.0;
        requests += outcome.requests;
        checks += outcome.checks;
    }
    eprintln!("{hours:.2} virtual hours, {requests} requests judged, {checks} checks");
    assert!(hours > 0.2 && requests > 2_000 && checks > 50_000, "hardly anything was looked at");
}

#[test]
fn promises_are_kept_0() {
    share(0);
}

#[test]
fn promises_are_kept_1() {
    share(1);
}

#[test]
fn promises_are_kept_2() {
    share(2);
}

#[test]
fn promises_are_kept_3() {
    share(3);
}

/// The life of a seed that begins with a line more for every member, or once.
fn life_with(seed: u64, line: &str) -> Life {
    let mut life = life(seed);
    life.begins.extend((1..=9).map(|id| line.replace("ALL", &id.to_string())));
    life
}

/// How many of the first lives go wrong with a line more at their beginning.
fn noticed(line: &str, seeds: u64) -> usize {
    std::panic::set_hook(Box::new(|_| {}));
    let goes_wrong = |seed: &u64| {
        let life = life_with(*seed, line);
        !judge(&life.script(&life.troubles)).problems.is_empty()
    };
    let noticed = (1..=seeds).filter(goes_wrong).count();
    let _ = std::panic::take_hook();
    noticed
}

/// A disk that says "synced" and is not loses what was acknowledged, if its power is cut then.
#[test]
fn lying_disks_are_noticed() {
    let noticed = noticed("disk ALL lies", 16);
    assert!(noticed >= 3, "of sixteen clusters on lying disks {noticed} were noticed");
}

#[test]
fn missing_rules_are_noticed() {
    let rules = [("send-once", 1), ("read-index", 1), ("pre-vote", 5)];
    for (rule, least) in rules {
        let noticed = noticed(&format!("rule {rule} off"), 10);
        assert!(noticed >= least, "without {rule}, {noticed} of ten were noticed");
    }
}

#[test]
fn what_goes_wrong_is_made_small() {
    let life = life_with(2, "rule pre-vote off");
    assert!(!judge(&life.script(&life.troubles)).problems.is_empty());
    let small = shrink(&life, 60);
    assert!(small.len() < life.troubles.len() / 2, "{} lines", small.len());
    assert!(!judge(&life.script(&small)).problems.is_empty());
}
