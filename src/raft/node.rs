//! One member's Raft: its disk, its log, its state machine, put together and started.
//!
//! Settings are the textbook's: pre-vote on, a restarted leader does not resume by itself, a leader
//! that loses its quorum steps aside. A new cluster is born as etcd's is: every member's log begins
//! with the entry that names the members, and the first of them to lose patience campaigns.
//!
//! Architecture invariant: knows one member at a time.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use openraft::{Config, SnapshotPolicy};

use super::log::LogStore;
use super::machine::{AppliedEntry, Machine};
use super::meter::Meter;
use super::transport::Factory;
use super::types::{Metrics, Raft};
use super::wal::{self, Payload, Place, Record, WAL};
use super::wires::Wires;
use super::witness::{Birth, Fact, Spot};
use super::{Database, LogIndex, MemberId};
use crate::sim::Disk;

/// How a member's Raft is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How often a leader says it is alive.
    pub heartbeat: Duration,
    /// A follower's patience is drawn from here…
    pub election_min: Duration,
    /// …to here.
    pub election_max: Duration,
    /// A snapshot is taken after so many entries.
    pub snapshot_every: u64,
    /// Entries kept behind a snapshot, for followers that are a little late.
    pub keep: u64,
}

impl Settings {
    /// How often openraft looks at its clocks (`Config::tick_interval`).
    pub fn tick(&self) -> Duration {
        Duration::from_millis(self.heartbeat.as_millis() as u64 * 13 / 64)
    }

    /// openraft's configuration.
    fn config(&self) -> Config {
        let ms = |span: Duration| span.as_millis() as u64;
        Config {
            cluster_name: "raftarium".into(),
            heartbeat_interval: ms(self.heartbeat),
            election_timeout_min: ms(self.election_min),
            election_timeout_max: ms(self.election_max),
            enable_pre_vote: Some(true),
            enable_leader_restore: Some(false),
            quorum_loss_probe_interval: Some(2 * ms(self.election_max)),
            snapshot_policy: SnapshotPolicy::LogsSinceLast(self.snapshot_every),
            max_in_snapshot_log_to_keep: self.keep,
            replication_lag_threshold: self.keep.max(self.snapshot_every),
            ..Config::default()
        }
    }
}

/// A member's Raft that runs.
#[derive(Clone)]
pub struct Node {
    /// openraft's handle.
    pub raft: Raft,
    /// What it publishes of itself.
    pub metrics: Metrics,
    /// Its log.
    pub log: LogStore,
    /// Its store and its watchers.
    pub machine: Machine,
    /// What it counts and measures.
    pub meter: Rc<Meter>,
}

/// Writes the first entry of a new cluster to a disk that has none: who the members are.
pub fn format(disk: &Disk, members: &BTreeSet<MemberId>) {
    let mut bytes = Vec::new();
    let payload = Payload::Membership(vec![members.clone()], members.clone());
    wal::write(&Record::Append(Place(0, 0), payload), &mut bytes);
    disk.install(WAL, bytes);
}

/// Starts a member from its disk. To be run in the member's own group.
///
/// # Errors
/// etcd's words for a log that is damaged; what openraft says of a log it cannot start from.
pub async fn start(
    id: MemberId,
    settings: Settings,
    (disk, database): (Disk, Database),
    wires: Wires,
    on_apply: Rc<dyn Fn(&AppliedEntry)>,
) -> Result<Node, String> {
    let on_fatal: Rc<dyn Fn(String)> = {
        let on_fatal = wires.on_fatal.clone();
        Rc::new(move |why| on_fatal(id, why))
    };
    let log = LogStore::open(disk.clone());
    log.recover(on_fatal.clone()).await?;
    let machine = Machine::open(disk.clone(), database, on_apply);
    let meter = Meter::new(id, settings.heartbeat, disk.clone());
    log.set_witness(id, wires.witness.clone(), (wires.rules.clone(), meter.clone()));
    wires.logs.borrow_mut().insert(id, log.clone());
    machine.0.borrow_mut().rules = wires.rules.clone();
    machine.0.borrow_mut().witness = Some((id, wires.witness.clone()));
    wires.witness.tell(|| {
        let snapshot = machine.0.borrow().last.as_ref().map(Spot::from);
        Fact::Started(id, Rc::new(Birth { snapshot, ..log.birth() }))
    });
    machine.0.borrow_mut().on_fatal = on_fatal;
    machine.0.borrow_mut().measured_by(&meter);
    let config = Arc::new(settings.config().validate().map_err(|error| error.to_string())?);
    let factory = Factory { from: id, wires, meter: meter.clone() };
    let raft = Raft::new(id, config, factory, log.clone(), machine.clone())
        .await
        .map_err(|error| error.to_string())?;
    Ok(Node { metrics: raft.metrics(), raft, log, machine, meter })
}

impl Node {
    /// The end of its last snapshot.
    pub fn snapshot_index(&self) -> Option<LogIndex> {
        self.machine.0.borrow().snapshot.map(|id| LogIndex(id.index))
    }

    /// The last entry in its store.
    pub fn applied_index(&self) -> Option<LogIndex> {
        self.machine.0.borrow().last.map(|id| LogIndex(id.index))
    }
}
