//! Keeps packets readable where many are on the same way.
//!
//! * Packets that set out together, or arrive together, move apart until no one covers another's
//!   words; what has room stays where it is.
//! * A way that carries more than can be read shows dots, and beside its middle how many they are.
//! * Nothing is pushed onto a member.
//!
//! Caveat: packets of ways that merely cross may cover each other for a moment.
//!
//! Architecture invariant: a function of where the packets are, without memory, and without jumps
//! as long as the same packets are on their way.

use std::collections::BTreeMap;

use super::capsules::{Capsule, HEIGHT, Look};
use super::{Layout, Point, Route};
use crate::cluster::Packet;
use crate::sim::Address;
use crate::view::words::scene as words;

/// Packets with words on one way that can still be read; with more, they are dots and a count.
pub const WORDS_PER_WAY_MAX: usize = 4;

/// About so many dots are drawn on one way.
const DOTS_PER_WAY_MAX: usize = 6;

/// From whom, to whom.
pub(super) type Way = (Address, Address);

/// Capsules keep so far apart, in pixels.
const GAP: f32 = 1.5;

/// So many pixels before they touch, pushing begins softly.
const SOFT: f32 = 14.0;

/// Times everyone makes room for everyone.
const ROUNDS: usize = 4;

/// Numbers of count capsules begin here: no packet has such a one.
const COUNT_IDS: u64 = 1 << 48;

/// How many packets with words each way carries.
#[derive(Debug, Default)]
pub(super) struct Crowds(BTreeMap<Way, usize>);

impl Crowds {
    /// Counts them.
    pub fn of<'a>(worded: impl Iterator<Item = &'a Packet>) -> Crowds {
        let mut ways = BTreeMap::new();
        for packet in worded {
            *ways.entry((packet.from, packet.to)).or_insert(0) += 1;
        }
        Crowds(ways)
    }

    /// Whether a way carries more than can be read.
    pub fn crowded(&self, way: Way) -> bool {
        self.0.get(&way).is_some_and(|count| *count > WORDS_PER_WAY_MAX)
    }

    /// Whether a packet is drawn: of a crowd only some are, always the same ones.
    pub fn drawn(&self, packet: &Packet) -> bool {
        let count = self.0.get(&(packet.from, packet.to)).copied().unwrap_or(0);
        let every = (count / DOTS_PER_WAY_MAX).next_power_of_two() as u64;
        // Numbers are given out in turns to the ways: mixed, so that each way keeps some.
        let mixed = packet.id.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        count <= WORDS_PER_WAY_MAX || mixed.is_multiple_of(every)
    }

    /// A count for each crowded way, beside its middle.
    pub fn counts(&self, layout: &Layout, routes: &mut Routes) -> Vec<Capsule> {
        let crowded = self.0.iter().filter(|(way, _)| self.crowded(**way));
        let count = |(way, count): (&Way, &usize)| {
            let route = routes.of(layout, *way)?;
            let text = words::crowd(*count);
            let width = 10.0 + 6.0 * text.chars().count() as f32;
            // A little before the middle, so that the two directions' counts do not meet.
            let (middle, along) = route.at(route.length() * 0.42);
            let aside = along.x.abs() * (HEIGHT / 2.0 + 6.0) + along.y.abs() * (width / 2.0 + 6.0);
            Some(Capsule {
                id: COUNT_IDS + u64::from(way.0.0) * 10_000 + u64::from(way.1.0),
                way: *way,
                at: Point::new(middle.x - along.y * aside, middle.y + along.x * aside),
                width,
                height: HEIGHT - 2.0,
                look: Look::Count,
                title: words::crowd_title(*count),
                text,
                ..Capsule::default()
            })
        };
        crowded.filter_map(count).collect()
    }
}

/// Ways already found in this picture: finding one past the members takes a while.
#[derive(Debug, Default)]
pub(super) struct Routes(BTreeMap<Way, Option<Route>>);

impl Routes {
    /// The way, edge to edge.
    pub fn of(&mut self, layout: &Layout, way: Way) -> Option<&Route> {
        self.0.entry(way).or_insert_with(|| layout.route(way.0, way.1)).as_ref()
    }
}

/// Moves capsules with words apart, up or down.
pub(super) fn apart(capsules: &mut [Capsule], layout: &Layout) {
    let worded = |capsule: &Capsule| !capsule.text.is_empty() && capsule.fading.is_none();
    let with_words: Vec<usize> = (0..capsules.len()).filter(|i| worded(&capsules[*i])).collect();
    let from: Vec<f32> = capsules.iter().map(|capsule| capsule.at.y).collect();
    for _ in 0..ROUNDS {
        for (nth, &i) in with_words.iter().enumerate() {
            for &j in &with_words[nth + 1..] {
                let push = push(&capsules[i], &capsules[j]);
                capsules[i].at.y -= push / 2.0;
                capsules[j].at.y += push / 2.0;
            }
        }
    }
    for &i in &with_words {
        give_way(&mut capsules[i], from[i], layout);
    }
}

/// How far down the second is pushed (and the first up), in pixels.
fn push(a: &Capsule, b: &Capsule) -> f32 {
    let together = a.way.0 == b.way.0 || a.way.1 == b.way.1;
    let (dx, dy) = (b.at.x - a.at.x, b.at.y - a.at.y);
    let across = (a.width + b.width) / 2.0 + GAP + SOFT - dx.abs();
    let need = (a.height + b.height) / 2.0 + GAP;
    if !together || a.look == Look::Count || across <= 0.0 || dy.abs() >= need {
        return 0.0;
    }
    // Of one way, the one sent first is further along it; by a level way it is the upper one.
    let below = match a.way == b.way {
        true if a.along.y.abs() > 0.2 => (a.id < b.id) != (a.along.y > 0.0),
        true => a.id < b.id,
        false if dy == 0.0 => a.id < b.id,
        false => dy > 0.0,
    };
    let soft = (across / SOFT).min(1.0);
    (if below { need - dy } else { -need - dy }) * soft
}

