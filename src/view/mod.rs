//! Pictures as data: from `(frame, focus)` to the list of shapes and words. Nothing here paints.
//!
//! Architecture invariant: knows no toolkit; all of it is tested on the host.

mod focus;
mod intent;

pub use focus::{Focus, Tab};
pub use intent::Intent;
