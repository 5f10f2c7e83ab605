//! What a member's process counts and measures about itself: what etcd shows under `/metrics`.
//!
//! * Everything begins at nothing with the process, as etcd's does.
//! * Something is counted where it happens, by whoever does it.
//! * A sync is measured from its beginning to its end; one that never ends is never counted.
//! * The round trip to a peer is measured on heartbeats and their answers.
//!
//! Caveats: etcd probes its peers by requests of their own, each member all others; here only a
//! leader knows round trips. How long a commit of the backend takes is modelled: two syncs of this
//! member's disk as it is then, drawn from chance of their own; they hold up nothing.
//!
//! Architecture invariant: observes; nothing is decided by what stands here.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::MemberId;
use crate::sim::{self, Disk, Instant, Rng, World};
use crate::sorted::SortedMap;
use crate::store::{Error, LeaseResponse, Operations, Response};

/// What is counted; the last three rise and fall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Counter {
    WalBytes,
    HeartbeatFailures,
    LeaderChanges,
    SlowApplies,
    SlowReadIndexes,
    FailedReadIndexes,
    FailedProposals,
    Promotions,
    LeasesGranted,
    LeasesRevoked,
    LeasesRenewed,
    LeasesExpired,
    EventsSent,
    Healthy,
    Unhealthy,
    PendingProposals,
    Defragments,
    InstallsSnapshot,
}

const COUNTERS: usize = Counter::InstallsSnapshot as usize + 1;

/// How often something took how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    /// The bound of the first bucket, in microseconds; each further one is twice as large.
    pub first_us: u64,
    /// How many took no longer than each bound and longer than the one before; at the end, longer
    /// than all.
    pub counts: Vec<u64>,
    /// All of them together.
    pub sum: Duration,
}

impl Histogram {
    /// With so many bounds.
    pub fn new(first_us: u64, bounds: usize) -> Histogram {
        Histogram { first_us, counts: vec![0; bounds + 1], sum: Duration::ZERO }
    }

    /// Something took so long.
    pub fn observe(&mut self, took: Duration) {
        let last = self.counts.len() - 1;
        let fits = |nth: &usize| took <= Duration::from_micros(self.bound_us(*nth));
        let bucket = (0..last).find(fits).unwrap_or(last);
        self.counts[bucket] += 1;
        self.sum += took;
    }

    /// A bound, in microseconds.
    pub fn bound_us(&self, nth: usize) -> u64 {
        self.first_us << nth
    }

    /// How many there were.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// The longest of each since somebody last asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Peaks {
    /// A sync of the log.
    pub fsync: Option<Duration>,
    /// A commit of the database.
    pub commit: Option<Duration>,
    /// From a heartbeat to its answer.
    pub round_trip: Option<Duration>,
}

/// One process's counts and measures.
pub struct Meter {
    counters: [Cell<u64>; COUNTERS],
    /// Operations on its store.
    operations: Cell<Operations>,
    /// Syncs of its log.
    pub fsync: RefCell<Histogram>,
    /// Syncs of its snapshots.
    pub snapshot_fsync: RefCell<Histogram>,
    /// Commits of its database, as modelled.
    pub commit: RefCell<Histogram>,
    /// Defragmentations.
    pub defrag: RefCell<Histogram>,
    /// Of a leader: heartbeats and their answers.
    pub round_trips: RefCell<SortedMap<MemberId, Histogram>>,
    /// Whom it takes for the leader.
    leader: Cell<Option<MemberId>>,
    peaks: Cell<Peaks>,
    /// The last sync of the disk that was counted.
    last_sync: Cell<u64>,
    /// When a leader sent to whom last, and in which term.
    sent: RefCell<SortedMap<MemberId, (u64, Instant)>>,
    /// How often a leader says it is alive.
    heartbeat: Duration,
    disk: Disk,
    chance: RefCell<Rng>,
}

impl Meter {
    /// Of a member's process that begins; to be called in it.
    pub fn new(id: MemberId, heartbeat: Duration, disk: Disk) -> Rc<Meter> {
        let milliseconds = || RefCell::new(Histogram::new(1_000, 14));
        let chance = World::current().stream("backend commit", id.0, 0);
        Rc::new(Meter {
            counters: Default::default(),
            operations: Cell::default(),
            fsync: milliseconds(),
            snapshot_fsync: milliseconds(),
            commit: milliseconds(),
            defrag: RefCell::new(Histogram::new(100_000, 13)),
            round_trips: RefCell::default(),
            leader: Cell::default(),
            peaks: Cell::default(),
            last_sync: Cell::new(disk.last_sync().0),
            sent: RefCell::default(),
            heartbeat,
            disk,
            chance: RefCell::new(chance),
        })
    }

