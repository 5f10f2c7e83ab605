//! What a member does with requests about itself: status, hashes, its file.
//!
//! Architecture invariant: answers from what this member and the leader have; keeps nothing itself.

use std::rc::Rc;

use super::Cluster;
use super::server::{Server, Ticket};
use crate::store::{Error, MaintenanceRequest, MaintenanceResponse};

impl Server {
    /// Serves one of them.
    ///
    /// # Errors
    /// etcd's own.
    pub async fn serve_maintenance(
        self: &Rc<Self>,
        _cluster: &Cluster,
        _ticket: Ticket,
        _request: &MaintenanceRequest,
    ) -> Result<MaintenanceResponse, Error> {
        Err(Error::NotCapable)
    }
}
