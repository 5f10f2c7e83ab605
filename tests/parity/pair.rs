//! The two that are compared: a real etcd, and a cluster of ours that lives. What is said to one is
//! said to the other, and what they answer must be the same.

use std::collections::BTreeMap;
use std::time::Duration;

use raftarium::cluster::{Action, Cluster, Post, STREAM_KEPT_MAX, Setup, Timing};
use raftarium::raft::{MemberId, ThreadId};
use raftarium::store::Revision;
use serde_json::{Value, json};

use super::differences::{Differences, Said};
use super::etcd::Etcd;
use super::http::{Connection, Stream};

const PATIENCE: Duration = Duration::from_secs(40);

/// Longer than a member takes to catch up with a watcher that is behind.
const CAUGHT_UP: Duration = Duration::from_millis(400);

/// What etcd adds to the largest request for the largest answer (v3rpc/watch.go).
const GRPC_OVERHEAD_BYTES: usize = 512 * 1024;

/// `~`, which nothing else is done with.
const MARK: &str = "fg==";

/// Both of them.
pub struct Pair {
    etcd: Etcd,
    connection: Connection,
    ours: Cluster,
    /// Who of ours is asked next.
    turn: u64,
    pub differences: Differences,
    /// Requests compared.
    pub compared: u64,
    /// Answers of watches compared.
    pub told: u64,
    /// The last things said, for who looks into a difference.
    said: Vec<String>,
}

/// A watch stream that is open at both.
pub struct Watched {
    body: String,
    theirs: Stream,
    ours: ThreadId,
    taken: usize,
}

impl Pair {
    /// A new etcd, and a new cluster of so many members.
    pub fn start(name: &str, members: u8, seed: u64) -> Pair {
        Pair::start_with(name, members, seed, &[])
    }

    /// The same, with an etcd that takes requests of so many bytes; ours cuts answers accordingly.
    pub fn with_requests_up_to(name: &str, bytes: usize) -> Pair {
        let pair = Pair::start_with(name, 1, 1, &[format!("--max-request-bytes={bytes}")]);
        pair.ours.set_watch_fragment_bytes(bytes + GRPC_OVERHEAD_BYTES);
        pair
    }

    fn start_with(name: &str, members: u8, seed: u64, flags: &[String]) -> Pair {
        let etcd = Etcd::start(name, flags);
        let connection = Connection::open(&etcd.address).expect("a connection");
        let timing = Timing::Etcd;
        let ours = Cluster::boot(Setup { seed, members, timing, loop_waits_for_fsync: true });
        let pair = Pair {
            etcd,
            connection,
            ours,
            turn: 0,
            differences: Differences::default(),
            compared: 0,
            told: 0,
            said: Vec::new(),
        };
        pair.wait(Duration::from_secs(5));
        assert!(pair.ours.leader().is_some(), "ours has no leader");
        pair
    }

    /// Time passes in our world.
    fn wait(&self, span: Duration) {
        assert!(self.ours.advance_to(self.ours.world().now() + span, u64::MAX));
        self.ours.take_events();
    }

    fn next_member(&mut self) -> MemberId {
        self.turn += 1;
        let members = self.ours.member_ids();
        members[(self.turn % members.len() as u64) as usize]
    }

    /// Asks both. Returns what etcd answered.
    ///
    /// # Panics
    /// When the answers differ, other than in what is named.
    pub fn ask(&mut self, path: &str, body: &str) -> Value {
        let endpoint = self.next_member();
        if path.starts_with("/v3/lease") && self.ours.member_ids().len() > 1 {
            // What is told of leases has the revision of whoever was asked.
            self.wait(CAUGHT_UP);
        }
        let post = Post::new(endpoint, path, body);
        let mine = self.ours.post(post, PATIENCE).expect("ours answers");
        self.ours.take_events();
        let theirs = self.connection.post(path, body);
        let (status, theirs) = theirs.unwrap_or_else(|why| {
            let log = self.etcd.log();
            let end = log.len().saturating_sub(3_000);
            panic!("etcd does not answer {path} {body}: {why}\n{}", &log[end..])
        });
        self.compared += 1;
        let short: String = body.chars().take(2_000).collect();
        self.said.push(format!("{path} {short}"));
        let value = serde_json::from_str(&theirs).unwrap_or(Value::Null);
        let said = Said { path, body, theirs: (status, &theirs), ours: (mine.status, &mine.body) };
        if let Err(how) = self.differences.compare(&said) {
            panic!("{how}\n\nafter\n{}", self.newest_said());
        }
        value
    }

    /// Gets a page from both: what etcd says, and what ours says.
    pub fn got(&mut self, path: &str) -> (String, String) {
        let mine = self.ours.post(Post::get(MemberId(1), path), PATIENCE).expect("ours answers");
        self.ours.take_events();
        (super::http::get(&self.etcd.address, path).expect("etcd answers"), mine.body)
    }

    /// Posts to a page of both, with the status of the answer.
    pub fn posted(&mut self, path: &str, body: &str) -> ((u16, String), (u16, String)) {
        let post = Post::new(MemberId(1), path, body);
        let mine = self.ours.post(post, PATIENCE).expect("ours answers");
        let theirs = self.connection.post(path, body).expect("etcd answers");
        (theirs, (mine.status, mine.body))
    }

    fn newest_said(&self) -> String {
        self.said[self.said.len().saturating_sub(12)..].join("\n")
    }

