//! The store: what a member's state machine is.
//!
//! A write moves the revision by exactly one, whatever it changes; a write that changes nothing
//! does not move it. Every version of every key stays readable until a compaction forgets it.
//!
//! * The revision starts at 1; the first write makes revision 2.
//! * Equal requests in equal order give equal stores and equal answers, errors included.
//! * A refused request changes nothing.
//! * Every revision in the index has its record in the backend, and the other way round.
//!
//! Caveats: a compaction removes at once what it forgets (etcd does so in the background, in
//! batches of 1000, and answers before it is done unless `physical` is set).
//!
//! Architecture invariant: pure. No clock, no chance, no watcher; who calls decides when.

// Models etcd server/storage/mvcc/kvstore.go, kvstore_txn.go, kvstore_compaction.go.

use std::collections::{BTreeMap, BTreeSet};

use super::backend::{Backend, Record};
use super::error::Error;
use super::hash::{self, HashKv};
use super::index::Index;
use super::key_index::FullRevision;
use super::lease::Leases;
use super::tally::{Operations, Tally, reads};
use super::{
    AlarmMember, Blob, ClusterRequest, ClusterResponse, CompactionRequest, CompactionResponse,
    DeleteRangeRequest, DeleteRangeResponse, EventType, Interval, KeyValue, MaintenanceRequest,
    PutRequest, PutResponse, RangeRequest, RangeResponse, Request, Response, Revision, WatchEvent,
    range,
};

/// etcd's MVCC key-value store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    pub(super) revision: i64,
    /// −1 until the first compaction, as in etcd: 0 and 1 can be compacted once.
    pub(super) compact_revision: i64,
    pub(super) index: Index,
    pub(super) backend: Backend,
    pub(super) leases: Leases,
    /// What is wrong with which member.
    pub(super) alarms: BTreeSet<AlarmMember>,
    /// Peer URLs of members that were given others than their names have.
    pub(super) peer_urls: BTreeMap<u64, Vec<String>>,
    /// Changes up to here were taken.
    pub(super) told: i64,
    /// How often it was asked.
    pub(super) tally: Tally,
}

impl Default for Store {
    fn default() -> Self {
        Self::new()
    }
}

impl Store {
    /// An empty store, at revision 1.
    pub fn new() -> Self {
        Store {
            revision: 1,
            compact_revision: -1,
            index: Index::default(),
            backend: Backend::default(),
            leases: Leases::default(),
            alarms: BTreeSet::new(),
            peer_urls: BTreeMap::new(),
            told: 1,
            tally: Tally::default(),
        }
    }

    /// The revision of the last write.
    pub fn revision(&self) -> Revision {
        Revision(self.revision)
    }

    /// The last compacted revision, itself still readable; −1 if nothing was compacted.
    pub fn compact_revision(&self) -> Revision {
        Revision(self.compact_revision)
    }

    /// Does what a committed entry of the log asks for.
    ///
    /// Errors: those of the method for its kind, and what an alarm forbids.
    pub fn apply(&mut self, request: &Request) -> Result<Response, Error> {
        if let Some(refusal) = self.alarm_refusal(request) {
            return Err(refusal);
        }
        Ok(match request {
            Request::Range(r) => Response::Range(self.range(r)?),
            Request::Put(r) => Response::Put(self.put(r)?),
            Request::DeleteRange(r) => Response::DeleteRange(self.delete_range(r)?),
            Request::Txn(r) => Response::Txn(self.txn(r)?),
            Request::Compaction(r) => Response::Compaction(self.compact(r)?),
            Request::Maintenance(r @ MaintenanceRequest::Alarm { .. }) => {
                Response::Maintenance(self.alarm(r))
            }
            Request::Cluster(ClusterRequest::Update { id, peer_urls }) => {
                self.peer_urls.insert(*id, peer_urls.clone());
                Response::Cluster(ClusterResponse::default())
            }
            Request::Lease(r) => Response::Lease(self.lease(r)?),
            // Served by one member, never an entry of the log.
            Request::Maintenance(_) | Request::Cluster(_) => {
                return Err(Error::NotCapable);
            }
        })
    }

    /// Reads an interval at a revision.
    ///
    /// Errors: [`Error::FutureRevision`], [`Error::Compacted`].
    pub fn range(&self, request: &RangeRequest) -> Result<RangeResponse, Error> {
        self.tally.ranges(1);
        self.tally.end();
        range::range(self, self.revision, request)
    }

    /// How often it was read and written since this was last called.
    pub fn take_operations(&self) -> Operations {
        self.tally.take()
    }

