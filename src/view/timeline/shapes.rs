//! Bands, bars, dots, marks and the playhead, as shapes.
//!
//! * Neighbouring bands that fall on the same pixel are one; marks whose words would overlap keep
//!   their tick and lose the words.
//!
//! Architecture invariant: what is drawn is bounded by the width, not by the length of the run.

use std::collections::VecDeque;

use super::Axis;
use crate::cluster::{Role, Status};
use crate::player::{Band, Lanes};
use crate::raft::ThreadId;
use crate::sim::Instant;
use crate::view::term_class;

/// How a stretch of a lane looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentLook {
    /// Strong.
    Leader,
    /// In between.
    Candidate,
    /// Pale.
    Follower,
    /// Dashed.
    Crashed,
    /// Hatched.
    Paused,
}

/// A stretch of a lane.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Segment {
    pub x: f32,
    pub width: f32,
    pub look: SegmentLook,
    pub term: &'static str,
    pub title: String,
}

/// One member's lane.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct LaneShape {
    pub name: String,
    pub y: f32,
    pub height: f32,
    pub segments: Vec<Segment>,
    /// Commits known to this member, as places.
    pub commits: Vec<f32>,
}

/// A request of a client.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Bar {
    pub x: f32,
    pub width: f32,
    pub failed: bool,
    pub open: bool,
    pub thread: ThreadId,
    pub title: String,
}

/// Words above the lanes, with a line down through them.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Text {
    pub x: f32,
    pub text: String,
    /// A fault the reader made, rather than a new term.
    pub fault: bool,
    /// The words end at the line rather than begin there.
    pub before: bool,
}

/// The whole timeline.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct TimelineShapes {
    pub width: f32,
    pub height: f32,
    pub axis: Axis,
    pub lanes: Vec<LaneShape>,
    pub bars: Vec<Bar>,
    pub texts: Vec<Text>,
    pub playhead: f32,
    pub client_y: f32,
}

const TOP: f32 = 18.0;
const LEFT: f32 = 62.0;
const RIGHT: f32 = 14.0;
/// Room the word above the pressed part takes.
const EARLIER_WIDTH: f32 = 46.0;
/// Room a letter of the words above the lanes takes.
const LETTER: f32 = 6.4;

impl TimelineShapes {
    /// The lanes up to `newest`, with the playhead at `at`, in a box of this size.
    pub fn of(lanes: &Lanes, newest: Instant, at: Instant, width: f32, height: f32) -> Self {
        let axis = Axis { left: LEFT, width: width - LEFT - RIGHT, newest };
        let pitch = (height - TOP - 2.0) / (lanes.members.len().max(1) + 1) as f32;
        let thick = (pitch * 0.66).min(14.0);
        let y = |row: usize| TOP + pitch * row as f32 + (pitch - thick) / 2.0;
        let lane = |(index, lane): (usize, &crate::player::Lane)| LaneShape {
            name: lane.member.to_string(),
            y: y(index + 1),
            height: thick,
            segments: segments(&lane.bands, &axis),
            commits: commits(lanes, lane.member, &axis),
        };
        TimelineShapes {
            width,
            height,
            axis,
            lanes: lanes.members.iter().enumerate().map(lane).collect(),
            bars: bars(lanes, &axis),
            texts: texts(lanes, &axis),
            playhead: axis.x(at),
            client_y: y(0) + thick / 2.0,
        }
    }
}

fn segments(bands: &VecDeque<Band>, axis: &Axis) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    for (index, band) in bands.iter().enumerate() {
        let to = bands.get(index + 1).map_or(axis.newest, |next| next.from);
        let (x, end) = (axis.x(band.from), axis.x(to.min(axis.newest)));
        if band.from > axis.newest || band.term.0 == 0 && band.status == Status::Running {
            continue;
        }
        let last = index + 1 == bands.len();
        if end - x < 0.6 && !last {
            continue;
        }
        let term = term_class(band.term);
        let (look, width) = (look(band), (end - x).max(0.6));
        segments.push(Segment { x, width, look, term, title: title(band) });
    }
    segments
}

