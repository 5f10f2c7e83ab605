//! The JSON gateway of live members: text in, text out.
#![allow(missing_docs)]

use std::time::Duration;

use raftarium::cluster::{self, Action, Cluster, Outcome, Post, Setup, Timing};
use raftarium::engine::{Config, Engine, Request, Update, door};
use raftarium::raft::MemberId;
use raftarium::script::Command;

const SECOND: Duration = Duration::from_secs(1);

fn boot(members: u8) -> Cluster {
    let timing = Timing::Classroom;
    let cluster = Cluster::boot(Setup { seed: 7, members, timing, loop_waits_for_fsync: true });
    wait(&cluster, 8 * SECOND);
    assert!(cluster.leader().is_some());
    cluster
}

fn wait(cluster: &Cluster, span: Duration) {
    assert!(cluster.advance_to(cluster.world().now() + span, u64::MAX));
}

fn post_to(member: u64, path: &str, body: &str) -> Post {
    Post::new(MemberId(member), path, body)
}

fn ask(cluster: &Cluster, member: u64, path: &str, body: &str) -> (u16, String) {
    let answer = cluster.post(post_to(member, path, body), 40 * SECOND).expect("an answer");
    (answer.status, answer.body)
}

/// Every member serves, each under its own id, and what one took the others tell.
#[test]
fn any_member_answers_in_etcds_words() {
    let cluster = boot(3);
    let term = cluster.glance(MemberId(1)).unwrap().1;
    let id = cluster.id();
    let header = |member: u64, revision: u64| {
        let ids = format!(r#""cluster_id":"{id}","member_id":"{member}""#);
        format!(r#""header":{{{ids},"revision":"{revision}","raft_term":"{term}"}}"#)
    };
    let put = ask(&cluster, 1, "/v3/kv/put", r#"{"key":"Zm9v","value":"YmFy"}"#);
    assert_eq!(put, (200, format!("{{{}}}", header(1, 2))));
    for member in 1..=3 {
        let kv = r#"{"key":"Zm9v","create_revision":"2","mod_revision":"2","version":"1","#;
        let kv = format!(r#"{kv}"value":"YmFy"}}"#);
        let range = ask(&cluster, member, "/v3/kv/range", r#"{"key":"Zm9v"}"#);
        let body = format!(r#"{{{},"kvs":[{kv}],"count":"1"}}"#, header(member, 2));
        assert_eq!(range, (200, body));
    }
    let said = r#""etcdserver: key is not provided""#;
    let refused = format!(r#"{{"error":{said},"message":{said},"code":3}}"#);
    assert_eq!(ask(&cluster, 2, "/v3/kv/put", "{}"), (400, refused));
    assert_eq!(ask(&cluster, 2, "/v3/kv/nope", "{}"), (404, "Not Found\n".into()));
    cluster.end();
}

/// The answer is in the history; a dead member's curl says what curl says, and tries no other.
#[test]
fn the_history_tells_what_curl_printed() {
    let cluster = boot(3);
    ask(&cluster, 1, "/v3/kv/range", r#"{"key":"AA=="}"#);
    ask(&cluster, 1, "/v3/kv/range", r#"{"key":""}"#);
    cluster.act(&Action::Kill(MemberId(2)));
    assert_eq!(cluster.post(post_to(2, "/v3/kv/put", "{}"), 40 * SECOND), None);
    let history = cluster.requests().history();
    let [fine, refused, gone] = history.as_slice() else { panic!("{history:?}") };
    assert_eq!((fine.http_status, fine.text.as_str()), (200, "POST /v3/kv/range"));
    assert!(fine.printed.starts_with(r#"{"header":{"cluster_id""#), "{}", fine.printed);
    assert!(matches!(&fine.outcome, Outcome::Done { text, .. } if *text == fine.printed));
    assert_eq!(refused.http_status, 400);
    let says = |error: &str| Outcome::Failed { error: error.into(), unknown: false };
    assert_eq!(refused.outcome, says("etcdserver: key is not provided"));
    let nobody = "curl: (7) Failed to connect to etcd-2 port 2379: Connection refused";
    assert_eq!((gone.http_status, gone.attempts), (0, 1));
    assert_eq!(gone.outcome, says(nobody));
    cluster.end();
}

/// A curl whose member dies with its write cannot know whether it happened, and does not ask again.
#[test]
fn a_broken_connection_is_not_tried_again() {
    let cluster = boot(3);
    let put = post_to(1, "/v3/kv/put", r#"{"key":"Zm9v","value":"YmFy"}"#);
    cluster.act(&Action::Post(put));
    while cluster.requests().history().is_empty()
        || cluster.take_events().0.iter().all(|it| !it.event.to_string().contains("appends"))
    {
        cluster.step().expect("it is appended");
    }
    cluster.act(&Action::Kill(MemberId(1)));
    wait(&cluster, 10 * SECOND);
    let request = cluster.requests().history()[0].clone();
    let error = "curl: (52) Empty reply from server".into();
    assert_eq!(request.outcome, Outcome::Failed { error, unknown: true });
    assert_eq!(request.attempts, 1);
    cluster.end();
}

/// A stream of two watchers, line by line, until Ctrl-C; then the member has no watcher left.
#[test]
fn a_watch_goes_on_until_it_is_interrupted() {
    let cluster = boot(3);
    let put = |value: &str| {
        let body = format!(r#"{{"key":"Zm9v","value":"{value}"}}"#);
        assert_eq!(ask(&cluster, 1, "/v3/kv/put", &body).0, 200);
    };
    put("MQ==");
    let body = r#"{"create_request":{"key":"Zm9v","start_revision":"2"}}
        {"create_request":{"key":"Zm9v","filters":["NOPUT"]}}"#;
    let thread = cluster.act(&Action::Post(post_to(3, "/v3/watch", body))).expect("a thread");
    wait(&cluster, SECOND);
    put("Mg==");
    wait(&cluster, SECOND);
    let open = cluster.requests().history().into_iter().find(|it| it.thread == thread).unwrap();
    assert_eq!((&open.outcome, open.http_status), (&Outcome::Open, 200));
    let told: Vec<&str> = open.printed.lines().collect();
    let after_header = |line: &str| line.split_once("}").unwrap().1.to_string();
    let kv = |at: u8, version: u8, value: &str| {
        let kv = format!(r#""create_revision":"2","mod_revision":"{at}","version":"{version}""#);
        format!(r#","events":[{{"kv":{{"key":"Zm9v",{kv},"value":"{value}"}}}}]}}}}"#)
    };
    let told: Vec<String> = told.into_iter().map(after_header).collect();
    let created = [r#","created":true}}"#.into(), r#","watch_id":"1","created":true}}"#.into()];
    assert_eq!(told, [&created[..], &[kv(2, 1, "MQ=="), kv(3, 2, "Mg==")]].concat());
    assert_eq!(cluster.with_store(MemberId(3), |_| ()), Some(()));
    cluster.act(&Action::Interrupt(thread));
    wait(&cluster, SECOND);
    assert!(!cluster.requests().is_open(thread));
    put("Mw==");
    let answer = cluster.requests().answer(thread).expect("it is kept");
    assert_eq!(answer.body.lines().count(), 4);
    cluster.end();
}

/// The number a member shows for a metric.
fn metric(cluster: &Cluster, member: u64, name: &str) -> f64 {
    let get = Post::get(MemberId(member), "/metrics");
    let answer = cluster.post(get, 40 * SECOND).expect("an answer");
    assert_eq!(answer.status, 200);
    let line = answer.body.lines().find_map(|line| line.strip_prefix(&format!("etcd_{name} ")));
    line.unwrap_or_else(|| panic!("no {name}")).parse().expect("a number")
}

/// A slow disk shows in its member's own metrics, and so do heartbeats that are late for it; a
/// process that begins again begins at nothing.
#[test]
fn metrics_tell_of_a_slow_disk() {
    let cluster = boot(3);
    let leader = cluster.leader().expect("a leader").0;
    let follower = leader % 3 + 1;
    let fsyncs = "disk_wal_fsync_duration_seconds";
    assert!(metric(&cluster, leader, &format!("{fsyncs}_count")) > 0.0);
    assert_eq!(metric(&cluster, leader, "server_heartbeat_send_failures_total"), 0.0);
    let peers = format!("network_peer_round_trip_time_seconds_count{{To=\"{follower:x}\"}}");
    assert!(metric(&cluster, leader, &peers) > 10.0);
    let within = format!("{fsyncs}_bucket{{le=\"0.512\"}}");
    let slow = Duration::from_millis(900);
    cluster.act(&Action::Disk(MemberId(leader), cluster::DiskFault::Slow(slow)));
    let before = metric(&cluster, leader, &within);
    for value in ["MQ==", "Mg=="] {
        let put = format!(r#"{{"key":"Zm9v","value":"{value}"}}"#);
        ask(&cluster, leader, "/v3/kv/put", &put);
        wait(&cluster, 3 * SECOND);
    }
    assert_eq!(metric(&cluster, leader, &within), before);
    assert!(metric(&cluster, leader, &format!("{fsyncs}_sum")) > 1.8);
    assert!(metric(&cluster, leader, "server_heartbeat_send_failures_total") >= 1.0);
    assert_eq!(metric(&cluster, follower, "server_heartbeat_send_failures_total"), 0.0);
    assert_eq!(metric(&cluster, follower, "mvcc_put_total"), 2.0);
    cluster.act(&Action::Kill(MemberId(follower)));
    wait(&cluster, SECOND);
    cluster.act(&Action::Restart(MemberId(follower)));
    wait(&cluster, 5 * SECOND);
    // What is applied again was in the database before.
    assert_eq!(metric(&cluster, follower, "mvcc_put_total"), 0.0);
    assert_eq!(metric(&cluster, follower, "debugging_mvcc_keys_total"), 1.0);
    cluster.end();
}

/// A member without a leader is not healthy, and says why.
#[test]
fn health_says_what_is_wrong() {
    let cluster = boot(3);
    let health = |path: &str| {
        let get = Post::get(MemberId(1), path);
        cluster.post(get, 40 * SECOND).map(|it| (it.status, it.body)).expect("an answer")
    };
    assert_eq!(health("/health"), (200, r#"{"health":"true","reason":""}"#.into()));
    cluster.act(&Action::Kill(MemberId(2)));
    cluster.act(&Action::Kill(MemberId(3)));
    wait(&cluster, 10 * SECOND);
    let (status, body) = health("/health");
    assert_eq!((status, body.contains(r#""health":"false""#)), (503, true), "{body}");
    assert_eq!(health("/health?serializable=true").0, 200);
    cluster.end();
}

/// A page that embeds the engine posts through its door; a replay does the action alone.
#[test]
fn the_engines_door() {
    let mut held = None;
    let config = Config { members: 3, ..Config::default() };
    let serve = |held: &mut Option<Engine>, request| -> Update { door::answer(held, request) };
    serve(&mut held, Request::Boot(config.clone()));
    serve(&mut held, Request::Advance { nanos: 8_000_000_000, stops: vec![] });
    let post = post_to(2, "/v3/kv/range", r#"{"key":"Zm9v"}"#);
    let before = held.as_ref().unwrap().position();
    let update = serve(&mut held, Request::Post(post.clone()));
    let answer = update.answer.expect("an answer");
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains(r#""member_id":"2""#), "{}", answer.body);
    let after = held.as_ref().unwrap().position();
    assert_eq!(after.acts, before.acts + 1);
    let hash = held.as_ref().unwrap().trace_hash();
    let mut again = Engine::boot(config).unwrap();
    again.run(before, &[], u64::MAX);
    again.act(&raftarium::engine::Action::Cluster(cluster::Action::Post(post)));
    again.run(after, &[], u64::MAX);
    assert_eq!(again.trace_hash(), hash);
}

#[test]
fn a_line_as_a_shell_takes_it() {
    let read = |line: &str| line.parse::<Command>().map(|command| command.to_string());
    let plain = r#"curl -d '{"key":"Zm9v"}' http://etcd-1:2379/v3/kv/range"#;
    assert_eq!(read(plain).unwrap(), plain);
    assert_eq!(read(r#"curl -s -X POST 1/v3/kv/range -d '{"key":"Zm9v"}'"#).unwrap(), plain);
    let got = "curl http://etcd-1:2379/metrics | grep fsync";
    assert_eq!(read("curl -s etcd-1:2379/metrics | grep fsync").unwrap(), got);
    assert_eq!(
        read("curl -X POST 1/v3/kv/put").unwrap(),
        "curl -d '' http://etcd-1:2379/v3/kv/put"
    );
    let wrong = |line: &str| read(line).unwrap_err().to_string();
    assert!(wrong("curl -d {} http://example.com/v3").contains("a member's gateway"));
    assert!(wrong("curl 1/metrics | less").contains("expected grep"));
    assert!(wrong("curl -k http://etcd-1:2379/v3/kv/range").contains("option -k: is unknown"));
}
