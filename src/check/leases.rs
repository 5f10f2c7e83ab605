//! What is known of leases: how long each is, since when, which keys live by it, and who measures.
//!
//! By the first store that takes an entry: the lease's own time. By each leader that measures: when
//! every lease is due on that leader's own clock, whom it has asked to be revoked, and since when
//! it has heard of a quorum without a gap.
//!
//! * Instants are by the clock of the member they are about. Where a lease begins, all members'
//!   clocks are read: who ends it later is judged by its own.
//! * Grants, revocations and attached keys are taken from entries and changes, not from any store's
//!   table of leases.
//! * At most [`LEASES_REMEMBERED_MAX`] leases and [`KEYS_REMEMBERED_MAX`] keys are remembered.
//!
//! Architecture invariant: remembers; judges nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use super::promises::Found;
use super::{lease_early, lease_late, lease_revision};
use crate::cluster::Cluster;
use crate::raft::witness::{Taken, Tenancy};
use crate::raft::{LogIndex, MemberId};
use crate::sim::{Group, Instant};
use crate::store::{Blob, EventType, LeaseId, Revision, WatchEvent};

/// Leases, and requests to revoke them, that are remembered.
const LEASES_REMEMBERED_MAX: usize = 10_000;

/// Keys of leases that are remembered.
const KEYS_REMEMBERED_MAX: usize = 50_000;

/// What every member's clock said.
#[derive(Debug, Clone, Default)]
pub(super) struct Clocks(Vec<(MemberId, Instant)>);

impl Clocks {
    fn read(cluster: &Cluster) -> Clocks {
        let members = cluster.member_ids();
        Clocks(members.into_iter().map(|id| (id, own_clock(cluster, id))).collect())
    }

    /// What one of them said; none: it was not a member then.
    pub fn of(&self, member: MemberId) -> Option<Instant> {
        self.0.iter().find(|(id, _)| *id == member).map(|(_, at)| *at)
    }
}

/// What a member's clock says.
pub(super) fn own_clock(cluster: &Cluster, member: MemberId) -> Instant {
    let world = cluster.world();
    world.local_at(Group(member.0 as u32), world.now())
}

/// One lease.
#[derive(Debug, Clone)]
pub(super) struct Tenure {
    pub ttl: Duration,
    /// When it was granted, or last kept alive.
    pub since: Clocks,
    /// What it had left when that was written down, and when that was.
    pub left: Option<(Duration, Clocks)>,
}

/// A leader that measures leases.
#[derive(Debug, Default)]
pub(super) struct Primary {
    pub due: BTreeMap<LeaseId, Instant>,
    /// Those it asked to be revoked: when, and an entry that it appended well after that.
    pub asked: BTreeMap<LeaseId, (Instant, Option<LogIndex>)>,
    /// Since when it has heard of a quorum without a gap.
    pub steady: Instant,
    /// The newest of what a quorum has heard of it.
    pub heard: Instant,
}

/// A request to revoke what has expired.
#[derive(Debug)]
pub(super) struct Asked {
    pub by: MemberId,
    pub at: Instant,
}

/// All leases.
#[derive(Debug, Default)]
pub(super) struct Leases {
    pub tenures: BTreeMap<LeaseId, Tenure>,
    pub asked: BTreeMap<u64, Asked>,
    pub primaries: BTreeMap<MemberId, Primary>,
    keys: BTreeMap<Blob, LeaseId>,
    forgot_keys: bool,
    /// What a member's store is taking: its [`Taken`] is told next.
    taking: BTreeMap<MemberId, Tenancy>,
    /// The revision before the entry that is applied next.
    pub before: Option<Revision>,
}

fn seconds(count: i64) -> Duration {
    Duration::from_secs(u64::try_from(count).unwrap_or_default())
}

impl Leases {
    /// A member tells something about leases.
    pub fn told(&mut self, cluster: &Cluster, member: MemberId, tenancy: Tenancy) {
        let now = own_clock(cluster, member);
        match tenancy {
            Tenancy::Granted(..) | Tenancy::Revoked(_) | Tenancy::Checkpointed(..) => {
                self.taking.insert(member, tenancy);
            }
            Tenancy::Promoted(extend) => self.promoted(cluster, member, extend),
            Tenancy::Demoted => self.leads_no_more(member),
            Tenancy::Renewed(lease) => {
                let Some(tenure) = self.tenures.get_mut(&lease) else { return };
                (tenure.since, tenure.left) = (Clocks::read(cluster), None);
                let due = now + tenure.ttl;
                if let Some(primary) = self.primaries.get_mut(&member) {
                    primary.due.insert(lease, due);
                }
            }
            Tenancy::Expired(lease, request) => {
                self.asked.insert(request, Asked { by: member, at: now });
                if self.asked.len() > LEASES_REMEMBERED_MAX {
                    self.asked.pop_first();
                }
                if let Some(primary) = self.primaries.get_mut(&member) {
                    primary.asked.insert(lease, (now, None));
                }
            }
        }
    }

