//! The log as a table aligned on the index, newest on top: one column per member.
//!
//! * A row is one index. Cells of a row that hold different terms are a divergence (Raft §5.3): the
//!   row is broken.
//! * A cell is dashed until its member knows it committed, ticked once its member applied it,
//!   hatched when the member's snapshot covers it.
//! * The leader's *match* stands on the last entry it knows to be in a follower's log, its *next*
//!   in the cell that the first entry not yet sent will take.
//! * Rows are bounded by [`ROWS_MAX`]; indices that nobody shows become one gap row.
//!
//! Architecture invariant: a function of `(frame, focus)`; asks nothing of the engine.

use std::collections::BTreeSet;

use super::{Focus, words::panes as words};
use crate::cluster::{Entry, Frame, Member, Progress, Role, Status};
use crate::raft::{LogIndex, MemberId, Term, ThreadId};

/// Rows of the table; the newest so many.
pub const ROWS_MAX: usize = 40;

/// The table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ledger {
    /// One per member.
    pub heads: Vec<Head>,
    /// Newest on top.
    pub rows: Vec<Row>,
    /// `committed 147 · applied 147`, as the leader knows it.
    pub foot: String,
}

/// The head of a column.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// Whose.
    pub member: MemberId,
    /// Its name.
    pub name: String,
    /// Beside the name: `leader`, `crashed`, `paused`; nothing for a follower.
    pub word: &'static str,
    /// Whether it leads, as far as anyone can tell.
    pub leads: bool,
    /// Whether its process runs.
    pub alive: bool,
    /// Whether the reader selected it.
    pub selected: bool,
    /// Everything about it, for the pointer's rest.
    pub hint: String,
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    /// The entries at one index.
    Index(IndexRow),
    /// Indices that are not shown.
    Gap {
        /// How many.
        hidden: u64,
    },
    /// What is in snapshots and no longer in the logs.
    Snapshot {
        /// Per member: the end of its snapshot, when it has one and shows it here.
        upto: Vec<Option<LogIndex>>,
    },
}

/// The entries at one index.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexRow {
    /// The index.
    pub index: LogIndex,
    /// Whether members hold entries of different terms here.
    pub broken: bool,
    /// The write, when all that hold one hold the same.
    pub thread: Option<ThreadId>,
    /// Whether its thread is lit.
    pub lit: bool,
    /// The entry in words, for the narrow form.
    pub text: String,
    /// One per member.
    pub cells: Vec<Cell>,
}

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing here.
    Empty,
    /// The leader has not sent this entry yet, and it comes next.
    Next,
    /// The leader has sent this entry; it is not in the member's log as far as we see.
    Sent,
    /// Compacted into the member's snapshot.
    Snapshot,
    /// An entry.
    Entry(EntryCell),
}

/// An entry in a member's log.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryCell {
    /// Its term.
    pub term: Term,
    /// In a few words, paths cut to their last part: `put …/web`.
    pub text: String,
    /// Its member knows it committed.
    pub committed: bool,
    /// Its member applied it.
    pub applied: bool,
    /// A power cut would not take it.
    pub durable: bool,
    /// Its member's snapshot covers it.
    pub snapshot: bool,
    /// The leader knows the member's log up to here.
    pub matched: bool,
    /// It differs from what the leader has here.
    pub diverges: bool,
    /// For the pointer's rest.
    pub hint: String,
}

impl Ledger {
    /// The table for this frame.
    pub fn of(frame: &Frame, focus: &Focus) -> Ledger {
        let leader = leader(frame);
        let heads = frame.members.iter().map(|m| head(m, leader, focus)).collect();
        let foot = leader.map(|m| words::committed_applied(m.commit_index, m.applied_index));
        let rows = rows(frame, leader, focus);
        Ledger { heads, rows, foot: foot.unwrap_or_else(|| words::NOBODY_LEADS.into()) }
    }
}

/// The leader of the highest term among those that run.
pub fn leader(frame: &Frame) -> Option<&Member> {
    let leads = |m: &&Member| m.role == Role::Leader && m.status != Status::Crashed;
    frame.members.iter().map(|m| &**m).filter(leads).max_by_key(|m| m.term)
}

