//! Store agreement: members that have applied the same entries hold the same store (Raft §2; etcd
//! compares its members by HashKV, `etcdctl check datascale` and the corruption check).
//!
//! etcd's own hash of the whole store is compared at the same entries on every member, so seldom
//! that an entry pays for a part of one kept revision; besides, the checksum of every snapshot is
//! compared with the others that end at the same entry.
//!
//! Architecture invariant: observing only.

use super::Promise::StoreAgreement;
use super::chronicle::Chronicle;
use super::promises::{Evidence, Found};
use crate::raft::witness::{Spot, Taken};
use crate::raft::{LogIndex, MemberId};

/// A member's store takes an entry.
pub(super) fn check(past: &Chronicle, member: MemberId, taken: &Taken, found: &mut Found) {
    let Some(hash) = taken.store_hash else { return };
    let index = taken.spot.index;
    let known = past.slot(index).and_then(|slot| slot.store_hash);
    let (other, by) = known.unwrap_or((hash, member));
    found.expect(StoreAgreement, other == hash, || {
        let hashes = format!("{other:08x} and {hash:08x}");
        evidence(by, member, index, hashes)
    });
}

/// A member has a snapshot that ends at an entry.
pub(super) fn check_snapshot(
    past: &Chronicle,
    member: MemberId,
    spot: Spot,
    hash: u32,
    found: &mut Found,
) {
    let known = past.slot(spot.index).and_then(|slot| slot.snapshot);
    let (other, by) = known.unwrap_or((hash, member));
    found.expect(StoreAgreement, other == hash, || {
        let hashes = format!("snapshots {other:08x} and {hash:08x}");
        evidence(by, member, spot.index, hashes)
    });
}

fn evidence(by: MemberId, member: MemberId, index: LogIndex, hashes: String) -> Evidence {
    Evidence {
        sentence: format!("after entry {index} the stores of {by} and {member} differ: {hashes}"),
        members: vec![by, member],
        index: Some(index),
        ..Evidence::default()
    }
}