fn look(band: &Band) -> SegmentLook {
    match (band.status, band.role) {
        (Status::Crashed, _) => SegmentLook::Crashed,
        (Status::Paused, _) => SegmentLook::Paused,
        (_, Role::Leader) => SegmentLook::Leader,
        (_, Role::Candidate | Role::PreCandidate) => SegmentLook::Candidate,
        _ => SegmentLook::Follower,
    }
}

fn title(band: &Band) -> String {
    let what = match band.status {
        Status::Crashed => "crashed",
        Status::Paused => "paused",
        Status::Running => return role_title(band),
    };
    format!("{what}, term {}", band.term)
}

fn role_title(band: &Band) -> String {
    let role = crate::view::words::scene::role(band.role).to_ascii_lowercase();
    format!("{role}, term {}", band.term)
}

/// One dot to a place, however many commits fall on it.
fn commits(lanes: &Lanes, member: crate::raft::MemberId, axis: &Axis) -> Vec<f32> {
    let own = lanes.commits.iter().filter(|(_, who, thread)| *who == member && thread.is_some());
    let mut places: Vec<f32> = own.map(|(at, ..)| axis.x(*at)).collect();
    places.dedup_by(|next, last| *next - *last < 2.0);
    places
}

fn bars(lanes: &Lanes, axis: &Axis) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::new();
    for request in &lanes.requests {
        let (x, end) = (axis.x(request.from), axis.x(request.to.unwrap_or(axis.newest)));
        let open = request.to.is_none();
        let crowded = bars.last().is_some_and(|last| x - last.x < 1.5);
        if crowded && !open && !request.failed {
            continue;
        }
        bars.push(Bar {
            x,
            width: (end - x).max(2.0),
            failed: request.failed,
            open,
            thread: request.thread,
            title: request.text.to_string(),
        });
    }
    bars
}

/// New terms to the right of their line; faults to the left of it where there is room, else to the
/// right; words that have no room are left out, the oldest first.
fn texts(lanes: &Lanes, axis: &Axis) -> Vec<Text> {
    let fault = |mark: &crate::player::Mark| Text {
        x: axis.x(mark.at),
        text: mark.text.clone(),
        fault: true,
        before: true,
    };
    let mut all: Vec<Text> = lanes.marks.iter().map(fault).collect();
    all.extend(terms(lanes, axis));
    let edges = (axis.left, axis.left + axis.width + RIGHT);
    let earlier = axis.fold_x().map(|_| (axis.left, axis.left + EARLIER_WIDTH));
    let mut taken: Vec<(f32, f32)> = earlier.into_iter().collect();
    for text in all.iter_mut().rev() {
        let sides = if text.before { &[true, false][..] } else { &[false] };
        let free = sides.iter().find_map(|before| {
            let (from, to) = text.span(*before);
            let inside = from >= edges.0 && to <= edges.1;
            let clear = taken.iter().all(|other| to <= other.0 || other.1 <= from);
            (inside && clear).then_some((*before, from, to))
        });
        match free {
            Some((before, from, to)) => {
                text.before = before;
                taken.push((from, to));
            }
            None => text.text.clear(),
        }
    }
    all
}

impl Text {
    /// From where to where its words reach.
    pub fn span(&self, before: bool) -> (f32, f32) {
        let width = self.text.chars().count() as f32 * LETTER + 6.0;
        if before { (self.x - width, self.x) } else { (self.x, self.x + width) }
    }
}

fn terms(lanes: &Lanes, axis: &Axis) -> Vec<Text> {
    let leads = |band: &&Band| band.role == Role::Leader && band.status == Status::Running;
    let bands = lanes.members.iter().flat_map(|lane| lane.bands.iter().filter(leads));
    let mut begun: Vec<(u64, Instant)> = Vec::new();
    for band in bands {
        match begun.binary_search_by_key(&band.term.0, |(term, _)| *term) {
            Ok(known) => begun[known].1 = begun[known].1.min(band.from),
            Err(place) => begun.insert(place, (band.term.0, band.from)),
        }
    }
    let text = |(term, at): (u64, Instant)| Text {
        x: axis.x(at),
        text: format!("term {term}"),
        fault: false,
        before: false,
    };
    begun.into_iter().map(text).collect()
}
