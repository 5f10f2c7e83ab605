//! What was printed for the reader.
//!
//! Architecture invariant: tests only.

use std::rc::Rc;

use super::*;
use crate::cluster::Place;
use crate::kube::WritePath;
use crate::sim::{Address, Instant};
use crate::store::Revision;
use expect_test::expect;

fn request(id: u64, client: u32, outcome: Outcome) -> Rc<ClientRequest> {
    Rc::new(ClientRequest {
        id,
        client: Address(client),
        text: format!("put k{id} v"),
        endpoint: MemberId(1),
        attempts: 1 + (id == 3) as u32,
        started: Instant(0),
        ended: Some(Instant(35_000_000)).filter(|_| outcome != Outcome::Open),
        outcome,
        thread: ThreadId(id),
        ..ClientRequest::default()
    })
}

#[test]
fn only_the_readers_own_answers_newest_first() {
    let etcdctl = Place { address: Address(90), kind: PlaceKind::Etcdctl, ..Place::default() };
    let done = || Outcome::Done { revision: Revision(7), text: "OK".into() };
    let error = String::from("etcdserver: request timed out");
    let frame = ClusterFrame {
        places: vec![Rc::new(etcdctl)],
        requests: vec![
            request(1, 90, done()),
            request(2, 91, done()),
            request(3, 90, Outcome::Failed { error, unknown: true }),
            request(4, 90, Outcome::Open),
        ],
        ..ClusterFrame::default()
    };
    let line =
        |a: &Answer| format!("{} [{}]\n  {}\n", a.line, a.note, a.text.as_deref().unwrap_or("…"));
    expect![[r#"
        put k4 v [etcd-1]
          …
        put k3 v [etcd-1 · 35 ms · 2 tries]
          Error: etcdserver: request timed out
        Whether it happened is not known
        put k1 v [etcd-1 · 35 ms · revision 7]
          OK
    "#]]
    .assert_eq(&answers(&frame).iter().map(line).collect::<String>());
    assert!(answers(&ClusterFrame::default()).is_empty());
}

#[test]
fn kubectls_answer_is_that_of_its_newest_write() {
    let write = |thread, title: &str| {
        let (thread, title) = (ThreadId(thread), title.into());
        Rc::new(WritePath { thread, title, ..WritePath::default() })
    };
    let writes = vec![write(1, "kubectl apply · a"), write(2, "etcdctl put · k")];
    let frame = Frame { writes, ..Frame::default() };
    assert_eq!(printed(&frame).map(|p| p.thread), Some(ThreadId(1)));
    assert_eq!(printed(&Frame::default()), None);
}

#[test]
fn line_numbers_are_those_in_view() {
    assert_eq!(lines_in_view(0, 170, 17, 300_000), (1, 11));
    assert_eq!(lines_in_view(1_700, 170, 17, 300_000), (101, 111));
    assert_eq!(lines_in_view(0, 170, 17, 3), (1, 3));
    assert_eq!(lines_in_view(0, 170, 0, 0), (1, 1), "an unmeasured field");
}

#[test]
fn a_place_is_found_in_utf16_units() {
    let text = "a: 1\nü𝄞: x\n";
    assert_eq!(caret(text, 1, 1), 0);
    assert_eq!(caret(text, 2, 1), 5);
    assert_eq!(caret(text, 2, 3), 8, "the clef takes two units");
    assert_eq!(caret(text, 0, 0), 0, "no line and column is the beginning");
    assert_eq!(caret(text, 9, 9), 12, "past the end is the end");
}

#[test]
fn the_verbs_are_kubectls() {
    let said = Verb::ALL.map(|v| v.on(String::new()).verb());
    assert_eq!(said, ["apply", "create", "replace", "delete"]);
}

#[test]
fn a_new_line_keeps_the_indentation() {
    assert_eq!(indentation("a:\n    b: 1", 11), "    ");
    assert_eq!(indentation("a:\n  ports:", 11), "    ", "deeper below a name");
    assert_eq!(indentation("a:\n    b: 1", 5), "  ", "no deeper than the caret");
    assert_eq!(indentation("", 7), "");
}
