//! Watches, told as texts: one line per answer.

mod lines;

use expect_test::{Expect, expect};
use lines::line;
use raftarium::store::*;

/// A store and its watchers, as a member holds them.
struct Member {
    store: Store,
    hub: WatchHub,
    stream: StreamId,
}

impl Member {
    fn new() -> Self {
        let mut hub = WatchHub::new();
        let stream = hub.open();
        Member { store: Store::new(), hub, stream }
    }

    fn apply(&mut self, request: Request) {
        self.store.apply(&request).unwrap();
        let changes = self.store.take_changes();
        self.hub.notify(&self.store, &changes);
    }

    fn put(&mut self, key: &str, value: &str) {
        self.apply(Request::Put(put(key, value)));
    }

    fn delete(&mut self, key: &str) {
        self.apply(Request::DeleteRange(DeleteRangeRequest {
            key: key.into(),
            ..Default::default()
        }));
    }

    fn compact(&mut self, revision: i64) {
        let revision = Revision(revision);
        self.apply(Request::Compaction(CompactionRequest { revision, physical: true }));
    }

    fn watch(&mut self, request: WatchCreateRequest) {
        self.hub.create(self.stream, &request, &self.store);
    }

    fn sync(&mut self) -> usize {
        self.hub.sync(&self.store)
    }

    fn check(&mut self, expected: Expect) {
        let told = self.hub.take(self.stream);
        expected.assert_eq(&told.iter().map(line).collect::<String>());
    }

    fn counts(&self) -> (usize, usize, usize) {
        let counts = self.hub.counts();
        (counts.synced, counts.unsynced, counts.victims)
    }
}

fn put(key: &str, value: &str) -> PutRequest {
    PutRequest { key: key.into(), value: value.into(), ..Default::default() }
}

fn on(key: &str) -> WatchCreateRequest {
    WatchCreateRequest { key: key.into(), ..Default::default() }
}

fn from(key: &str, start: i64) -> WatchCreateRequest {
    WatchCreateRequest { start_revision: Revision(start), ..on(key) }
}

fn everything(start: i64) -> WatchCreateRequest {
    let zero = || Blob::from("\0");
    WatchCreateRequest { key: zero(), range_end: zero(), ..from("", start) }
}

