//! The log's table as text: one character group per cell.
//!
//! Architecture invariant: tests only.

use std::rc::Rc;

use super::*;
use expect_test::{Expect, expect};

fn entry(index: u64, term: u64) -> Rc<Entry> {
    let text = format!("put k{index}");
    let thread = Some(ThreadId(index));
    Rc::new(Entry { index: LogIndex(index), term: Term(term), text, bytes: 10, thread })
}

/// A member whose log holds `(from, terms…)`, committed and applied up to an index.
fn member(id: u64, from: u64, terms: &[u64], commit: u64, applied: u64) -> Member {
    let log: Vec<_> = terms.iter().zip(from..).map(|(&term, index)| entry(index, term)).collect();
    let last = log.last().map(|e| e.index);
    Member {
        id: MemberId(id),
        log,
        last_index: last,
        durable_index: last,
        commit_index: Some(LogIndex(commit)),
        applied_index: Some(LogIndex(applied)),
        ..Member::default()
    }
}

fn frame(members: Vec<Member>) -> Frame {
    Frame { members: members.into_iter().map(Rc::new).collect(), ..Frame::default() }
}

fn leads(mut member: Member, term: u64, progress: &[(u64, u64, u64)]) -> Member {
    member.role = Role::Leader;
    member.term = Term(term);
    let one = |&(to, matched, next): &(u64, u64, u64)| Progress {
        to: MemberId(to),
        matched: Some(LogIndex(matched)),
        next: LogIndex(next),
    };
    member.progress = progress.iter().map(one).collect();
    member
}

fn sign(cell: &Cell) -> String {
    match cell {
        Cell::Empty => "-".into(),
        Cell::Next => "next".into(),
        Cell::Sent => "sent".into(),
        Cell::Snapshot => "snap".into(),
        Cell::Entry(e) => {
            let mut sign = e.term.to_string();
            for (on, mark) in [
                (!e.committed, "?"),
                (e.applied, "✓"),
                (!e.durable, "~"),
                (e.snapshot, "▨"),
                (e.matched, "m"),
                (e.diverges, "≠"),
            ] {
                sign += if on { mark } else { "" };
            }
            sign
        }
    }
}

fn check(frame: &Frame, expect: Expect) {
    let table = Ledger::of(frame, &Focus::default());
    let mut said = String::new();
    for head in &table.heads {
        said += &format!("{} {}| ", head.name, head.word);
    }
    for row in &table.rows {
        said += "\n";
        said += &match row {
            Row::Index(row) => {
                let cells: Vec<_> = row.cells.iter().map(sign).collect();
                format!("{}{} {}", row.index, if row.broken { "!" } else { "" }, cells.join(" "))
            }
            Row::Gap { hidden } => format!("… {hidden}"),
            Row::Snapshot { upto } => format!("≤ {upto:?}"),
        };
    }
    expect.assert_eq(&format!("{said}\n{}", table.foot));
}

#[test]
fn a_write_on_its_way_stands_dashed_on_top_with_match_and_next() {
    let leader = leads(member(1, 5, &[2, 3, 3], 6, 6), 3, &[(2, 7, 8), (3, 6, 7), (4, 6, 8)]);
    let mut down = member(5, 5, &[2], 5, 5);
    down.status = Status::Crashed;
    check(
        &frame(vec![
            leader,
            member(2, 5, &[2, 3, 3], 6, 5),
            member(3, 5, &[2, 3], 6, 6),
            member(4, 5, &[2, 3], 5, 5),
            down,
        ]),
        expect![[r#"
            etcd-1 leader| etcd-2 | etcd-3 | etcd-4 | etcd-5 crashed| 
            7 3? 3?m next sent -
            6 3✓ 3 3✓m 3?m -
            5 2✓ 2✓ 2✓ 2✓ 2✓
            committed 6 · applied 6"#]],
    );
}

#[test]
fn a_divergence_is_a_broken_row() {
    let leader = leads(member(2, 1, &[1, 2], 2, 2), 2, &[(1, 1, 2)]);
    check(
        &frame(vec![member(1, 1, &[1, 1, 1], 1, 1), leader]),
        expect![[r#"
            etcd-1 | etcd-2 leader| 
            3 1? -
            2! 1?≠ 2✓
            1 1✓m 1✓
            committed 2 · applied 2"#]],
    );
}

#[test]
fn snapshots_are_hatched_and_what_no_log_holds_is_one_row() {
    let mut old = member(1, 8, &[1, 1, 1], 10, 10);
    old.snapshot_index = Some(LogIndex(8));
    let mut far = member(2, 2, &[1], 2, 2);
    far.durable_index = Some(LogIndex(1));
    check(
        &frame(vec![old.clone(), far]),
        expect![[r#"
            etcd-1 | etcd-2 | 
            10 1✓ -
            9 1✓ -
            8 1✓▨ -
            … 5
            2 snap 1✓~
            Nobody leads"#]],
    );
    check(
        &frame(vec![old]),
        expect![[r#"
            etcd-1 | 
            10 1✓
            9 1✓
            8 1✓▨
            Nobody leads"#]],
    );
    let mut purged = member(1, 9, &[1], 9, 9);
    purged.snapshot_index = Some(LogIndex(8));
    check(
        &frame(vec![purged]),
        expect![[r#"
            etcd-1 | 
            9 1✓
            ≤ [Some(LogIndex(8))]
            Nobody leads"#]],
    );
}

#[test]
fn of_two_leaders_the_higher_term_counts() {
    let stale = leads(member(1, 1, &[1], 1, 1), 1, &[(2, 1, 2)]);
    let leader = leads(member(2, 1, &[1, 2], 2, 2), 2, &[(1, 1, 3)]);
    check(
        &frame(vec![stale, leader]),
        expect![[r#"
            etcd-1 stale leader| etcd-2 leader| 
            2 sent 2✓
            1 1✓m 1✓
            committed 2 · applied 2"#]],
    );
}

#[test]
fn rows_are_bounded_and_hover_lights_the_thread() {
    let long = member(1, 0, &[1; 200], 199, 199);
    let focus = Focus { hover: Some(ThreadId(198)), ..Focus::default() };
    let table = Ledger::of(&frame(vec![long]), &focus);
    assert_eq!(table.rows.len(), ROWS_MAX);
    let lit = |row: &Row| matches!(row, Row::Index(row) if row.lit);
    assert_eq!(table.rows.iter().position(lit), Some(1));
}

#[test]
fn paths_are_cut_to_their_last_part() {
    assert_eq!(short("put /registry/deployments/default/web"), "put …/web");
    assert_eq!(short("txn /registry/pods/ x"), "txn …/pods/ x");
    assert_eq!(short("put /foo bar/baz"), "put /foo …/baz");
    assert_eq!(short("new leader"), "new leader");
}
