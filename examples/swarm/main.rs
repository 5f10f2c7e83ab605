//! Random clusters under random trouble, all promises watched:
//! `cargo run --release --example swarm -- --seeds 1000 [--from 1]`.
//!
//! A failure prints its seed, what is wrong, a script made small that still goes wrong, and how to
//! run it again.
#![allow(clippy::disallowed_methods)]

mod judge;
mod troubles;

use std::cell::Cell;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use judge::{Outcome, judge, shrink};
use troubles::life;

/// Runs that making one script small may take.
const SHRINK_RUNS_MAX: usize = 300;

thread_local! {
    /// The seed this thread is at.
    static SEED: Cell<u64> = const { Cell::new(0) };
}

struct Options {
    seeds: u64,
    from: u64,
}

fn options() -> Result<Options, String> {
    let mut options = Options { seeds: 100, from: 1 };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let number = words.next().and_then(|number| number.parse().ok());
        let number = number.ok_or(format!("{word} needs a number"))?;
        match word.as_str() {
            "--seeds" => options.seeds = number,
            "--from" => options.from = number,
            _ => return Err(format!("no such option: {word}; there are --seeds and --from")),
        }
    }
    Ok(options)
}

fn main() -> Result<(), String> {
    let Options { seeds, from } = options()?;
    // Where a panic ends the process (release builds), its seed is told all the same.
    std::panic::set_hook(Box::new(|panic| eprintln!("seed {}: {panic}", SEED.get())));
    let (next, total) = (AtomicU64::new(from), Mutex::new((Outcome::default(), 0)));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= from + seeds {
                return;
            }
            let outcome = one(seed);
            let mut total = total.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            total.0.seconds += outcome.seconds;
            total.0.requests += outcome.requests;
            total.0.checks += outcome.checks;
            total.1 += u64::from(!outcome.problems.is_empty());
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    let (all, failed) = total.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    println!(
        "{seeds} seeds from {from}: {:.1} virtual hours, {} requests judged, {} checks, {failed} \
         failed",
        all.seconds / 3600.0,
        all.requests,
        all.checks
    );
    if failed == 0 { Ok(()) } else { Err("a promise is broken".into()) }
}

fn one(seed: u64) -> Outcome {
    SEED.set(seed);
    let life = life(seed);
    let outcome = judge(&life.script(&life.troubles));
    if !outcome.problems.is_empty() {
        let small = life.script(&shrink(&life, SHRINK_RUNS_MAX));
        let problems = outcome.problems.join("\n  ");
        let again = format!("cargo run --release --example swarm -- --seeds 1 --from {seed}");
        println!("seed {seed}:\n  {problems}\nagain: {again}\nor, made small:\n{small}");
    }
    outcome
}
