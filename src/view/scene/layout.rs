//! Where everything stands: members on a ring, the control plane beside it (or above, when narrow);
//! many nodes in a field below both.
//!
//! * Members and places never overlap and never leave the scene's box, for 1 to 9 members.
//! * A member keeps its place whatever happens to it.
//! * The way between two addresses ends at their edges, so that what travels on it hides neither.
//!
//! Architecture invariant: depends on who there is, never on what they do.

mod booths;

use self::booths::{elect, narrow_booths, wide_booths};
use super::geometry::{Point, Rect, Route, sine};
use super::grid::Field;
use crate::cluster::PlaceKind;
use crate::raft::MemberId;
use crate::sim::Address;
use crate::sorted::sort_by;
use crate::{engine, kube};

/// How much room there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shape {
    /// Beside the other panes.
    #[default]
    Wide,
    /// A telephone.
    Narrow,
}

/// Room round a member's edge that stays free of packets: the arc and the leader's double frame.
pub const MARGIN: f32 = 9.0;

/// Room beside a way for what travels on it.
const PACKET_ROOM: f32 = 20.0;

/// Room under a member for its two lines of words.
pub const WORDS_HEIGHT: f32 = 30.0;

/// One member's place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seat {
    /// Who.
    pub id: MemberId,
    /// Its middle.
    pub at: Point,
}

/// One box of the control plane.
#[derive(Debug, Clone, PartialEq)]
pub struct Booth {
    /// Who.
    pub address: Address,
    /// What it is.
    pub kind: PlaceKind,
    /// Its box.
    pub rect: Rect,
    /// Lines of notes it has room for.
    pub lines: usize,
}

/// Where everything stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// The room there is.
    pub shape: Shape,
    /// The scene's box.
    pub size: Point,
    /// Half the size of a member.
    pub radius: f32,
    /// Members by id.
    pub seats: Vec<Seat>,
    /// The control plane.
    pub booths: Vec<Booth>,
    /// The cells of the nodes, where they are many.
    pub field: Option<Field>,
}

impl Layout {
    /// For these members, places and nodes.
    pub fn of(frame: &engine::Frame, shape: Shape) -> Layout {
        let cluster = &frame.cluster;
        let members: Vec<MemberId> = cluster.members.iter().map(|member| member.id).collect();
        let ranked = |at| {
            let of_rank = cluster.places.iter().filter(|place| rank(place.kind) == at);
            let mut of_rank: Vec<_> = of_rank.collect();
            // Their addresses say nothing of their numbers.
            sort_by(&mut of_rank, |one, other| one.name.cmp(&other.name));
            of_rank
        };
        let places = (0..=RANKS_MAX).flat_map(ranked).map(|place| &**place);
        let many = frame.nodes.count();
        let elect = elect(&cluster.places.iter().map(|place| &**place).collect::<Vec<_>>());
        let booths = match shape {
            Shape::Wide => wide_booths(places, many > 0),
            Shape::Narrow => narrow_booths(places, many > 0),
        };
        let (mut size, mut radius) = match (shape, members.len()) {
            (Shape::Wide, 0..=5) => (Point::new(552.0, 400.0), 34.0),
            (Shape::Wide, 6..=7) => (Point::new(552.0, 408.0), 29.0),
            (Shape::Wide, _) => (Point::new(552.0, 420.0), 24.0),
            (Shape::Narrow, 0..=5) => (Point::new(360.0, 480.0), 32.0),
            (Shape::Narrow, 6..=7) => (Point::new(360.0, 540.0), 27.0),
            (Shape::Narrow, _) => (Point::new(360.0, 680.0), 23.0),
        };
        let mut top = if shape == Shape::Narrow { NARROW_TOP } else { 0.0 };
        let mut field = None;
        let mut bottom = size.y;
        if many > 0 {
            // Up to five members make room for the nodes; more of them need all they have.
            match (shape, members.len()) {
                (Shape::Wide, 0..=5) => (bottom, radius) = (264.0, 27.0),
                (Shape::Wide, _) => size.y += WIDE_FIELD,
                (Shape::Narrow, _) if elect => {
                    size.y += NARROW_FIELD;
                }
                (Shape::Narrow, _) => {
                    top -= NARROW_ROW;
                    bottom -= NARROW_ROW;
                    size.y += NARROW_FIELD - NARROW_ROW;
                }
            }
            let rect = Rect {
                x: FIELD_EDGE,
                y: bottom + FIELD_HEAD,
                width: size.x - 2.0 * FIELD_EDGE,
                height: size.y - bottom - FIELD_HEAD - 4.0,
            };
            field = Some(Field::of(many, rect));
        }
        let seats = seats(&members, shape, (top, bottom), radius);
        Layout { shape, size, radius, seats, booths, field }
    }