    /// The hash of the whole history must be the same, on every member.
    pub fn compare_hashes(&mut self) {
        self.wait(Duration::from_secs(1));
        let (hash, compacted) = self.etcd.hash_kv();
        for member in self.ours.member_ids() {
            let ours = self.ours.with_store(member, |store| store.hash_kv(Revision(0)).unwrap());
            let ours = ours.expect("it runs");
            // etcd says 0 where nothing was compacted, ours -1.
            let up_to = Revision(ours.compact_revision.0.max(0));
            let (theirs, after) = ((hash, Revision(compacted.0.max(0))), self.newest_said());
            assert_eq!((ours.hash, up_to), theirs, "HashKV of {member}, after\n{after}");
        }
        self.compared += 1;
    }

    /// The revision of ours, and up to where it is compacted.
    pub fn revisions(&self) -> (i64, i64) {
        let at = self.ours.leader().expect("a leader");
        self.ours.with_store(at, |it| (it.revision().0, it.compact_revision().0)).expect("it runs")
    }

    /// Opens a watch stream at both, and compares what it tells of the past.
    ///
    /// The last watcher is one that has something of the past to be told: when it was, etcd has
    /// caught up with all before it, and tells what happens from then on at once.
    pub fn watch(&mut self, watchers: &[Value]) -> Watched {
        let put = self.ask("/v3/kv/put", &json!({"key": MARK}).to_string());
        let last = json!({"create_request": {"key": MARK,
            "start_revision": put["header"]["revision"]}});
        let body: String = watchers.iter().chain([&last]).map(Value::to_string).collect();
        let endpoint = self.next_member();
        // A member that is behind answers with its own revision.
        self.wait(CAUGHT_UP);
        let post = Post::new(endpoint, "/v3/watch", &body);
        let ours = self.ours.act(&Action::Post(post)).expect("a thread");
        let theirs = Stream::open(&self.etcd.address, "/v3/watch", &body).expect("a stream");
        let mut stream = Watched { body, theirs, ours, taken: 0 };
        self.compare_told(&mut stream);
        stream
    }

    /// Compares the first lines a stream of one watcher tells.
    pub fn compare_stream(&mut self, body: &str, lines: usize) {
        let endpoint = self.next_member();
        let post = Post::new(endpoint, "/v3/watch", body);
        let ours = self.ours.act(&Action::Post(post)).expect("a thread");
        self.wait(CAUGHT_UP);
        let answer = self.ours.requests().answer(ours).map_or(String::new(), |it| it.body);
        self.ours.act(&Action::Interrupt(ours));
        self.wait(Duration::from_millis(50));
        let mine: Vec<String> = answer.lines().map(super::differences::without_ids).collect();
        let mut stream = Stream::open(&self.etcd.address, "/v3/watch", body).expect("a stream");
        let theirs: Vec<String> = (0..lines).map_while(|_| stream.line().ok()).collect();
        let theirs: Vec<String> =
            theirs.iter().map(|line| super::differences::without_ids(line)).collect();
        assert_eq!(mine, theirs, "told to {body}");
        self.compared += 1;
    }

    /// Compares the rest of what a stream tells, and closes it: what was told beyond that comes
    /// before what is put last.
    pub fn close(&mut self, mut stream: Watched) {
        self.ask("/v3/kv/put", &json!({"key": MARK}).to_string());
        self.compare_told(&mut stream);
        self.ours.act(&Action::Interrupt(stream.ours));
        self.wait(Duration::from_millis(50));
    }

    /// Compares what a stream has told since this was last called. Between the watchers of a stream
    /// etcd has no order.
    pub fn compare_told(&mut self, stream: &mut Watched) {
        self.wait(CAUGHT_UP);
        // What is told of the past is told at once; the rest as it happens, compacted later or not.
        let first = stream.taken == 0;
        let all = self.ours.requests().answer(stream.ours).expect("it told that it was created");
        assert!(all.body.len() < STREAM_KEPT_MAX / 2, "too much for one stream");
        let mine: Vec<String> = all.body.lines().skip(stream.taken).map(str::to_string).collect();
        stream.taken += mine.len();
        let mine = match first {
            true => self.differences.told_by_ours(mine, self.revisions().1),
            false => mine,
        };
        let theirs: Vec<String> = mine.iter().map_while(|_| stream.theirs.line().ok()).collect();
        self.told += theirs.len() as u64;
        let (mine, theirs) = (by_watcher(&mine), by_watcher(&theirs));
        for watcher in mine.keys().chain(theirs.keys()) {
            let (ours, theirs) = (mine.get(watcher), theirs.get(watcher));
            let (body, after) = (&stream.body, self.newest_said());
            let lines = |told: Option<&Vec<String>>| told.cloned().unwrap_or_default().join("\n");
            let (ours, theirs) = (lines(ours), lines(theirs));
            if ours == theirs {
                continue;
            }
            panic!(
                "etcd told\n{theirs}\nours\n{ours}\nto watcher {watcher} of {body}, after\n{after}"
            );
        }
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.ours.end();
        }
    }
}

fn by_watcher(lines: &[String]) -> BTreeMap<i64, Vec<String>> {
    let mut watchers: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for line in lines {
        let value: Value = serde_json::from_str(line).expect("JSON");
        let watcher = value["result"]["watch_id"].as_str().unwrap_or("0").parse().expect("an id");
        watchers.entry(watcher).or_default().push(super::differences::without_ids(line));
    }
    watchers
}
