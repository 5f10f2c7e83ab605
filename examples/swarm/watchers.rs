//! Watchers of a life's own, each a line of its script: `# watch 2 k l from=3 prev noput progress`.
//!
//! They listen from the beginning to the end, whatever becomes of the members: several on a stream,
//! of a key or an interval, from now on or from a revision, filtered or with what was before,
//! with notes of progress, and in fragments.
//!
//! * A line is a comment of the language: what the clients do besides can be played without it.
//! * Who is cancelled, since what it wants is compacted, watches again from then on, as an informer
//!   that has made a new list would.
//! * Now and then a watcher is given up and another goes on behind what that one was told last.

use std::time::Duration;

use raftarium::cluster::{Client, Cluster, Watch, WatchStream};
use raftarium::sim::{self, Address, Group, Rng};
use raftarium::store::{Blob, Revision, WatchCreateRequest};

/// The addresses of clients that watch begin here.
const WATCHERS: u32 = 200;

/// Streams at most.
pub const STREAMS: u64 = 3;

/// How often members tell who wants it how far they are.
const PROGRESS_EVERY: Duration = Duration::from_millis(700);

/// Answers of so many bytes are cut: two or three events.
const FRAGMENT_BYTES: usize = 150;

/// After so many answers some give up and watch anew.
const PATIENCE: u64 = 20;

/// A watcher as a line.
pub fn line(rng: &mut Rng) -> String {
    let stream = rng.below(STREAMS);
    let interval = ["k l", "k l", "k0 -", "k1 -", "k2 k4", "m n", "a z"][rng.below(7) as usize];
    let mut line = format!("# watch {stream} {interval}");
    match rng.below(3) {
        0 => line += &format!(" from={}", 1 + rng.below(6)),
        _ => line += " from=0",
    }
    for (word, often) in [("prev", 2), ("progress", 2), ("fragment", 2), ("again", 3)] {
        if rng.below(often) == 0 {
            line += " ";
            line += word;
        }
    }
    line + ["", "", " noput", " nodelete"][rng.below(4) as usize]
}

struct Wanted {
    stream: u64,
    request: WatchCreateRequest,
    again: bool,
}

fn wanted(line: &str) -> Option<Wanted> {
    let mut words = line.strip_prefix("# watch ")?.split(' ');
    let stream = words.next()?.parse().ok()?;
    let (key, end) = (words.next()?, words.next()?);
    let has = |word: &str| line.split(' ').any(|it| it == word);
    let from = line.split_once("from=")?.1.split(' ').next()?.parse().ok()?;
    let request = WatchCreateRequest {
        key: key.into(),
        range_end: if end == "-" { Blob::default() } else { end.into() },
        start_revision: Revision(from),
        prev_kv: has("prev"),
        no_put: has("noput"),
        no_delete: has("nodelete"),
        progress_notify: has("progress"),
        fragment: has("fragment"),
        watch_id: 0,
    };
    Some(Wanted { stream, request, again: has("again") })
}

/// All watchers of a script begin.
pub fn begin(cluster: &Cluster, script: &str) {
    cluster.set_watch_progress_every(PROGRESS_EVERY);
    cluster.set_watch_fragment_bytes(FRAGMENT_BYTES);
    for stream in 0..STREAMS {
        let of_stream = |wanted: &Wanted| wanted.stream == stream;
        let all: Vec<Wanted> = script.lines().filter_map(wanted).filter(of_stream).collect();
        if all.is_empty() {
            continue;
        }
        let address = Address(WATCHERS + stream as u32);
        cluster.network().attach(address, Group(address.0));
        let at = cluster.clone();
        cluster.world().spawn_in(Group(address.0), async move {
            let client = Client::new(at, address, Duration::from_secs(5));
            let stream = std::rc::Rc::new(client.watch_stream());
            for one in all {
                sim::spawn(listen(stream.clone(), one));
            }
            loop {
                sim::sleep(3 * PROGRESS_EVERY).await;
                stream.request_progress();
            }
        });
    }
}

async fn listen(stream: std::rc::Rc<WatchStream>, wanted: Wanted) {
    let mut request = wanted.request;
    loop {
        let mut watch: Watch = stream.watch(request.clone());
        let mut told = 0;
        while let Some(answer) = watch.next().await {
            if answer.canceled {
                request.start_revision = Revision(0);
            } else if let Some(last) = answer.events.last() {
                request.start_revision = Revision(last.kv.mod_revision.0 + 1);
            }
            told += 1;
            if wanted.again && told == PATIENCE && request.start_revision > Revision(0) {
                break;
            }
        }
        drop(watch);
        sim::sleep(PROGRESS_EVERY).await;
    }
}
