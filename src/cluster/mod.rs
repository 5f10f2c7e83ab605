//! Members one can hurt, their clients, and what is seen of them.
//!
//! Architecture invariant: knows nothing of Kubernetes.

mod action;
mod event;
mod frame;
pub mod gateway;
mod timing;

pub use action::{Action, Etcdctl, EtcdctlCommand};
pub use event::Event;
pub use frame::*;
pub use timing::{Figures, Timing};