    /// A member's middle.
    pub fn seat(&self, id: MemberId) -> Option<Point> {
        self.seats.iter().find(|seat| seat.id == id).map(|seat| seat.at)
    }

    /// The way from one address to another, from edge to edge; none if one of them is not here.
    pub fn route(&self, from: Address, to: Address) -> Option<Route> {
        let ends = (self.place_of(from)?, self.place_of(to)?);
        Some(match ends {
            (End::Seat(a), End::Seat(b)) => self.between(a, b),
            (End::Seat(a), End::Booth(b)) => self.way_from(b, a).reversed(),
            (End::Booth(a), End::Seat(b)) => self.way_from(a, b),
            (End::Booth(a), End::Booth(b)) if b.kind == PlaceKind::Apiserver => self.wire(a, b),
            (End::Booth(a), End::Booth(b)) => self.wire(b, a).reversed(),
            (End::Cell(a), End::Booth(b)) => self.cell_way(a, b),
            (End::Booth(a), End::Cell(b)) => self.cell_way(b, a).reversed(),
            _ => return None,
        })
    }

    /// Whether a way is a wire of the control plane: no member at either end.
    pub fn is_wire(&self, from: Address, to: Address) -> bool {
        let seat = |address| matches!(self.place_of(address), None | Some(End::Seat(_)));
        !seat(from) && !seat(to)
    }

    /// Whether it is one of the wires that run together on a rail, where words have no room.
    pub fn is_rail(&self, from: Address, to: Address) -> bool {
        let kubectl = |booth: &Booth| booth.kind == PlaceKind::Kubectl && self.shape == Shape::Wide;
        let straight =
            |address| matches!(self.place_of(address), Some(End::Booth(b)) if kubectl(b));
        self.is_wire(from, to) && !straight(from) && !straight(to)
    }

    fn place_of(&self, address: Address) -> Option<End<'_>> {
        let seat = self.seat(MemberId(u64::from(address.0))).map(End::Seat);
        let booth = || self.booths.iter().find(|booth| booth.address == address).map(End::Booth);
        let cell = || {
            let (field, number) = (self.field?, kube::nodes::at(address)?);
            (number <= field.count).then(|| End::Cell(field.cell(number).middle()))
        };
        seat.or_else(booth).or_else(cell)
    }

    /// From a node's cell, up past the cells above it, and along the rail to the apiserver.
    fn cell_way(&self, cell: Point, to: &Booth) -> Route {
        let above = self.field.map_or(cell.y, |field| field.rect.y - 3.0);
        let door = to.rect.y + to.rect.height - 14.0;
        let corners = [(cell.x, cell.y), (cell.x, above), (BUS_X, above), (BUS_X, door)];
        let mut points = corners.map(|(x, y)| Point::new(x, y)).to_vec();
        points.push(Point::new(to.rect.x, door));
        Route::through(points)
    }

    /// The wires that all nodes share, one to each apiserver.
    pub fn nodes_wires(&self) -> Vec<(Address, Route)> {
        let Some(field) = self.field else { return Vec::new() };
        let first = field.cell(1).middle();
        let apiservers = self.booths.iter().filter(|booth| booth.kind == PlaceKind::Apiserver);
        apiservers.map(|booth| (booth.address, self.cell_way(first, booth))).collect()
    }

    fn between(&self, from: Point, to: Point) -> Route {
        let length = from.distance(to).max(1.0);
        let edge = (self.radius + MARGIN) / length;
        Route::through(vec![from.towards(to, edge), from.towards(to, 1.0 - edge)])
    }

    /// Past the other members: of a few curves, the one that leaves them the most room.
    fn way_from(&self, booth: &Booth, seat: Point) -> Route {
        let from = match self.shape {
            Shape::Wide => Point::new(booth.rect.x + booth.rect.width, booth.rect.middle().y),
            Shape::Narrow => Point::new(booth.rect.middle().x, booth.rect.y + booth.rect.height),
        };
        let length = from.distance(seat).max(1.0);
        let to = from.towards(seat, 1.0 - (self.radius + MARGIN) / length);
        let curve = |step: i8| {
            Route::curve(from, to, f32::from((step + 1) / 2 * (step % 2 * 2 - 1)) * 14.0)
        };
        let curves: Vec<Route> = (0..22).map(curve).collect();
        let free = |route: &Route| self.room(route, seat) >= self.radius + MARGIN + PACKET_ROOM;
        let best = || {
            let room = |route: &&Route| self.room(route, seat) as i32;
            curves.iter().max_by_key(room).cloned()
        };
        let found = curves.iter().find(|route| free(route)).cloned().or_else(best);
        found.unwrap_or_else(|| Route::through(vec![from, to]))
    }

    /// How near a way comes to any member but the one it leads to; leaving the box is nearest.
    fn room(&self, route: &Route, except: Point) -> f32 {
        let points = route.points();
        // Nor back behind the boxes it came from.
        let (x, y) = match self.shape {
            Shape::Wide => (points[0].x, 8.0),
            Shape::Narrow => (8.0, points[0].y),
        };
        let outside = |p: &Point| p.x < x || p.y < y || p.x > self.size.x - 8.0;
        if points.iter().any(outside) {
            return -1.0;
        }
        let near =
            |seat: &Seat| points.iter().map(|p| p.distance(seat.at)).fold(f32::MAX, f32::min);
        let others = self.seats.iter().filter(|seat| seat.at != except);
        others.map(near).fold(f32::MAX, f32::min)
    }

    /// From a booth to the apiserver's.
    fn wire(&self, from: &Booth, to: &Booth) -> Route {
        let (a, b) = (from.rect, to.rect);
        let straight = self.shape == Shape::Wide && from.kind == PlaceKind::Kubectl;
        let points = if straight {
            let x = a.middle().x;
            vec![Point::new(x, a.y + a.height), Point::new(x, b.y)]
        } else if self.shape == Shape::Wide {
            let (side, y, door) = (BUS_X, a.middle().y, b.y + b.height - 14.0);
            let corners = [(a.x, y), (side, y), (side, door), (b.x, door)];
            corners.map(|(x, y)| Point::new(x, y)).to_vec()
        } else if from.kind == PlaceKind::EventEtcd {
            // Beside the apiservers.
            let (left, right) = (b.x + b.width, a.x);
            vec![Point::new(right, a.middle().y), Point::new(left, b.middle().y)]
        } else {
            // Down through the gap beside the box, along above the apiserver, in from above.
            let (gap, rail) = (a.x + a.width - 10.0, b.y - 7.0);
            let door = b.middle().x;
            let corners = [(gap, a.y + a.height), (gap, rail), (door, rail), (door, b.y)];
            corners.map(|(x, y)| Point::new(x, y)).to_vec()
        };
        Route::through(points)
    }
}

