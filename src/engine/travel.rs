//! Through a run: forward to a position, until something holds, step by step.
//!
//! * Whatever the way, the micro-steps are the same: a position is the same place on every way.
//! * What is looked out for changes nothing.
//!
//! Architecture invariant: the only loops over micro-steps.

use std::time::Duration;

use super::{ADVANCE_STEPS_MAX, Engine, Event, Position, StepBy, Stop, Update, What, expect};
use crate::cluster::{self, Role};
use crate::raft::{Term, ThreadId};
use crate::script::Expectation;
use crate::sim::Instant;

/// Micro-steps one journey may take.
pub const GO_STEPS_MAX: u64 = 20_000_000;

/// What ended a journey.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Ended {
    /// It is over.
    #[default]
    There,
    /// This holds.
    Stopped(Stop),
    /// It took too many micro-steps.
    CutShort,
}

/// What is looked out for.
#[derive(Default)]
pub(super) struct Watchman {
    /// The newest term anybody was in, and whether it has just begun.
    term: Term,
    new_term: bool,
    delivered: u64,
    fault: bool,
    /// What etcdctl was asked last.
    pub(super) asked: Option<ThreadId>,
    /// Lines that are looked out for: whether each was so before, and has just become so.
    lines: Vec<(Expectation, bool, bool)>,
    find: Option<(Stop, Position)>,
    found: Option<Position>,
}

impl Watchman {
    /// Nothing is to be found any more.
    pub(super) fn rest(&mut self) {
        (self.find, self.found) = (None, None);
    }
}

impl Engine {
    /// Where in the run it is.
    pub fn position(&self) -> Position {
        let world = self.cluster.world();
        Position { step: world.steps(), at: world.now(), acts: self.acts }
    }

    /// Lets happen what happens up to a position, unless one of `stops` holds before.
    pub fn run(&mut self, to: Position, stops: &[Stop], most_steps: u64) -> Ended {
        self.look_out_for(stops);
        for _ in 0..most_steps {
            if self.cluster.world().steps() >= to.step || !self.micro_step(to.at) {
                if to.at < Instant::NEVER {
                    self.cluster.world().advance_to(to.at, 0);
                }
                return Ended::There;
            }
            if let Some(stop) = stops.iter().find(|stop| self.holds(stop)) {
                return Ended::Stopped(stop.clone());
            }
        }
        Ended::CutShort
    }

    /// Lets virtual time pass. False when it was cut short by [`ADVANCE_STEPS_MAX`].
    pub fn advance(&mut self, span: Duration) -> bool {
        self.advance_to(self.now() + span)
    }

    /// Lets virtual time pass up to an instant. False when it was cut short.
    pub fn advance_to(&mut self, until: Instant) -> bool {
        self.run(Position::end_of(until), &[], ADVANCE_STEPS_MAX) == Ended::There
    }

    /// Lets virtual time pass until something is true, at most so much of it. False when it did not
    /// become true.
    pub fn run_until(&mut self, most: Duration, mut is: impl FnMut(&Engine) -> bool) -> bool {
        let until = self.now() + most;
        while !is(self) {
            if !self.micro_step(until) {
                return false;
            }
        }
        true
    }

    /// Lets one thing happen. False when nothing is left to happen.
    pub fn step(&mut self, by: StepBy) -> bool {
        let end = Position::end_of(Instant::NEVER);
        matches!(self.run(end, &[by.into()], ADVANCE_STEPS_MAX), Ended::Stopped(_))
    }

    /// From now on remembers the last position before this one at which this held.
    pub fn find(&mut self, stop: Stop, before: Position) {
        (self.watch.find, self.watch.found) = (Some((stop, before)), None);
        self.look_out_for(&[]);
    }

    /// The last position found.
    pub fn found(&self) -> Option<Position> {
        self.watch.found
    }

