//! Stand-in for `backoff-series`, which reads and fits its series in floating point: the tables to
//! parse floats are ten kilobytes that no compression makes smaller.
//!
//! What openraft's default (`200ms`) asks for: one wait in whole units that doubles up to a second.
//!
//! Caveats: a series of several waits, or a most of its own, is an error.

use std::fmt;
use std::time::Duration;

const MAX: Duration = Duration::from_secs(1);

/// A wait, and how it grows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackoffSeries {
    first: Duration,
}

impl BackoffSeries {
    /// Reads one wait: a whole number and `ms` or `s`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let (digits, unit) = match text.strip_suffix("ms") {
            Some(digits) => (digits, 1),
            None => (text.strip_suffix('s').unwrap_or_default(), 1000),
        };
        match digits.parse::<u32>() {
            Ok(number) => Ok(Self { first: Duration::from_millis(u64::from(number) * unit) }),
            Err(_) => Err(ParseError(text.into())),
        }
    }

    /// The waits, without end.
    pub fn build(&self) -> BackoffIter {
        BackoffIter { next: self.first }
    }
}

/// See [`BackoffSeries::build`].
#[derive(Clone, Debug)]
pub struct BackoffIter {
    next: Duration,
}

impl Iterator for BackoffIter {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let wait = self.next;
        self.next = wait.saturating_mul(2).min(MAX);
        Some(wait)
    }
}

/// Not one wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError(String);

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid backoff series {:?}: only one wait is supported", self.0)
    }
}

impl std::error::Error for ParseError {}
