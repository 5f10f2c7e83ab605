//! The whole world behind one door.
//!
//! Architecture invariant: bytes in, bytes out; no clock, no browser.

pub mod door;
mod protocol;

pub use protocol::*;