    /// Writes one key.
    ///
    /// Errors: [`Error::LeaseNotFound`], [`Error::KeyNotFound`] (nothing there to keep).
    pub fn put(&mut self, request: &PutRequest) -> Result<PutResponse, Error> {
        self.check_lease(request)?;
        self.tally.ranges(reads(request));
        self.check_previous(request).inspect_err(|_| self.tally.end())?;
        let mut write = Write::begin(self);
        let response = write.put(request);
        write.end();
        Ok(response)
    }

    /// Deletes an interval, in key order, in one revision.
    ///
    /// Errors: none today.
    pub fn delete_range(
        &mut self,
        request: &DeleteRangeRequest,
    ) -> Result<DeleteRangeResponse, Error> {
        self.tally.ranges(u64::from(request.prev_kv));
        let mut write = Write::begin(self);
        let response = write.delete_range(request);
        write.end();
        Ok(response)
    }

    /// Forgets every version that is superseded at or before a revision.
    ///
    /// Errors: [`Error::Compacted`] (done already), [`Error::FutureRevision`].
    pub fn compact(&mut self, request: &CompactionRequest) -> Result<CompactionResponse, Error> {
        let at = request.revision.0;
        if at <= self.compact_revision {
            return Err(Error::Compacted);
        }
        if at > self.revision {
            return Err(Error::FutureRevision);
        }
        self.compact_revision = at;
        for revision in self.index.compact(at) {
            self.backend.forget(revision);
        }
        // etcd reads to know the revision it answers with.
        self.tally.ranges(1);
        self.tally.end();
        Ok(CompactionResponse { revision: self.revision() })
    }

    /// The changes since this was last called, whole revisions in order.
    ///
    /// To be called after every write: what a compaction forgets in between is not told.
    pub fn take_changes(&mut self) -> Vec<WatchEvent> {
        let changes = self.changes(Revision(self.told + 1), self.revision()).collect();
        self.told = self.revision;
        changes
    }

    /// The peer URLs a member was given, if they are not those of its name.
    pub fn peer_urls(&self, member: u64) -> Option<&[String]> {
        self.peer_urls.get(&member).map(Vec::as_slice)
    }

    /// What happened in the revisions `first..=last`, as far as it is kept, without `prev_kv`.
    pub fn changes(
        &self,
        first: Revision,
        last: Revision,
    ) -> impl Iterator<Item = WatchEvent> + '_ {
        self.backend.between(first.0, last.0).map(|(at, record)| event(at, record))
    }

    /// etcd's hash of the kept history up to a revision; 0 or less means the current one.
    ///
    /// Equal on all members that applied the same entries and compacted at the same revision.
    ///
    /// Errors: [`Error::Compacted`], [`Error::FutureRevision`].
    pub fn hash_kv(&self, revision: Revision) -> Result<HashKv, Error> {
        hash::hash_kv(self, revision.0)
    }

    /// One key at a revision; `None` if it was not alive then or that is forgotten.
    pub fn get(&self, key: &[u8], revision: Revision) -> Option<&KeyValue> {
        self.backend.put(self.index.get(key, revision.0)?.modified)
    }

    /// Flips the lowest bit of the last byte of a key's value, as a damaged memory or disk does.
    /// False when there is nothing to flip.
    pub fn flip(&mut self, key: &[u8]) -> bool {
        let Some(found) = self.index.get(key, self.revision) else { return false };
        self.backend.flip(found.modified)
    }

    /// A put's lease must exist.
    pub(super) fn check_lease(&self, put: &PutRequest) -> Result<(), Error> {
        let known = put.lease == 0 || self.leases.contains_key(&put.lease);
        if known { Ok(()) } else { Err(Error::LeaseNotFound) }
    }

    /// A put that keeps the value or the lease needs one that is there.
    pub(super) fn check_previous(&self, put: &PutRequest) -> Result<(), Error> {
        let needed = put.ignore_value || put.ignore_lease;
        let there = self.index.get(&put.key, self.revision).is_some();
        if !needed || there { Ok(()) } else { Err(Error::KeyNotFound) }
    }
}

/// A change as watchers are told it.
pub(super) fn event(at: FullRevision, record: &Record) -> WatchEvent {
    let (event_type, kv) = match record {
        Record::Put(kv) => (EventType::Put, kv.clone()),
        Record::Tombstone(key) => {
            let mod_revision = Revision(at.main);
            (EventType::Delete, KeyValue { key: key.clone(), mod_revision, ..KeyValue::default() })
        }
    };
    WatchEvent { event_type, kv, prev_kv: None }
}

