//! Placeholder for the sim owner: replace by sim/time.rs and sim/network.rs, then delete this file.
//!
//! Architecture invariant: none.
use serde::{Deserialize, Serialize};
/// Nanoseconds since the world began.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Instant(pub u64);
/// Where packets come from and go to. Members have their id.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Address(pub u32);
