//! The keys of one member's store, at one revision.
//!
//! * The member is the one the reader selected, else the leader, else the first that runs: so that
//!   a lagging member is seen to lag.
//! * Keys are a tree, in etcd's order.
//! * The slider goes from the first revision that can be read to the newest; at its end it follows
//!   the present.
//!
//! Architecture invariant: a function of `(frame, focus, answer)`; the answer may be of another
//! moment and is then shown as what it is.

use super::revision_lines::RevisionLines;
use super::store_tree::{Branch, Leaf, tree};
use super::words::revision_lines::lease;
use super::{Focus, amounts, ledger, words::panes as words};
use crate::cluster::{Frame, Member, Status};
use crate::engine::{KeyRow, Look, StoreView};
use crate::raft::MemberId;
use crate::store::Revision;

/// The tab, without the history of a key.
#[derive(Debug, Clone, PartialEq)]
pub struct StoreTab {
    /// Whose store.
    pub member: MemberId,
    /// The members to choose from.
    pub members: Vec<MemberChoice>,
    /// First revision that can be read.
    pub first: Revision,
    /// The newest revision.
    pub last: Revision,
    /// The revision read.
    pub at: Revision,
    /// Whether it follows the present.
    pub now: bool,
    /// `as of revision 140 of 147`.
    pub said: String,
    /// `23 keys`, or how many of them are shown.
    pub count: String,
    /// Whether the engine has not answered yet.
    pub waits: bool,
    /// etcd's words, when there is nothing to see.
    pub error: Option<String>,
    /// Branches and keys.
    pub lines: Vec<Line>,
    /// Leases: the id in hexadecimal as etcdctl prints it, and what is known of it.
    pub leases: Vec<(String, String)>,
    /// All stores side by side.
    pub side_by_side: RevisionLines,
}

/// A member to choose.
#[derive(Debug, Clone, PartialEq)]
pub struct MemberChoice {
    /// The member.
    pub member: MemberId,
    /// `etcd-1 · leader · revision 147`.
    pub label: String,
    /// Whether it is the one shown.
    pub current: bool,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// Keys that begin alike.
    Branch(Branch),
    /// A key.
    Key(KeyLine),
}

/// One key.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyLine {
    /// The whole key.
    pub key: String,
    /// What stands after the branch.
    pub name: String,
    /// How deep it stands.
    pub depth: u32,
    /// What its value is.
    pub text: String,
    /// `rev 147 · v2`.
    pub note: String,
    /// Whether its history is shown.
    pub selected: bool,
    /// Whether the newest change of the store is this one.
    pub newest: bool,
}

/// Whose store is shown.
pub fn member_shown<'a>(frame: &'a Frame, focus: &Focus) -> Option<&'a Member> {
    let chosen = focus.member.and_then(|id| frame.members.iter().find(|m| m.id == id));
    let runs = || frame.members.iter().find(|m| m.status == Status::Running);
    let any = || runs().or(frame.members.first()).map(|m| &**m);
    chosen.map(|m| &**m).or_else(|| ledger::leader(frame)).or_else(any)
}

/// What to ask of the engine for this focus.
pub fn look(frame: &Frame, focus: &Focus, prefix: &str) -> Option<Look> {
    let member = member_shown(frame, focus)?.id;
    Some(Look::Store { member, revision: focus.revision, prefix: prefix.into() })
}

/// What to ask of the engine for the key whose history is shown.
pub fn look_key(frame: &Frame, focus: &Focus) -> Option<Look> {
    let member = member_shown(frame, focus)?.id;
    Some(Look::Key { member, key: focus.key.clone()? })
}

impl StoreTab {
    /// The tab for this frame and the newest answer about a store, if any.
    /// `folded`: branches whose keys are not shown.
    pub fn of(
        frame: &Frame,
        focus: &Focus,
        seen: Option<&StoreView>,
        folded: &[String],
    ) -> Option<StoreTab> {
        let member = member_shown(frame, focus)?;
        let seen = seen.filter(|s| s.member == member.id);
        let last = member.revision.max(Revision(1));
        let first = first_readable(member).min(last);
        let at = focus.revision.unwrap_or(last);
        let now = focus.revision.is_none();
        Some(StoreTab {
            member: member.id,
            members: choices(frame, member.id),
            first,
            last,
            at,
            now,
            said: words::as_of(at, last, now),
            count: seen.filter(|s| s.error.is_none()).map(count).unwrap_or_default(),
            waits: seen.is_none(),
            error: seen.and_then(|s| s.error.clone()),
            lines: seen.map(|s| lines(s, focus, folded)).unwrap_or_default(),
            leases: seen.map(leases).unwrap_or_default(),
            side_by_side: RevisionLines::of(frame, focus, member.id, seen),
        })
    }
}

/// History up to the compaction is gone, but the compacted revision itself can still be read.
fn first_readable(member: &Member) -> Revision {
    member.compact_revision.max(Revision(1))
}

/// Whose can be shown.
pub fn choices(frame: &Frame, shown: MemberId) -> Vec<MemberChoice> {
    frame.members.iter().map(|member| choice(frame, member, shown)).collect()
}

fn choice(frame: &Frame, member: &Member, shown: MemberId) -> MemberChoice {
    let leads = ledger::leader(frame).is_some_and(|l| l.id == member.id);
    let word = words::member_state(member.status, member.role, leads);
    let dot = if word.is_empty() { "" } else { " · " };
    MemberChoice {
        member: member.id,
        label: format!("{}{dot}{word} · revision {}", member.id, member.revision),
        current: member.id == shown,
    }
}

fn count(seen: &StoreView) -> String {
    let all = usize::try_from(seen.count).unwrap_or_default();
    let said = amounts::counted(all, "key", "keys");
    if all > seen.keys.len() { words::first_of(seen.keys.len(), &said) } else { said }
}

fn lines(seen: &StoreView, focus: &Focus, folded: &[String]) -> Vec<Line> {
    let line = |leaf| match leaf {
        Leaf::Branch(branch) => Line::Branch(branch),
        Leaf::Key(row, depth, from) => Line::Key(key_line(row, depth, from, seen, focus)),
    };
    tree(&seen.keys, folded).into_iter().map(line).collect()
}

fn leases(seen: &StoreView) -> Vec<(String, String)> {
    seen.leases.iter().map(|it| (format!("{:016x}", it.id), lease(it))).collect()
}

fn key_line(row: &KeyRow, depth: u32, from: usize, seen: &StoreView, focus: &Focus) -> KeyLine {
    KeyLine {
        key: row.key.clone(),
        name: row.key[from..].to_owned(),
        depth,
        text: amounts::cut(&row.text, super::bytes_tab::VALUE_CHARS_MAX),
        note: words::key_note(row),
        selected: focus.key.as_deref() == Some(&row.key),
        newest: row.mod_revision == seen.at,
    }
}

#[cfg(test)]
#[path = "store_tab_test.rs"]
mod tests;
