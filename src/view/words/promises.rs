//! The words of the promises and of the command line.
//!
//! Architecture invariant: texts only.
#![allow(missing_docs)]

use crate::view::amounts;

/// While all are kept.
pub fn kept(count: usize) -> String {
    format!("{} kept", amounts::counted(count, "promise", "promises"))
}

/// For the pointer's rest on it.
pub fn kept_title(checked: u64) -> String {
    format!("{} so far", amounts::counted(checked as usize, "check", "checks"))
}

/// When one is broken.
pub fn broken(first: &str, count: usize) -> String {
    match count {
        1 => format!("broken: {first}"),
        n => format!("{n} broken: {first}…"),
    }
}

/// Under the evidence.
pub fn broken_times(times: u64) -> String {
    format!("seen broken {times} times")
}

pub const PROMISES_EMPTY: &str = "Nothing is promised yet";
pub const PROMISES_LEAD: &str =
    "Checked after every step of the simulation, by code that only observes";
pub const PROMISE_KEPT: &str = "kept";
pub const PROMISE_BROKEN: &str = "broken";
pub const COMMAND_LINE: &str = "Command line";
pub const COMMAND_HINT: &str = "A line of the language, such as kill leader";
pub const COMMAND_KEYS: &str = "Enter does it · Tab completes · ↑ calls back · Esc closes";

/// What is wrong with a line, and where.
pub fn at_column(column: u32, wrong: &str) -> String {
    format!("column {column}: {wrong}")
}
