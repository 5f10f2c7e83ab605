//! A search for a run in which something happens, as the page follows it.
//!
//! * It goes on beside the run that is looked at, in an engine of its own.
//! * Answers to a search that was given up are not taken.
//!
//! Architecture invariant: says what is to be asked next; asking is done elsewhere.

use crate::engine::search::{Found, Progress};
use crate::engine::{Config, Request, Seen, Sought, Update};

/// Micro-steps asked for at once: about 25 ms of a middling machine's.
pub const SLICE_STEPS: u64 = 40_000;

/// The search, and what the last one found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Quest {
    /// What is sought, as long as it is.
    pub sought: Option<Sought>,
    /// How far it is.
    pub progress: Progress,
    /// What was found last, and is not put away yet.
    pub found: Option<(Sought, Found)>,
    /// It was looked for everywhere: this is nowhere.
    pub missed: Option<Sought>,
    /// Why there is no search.
    pub wrong: Option<String>,
    /// Counts searches, so that late answers are known.
    number: u32,
    next: Option<Request>,
    over: bool,
}

impl Quest {
    /// Begins to search among worlds like this one; the same again is sought in later ones.
    pub fn begin(&mut self, config: &Config, sought: Sought) {
        let same = self.found.take().filter(|(other, _)| *other == sought);
        let seed = same.map_or(config.seed, |(_, found)| found.config.seed.wrapping_add(1));
        let config = Config { seed, ..config.clone() };
        *self = Quest {
            sought: Some(sought),
            number: self.number + 1,
            next: Some(Request::Search(config, sought)),
            ..Quest::default()
        };
    }

    /// Gives up, or puts away what was found.
    pub fn end(&mut self) {
        let over = self.over || self.sought.is_some();
        *self = Quest { number: self.number + 1, over, ..Quest::default() };
    }

    /// The next thing to ask, and for which search.
    pub fn next_request(&mut self) -> Option<(u32, Request)> {
        self.next.take().map(|request| (self.number, request))
    }

    /// Whether its engine is no longer needed, once.
    pub fn is_over(&mut self) -> bool {
        std::mem::take(&mut self.over)
    }

    /// Takes an answer. True when it is the run that was sought.
    pub fn take(&mut self, number: u32, answer: Result<Update, String>) -> bool {
        let Some(sought) = self.sought.filter(|_| number == self.number) else { return false };
        let progress = match answer.map(|update| (update.seen, update.error)) {
            Ok((Some(Seen::Search(progress)), _)) => Ok(*progress),
            Ok((_, error)) => Err(error.unwrap_or_default()),
            Err(error) => Err(error),
        };
        match progress {
            Err(wrong) => self.wrong = Some(wrong),
            Ok(progress) => self.progress = progress,
        }
        self.missed = self.progress.gave_up.then_some(sought);
        self.found = self.progress.found.clone().map(|found| (sought, found));
        let goes_on = self.wrong.is_none() && self.missed.is_none() && self.found.is_none();
        match goes_on {
            true => self.next = Some(Request::SearchOn(SLICE_STEPS)),
            false => (self.sought, self.over) = (None, true),
        }
        self.found.is_some()
    }
}

#[cfg(test)]
#[path = "search_test.rs"]
mod tests;
