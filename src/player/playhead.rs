//! The player itself: the playhead over the run, and the queue of what to ask for.
//!
//! * The engine is where the playhead is, or on the way there: going back in time moves both, so
//!   that whatever is looked at or done is looked at and done there.
//! * `at` never passes what the request under way will bring.
//! * While a request is under way no other is handed out.
//! * An action in the past begins another branch; nothing that was seen is forgotten.
//!
//! Architecture invariant: decides by its own state alone; nothing here waits.

use std::collections::VecDeque;
use std::rc::Rc;

use super::{Line, Speed};
use crate::cluster::Role;
use crate::engine::{
    Action, BranchId, Config, Event, Frame, Look, Position, Recorded, Request, Seen, StepBy, Stop,
    Update,
};
use crate::sim::Instant;

/// Events kept of each branch, for the sentence and its causes.
pub const EVENTS_KEPT_MAX: usize = 2000;

/// Wall microseconds one tick may count: a page that was hidden does not catch up.
pub const TICK_MICROS_MAX: u64 = 50_000;

/// Branches of one run.
pub const BRANCHES_MAX: usize = 12;

/// What can stop time, at most so much of it.
pub const STOPS_MAX: usize = 8;

/// The opening lasts at least so long, in which a classroom's apiserver comes up…
pub const OPENING_MIN: Instant = Instant(2_400_000_000);

/// …and until there is a leader, at most so long.
pub const OPENING_MAX: Instant = Instant(20_000_000_000);

/// How fast the opening passes, unless the reader wants it faster: 4×.
const OPENING_NANOS_PER_MICRO: u64 = 4_000;

/// A jump forward runs so much virtual time at once…
const JUMP_NANOS: u64 = 2_000_000_000;

/// …at most so often.
const JUMPS_MAX: u32 = 60;

/// The branches seen, the playhead over one of them, and what to ask for.
#[derive(Debug, Clone, Default)]
pub struct Player {
    config: Config,
    line: Line,
    others: Vec<Line>,
    last_branch: BranchId,
    /// Events up to the playhead, while it is in the past.
    recent: VecDeque<Rc<Event>>,
    speed: Speed,
    playing: bool,
    past: bool,
    /// Whether the reader has left the pace of the opening as it is.
    opening: bool,
    at: Instant,
    /// Where the engine is.
    held: Position,
    stops: Vec<Stop>,
    stopped: Option<Stop>,
    /// Of a run that is opened: where it ends, and the hash told of it there.
    told: Option<(Position, u64)>,
    strayed: bool,
    jump: Option<(Stop, u32)>,
    queue: VecDeque<Request>,
    under_way: Option<Request>,
}

impl Player {
    /// A player that will first make the world of `config`, and play it.
    pub fn new(config: Config) -> Player {
        let mut player = Player::default();
        player.boot(config);
        player
    }

    /// Forgets everything and makes another world.
    pub fn boot(&mut self, config: Config) {
        let (under_way, stops) = (self.under_way.take(), std::mem::take(&mut self.stops));
        let speed = self.speed;
        *self = Player { config: config.clone(), speed, under_way, stops, ..Player::default() };
        self.line.name = "main".into();
        self.playing = true;
        self.opening = true;
        self.queue.push_back(Request::Boot(config));
    }

    /// Makes the world of a recorded run, and goes through it to the place looked at.
    pub fn open(&mut self, recorded: Recorded) {
        self.boot(recorded.config);
        (self.playing, self.opening) = (false, false);
        for (at, action) in recorded.acts {
            self.queue.extend([Request::Go(at), Request::Act(action)]);
        }
        self.told = recorded.hash.map(|hash| (recorded.at, hash));
        self.queue.push_back(Request::Go(recorded.at));
    }

    /// Has a script read, which may be a run.
    pub fn read(&mut self, text: String) {
        self.queue.push_back(Request::Read(text));
    }

    /// Lets time pass, or stops it.
    pub fn play_pause(&mut self) {
        self.hand();
        self.playing = !self.playing;
    }

    /// Changes how fast time passes.
    pub fn pace(&mut self, speed: Speed) {
        self.speed = speed;
        self.opening = false;
    }

    /// Stops time whenever this holds, or no longer.
    pub fn toggle_stop(&mut self, stop: Stop) {
        match self.stops.iter().position(|other| *other == stop) {
            Some(place) => drop(self.stops.remove(place)),
            None if self.stops.len() < STOPS_MAX => self.stops.push(stop),
            None => {}
        }
    }

