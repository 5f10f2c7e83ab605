//! A place in a run, and how a script writes it: `12.5s/4711`.
//!
//! * Instant, and micro-steps made since the world began: several things happen at one instant.
//! * Printed exactly: it reads back as the same place.
//!
//! Architecture invariant: plain values.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::amounts;
use super::words::{Word, Wrong};
use crate::sim::Instant;

/// A place in a run: everything up to there has happened, and nothing after.
///
/// Of two positions of one run, the later one is the greater.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// The instant; time may have passed since the last micro-step.
    pub at: Instant,
    /// Micro-steps made since the world began.
    pub step: u64,
    /// Actions of the reader's done since the world began. Scripts do not write them: they follow
    /// from the order of the lines.
    pub acts: u64,
}

impl Position {
    /// The last position at an instant, whatever happens until then.
    pub fn end_of(at: Instant) -> Position {
        Position { at, step: u64::MAX, acts: u64::MAX }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.at.0;
        let exact = format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000);
        write!(f, "{}s", exact.trim_end_matches('0').trim_end_matches('.'))?;
        if self.step == u64::MAX { Ok(()) } else { write!(f, "/{}", self.step) }
    }
}

/// Reads `12.5s/4711`, or `12.5s`: all that happens by then.
pub(super) fn read(word: &Word) -> Result<Position, Wrong> {
    let expected = "a place in the run, such as 12.5s or 12.5s/4711";
    let (span, step) = match word.text.split_once('/') {
        Some((span, step)) => (span, step.parse().map_err(|_| word.expected(expected))?),
        None => (word.text.as_str(), u64::MAX),
    };
    let nanos = amounts::nanos(span).ok_or_else(|| word.expected(expected))?;
    Ok(Position { at: Instant(nanos), step, acts: u64::MAX })
}
