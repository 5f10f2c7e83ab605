//! A client's watches on one stream: created, told, cancelled, and taken along to another member.
#![allow(missing_docs)]

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use raftarium::cluster::{Action, Client, Cluster, Setup, Timing, Watch, WatchStream};
use raftarium::raft::MemberId;
use raftarium::sim::{Address, Group};
use raftarium::store::{
    CompactionRequest, DeleteRangeRequest, EventType, PutRequest, Request, Revision,
    WatchCreateRequest, WatchResponse,
};

/// Its turn begins with the first member.
const WATCHER: Address = Address(99);
const WRITER: Address = Address(97);
const M1: MemberId = MemberId(1);

/// What each watch was told, in words.
type Heard = Rc<RefCell<Vec<String>>>;

struct At {
    cluster: Cluster,
    stream: Rc<RefCell<Option<WatchStream>>>,
}

fn said(response: &WatchResponse) -> String {
    let event = |event: &raftarium::store::WatchEvent| {
        let sign = if event.event_type == EventType::Put { '+' } else { '-' };
        let before = event.prev_kv.as_ref().map(|kv| format!("<{}", kv.value.text()));
        let value = Some(event.kv.value.text()).filter(|value| value.len() < 9);
        let (key, revision) = (event.kv.key.text(), event.kv.mod_revision);
        format!("{sign}{key}{}@{revision}{}", value.unwrap_or_default(), before.unwrap_or_default())
    };
    match () {
        () if response.created => "created".into(),
        () if response.canceled => format!("canceled, compacted {}", response.compact_revision),
        () if response.events.is_empty() => format!("progress {}", response.revision),
        () => response.events.iter().map(event).collect::<Vec<_>>().join(" "),
    }
}

impl At {
    fn boot() -> At {
        let timing = Timing::Etcd;
        let setup = Setup { seed: 3, members: 3, timing, loop_waits_for_fsync: true };
        let cluster = Cluster::boot(setup);
        let at = At { cluster, stream: Rc::default() };
        for client in [WATCHER, WRITER] {
            at.cluster.network().attach(client, Group(client.0));
        }
        at.run(9_000);
        at.cluster.leader().expect("a leader");
        let (cluster, stream) = (at.cluster.clone(), at.stream.clone());
        at.cluster.world().spawn_in(Group(WATCHER.0), async move {
            let client = Client::new(cluster, WATCHER, Duration::from_secs(5));
            stream.replace(Some(client.watch_stream()));
        });
        at.run(1);
        at
    }

    fn run(&self, ms: u64) {
        let until = self.cluster.world().now() + Duration::from_millis(ms);
        assert!(self.cluster.advance_to(until, u64::MAX));
    }

    /// A watch on the stream, and what it is told; it is cancelled when `until` is told.
    fn watch_until(&self, request: WatchCreateRequest, until: &'static str) -> Heard {
        let heard = Heard::default();
        let mut watch: Watch = self.stream.borrow().as_ref().unwrap().watch(request);
        let words = heard.clone();
        self.cluster.world().spawn_in(Group(WATCHER.0), async move {
            while let Some(response) = watch.next().await {
                let word = said(&response);
                words.borrow_mut().push(word.clone());
                if word == until {
                    return;
                }
            }
            words.borrow_mut().push("end".into());
        });
        self.run(300);
        heard
    }

    fn watch(&self, request: WatchCreateRequest) -> Heard {
        self.watch_until(request, "never")
    }

    fn ask(&self, request: Request) {
        let cluster = self.cluster.clone();
        self.cluster.world().spawn_in(Group(WRITER.0), async move {
            let client = Client::new(cluster.clone(), WRITER, Duration::from_secs(20));
            client.request(request, cluster.fresh_thread(), None).await.unwrap();
        });
        self.run(500);
    }

