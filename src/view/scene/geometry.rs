//! Points, ways between them, and numbers as SVG writes them.
//!
//! * Coordinates are CSS pixels of the scene's own box, x to the right, y down.
//! * Numbers are written with one digit after the point, from integers.
//!
//! Architecture invariant: knows nothing of members or packets.

use std::fmt;

/// A coordinate as SVG writes it, in tenths of a pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Px(i32);

/// A number as SVG writes it.
pub fn px(value: f32) -> Px {
    Px((value * 10.0).round() as i32)
}

impl fmt::Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let tenths = self.0.unsigned_abs();
        match tenths % 10 {
            0 => write!(f, "{sign}{}", tenths / 10),
            tenth => write!(f, "{sign}{}.{tenth}", tenths / 10),
        }
    }
}

/// A place in the scene.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[allow(missing_docs)]
pub struct Point {
    pub x: f32,
    pub y: f32,
}

impl Point {
    /// A place in the scene.
    pub const fn new(x: f32, y: f32) -> Point {
        Point { x, y }
    }

    /// So far along an angle, in turns, clockwise from the top.
    pub fn on_ring(self, radius_x: f32, radius_y: f32, turns: f32) -> Point {
        Point::new(self.x + radius_x * sine(turns), self.y - radius_y * sine(turns + 0.25))
    }

    /// How far another place is.
    pub fn distance(self, other: Point) -> f32 {
        let (x, y) = (other.x - self.x, other.y - self.y);
        (x * x + y * y).sqrt()
    }

    /// So much of the way to another place.
    pub fn towards(self, other: Point, part: f32) -> Point {
        Point::new(self.x + (other.x - self.x) * part, self.y + (other.y - self.y) * part)
    }
}

/// The sine of an angle in turns, within 0.001: enough for a pixel, and the library's own would
/// bring some kilobytes for angles nobody draws.
pub fn sine(turns: f32) -> f32 {
    let turns = turns - turns.floor();
    let half = |turns: f32| {
        // From 0 to half a turn: a parabola, bent once towards the sine.
        let rough = 16.0 * turns * (0.5 - turns);
        rough * (0.775 + 0.225 * rough)
    };
    if turns < 0.5 { half(turns) } else { -half(turns - 0.5) }
}

/// A box: its upper left corner and its size.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[allow(missing_docs)]
pub struct Rect {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

impl Rect {
    /// The box of a size round a middle.
    pub fn round(middle: Point, width: f32, height: f32) -> Rect {
        Rect { x: middle.x - width / 2.0, y: middle.y - height / 2.0, width, height }
    }

    /// Its middle.
    pub fn middle(&self) -> Point {
        Point::new(self.x + self.width / 2.0, self.y + self.height / 2.0)
    }

    /// Whether two boxes share more than an edge.
    pub fn overlaps(&self, other: &Rect) -> bool {
        self.x < other.x + other.width
            && other.x < self.x + self.width
            && self.y < other.y + other.height
            && other.y < self.y + self.height
    }

    /// Whether another box lies inside.
    pub fn contains(&self, other: &Rect) -> bool {
        other.x >= self.x
            && other.y >= self.y
            && other.x + other.width <= self.x + self.width
            && other.y + other.height <= self.y + self.height
    }
}

/// A way: straight pieces, at least one.
#[derive(Debug, Clone, PartialEq)]
pub struct Route(Vec<Point>);

impl Route {
    /// Through these places, at least two.
    pub fn through(points: Vec<Point>) -> Route {
        debug_assert!(points.len() >= 2, "a way has two ends");
        Route(points)
    }

    /// A curve that bulges to its left (negative: right) by so many pixels.
    pub fn curve(from: Point, to: Point, bulge: f32) -> Route {
        const PIECES: u8 = 16;
        let middle = from.towards(to, 0.5);
        let length = from.distance(to).max(1.0);
        let (dx, dy) = ((to.x - from.x) / length, (to.y - from.y) / length);
        let control = Point::new(middle.x + dy * bulge * 2.0, middle.y - dx * bulge * 2.0);
        let piece = |index| {
            let part = f32::from(index) / f32::from(PIECES);
            from.towards(control, part).towards(control.towards(to, part), part)
        };
        Route((0..=PIECES).map(piece).collect())
    }

