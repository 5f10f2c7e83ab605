//! Clients that keep a cluster busy, for the benchmarks and the soak test.
//!
//! An open loop: writes begin at fixed intervals, whatever became of those before, as the sum of
//! many independent clients does. All keys are from a fixed set, and history is compacted now and
//! then, as an apiserver does, so that the work does not grow with the run.
//!
//! Architecture invariant: a client like any other; no way around the members.

use std::time::Duration;

use raftarium::cluster::{Client, Timing};
use raftarium::engine::{Config, Engine};
use raftarium::sim::{self, Address, Group};
use raftarium::store::{CompactionRequest, PutRequest, Request, Revision};

/// Keys that are written, in turn.
const KEYS: u64 = 500;

/// Bytes of every value.
const VALUE_BYTES: usize = 100;

/// Where the load comes from.
const LOAD: Address = Address(200);

/// History is compacted this often …
const COMPACT_EVERY: Duration = Duration::from_secs(10);

/// … but for so many revisions.
const REVISIONS_KEPT: i64 = 1_000;

/// A client of the load gives up after so long.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a world settles before it is measured: leader, apiserver, first snapshots.
const SETTLES: Duration = Duration::from_secs(10);

/// A world with a leader and its control plane, which has settled under so many writes per virtual
/// second.
pub fn world(members: u8, timing: Timing, writes_per_second: u64) -> Engine {
    let config = Config { members, timing, ..Config::default() };
    let mut engine = Engine::boot(config).expect("a cluster of this size boots");
    start(&engine, writes_per_second);
    engine.advance(SETTLES);
    engine.take_events();
    engine
}

/// Writes so often from now on, until the process is killed.
pub fn start(engine: &Engine, writes_per_second: u64) -> Group {
    let cluster = engine.cluster();
    let group = Group(LOAD.0);
    let Some(pause) = Duration::from_secs(1).as_nanos().checked_div(writes_per_second.into())
    else {
        return group;
    };
    let pause = Duration::from_nanos(pause as u64);
    cluster.network().attach(LOAD, group);
    let client = Client::new(cluster.clone(), LOAD, PATIENCE);
    cluster.world().spawn_in(group, keep_compacting(client.clone()));
    cluster.world().spawn_in(group, keep_writing(client, pause));
    group
}

async fn keep_writing(client: Client, pause: Duration) {
    for nth in 0_u64.. {
        sim::sleep(pause).await;
        let put = PutRequest {
            key: format!("/load/{:04}", nth % KEYS).as_str().into(),
            value: vec![b'x'; VALUE_BYTES].into(),
            ..PutRequest::default()
        };
        let (client, thread) = (client.clone(), client.cluster().fresh_thread());
        sim::spawn(async move { client.request(Request::Put(put), thread, None).await });
    }
}

async fn keep_compacting(client: Client) {
    loop {
        sim::sleep(COMPACT_EVERY).await;
        let cluster = client.cluster();
        let Some(leader) = cluster.leader() else { continue };
        let newest = cluster.with_store(leader, |store| store.revision().0).unwrap_or_default();
        let revision = Revision(newest - REVISIONS_KEPT);
        if revision > Revision(0) {
            let request = CompactionRequest { revision, physical: false };
            let thread = cluster.fresh_thread();
            let _ = client.request(Request::Compaction(request), thread, None).await;
        }
    }
}