    fn put(&self, key: &str, value: &str) {
        let (key, value) = (key.into(), value.into());
        self.ask(Request::Put(PutRequest { key, value, ..Default::default() }));
    }

    fn delete(&self, key: &str) {
        self.ask(Request::DeleteRange(DeleteRangeRequest {
            key: key.into(),
            ..Default::default()
        }));
    }

    fn compact(&self, revision: i64) {
        let request = CompactionRequest { revision: Revision(revision), physical: false };
        self.ask(Request::Compaction(request));
    }

    fn watchers(&self, member: MemberId) -> Vec<(u64, i64)> {
        let ids = |hub: &raftarium::store::WatchHub| {
            hub.watchers().map(|it| (it.id.stream.0, it.id.watch)).collect()
        };
        self.cluster.with_watchers(member, ids).unwrap()
    }
}

fn on(key: &str) -> WatchCreateRequest {
    WatchCreateRequest { key: key.into(), ..Default::default() }
}

fn from(key: &str, start: i64) -> WatchCreateRequest {
    WatchCreateRequest { start_revision: Revision(start), ..on(key) }
}

#[test]
fn several_watchers_on_one_stream_move_to_another_member_together() {
    let at = At::boot();
    at.put("a", "1");
    let all = [
        at.watch(from("a", 2)),
        at.watch(WatchCreateRequest { prev_kv: true, no_delete: true, ..on("a") }),
        at.watch(WatchCreateRequest { no_put: true, ..on("a") }),
        at.watch(on("b")),
    ];
    assert_eq!(at.watchers(M1), [(1, 0), (1, 1), (1, 2), (1, 3)]);
    at.put("a", "2");
    at.cluster.act(&Action::Kill(M1));
    at.run(6_000);
    at.put("a", "3");
    at.delete("a");
    at.put("b", "4");
    at.run(4_000);
    let told = |heard: &Heard| heard.borrow().join(", ");
    assert_eq!(told(&all[0]), "created, +a1@2, +a2@3, created, +a3@4, -a@5");
    assert_eq!(told(&all[1]), "created, +a2@3<1, created, +a3@4<2");
    assert_eq!(told(&all[2]), "created, created, -a@5");
    assert_eq!(told(&all[3]), "created, created, +b4@6");
    at.cluster.end();
}

#[test]
fn who_does_not_listen_any_more_is_cancelled() {
    let at = At::boot();
    let (one, two) = (at.watch_until(on("a"), "+a1@2"), at.watch(on("a")));
    at.put("a", "1");
    at.put("a", "2");
    assert_eq!(one.borrow().join(", "), "created, +a1@2");
    assert_eq!(two.borrow().join(", "), "created, +a1@2, +a2@3");
    assert_eq!(at.watchers(M1), [(1, 1)]);
    // Its id is not given to another.
    at.watch(on("c"));
    assert_eq!(at.watchers(M1), [(1, 1), (1, 2)]);
    at.cluster.end();
}

#[test]
fn a_stream_without_watches_and_owner_is_closed() {
    let at = At::boot();
    let one = at.watch_until(on("a"), "+a1@2");
    at.stream.replace(None);
    at.run(100);
    assert_eq!(at.watchers(M1).len(), 1);
    at.put("a", "1");
    at.put("a", "2");
    assert_eq!(one.borrow().join(", "), "created, +a1@2");
    assert_eq!(at.watchers(M1), []);
    at.cluster.end();
}

#[test]
fn progress_is_told_on_request_and_now_and_then() {
    let at = At::boot();
    at.cluster.set_watch_progress_every(Duration::from_secs(5));
    at.put("a", "1");
    let quiet = at.watch(WatchCreateRequest { progress_notify: true, ..on("b") });
    let plain = at.watch(on("c"));
    at.stream.borrow().as_ref().unwrap().request_progress();
    at.run(300);
    assert_eq!(plain.borrow().join(", "), "created, progress 2");
    at.put("a", "2");
    at.run(6_000);
    assert_eq!(quiet.borrow().join(", "), "created, progress 2, progress 3");
    assert_eq!(plain.borrow().join(", "), "created, progress 2");
    // A watcher that waits for the future has nothing to say, and so has its stream.
    at.watch(from("d", 99));
    at.stream.borrow().as_ref().unwrap().request_progress();
    at.run(300);
    assert_eq!(plain.borrow().join(", "), "created, progress 2");
    at.cluster.end();
}

