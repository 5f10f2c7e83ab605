//! Packets as capsules: where each is, how wide, and how it looks.
//!
//! * The place is a function of `(sent, arrives, now)` alone; nothing is animated otherwise.
//! * The two directions of a link run beside each other: each keeps to its own right.
//! * A lost packet stops where it fell, sinks and fades.
//! * A packet whose receiver is paused waits before it.
//!
//! * What would cover another's words moves aside, and a crowd becomes dots and a count (`crowd`).
//!   Heartbeats lie below what carries entries.
//!
//! Architecture invariant: changes no order but what lies on top.

use super::crowd::{Crowds, Routes, Way, apart};
use super::{Layout, Point, Route};
use crate::cluster::{Packet, PacketKind};
use crate::player::Moment;
use crate::raft::ThreadId;
use crate::sim::Instant;
use crate::view::words::scene as words;
use crate::view::{Focus, term_class};

/// Capsules painted; beyond it the oldest are left out.
pub const CAPSULES_MAX: usize = 160;

/// How far beside the middle of a link a direction keeps at least.
const LANE: f32 = 5.0;

/// A capsule's height when it has words, and when it has none.
pub(super) const HEIGHT: f32 = 17.0;
const HEIGHT_QUIET: f32 = 8.0;

/// How far a lost packet sinks while it fades.
const SINK: f32 = 12.0;

/// What a packet looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Look {
    /// A request: filled.
    #[default]
    Request,
    /// An answer: outlined.
    Answer,
    /// An answer that says no: outlined and crossed.
    Refused,
    /// No packet: how many there are on a crowded way.
    Count,
}

/// One packet on its way.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Capsule {
    /// The packet's number.
    pub id: u64,
    /// From whom, to whom.
    pub way: Way,
    /// The direction it moves in, of length one.
    pub along: Point,
    /// Its middle.
    pub at: Point,
    /// Its width.
    pub width: f32,
    /// Its height.
    pub height: f32,
    /// Request, answer or no.
    pub look: Look,
    /// Its words; empty for a heartbeat.
    pub text: String,
    /// The class of its term's colours; none if it is not one of Raft's own.
    pub term: Option<&'static str>,
    /// A heartbeat or the like: fainter.
    pub quiet: bool,
    /// It belongs to the write under the pointer or in focus.
    pub lit: bool,
    /// It fell: from 255 (just now) to 0.
    pub fading: Option<u8>,
    /// The write it belongs to.
    pub thread: Option<ThreadId>,
    /// All about it, for a tooltip.
    pub title: String,
}

/// The capsules of a moment, in painting order.
pub fn capsules(moment: &Moment, layout: &Layout, focus: &Focus) -> Vec<Capsule> {
    let here = moment.frame.cluster.packets.iter();
    let known = here.clone().map(|packet| packet.id).max();
    let later = moment.next.iter().flat_map(|frame| &frame.cluster.packets);
    let later = later.filter(|packet| Some(packet.id) > known && packet.sent <= moment.at);
    let taken = moment.frame.cluster.now;
    let on_their_way: Vec<&Packet> =
        here.chain(later).filter(|packet| shown(packet, moment.at, taken)).collect();
    let worded = |packet: &&&Packet| !is_small(packet, layout) && packet.falls.is_none();
    let crowds = Crowds::of(on_their_way.iter().filter(worded).copied());
    let mut routes = Routes::default();
    let mut one = |packet: &&Packet| {
        let way = (packet.from, packet.to);
        let eye = Eye { now: moment.at, layout, focus, crowded: crowds.crowded(way) };
        let followed = packet.thread.is_some() && packet.thread == focus.hover.or(focus.thread);
        let drawn = followed || is_quiet(packet) || crowds.drawn(packet);
        Some(capsule(packet, routes.of(layout, way).filter(|_| drawn)?, eye))
    };
    let (mut all, news): (Vec<Capsule>, Vec<Capsule>) =
        on_their_way.iter().filter_map(&mut one).partition(|capsule| capsule.quiet);
    all.extend(news);
    let surplus = all.len().saturating_sub(CAPSULES_MAX);
    all.drain(..surplus);
    apart(&mut all, layout);
    all.extend(crowds.counts(layout, &mut routes));
    all
}