/// From the reader's hand to etcd, then those who watch, then the way past the apiserver.
const RANKS_MAX: u8 = 6;

fn rank(kind: PlaceKind) -> u8 {
    match kind {
        PlaceKind::Kubectl => 0,
        PlaceKind::Apiserver => 1,
        PlaceKind::EventEtcd => 2,
        PlaceKind::Scheduler => 3,
        PlaceKind::Controllers => 4,
        PlaceKind::Kubelet => 5,
        PlaceKind::Etcdctl => 6,
    }
}

enum End<'a> {
    Seat(Point),
    Booth(&'a Booth),
    Cell(Point),
}

const BUS_X: f32 = 6.0;

/// Beside the cells of many nodes, and above them: their words and the rail.
const FIELD_EDGE: f32 = 16.0;
const FIELD_HEAD: f32 = 24.0;

/// The room of many nodes, words and all.
const WIDE_FIELD: f32 = 136.0;
const NARROW_FIELD: f32 = 216.0;

/// A row of boxes that is not there when the kubelets are cells.
const NARROW_ROW: f32 = 34.0;

fn seats(members: &[MemberId], shape: Shape, (top, bottom): (f32, f32), radius: f32) -> Vec<Seat> {
    let (x, rx) = match (shape, members.len()) {
        (Shape::Wide, 0..=5) => (352.0, 150.0),
        (Shape::Wide, _) => (352.0, 152.0),
        (Shape::Narrow, _) => (180.0, 134.0),
    };
    // The ring reaches from its top member to its lowest one and the words under that.
    let first = top + radius + 12.0;
    let last = bottom - radius - WORDS_HEIGHT - 8.0;
    let lowest = match members.len() {
        odd if odd % 2 == 1 => sine(0.25 + 0.5 / odd as f32),
        _ => 1.0,
    };
    let room = (last - first) / (1.0 + lowest);
    let alone = members.len() == 1;
    let ry = if alone { 0.0 } else { room.min(rx * 1.5) };
    let rx = if alone { 0.0 } else { rx };
    let middle = Point::new(x, (first + last + ry * (1.0 - lowest)) / 2.0);
    let turn = |index: usize| index as f32 / members.len() as f32;
    let seat =
        |(index, id): (usize, &MemberId)| Seat { id: *id, at: middle.on_ring(rx, ry, turn(index)) };
    members.iter().enumerate().map(seat).collect()
}

/// Where the members' ring may begin, below the control plane.
const NARROW_TOP: f32 = 142.0;

#[cfg(test)]
mod tests;