/// A watcher whose past is gone is cancelled; one that heard of progress goes on.
#[test]
fn what_was_compacted_meanwhile_ends_those_it_concerns() {
    let at = At::boot();
    at.put("a", "1");
    let late = at.watch(from("a", 2));
    let quiet = at.watch(on("b"));
    for value in ["2", "3", "4"] {
        at.put("a", value);
    }
    at.stream.borrow().as_ref().unwrap().request_progress();
    at.run(300);
    at.put("c", "5");
    at.put("c", "6");
    at.compact(6);
    at.cluster.act(&Action::Kill(M1));
    at.run(4_000);
    at.put("b", "7");
    let heard = late.borrow().join(", ");
    assert_eq!(heard, "created, +a1@2, +a2@3, +a3@4, +a4@5, progress 5, created");
    assert_eq!(quiet.borrow().join(", "), "created, progress 5, created, +b7@8");
    let gone = at.watch(from("a", 3));
    assert_eq!(gone.borrow().join(", "), "created, canceled, compacted 6, end");
    at.put("b", "8");
    assert_eq!(quiet.borrow().join(", "), "created, progress 5, created, +b7@8, +b8@9");
    at.cluster.end();
}

#[test]
fn large_answers_travel_in_fragments() {
    let at = At::boot();
    let large = "x".repeat(1_000_000);
    for key in ["a1", "a2", "a3"] {
        at.put(key, &large);
    }
    let all = |fragment| WatchCreateRequest { range_end: "b".into(), fragment, ..from("a", 2) };
    let whole = at.watch(all(false));
    let pieces = at.watch(all(true));
    at.run(1_000);
    for heard in [&whole, &pieces] {
        assert_eq!(heard.borrow().join(", "), "created, +a1@2 +a2@3 +a3@4");
    }
    at.cluster.end();
}

/// A member that was away for long gets a snapshot; its watchers hear what it never applied.
#[test]
fn watchers_catch_up_after_a_snapshot_was_installed() {
    let at = At::boot();
    let heard = at.watch(on("a"));
    at.cluster.act(&Action::Partition(vec![vec![M1], vec![MemberId(2), MemberId(3)]]));
    at.run(6_000);
    for n in 0..raftarium::cluster::SNAPSHOT_EVERY + 200 {
        let (key, value) = (format!("k{n}"), "v");
        let (key, value) = (if n % 100 == 0 { "a".into() } else { key }, value);
        let (cluster, request) = (
            at.cluster.clone(),
            PutRequest { key: key.as_str().into(), value: value.into(), ..Default::default() },
        );
        at.cluster.world().spawn_in(Group(WRITER.0), async move {
            let client = Client::new(cluster.clone(), WRITER, Duration::from_secs(20));
            let thread = cluster.fresh_thread();
            let _ = client.request(Request::Put(request), thread, Some(MemberId(2))).await;
        });
        at.run(20);
    }
    at.cluster.act(&Action::Heal);
    at.run(5_000);
    let installed = at.cluster.take_events().0.iter().any(|noted| {
        matches!(noted.event, raftarium::cluster::Event::SnapshotInstalled { member: M1, .. })
    });
    assert!(installed, "no snapshot came");
    let told = heard.borrow().join(" ").matches("+av@").count() as u64;
    assert_eq!(told, (raftarium::cluster::SNAPSHOT_EVERY + 200).div_ceil(100), "{heard:?}");
    at.cluster.end();
}
