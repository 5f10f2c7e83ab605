//! The scene as shapes and words: who there is, what they are, what is on its way between them.
//!
//! * Painting order: links, wires, capsules, members, places.
//!
//! Architecture invariant: a function of `(moment, focus, shape)`.

mod capsules;
mod crowd;
mod drawn;
mod geometry;
pub mod grid;
mod layout;
mod nodes;

use std::rc::Rc;

pub use capsules::{CAPSULES_MAX, Capsule, Look, capsules};
pub use crowd::WORDS_PER_WAY_MAX;
pub use drawn::side;
pub use geometry::{Point, Px, Rect, Route, arc, px};
pub use layout::{Booth, Layout, MARGIN, Seat, Shape};
pub use nodes::{Badge, Node, nodes};

use super::{Focus, runs, words::scene as words};
use crate::cluster::{Cell, Health, Outcome, Place, PlaceKind};
use crate::engine::Frame;
use crate::kube::{self, grid::Grid};
use crate::player::Moment;
use crate::raft::MemberId;
use crate::sim::Address;

/// A straight line between two members.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Whose.
    pub members: (MemberId, MemberId),
    /// Its ends.
    pub ends: (Point, Point),
    /// Whether it is cut, in either direction.
    pub cut: bool,
    /// What is wrong with it, beside its middle; a cut of both ways needs no words.
    pub words: String,
}

/// A wire of the control plane.
#[derive(Debug, Clone, PartialEq)]
pub struct Wire {
    /// Its path.
    pub d: String,
    /// Something is on its way on it, or waited for.
    pub busy: bool,
}

/// A box of the control plane.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaceBox {
    /// Where and what.
    pub booth: Booth,
    /// Its name, fitted.
    pub name: String,
    /// Its notes, fitted.
    pub notes: Vec<String>,
    /// All of it, for a tooltip.
    pub title: String,
    /// It has a request under way.
    pub busy: bool,
    /// The pods that live there, as squares.
    pub cells: Vec<Square>,
}

/// A pod at its node.
#[derive(Debug, Clone, PartialEq)]
pub struct Square {
    /// Its upper left corner.
    pub at: Point,
    /// How it is.
    pub health: Health,
}

/// Sides of a square, and what lies between two.
pub const SQUARE: f32 = 9.0;
const SQUARE_GAP: f32 = 3.0;

/// The whole scene.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// Where everything stands.
    pub layout: Rc<Layout>,
    /// The scene's box.
    pub size: Point,
    /// Lines between members.
    pub links: Vec<Link>,
    /// Wires of the control plane.
    pub wires: Vec<Wire>,
    /// The control plane.
    pub places: Vec<PlaceBox>,
    /// Members.
    pub nodes: Vec<Node>,
    /// The nodes, where they are many, and where their cells are.
    pub grid: Option<(Rc<Grid>, grid::Field)>,
    /// Packets on their way.
    pub capsules: Vec<Capsule>,
    /// `4 of 5 alive`, `2 of 5 alive: no quorum`.
    pub alive: String,
}

impl Scene {
    /// The scene of a moment.
    pub fn of(moment: &Moment, focus: &Focus, shape: Shape) -> Scene {
        let frame = &moment.frame;
        let layout = Layout::of(frame, shape);
        Scene {
            size: layout.size,
            links: links(frame, &layout),
            wires: wires(frame, &layout),
            places: places(frame, &layout),
            nodes: nodes(moment, &layout, focus),
            grid: layout.field.map(|field| (frame.nodes.clone(), field)),
            capsules: capsules(moment, &layout, focus),
            alive: alive(frame),
            layout: Rc::new(layout),
        }
    }
}

/// How many members take part, and whether they are enough.
pub fn alive(frame: &Frame) -> String {
    let members = &frame.cluster.members;
    let alive = members.iter().filter(|member| runs(member)).count();
    if members.is_empty() {
        String::new()
    } else if alive > members.len() / 2 {
        format!("{alive} of {} alive", members.len())
    } else {
        format!("{alive} of {} alive · no quorum", members.len())
    }
}