#[test]
fn from_now_on() {
    let mut m = Member::new();
    m.put("a", "1");
    m.watch(on("a"));
    m.put("a", "2");
    m.put("b", "x");
    m.delete("a");
    m.check(expect![[r#"
        #0 @2 created
        #0 @3 [3 a=2]
        #0 @5 [5 a deleted]
    "#]]);
}

#[test]
fn from_the_past_and_the_future() {
    let mut m = Member::new();
    m.put("a", "1");
    m.put("a", "2");
    m.watch(from("a", 2));
    m.watch(from("a", 3));
    m.watch(from("a", 5));
    m.put("a", "3");
    m.sync();
    m.put("a", "4");
    m.check(expect![[r#"
        #0 @3 created
        #1 @3 created
        #2 @3 created
        #0 @4 [2 a=1] [3 a=2] [4 a=3]
        #1 @4 [3 a=2] [4 a=3]
        #0 @5 [5 a=4]
        #1 @5 [5 a=4]
        #2 @5 [5 a=4]
    "#]]);
}

#[test]
fn one_revision_is_one_answer() {
    let mut m = Member::new();
    m.watch(everything(0));
    let ops = [put("a", "1"), put("b", "2")].map(RequestOp::Put);
    m.apply(Request::Txn(TxnRequest { success: ops.into(), ..Default::default() }));
    m.apply(Request::DeleteRange(DeleteRangeRequest {
        key: "\0".into(),
        range_end: "\0".into(),
        prev_kv: false,
    }));
    m.check(expect![[r#"
        #0 @1 created
        #0 @2 [2 a=1] [2 b=2]
        #0 @3 [3 a deleted] [3 b deleted]
    "#]]);
}

#[test]
fn what_was_before() {
    let mut m = Member::new();
    m.watch(WatchCreateRequest { prev_kv: true, ..on("a") });
    m.put("a", "1");
    m.put("a", "2");
    m.delete("a");
    m.put("a", "3");
    m.put("a", "4");
    m.check(expect![[r#"
        #0 @1 created
        #0 @2 [2 a=1]
        #0 @3 [3 a=2 was 1]
        #0 @4 [4 a deleted was 2]
        #0 @5 [5 a=3]
        #0 @6 [6 a=4 was 3]
    "#]]);
    m.compact(4);
    m.watch(WatchCreateRequest { prev_kv: true, ..from("a", 4) });
    m.sync();
    m.check(expect![[r#"
        #1 @6 created
        #1 @6 [4 a deleted] [5 a=3] [6 a=4 was 3]
    "#]]);
}

#[test]
fn filters() {
    let mut m = Member::new();
    m.watch(WatchCreateRequest { no_put: true, ..on("a") });
    m.watch(WatchCreateRequest { no_delete: true, ..on("a") });
    m.put("a", "1");
    m.delete("a");
    m.check(expect![[r#"
        #0 @1 created
        #1 @1 created
        #1 @2 [2 a=1]
        #0 @3 [3 a deleted]
    "#]]);
}

/// The texts a client is refused with.
#[test]
fn refused() {
    let mut m = Member::new();
    m.watch(WatchCreateRequest { range_end: "a".into(), ..on("b") });
    m.watch(WatchCreateRequest { range_end: "a".into(), ..on("a") });
    m.watch(from("a", -1));
    m.watch(WatchCreateRequest { watch_id: 7, ..on("a") });
    m.watch(WatchCreateRequest { watch_id: 7, ..on("a") });
    m.watch(on(""));
    m.check(expect![[r#"
        #-1 @1 created canceled (mvcc: watcher range is empty)
        #-1 @1 created canceled (mvcc: watcher range is empty)
        #-1 @1 created canceled (etcdserver: mvcc: required revision has been compacted)
        #7 @1 created
        #-1 @1 created canceled (mvcc: duplicate watch ID provided on the WatchStream)
        #0 @1 created
    "#]]);
}

#[test]
fn ids_are_counted_per_stream() {
    let mut m = Member::new();
    m.watch(WatchCreateRequest { watch_id: 1, ..on("a") });
    m.watch(on("a"));
    m.watch(on("a"));
    let other = m.hub.open();
    m.hub.create(other, &on("a"), &m.store);
    m.check(expect![[r#"
        #1 @1 created
        #0 @1 created
        #2 @1 created
    "#]]);
    assert_eq!(m.hub.take(other)[0].watch_id, 0);
    m.hub.close(other);
    assert_eq!(m.counts(), (3, 0, 0));
}

#[test]
fn cancel() {
    let mut m = Member::new();
    m.watch(on("a"));
    m.put("a", "1");
    assert!(m.hub.cancel(m.stream, 0, &m.store));
    assert!(!m.hub.cancel(m.stream, 0, &m.store));
    m.put("a", "2");
    m.check(expect![[r#"
        #0 @1 created
        #0 @2 canceled
    "#]]);
}

/// The compacted revision itself can be watched from, its tombstone included (etcd issue 19179);
/// below it a watch is cancelled.
#[test]
fn compacted_past() {
    let mut m = Member::new();
    m.put("a", "1");
    m.put("a", "2");
    m.delete("a");
    m.compact(4);
    m.watch(from("a", 3));
    m.watch(from("a", 4));
    m.sync();
    m.check(expect![[r#"
        #0 @4 created
        #1 @4 created
        #0 @0 canceled compacted 4
        #1 @4 [4 a deleted]
    "#]]);
    assert_eq!(m.counts(), (1, 0, 0));
}

/// A watcher far behind is told at most 1000 revisions at a time, and no revision is split.
#[test]
fn batches() {
    let mut m = Member::new();
    for n in 0..999 {
        m.put("a", &n.to_string());
    }
    let ops = [put("a", "x"), put("b", "y")].map(RequestOp::Put);
    m.apply(Request::Txn(TxnRequest { success: ops.into(), ..Default::default() }));
    m.put("a", "last");
    m.watch(everything(2));
    assert_eq!(m.sync(), 1);
    m.hub.take_one(m.stream);
    let batch = m.hub.take_one(m.stream).unwrap();
    assert_eq!(batch.events.len(), BATCH_REVISIONS_MAX + 1);
    assert_eq!(batch.revision, Revision(1002));
    assert_eq!(m.sync(), 0);
    m.check(expect![[r#"
        #0 @1002 [1002 a=last]
    "#]]);
}

/// A stream nobody empties holds 128 answers; then its watcher waits, and loses nothing.
#[test]
fn victims() {
    let mut m = Member::new();
    m.watch(on("a"));
    for n in 0..STREAM_BUFFER_MAX + 3 {
        m.put("a", &n.to_string());
    }
    assert_eq!(m.counts(), (0, 0, 1));
    assert_eq!(m.hub.retry(&m.store), 0);
    let told = m.hub.take(m.stream);
    assert_eq!(told.len(), 1 + STREAM_BUFFER_MAX);
    assert_eq!(m.hub.retry(&m.store), 1);
    assert_eq!(m.counts(), (0, 1, 0));
    assert_eq!(m.sync(), 0);
    m.check(expect![[r#"
        #0 @130 [130 a=128]
        #0 @132 [131 a=129] [132 a=130]
    "#]]);
}

/// One that is far behind and whose stream is full besides goes on where its batch was cut.
#[test]
fn victim_with_more_to_come() {
    let mut m = Member::new();
    for n in 0..BATCH_REVISIONS_MAX + 1 {
        m.put("a", &n.to_string());
    }
    m.watch(on("b"));
    for _ in 0..STREAM_BUFFER_MAX {
        m.put("b", "full");
    }
    m.hub.create(m.stream, &from("a", 2), &m.store);
    m.sync();
    assert_eq!(m.counts(), (1, 0, 1));
    m.hub.take(m.stream);
    assert_eq!(m.hub.retry(&m.store), 1);
    assert_eq!(m.counts(), (1, 1, 0));
    assert_eq!(m.hub.take(m.stream)[0].events.len(), BATCH_REVISIONS_MAX);
    m.sync();
    m.check(expect![[r#"
        #1 @1130 [1002 a=1000]
    "#]]);
}

#[test]
fn many_unsynced_have_their_turns() {
    let mut m = Member::new();
    m.put("a", "1");
    for _ in 0..2 * WATCHERS_PER_SYNC_MAX + 1 {
        let stream = m.hub.open();
        m.hub.create(stream, &from("a", 2), &m.store);
    }
    assert_eq!(m.sync(), WATCHERS_PER_SYNC_MAX + 1);
    assert_eq!(m.sync(), 1);
    assert_eq!(m.sync(), 0);
}

#[test]
fn progress() {
    let mut m = Member::new();
    m.put("a", "1");
    m.watch(WatchCreateRequest { progress_notify: true, ..on("a") });
    m.watch(on("b"));
    m.put("a", "2");
    m.hub.progress_round(m.stream, &m.store);
    m.hub.progress_round(m.stream, &m.store);
    assert!(m.hub.request_progress(m.stream, &m.store));
    m.check(expect![[r#"
        #0 @2 created
        #1 @2 created
        #0 @3 [3 a=2]
        #0 @3
        #-1 @3
    "#]]);
    m.watch(from("a", 2));
    assert!(!m.hub.request_progress(m.stream, &m.store), "one has not seen the past yet");
    m.sync();
    m.watch(from("a", 100));
    assert!(!m.hub.request_progress(m.stream, &m.store), "one has not begun");
}

/// After a snapshot is installed the watchers find out what they missed.
#[test]
fn restore() {
    let mut m = Member::new();
    m.watch(on("a"));
    m.watch(from("a", 50));
    m.put("a", "1");
    m.check(expect![[r#"
        #0 @1 created
        #1 @1 created
        #0 @2 [2 a=1]
    "#]]);
    let mut ahead = Store::from_bytes(&m.store.to_bytes()).unwrap();
    ahead.put(&put("a", "2")).unwrap();
    ahead.put(&put("a", "3")).unwrap();
    m.store = Store::from_bytes(&ahead.to_bytes()).unwrap();
    m.hub.restore();
    assert_eq!(m.counts(), (0, 2, 0));
    m.sync();
    m.put("a", "4");
    m.check(expect![[r#"
        #0 @4 [3 a=2] [4 a=3]
        #0 @5 [5 a=4]
    "#]]);
}