    /// Makes one micro-step, if it happens at `until` or before.
    pub(super) fn micro_step(&mut self, until: Instant) -> bool {
        self.watch.delivered = self.cluster.delivered();
        let stepped = self.cluster.step_until(until).is_some();
        self.collect();
        if stepped {
            self.see(false);
        }
        stepped
    }

    /// Looks at what a micro-step or an action has led to.
    pub(super) fn see(&mut self, fault: bool) {
        self.watch.fault = fault;
        let newest = self.fresh().iter().filter_map(|event| entered(event)).max();
        self.watch.new_term = newest > Some(self.watch.term);
        self.watch.term = self.watch.term.max(newest.unwrap_or_default());
        self.look_at_lines();
        if let Some((stop, before)) = &self.watch.find
            && self.holds(stop)
        {
            let here = self.position();
            self.watch.found = if here < *before { Some(here) } else { self.watch.found };
        }
    }

    /// From now on notices when one of these lines becomes so; those of `find` stay.
    pub(super) fn look_out_for(&mut self, stops: &[Stop]) {
        let found = self.watch.find.iter().map(|(stop, _)| stop);
        let lines = stops.iter().chain(found).filter_map(|stop| match stop {
            Stop::So(line) => Some(line.clone()),
            _ => None,
        });
        let asked = self.watch.asked;
        let lines: Vec<Expectation> = lines.collect();
        let so = |line: Expectation| {
            let is = expect::check(self, asked, &line).is_ok();
            (line, is, false)
        };
        self.watch.lines = lines.into_iter().map(so).collect();
    }

    fn look_at_lines(&mut self) {
        let mut lines = std::mem::take(&mut self.watch.lines);
        for (line, is, begins) in &mut lines {
            let now = expect::check(self, self.watch.asked, line).is_ok();
            (*is, *begins) = (now, now && !*is);
        }
        self.watch.lines = lines;
    }

    /// Whether this holds, right now.
    pub(super) fn holds(&self, stop: &Stop) -> bool {
        let delivered = self.cluster.delivered() != self.watch.delivered;
        match stop {
            Stop::Message(None) => delivered,
            Stop::Message(kind) => delivered && self.cluster.last_delivered() == *kind,
            Stop::Event => !self.fresh().is_empty(),
            Stop::Instant => self.cluster.world().next_at().is_none_or(|next| next > self.now()),
            Stop::Term => self.watch.new_term,
            Stop::Fault => self.watch.fault,
            Stop::So(line) => self.watch.lines.iter().any(|(it, _, begins)| it == line && *begins),
            stop => self.fresh().iter().any(|event| is(stop, event)),
        }
    }
}

/// Whether this event is what is meant.
fn is(stop: &Stop, event: &Event) -> bool {
    use cluster::Event::*;
    if let (Stop::Violation, What::Check(_)) = (stop, &event.what) {
        return true;
    }
    let What::Cluster(event) = &event.what else { return false };
    match (stop, event) {
        (Stop::Leader, RoleChanged { role, .. }) => *role == Role::Leader,
        (Stop::Election, RoleChanged { role, .. }) => {
            matches!(role, Role::Candidate | Role::PreCandidate)
        }
        (Stop::Commit(wanted), Committed { index, .. }) => wanted.is_none_or(|it| it == *index),
        (Stop::Applied(who, wanted), Applied { member, revision, .. }) => {
            who == member && wanted.is_none_or(|it| it == *revision)
        }
        (Stop::Told, Told { .. }) => true,
        _ => false,
    }
}

/// The term someone has entered.
fn entered(event: &Event) -> Option<Term> {
    match &event.what {
        What::Cluster(cluster::Event::RoleChanged { term, .. }) => Some(*term),
        _ => None,
    }
}

impl Ended {
    /// What a page is told after it.
    pub(super) fn told_by(self, engine: &mut Engine) -> Update {
        let there = self == Ended::There;
        let stopped = match self {
            Ended::Stopped(stop) => Some(stop),
            _ => None,
        };
        Update { stopped, ..engine.update(there) }
    }
}
