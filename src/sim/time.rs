//! Virtual time: a count of nanoseconds since the world began.
//!
//! [`Instant`] is a point, `std::time::Duration` a span, [`Millis`] a span as a reader types it.
//!
//! * Arithmetic saturates: a deadline too far away becomes [`Instant::NEVER`], and nothing is
//!   earlier than [`Instant::ZERO`].
//! * 64 bits of nanoseconds last 584 years.
//!
//! Caveats: there is one clock for the whole world. Skew and drift of a member's own clock will be
//! a function from this time to the member's, applied where the member reads its clock and where
//! it sets a timer; the world itself will go on ordering everything by this one.
//!
//! Architecture invariant: nothing here reads a clock; time is moved by [`super::World`] alone.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A point in virtual time, in nanoseconds since the world began.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Instant(pub u64);

impl Instant {
    /// The instant the world began.
    pub const ZERO: Instant = Instant(0);
    /// Later than everything that happens.
    pub const NEVER: Instant = Instant(u64::MAX);

    /// The instant so many milliseconds after the beginning.
    pub const fn from_millis(millis: u64) -> Instant {
        Instant(millis.saturating_mul(1_000_000))
    }

    /// Nanoseconds since the beginning.
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// Whole milliseconds since the beginning, rounded down.
    pub const fn millis(self) -> u64 {
        self.0 / 1_000_000
    }

    /// The span from `earlier` to this instant; zero if `earlier` is later.
    pub const fn since(self, earlier: Instant) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// This instant plus a span, or `None` past the end of time.
    pub fn checked_add(self, span: Duration) -> Option<Instant> {
        u64::try_from(span.as_nanos()).ok().and_then(|ns| self.0.checked_add(ns)).map(Instant)
    }

    /// This instant minus a span, or `None` before the beginning.
    pub fn checked_sub(self, span: Duration) -> Option<Instant> {
        u64::try_from(span.as_nanos()).ok().and_then(|ns| self.0.checked_sub(ns)).map(Instant)
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;

    fn add(self, span: Duration) -> Instant {
        self.checked_add(span).unwrap_or(Instant::NEVER)
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, span: Duration) {
        *self = *self + span;
    }
}

impl Sub<Duration> for Instant {
    type Output = Instant;

    fn sub(self, span: Duration) -> Instant {
        self.checked_sub(span).unwrap_or(Instant::ZERO)
    }
}

impl Sub<Instant> for Instant {
    type Output = Duration;

    fn sub(self, earlier: Instant) -> Duration {
        self.since(earlier)
    }
}

/// Seconds with three decimals, rounded down: `12.384 s`.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03} s", self.0 / 1_000_000_000, self.0 / 1_000_000 % 1000)
    }
}

/// A span in whole milliseconds, as configuration and scripts write it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Millis(pub u64);

impl Millis {
    /// The same span in nanoseconds, saturating.
    pub const fn nanos(self) -> u64 {
        self.0.saturating_mul(1_000_000)
    }

    /// The same span for `std`.
    pub const fn duration(self) -> Duration {
        Duration::from_millis(self.0)
    }
}

impl From<Millis> for Duration {
    fn from(span: Millis) -> Duration {
        span.duration()
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ms", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_prints_as_seconds() {
        assert_eq!(Instant(12_384_999_999).to_string(), "12.384 s");
        assert_eq!(Instant::ZERO.to_string(), "0.000 s");
        assert_eq!(Millis(300).to_string(), "300 ms");
    }

    #[test]
    fn arithmetic_saturates_at_both_ends() {
        assert_eq!(Instant(1) - Duration::from_secs(1), Instant::ZERO);
        assert_eq!(Instant(5) + Duration::MAX, Instant::NEVER);
        assert_eq!(Instant(3) - Instant(5), Duration::ZERO);
        assert_eq!(Instant(5).checked_add(Duration::MAX), None);
        assert_eq!(Instant(5).checked_sub(Duration::from_nanos(6)), None);
    }
}
