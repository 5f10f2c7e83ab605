//! Clocks that are wrong: what a group takes for the time.
//!
//! How it works: a group's clock says the world's time until it is set. A *drift* makes it run at
//! another rate from then on; a *skew* adds a constant to what it calls the time of day.
//!
//! * Spans are measured on a clock that never jumps, as by `CLOCK_MONOTONIC`: only the drift moves
//!   it. The time of day jumps with the skew, as `CLOCK_REALTIME` does when someone sets it.
//! * Setting a clock changes its rate, never what it has counted: it does not run backwards.
//! * Where no clock was set, local time is the world's, to the nanosecond.
//!
//! Caveats: a sleep that is under way keeps its end in the world's time when the rate changes.
//!
//! Architecture invariant: conversion only; the world's own time is not touched.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::chance::PPM_ALL;
use super::groups::Group;
use super::time::Instant;
use super::world::World;

/// What is wrong with a clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ClockFault {
    /// Nanoseconds its time of day is ahead; negative: behind.
    pub skew_nanos: i64,
    /// Millionths by which it runs too fast; negative: too slow. At least [`DRIFT_PPM_MIN`].
    pub drift_ppm: i32,
}

/// The slowest clock: a hundredth of the right rate.
pub const DRIFT_PPM_MIN: i32 = -990_000;

/// The fastest clock: ten times the right rate.
pub const DRIFT_PPM_MAX: i32 = 9_000_000;

/// A group's clock, from the instant on at which it was set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    fault: ClockFault,
    /// When it was set, in the world's time and in its own.
    set: (Instant, Instant),
}

impl Clock {
    /// Its ticks in a million of the world's.
    fn rate(self) -> u128 {
        let drift = self.fault.drift_ppm.clamp(DRIFT_PPM_MIN, DRIFT_PPM_MAX);
        (i64::from(PPM_ALL) + i64::from(drift)) as u128
    }

    fn local(self, at: Instant) -> Instant {
        let (world, local) = self.set;
        match at >= world {
            true => local + scaled(at.since(world), self.rate(), PPM_ALL.into()),
            false => local - world.since(at),
        }
    }

    /// The first instant of the world at which it says so.
    fn world(self, at: Instant) -> Instant {
        let (world, local) = self.set;
        match at >= local {
            true => world + scaled(at.since(local), PPM_ALL.into(), self.rate()),
            false => world - local.since(at),
        }
    }
}

/// A span times a fraction, rounded up.
fn scaled(span: Duration, numerator: u128, denominator: u128) -> Duration {
    let nanos = (span.as_nanos() * numerator).div_ceil(denominator);
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

impl World {
    /// Sets what is wrong with a group's clock, from now on.
    pub fn set_clock(&self, group: Group, fault: ClockFault) {
        let set = (self.now(), self.local_at(group, self.now()));
        self.0.clocks.borrow_mut().insert(group, Clock { fault, set });
    }

    /// What is wrong with a group's clock.
    pub fn clock(&self, group: Group) -> ClockFault {
        self.0.clocks.borrow().get(&group).map(|clock| clock.fault).unwrap_or_default()
    }

    /// What a group's clock says at an instant of the world: for spans, without the skew.
    pub fn local_at(&self, group: Group, at: Instant) -> Instant {
        let clocks = self.0.clocks.borrow();
        match clocks.is_empty() {
            true => at,
            false => clocks.get(&group).map_or(at, |clock| clock.local(at)),
        }
    }

    /// The instant of the world at which a group's clock says so.
    pub fn in_world(&self, group: Group, local: Instant) -> Instant {
        let clocks = self.0.clocks.borrow();
        match clocks.is_empty() || local == Instant::NEVER {
            true => local,
            false => clocks.get(&group).map_or(local, |clock| clock.world(local)),
        }
    }

    /// The time of day as the current group's clock has it.
    pub fn time_of_day(&self) -> Instant {
        let (group, skew) = (self.group(), self.clock(self.group()).skew_nanos);
        let spans = self.local_at(group, self.now());
        Instant(spans.0.saturating_add_signed(skew))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMBER: Group = Group(1);
    const MS: fn(u64) -> Instant = Instant::from_millis;

    fn drift(percent: i32) -> ClockFault {
        ClockFault { skew_nanos: 0, drift_ppm: percent * 10_000 }
    }

    #[test]
    fn a_clock_that_was_never_set_is_right() {
        let world = World::new(1);
        assert_eq!((world.local_at(MEMBER, MS(7)), world.in_world(MEMBER, MS(7))), (MS(7), MS(7)));
        world.set_clock(Group(2), drift(50));
        assert_eq!(world.local_at(MEMBER, MS(7)), MS(7));
    }

    #[test]
    fn a_fast_clock_is_ahead_and_its_spans_are_short() {
        let world = World::new(1);
        world.advance_to(MS(100), u64::MAX);
        world.set_clock(MEMBER, drift(50));
        assert_eq!(world.local_at(MEMBER, MS(300)), MS(400));
        assert_eq!(world.in_world(MEMBER, MS(400)), MS(300));
        assert_eq!(world.local_at(MEMBER, MS(40)), MS(40));
    }

    /// Setting it again changes the rate, not what it has counted.
    #[test]
    fn a_clock_never_jumps_and_never_runs_backwards() {
        let world = World::new(1);
        world.set_clock(MEMBER, drift(100));
        world.advance_to(MS(100), u64::MAX);
        world.set_clock(MEMBER, ClockFault { skew_nanos: -5_000_000, ..drift(-50) });
        assert_eq!(world.local_at(MEMBER, MS(100)), MS(200));
        assert_eq!(world.local_at(MEMBER, MS(200)), MS(250));
        world.set_clock(MEMBER, ClockFault::default());
        world.advance_to(MS(150), u64::MAX);
        assert_eq!(world.local_at(MEMBER, MS(150)), MS(250));
        assert_eq!(world.within(MEMBER, || world.time_of_day()), MS(250));
    }

    #[test]
    fn a_timer_set_by_a_clock_is_never_early_by_it() {
        let world = World::new(1);
        for ppm in [-990_000, -7, 3, 333_333, 9_000_000] {
            world.set_clock(MEMBER, ClockFault { skew_nanos: 0, drift_ppm: ppm });
            for nanos in [1, 2, 999, 1_000_003] {
                let local = world.local_at(MEMBER, world.now()) + Duration::from_nanos(nanos);
                let due = world.in_world(MEMBER, local);
                assert!(world.local_at(MEMBER, due) >= local, "{ppm} {nanos}");
            }
        }
    }
}