fn links(frame: &Frame, layout: &Layout) -> Vec<Link> {
    let address = |seat: &Seat| Address(seat.id.0 as u32);
    let cuts = &frame.cluster.cuts;
    let link = |(a, b): (&Seat, &Seat)| {
        let ends = (address(a), address(b));
        let cut = cuts.iter().any(|cut| *cut == ends || *cut == (ends.1, ends.0));
        let words = words::link(&frame.cluster.links, ends);
        Link { members: (a.id, b.id), ends: (a.at, b.at), cut, words }
    };
    let seats = &layout.seats;
    let after = |(index, a)| seats[index + 1..].iter().map(move |b| (a, b));
    seats.iter().enumerate().flat_map(after).map(link).collect()
}

/// Every place has its wire to the apiserver that serves it, an etcd of Events to all of them;
/// etcd's two clients have one to the member they speak with: the endpoint of an open request, else
/// the leader.
fn wires(frame: &Frame, layout: &Layout) -> Vec<Wire> {
    let apiservers = || layout.booths.iter().filter(|booth| booth.kind == PlaceKind::Apiserver);
    let first = apiservers().next().map(|booth| booth.address);
    let served_by = |address| {
        let mut places = frame.cluster.places.iter();
        places.find(|place| place.address == address).and_then(|place| place.apiserver).or(first)
    };
    let mut wires = Vec::new();
    for booth in &layout.booths {
        let ends: Vec<Address> = match booth.kind {
            PlaceKind::Apiserver => endpoint(frame, booth.address, true).into_iter().collect(),
            PlaceKind::Etcdctl => endpoint(frame, booth.address, false).into_iter().collect(),
            PlaceKind::EventEtcd => apiservers().map(|booth| booth.address).collect(),
            _ => served_by(booth.address).into_iter().collect(),
        };
        for to in ends {
            let between = |from: Address, other: Address| {
                (from == booth.address && other == to) || (from == to && other == booth.address)
            };
            let packets = &frame.cluster.packets;
            let busy = packets.iter().any(|packet| between(packet.from, packet.to))
                || open_endpoint(frame, booth.address).is_some();
            if let Some(route) = layout.route(booth.address, to) {
                wires.push(Wire { d: route.d(), busy });
            }
        }
    }
    let of_node = |address| kube::nodes::at(address).is_some();
    for (to, route) in layout.nodes_wires() {
        let between = |one, other| one == to && of_node(other);
        let mut packets = frame.cluster.packets.iter();
        let busy = packets.any(|it| between(it.from, it.to) || between(it.to, it.from));
        wires.push(Wire { d: route.d(), busy });
    }
    wires
}

fn endpoint(frame: &Frame, client: Address, always: bool) -> Option<Address> {
    let leader = || super::leader(frame).filter(|_| always);
    let member = open_endpoint(frame, client).or_else(leader)?;
    Some(Address(member.0 as u32))
}

fn open_endpoint(frame: &Frame, client: Address) -> Option<crate::raft::MemberId> {
    let mut newest = frame.cluster.requests.iter().rev();
    let open = newest.find(|it| it.client == client && it.outcome == Outcome::Open)?;
    Some(open.endpoint)
}

