//! The leader's timetable of leases: when each expires, by the leader's own clock.
//!
//! * Only the leader measures: it is *promoted* when it applies the first entry of its term, and
//!   gives every lease all of its time again (or what a checkpoint says it had left) and an
//!   election timeout on top. On all others no lease ever expires.
//! * Promoted with very many leases it spreads them, so that not all expire at once.
//! * What has expired is asked for once, and again after [`RETRY`] if it is still there.
//!
//! Architecture invariant: a timetable; it proposes nothing and knows no member.

// Models etcd server/lease/lessor.go.

use std::time::Duration;

use crate::sim::Instant;
use crate::sorted::{SortedMap, sort_by};
use crate::store::{Lease, LeaseId, Leases};

/// Leases asked for in one round.
pub(super) const DUE_MAX: usize = 500;

/// A lease whose revocation did not come about is asked for again after so long.
pub(super) const RETRY: Duration = Duration::from_secs(3);

/// With so many leases a new leader spreads them (etcd `leaseRevokeRate`).
const SPREAD_FROM: usize = 1000;

/// To so many a second.
const SPREAD_PER_SECOND: u64 = 750;

/// What has more than this left is written down, every so long, if checkpoints are on.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(300);

/// One lease's place in the timetable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    expires: Instant,
    /// Not asked for before.
    retry: Instant,
    checkpoint: Instant,
}

/// The timetable; empty on whoever is not primary.
#[derive(Debug, Default)]
pub(super) struct Timetable {
    primary: bool,
    entries: SortedMap<LeaseId, Entry>,
}

fn seconds(count: i64) -> Duration {
    Duration::from_secs(u64::try_from(count).unwrap_or_default())
}

/// All of a lease's time, or what a checkpoint left of it.
fn left(lease: &Lease) -> Duration {
    match lease.remaining_ttl {
        0 => seconds(lease.ttl),
        remaining => seconds(remaining),
    }
}

impl Entry {
    fn new(now: Instant, left: Duration) -> Entry {
        let checkpoint = match left > CHECKPOINT_EVERY {
            true => now + CHECKPOINT_EVERY,
            false => Instant::NEVER,
        };
        Entry { expires: now + left, retry: now, checkpoint }
    }
}

impl Timetable {
    /// Whether leases expire here.
    pub fn is_primary(&self) -> bool {
        self.primary
    }

    /// This member leads, and has applied all that leaders before it have acknowledged.
    pub fn promote(&mut self, leases: &Leases, now: Instant, extend: Duration) {
        let entry = |(id, lease): (&LeaseId, &Lease)| (*id, Entry::new(now, left(lease) + extend));
        self.primary = true;
        self.entries = leases.iter().map(entry).collect();
        if self.entries.len() >= SPREAD_FROM {
            self.spread(now, extend);
        }
    }

    /// In the order of expiry: beyond so many within a second the next ones come later.
    fn spread(&mut self, now: Instant, extend: Duration) {
        let second = Duration::from_secs(1).as_nanos() as u64;
        let mut order: Vec<(LeaseId, u64)> = self
            .entries
            .iter()
            .map(|(id, it)| (*id, it.expires.since(now).as_nanos() as u64))
            .collect();
        sort_by(&mut order, |one, other| (one.1, one.0).cmp(&(other.1, other.0)));
        let mut base = order.first().map_or(0, |first| first.1);
        let (mut window, mut count) = (base + second, 0);
        for (id, remaining) in order {
            if remaining > window {
                (base, window, count) = (remaining, remaining + second, 1);
                continue;
            }
            count += 1;
            if count <= SPREAD_PER_SECOND {
                continue;
            }
            let ahead = remaining - base;
            let delay = (second * count / SPREAD_PER_SECOND).saturating_sub(ahead);
            window = base + delay;
            if let Some(entry) = self.entries.get_mut(&id) {
                let later = Duration::from_nanos(remaining + delay);
                *entry = Entry::new(now, later.max(extend));
            }
        }
    }

    /// This member leads no more.
    pub fn demote(&mut self) {
        self.primary = false;
        self.entries.clear();
    }

