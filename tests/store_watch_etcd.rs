//! Watch streams through the JSON door, character for character as a 3.4.23 server answered them.
//!
//! In `vectors/etcd/watch-3.4.23.txt` a line `! path body` is a KV request, `> …` all that is said
//! on a new stream, and the lines after it what came back (ids and the raft term left out; answers
//! to one stream's watchers in the order of our rounds, which in etcd is left to chance).
//!
//! Not in the file, since it differs on purpose: a negative start is refused at once here, as from
//! 3.6 on (tests/store_watch/main.rs, refused); 3.4.23 first says created, then canceled.

use raftarium::cluster::gateway::{Call, Header, WatchCall, decode, encode_watch, handle};
use raftarium::store::*;

struct Member {
    store: Store,
    hub: WatchHub,
}

impl Member {
    fn write(&mut self, line: &str) {
        let (path, body) = line.split_once(' ').unwrap();
        let serve = &mut |request: Request| self.store.apply(&request);
        let answer = handle(path, body, &Header::default(), serve);
        assert_eq!(answer.status, 200, "{line}: {}", answer.body);
    }

    fn watch(&mut self, said: &str) -> Vec<String> {
        let Ok(Call::Watch(calls)) = decode("/v3/watch", said) else { panic!("{said}") };
        let stream = self.hub.open();
        for call in calls {
            match call {
                WatchCall::Create(request) => self.hub.create(stream, &request, &self.store),
                WatchCall::Cancel { watch_id } => {
                    self.hub.cancel(stream, watch_id, &self.store);
                }
                WatchCall::Progress => {
                    self.hub.request_progress(stream, &self.store);
                }
            }
        }
        self.hub.sync(&self.store);
        let told = self.hub.take(stream);
        told.iter().map(|answer| encode_watch(&Header::default(), answer)).collect()
    }
}

#[test]
fn recorded_streams() {
    let mut member = Member { store: Store::new(), hub: WatchHub::new() };
    let recorded = include_str!("vectors/etcd/watch-3.4.23.txt");
    let mut lines = recorded.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(write) = line.strip_prefix("! ") {
            member.write(write);
            continue;
        }
        let said = line.strip_prefix("> ").expect("a request");
        let mut expected = Vec::new();
        while let Some(answer) = lines.next_if(|line| line.starts_with('{')) {
            expected.push(answer);
        }
        assert_eq!(member.watch(said), expected, "{said}");
    }
}