/// How a packet is looked at.
#[derive(Clone, Copy)]
struct Eye<'a> {
    now: Instant,
    layout: &'a Layout,
    focus: &'a Focus,
    /// There is no room for words on its way.
    crowded: bool,
}

/// Whether it has no words, however much room there is.
fn is_small(packet: &Packet, layout: &Layout) -> bool {
    is_quiet(packet) || layout.is_rail(packet.from, packet.to)
}

/// Whether it is on its way: sent, and not yet there, unless the frame says it still waits.
fn shown(packet: &Packet, now: Instant, taken: Instant) -> bool {
    let waits = packet.arrives <= taken;
    packet.sent <= now && (now < packet.arrives || waits)
}

fn capsule(packet: &Packet, route: &Route, eye: Eye) -> Capsule {
    let Eye { now, layout, focus, .. } = eye;
    let fell = packet.falls.filter(|falls| *falls <= now);
    let followed = focus.hover.or(focus.thread);
    let lit = packet.thread.is_some() && packet.thread == followed;
    let small = is_small(packet, layout) || eye.crowded && !lit;
    let text = if small { String::new() } else { words::capsule(packet) };
    let (width, height) = size(&text, packet.entries, small);
    let (middle, along) = walked(route, part(packet, fell.unwrap_or(now)), width, height);
    let beside =
        if layout.is_wire(packet.from, packet.to) { 0.0 } else { lane(along, width, height) };
    let mut at = Point::new(middle.x - along.y * beside, middle.y + along.x * beside);
    let fading = fell.map(|falls| {
        let gone = share(falls, now, packet.arrives.max(Instant(falls.0 + 1)));
        at.y += SINK * gone;
        (255.0 * (1.0 - gone)) as u8
    });
    let look = match (packet.answer, packet.refused) {
        (_, true) => Look::Refused,
        (true, _) => Look::Answer,
        (false, _) => Look::Request,
    };
    Capsule {
        id: packet.id,
        way: (packet.from, packet.to),
        along,
        at: inside(at, width, height, layout.size),
        width,
        height,
        look,
        text,
        term: packet.term.map(term_class),
        quiet: is_quiet(packet),
        lit,
        fading,
        thread: packet.thread,
        title: title(packet),
    }
}

/// How far beside the middle: far enough that two that meet do not cover each other's words.
fn lane(way: Point, width: f32, height: f32) -> f32 {
    (way.x.abs() * (height / 2.0 + 1.0) + way.y.abs() * width * 0.4).max(LANE)
}

/// The whole capsule stays on the way: its middle walks a little less than the way's length.
fn walked(route: &super::Route, part: f32, width: f32, height: f32) -> (Point, Point) {
    let (_, way) = route.at(0.0);
    let half = (way.x.abs() * width + way.y.abs() * height) / 2.0;
    let length = route.length();
    let half = half.min(length * 0.3);
    route.at(half + (length - 2.0 * half) * part)
}

fn inside(at: Point, width: f32, height: f32, size: Point) -> Point {
    let x = at.x.clamp(width / 2.0 + 1.0, size.x - width / 2.0 - 1.0);
    Point::new(x, at.y.clamp(height / 2.0 + 1.0, size.y - height / 2.0 - 1.0))
}

/// How much of its way a packet has gone, 0 to 1.
fn part(packet: &Packet, now: Instant) -> f32 {
    share(packet.sent, now, packet.arrives)
}

fn share(from: Instant, now: Instant, to: Instant) -> f32 {
    let whole = to.0.saturating_sub(from.0).max(1);
    (now.0.saturating_sub(from.0) as f32 / whole as f32).clamp(0.0, 1.0)
}

/// Heartbeats and their answers are the pulse, not the news.
fn is_quiet(packet: &Packet) -> bool {
    let pulse = packet.kind == PacketKind::Append && packet.entries == 0;
    let silent = packet.text.is_empty() && packet.kind != PacketKind::Vote;
    (pulse || silent) && packet.thread.is_none() && !packet.refused && !says_index(packet)
}

/// An answer that names an entry says what is now safe: news.
fn says_index(packet: &Packet) -> bool {
    packet.answer && packet.text.bytes().any(|byte| byte.is_ascii_digit())
}

fn size(text: &str, entries: u32, small: bool) -> (f32, f32) {
    if small {
        return (14.0, HEIGHT_QUIET);
    }
    let letters = text.chars().count().max(2) as f32;
    let load = entries.saturating_sub(1).min(12) as f32 * 3.0;
    (14.0 + 6.6 * letters + load, HEIGHT)
}

