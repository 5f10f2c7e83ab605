//! What a member does with requests about the members, as the Cluster service tells them.
//!
//! Architecture invariant: answers from what this member and the leader have; keeps nothing itself.

use std::rc::Rc;

use super::Cluster;
use super::server::{Server, Ticket};
use crate::store::{ClusterRequest, ClusterResponse, Error};

impl Server {
    /// Serves one of them.
    ///
    /// # Errors
    /// etcd's own.
    pub async fn serve_members(
        self: &Rc<Self>,
        _cluster: &Cluster,
        _ticket: Ticket,
        _request: &ClusterRequest,
    ) -> Result<ClusterResponse, Error> {
        Err(Error::NotCapable)
    }
}
