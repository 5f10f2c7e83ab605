//! Where packets come from and go to.
//!
//! Architecture invariant: a number; which process is there, the network knows.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A place on the network. Members have their id.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Address(pub u32);

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "address {}", self.0)
    }
}
