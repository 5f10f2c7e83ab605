//! The whole world behind one door.
//!
//! * [`Engine`] is a world one can run, natively or in a module of its own.
//! * [`run()`] runs a script on one and writes down what happens.
//! * [`door`] is its border: [`Request`] in, [`Update`] out, as bytes.
//!
//! Architecture invariant: bytes in, bytes out; no clock, no browser.

pub mod door;
#[allow(clippy::module_inception)]
mod engine;
mod expect;
mod look;
mod protocol;
mod run;
mod show;
mod transcript;

pub use engine::Engine;
pub use protocol::*;
pub use run::{Run, STEPS_MAX, run};