/// Back towards where it was, as far as a member needs the room; and never out of the picture.
fn give_way(capsule: &mut Capsule, from: f32, layout: &Layout) {
    let to = capsule.at.y;
    let moved = to - from;
    for part in [1.0, 0.75, 0.5, 0.25, 0.0] {
        capsule.at.y = from + moved * part;
        if layout.seats.iter().all(|seat| clear(capsule, seat.at, layout.radius)) {
            break;
        }
    }
    let half = capsule.height / 2.0 + 1.0;
    capsule.at.y = capsule.at.y.clamp(half, layout.size.y - half);
}

fn clear(capsule: &Capsule, seat: Point, radius: f32) -> bool {
    let near = |from: f32, to: f32, size: f32| ((from - to).abs() - size / 2.0).max(0.0);
    let x = near(capsule.at.x, seat.x, capsule.width);
    let y = near(capsule.at.y, seat.y, capsule.height);
    x * x + y * y >= radius * radius
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::super::{Shape, capsules};
    use super::*;
    use crate::cluster::PacketKind;
    use crate::player::Moment;
    use crate::raft::Term;
    use crate::view::fixture::{self, ms};
    use crate::view::{Focus, scene::Rect};

    fn packet(id: u64, (from, to): (u32, u32), sent: u64, text: &str) -> Packet {
        Packet {
            id,
            from: Address(from),
            to: Address(to),
            kind: PacketKind::Vote,
            text: text.into(),
            sent: ms(sent),
            arrives: ms(sent + 250),
            term: Some(Term(4)),
            ..Packet::default()
        }
    }

    fn seen(packets: Vec<Packet>, at: u64, shape: Shape) -> (Layout, Vec<Capsule>) {
        let mut frame = fixture::moment();
        frame.cluster.packets = packets;
        let layout = Layout::of(&frame, shape);
        let moment = Moment { frame: Rc::new(frame), next: None, at: ms(at) };
        let capsules = capsules(&moment, &layout, &Focus::default());
        (layout, capsules)
    }

    fn covers(a: &Capsule, b: &Capsule) -> bool {
        let rect = |it: &Capsule| Rect::round(it.at, it.width, it.height);
        rect(a).overlaps(&rect(b))
    }

    /// A candidate asks everyone at once, whoever it is: all four questions can be read.
    #[test]
    fn questions_to_everyone_cover_each_other_at_no_time() {
        for shape in [Shape::Wide, Shape::Narrow] {
            for asks in 1..=5 {
                let others = (1..=5).filter(|to| *to != asks);
                let packets: Vec<Packet> =
                    others.map(|to| packet(to.into(), (asks, to), 1_000, "would?")).collect();
                for at in (1_000..1_250).step_by(10) {
                    let (_, all) = seen(packets.clone(), at, shape);
                    for (nth, a) in all.iter().enumerate() {
                        let covered = all[nth + 1..].iter().find(|b| covers(a, b));
                        assert!(covered.is_none(), "{shape:?} {asks} at {at}: {a:?} {covered:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_sent_the_same_way_at_once_is_stacked() {
        let same: Vec<Packet> = (1..=3).map(|id| packet(id, (5, 2), 1_000, "147")).collect();
        let (_, all) = seen(same, 1_120, Shape::Wide);
        assert_eq!(all.len(), 3);
        assert!(
            !covers(&all[0], &all[1]) && !covers(&all[1], &all[2]) && !covers(&all[0], &all[2])
        );
    }

    #[test]
    fn moving_apart_takes_no_jump() {
        let two = vec![packet(1, (5, 2), 1_000, "147"), packet(2, (5, 2), 1_090, "148")];
        let places = |at| {
            let (_, all) = seen(two.clone(), at, Shape::Wide);
            [1, 2].map(|id| all.iter().find(|it| it.id == id).map_or(0.0, |it| it.at.y))
        };
        for at in 1_090..1_245 {
            let moved = places(at).map(f32::abs).into_iter().zip(places(at + 1));
            assert!(moved.clone().all(|(a, b)| (a - b).abs() < 2.5), "at {at}: {moved:?}");
        }
    }

    #[test]
    fn a_crowded_way_is_dots_and_a_count() {
        let many: Vec<Packet> =
            (1..=9).map(|id| packet(id, (1, 3), 1_000 + 20 * id, "148")).collect();
        let (_, all) = seen(many, 1_190, Shape::Wide);
        let counts: Vec<&str> =
            all.iter().filter(|it| it.look == Look::Count).map(|it| it.text.as_str()).collect();
        assert_eq!(counts, ["9 packets"]);
        let dots = all.iter().filter(|it| it.look != Look::Count);
        assert!(dots.clone().count() == 9 && dots.clone().all(|it| it.text.is_empty()));
    }

    #[test]
    fn nothing_is_pushed_onto_a_member() {
        for at in (1_000..1_260).step_by(5) {
            let from: Vec<Packet> = (0..12)
                .map(|id| packet(id, (1 + id as u32 % 4, 5), 1_000 + 3 * id, "vote?"))
                .collect();
            let (layout, all) = seen(from, at, Shape::Wide);
            for capsule in all.iter().filter(|it| it.look != Look::Count) {
                let free = |seat: &super::super::Seat| clear(capsule, seat.at, layout.radius - 1.0);
                assert!(layout.seats.iter().all(free), "{at} {capsule:?}");
            }
        }
    }
}
