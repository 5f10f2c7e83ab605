//! The Kubernetes control plane over the cluster: how objects become bytes, and who is told.
//!
//! Architecture invariant: reaches the store only through etcd's API.

mod action;
mod encryption;
mod event;
mod write_path;

pub use action::Action;
pub use encryption::Encryption;
pub use event::Event;
pub use write_path::*;
