//! What an opened station says.
//!
//! Architecture invariant: tests only.

use std::rc::Rc;

use super::*;
use crate::cluster::Member;
use crate::kube::Step;
use crate::raft::{LogIndex, ThreadId};
use crate::store::Revision;
use expect_test::{Expect, expect};

const MS: u64 = 1_000_000;

fn frame() -> Frame {
    let member = |id| Rc::new(Member { id: MemberId(id), ..Member::default() });
    let mut frame = Frame::default();
    frame.cluster.members = (1..=5).map(member).collect();
    frame
}

fn write() -> WritePath {
    let step = Step { kind: StepKind::Txn, state: StepState::Failed, ..Step::default() };
    let outcome =
        Some(WriteOutcome { text: "Error from server".into(), failed: true, place: None });
    let (thread, started) = (ThreadId(7), Instant(1000 * MS));
    WritePath { thread, started, steps: vec![step], outcome, ..WritePath::default() }
}

fn detail() -> WriteDetail {
    let at = |id: u64, ms: u64| (MemberId(id), Instant((1000 + ms) * MS));
    WriteDetail {
        thread: ThreadId(7),
        written: "kind: Deployment\n".into(),
        object: "{}".into(),
        filled: vec![("spec.replicas".into(), "1".into())],
        media_type: "application/vnd.kubernetes.protobuf".into(),
        encoded: vec![0; 412],
        transformer: "aesgcm, key1".into(),
        stored: vec![0; 468],
        key: "/registry/deployments/default/web".into(),
        txn: "if mod_revision = 0 then put else get".into(),
        entry: Some((LogIndex(148), 3)),
        acks: vec![at(1, 12), at(2, 90), at(4, 95)],
        applied: vec![at(1, 96)],
        revision: Some(Revision(147)),
        told: vec![("kube-apiserver".into(), at(0, 120).1), ("scheduler".into(), at(0, 200).1)],
        ..WriteDetail::default()
    }
}

fn check(kind: StepKind, expect: Expect) {
    let view = StepDetail::of(&frame(), &write(), Some(&detail()), kind);
    let mut said = view.title.clone();
    for part in &view.parts {
        said += "\n";
        said += &match part {
            Part::Waiting => "waiting".into(),
            Part::Text { title, text, .. } => format!("{title}\n  {}", text.trim_end()),
            Part::Pairs { title, rows } => {
                let row = |(a, b): &(String, String)| format!("\n  {a} = {b}");
                format!("{title}{}", rows.iter().map(row).collect::<String>())
            }
            Part::Bytes(side) => format!("bytes {side:?}"),
            Part::Times { title, rows, note } => {
                let row = |r: &TimeRow| {
                    let after = r.after.as_deref().unwrap_or("–");
                    format!("\n  {} {after} {} {}", r.name, r.share, r.mark)
                };
                format!("{title}{}\n{note}", rows.iter().map(row).collect::<String>())
            }
        };
    }
    expect.assert_eq(&said);
}

#[test]
fn the_third_ack_of_five_is_the_quorum() {
    check(
        StepKind::Raft,
        expect![[r#"
            6 Raft
            Entry 148 of term 3, on disk at
              etcd-1 +12 ms 126 
              etcd-2 +90 ms 947 
              etcd-4 +95 ms 1000 quorum
              etcd-3 – 0 
              etcd-5 – 0 
            3 of 5 have it on disk; 3 are a quorum: the entry is committed"#]],
    );
}

#[test]
fn texts_fields_sizes() {
    check(
        StepKind::Object,
        expect![[r#"
        1 Object
        As written
          kind: Deployment
        As an object
          {}"#]],
    );
    check(
        StepKind::Default,
        expect![[r#"
        2 Default
        1 field filled in
          spec.replicas = 1"#]],
    );
    check(
        StepKind::Encode,
        expect![[r#"
        3 Encode
        Encoding
          media type = application/vnd.kubernetes.protobuf
          size = 412 B
        bytes Before"#]],
    );
    check(
        StepKind::Transform,
        expect![[r#"
        4 Transform
        Encrypted at rest
          provider = aesgcm, key1
          size = 412 B → 468 B
        bytes Before
        bytes After"#]],
    );
    check(
        StepKind::Txn,
        expect![[r#"
            5 Txn
            The transaction
              if mod_revision = 0
                then put
                else get

              key = /registry/deployments/default/web
              compare = only if no such key exists: this creates it"#]],
    );
}

#[test]
fn applied_and_told() {
    check(
        StepKind::Apply,
        expect![[r#"
            7 Apply
            Revision 147, applied by
              etcd-1 +96 ms 1000 
              etcd-2 – 0 
              etcd-3 – 0 
              etcd-4 – 0 
              etcd-5 – 0 
            Every member applies the same entries in the same order, each when it learns that they are committed. The one that lags answers serializable reads with the past"#]],
    );
    check(
        StepKind::Watch,
        expect![[r#"
            8 Watch
            2 watchers told
              kube-apiserver +120 ms 600 
              scheduler +200 ms 1000 
            The apiserver is etcd's only client. Everyone else is told by the apiserver"#]],
    );
}

#[test]
fn a_detail_of_another_write_is_not_shown() {
    let other = WriteDetail { thread: ThreadId(6), ..detail() };
    let view = StepDetail::of(&frame(), &write(), Some(&other), StepKind::Txn);
    assert_eq!(view.parts, [Part::Waiting]);
}

#[test]
fn where_a_write_ended_its_error_stands_in_full() {
    let ended = |kind| StepDetail::of(&frame(), &write(), None, kind).ended.is_some();
    assert!(ended(StepKind::Txn));
    assert!(!ended(StepKind::Raft));
}

#[test]
fn the_branches_of_a_transaction_stand_on_lines_of_their_own() {
    let txn =
        r#"txn(if mod_revision("/a then b\" then") = 0 then put("x", 3 bytes) else get("x"))"#;
    expect![[r#"
        txn(if mod_revision("/a then b\" then") = 0
            then put("x", 3 bytes)
            else get("x"))"#]]
    .assert_eq(&branches(txn));
}

#[test]
fn long_texts_are_cut_and_say_so() {
    let long = "x".repeat(1_500_000);
    let Part::Text { text, note, .. } = text("t", &long) else { panic!("a text") };
    assert_eq!(text.chars().count(), TEXT_CHARS_MAX + 1);
    assert_eq!(note.as_deref(), Some("1.4 MB more"));
}
