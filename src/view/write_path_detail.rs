//! What one station of a write did, opened: texts, filled fields, bytes, acks, those who were told.
//!
//! * Built from the frame (how the station stands) and from [`WriteDetail`] (the bytes), which may
//!   still be on its way.
//! * Long texts are cut at [`TEXT_CHARS_MAX`] and say so.
//!
//! Architecture invariant: a function of `(frame, detail, station)`.

use super::{amounts, words::panes as words};
use crate::engine::Frame;
use crate::kube::{StepKind, StepState, WriteDetail, WriteOutcome, WritePath};
use crate::raft::MemberId;
use crate::sim::Instant;

/// Characters of a text shown.
pub const TEXT_CHARS_MAX: usize = 20_000;

/// One station, opened.
#[derive(Debug, Clone, PartialEq)]
pub struct StepDetail {
    /// Which.
    pub kind: StepKind,
    /// `4 Transform`.
    pub title: String,
    /// What happens here, in a sentence or two.
    pub lead: String,
    /// What was printed, when the write ended here.
    pub ended: Option<WriteOutcome>,
    /// What there is to see.
    pub parts: Vec<Part>,
}

/// One thing to see.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// The detail is on its way.
    Waiting,
    /// A text.
    Text {
        /// What it is.
        title: &'static str,
        /// The text.
        text: String,
        /// What was cut off.
        note: Option<String>,
    },
    /// Names and values.
    Pairs {
        /// What they are.
        title: String,
        /// The rows.
        rows: Vec<(String, String)>,
    },
    /// Annotated bytes of the detail.
    Bytes(Side),
    /// Who did it when.
    Times {
        /// What they did.
        title: String,
        /// The rows, in order of time; those who have not come last.
        rows: Vec<TimeRow>,
        /// The line under them.
        note: String,
    },
}

/// Before or after the transformer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Side {
    /// The encoded object.
    Before,
    /// The value as stored.
    #[default]
    After,
}

/// Someone and when.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeRow {
    /// Who.
    pub name: String,
    /// How long after the write's start; none: not yet.
    pub after: Option<String>,
    /// The same as a share of the longest, in thousandths.
    pub share: u64,
    /// What this one decided: `quorum`.
    pub mark: &'static str,
}

impl StepDetail {
    /// One station of one write.
    pub fn of(
        frame: &Frame,
        write: &WritePath,
        detail: Option<&WriteDetail>,
        kind: StepKind,
    ) -> StepDetail {
        let number = StepKind::ALL.iter().position(|&k| k == kind).unwrap_or(0) + 1;
        let step = write.steps.iter().find(|s| s.kind == kind);
        let state = step.map(|s| s.state).unwrap_or_default();
        let detail = detail.filter(|d| d.thread == write.thread);
        let failed = state == StepState::Failed;
        let parts = match detail {
            None => vec![Part::Waiting],
            Some(detail) => parts(frame, write, detail, kind),
        };
        StepDetail {
            kind,
            title: format!("{number} {}", kind.name()),
            lead: words::lead(kind, state).into(),
            ended: write.outcome.clone().filter(|_| failed),
            parts,
        }
    }
}

fn parts(frame: &Frame, write: &WritePath, detail: &WriteDetail, kind: StepKind) -> Vec<Part> {
    match kind {
        StepKind::Object => {
            vec![text(words::AS_WRITTEN, &detail.written), text(words::AS_OBJECT, &detail.object)]
        }
        StepKind::Default => defaults(detail),
        StepKind::Encode => encoded(detail),
        StepKind::Transform => transformed(detail),
        StepKind::Txn => txn(detail),
        StepKind::Raft => raft(frame, write, detail),
        StepKind::Apply => applied(frame, write, detail),
        StepKind::Watch => told(write, detail),
    }
    .into_iter()
    .filter(|part| !matches!(part, Part::Text { text, .. } if text.is_empty()))
    .collect()
}

fn text(title: &'static str, text: &str) -> Part {
    let cut = amounts::cut(text, TEXT_CHARS_MAX);
    let left = text.len().saturating_sub(cut.len());
    let note = (cut != text).then(|| words::cut_off(left as u64));
    Part::Text { title, text: cut, note }
}

fn defaults(detail: &WriteDetail) -> Vec<Part> {
    let title = words::filled(detail.filled.len());
    let value = |v: &String| amounts::cut(v, super::bytes_tab::VALUE_CHARS_MAX);
    let rows = detail.filled.iter().map(|(path, v)| (path.clone(), value(v))).collect();
    vec![Part::Pairs { title, rows }, text(words::AS_STORED, &detail.defaulted)]
}

