//! Every promise of watches can break: what a watcher is never told in a sound cluster.
#![allow(missing_docs)]

use std::rc::Rc;
use std::time::Duration;

use expect_test::{Expect, expect};
use raftarium::check::Promises;
use raftarium::cluster::{Action, Cluster, Etcdctl, Setup, Timing, Word};
use raftarium::raft::MemberId;
use raftarium::store::{
    EventType, KeyValue, Revision, WatchCreateRequest, WatchEvent, WatchResponse,
};

fn cluster() -> Cluster {
    let timing = Timing::Etcd;
    Cluster::boot(Setup { seed: 1, members: 3, timing, loop_waits_for_fsync: true })
}

fn m(id: u64) -> MemberId {
    MemberId(id)
}

fn broken(promises: &Promises) -> String {
    let line = |v: &Rc<raftarium::check::Violation>| format!("{}: {}\n", v.promise, v.sentence);
    promises.violations().iter().map(line).collect()
}

/// A cluster in which `a` was put thrice: at revisions 2, 3 and 4; and what a watcher would be told
/// of it.
fn put_thrice() -> (Cluster, Promises, Vec<WatchEvent>) {
    let cluster = cluster();
    let mut promises = Promises::of(&cluster);
    let mut run = |seconds| {
        let until = cluster.world().now() + Duration::from_secs(seconds);
        while cluster.step_until(until).is_some() {
            promises.follow(&cluster);
        }
    };
    run(5);
    for value in ["x", "y", "z"] {
        let command = Etcdctl::put("a", value);
        cluster.act(&Action::Etcdctl(command));
        run(1);
    }
    let first = cluster.member_ids()[0];
    let events = |store: &raftarium::store::Store| {
        let mut before: Option<KeyValue> = None;
        let told = store.changes(Revision(2), Revision(4)).map(|event| {
            let prev_kv = before.replace(event.kv.clone());
            WatchEvent { prev_kv, ..event }
        });
        told.collect::<Vec<_>>()
    };
    let events = cluster.with_store(first, events).unwrap();
    assert_eq!(events.len(), 3);
    assert_eq!(broken(&promises), "");
    (cluster, promises, events)
}

fn watched(script: impl Fn(&[WatchEvent]) -> Vec<Word>, expect: Expect) {
    let (cluster, mut promises, events) = put_thrice();
    script(&events).into_iter().for_each(|word| cluster.overheard().tell(|| word));
    promises.follow(&cluster);
    expect.assert_eq(&broken(&promises));
    cluster.end();
}

fn opens(start: i64) -> Word {
    let request = WatchCreateRequest {
        key: "a".into(),
        start_revision: Revision(start),
        prev_kv: true,
        ..WatchCreateRequest::default()
    };
    let client = raftarium::sim::Address(100);
    Word::Watches { watch: 99, client, at: m(1), request: Rc::new(request) }
}

fn told(events: &[&WatchEvent]) -> Word {
    let events: Vec<WatchEvent> = events.iter().map(|event| (*event).clone()).collect();
    let response = WatchResponse { revision: Revision(4), events, ..WatchResponse::default() };
    Word::Told { watch: 99, response: Rc::new(response) }
}

