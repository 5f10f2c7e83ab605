//! Finding a run in which something rare happens, and the shortest list of deeds that leads there.
//!
//! How it works: seed after seed makes a world and a plan (deeds at instants, dealt from the same
//! seed), runs it, and a detector watches what happens. When it has seen what is sought, deeds
//! are left out as long as it still happens (delta debugging), and what is left is the answer.
//!
//! * Works in slices of micro-steps, so that whoever asks can show progress and stop.
//! * The same search finds the same run, however it is sliced.
//!
//! Caveats: a plan makes 3 to 10 deeds within ten virtual seconds; what needs more is not found.
//! The answer is the shortest this way of shortening reaches, not the shortest there is.
//!
//! Architecture invariant: reaches the world only by what a reader can do.

use serde::{Deserialize, Serialize};

use super::detect::Detector;
use super::{Action, Config, Engine, Position, Recorded, Sought};
use crate::cluster::{self, Etcdctl};
use crate::raft::MemberId;
use crate::sim::{Instant, Rng};

/// Seeds tried before a search gives up.
pub const SEEDS_MAX: u64 = 2_000;

/// When plans begin: a classroom's cluster has a leader and an apiserver.
const PLANS_FROM_MS: u64 = 3_000;

/// How long deeds go on.
const PLANS_SPAN_MS: u64 = 10_000;

/// How long a world is watched after its last deed.
const AFTERWARDS_MS: u64 = 8_000;

/// One deed of a run, and when.
pub type Deed = (Instant, Action);

/// A run in which it happens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The world.
    pub config: Config,
    /// What is done to it, in order.
    pub deeds: Vec<Deed>,
    /// When it happens.
    pub at: Instant,
    /// In which micro-step.
    pub step: u64,
    /// What happens, in a sentence.
    pub sentence: String,
}

impl Found {
    /// The run, up to where it happens.
    pub fn recorded(&self) -> Recorded {
        let place = |(acts, (at, action)): (usize, &Deed)| {
            (Position { acts: acts as u64, ..Position::end_of(*at) }, action.clone())
        };
        let at = Position { at: self.at, step: self.step, acts: self.deeds.len() as u64 };
        let acts = self.deeds.iter().enumerate().map(place).collect();
        Recorded { config: self.config.clone(), acts, at, hash: None }
    }
}

/// How far a search is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Seeds tried so far.
    pub seeds: u64,
    /// Of the run found first: deeds now, while it is made shorter.
    pub deeds: Option<u32>,
    /// The answer.
    pub found: Option<Found>,
    /// Nothing was found in [`SEEDS_MAX`] seeds.
    pub gave_up: bool,
}

/// A search under way.
pub struct Search {
    config: Config,
    sought: Sought,
    seeds: u64,
    attempt: Option<Attempt>,
    shortening: Option<Shortening>,
    found: Option<Found>,
}

impl Search {
    /// A search among worlds like this one; its seed is where it begins.
    ///
    /// # Errors
    /// When there are no such worlds, in the words of [`Engine::boot`].
    pub fn new(config: Config, sought: Sought) -> Result<Search, String> {
        config.check()?;
        Ok(Search { config, sought, seeds: 0, attempt: None, shortening: None, found: None })
    }

    /// Goes on for so many micro-steps.
    pub fn slice(&mut self, micro_steps: u64) -> Progress {
        for _ in 0..micro_steps {
            if self.is_over() || !self.step() {
                break;
            }
        }
        Progress {
            seeds: self.seeds,
            deeds: self.shortening.as_ref().map(|short| short.best.deeds.len() as u32),
            found: self.found.clone(),
            gave_up: self.found.is_none() && self.is_over(),
        }
    }

    fn is_over(&self) -> bool {
        let exhausted = self.seeds >= SEEDS_MAX && self.attempt.is_none();
        self.found.is_some() || (exhausted && self.shortening.is_none())
    }

    /// One micro-step of the attempt under way, or the beginning of the next one.
    fn step(&mut self) -> bool {
        let Some(attempt) = &mut self.attempt else { return self.begin() };
        match attempt.step() {
            Step::On => {}
            Step::Over => {
                self.attempt = None;
                if let Some(short) = &mut self.shortening {
                    short.failed();
                }
            }
            Step::Found(found) => {
                self.attempt = None;
                match &mut self.shortening {
                    Some(short) => short.worked(found),
                    None => self.shortening = Some(Shortening::new(found)),
                }
            }
        }
        true
    }

    fn begin(&mut self) -> bool {
        if let Some(short) = &self.shortening {
            match short.shorter() {
                Some(deeds) => {
                    let config = short.best.config.clone();
                    self.attempt = Attempt::new(config, deeds, self.sought);
                }
                None => self.found = self.shortening.take().map(|short| short.best),
            }
            return self.found.is_none();
        }
        let config =
            Config { seed: self.config.seed.wrapping_add(self.seeds), ..self.config.clone() };
        self.seeds += 1;
        let deeds = plan(&config, self.sought);
        self.attempt = Attempt::new(config, deeds, self.sought);
        self.attempt.is_some()
    }
}

/// What one micro-step came to.
enum Step {
    On,
    Over,
    Found(Found),
}

/// One world with its plan.
struct Attempt {
    engine: Engine,
    deeds: Vec<Deed>,
    next: usize,
    until: Instant,
    detector: Detector,
}

impl Attempt {
    fn new(config: Config, deeds: Vec<Deed>, sought: Sought) -> Option<Attempt> {
        let last = deeds.last().map_or(Instant(0), |(at, _)| *at);
        let until = millis(last.0 / 1_000_000 + AFTERWARDS_MS);
        let engine = Engine::boot(config).ok()?;
        Some(Attempt { engine, deeds, next: 0, until, detector: Detector::new(sought) })
    }