fn encoded(detail: &WriteDetail) -> Vec<Part> {
    let size = amounts::bytes(detail.encoded.len() as u64);
    let rows =
        vec![(words::MEDIA_TYPE.into(), detail.media_type.clone()), (words::SIZE.into(), size)];
    vec![Part::Pairs { title: words::ENCODING.into(), rows }, Part::Bytes(Side::Before)]
}

fn transformed(detail: &WriteDetail) -> Vec<Part> {
    let before = amounts::bytes(detail.encoded.len() as u64);
    let after = amounts::bytes(detail.stored.len() as u64);
    let rows = vec![
        (words::TRANSFORMER.into(), detail.transformer.clone()),
        (words::SIZE.into(), format!("{before} → {after}")),
    ];
    let title = words::transformed(detail.encoded == detail.stored).into();
    vec![Part::Pairs { title, rows }, Part::Bytes(Side::Before), Part::Bytes(Side::After)]
}

fn txn(detail: &WriteDetail) -> Vec<Part> {
    let rows = vec![
        (words::KEY.into(), detail.key.clone()),
        (words::COMPARE.into(), words::compare(&detail.txn).into()),
    ];
    vec![text(words::TXN, &branches(&detail.txn)), Part::Pairs { title: String::new(), rows }]
}

/// A transaction with each branch on a line of its own. What stands in quotes is left alone.
fn branches(txn: &str) -> String {
    let mut text = String::with_capacity(txn.len() + 16);
    let mut quoted = false;
    let mut rest = txn;
    while let Some(c) = rest.chars().next() {
        let branch = [" then ", " else "].into_iter().find(|b| !quoted && rest.starts_with(b));
        if branch.is_some() {
            text += "\n   ";
        }
        quoted ^= c == '"' && !text.ends_with('\\');
        text.push(c);
        rest = &rest[c.len_utf8()..];
    }
    text
}

fn raft(frame: &Frame, write: &WritePath, detail: &WriteDetail) -> Vec<Part> {
    let members = voters(frame);
    let quorum = members.len() / 2 + 1;
    let mut rows = times(write, &members, &detail.acks);
    if let Some(row) = rows.get_mut(quorum - 1).filter(|r| r.after.is_some()) {
        row.mark = words::QUORUM;
    }
    let title = match detail.entry {
        Some((index, term)) => words::entry_of_term(index, term),
        None => words::NO_ENTRY.into(),
    };
    let note = words::quorum(detail.acks.len(), quorum, members.len());
    vec![Part::Times { title, rows, note }]
}

fn applied(frame: &Frame, write: &WritePath, detail: &WriteDetail) -> Vec<Part> {
    let members: Vec<_> = frame.cluster.members.iter().map(|m| m.id).collect();
    let rows = times(write, &members, &detail.applied);
    let title = match detail.revision {
        Some(revision) => words::revision(revision),
        None => words::NO_REVISION.into(),
    };
    vec![Part::Times { title, rows, note: words::APPLIED_NOTE.into() }]
}

fn told(write: &WritePath, detail: &WriteDetail) -> Vec<Part> {
    let told: Vec<_> = detail.told.iter().map(|(name, at)| (name.clone(), Some(*at))).collect();
    let title = words::told(told.len());
    let rows = rows(write, told);
    vec![Part::Times { title, rows, note: words::CHAIN.into() }]
}

fn voters(frame: &Frame) -> Vec<MemberId> {
    let votes = |m: &&std::rc::Rc<crate::cluster::Member>| m.role != crate::cluster::Role::Learner;
    frame.cluster.members.iter().filter(votes).map(|m| m.id).collect()
}

/// Those who did it, as the engine noted them one after the other, then those who have not.
fn times(write: &WritePath, members: &[MemberId], done: &[(MemberId, Instant)]) -> Vec<TimeRow> {
    let missing = members.iter().filter(|m| done.iter().all(|(d, _)| d != *m));
    let missing = missing.map(|member| (member.to_string(), None));
    let done = done.iter().map(|(member, at)| (member.to_string(), Some(*at)));
    rows(write, done.chain(missing).collect())
}

fn rows(write: &WritePath, who: Vec<(String, Option<Instant>)>) -> Vec<TimeRow> {
    let since = |at: Instant| at.0.saturating_sub(write.started.0);
    let longest = who.iter().filter_map(|(_, at)| at.map(since)).max().unwrap_or(0).max(1);
    let row = |(name, at): (String, Option<Instant>)| TimeRow {
        name,
        after: at.map(|at| amounts::after(write.started, at)),
        share: at.map_or(0, |at| since(at).saturating_mul(1000) / longest),
        mark: "",
    };
    who.into_iter().map(row).collect()
}

#[cfg(test)]
#[path = "write_path_detail_test.rs"]
mod tests;
