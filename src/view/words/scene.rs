//! The words of the header, the scene, the timeline and the dialogs.
//!
//! Architecture invariant: texts and the formatting of numbers; integers only.

use crate::sim::Instant;

/// Milliseconds with three digits: `12.384 s`.
pub fn clock(at: Instant) -> String {
    let millis = at.0 / 1_000_000;
    format!("{}.{:03} s", millis / 1000, millis % 1000)
}