/// One write in progress: its changes are visible to its own reads, and share one revision.
pub(super) struct Write<'a> {
    pub(super) store: &'a mut Store,
    changes: i64,
}

impl<'a> Write<'a> {
    pub(super) fn begin(store: &'a mut Store) -> Self {
        Write { store, changes: 0 }
    }

    /// The revision as seen from inside: moved by the first change.
    pub(super) fn revision(&self) -> i64 {
        self.store.revision + i64::from(self.changes > 0)
    }

    pub(super) fn end(self) {
        self.store.revision = self.revision();
        self.store.tally.end();
    }

    pub(super) fn range(&self, request: &RangeRequest) -> Result<RangeResponse, Error> {
        self.store.tally.ranges(1);
        range::range(self.store, self.revision(), request)
    }

    pub(super) fn put(&mut self, request: &PutRequest) -> PutResponse {
        self.store.tally.put();
        let previous = self.previous(&request.key);
        let at = self.next();
        let keep = |keep: bool| previous.as_ref().filter(|_| keep);
        let value = keep(request.ignore_value).map_or(&request.value, |kv| &kv.value).clone();
        let lease = keep(request.ignore_lease).map_or(request.lease, |kv| kv.lease);
        let kv = KeyValue {
            key: self.store.index.put(&request.key, at),
            create_revision: previous.as_ref().map_or(Revision(at.main), |kv| kv.create_revision),
            mod_revision: Revision(at.main),
            version: previous.as_ref().map_or(0, |kv| kv.version) + 1,
            value,
            lease,
        };
        let before = previous.as_ref().map_or(0, |kv| kv.lease);
        self.store.reattach(&kv.key, before, kv.lease);
        self.store.backend.append(at, Record::Put(kv));
        PutResponse {
            revision: Revision(self.revision()),
            prev_kv: previous.filter(|_| request.prev_kv),
        }
    }

    pub(super) fn delete_range(&mut self, request: &DeleteRangeRequest) -> DeleteRangeResponse {
        self.store.tally.delete();
        let interval = Interval::new(&request.key, &request.range_end);
        let alive = self.store.index.alive(interval, self.revision());
        let doomed: Vec<(Blob, FullRevision)> =
            alive.map(|(key, found)| (key.clone(), found.modified)).collect();
        let mut response =
            DeleteRangeResponse { deleted: doomed.len() as i64, ..Default::default() };
        for (key, modified) in doomed {
            let before = self.store.backend.put(modified);
            let lease = before.map_or(0, |kv| kv.lease);
            if request.prev_kv {
                response.prev_kvs.extend(before.cloned());
            }
            self.store.reattach(&key, lease, 0);
            let at = self.next();
            self.store.index.tombstone(&key, at);
            self.store.backend.append(at, Record::Tombstone(key));
        }
        response.revision = Revision(self.revision());
        response
    }

    fn previous(&self, key: &[u8]) -> Option<KeyValue> {
        self.store.get(key, Revision(self.revision())).cloned()
    }

    /// The place of the next change.
    fn next(&mut self) -> FullRevision {
        let at = FullRevision { main: self.store.revision + 1, sub: self.changes };
        self.changes += 1;
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{RequestOp, TxnRequest};

    fn put(key: &str, value: &str) -> PutRequest {
        PutRequest { key: key.into(), value: value.into(), ..Default::default() }
    }

    /// The recorded history of a 3.4.23 server, and the two hashes it reported.
    #[test]
    fn hashes_as_etcd_does() {
        let mut store = Store::new();
        for (key, value) in [("a", "1"), ("a", "2"), ("b", "x")] {
            store.put(&put(key, value)).unwrap();
        }
        store.delete_range(&DeleteRangeRequest { key: "a".into(), ..Default::default() }).unwrap();
        let ops = [put("e", "1"), put("f", "2")].map(RequestOp::Put);
        store.txn(&TxnRequest { success: ops.into(), ..Default::default() }).unwrap();
        assert_eq!(store.hash_kv(Revision(0)).unwrap().hash, 264811233);
        let compaction = CompactionRequest { revision: Revision(3), physical: true };
        store.compact(&compaction).unwrap();
        assert_eq!(store.hash_kv(Revision(0)).unwrap().hash, 266485072);
    }

    #[test]
    fn changes_are_taken_once() {
        let mut store = Store::new();
        store.put(&put("a", "1")).unwrap();
        assert_eq!(store.take_changes().len(), 1);
        assert_eq!(store.take_changes().len(), 0);
    }
}
