//! The stores of all members side by side, each as a line of revisions.
//!
//! * One axis for all, from the first revision to the newest that any member has: a member that
//!   lags has a shorter line.
//! * What was compacted away is the line's pale beginning; each member compacts when it applies
//!   the entry, so it sweeps from line to line.
//! * Of the member shown, its watchers stand on the line, each where the next thing it will be told
//!   of is.
//!
//! Architecture invariant: a function of the frame and the newest look at a store.

use super::words::revision_lines as words;
use super::{Focus, ledger};
use crate::cluster::{Frame, Member, Status};
use crate::engine::{StoreView, WatcherRow};
use crate::raft::MemberId;
use crate::store::Revision;

/// Thousandths of the axis: places on it are whole numbers of these.
pub const AXIS: u32 = 1000;

/// All lines.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RevisionLines {
    /// A line for each member.
    pub rows: Vec<Row>,
    /// Where the revision read stands.
    pub read_at: u32,
    /// The newest revision of all.
    pub newest: Revision,
}

/// One member's store.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Whose.
    pub member: MemberId,
    /// `etcd-1`, with a word when it leads.
    pub name: String,
    /// Whether it is the one whose keys are listed.
    pub shown: bool,
    /// Whether it runs; else this is what it had.
    pub runs: bool,
    /// Up to where it is compacted.
    pub compacted: u32,
    /// Up to where it reaches.
    pub reaches: u32,
    /// `147`, `140, 7 behind`.
    pub text: String,
    /// Its watchers, those at one place together.
    pub cursors: Vec<Cursor>,
}

/// Watchers that wait for the same revision.
#[derive(Debug, Clone, PartialEq)]
pub struct Cursor {
    /// Where.
    pub at: u32,
    /// Whether all of them are told as it happens.
    pub synced: bool,
    /// Who, and what they wait for.
    pub text: String,
}

impl RevisionLines {
    /// The lines of this frame.
    pub fn of(frame: &Frame, focus: &Focus, shown: MemberId, seen: Option<&StoreView>) -> Self {
        let newest = frame.members.iter().map(|member| member.revision).max().unwrap_or_default();
        let newest = newest.max(Revision(1));
        let place = |revision: Revision| place(revision, newest);
        let row = |member: &Member| {
            let leads = ledger::leader(frame).is_some_and(|leader| leader.id == member.id);
            let runs = member.status == Status::Running;
            let own = seen.filter(|seen| seen.member == member.id && runs);
            Row {
                member: member.id,
                name: words::line_name(member, leads),
                shown: member.id == shown,
                runs,
                compacted: place(member.compact_revision),
                reaches: place(member.revision),
                text: words::line_text(member, newest),
                cursors: own.map(|seen| cursors(&seen.watchers, place)).unwrap_or_default(),
            }
        };
        RevisionLines {
            rows: frame.members.iter().map(|member| row(member)).collect(),
            read_at: place(focus.revision.unwrap_or(newest)),
            newest,
        }
    }
}

fn place(revision: Revision, newest: Revision) -> u32 {
    let share = revision.0.max(0) as u64 * u64::from(AXIS) / newest.0.max(1) as u64;
    (share as u32).min(AXIS)
}

fn cursors(watchers: &[WatcherRow], place: impl Fn(Revision) -> u32) -> Vec<Cursor> {
    let mut places: Vec<Revision> = watchers.iter().map(|watcher| watcher.next).collect();
    crate::sorted::sort_by(&mut places, Revision::cmp);
    places.dedup();
    let cursor = |next: Revision| {
        let here: Vec<&WatcherRow> = watchers.iter().filter(|it| it.next == next).collect();
        Cursor {
            at: place(next),
            synced: here.iter().all(|watcher| watcher.synced),
            text: words::cursor(next, &here),
        }
    };
    places.into_iter().map(cursor).collect()
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::cluster::Role;

    #[test]
    fn a_member_that_lags_has_a_shorter_line_and_watchers_stand_where_they_wait() {
        let member = |id, revision, compacted| Member {
            id: MemberId(id),
            revision: Revision(revision),
            compact_revision: Revision(compacted),
            ..Member::default()
        };
        let mut leader = member(1, 200, 100);
        leader.role = Role::Leader;
        let mut down = member(3, 50, 0);
        down.status = Status::Crashed;
        let members = [leader, member(2, 150, 50), down].map(Rc::new).to_vec();
        let frame = Frame { members, ..Frame::default() };
        let watcher = |key: &str, next, synced| WatcherRow {
            key: key.into(),
            prefix: true,
            next: Revision(next),
            synced,
        };
        let seen = StoreView {
            member: MemberId(1),
            watchers: vec![
                watcher("/registry/pods/", 201, true),
                watcher("/registry/nodes/", 201, true),
                watcher("/registry/leases/", 120, false),
            ],
            ..StoreView::default()
        };
        let focus = Focus { revision: Some(Revision(20)), ..Focus::default() };
        let lines = RevisionLines::of(&frame, &focus, MemberId(1), Some(&seen));
        let told: Vec<String> = lines
            .rows
            .iter()
            .map(|row| {
                let Row { name, compacted, reaches, text, .. } = row;
                let cursors = row.cursors.iter().map(|it| format!(" [{} {}]", it.at, it.text));
                format!("{name} {compacted}..{reaches} {text}{}", cursors.collect::<String>())
            })
            .collect();
        expect_test::expect![[r#"
            etcd-1, leader 500..1000 200 [600 waits for revision 120, behind: /registry/leases/…] [1000 wait for revision 201: /registry/pods/…, /registry/nodes/…]
            etcd-2 250..750 150, 50 behind
            etcd-3 0..250 down; it had 50"#]]
        .assert_eq(&told.join("\n"));
        assert_eq!((lines.read_at, lines.newest), (100, Revision(200)));
    }
}
