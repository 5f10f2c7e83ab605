//! openraft, the published crate, over our world and our store.
//!
//! Architecture invariant: knows nothing of Kubernetes.

pub mod runtime;

mod ids;

pub use ids::{LogIndex, MemberId, Term, ThreadId};
