//! Leases: never early. Nobody's lease is revoked because it expired before its time has passed
//! since it was granted or the last keep-alive was acknowledged, by the clock of the leader that
//! ends it (etcd Lease API: "a lease that expires at least after TTL").
//!
//! * A new leader gives every lease its time again, so a keep-alive that an earlier leader has
//!   acknowledged counts, too; what was written down of it (a checkpoint) is what it has left.
//! * Looked at when the revocation is first applied anywhere: one that never happens harms nobody.
//!
//! Caveat: what a client itself revokes may go at any time.
//!
//! Architecture invariant: observing only.

// Models etcd server/lease/lessor.go (Promote, Renew, findExpiredLeases).

use std::time::Duration;

use super::Promise::LeaseNotEarly;
use super::leases::{Clocks, Leases};
use super::promises::{Evidence, Found};
use crate::raft::witness::Taken;
use crate::store::LeaseId;

/// A checkpoint says whole seconds, and is applied a little later than it was true.
const CHECKPOINT_GRAIN: Duration = Duration::from_secs(1);

/// Clocks are read to the nanosecond, rounded up.
const ROUNDING: Duration = Duration::from_micros(1);

/// A lease is revoked.
pub(super) fn check(leases: &mut Leases, lease: LeaseId, taken: &Taken, found: &mut Found) {
    let Some(asked) = taken.request.and_then(|request| leases.asked.remove(&request)) else {
        return;
    };
    let Some(tenure) = leases.tenures.get(&lease) else { return };
    let lasted = |since: &Clocks| since.of(asked.by).map(|since| asked.at.since(since) + ROUNDING);
    let Some(whole) = lasted(&tenure.since) else { return };
    let left = tenure.left.as_ref();
    let rest = left.is_some_and(|(left, since)| {
        lasted(since).is_none_or(|lasted| lasted + CHECKPOINT_GRAIN >= *left)
    });
    found.expect(LeaseNotEarly, whole >= tenure.ttl || rest, || Evidence {
        sentence: format!(
            "{} ends lease {lease:016x} of {} s, {} ms after it was granted or kept alive",
            asked.by,
            tenure.ttl.as_secs(),
            whole.as_millis()
        ),
        members: vec![asked.by],
        index: Some(taken.spot.index),
        revision: Some(taken.revision),
        ..Evidence::default()
    });
}
