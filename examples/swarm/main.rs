//! Random clusters under random trouble, all promises watched:
//! `cargo run --release --example swarm -- --seeds 1000 [--from 1]`.
//!
//! A failure prints its seed, what is wrong, a script made small that still goes wrong, and how to
//! run it again; `--script FILE` runs such a script.
#![allow(clippy::disallowed_methods)]

mod judge;
mod troubles;
mod watchers;

use std::cell::Cell;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use judge::{Outcome, judge, shrink};
use troubles::life;

thread_local! {
    /// The seed this thread is at.
    static SEED: Cell<u64> = const { Cell::new(0) };
}

struct Options {
    seeds: u64,
    from: u64,
    /// Runs that making one script small may take.
    shrink: usize,
    /// A script to run instead.
    script: Option<String>,
}

fn options() -> Result<Options, String> {
    let mut options = Options { seeds: 100, from: 1, shrink: 300, script: None };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().unwrap_or_default();
        if word == "--script" {
            options.script = Some(value);
            continue;
        }
        let number = value.parse().map_err(|_| format!("{word} needs a number"))?;
        match word.as_str() {
            "--seeds" => options.seeds = number,
            "--from" => options.from = number,
            "--shrink" => options.shrink = number as usize,
            _ => {
                return Err(format!(
                    "no such option: {word}; there are --seeds, --from, --shrink, --script"
                ));
            }
        }
    }
    Ok(options)
}

fn main() -> Result<(), String> {
    let Options { seeds, from, shrink, script } = options()?;
    if let Some(file) = script {
        let text = std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
        return match &judge(&text).problems[..] {
            [] => Ok(()),
            problems => Err(problems.join("\n")),
        };
    }
    // Where a panic ends the process (release builds), its seed is told all the same.
    std::panic::set_hook(Box::new(|panic| eprintln!("seed {}: {panic}", SEED.get())));
    let (next, total) = (AtomicU64::new(from), Mutex::new((Outcome::default(), 0)));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= from + seeds {
                return;
            }
            let outcome = one(seed, shrink);
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

fn one(seed: u64, runs: usize) -> Outcome {
    SEED.set(seed);
    let life = life(seed);
    let outcome = judge(&life.script(&life.troubles));
    if !outcome.problems.is_empty() {
        let small = life.script(&shrink(&life, runs));
        let problems = outcome.problems.join("\n  ");
        let again = format!("cargo run --release --example swarm -- --seeds 1 --from {seed}");
        println!("seed {seed}:\n  {problems}\nagain: {again}\nor, made small:\n{small}");
    }
    outcome
}
