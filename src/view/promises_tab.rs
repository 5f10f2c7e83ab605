//! The promises as a live list: kept, or broken with the evidence and the instant to look at.
//!
//! Architecture invariant: red is for these lines alone.

use super::amounts;
use crate::check::PromiseState;
use crate::engine::Frame;
use crate::sim::Instant;
use crate::view::words::promises as words;

/// One promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromiseLine {
    /// Its name.
    pub name: &'static str,
    /// Where it is made.
    pub section: &'static str,
    /// What it says.
    pub says: &'static str,
    /// How often it was looked at.
    pub checked: String,
    /// The evidence, if it is broken.
    pub broken: Option<Broken>,
}

/// The evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// When it was seen first.
    pub at: Instant,
    /// What was seen.
    pub sentence: String,
    /// How often since, when more than once.
    pub again: String,
}

/// All promises in few words, always in view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    /// Whether all are kept.
    pub kept: bool,
    /// `20 promises kept`, or the name of the first that is broken.
    pub text: String,
    /// For the pointer's rest on it.
    pub title: String,
}

/// The list: what is broken first.
pub fn lines(frame: &Frame) -> Vec<PromiseLine> {
    let mut lines: Vec<PromiseLine> = frame.promises.iter().map(line).collect();
    lines.sort_by_key(|line| line.broken.is_none());
    lines
}

/// The list in few words; none before there is one.
pub fn badge(frame: &Frame) -> Option<Badge> {
    let promises = &frame.promises;
    let broken: Vec<&PromiseState> = promises.iter().filter(|it| it.broken > 0).collect();
    let checked: u64 = promises.iter().map(|it| it.checked).sum();
    if promises.is_empty() {
        return None;
    }
    Some(match broken.first() {
        None => Badge {
            kept: true,
            text: words::kept(promises.len()),
            title: words::kept_title(checked),
        },
        Some(first) => Badge {
            kept: false,
            text: words::broken(first.promise.name(), broken.len()),
            title: first.violation.as_ref().map_or_else(String::new, |it| it.sentence.clone()),
        },
    })
}

fn line(state: &PromiseState) -> PromiseLine {
    let promise = state.promise;
    let broken = |violation: &std::rc::Rc<crate::check::Violation>| Broken {
        at: violation.at,
        sentence: violation.sentence.clone(),
        again: match state.broken {
            0 | 1 => String::new(),
            times => words::broken_times(times),
        },
    };
    PromiseLine {
        name: promise.name(),
        section: promise.section(),
        says: promise.says(),
        checked: amounts::counted(state.checked as usize, "check", "checks"),
        broken: state.violation.as_ref().map(broken),
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::check::{Promise, Violation};

    fn frame(broken: Option<Promise>) -> Frame {
        let state = |promise| {
            let violation = (broken == Some(promise)).then(|| {
                Rc::new(Violation {
                    promise,
                    at: Instant(3_000_000_000),
                    step: 7,
                    sentence: "etcd-1 and etcd-2 lead term 2".into(),
                    members: Vec::new(),
                    index: None,
                    term: None,
                    revision: None,
                    requests: Vec::new(),
                    key: None,
                })
            });
            let broken = if violation.is_some() { 3 } else { 0 };
            PromiseState { promise, checked: 2, broken, violation }
        };
        Frame { promises: Rc::new(Promise::all().map(state).collect()), ..Frame::default() }
    }

    #[test]
    fn while_all_are_kept_the_badge_counts_them() {
        let frame = frame(None);
        let badge = badge(&frame).unwrap();
        assert!(badge.kept);
        let count = Promise::all().count();
        assert_eq!(badge.text, format!("{count} promises kept"));
        assert_eq!(badge.title, format!("{} checks so far", 2 * count));
        assert_eq!(super::badge(&Frame::default()), None);
    }

    #[test]
    fn what_is_broken_comes_first_with_its_evidence() {
        let frame = frame(Some(Promise::LogMatching));
        let first = lines(&frame).remove(0);
        assert_eq!(first.name, "log matching");
        let broken = first.broken.unwrap();
        assert_eq!(broken.sentence, "etcd-1 and etcd-2 lead term 2");
        assert_eq!(broken.again, "seen broken 3 times");
        assert_eq!(badge(&frame).unwrap().text, "broken: log matching");
    }
}