    /// It happened once more.
    pub fn count(&self, what: Counter) {
        self.add(what, 1);
    }

    /// It happened so many times more.
    pub fn add(&self, what: Counter, times: u64) {
        let counter = &self.counters[what as usize];
        counter.set(counter.get() + times);
    }

    /// One less of what rises and falls.
    pub fn less(&self, what: Counter) {
        let counter = &self.counters[what as usize];
        counter.set(counter.get().saturating_sub(1));
    }

    /// How often it happened.
    pub fn of(&self, what: Counter) -> u64 {
        self.counters[what as usize].get()
    }

    /// Operations on its store, so far.
    pub fn operations(&self) -> Operations {
        self.operations.get()
    }

    /// More of them.
    pub fn operated(&self, more: Operations) {
        let mut all = self.operations.get();
        all.ranges += more.ranges;
        all.puts += more.puts;
        all.deletes += more.deletes;
        all.txns += more.txns;
        self.operations.set(all);
    }

    /// A request of the log was done.
    pub fn replied(&self, reply: &Result<Response, Error>) {
        match reply {
            Ok(Response::Lease(LeaseResponse::Granted { .. })) => {
                self.count(Counter::LeasesGranted);
            }
            Ok(Response::Lease(LeaseResponse::Revoked { .. })) => {
                self.count(Counter::LeasesRevoked);
            }
            _ => {}
        }
    }

    /// The log has become durable: the sync that did it counts once, however many waited for it.
    pub fn log_synced(&self) {
        let (number, took) = self.disk.last_sync();
        if self.last_sync.replace(number) != number {
            self.fsync.borrow_mut().observe(took);
            self.peak(took, |peaks| &mut peaks.fsync);
        }
    }

    /// A snapshot has become durable.
    pub fn snapshot_synced(&self) {
        self.snapshot_fsync.borrow_mut().observe(self.disk.last_sync().1);
    }

    /// The database was committed.
    pub fn committed(&self) {
        let options = self.disk.options();
        if !options.stalled {
            let chance = &mut *self.chance.borrow_mut();
            let took = options.latency.draw(chance) + options.latency.draw(chance);
            self.commit.borrow_mut().observe(took);
            self.peak(took, |peaks| &mut peaks.commit);
        }
    }

    /// It takes this member for the leader, or none.
    pub fn sees_leader(&self, leader: Option<MemberId>) {
        if self.leader.replace(leader) != leader && leader.is_some() {
            self.count(Counter::LeaderChanges);
        }
    }

    /// A leader sends to a peer. etcd calls it late when twice the time between heartbeats has
    /// passed since it last did.
    pub fn sends(&self, to: MemberId, term: u64) {
        let now = sim::now();
        if let Some((of, last)) = self.sent.borrow_mut().insert(to, (term, now))
            && of == term
            && now.since(last) > 2 * self.heartbeat
        {
            self.count(Counter::HeartbeatFailures);
        }
    }

    /// A heartbeat and its answer took so long.
    pub fn round_trip(&self, to: MemberId, took: Duration) {
        let mut peers = self.round_trips.borrow_mut();
        let peer = peers.or_insert_with(to, || Histogram::new(100, 16));
        peer.observe(took);
        self.peak(took, |peaks| &mut peaks.round_trip);
    }

    /// The longest of each since this was last called.
    pub fn take_peaks(&self) -> Peaks {
        self.peaks.take()
    }

    fn peak(&self, took: Duration, which: impl FnOnce(&mut Peaks) -> &mut Option<Duration>) {
        let mut peaks = self.peaks.get();
        let longest = which(&mut peaks);
        *longest = (*longest).max(Some(took));
        self.peaks.set(peaks);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_as_long_as_a_bound_is_within_it() {
        let mut histogram = Histogram::new(1_000, 3);
        for us in [0, 1_000, 1_001, 2_000, 4_000, 4_001] {
            histogram.observe(Duration::from_micros(us));
        }
        assert_eq!(histogram.counts, [2, 2, 1, 1]);
        assert_eq!(histogram.sum, Duration::from_micros(12_002));
    }
}
