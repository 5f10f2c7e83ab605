//! The run so far as a picture: a lane for the clients and one for each member.
//!
//! * The last [`WINDOW_NANOS`] of virtual time have their own scale; whatever was before is pressed
//!   into the [`EARLIER`] part at the left, so that the whole run is always there to go back to.
//! * From time to place and back is one pair of functions, both monotonic: the range input over
//!   the picture speaks of places.
//!
//! Architecture invariant: a function of lanes, playhead and size; paints nothing.

mod axis;
mod shapes;

pub use axis::{Axis, EARLIER, WINDOW_NANOS};
pub use shapes::{Bar, LaneShape, Segment, SegmentLook, Text, TimelineShapes};

#[cfg(test)]
mod tests;
