//! Leases as every member knows them: how long, and which keys live by them.
//!
//! Granting, revoking and checkpointing are entries of the log, so all members hold the same
//! leases. When one has expired is no part of this: only the leader measures time, and then has it
//! revoked like anybody else.
//!
//! * A key is attached to at most one lease: the one its value names.
//! * A lease that is revoked takes its keys with it, in key order, in one revision; one without
//!   keys takes no revision.
//!
//! Architecture invariant: no clock; a lease is as long as it was granted, however long ago.

// Models etcd server/lease/lessor.go, as far as it is replicated.

use super::mvcc::Write;
use super::{Blob, DeleteRangeRequest, Error, LeaseId, LeaseRequest, LeaseResponse, Store};
use crate::sorted::{SortedMap, SortedSet};

/// The shortest lease, in seconds: a new leader must be found before it could expire. etcd computes
/// it from its timing (one and a half election timeouts), with its defaults this.
pub const LEASE_TTL_MIN_S: i64 = 2;

/// The longest lease, in seconds.
pub const LEASE_TTL_MAX_S: i64 = 9_000_000_000;

/// One lease.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lease {
    /// Seconds it was granted for.
    pub ttl: i64,
    /// Seconds it had left when a leader last wrote that down; 0: all of them.
    pub remaining_ttl: i64,
    /// The keys that live by it.
    pub keys: SortedSet<Blob>,
}

/// All leases of a store.
pub type Leases = SortedMap<LeaseId, Lease>;

impl Store {
    /// All leases, by id.
    pub fn leases(&self) -> &Leases {
        &self.leases
    }

    /// Does what a committed entry says about a lease.
    ///
    /// Errors: [`Error::LeaseNotFound`], [`Error::LeaseExists`], [`Error::LeaseTtlTooLarge`];
    /// [`Error::NotCapable`] for what is no entry of the log.
    pub fn lease(&mut self, request: &LeaseRequest) -> Result<LeaseResponse, Error> {
        match *request {
            LeaseRequest::Grant { id, ttl } => self.grant(id, ttl),
            LeaseRequest::Revoke { id } => self.revoke(id),
            LeaseRequest::Checkpoint { id, remaining_ttl } => {
                if let Some(lease) = self.leases.get_mut(&id) {
                    lease.remaining_ttl = remaining_ttl;
                }
                Ok(LeaseResponse::Checkpointed { revision: self.revision() })
            }
            LeaseRequest::KeepAlive { .. }
            | LeaseRequest::TimeToLive { .. }
            | LeaseRequest::Leases => Err(Error::NotCapable),
        }
    }

    fn grant(&mut self, id: LeaseId, ttl: i64) -> Result<LeaseResponse, Error> {
        if id == 0 {
            return Err(Error::LeaseNotFound);
        }
        if ttl > LEASE_TTL_MAX_S {
            return Err(Error::LeaseTtlTooLarge);
        }
        if self.leases.contains_key(&id) {
            return Err(Error::LeaseExists);
        }
        let ttl = ttl.max(LEASE_TTL_MIN_S);
        self.leases.insert(id, Lease { ttl, ..Lease::default() });
        Ok(LeaseResponse::Granted { revision: self.revision(), id, ttl })
    }

    fn revoke(&mut self, id: LeaseId) -> Result<LeaseResponse, Error> {
        let lease = self.leases.get(&id).cloned().ok_or(Error::LeaseNotFound)?;
        let mut write = Write::begin(self);
        for key in lease.keys {
            write.delete_range(&DeleteRangeRequest { key, ..DeleteRangeRequest::default() });
        }
        write.end();
        self.leases.remove(&id);
        Ok(LeaseResponse::Revoked { revision: self.revision() })
    }

