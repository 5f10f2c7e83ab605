//! Time stops when a line of the language becomes so, going forward and looking back.
#![allow(missing_docs)]

use std::time::Duration;

use raftarium::cluster::{self, Etcdctl};
use raftarium::engine::{Action, Config, Ended, Engine, Position};
use raftarium::raft::ThreadId;
use raftarium::script::Command;

fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A world whose apiserver is up.
fn world(seed: u64) -> Engine {
    let mut engine = Engine::boot(Config { seed, ..Config::default() }).expect("boots");
    assert!(engine.run_until(s(10), |engine| engine.cluster().leader().is_some()));
    engine.advance(s(6));
    engine.take_events();
    engine
}

fn put(engine: &mut Engine, key: &str, value: String) -> ThreadId {
    let etcdctl = Etcdctl::put(key, &value);
    engine.act(&Action::Cluster(cluster::Action::Etcdctl(etcdctl))).expect("a thread")
}

#[test]
fn a_line_stops_time_when_it_becomes_so_and_not_while_it_is() {
    let mut engine = world(5);
    let Ok(Command::Break(Some(stop))) = "break so key a = 1 on 2".parse() else { panic!() };
    let end = Position::end_of(engine.now() + s(4));
    put(&mut engine, "a", "1".into());
    let stops = std::slice::from_ref(&stop);
    assert_eq!(engine.run(end, stops, u64::MAX), Ended::Stopped(stop.clone()));
    let at = engine.position();
    assert!(at.at < end.at);
    assert_eq!(engine.run(end, stops, u64::MAX), Ended::There, "it is so, and stays so");
    // Gone back to, it is the same place.
    let mut again = world(5);
    put(&mut again, "a", "1".into());
    again.find(stop, end);
    again.run(end, &[], u64::MAX);
    assert_eq!(again.found(), Some(at));
}
