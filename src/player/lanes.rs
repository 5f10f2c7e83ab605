//! Everything that happened, folded into lanes: what the timeline draws.
//!
//! * A lane per member: bands of equal (role, term, status), in order, without gaps or overlaps.
//! * Bands begin at the instant of the event that began them; a frame that disagrees with them wins
//!   from its own instant on, so that a lane never shows what is not so.
//! * Bounded by the named limits; the oldest go first.
//!
//! Architecture invariant: knows frames and events, not pixels.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::cluster::{self, ClientRequest, Member, Outcome, Role, Status};
use crate::engine::{Event, Frame, What};
use crate::raft::{MemberId, Term, ThreadId};
use crate::sim::Instant;

/// Bands kept for each member.
pub const BANDS_PER_LANE_MAX: usize = 512;

/// Requests kept.
pub const BARS_MAX: usize = 512;

/// Commits kept.
pub const COMMITS_MAX: usize = 512;

/// Faults kept.
pub const MARKS_MAX: usize = 256;

/// A stretch of time in which a member was the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Band {
    /// When it began; it lasts until the next one.
    pub from: Instant,
    /// What the member was.
    pub role: Role,
    /// In which term.
    pub term: Term,
    /// Whether its process ran.
    pub status: Status,
}

/// One member's bands, oldest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lane {
    /// The member.
    pub member: MemberId,
    /// Its bands.
    pub bands: VecDeque<Band>,
}

/// One request of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestBar {
    /// Its number.
    pub id: u64,
    /// Its thread.
    pub thread: ThreadId,
    /// In a few words.
    pub text: Rc<str>,
    /// When it began.
    pub from: Instant,
    /// When it ended; none while it is open.
    pub to: Option<Instant>,
    /// Whether it ended badly.
    pub failed: bool,
}

/// Something the reader did to the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at: Instant,
    /// As a line: `✕ kill 2`.
    pub text: String,
}

/// All lanes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lanes {
    /// Members' lanes, by id.
    pub members: Vec<Lane>,
    /// Requests, oldest first.
    pub requests: VecDeque<RequestBar>,
    /// When which member knew an entry on a quorum.
    pub commits: VecDeque<(Instant, MemberId, Option<ThreadId>)>,
    /// What was done to the cluster.
    pub marks: VecDeque<Mark>,
}

impl Lanes {
    /// Adds what happened up to a frame, and the frame.
    pub fn take(&mut self, events: &[Rc<Event>], frame: &Frame) {
        for event in events {
            if let What::Cluster(what) = &event.what {
                self.note(event.at, what);
            }
        }
        for member in &frame.cluster.members {
            self.agree(frame.cluster.now, member);
        }
        for request in &frame.cluster.requests {
            self.bar(request);
        }
    }

    /// Forgets what is after an instant.
    pub fn cut(&mut self, at: Instant) {
        for lane in &mut self.members {
            lane.bands.retain(|band| band.from <= at);
        }
        self.requests.retain(|bar| bar.from <= at);
        for bar in self.requests.iter_mut().filter(|bar| bar.to.is_some_and(|to| to > at)) {
            (bar.to, bar.failed) = (None, false);
        }
        self.commits.retain(|(when, ..)| *when <= at);
        self.marks.retain(|mark| mark.at <= at);
    }

    fn note(&mut self, at: Instant, event: &cluster::Event) {
        use cluster::Event::*;
        match event {
            RoleChanged { member, role, term } => {
                self.change(at, *member, |band| Band { role: *role, term: *term, ..band });
            }
            Killed { member } => {
                self.mark(at, format!("✕ kill {}", member.0));
                self.change(at, *member, |band| Band { status: Status::Crashed, ..band });
            }
            PowerCut { member } => {
                self.mark(at, format!("✕ crash {}", member.0));
                self.change(at, *member, |band| Band { status: Status::Crashed, ..band });
            }
            Died { member, .. } | StartFailed { member, .. } => {
                self.mark(at, format!("✕ {member} dies"));
                self.change(at, *member, |band| Band { status: Status::Crashed, ..band });
            }
            Restarted { member } => {
                self.mark(at, format!("↻ restart {}", member.0));
                let (role, status) = (Role::Follower, Status::Running);
                self.change(at, *member, |band| Band { role, status, ..band });
            }
            Paused { member } => {
                self.mark(at, format!("❚❚ pause {}", member.0));
                self.change(at, *member, |band| Band { status: Status::Paused, ..band });
            }
            Resumed { member } => {
                self.mark(at, format!("▸ resume {}", member.0));
                self.change(at, *member, |band| Band { status: Status::Running, ..band });
            }
            Partitioned { groups } => self.mark(at, format!("✂ cut in {}", groups.len())),
            Healed => self.mark(at, "✚ heal".into()),
            DiskChanged { member, fault } => {
                self.mark(at, format!("⚒ {}", cluster::Action::Disk(*member, *fault)));
            }
            ClockChanged { member, fault } => {
                self.mark(at, format!("⚒ {}", cluster::Action::Clock(*member, *fault)));
            }
            LinkChanged { ways, fault } => {
                self.mark(at, format!("✂ {}", cluster::Action::Link(ways.clone(), *fault)));
            }
            Touched { packet, touch, .. } => {
                self.mark(at, format!("✂ {}", cluster::Action::Packet(*packet, *touch)));
            }
            Committed { member, thread, .. } => {
                push(&mut self.commits, (at, *member, *thread), COMMITS_MAX);
            }
            _ => {}
        }
    }

