//! One direction of the cable between two addresses.
//!
//! Architecture invariant: plain data.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::sim::Latency;

/// How packets fare from one address to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// How long a packet takes.
    pub latency: Latency,
    /// How many of a million packets are lost.
    pub loss_ppm: u32,
    /// How many of a million packets arrive twice.
    pub duplicate_ppm: u32,
    /// How many of a million packets come late, by up to the longest latency once more, and let
    /// later ones pass.
    pub reorder_ppm: u32,
    /// Bytes a second; none: as many as one likes.
    pub bandwidth: Option<u64>,
    /// Whether the cable is cut: nothing arrives.
    pub cut: bool,
}

impl Default for Link {
    /// One millisecond, whole, no losses.
    fn default() -> Link {
        Link {
            latency: Latency::Fixed(Duration::from_millis(1)),
            loss_ppm: 0,
            duplicate_ppm: 0,
            reorder_ppm: 0,
            bandwidth: None,
            cut: false,
        }
    }
}