#[test]
fn watches() {
    watched(|e| vec![opens(2), told(&[&e[0], &e[1]]), told(&[&e[2]])], expect![""]);
    watched(
        |e| vec![opens(2), told(&[&e[1], &e[0]])],
        expect![[r#"
            watch: ordered: the watch on a is told of revision 3, then of 2
        "#]],
    );
    watched(
        |e| vec![opens(2), told(&[&e[0]]), told(&[&e[0]])],
        expect![[r#"
            watch: unique: the watch on a is told a second time of revision 2 (a)
        "#]],
    );
    watched(
        |e| vec![opens(2), told(&[&e[0]]), told(&[&e[2]])],
        expect![[r#"
            watch: reliable: the watch on a is not told of revision 3
        "#]],
    );
    watched(
        |e| vec![opens(2), told(&[&e[0]]), opens(4)],
        expect![[r#"
            watch: resumable: the watch on a is opened again behind revision 3, which it was not told of
        "#]],
    );
    watched(
        |e| vec![opens(3), told(&[&WatchEvent { prev_kv: Some(e[1].kv.clone()), ..e[1].clone() }])],
        expect![[r#"
            watch: previous value: the watch on a has a wrong value before revision 3 (a)
        "#]],
    );
    watched(
        |_| vec![opens(2), told(&[])],
        expect![[r#"
            watch: bookmarks: the watch on a is at revision 4 and was not told of 2
        "#]],
    );
    watched(
        |e| vec![opens(2), told(&[&WatchEvent { event_type: EventType::Delete, ..e[0].clone() }])],
        expect![[r#"
            watch: reliable: the watch on a is told of what did not happen at revision 2 (a)
        "#]],
    );
}

#[test]
fn what_comes_behind_a_note_and_what_was_not_wanted() {
    watched(
        |e| vec![opens(2), told(&[&e[0], &e[1], &e[2]]), told(&[]), told(&[&e[2]])],
        expect![[r#"
            watch: bookmarks: the watch on a had a note behind revision 4 (a)
        "#]],
    );
    let created = |event: &WatchEvent| {
        let kv = KeyValue { create_revision: Revision(3), ..event.kv.clone() };
        WatchEvent { kv, ..event.clone() }
    };
    watched(
        |e| vec![opens(3), told(&[&created(&e[1])])],
        expect![[r#"
        watch: reliable: the watch on a is told of what did not happen at revision 3 (a)
        watch: creation: the watch on a is wrong on what there was before 3 (a)
    "#]],
    );
    let deletions_only = || {
        let Word::Watches { watch, client, at, request } = opens(2) else { unreachable!() };
        let request = Rc::new(WatchCreateRequest { no_put: true, ..(*request).clone() });
        Word::Watches { watch, client, at, request }
    };
    watched(
        |e| vec![deletions_only(), told(&[]), told(&[&e[0]])],
        expect![[r#"
        watch: bookmarks: the watch on a had a note behind revision 2 (a)
        watch: filter: the watch on a did not want to be told of 2 (a)
    "#]],
    );
    watched(|_| vec![deletions_only(), told(&[])], expect![[""]]);
}

/// At the end of a run: who was not told of something.
#[test]
fn what_was_not_told() {
    let (cluster, mut promises, events) = put_thrice();
    [opens(2), told(&[&events[0]])].into_iter().for_each(|it| cluster.overheard().tell(|| it));
    promises.follow(&cluster);
    assert_eq!(promises.untold(), ["the watch on a was not told of revision 3"]);
    cluster.overheard().tell(|| told(&[&events[1], &events[2]]));
    promises.follow(&cluster);
    assert_eq!(promises.untold(), [""; 0]);
    cluster.end();
}

/// Two keys go in one revision; a watcher is told of one.
#[test]
fn a_part_of_a_revision() {
    let cluster = cluster();
    let mut promises = Promises::of(&cluster);
    let mut run = |command: Option<Etcdctl>| {
        if let Some(command) = command {
            cluster.act(&Action::Etcdctl(command));
        }
        let until = cluster.world().now() + Duration::from_secs(5);
        while cluster.step_until(until).is_some() {
            promises.follow(&cluster);
        }
    };
    let put = |key: &str| Etcdctl::put(key, "x");
    run(None);
    run(Some(put("a1")));
    run(Some(put("a2")));
    run(Some(Etcdctl::del("a").with("--prefix")));
    let changes = |store: &raftarium::store::Store| -> Vec<WatchEvent> {
        store.changes(Revision(4), Revision(4)).collect()
    };
    let events = cluster.with_store(m(1), changes).unwrap();
    assert_eq!(events.len(), 2);
    let request = WatchCreateRequest {
        key: "a".into(),
        range_end: "b".into(),
        start_revision: Revision(4),
        ..WatchCreateRequest::default()
    };
    let (client, request) = (raftarium::sim::Address(100), Rc::new(request));
    cluster.overheard().tell(|| Word::Watches { watch: 99, client, at: m(1), request });
    cluster.overheard().tell(|| told(&[&events[0]]));
    promises.follow(&cluster);
    expect![[r#"
        watch: atomic: the watch on a is told of a part of revision 4
    "#]]
    .assert_eq(&broken(&promises));
    cluster.end();
}