    fn mark(&mut self, at: Instant, text: String) {
        push(&mut self.marks, Mark { at, text }, MARKS_MAX);
    }

    fn change(&mut self, at: Instant, member: MemberId, change: impl Fn(Band) -> Band) {
        let lane = self.lane(member);
        let before = lane.bands.back().copied().unwrap_or(Band {
            from: at,
            role: Role::Follower,
            term: Term(0),
            status: Status::Running,
        });
        begin(lane, Band { from: at, ..change(before) });
    }

    fn agree(&mut self, now: Instant, member: &Member) {
        let &Member { role, term, status, .. } = member;
        let lane = self.lane(member.id);
        begin(lane, Band { from: now, role, term, status });
    }

    fn lane(&mut self, member: MemberId) -> &mut Lane {
        let place = self.members.binary_search_by_key(&member, |lane| lane.member);
        let index = place.unwrap_or_else(|index| {
            self.members.insert(index, Lane { member, bands: VecDeque::new() });
            index
        });
        &mut self.members[index]
    }

    fn bar(&mut self, request: &ClientRequest) {
        let failed = matches!(request.outcome, Outcome::Failed { .. });
        let place = self.requests.binary_search_by_key(&request.id, |bar| bar.id);
        if let Ok(index) = place {
            let bar = &mut self.requests[index];
            (bar.to, bar.failed) = (request.ended, failed);
            return;
        }
        let newer = self.requests.back().is_none_or(|last| last.id < request.id);
        if newer {
            let &ClientRequest { id, thread, started, ended, .. } = request;
            let text = Rc::from(request.text.as_str());
            let bar = RequestBar { id, thread, text, from: started, to: ended, failed };
            push(&mut self.requests, bar, BARS_MAX);
        }
    }
}

fn begin(lane: &mut Lane, band: Band) {
    // What a crashed member was does not matter: it is one stretch.
    let down = |band: &Band| band.status == Status::Crashed;
    let what = |band: &Band| (band.role, band.term, band.status);
    let same = |last: &Band| what(last) == what(&band) || (down(last) && down(&band));
    if lane.bands.back().is_some_and(same) {
        return;
    }
    if lane.bands.back().is_some_and(|last| last.from >= band.from) {
        lane.bands.pop_back();
    }
    push(&mut lane.bands, band, BANDS_PER_LANE_MAX);
}

fn push<T>(list: &mut VecDeque<T>, item: T, max: usize) {
    if list.len() == max {
        list.pop_front();
    }
    list.push_back(item);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(at: u64, what: cluster::Event) -> Event {
        Event { at: Instant(at), step: 0, what: What::Cluster(what) }
    }

    fn role(at: u64, role: Role, term: u64) -> Event {
        let member = MemberId(1);
        event(at, cluster::Event::RoleChanged { member, role, term: Term(term) })
    }

    fn frame(now: u64, role: Role, term: u64, status: Status) -> Frame {
        let mut frame = Frame::default();
        frame.cluster.now = Instant(now);
        let (id, term) = (MemberId(1), Term(term));
        frame.cluster.members =
            vec![Rc::new(Member { id, role, term, status, ..Member::default() })];
        frame
    }

    #[test]
    fn bands_begin_at_their_events_and_frames_correct_them() {
        let mut lanes = Lanes::default();
        let events = [role(3, Role::Candidate, 1), role(5, Role::Leader, 1)].map(Rc::new);
        lanes.take(&events, &frame(9, Role::Leader, 1, Status::Running));
        lanes.take(&[], &frame(12, Role::Follower, 2, Status::Running));
        let killed = event(14, cluster::Event::Killed { member: MemberId(1) });
        lanes.take(&[Rc::new(killed)], &frame(15, Role::Follower, 2, Status::Crashed));
        let bands: Vec<_> =
            lanes.members[0].bands.iter().map(|b| (b.from.0, b.role, b.term.0, b.status)).collect();
        let expected = [
            (3, Role::Candidate, 1, Status::Running),
            (5, Role::Leader, 1, Status::Running),
            (12, Role::Follower, 2, Status::Running),
            (14, Role::Follower, 2, Status::Crashed),
        ];
        assert_eq!(bands, expected);
        assert_eq!(lanes.marks[0].text, "✕ kill 1");
    }

    #[test]
    fn a_request_is_one_bar_however_often_it_is_seen() {
        let mut lanes = Lanes::default();
        let mut seen = frame(1, Role::Follower, 1, Status::Running);
        let mut request = ClientRequest { id: 7, started: Instant(1), ..ClientRequest::default() };
        seen.cluster.requests = vec![Rc::new(request.clone())];
        lanes.take(&[], &seen);
        request.ended = Some(Instant(4));
        request.outcome = Outcome::Failed { error: "no".into(), unknown: false };
        seen.cluster.requests = vec![Rc::new(request)];
        lanes.take(&[], &seen);
        let bars: Vec<_> = lanes.requests.iter().map(|b| (b.id, b.to, b.failed)).collect();
        assert_eq!(bars, [(7, Some(Instant(4)), true)]);
    }

    #[test]
    fn lanes_are_bounded() {
        let mut lanes = Lanes::default();
        let event = |at| Rc::new(role(at, Role::Candidate, at));
        let events: Vec<Rc<Event>> = (0..2000).map(event).collect();
        lanes.take(&events, &Frame::default());
        assert_eq!(lanes.members[0].bands.len(), BANDS_PER_LANE_MAX);
        assert_eq!(lanes.members[0].bands[0].from, Instant(2000 - BANDS_PER_LANE_MAX as u64));
    }
}
