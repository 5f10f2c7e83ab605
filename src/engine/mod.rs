//! The whole world behind one door.
//!
//! * [`Engine`] is a world one can run, natively or in a module of its own.
//! * [`run()`] runs a script on one and writes down what happens.
//! * [`door`] is its border: [`Request`] in, [`Update`] out, as bytes.
//!
//! Architecture invariant: bytes in, bytes out; no clock, no browser.

mod detect;
pub mod door;
#[allow(clippy::module_inception)]
mod engine;
mod expect;
mod line;
mod look;
mod looked;
mod protocol;
mod recorded;
mod run;
pub mod search;
mod show;
mod squeeze;
mod transcript;
mod travel;
mod vault;

pub use engine::Engine;
pub use looked::*;
pub use protocol::*;
pub use recorded::{HASH_REMARK, RECORDED_ACTS_MAX, Recorded};
pub use run::{Run, STEPS_MAX, run};
pub use travel::{Ended, GO_STEPS_MAX};
pub use vault::{DEPTH_MAX, KeyframeId, OTHERS_HELD_MAX, ROOTS_HELD_MAX, Vault};
