//! At most once: a client's request is carried out no more than once (Raft §8: a command that is
//! retried must not be executed a second time).
//!
//! etcd keeps this by never sending a write twice on its own: `client/v3/retry_interceptor.go`.
//! Looked at when an entry is first applied anywhere: no other entry may belong to the same
//! request.
//!
//! * The newest [`REQUESTS_REMEMBERED_MAX`] requests are remembered.
//!
//! Architecture invariant: observing only.

use std::collections::BTreeMap;

use super::Promise::AtMostOnce;
use super::chronicle::Chronicle;
use super::promises::{Evidence, Found};
use crate::raft::MemberId;
use crate::raft::witness::{Spot, Taken};

/// Requests whose entry is remembered.
const REQUESTS_REMEMBERED_MAX: usize = 10_000;

/// Which entry a request was carried out by.
#[derive(Debug, Default)]
pub(super) struct Requests(BTreeMap<u64, Spot>);

impl Requests {
    /// A member's store takes an entry.
    pub fn check(&mut self, past: &Chronicle, member: MemberId, taken: &Taken, found: &mut Found) {
        let index = taken.spot.index;
        let is_known = past.slot(index).is_some_and(|slot| slot.applied.is_some());
        let Some(request) = taken.request.filter(|_| !is_known) else { return };
        let first = *self.0.entry(request).or_insert(taken.spot);
        if self.0.len() > REQUESTS_REMEMBERED_MAX {
            self.0.pop_first();
        }
        found.expect(AtMostOnce, first == taken.spot, || Evidence {
            sentence: format!(
                "request {request} is carried out twice: by entry {} and by entry {index}",
                first.index
            ),
            members: vec![member],
            index: Some(index),
            revision: Some(taken.revision),
            requests: vec![request],
            ..Evidence::default()
        });
    }
}
