//! What a member does with requests about leases that are no entries of the log.
//!
//! Architecture invariant: answers from what this member and the leader have; keeps nothing itself.

use std::rc::Rc;

use super::Cluster;
use super::server::{Server, Ticket};
use crate::store::{Error, LeaseRequest, LeaseResponse};

impl Server {
    /// Serves one of them.
    ///
    /// # Errors
    /// etcd's own.
    pub async fn serve_lease(
        self: &Rc<Self>,
        _cluster: &Cluster,
        _ticket: Ticket,
        _request: &LeaseRequest,
    ) -> Result<LeaseResponse, Error> {
        Err(Error::NotCapable)
    }
}