fn title(packet: &Packet) -> String {
    let Packet { kind, answer, refused, entries, bytes, term, text, .. } = packet;
    let mut title = words::packet(*kind, *answer, *refused, *entries).to_string();
    if !text.is_empty() {
        title.push_str(&format!(" · {text}"));
    }
    if let Some(term) = term {
        title.push_str(&format!(" · term {term}"));
    }
    if *entries > 0 {
        let entries = words::counted(u64::from(*entries), "entry", "entries");
        title.push_str(&format!(" · {entries}"));
    }
    if *bytes > 0 {
        title.push_str(&format!(" · {bytes} B"));
    }
    title
}

#[cfg(test)]
mod tests {
    use super::super::Shape;
    use super::*;
    use crate::view::fixture;
    use std::rc::Rc;

    fn seen(at: u64) -> (Layout, Vec<Capsule>) {
        let frame = Rc::new(fixture::moment());
        let layout = Layout::of(&frame, Shape::Wide);
        let moment = Moment { frame, next: None, at: fixture::ms(at) };
        let focus = Focus { hover: Some(fixture::THREAD), ..Focus::default() };
        let capsules = capsules(&moment, &layout, &focus);
        (layout, capsules)
    }

    fn find(capsules: &[Capsule], id: u64) -> &Capsule {
        capsules.iter().find(|capsule| capsule.id == id).expect("on its way")
    }

    #[test]
    fn capsules_hide_no_member_at_any_time() {
        for at in (12_300..12_440).step_by(5) {
            let (layout, capsules) = seen(at);
            for capsule in &capsules {
                for seat in &layout.seats {
                    // From the nearest edge of the capsule.
                    let (w, h) = (capsule.width / 2.0, capsule.height / 2.0);
                    let near = |from: f32, to: f32, half: f32| ((from - to).abs() - half).max(0.0);
                    let (x, y) =
                        (near(capsule.at.x, seat.at.x, w), near(capsule.at.y, seat.at.y, h));
                    let room = (x * x + y * y).sqrt();
                    assert!(room >= layout.radius - 1.0, "{at} {capsule:?} {seat:?} {room}");
                }
            }
        }
    }

    #[test]
    fn a_packet_moves_by_its_own_times_and_is_gone_when_it_arrives() {
        let (_, early) = seen(12_341);
        let (_, late) = seen(12_429);
        assert!(find(&early, 1).at.y < find(&late, 1).at.y);
        let (_, gone) = seen(12_430);
        assert!(gone.iter().all(|capsule| capsule.id != 1));
    }

    #[test]
    fn two_directions_keep_apart() {
        let (_, capsules) = seen(12_384);
        let (there, back) = (find(&capsules, 2), find(&capsules, 14));
        assert!(there.at.distance(back.at) > LANE);
    }

    #[test]
    fn looks_follow_the_grammar() {
        let (_, capsules) = seen(12_384);
        let looks = [1, 3, 8].map(|id| find(&capsules, id).look);
        assert_eq!(looks, [Look::Request, Look::Answer, Look::Refused]);
        assert!(find(&capsules, 4).quiet && !find(&capsules, 1).quiet);
        assert!(find(&capsules, 9).width > find(&capsules, 1).width);
        assert!(find(&capsules, 1).lit && !find(&capsules, 6).lit);
        assert!(find(&capsules, 9).fading.unwrap() < 255);
        assert_eq!(find(&capsules, 1).term, Some("term-3"));
        assert_eq!(find(&capsules, 10).term, None);
    }

    #[test]
    fn what_was_sent_between_two_frames_is_seen_too() {
        let mut frame = fixture::moment();
        let next = Rc::new(frame.clone());
        frame.cluster.packets.clear();
        frame.cluster.now = fixture::ms(12_200);
        let layout = Layout::of(&frame, Shape::Wide);
        let moment = Moment { frame: Rc::new(frame), next: Some(next), at: fixture::ms(12_345) };
        let ids = |capsules: Vec<Capsule>| {
            let mut ids: Vec<u64> = capsules.iter().map(|capsule| capsule.id).collect();
            ids.sort();
            ids
        };
        let found = ids(capsules(&moment, &layout, &Focus::default()));
        assert_eq!(found, [1, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13]);
    }
}
