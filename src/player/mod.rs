//! What was seen so far, where the playhead stands, and what to ask the engine for next.
//!
//! * The playhead runs at most one request ahead of the engine: a slow engine makes time pass more
//!   slowly, never in jumps.
//! * Going back moves the engine too; what was seen stays, and playing through it is as it was.
//! * Things to do go to the engine before time does, one request under way at a time.
//! * A run has branches: doing something in the past begins another.
//!
//! Architecture invariant: pure; wall time comes in as a number of microseconds.

mod frames;
mod inputs;
mod lanes;
mod line;
mod playhead;
mod sharing;
mod speed;

pub use frames::{FRAMES_KEPT_MAX, FrameBook, Moment};
pub use inputs::{INPUT_BYTES_MAX, Inputs};
pub use lanes::{Band, Lane, Lanes, Mark, RequestBar};
pub use line::Line;
pub use playhead::{BRANCHES_MAX, EVENTS_KEPT_MAX, Player, STOPS_MAX, TICK_MICROS_MAX};
pub use sharing::{same_but_for_time, shared};
pub use speed::Speed;
