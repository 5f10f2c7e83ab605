//! A line drawn through the scene cuts the network: who lies on which side of it.
//!
//! * A line that leaves everyone on one side, or is too short to be meant, cuts nothing.
//! * The line is taken as endless: it need not be drawn from edge to edge.
//!
//! Architecture invariant: a function of places alone.

use super::{Layout, Point};
use crate::raft::MemberId;

/// A shorter stroke is a click that slipped, in pixels.
const STROKE_MIN: f32 = 40.0;

/// The members on the left of a stroke, if it cuts.
pub fn side(layout: &Layout, from: Point, to: Point) -> Option<Vec<MemberId>> {
    if from.distance(to) < STROKE_MIN {
        return None;
    }
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let left = |at: Point| dx * (at.y - from.y) - dy * (at.x - from.x) < 0.0;
    let side: Vec<MemberId> =
        layout.seats.iter().filter(|seat| left(seat.at)).map(|seat| seat.id).collect();
    (!side.is_empty() && side.len() < layout.seats.len()).then_some(side)
}

#[cfg(test)]
mod tests {
    use super::super::Shape;
    use super::*;
    use crate::view::fixture;

    #[test]
    fn a_stroke_parts_the_members_it_runs_between() {
        let layout = Layout::of(&fixture::moment(), Shape::Wide);
        let at = |id| layout.seat(MemberId(id)).unwrap();
        let middle = |a: u64, b: u64| at(a).towards(at(b), 0.5);
        let mut side = side(&layout, middle(1, 5), middle(2, 3)).unwrap();
        side.sort();
        assert!(side == [1, 2].map(MemberId) || side == [3, 4, 5].map(MemberId), "{side:?}");
        let corner = Point::new(1.0, 1.0);
        assert_eq!(super::side(&layout, corner, Point::new(1.0, 300.0)), None, "all on one side");
        assert_eq!(super::side(&layout, at(1), at(1).towards(at(2), 0.05)), None, "a click");
    }
}