    /// The same way, from its end to its beginning.
    pub fn reversed(&self) -> Route {
        Route(self.0.iter().rev().copied().collect())
    }

    /// Its places.
    pub fn points(&self) -> &[Point] {
        &self.0
    }

    /// Its length.
    pub fn length(&self) -> f32 {
        self.0.windows(2).map(|piece| piece[0].distance(piece[1])).sum()
    }

    /// The place so many pixels along, and the direction there (of length one).
    pub fn at(&self, mut along: f32) -> (Point, Point) {
        let mut last = (self.0[0], Point::new(1.0, 0.0));
        for piece in self.0.windows(2) {
            let length = piece[0].distance(piece[1]);
            if length == 0.0 {
                continue;
            }
            let (x, y) = ((piece[1].x - piece[0].x) / length, (piece[1].y - piece[0].y) / length);
            let part = (along / length).clamp(0.0, 1.0);
            last = (piece[0].towards(piece[1], part), Point::new(x, y));
            if along <= length {
                break;
            }
            along -= length;
        }
        last
    }

    /// As an SVG path.
    pub fn d(&self) -> String {
        let mut d = String::new();
        for (index, point) in self.0.iter().enumerate() {
            let letter = if index == 0 { 'M' } else { 'L' };
            d.push_str(&format!("{letter}{} {}", px(point.x), px(point.y)));
        }
        d
    }
}

/// The path of an arc round a middle, from the top clockwise, in turns from 0 to 1.
pub fn arc(middle: Point, radius: f32, turns: f32) -> String {
    let turns = turns.clamp(0.0, 0.999);
    let end = middle.on_ring(radius, radius, turns);
    let large = u8::from(turns > 0.5);
    let (x, y, radius) = (px(middle.x), px(middle.y - radius), px(radius));
    format!("M{x} {y}A{radius} {radius} 0 {large} 1 {} {}", px(end.x), px(end.y))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_digit_after_the_point() {
        let texts = [0.0, 1.0, 1.25, -0.04, -0.5, -12.34].map(|value| px(value).to_string());
        assert_eq!(texts, ["0", "1", "1.3", "0", "-0.5", "-12.3"]);
    }

    #[test]
    fn the_sine_is_near_enough() {
        for step in -20..60 {
            let turns = step as f32 / 37.0;
            let exact = (turns * std::f32::consts::TAU).sin();
            assert!((sine(turns) - exact).abs() < 0.0012, "{turns}: {} {exact}", sine(turns));
        }
    }

    #[test]
    fn a_way_is_walked_at_constant_pace() {
        let [a, b, c] = [Point::new(0.0, 0.0), Point::new(30.0, 0.0), Point::new(30.0, 10.0)];
        let route = Route::through(vec![a, b, c]);
        assert_eq!(route.length(), 40.0);
        assert_eq!(route.at(15.0), (Point::new(15.0, 0.0), Point::new(1.0, 0.0)));
        assert_eq!(route.at(35.0), (Point::new(30.0, 5.0), Point::new(0.0, 1.0)));
        assert_eq!(route.at(99.0).0, c);
        assert_eq!(route.reversed().at(5.0).0, Point::new(30.0, 5.0));
        assert_eq!(route.d(), "M0 0L30 0L30 10");
    }

    #[test]
    fn a_curve_bulges_to_its_left() {
        let route = Route::curve(Point::new(0.0, 0.0), Point::new(100.0, 0.0), 20.0);
        assert_eq!(route.at(route.length() / 2.0).0.y.round(), -20.0);
    }

    #[test]
    fn an_arc_runs_clockwise_from_the_top() {
        let middle = Point::new(10.0, 10.0);
        assert_eq!(arc(middle, 10.0, 0.25), "M10 0A10 10 0 0 1 20 10");
        assert_eq!(arc(middle, 10.0, 0.75), "M10 0A10 10 0 1 1 0 10");
    }
}
