//! What entries do to leases, told to who checks it; and the rule that a lease's keys go together.
//!
//! Architecture invariant: observing only, while the rule holds.

use super::Rule;
use super::machine::Applied;
use super::witness::{Fact, Tenancy};
use crate::store::{
    Blob, DeleteRangeRequest, Error, LeaseId, LeaseRequest, LeaseResponse, Request, Response,
};

impl Applied {
    /// Does what an entry asks for, and tells what it does to a lease.
    pub(super) fn carry_out(&mut self, op: &Request) -> Result<Response, Error> {
        let Request::Lease(asked) = op else { return self.store.apply(op) };
        if let (LeaseRequest::Revoke { id }, false) = (asked, self.rules.hold(Rule::LeaseRevision))
        {
            self.delete_one_by_one(*id);
        }
        let reply = self.store.apply(op);
        let tenancy = match (asked, &reply) {
            (_, Ok(Response::Lease(LeaseResponse::Granted { id, ttl, .. }))) => {
                Tenancy::Granted(*id, *ttl)
            }
            (LeaseRequest::Revoke { id }, Ok(_)) => Tenancy::Revoked(*id),
            (LeaseRequest::Checkpoint { id, remaining_ttl }, Ok(_)) => {
                Tenancy::Checkpointed(*id, *remaining_ttl)
            }
            _ => return reply,
        };
        self.tell(|member| Fact::Lease(member, tenancy));
        reply
    }

    /// Without the rule: every key of a lease in a revision of its own.
    fn delete_one_by_one(&mut self, id: LeaseId) {
        let lease = self.store.leases().get(&id);
        let keys: Vec<Blob> = lease.map_or_else(Vec::new, |it| it.keys.iter().cloned().collect());
        for key in keys {
            let delete = DeleteRangeRequest { key, ..DeleteRangeRequest::default() };
            let _ = self.store.apply(&Request::DeleteRange(delete));
        }
    }
}
