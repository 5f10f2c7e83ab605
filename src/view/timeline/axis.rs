//! Virtual time along the timeline.
//!
//! Architecture invariant: monotonic both ways.

use crate::sim::Instant;

/// Virtual time that has the timeline's own scale.
pub const WINDOW_NANOS: u64 = 20_000_000_000;

/// The part at the left into which all earlier time is pressed, in per mille of the width.
pub const EARLIER: u64 = 180;

/// Where the newest instant stands once the window is full, in per mille of the width.
const HEAD: u64 = 960;

/// From time to place and back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis {
    /// Where the lanes begin, in pixels.
    pub left: f32,
    /// How wide they are, in pixels.
    pub width: f32,
    /// The newest instant.
    pub newest: Instant,
}

impl Axis {
    /// The place of an instant, in pixels.
    pub fn x(&self, at: Instant) -> f32 {
        self.left + self.width * self.share(at)
    }

    /// The instant at a place, in nanoseconds from the beginning, never beyond the newest.
    pub fn at(&self, x: f32) -> Instant {
        let share = ((x - self.left) / self.width).clamp(0.0, 1.0);
        let fold = self.fold();
        let (earlier, head) = (EARLIER as f32 / 1000.0, HEAD as f32 / 1000.0);
        let nanos = if fold == 0 {
            (share / head * WINDOW_NANOS as f32) as u64
        } else if share < earlier {
            (share / earlier * fold as f32) as u64
        } else {
            fold + ((share - earlier) / (head - earlier) * WINDOW_NANOS as f32) as u64
        };
        Instant(nanos.min(self.newest.0))
    }

    /// Where the pressed part ends, if there is one.
    pub fn fold_x(&self) -> Option<f32> {
        (self.fold() > 0).then(|| self.left + self.width * EARLIER as f32 / 1000.0)
    }

    fn share(&self, at: Instant) -> f32 {
        let (earlier, head) = (EARLIER as f32 / 1000.0, HEAD as f32 / 1000.0);
        let fold = self.fold();
        if fold == 0 {
            return part(at.0, WINDOW_NANOS) * head;
        }
        if at.0 < fold {
            return part(at.0, fold) * earlier;
        }
        (earlier + part(at.0 - fold, WINDOW_NANOS) * (head - earlier)).min(1.0)
    }

    /// The instant where the pressed part ends.
    fn fold(&self) -> u64 {
        self.newest.0.saturating_sub(WINDOW_NANOS)
    }
}

fn part(of: u64, whole: u64) -> f32 {
    (of as f64 / whole as f64) as f32
}