    /// Looks at an earlier moment, or back at the present.
    pub fn seek(&mut self, to: Option<Instant>) {
        self.hand();
        let end = self.line.end;
        let earlier = to.filter(|to| *to < end.at);
        self.past = earlier.is_some();
        self.at = earlier.unwrap_or(end.at);
        if self.past {
            self.playing = false;
        }
        let to = earlier.map_or(end, Position::end_of);
        let going = matches!(self.under_way, Some(Request::Go(_) | Request::Advance { .. }));
        if to != self.held || going {
            self.queue.push_back(Request::Go(to));
        }
    }

    /// To the last place at which this held, and stops there.
    pub fn back(&mut self, stop: Stop) {
        self.hand();
        self.playing = false;
        self.opening = false;
        self.queue.push_back(Request::Back(stop));
    }

    /// On to the next place at which this holds, known or not, and stops there.
    pub fn forward(&mut self, stop: Stop) {
        self.hand();
        self.playing = false;
        self.opening = false;
        self.jump = Some((stop, JUMPS_MAX));
    }

    /// Lets one thing happen.
    pub fn step(&mut self, by: StepBy) {
        self.hand();
        self.playing = false;
        self.opening = false;
        if !self.queue.contains(&Request::Step(by)) {
            self.queue.push_back(Request::Step(by));
        }
    }

    /// Does something to the world, where the playhead is: in the past, in a branch of its own.
    /// False when there are too many of those.
    pub fn act(&mut self, action: Action) -> bool {
        self.jump = None;
        let forks = |request: &Request| matches!(request, Request::Fork(_));
        if self.past && !self.queue.iter().chain(&self.under_way).any(forks) {
            if self.others.len() + 1 >= BRANCHES_MAX {
                return false;
            }
            self.last_branch += 1;
            self.queue.push_back(Request::Fork(self.last_branch));
        }
        self.queue.push_back(Request::Act(action));
        true
    }

    /// To another branch, at the same instant if it reaches so far.
    pub fn switch(&mut self, id: BranchId) {
        self.hand();
        let Some(line) = self.others.iter().find(|line| line.id == id) else { return };
        let to = if self.at < line.end.at { Position::end_of(self.at) } else { line.end };
        self.playing = false;
        self.queue.push_back(Request::Switch(id, to));
    }

    /// Forgets a branch that is not looked at.
    pub fn forget(&mut self, id: BranchId) {
        self.others.retain(|line| line.id != id);
        self.queue.push_back(Request::Forget(id));
    }

    /// Calls a branch something else.
    pub fn rename(&mut self, id: BranchId, name: String) {
        let lines = self.others.iter_mut().chain([&mut self.line]);
        lines.filter(|line| line.id == id).for_each(|line| line.name = name.clone());
    }

    /// Lets so much virtual time pass at once.
    pub fn wait(&mut self, nanos: u64, stops: Vec<Stop>) {
        self.queue.push_back(Request::Advance { nanos, stops });
    }

    /// Asks for something frames do not carry; of each kind only the last look waits, but a line
    /// that is to be done waits for its turn.
    pub fn look(&mut self, look: Look) {
        let kind = std::mem::discriminant(&look);
        self.queue.retain(|request| match request {
            Request::Look(Look::Line { entered: true, .. }) => true,
            Request::Look(other) => std::mem::discriminant(other) != kind,
            _ => true,
        });
        self.queue.push_back(Request::Look(look));
    }

    /// Moves the playhead by so much wall time. Whether the picture changed.
    pub fn tick(&mut self, wall_micros: u64) -> bool {
        if !self.playing || !self.has_seen() {
            return false;
        }
        let before = self.at;
        let nanos = wall_micros.min(TICK_MICROS_MAX) * self.nanos_per_micro();
        self.at = Instant(self.at.0 + nanos).min(self.limit());
        before != self.at
    }

    /// Virtual nanoseconds per wall microsecond. The opening passes quickly: a newcomer meets a
    /// cluster that has a leader, and finds its election on the timeline.
    fn nanos_per_micro(&self) -> u64 {
        let chosen = self.speed.nanos_per_micro();
        let leads = |frame: &Rc<Frame>| {
            frame.cluster.members.iter().any(|member| member.role == Role::Leader)
        };
        let opens = self.at < OPENING_MIN || !self.line.book.newest().is_some_and(leads);
        match self.opening && opens && self.at < OPENING_MAX {
            true => chosen.max(OPENING_NANOS_PER_MICRO),
            false => chosen,
        }
    }

