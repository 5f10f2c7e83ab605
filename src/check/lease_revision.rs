//! Leases: one revision. With a lease go all keys that live by it, in key order, in one revision;
//! one without keys takes no revision (etcd `lessor.Revoke`).
//!
//! Which keys live by it is known from the puts that named it, not from the store's own table.
//!
//! Architecture invariant: observing only.

use super::Promise::LeaseOneRevision;
use super::leases::Leases;
use super::promises::{Evidence, Found};
use crate::raft::witness::Taken;
use crate::store::{Blob, EventType, LeaseId, Revision, WatchEvent};

/// A lease is revoked; these were the changes, as far as they are still kept.
pub(super) fn check(
    leases: &Leases,
    lease: LeaseId,
    taken: &Taken,
    changes: &[WatchEvent],
    found: &mut Found,
) {
    let (Some(keys), Some(before)) = (leases.keys_of(lease), leases.before) else { return };
    let evidence = |sentence: String| Evidence {
        sentence,
        index: Some(taken.spot.index),
        revision: Some(taken.revision),
        ..Evidence::default()
    };
    let after = Revision(before.0 + i64::from(!keys.is_empty()));
    found.expect(LeaseOneRevision, taken.revision == after, || {
        let (count, from, to) = (keys.len(), before, taken.revision);
        evidence(format!("with lease {lease:016x} go {count} keys, from revision {from} to {to}"))
    });
    if taken.revision != after || changes.len() != taken.changes as usize {
        return;
    }
    let gone: Vec<&Blob> = changes
        .iter()
        .filter(|change| change.event_type == EventType::Delete)
        .map(|change| &change.kv.key)
        .collect();
    found.expect(LeaseOneRevision, gone == keys && gone.len() == changes.len(), || {
        let names =
            |keys: &[&Blob]| keys.iter().map(|key| key.text()).collect::<Vec<_>>().join(" ");
        let (lived, went) = (names(&keys), names(&gone));
        evidence(format!("by lease {lease:016x} lived: {lived}; with it go: {went}"))
    });
}