    /// A key was put with a lease, or with none, or is gone.
    pub(super) fn reattach(&mut self, key: &Blob, from: LeaseId, to: LeaseId) {
        if from == to {
            return;
        }
        if let Some(lease) = self.leases.get_mut(&from) {
            lease.keys.remove(key);
        }
        if let Some(lease) = self.leases.get_mut(&to) {
            lease.keys.insert(key.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{PutRequest, RangeRequest, Revision};

    fn store_with(ids: &[LeaseId]) -> Store {
        let mut store = Store::new();
        for id in ids {
            store.lease(&LeaseRequest::Grant { id: *id, ttl: 60 }).expect("new");
        }
        store
    }

    fn put(store: &mut Store, key: &str, lease: LeaseId) {
        let request = PutRequest { key: key.into(), lease, ..PutRequest::default() };
        store.put(&request).expect("known lease");
    }

    fn keys(store: &Store, id: LeaseId) -> String {
        let lease = store.leases().get(&id);
        let keys = lease.map(|lease| lease.keys.iter().map(Blob::text).collect::<Vec<_>>());
        keys.map_or("none".into(), |keys| keys.join(" "))
    }

    #[test]
    fn a_put_moves_its_key() {
        let mut store = store_with(&[1, 2]);
        put(&mut store, "b", 1);
        put(&mut store, "a", 1);
        put(&mut store, "a", 1);
        assert_eq!(keys(&store, 1), "a b");
        put(&mut store, "a", 2);
        put(&mut store, "b", 0);
        assert_eq!((keys(&store, 1), keys(&store, 2)), (String::new(), "a".into()));
        let gone = DeleteRangeRequest { key: "a".into(), ..DeleteRangeRequest::default() };
        store.delete_range(&gone).expect("there");
        assert_eq!(keys(&store, 2), "");
    }

    #[test]
    fn the_lease_is_kept_when_the_put_says_so() {
        let mut store = store_with(&[1]);
        put(&mut store, "a", 1);
        let ignore_lease = true;
        let again = PutRequest { key: "a".into(), ignore_lease, ..PutRequest::default() };
        store.put(&again).expect("there");
        assert_eq!(keys(&store, 1), "a");
    }

    #[test]
    fn revoking_is_one_revision_in_key_order() {
        let mut store = store_with(&[1, 2]);
        for key in ["c", "a", "b"] {
            put(&mut store, key, 1);
        }
        store.take_changes();
        store.lease(&LeaseRequest::Revoke { id: 1 }).expect("known");
        let told = store.take_changes();
        let told: Vec<_> = told.iter().map(|e| (e.kv.key.text(), e.kv.mod_revision.0)).collect();
        assert_eq!(told, [("a".into(), 5), ("b".into(), 5), ("c".into(), 5)]);
        assert_eq!(
            store.lease(&LeaseRequest::Revoke { id: 2 }),
            Ok(LeaseResponse::Revoked { revision: Revision(5) })
        );
        assert_eq!(store.lease(&LeaseRequest::Revoke { id: 2 }), Err(Error::LeaseNotFound));
        let all = Blob::from([0].as_slice());
        let all = RangeRequest { key: all.clone(), range_end: all, ..RangeRequest::default() };
        assert_eq!(store.range(&all).map(|found| found.count), Ok(0));
    }

    #[test]
    fn what_cannot_be_granted() {
        let mut store = store_with(&[1]);
        let mut grant = |id, ttl| store.lease(&LeaseRequest::Grant { id, ttl });
        assert_eq!(grant(1, 60), Err(Error::LeaseExists));
        assert_eq!(grant(0, 60), Err(Error::LeaseNotFound));
        assert_eq!(grant(2, LEASE_TTL_MAX_S + 1), Err(Error::LeaseTtlTooLarge));
        let revision = Revision(1);
        assert_eq!(grant(-5, -5), Ok(LeaseResponse::Granted { revision, id: -5, ttl: 2 }));
    }

    #[test]
    fn leases_and_their_keys_come_back_from_a_snapshot() {
        let mut store = store_with(&[1, 2]);
        put(&mut store, "a", 1);
        store.lease(&LeaseRequest::Checkpoint { id: 2, remaining_ttl: 7 }).expect("known");
        let back = Store::from_bytes(&store.to_bytes()).expect("whole");
        assert_eq!(back.leases(), store.leases());
    }
}
