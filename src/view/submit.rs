//! The tab in which a reader writes: what was printed, and where.
//!
//! * kubectl's answer is that of the newest write whose title is kubectl's.
//! * etcdctl's answers are those of the reader's own client, newest first.
//! * A text over [`TEXT_BYTES_MAX`] is refused here, in the apiserver's words, before it is copied
//!   anywhere: a paste of 10 MB must not freeze the page.
//!
//! Architecture invariant: a function of the frame; the text being written stays in its field.

use super::{amounts, bytes_tab::VALUE_CHARS_MAX, words::panes as words};
use crate::cluster::{
    ClientRequest, CommandRun, Frame as ClusterFrame, Outcome, PlaceKind, Status,
};
use crate::engine::Frame;
use crate::kube::{Action, WriteOutcome};
use crate::raft::{MemberId, ThreadId};
use crate::sorted::sort_by;

/// Bytes of a request body the apiserver reads.
pub const TEXT_BYTES_MAX: usize = 3 * 1024 * 1024;

/// Answers of etcdctl that stay on the page.
pub const ANSWERS_MAX: usize = 6;

/// What a text over the limit gets, as kubectl prints it.
pub const TOO_LARGE: &str = "Error from server (RequestEntityTooLarge): \
     Request entity too large: limit is 3145728";

/// The verbs of the buttons, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum Verb {
    Create,
    #[default]
    Apply,
    Replace,
    Delete,
}

impl Verb {
    /// All of them.
    pub const ALL: [Verb; 4] = [Verb::Apply, Verb::Create, Verb::Replace, Verb::Delete];

    /// What to do with a text.
    pub fn on(self, text: String) -> Action {
        match self {
            Verb::Create => Action::Create { text },
            Verb::Apply => Action::Apply { text },
            Verb::Replace => Action::Replace { text },
            Verb::Delete => Action::Delete { text },
        }
    }

    /// The word on the button.
    pub fn name(self) -> &'static str {
        match self {
            Verb::Create => "Create",
            Verb::Apply => "Apply",
            Verb::Replace => "Replace",
            Verb::Delete => "Delete",
        }
    }
}

/// What kubectl printed last.
#[derive(Debug, Clone, PartialEq)]
pub struct Printed {
    /// The write.
    pub thread: ThreadId,
    /// `kubectl apply · Deployment default/web`.
    pub title: String,
    /// What was printed; none: it waits for an answer.
    pub outcome: Option<WriteOutcome>,
}

/// The newest write of the reader's kubectl.
pub fn printed(frame: &Frame) -> Option<Printed> {
    let write = frame.writes.iter().rev().find(|w| w.title.starts_with("kubectl"))?;
    Some(Printed {
        thread: write.thread,
        title: write.title.clone(),
        outcome: write.outcome.clone(),
    })
}

/// One answer to etcdctl.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The request.
    pub id: u64,
    /// Its thread.
    pub thread: ThreadId,
    /// The command line.
    pub line: String,
    /// Which endpoint, how long, at which revision.
    pub note: String,
    /// What was printed; none: it waits.
    pub text: Option<String>,
    /// Whether that is an error.
    pub failed: bool,
}

/// The newest answers of the reader's own etcdctl, newest first.
pub fn answers(frame: &ClusterFrame) -> Vec<Answer> {
    let place = frame.places.iter().find(|p| p.kind == PlaceKind::Etcdctl);
    let Some(client) = place.map(|p| p.address) else { return Vec::new() };
    let mine = frame.requests.iter().rev().filter(|r| r.client == client);
    let mut answers: Vec<Answer> = mine.map(|r| answer(r)).collect();
    let asked = |thread| frame.requests.iter().any(|request| request.thread == thread);
    let local = frame
        .commands
        .iter()
        .filter(|run| run.exit.is_some() && !run.line.starts_with("kubectl") && !asked(run.thread));
    answers.extend(local.map(|run| printed_here(run)));
    sort_by(&mut answers, |one, other| other.thread.cmp(&one.thread));
    answers.truncate(ANSWERS_MAX);
    answers
}

/// What etcdctl printed without asking anybody: its help, its version.
fn printed_here(run: &CommandRun) -> Answer {
    let texts: Vec<&str> = run.printed.iter().map(|piece| piece.text.as_str()).collect();
    let line = run.line.strip_prefix("etcdctl ").unwrap_or(&run.line);
    Answer {
        // No request has a number so high.
        id: u64::MAX - run.thread.0,
        thread: run.thread,
        line: amounts::cut(line, VALUE_CHARS_MAX),
        note: words::PRINTED_HERE.into(),
        text: Some(texts.concat().trim_end().into()),
        failed: run.exit != Some(0),
    }
}

fn answer(request: &ClientRequest) -> Answer {
    let (text, failed) = match &request.outcome {
        Outcome::Open => (None, false),
        Outcome::Done { text, .. } => (Some(text.clone()), false),
        Outcome::Failed { error, unknown } => (Some(words::failed(error, *unknown)), true),
    };
    let mut note = request.endpoint.to_string();
    if let Some(ended) = request.ended {
        note += &format!(" · {}", amounts::span(ended.0.saturating_sub(request.started.0)));
    }
    if let Outcome::Done { revision, .. } = &request.outcome {
        note += &format!(" · revision {revision}");
    }
    if request.attempts > 1 {
        note += &format!(" · {} tries", request.attempts);
    }
    Answer {
        id: request.id,
        thread: request.thread,
        line: amounts::cut(&request.text, VALUE_CHARS_MAX),
        note,
        text: text.map(|t| amounts::cut(&t, VALUE_CHARS_MAX * 8)),
        failed,
    }
}

/// The endpoints to choose from, with what there is to know about each.
pub fn endpoints(frame: &ClusterFrame) -> Vec<(MemberId, String)> {
    let label = |m: &std::rc::Rc<crate::cluster::Member>| match m.status {
        Status::Running => (m.id, m.id.to_string()),
        _ => (m.id, format!("{} · {}", m.id, words::member_state(m.status, m.role, false))),
    };
    frame.members.iter().map(label).collect()
}

/// The line numbers of the lines in view.
pub fn lines_in_view(scrolled_px: u32, height_px: u32, line_px: u32, lines: u32) -> (u32, u32) {
    let line_px = line_px.max(1);
    let first = (scrolled_px / line_px).min(lines.saturating_sub(1));
    (first + 1, (first + height_px.div_ceil(line_px) + 1).min(lines.max(1)))
}

/// Where line and column (both from 1) are in a text, in UTF-16 units as a text field counts.
pub fn caret(text: &str, line: u32, column: u32) -> u32 {
    let above = (line as usize).saturating_sub(1);
    let before: usize = text.split_inclusive('\n').take(above).map(utf16).sum();
    let on = text.split('\n').nth(above).unwrap_or("");
    let on: String = on.chars().take((column as usize).saturating_sub(1)).collect();
    (before + utf16(&on)) as u32
}

/// The blanks the line around `at` (in UTF-16 units) begins with, up to `at`; two more after a `:`.
pub fn indentation(text: &str, at: u32) -> String {
    let units: Vec<u16> = text.encode_utf16().take(at as usize).collect();
    let before = String::from_utf16_lossy(&units);
    let line = before.rsplit('\n').next().unwrap_or("");
    let blanks: String = line.chars().take_while(|&c| c == ' ').collect();
    if line.trim_end().ends_with(':') { blanks + "  " } else { blanks }
}

fn utf16(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
#[path = "submit_test.rs"]
mod tests;
