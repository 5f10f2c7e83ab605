//! Anything a reader can do, as a value that prints as the line that does it.
//!
//! Architecture invariant: an action says what is wanted, never how it is done.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::cluster;
use crate::kube;

/// Anything a reader can do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// To the cluster.
    Cluster(cluster::Action),
    /// To the control plane.
    Kube(kube::Action),
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Cluster(action) => action.fmt(f),
            Action::Kube(action) => action.fmt(f),
        }
    }
}

/// How far to step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StepBy {
    /// Until the next packet is delivered.
    Message,
    /// Until the next event.
    Event,
    /// Everything at the next instant at which anything happens.
    Instant,
}