    /// The next thing to ask the engine, if it is free.
    pub fn next_request(&mut self) -> Option<Request> {
        if self.under_way.is_some() {
            return None;
        }
        let request = self.queue.pop_front().or_else(|| self.advance());
        if let Some(Request::Act(action)) = &request {
            let text = action.to_string();
            if self.line.name.is_empty() {
                let first = text.lines().next().unwrap_or_default();
                self.line.name = format!("{first} at {}", self.held.at);
            }
            self.line.inputs.note(self.held, &text);
        }
        self.under_way = request.clone();
        request
    }

    /// Takes the answer to the request under way. What was looked at, if it was a look.
    pub fn take(&mut self, mut update: Update) -> Option<(Look, Seen)> {
        let request = self.under_way.take();
        let stale = self.queue.iter().any(|request| matches!(request, Request::Boot(_)));
        if stale {
            return None;
        }
        if let Some(frame) = update.frame.take() {
            self.arrive(frame, &update, request.as_ref().unwrap_or(&Request::Tell));
        }
        match (request, update.seen) {
            (Some(Request::Look(look)), Some(seen)) => Some((look, seen)),
            _ => None,
        }
    }

    /// The request under way will not be answered, and had no effect. Time stops: what was asked
    /// may be asked for again.
    pub fn give_up_request(&mut self) {
        if let Some(Request::Act(_)) = self.under_way.take() {
            self.line.inputs.last_is_lost();
        }
        (self.playing, self.jump) = (false, None);
        self.at = self.held.at;
        self.past = self.held < self.line.end;
    }

    /// The reader takes time into the hand: what was on its way there goes no further.
    fn hand(&mut self) {
        (self.jump, self.stopped) = (None, None);
        let goes = |request: &Request| matches!(request, Request::Go(_) | Request::Back(_));
        self.queue.retain(|request| !goes(request));
    }

    /// The engine is somewhere, and tells what is there.
    fn arrive(&mut self, frame: Frame, update: &Update, request: &Request) {
        self.held = frame.position();
        if let (Request::Go(to), Some((end, hash))) = (request, self.told)
            && *to == end
        {
            self.told = None;
            self.strayed = frame.cluster.trace_hash != hash;
        }
        let went = match request {
            Request::Fork(id) => {
                let line = self.line.fork(*id, self.held);
                self.others.push(std::mem::replace(&mut self.line, line));
                true
            }
            Request::Switch(id, _) => {
                let place = self.others.iter().position(|line| line.id == *id);
                if let Some(line) = place.map(|place| self.others.swap_remove(place)) {
                    self.others.push(std::mem::replace(&mut self.line, line));
                }
                true
            }
            Request::Go(_) | Request::Back(_) | Request::Forget(_) => true,
            _ => false,
        };
        if went {
            self.recent = update.events.iter().cloned().collect();
        } else {
            self.recent.extend(update.events.iter().cloned());
            let most = self.recent.len().saturating_sub(EVENTS_KEPT_MAX);
            self.recent.drain(..most);
        }
        self.line.take(frame, if went { &[] } else { &update.events });
        self.settle(update, request);
    }

    /// Where the playhead is now that the engine is here.
    fn settle(&mut self, update: &Update, request: &Request) {
        let goes_on = self.queue.iter().any(|request| matches!(request, Request::Go(_)));
        if goes_on {
            return;
        }
        self.past = self.held < self.line.end;
        if update.stopped.is_some() && matches!(request, Request::Advance { .. }) {
            (self.playing, self.stopped) = (false, update.stopped.clone());
        }
        if let Some((_, left)) = &mut self.jump {
            *left -= 1;
            if *left == 0 || update.stopped.is_some() {
                self.jump = None;
            }
        }
        let played = self.playing && matches!(request, Request::Advance { .. } | Request::Act(_));
        if !played || self.at > self.held.at {
            self.at = self.held.at;
        }
    }

    /// How far the playhead may run: to what the request under way brings.
    fn limit(&self) -> Instant {
        match &self.under_way {
            None if self.queue.is_empty() => Instant(u64::MAX),
            Some(Request::Advance { nanos, .. }) => Instant(self.held.at.0 + nanos),
            _ => self.held.at.max(self.at),
        }
    }

    fn advance(&self) -> Option<Request> {
        if !self.has_seen() {
            return None;
        }
        if let Some((stop, _)) = &self.jump {
            return Some(Request::Advance { nanos: JUMP_NANOS, stops: vec![stop.clone()] });
        }
        let nanos = self.at.0.saturating_sub(self.held.at.0);
        let wanted = self.playing && nanos > 0;
        wanted.then(|| Request::Advance { nanos, stops: self.stops.clone() })
    }
}

mod asked;
#[cfg(test)]
mod tests;