    fn promoted(&mut self, cluster: &Cluster, member: MemberId, extend: Duration) {
        let now = own_clock(cluster, member);
        let due = cluster.with_store(member, |store| {
            let leases = store.leases().iter();
            let left = leases.map(|(id, lease)| match lease.remaining_ttl {
                0 => (*id, seconds(lease.ttl)),
                remaining => (*id, seconds(remaining)),
            });
            left.map(|(id, left)| (id, now + left + extend)).collect()
        });
        let primary =
            Primary { due: due.unwrap_or_default(), steady: now, heard: now, ..Primary::default() };
        self.primaries.insert(member, primary);
    }

    /// A member starts, or votes anew: what it measured counts no more.
    pub fn leads_no_more(&mut self, member: MemberId) {
        self.primaries.remove(&member);
    }

    /// Whether the entry that a member's store takes now ends a lease.
    pub fn takes_end(&self, member: MemberId) -> bool {
        matches!(self.taking.get(&member), Some(Tenancy::Revoked(_)))
    }

    /// A member's store takes an entry, for the first time of all or after others; with what that
    /// changed, as far as it is new.
    pub fn applied(
        &mut self,
        cluster: &Cluster,
        (member, taken, first): (MemberId, &Taken, bool),
        changes: &[WatchEvent],
        found: &mut Found,
    ) {
        let taking = self.taking.remove(&member);
        if first {
            self.first_applied(cluster, taking, taken, changes, found);
            changes.iter().for_each(|change| self.attach(change));
            self.before = Some(taken.revision);
        }
        let Some(primary) = self.primaries.get_mut(&member) else { return };
        match taking {
            Some(Tenancy::Granted(lease, ttl)) => {
                primary.due.insert(lease, own_clock(cluster, member) + seconds(ttl));
            }
            Some(Tenancy::Revoked(lease)) => {
                primary.due.remove(&lease);
                primary.asked.remove(&lease);
            }
            _ => {}
        }
        lease_late::check_applied(primary, member, taken.spot.index, found);
    }

    fn first_applied(
        &mut self,
        cluster: &Cluster,
        taking: Option<Tenancy>,
        taken: &Taken,
        changes: &[WatchEvent],
        found: &mut Found,
    ) {
        match taking {
            Some(Tenancy::Granted(lease, ttl)) => {
                let since = Clocks::read(cluster);
                self.tenures.insert(lease, Tenure { ttl: seconds(ttl), since, left: None });
                if self.tenures.len() > LEASES_REMEMBERED_MAX {
                    self.tenures.pop_first();
                }
            }
            Some(Tenancy::Checkpointed(lease, left)) => {
                if let Some(tenure) = self.tenures.get_mut(&lease) {
                    tenure.left = (left > 0).then(|| (seconds(left), Clocks::read(cluster)));
                }
            }
            Some(Tenancy::Revoked(lease)) => {
                lease_early::check(self, lease, taken, found);
                lease_revision::check(self, lease, taken, changes, found);
                self.tenures.remove(&lease);
            }
            _ => {}
        }
    }

    fn attach(&mut self, change: &WatchEvent) {
        match change.event_type == EventType::Put && change.kv.lease != 0 {
            true => self.keys.insert(change.kv.key.clone(), change.kv.lease),
            false => self.keys.remove(&change.kv.key),
        };
        if self.keys.len() > KEYS_REMEMBERED_MAX {
            self.keys.clear();
            self.forgot_keys = true;
        }
    }

    /// The keys that live by a lease, in order; none: not known.
    pub fn keys_of(&self, lease: LeaseId) -> Option<Vec<&Blob>> {
        let is_known = !self.forgot_keys && self.tenures.contains_key(&lease);
        let of_lease = self.keys.iter().filter(|(_, by)| **by == lease);
        is_known.then(|| of_lease.map(|(key, _)| key).collect())
    }
}
