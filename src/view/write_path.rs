//! The eight stations of the write in focus, as cards.
//!
//! * The write shown is the one the reader chose, while it is still kept; otherwise the newest of
//!   the reader's own, or of all.
//! * How a station stands is said three times: by outline, by tint and by a word or sign.
//! * A station's time is counted from the start of its write.
//!
//! Architecture invariant: a function of `(frame, focus)`; asks nothing of the engine.

use std::rc::Rc;

use super::{Focus, amounts, words::panes as words};
use crate::engine::Frame;
use crate::kube::{Step, StepKind, StepState, WriteOutcome, WritePath};
use crate::raft::ThreadId;

/// The pane, painted as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct WritePathView {
    /// The write shown.
    pub thread: ThreadId,
    /// `kubectl apply · Deployment default/web`.
    pub title: String,
    /// When it began, or how long it took: `since 12.384 s`, `84 ms to its last station`.
    pub took: String,
    /// Whether its thread is lit by the pointer.
    pub lit: bool,
    /// Eight cards, in order.
    pub stations: Vec<Station>,
    /// What was printed in the end.
    pub outcome: Option<WriteOutcome>,
    /// The writes one can switch to, newest first.
    pub choices: Vec<Choice>,
    /// Whether the pane follows the newest write by itself.
    pub follows: bool,
}

/// One card.
#[derive(Debug, Clone, PartialEq)]
pub struct Station {
    /// Which.
    pub kind: StepKind,
    /// From 1.
    pub number: usize,
    /// Its name.
    pub name: &'static str,
    /// The first line.
    pub what: String,
    /// The second line.
    pub note: String,
    /// How it stands.
    pub state: StepState,
    /// The same in a word or as the time it was reached: `now`, `+35 ms`.
    pub badge: String,
    /// For the pointer's rest and the screen reader.
    pub hint: String,
    /// Whether its detail is open.
    pub open: bool,
}

/// One write in the switcher.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The write.
    pub thread: ThreadId,
    /// Its title, and how it ended.
    pub label: String,
    /// Whether it is the one shown.
    pub current: bool,
}

impl WritePathView {
    /// The pane for this frame; none while nothing was written.
    pub fn of(frame: &Frame, focus: &Focus) -> Option<WritePathView> {
        let write = write_in_focus(frame, focus)?;
        Some(WritePathView {
            thread: write.thread,
            title: write.title.clone(),
            took: took(write),
            lit: focus.hover == Some(write.thread),
            stations: stations(write, focus.step),
            outcome: write.outcome.clone(),
            choices: frame.writes.iter().rev().map(|w| choice(w, write.thread)).collect(),
            follows: focus.thread != Some(write.thread),
        })
    }
}

/// The write the reader chose, or the newest.
pub fn write_in_focus<'a>(frame: &'a Frame, focus: &Focus) -> Option<&'a Rc<WritePath>> {
    let chosen = focus.thread.and_then(|t| frame.writes.iter().find(|w| w.thread == t));
    // What the reader asked for, before what the control plane makes of it.
    let own = || frame.writes.iter().rev().find(|write| !write.own_accord);
    chosen.or_else(own).or_else(|| frame.writes.last())
}

fn took(write: &WritePath) -> String {
    let end = write.steps.iter().filter_map(|s| s.at).max();
    let span = amounts::span(end.map_or(0, |end| end.0.saturating_sub(write.started.0)));
    match &write.outcome {
        Some(outcome) if outcome.failed => words::refused_after(&span),
        None if !ended(write) => words::since(write.started),
        _ => words::to_last_station(&span),
    }
}

fn ended(write: &WritePath) -> bool {
    let all = write.steps.iter().all(|s| matches!(s.state, StepState::Done | StepState::Skipped));
    all || write.steps.iter().any(|s| s.state == StepState::Failed)
}

fn stations(write: &WritePath, open: Option<StepKind>) -> Vec<Station> {
    let find = |kind| write.steps.iter().find(|s| s.kind == kind);
    let station = |(i, &kind): (usize, &StepKind)| {
        let unknown = Step { kind, ..Step::default() };
        let step = find(kind).unwrap_or(&unknown);
        Station {
            kind,
            number: i + 1,
            name: kind.name(),
            what: step.what.clone(),
            note: step.note.clone(),
            state: step.state,
            badge: badge(write, step),
            hint: hint(write, step),
            open: open == Some(kind),
        }
    };
    StepKind::ALL.iter().enumerate().map(station).collect()
}

fn badge(write: &WritePath, step: &Step) -> String {
    match (step.state, step.at) {
        (StepState::Done, Some(at)) => amounts::after(write.started, at),
        (state, _) => words::state(state).into(),
    }
}

fn hint(write: &WritePath, step: &Step) -> String {
    let mut hint = format!("{}: {}", step.kind.name(), words::station(step.kind));
    for line in [&step.what, &step.note] {
        if !line.is_empty() {
            hint += "\n";
            hint += line;
        }
    }
    hint += "\n";
    hint += words::state(step.state);
    if let Some(at) = step.at {
        hint += &words::reached(&amounts::after(write.started, at));
    }
    let next = write.steps.iter().filter(|s| s.kind > step.kind).find_map(|s| s.at);
    if let (Some(at), Some(next)) = (step.at, next) {
        hint += &words::next_after(&amounts::span(next.0.saturating_sub(at.0)));
    }
    hint
}

fn choice(write: &WritePath, current: ThreadId) -> Choice {
    let state = match &write.outcome {
        Some(outcome) if outcome.failed => words::CHOICE_FAILED,
        Some(_) => words::CHOICE_DONE,
        None => words::CHOICE_OPEN,
    };
    Choice {
        thread: write.thread,
        label: format!("{} {} {state}", write.thread, write.title),
        current: write.thread == current,
    }
}

#[cfg(test)]
#[path = "write_path_test.rs"]
mod tests;