fn places(frame: &Frame, layout: &Layout) -> Vec<PlaceBox> {
    let place = |booth: &Booth| {
        let mut places = frame.cluster.places.iter();
        let place: &Rc<Place> = places.find(|place| place.address == booth.address)?;
        let room = booth.rect.width - 18.0;
        let mut notes: Vec<&String> = place.notes.iter().collect();
        notes.dedup();
        let cells = squares(&place.cells, booth);
        // The squares take the room of the notes.
        let lines = if cells.is_empty() { booth.lines } else { 0 };
        let notes = notes.into_iter().take(lines);
        let mut title = place.name.clone();
        if place.leads {
            title.push('\n');
            title.push_str(words::LEADS);
        }
        let cells_said = place.cells.iter().map(|cell| &cell.text);
        place.notes.iter().chain(cells_said).for_each(|line| {
            title.push('\n');
            title.push_str(line);
        });
        Some(PlaceBox {
            booth: booth.clone(),
            name: called(place, room),
            notes: notes.map(|note| words::fitted(note, room, 10.0)).collect(),
            title,
            busy: open_endpoint(frame, booth.address).is_some(),
            cells,
        })
    };
    layout.booths.iter().filter_map(place).collect()
}

/// Pixels of the mark behind a name.
const MARK_WIDTH: f32 = 14.0;

/// A place's name; of a process that is not there, or that is the one of several that acts, with
/// that.
fn called(place: &Place, room: f32) -> String {
    let ended = place.notes.iter().any(|note| crate::kube::NOT_RUNNING.contains(&note.as_str()));
    let mark = match (ended, place.leads) {
        (true, _) => " ✗",
        (false, true) => " ★",
        (false, false) => "",
    };
    let room = if mark.is_empty() { room } else { room - MARK_WIDTH };
    words::name_fitted(&place.name, room) + mark
}

/// As many squares as there is room for: below the name, or beside it where that is all there is.
fn squares(cells: &[Cell], booth: &Booth) -> Vec<Square> {
    let rect = booth.rect;
    let (left, top) = match booth.lines {
        0 => (rect.x + rect.width * 0.5, rect.y + (rect.height - SQUARE) / 2.0),
        _ => (rect.x + 10.0, rect.y + 23.0),
    };
    let step = SQUARE + SQUARE_GAP;
    let room = ((rect.x + rect.width - 6.0 - left) / step) as usize;
    let square = |(at, cell): (usize, &Cell)| Square {
        at: Point::new(left + step * at as f32, top),
        health: cell.health,
    };
    cells.iter().take(room).enumerate().map(square).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::fixture;

    fn scene() -> Scene {
        let frame = Rc::new(fixture::moment());
        let moment = Moment { frame, next: None, at: fixture::ms(12_384) };
        Scene::of(&moment, &Focus::default(), Shape::Wide)
    }

    #[test]
    fn a_cut_link_is_seen_as_cut() {
        let scene = scene();
        assert_eq!(scene.links.len(), 10);
        assert_eq!(scene.links.iter().filter(|link| link.cut).count(), 1);
    }

    #[test]
    fn notes_fit_their_boxes() {
        let scene = scene();
        let texts: Vec<String> = scene
            .places
            .iter()
            .map(|place| format!("{}: {}", place.name, place.notes.join(" / ")))
            .collect();
        let expected = [
            "kubectl: apply web · waiting",
            "kube-apiserver: storage → etcd3 / watch cache @147 / aesgcm, key1",
            "scheduler: told of pods @145",
            "controllers: told of deployments…",
            "kubelet node-a: no pods yet",
            "kubelet node-b: no pods yet",
            "etcdctl: put foo bar",
        ];
        assert_eq!(texts, expected);
    }

    #[test]
    fn the_wire_to_etcd_leads_to_the_endpoint_of_the_open_request() {
        let scene = scene();
        assert_eq!(scene.wires.iter().filter(|wire| wire.busy).count(), 3);
        assert_eq!(scene.wires.len(), 6);
    }

    #[test]
    fn without_a_quorum_it_says_so() {
        let mut frame = fixture::moment();
        assert_eq!(alive(&frame), "4 of 5 alive");
        for index in [0, 1] {
            let dead = crate::cluster::Status::Crashed;
            Rc::make_mut(&mut frame.cluster.members[index]).status = dead;
        }
        assert_eq!(alive(&frame), "2 of 5 alive · no quorum");
    }
}