fn head(member: &Member, leader: Option<&Member>, focus: &Focus) -> Head {
    let leads = leader.is_some_and(|l| l.id == member.id);
    Head {
        member: member.id,
        name: member.id.to_string(),
        word: words::member_state(member.status, member.role, leads),
        leads,
        alive: member.status == Status::Running,
        selected: focus.member == Some(member.id),
        hint: words::member_log(member),
    }
}

fn rows(frame: &Frame, leader: Option<&Member>, focus: &Focus) -> Vec<Row> {
    let shown: BTreeSet<LogIndex> =
        frame.members.iter().flat_map(|m| m.log.iter().map(|e| e.index)).collect();
    let mut rows = Vec::new();
    let mut above: Option<u64> = None;
    for &index in shown.iter().rev() {
        if let Some(hidden) = above.map(|a| a - index.0 - 1).filter(|&hidden| hidden > 0) {
            rows.push(Row::Gap { hidden });
        }
        if rows.len() >= ROWS_MAX {
            return rows;
        }
        rows.push(Row::Index(index_row(frame, leader, focus, index)));
        above = Some(index.0);
    }
    let lowest = above.unwrap_or(u64::MAX);
    let upto = |m: &std::rc::Rc<Member>| m.snapshot_index.filter(|s| s.0 < lowest);
    let upto: Vec<_> = frame.members.iter().map(upto).collect();
    if upto.iter().any(Option::is_some) {
        rows.push(Row::Snapshot { upto });
    }
    rows
}

fn index_row(frame: &Frame, leader: Option<&Member>, focus: &Focus, index: LogIndex) -> IndexRow {
    let truth = leader.and_then(|l| entry_at(l, index));
    let held: Vec<&Entry> = frame.members.iter().filter_map(|m| entry_at(m, index)).collect();
    let broken = held.windows(2).any(|pair| pair[0].term != pair[1].term);
    let told = truth.or_else(|| held.iter().max_by_key(|e| e.term).copied());
    let thread = if broken { truth.and_then(|e| e.thread) } else { told.and_then(|e| e.thread) };
    IndexRow {
        index,
        broken,
        thread,
        lit: thread.is_some() && focus.hover == thread,
        text: told.map(|e| short(&e.text)).unwrap_or_default(),
        cells: frame.members.iter().map(|m| cell(m, leader, truth, index)).collect(),
    }
}

fn cell(member: &Member, leader: Option<&Member>, truth: Option<&Entry>, at: LogIndex) -> Cell {
    let progress =
        leader.and_then(|l| l.progress.iter().find(|p| p.to == member.id && l.id != member.id));
    if let Some(entry) = entry_at(member, at) {
        return Cell::Entry(entry_cell(member, entry, progress, truth));
    }
    if member.snapshot_index.is_some_and(|s| at <= s) {
        return Cell::Snapshot;
    }
    let alive = member.status != Status::Crashed;
    match progress {
        Some(progress) if alive && truth.is_some() && at == progress.next => Cell::Next,
        Some(progress) if alive && truth.is_some() && at < progress.next => Cell::Sent,
        _ => Cell::Empty,
    }
}

fn entry_cell(
    member: &Member,
    entry: &Entry,
    progress: Option<&Progress>,
    truth: Option<&Entry>,
) -> EntryCell {
    let upto = |end: Option<LogIndex>| end.is_some_and(|end| entry.index <= end);
    let mut cell = EntryCell {
        term: entry.term,
        text: short(&entry.text),
        committed: upto(member.commit_index),
        applied: upto(member.applied_index),
        durable: upto(member.durable_index),
        snapshot: upto(member.snapshot_index),
        matched: progress.is_some_and(|p| p.matched == Some(entry.index)),
        diverges: truth.is_some_and(|t| t.term != entry.term),
        hint: String::new(),
    };
    cell.hint = words::entry(member.id, entry, &cell);
    cell
}

fn entry_at(member: &Member, index: LogIndex) -> Option<&Entry> {
    let at = member.log.binary_search_by_key(&index, |e| e.index).ok()?;
    Some(&member.log[at])
}

/// A text with every path cut to its last part.
fn short(text: &str) -> String {
    let cut = |word: &str| match word.trim_end_matches('/').rfind('/') {
        Some(at) if at > 0 => format!("…{}", &word[at..]),
        _ => word.to_owned(),
    };
    text.split(' ').map(cut).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[path = "ledger_test.rs"]
mod tests;
