//! What was seen so far, where the playhead stands, and what to ask the engine for next.
//!
//! * In the present the playhead runs at most one request ahead of the newest frame: a slow engine
//!   makes time pass more slowly, never in jumps.
//! * In the past it runs over frames that were kept; reaching the newest it is in the present
//!   again.
//! * Things to do go to the engine before time does, one request under way at a time.
//!
//! Caveat: going on from the past with something else done there is not possible yet; an action
//! returns to the present first.
//!
//! Architecture invariant: pure; wall time comes in as a number of microseconds.

mod frames;
mod inputs;
mod lanes;
mod playhead;
mod sharing;
mod speed;

pub use frames::{FRAMES_KEPT_MAX, FrameBook, Moment};
pub use inputs::{INPUT_BYTES_MAX, Inputs};
pub use lanes::{Band, Lane, Lanes, Mark, RequestBar};
pub use playhead::{EVENTS_KEPT_MAX, Player, TICK_MICROS_MAX};
pub use sharing::{same_but_for_time, shared};
pub use speed::Speed;
