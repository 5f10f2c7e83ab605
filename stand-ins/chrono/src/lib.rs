//! Stand-in for the crate `chrono`, as far as openraft names it.
//!
//! openraft formats instants for its log lines with the wall clock. The simulated world has no wall
//! clock and never prints those lines, so no calendar is needed; the real crate would bring
//! JavaScript imports into the engine module.
//!
//! Architecture invariant: knows no time. Everything it formats reads `-`.

use std::fmt;
use std::marker::PhantomData;
use std::time::SystemTime;

/// The reader's time zone, in name only.
#[derive(Debug, Clone, Copy)]
pub struct Local;

/// Coordinated universal time, in name only.
#[derive(Debug, Clone, Copy)]
pub struct Utc;

/// An instant that has forgotten when it was.
#[derive(Debug, Clone, Copy)]
pub struct DateTime<Zone>(PhantomData<Zone>);

impl<Zone> From<SystemTime> for DateTime<Zone> {
    fn from(_: SystemTime) -> Self {
        DateTime(PhantomData)
    }
}

impl<Zone> DateTime<Zone> {
    /// What would be printed: always `-`.
    pub fn format(&self, _pattern: &str) -> impl fmt::Display {
        "-"
    }
}

/// A date, checked for its shape (`yyyy-mm-dd`) and forgotten.
#[derive(Debug, Clone, Copy)]
pub struct NaiveDate;

impl NaiveDate {
    /// Accepts three runs of digits joined by `-`, refuses the rest.
    pub fn parse_from_str(text: &str, _pattern: &str) -> Result<NaiveDate, String> {
        let parts: Vec<&str> = text.split('-').collect();
        let digits = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        match parts.len() == 3 && parts.iter().all(digits) {
            true => Ok(NaiveDate),
            false => Err(format!("not a date: {text}")),
        }
    }
}
