//! The words of the search for a run.
//!
//! Architecture invariant: texts only.
#![allow(missing_docs)]

use crate::engine::Sought;
use crate::engine::search::{Found, Progress};
use crate::view::amounts::counted;

pub const FIND: &str = "Find a run…";
pub const FIND_TITLE: &str = "Search for a run in which something rare happens (R)";
pub const TITLE: &str = "Find a run where…";
pub const LEAD: &str = "Tries seeds and faults in clusters like this one, beside the run you look \
    at, and leaves out every step it can do without";
pub const NOTE: &str = "What is found is opened and takes the place of this run: share this one \
    first if you want to come back to it";
pub const CANCEL: &str = "Cancel";
pub const OPEN: &str = "Open it";
pub const PUT_AWAY: &str = "Put away what was found";
pub const STEPS: &str = "What was done in it";
pub const NO_STEPS: &str = "Nothing: it happens by itself";

/// What can be found, as the end of "a run where…".
pub fn happens(sought: Sought) -> &'static str {
    match sought {
        Sought::SplitVote => "the vote is split",
        Sought::Overwritten => "an entry is overwritten",
        Sought::CannotCommit => "a leader cannot commit",
        Sought::UnknownWrite => "a write’s fate is unknown",
        Sought::WatchCompacted => "a watch is compacted",
    }
}

/// Why one looks for it.
pub fn teaches(sought: Sought) -> &'static str {
    match sought {
        Sought::SplitVote => "Two campaign in one term and neither wins · Raft §5.2",
        Sought::Overwritten => "A new leader’s entry replaces one that was not committed · §5.3",
        Sought::CannotCommit => "It leads, and reaches no quorum · §5.3",
        Sought::UnknownWrite => "The client cannot tell whether it happened · §8",
        Sought::WatchCompacted => "The history it wants to go on from is gone, so it lists anew",
    }
}

/// How far it is.
pub fn progress(sought: Sought, progress: &Progress) -> String {
    let tried = counted(progress.seeds as usize, "run", "runs");
    match progress.deeds {
        None => format!("Looking for a run where {}: {tried} tried", happens(sought)),
        Some(steps) => {
            format!("Found after {tried}; leaving steps out, {steps} left")
        }
    }
}

/// What was found.
pub fn found(found: &Found) -> String {
    let steps = counted(found.deeds.len(), "step", "steps");
    format!("Found in seed {} with {steps}: {}", found.config.seed, found.sentence)
}

/// It was not found.
pub fn missed(sought: Sought, progress: &Progress) -> String {
    format!("In {} runs there is none where {}", progress.seeds, happens(sought))
}