    fn step(&mut self) -> Step {
        let due = self.deeds.get(self.next).map_or(self.until, |(at, _)| *at);
        if !self.engine.micro_step(due) {
            self.engine.advance_to(due);
            let Some((_, action)) = self.deeds.get(self.next) else { return Step::Over };
            self.engine.act(action);
            self.next += 1;
        }
        for event in self.engine.take_events() {
            if let Some(sentence) = self.detector.see(&event, &self.engine) {
                return Step::Found(Found {
                    config: self.engine.config().clone(),
                    deeds: self.deeds[..self.next].to_vec(),
                    at: event.at,
                    step: event.step,
                    sentence,
                });
            }
        }
        Step::On
    }
}

/// Leaving deeds out: ever smaller pieces, until no single one can go.
struct Shortening {
    best: Found,
    piece: usize,
    at: usize,
}

impl Shortening {
    fn new(best: Found) -> Shortening {
        let piece = best.deeds.len().div_ceil(2).max(1);
        Shortening { best, piece, at: 0 }
    }

    /// The next list to try; none when no single deed can be left out.
    fn shorter(&self) -> Option<Vec<Deed>> {
        let (from, to) = (self.at, (self.at + self.piece).min(self.best.deeds.len()));
        if from >= to {
            return None;
        }
        let mut deeds = self.best.deeds.clone();
        deeds.drain(from..to);
        Some(deeds)
    }

    fn worked(&mut self, found: Found) {
        self.best = found;
        self.piece = self.piece.min(self.best.deeds.len().max(1));
        self.rewind();
    }

    fn failed(&mut self) {
        self.at += self.piece;
        self.rewind();
    }

    /// At the end of the list it begins again with smaller pieces.
    fn rewind(&mut self) {
        if self.at >= self.best.deeds.len() && self.piece > 1 {
            self.piece /= 2;
            self.at = 0;
        }
    }
}

fn millis(millis: u64) -> Instant {
    Instant(millis * 1_000_000)
}

/// How often each kind of deed is dealt: kill, restart, pause, resume, partition, heal, compact,
/// put. What is sought is met more often when there is more of what it takes.
fn weights(sought: Sought) -> [u64; 8] {
    match sought {
        Sought::SplitVote => [4, 1, 3, 1, 1, 1, 0, 1],
        Sought::Overwritten | Sought::CannotCommit => [1, 1, 0, 0, 4, 2, 0, 4],
        Sought::UnknownWrite => [3, 1, 1, 1, 1, 1, 0, 4],
        Sought::WatchCompacted => [3, 1, 0, 0, 0, 0, 3, 4],
    }
}

/// What is done to a world, dealt from its seed.
fn plan(config: &Config, sought: Sought) -> Vec<Deed> {
    let mut rng = Rng::stream(config.seed, "plan", 0, 0);
    let weights = weights(sought);
    let count = 3 + rng.below(8);
    let mut deeds: Vec<Deed> = (0..count)
        .map(|_| {
            let at = millis(PLANS_FROM_MS + rng.below(PLANS_SPAN_MS));
            (at, Action::Cluster(deed(config, weights, &mut rng)))
        })
        .collect();
    let asked: Vec<Deed> = deeds.iter().filter_map(|deed| ask_minority(deed, &mut rng)).collect();
    deeds.extend(asked);
    crate::sorted::sort_by(&mut deeds, |one, other| one.0.cmp(&other.0));
    deeds
}

/// Soon after a partition, someone on its smaller side is asked to write.
fn ask_minority((at, action): &Deed, rng: &mut Rng) -> Option<Deed> {
    let Action::Cluster(cluster::Action::Partition(sides)) = action else { return None };
    let side = sides.iter().min_by_key(|side| side.len())?;
    let member = side[rng.below(side.len() as u64) as usize];
    let put = Etcdctl::put("k", "minority");
    let soon = Instant(at.0 + millis(1 + rng.below(500)).0);
    Some((soon, Action::Cluster(cluster::Action::Etcdctl(put.at([member])))))
}

fn deed(config: &Config, weights: [u64; 8], rng: &mut Rng) -> cluster::Action {
    let member = MemberId(1 + rng.below(config.members.into()));
    let mut dealt = rng.below(weights.iter().sum());
    let kind = weights.iter().position(|weight| {
        let here = dealt < *weight;
        dealt = dealt.saturating_sub(*weight);
        here
    });
    match kind {
        Some(0) => cluster::Action::Kill(member),
        Some(1) => cluster::Action::Restart(member),
        Some(2) => cluster::Action::Pause(member),
        Some(3) => cluster::Action::Resume(member),
        Some(4) if config.members > 1 => cluster::Action::Partition(sides(config, rng)),
        Some(5) => cluster::Action::Heal,
        Some(6) => cluster::Action::Etcdctl(Etcdctl::compaction(2 + rng.below(8) as i64)),
        _ => {
            let (key, value) = (format!("k{}", rng.below(3)), format!("v{}", rng.below(100)));
            cluster::Action::Etcdctl(Etcdctl::put(&key, &value).at([member]))
        }
    }
}

/// Two sides, neither of them empty.
fn sides(config: &Config, rng: &mut Rng) -> Vec<Vec<MemberId>> {
    let all = 1..=u64::from(config.members);
    let bits = 1 + rng.below((1 << config.members) - 2);
    let side = |set: bool| {
        all.clone().filter(|id| (bits >> (id - 1) & 1 == 1) == set).map(MemberId).collect()
    };
    vec![side(true), side(false)]
}

#[cfg(test)]
#[path = "search_test.rs"]
mod tests;