    /// Takes in what was granted and strikes out what is gone.
    pub fn sync(&mut self, leases: &Leases, now: Instant) {
        self.entries.retain(|id, _| leases.contains_key(id));
        for (id, lease) in leases.iter() {
            self.entries.or_insert_with(*id, || Entry::new(now, left(lease)));
        }
    }

    /// How many it holds.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// A lease's time starts again.
    pub fn renew(&mut self, id: LeaseId, ttl: i64, now: Instant) {
        if let Some(entry) = self.entries.get_mut(&id) {
            *entry = Entry::new(now, seconds(ttl));
        }
    }

    /// When a lease expires; none: never, as far as this member knows.
    pub fn expires(&self, id: LeaseId) -> Option<Instant> {
        self.entries.get(&id).map(|entry| entry.expires)
    }

    /// Leases that have expired and are to be asked for now, at most [`DUE_MAX`].
    pub fn due(&mut self, now: Instant) -> Vec<LeaseId> {
        let mut due = Vec::new();
        for (id, entry) in self.entries.iter_mut() {
            if due.len() < DUE_MAX && entry.expires <= now && entry.retry <= now {
                entry.retry = now + RETRY;
                due.push(*id);
            }
        }
        due
    }

    /// Leases to be written down now, each with the seconds it has left.
    pub fn checkpoints(&mut self, now: Instant) -> Vec<(LeaseId, i64)> {
        let mut written = Vec::new();
        for (id, entry) in self.entries.iter_mut() {
            if entry.checkpoint <= now && entry.expires > now {
                let left = entry.expires.since(now);
                entry.checkpoint = Entry::new(now, left).checkpoint;
                written.push((*id, left.as_secs() as i64));
            }
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: fn(u64) -> Instant = |seconds| Instant::from_millis(seconds * 1000);

    fn leases(ttls: &[(LeaseId, i64)]) -> Leases {
        ttls.iter().map(|(id, ttl)| (*id, Lease { ttl: *ttl, ..Lease::default() })).collect()
    }

    #[test]
    fn a_new_leader_gives_all_the_time_again_and_a_little_more() {
        let mut table = Timetable::default();
        let mut held = leases(&[(1, 10), (2, 60)]);
        held.get_mut(&2).expect("there").remaining_ttl = 7;
        table.promote(&held, S(100), Duration::from_secs(1));
        assert_eq!((table.expires(1), table.expires(2)), (Some(S(111)), Some(S(108))));
        table.demote();
        assert_eq!((table.is_primary(), table.expires(1)), (false, None));
    }

    #[test]
    fn what_has_expired_is_asked_for_and_asked_for_again() {
        let mut table = Timetable::default();
        table.promote(&leases(&[(1, 10), (2, 20)]), S(0), Duration::ZERO);
        assert!(table.due(S(9)).is_empty());
        assert_eq!(table.due(S(10)), [1]);
        assert!(table.due(S(12)).is_empty());
        assert_eq!(table.due(S(13)), [1]);
        table.sync(&leases(&[(2, 20), (3, 5)]), S(14));
        assert_eq!(table.due(S(19)), [3]);
        table.renew(2, 20, S(19));
        assert!(table.due(S(21)).is_empty());
    }

    #[test]
    fn very_many_are_spread() {
        let ttls: Vec<_> = (1..=3000).map(|id| (id, 10)).collect();
        let mut table = Timetable::default();
        table.promote(&leases(&ttls), S(0), Duration::ZERO);
        let late =
            |seconds| ttls.iter().filter(|it| table.expires(it.0) > Some(S(seconds))).count();
        assert!((1..=1600).contains(&late(12)), "{}", late(12));
        assert!(late(20) == 0, "{}", late(20));
        let first = ttls.iter().filter(|it| table.expires(it.0) == Some(S(10))).count();
        assert_eq!(first, SPREAD_PER_SECOND as usize);
    }

    #[test]
    fn long_ones_are_written_down() {
        let mut table = Timetable::default();
        table.promote(&leases(&[(1, 700), (2, 300)]), S(0), Duration::ZERO);
        assert!(table.checkpoints(S(299)).is_empty());
        assert_eq!(table.checkpoints(S(300)), [(1, 400)]);
        assert_eq!(table.checkpoints(S(600)), [(1, 100)]);
        assert!(table.checkpoints(S(650)).is_empty());
    }
}
