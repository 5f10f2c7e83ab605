//! What the write path's pane says.
//!
//! Architecture invariant: tests only.

use super::*;
use crate::sim::Instant;
use expect_test::{Expect, expect};

fn step(kind: StepKind, state: StepState, what: &str, ms: Option<u64>) -> Step {
    let at = ms.map(|ms| Instant(ms * 1_000_000));
    Step { kind, state, what: what.into(), note: String::new(), at }
}

fn write(thread: u64, steps: Vec<Step>, outcome: Option<WriteOutcome>) -> Rc<WritePath> {
    let title = "kubectl apply · Deployment default/web".into();
    let started = Instant(1_000_000_000);
    Rc::new(WritePath {
        thread: ThreadId(thread),
        title,
        started,
        steps,
        outcome,
        own_accord: false,
    })
}

fn on_its_way() -> Rc<WritePath> {
    use {StepKind::*, StepState::*};
    let steps = vec![
        step(Object, Done, "Deployment web", Some(1000)),
        step(StepKind::Default, Done, "+ 14 fields", Some(1003)),
        step(Encode, Done, "protobuf", Some(1004)),
        step(Transform, Skipped, "identity", None),
        step(Txn, Done, "mod_revision = 0", Some(1006)),
        step(Raft, Now, "2 of 5 acks", Some(1090)),
        step(Apply, Waiting, "", None),
        step(Watch, Waiting, "", None),
    ];
    write(7, steps, None)
}

fn refused() -> Rc<WritePath> {
    let steps = vec![step(StepKind::Object, StepState::Failed, "line 3", Some(1001))];
    let text = "error: yaml: line 3: mapping values are not allowed in this context".into();
    write(8, steps, Some(WriteOutcome { text, failed: true, place: Some((3, 9)) }))
}

fn frame(writes: Vec<Rc<WritePath>>) -> Frame {
    let mut frame = Frame { writes, ..Frame::default() };
    frame.cluster.now = Instant(1_120_000_000);
    frame
}

fn check(frame: &Frame, focus: &Focus, expect: Expect) {
    let view = WritePathView::of(frame, focus).expect("a write is kept");
    let mut said = format!("{} · {}\n", view.title, view.took);
    for s in &view.stations {
        said += &format!("{} {} [{}] {}\n", s.number, s.name, s.badge, s.what);
    }
    expect.assert_eq(&said);
}

#[test]
fn no_write_no_pane() {
    assert_eq!(WritePathView::of(&frame(vec![]), &Focus::default()), None);
}

#[test]
fn a_write_on_its_way_to_a_quorum() {
    check(
        &frame(vec![on_its_way()]),
        &Focus::default(),
        expect![[r#"
            kubectl apply · Deployment default/web · since 1.000 s
            1 Object [+0 ms] Deployment web
            2 Default [+3 ms] + 14 fields
            3 Encode [+4 ms] protobuf
            4 Transform [skipped] identity
            5 Txn [+6 ms] mod_revision = 0
            6 Raft [now] 2 of 5 acks
            7 Apply [waiting] 
            8 Watch [waiting] 
        "#]],
    );
}

#[test]
fn a_refused_write_says_where_it_ended_and_has_eight_cards_all_the_same() {
    check(
        &frame(vec![on_its_way(), refused()]),
        &Focus::default(),
        expect![[r#"
            kubectl apply · Deployment default/web · refused after 1 ms
            1 Object [failed] line 3
            2 Default [waiting] 
            3 Encode [waiting] 
            4 Transform [waiting] 
            5 Txn [waiting] 
            6 Raft [waiting] 
            7 Apply [waiting] 
            8 Watch [waiting] 
        "#]],
    );
}

#[test]
fn the_newest_unless_the_reader_chose_one_that_is_still_kept() {
    let frame = frame(vec![on_its_way(), refused()]);
    let shown = |thread| {
        let focus = Focus { thread, ..Focus::default() };
        let view = WritePathView::of(&frame, &focus).unwrap();
        (view.thread.0, view.follows)
    };
    assert_eq!(shown(None), (8, true));
    assert_eq!(shown(Some(ThreadId(7))), (7, false));
    assert_eq!(shown(Some(ThreadId(1))), (8, true), "no longer kept");
}

#[test]
fn a_hint_says_the_state_and_the_times() {
    let view = WritePathView::of(&frame(vec![on_its_way()]), &Focus::default()).unwrap();
    expect![[r#"
        Txn: the transaction sent to etcd
        mod_revision = 0
        done, reached at +6 ms, next station 84 ms later"#]]
    .assert_eq(&view.stations[4].hint);
}
