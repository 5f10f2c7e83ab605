//! The network between processes.
//!
//! Architecture invariant: carries labels and calls; knows nothing of what they mean.

mod address;

pub use address::Address;
