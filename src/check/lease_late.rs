//! Leases: never late. A leader that hears of a quorum asks for the revocation of an expired lease
//! at once, and it happens before anything it is asked for later (etcd `revokeExpiredLeases`).
//!
//! * *At once* is [`LATE_MAX`]: the leader looks every half second, and a quorum may be silent for
//!   [`QUORUM_SILENT_MAX`] (or the leader wait so long for its disk) and still count as heard.
//! * How long the log then takes is the network's and the disks'; so the rest is judged by order:
//!   an entry that the leader appended as much later must not be applied before the revocation.
//! * By the leader's own clock, from when it was promoted, and only while it hears of a quorum.
//!
//! Caveats: not judged when more leases are due at once than are revoked at once
//! ([`REVOCATIONS_MAX`]), and beyond the thousand from which a new leader spreads them
//! ([`LEASES_JUDGED_MAX`]).
//!
//! Architecture invariant: observing only.

// Models etcd server/etcdserver/server.go (revokeExpiredLeases) and server/lease/lessor.go
// (runLoop, 500 ms).

use std::time::Duration;

use super::Promise::LeaseNotLate;
use super::leases::Primary;
use super::promises::{Evidence, Found};
use crate::cluster::{LOOK_EVERY, REVOCATIONS_MAX};
use crate::raft::{LogIndex, MemberId};
use crate::sim::Instant;
use crate::store::LeaseId;

/// A quorum that was not heard of for longer counts as lost.
pub(super) const QUORUM_SILENT_MAX: Duration = Duration::from_millis(600);

/// So long after its end a lease is asked to be revoked.
pub(super) const LATE_MAX: Duration = LOOK_EVERY.saturating_add(QUORUM_SILENT_MAX);

/// With more leases than this none is judged.
const LEASES_JUDGED_MAX: usize = 999;

/// A leader learns that a quorum has heard what it said at an instant.
pub(super) fn check_heard(
    primary: &mut Primary,
    member: MemberId,
    (said, now): (Instant, Instant),
    found: &mut Found,
) {
    if now.since(primary.heard) > QUORUM_SILENT_MAX {
        primary.steady = now;
    }
    primary.heard = primary.heard.max(said);
    if primary.due.is_empty() || primary.due.len() > LEASES_JUDGED_MAX {
        return;
    }
    let expired = primary.due.values().filter(|due| **due <= now).count();
    let is_late = |due: Instant| now > due.max(primary.steady) + LATE_MAX;
    let late = primary
        .due
        .iter()
        .find(|(lease, due)| is_late(**due) && !primary.asked.contains_key(lease))
        .filter(|_| expired <= REVOCATIONS_MAX)
        .map(|(lease, due)| (*lease, *due));
    found.expect(LeaseNotLate, late.is_none(), || {
        let (lease, due) = late.unwrap_or_default();
        let ms = now.since(due).as_millis();
        evidence(member, format!("{member} leaves lease {lease:016x} alive {ms} ms after its end"))
    });
    // Told once.
    late.into_iter().for_each(|(lease, _)| _ = primary.due.remove(&lease));
}

/// A leader appends an entry: those it asked to be revoked long before must be gone when that is
/// applied.
pub(super) fn appended(primary: &mut Primary, index: LogIndex, now: Instant) {
    for (at, behind) in primary.asked.values_mut() {
        if behind.is_none() && now > (*at).max(primary.steady) + LATE_MAX {
            *behind = Some(index);
        }
    }
}

/// A leader's store takes an entry.
pub(super) fn check_applied(
    primary: &mut Primary,
    member: MemberId,
    index: LogIndex,
    found: &mut Found,
) {
    let is_behind = |behind: Option<LogIndex>| behind.is_some_and(|behind| behind <= index);
    let left: Option<LeaseId> =
        primary.asked.iter().find(|(_, (_, behind))| is_behind(*behind)).map(|(lease, _)| *lease);
    if let Some(lease) = left {
        primary.asked.remove(&lease);
        let sentence = format!(
            "{member} applies entry {index}, and lease {lease:016x} is not revoked before it"
        );
        found.broken(LeaseNotLate, Evidence { index: Some(index), ..evidence(member, sentence) });
    }
}

fn evidence(member: MemberId, sentence: String) -> Evidence {
    Evidence { sentence, members: vec![member], ..Evidence::default() }
}
