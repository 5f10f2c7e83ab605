//! What every member's metrics were, once every virtual second: what the page's charts are drawn
//! from.
//!
//! * A sample is taken with the first micro-step after a second has passed, however one steps; of a
//!   member that does not run, too.
//! * The newest [`SAMPLES_MAX`] of each member are kept, with the world: going back in time brings
//!   back those of then.
//!
//! Architecture invariant: observes; what is sampled changes nothing of what happens.

use std::collections::VecDeque;
use std::time::Duration;

use openraft::async_runtime::watch::WatchReceiver;
use serde::{Deserialize, Serialize};

use super::member::Member;
use super::{Cluster, Status};
use crate::raft::{Counter, MemberId};
use crate::sim::Instant;

/// Virtual time between two samples.
pub const SAMPLE_EVERY: Duration = Duration::from_secs(1);

/// Samples kept of each member.
pub const SAMPLES_MAX: usize = 120;

/// A member's metrics at an instant. Spans are in microseconds, the longest since the sample
/// before; none: there was none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// When.
    pub at: Instant,
    /// Whether its process ran. If not, everything else is at nothing.
    pub runs: bool,
    /// A sync of its log.
    pub fsync_us: Option<u64>,
    /// A commit of its database, as modelled.
    pub commit_us: Option<u64>,
    /// Of a leader: from a heartbeat to its answer, over all peers.
    pub round_trip_us: Option<u64>,
    /// The last entry known to be committed.
    pub committed: u64,
    /// The last entry applied.
    pub applied: u64,
    /// Bytes of its database file.
    pub db_bytes: u64,
    /// Bytes of it that hold something.
    pub in_use_bytes: u64,
    /// Watchers it serves.
    pub watchers: u32,
    /// Those of them who are behind.
    pub slow_watchers: u32,
    /// Leaders it has seen since its process began.
    pub leader_changes: u64,
    /// Heartbeats it was late with since then.
    pub late_heartbeats: u64,
}

/// The newest samples of one member, oldest first.
pub(super) type Samples = VecDeque<Sample>;

impl Cluster {
    /// The newest samples of a member, oldest first.
    pub fn samples(&self, member: MemberId) -> Vec<Sample> {
        self.member(member)
            .map_or_else(Vec::new, |it| it.samples.borrow().iter().copied().collect())
    }

    /// Takes samples if a second has passed.
    pub(super) fn sample_when_due(&self) {
        let now = self.world().now();
        if now < self.0.sample_due.get() {
            return;
        }
        let every = SAMPLE_EVERY.as_nanos() as u64;
        self.0.sample_due.set(Instant((now.0 / every + 1) * every));
        for member in self.members() {
            let sample = sample(&member, now);
            let mut samples = member.samples.borrow_mut();
            if samples.len() == SAMPLES_MAX {
                samples.pop_front();
            }
            samples.push_back(sample);
        }
    }
}

fn sample(member: &Member, at: Instant) -> Sample {
    let server = member.server.borrow();
    let running = server.as_ref().filter(|_| member.status.get() != Status::Crashed);
    let Some(server) = running else { return Sample { at, ..Sample::default() } };
    let meter = &server.node.meter;
    let us = |took: Option<Duration>| took.map(|took| took.as_micros() as u64);
    let peaks = meter.take_peaks();
    let committed = server.node.metrics.borrow_watched().local_committed;
    let applied = server.node.machine.0.borrow();
    let watchers = applied.hub.counts();
    let slow = watchers.unsynced + watchers.victims;
    Sample {
        at,
        runs: true,
        fsync_us: us(peaks.fsync),
        commit_us: us(peaks.commit),
        round_trip_us: us(peaks.round_trip),
        committed: committed.as_ref().map_or(0, |id| id.index),
        applied: applied.last.as_ref().map_or(0, |id| id.index),
        db_bytes: applied.database.size_bytes(),
        in_use_bytes: applied.database.in_use_bytes(),
        watchers: (watchers.synced + slow) as u32,
        slow_watchers: slow as u32,
        leader_changes: meter.of(Counter::LeaderChanges),
        late_heartbeats: meter.of(Counter::HeartbeatFailures),
    }
}
