//! The player itself: the playhead over what was seen, and the queue of what to ask for.
//!
//! * `at` never passes what the request under way will bring.
//! * While a request is under way no other is handed out.
//! * Actions and steps belong to the present: they go there first.
//!
//! Architecture invariant: decides by its own state alone; nothing here waits.

use std::collections::VecDeque;
use std::rc::Rc;

use super::{FrameBook, Inputs, Lanes, Moment, Speed, shared};
use crate::cluster::Role;
use crate::engine::{Action, Config, Event, Frame, Look, Request, Seen, StepBy, Stop, Update};
use crate::sim::Instant;

/// Events kept, for the sentence and its causes.
pub const EVENTS_KEPT_MAX: usize = 2000;

/// Wall microseconds one tick may count: a page that was hidden does not catch up.
pub const TICK_MICROS_MAX: u64 = 50_000;

/// The opening lasts at least so long, in which a classroom's apiserver comes up…
pub const OPENING_MIN: Instant = Instant(2_400_000_000);

/// …and until there is a leader, at most so long.
pub const OPENING_MAX: Instant = Instant(20_000_000_000);

/// How fast the opening passes, unless the reader wants it faster: 4×.
const OPENING_NANOS_PER_MICRO: u64 = 4_000;

/// The frames seen, the playhead over them, and what to ask for.
#[derive(Debug, Clone, Default)]
pub struct Player {
    config: Config,
    book: FrameBook,
    lanes: Rc<Lanes>,
    events: VecDeque<Rc<Event>>,
    inputs: Inputs,
    speed: Speed,
    playing: bool,
    past: bool,
    /// Whether the reader has left the pace of the opening as it is.
    opening: bool,
    at: Instant,
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
        let under_way = self.under_way.take();
        let speed = self.speed;
        *self = Player { config: config.clone(), speed, under_way, ..Player::default() };
        self.playing = true;
        self.opening = true;
        self.queue.push_back(Request::Boot(config));
    }

    /// What the world is made from.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The instant looked at.
    pub fn at(&self) -> Instant {
        self.at
    }

    /// The instant of the newest frame.
    pub fn newest_at(&self) -> Instant {
        self.book.newest_at()
    }

    /// Whether time passes.
    pub fn playing(&self) -> bool {
        self.playing
    }

    /// Whether an earlier moment is looked at.
    pub fn in_the_past(&self) -> bool {
        self.past
    }

    /// Virtual time per wall time.
    pub fn speed(&self) -> Speed {
        self.speed
    }

    /// Whether a world was seen at all.
    pub fn has_seen(&self) -> bool {
        !self.book.is_empty()
    }

    /// The timeline's lanes.
    pub fn lanes(&self) -> &Rc<Lanes> {
        &self.lanes
    }

    /// What is seen at the playhead.
    pub fn moment(&self) -> Moment {
        let moment = if self.past {
            self.book.moment(self.at)
        } else {
            let newest = self.book.newest().cloned();
            newest.map(|frame| Moment { frame, next: None, at: self.at })
        };
        moment.unwrap_or_default()
    }

    /// Events up to the playhead, newest first.
    pub fn events(&self) -> impl Iterator<Item = &Rc<Event>> {
        let until = if self.past { self.at } else { Instant(u64::MAX) };
        self.events.iter().rev().skip_while(move |event| event.at > until)
    }

    /// The seed and every input, one a line.
    pub fn replay_text(&self) -> String {
        self.inputs.text(&self.config)
    }

    /// Lets time pass, or stops it.
    pub fn play_pause(&mut self) {
        self.playing = !self.playing;
    }

    /// Changes how fast time passes.
    pub fn pace(&mut self, speed: Speed) {
        self.speed = speed;
        self.opening = false;
    }

    /// Looks at an earlier moment, or back at the present.
    pub fn seek(&mut self, to: Option<Instant>) {
        let newest = self.newest_at();
        let to = to.unwrap_or(newest).max(self.book.oldest_at());
        self.past = to < newest;
        self.at = to.min(newest);
        if self.past {
            self.playing = false;
        }
    }

    /// To the frame before, and stops there.
    pub fn back(&mut self) {
        self.playing = false;
        let from = if self.past { self.at } else { self.newest_at() };
        self.seek(Some(self.book.before(from).unwrap_or(from)));
    }

    /// Lets one thing happen; in the past, goes one frame on.
    pub fn step(&mut self, by: StepBy) {
        self.playing = false;
        self.opening = false;
        if self.past {
            self.seek(self.book.after(self.at));
        } else if !self.queue.contains(&Request::Step(by)) {
            self.queue.push_back(Request::Step(by));
        }
    }

    /// Does something to the world, in the present.
    pub fn act(&mut self, action: Action) {
        self.seek(None);
        self.queue.push_back(Request::Act(action));
    }

    /// Lets so much virtual time pass at once, in the present.
    pub fn wait(&mut self, nanos: u64, stops: Vec<Stop>) {
        self.seek(None);
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
        let before = (self.at, self.past);
        let nanos = wall_micros.min(TICK_MICROS_MAX) * self.nanos_per_micro();
        let to = Instant(self.at.0 + nanos);
        if self.past {
            self.past = to < self.newest_at();
            self.at = to.min(self.newest_at());
        } else {
            self.at = to.min(self.limit());
        }
        before != (self.at, self.past)
    }

    /// Virtual nanoseconds per wall microsecond. The opening passes quickly: a newcomer meets a
    /// cluster that has a leader, and finds its election on the timeline.
    fn nanos_per_micro(&self) -> u64 {
        let chosen = self.speed.nanos_per_micro();
        let leads = |frame: &Rc<Frame>| {
            frame.cluster.members.iter().any(|member| member.role == Role::Leader)
        };
        let opens = self.at < OPENING_MIN || !self.book.newest().is_some_and(leads);
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
            self.inputs.note(self.book.newest_at(), &action.to_string());
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
            self.take_frame(frame, update.events, matches!(request, Some(Request::Step(_))));
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
            self.inputs.last_is_lost();
        }
        self.playing = false;
        self.seek(None);
    }

    fn take_frame(&mut self, frame: Frame, events: Vec<Rc<Event>>, stepped: bool) {
        let frame = match self.book.newest() {
            Some(before) => shared(frame, before),
            None => frame,
        };
        Rc::make_mut(&mut self.lanes).take(&events, &frame);
        for event in events {
            if self.events.len() == EVENTS_KEPT_MAX {
                self.events.pop_front();
            }
            self.events.push_back(event);
        }
        self.book.push(Rc::new(frame));
        if !self.past && (stepped || !self.playing || self.at > self.newest_at()) {
            self.at = self.newest_at();
        }
    }

    /// How far the playhead may run: to what the request under way brings.
    fn limit(&self) -> Instant {
        match &self.under_way {
            None if self.queue.is_empty() => Instant(u64::MAX),
            Some(Request::Advance { nanos, .. }) => Instant(self.newest_at().0 + nanos),
            _ => self.newest_at().max(self.at),
        }
    }

    fn advance(&self) -> Option<Request> {
        let nanos = self.at.0.saturating_sub(self.newest_at().0);
        let wanted = self.playing && !self.past && self.has_seen() && nanos > 0;
        wanted.then_some(Request::Advance { nanos, stops: Vec::new() })
    }
}

#[cfg(test)]
mod tests;
