//! Snapshot before purge: log entries are discarded only when a snapshot that covers them is on
//! stable storage (Raft §7).
//!
//! Architecture invariant: observing only.

use super::Promise::SnapshotBeforePurge;
use super::chronicle::Chronicle;
use super::promises::{Evidence, Found};
use crate::raft::MemberId;
use crate::raft::witness::Spot;

/// A member deletes the beginning of its log.
pub(super) fn check(past: &Chronicle, member: MemberId, upto: Spot, found: &mut Found) {
    let snapshot = past.member(member).snapshot.map(|spot| spot.index);
    found.expect(SnapshotBeforePurge, snapshot >= Some(upto.index), || Evidence {
        sentence: match snapshot {
            Some(end) => format!(
                "{member} deletes its log up to entry {}; its snapshot on disk ends at {end}",
                upto.index
            ),
            None => format!(
                "{member} deletes its log up to entry {} and has no snapshot on disk",
                upto.index
            ),
        },
        members: vec![member],
        index: Some(upto.index),
        ..Evidence::default()
    });
}
