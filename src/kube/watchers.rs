//! Those who watch through the apiserver.
//!
//! Architecture invariant: never speak to etcd.

use super::ControlPlane;

pub(super) fn start(_plane: &ControlPlane) {}
