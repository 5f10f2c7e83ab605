//! The whole world: a cluster, a control plane over it, and a camera.
//!
//! Everything is a loop over micro-steps; after each, what happened is handed to those who follow
//! it, in the order it happened. How a reader steps can therefore never change what happens.
//!
//! Architecture invariant: no clock, no browser, no state outside this struct and its world.

use std::time::Duration;

use super::look;
use super::{
    ADVANCE_STEPS_MAX, Action, Config, EVENTS_PER_UPDATE_MAX, Event, Frame, Look, MEMBERS_MAX,
    Seen, StepBy, Update, What,
};
use crate::check::{NotedBreak, Promises};
use crate::cluster::{self, Camera, Cluster, Setup};
use crate::kube::{self, ControlPlane};
use crate::raft::ThreadId;
use crate::sim::Instant;

/// A world one can run.
pub struct Engine {
    config: Config,
    cluster: Cluster,
    plane: ControlPlane,
    promises: Promises,
    camera: Camera,
    events: Vec<Event>,
    events_left_out: u32,
}

impl Engine {
    /// A new world.
    ///
    /// # Errors
    /// When the configuration asks for no members, or for more than [`MEMBERS_MAX`].
    pub fn boot(config: Config) -> Result<Engine, String> {
        if config.members == 0 || config.members > MEMBERS_MAX {
            let asked = config.members;
            return Err(format!("a cluster has 1 to {MEMBERS_MAX} members, not {asked}"));
        }
        let cluster = Cluster::boot(Setup {
            seed: config.seed,
            members: config.members,
            timing: config.timing,
            loop_waits_for_fsync: config.loop_waits_for_fsync,
        });
        let promises = Promises::of(&cluster);
        let plane = ControlPlane::start(&cluster, config.encryption);
        let camera = Camera::default();
        let mut engine = Engine {
            config,
            cluster,
            plane,
            promises,
            camera,
            events: Vec::new(),
            events_left_out: 0,
        };
        engine.collect();
        Ok(engine)
    }

    /// What it was made from.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The cluster.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The control plane.
    pub fn plane(&self) -> &ControlPlane {
        &self.plane
    }

    /// The promises.
    pub fn promises(&self) -> &Promises {
        &self.promises
    }

    /// The present instant.
    pub fn now(&self) -> Instant {
        self.cluster.world().now()
    }

    /// The hash of everything that happened.
    pub fn trace_hash(&self) -> u64 {
        self.cluster.trace_hash()
    }

    /// Does something, now. Returns the thread of what it begins, if it begins something.
    pub fn act(&mut self, action: &Action) -> Option<ThreadId> {
        let thread = match action {
            Action::Cluster(action) => {
                let thread = self.cluster.act(action);
                if let (Some(thread), cluster::Action::Etcdctl(etcdctl)) = (thread, action) {
                    self.plane.follow_etcdctl(thread, etcdctl);
                }
                thread
            }
            Action::Kube(action) => Some(self.plane.act(action)),
        };
        self.collect();
        thread
    }

    /// Lets virtual time pass. False when it was cut short by [`ADVANCE_STEPS_MAX`].
    pub fn advance(&mut self, span: Duration) -> bool {
        self.advance_to(self.now() + span)
    }

    /// Lets virtual time pass up to an instant. False when it was cut short.
    pub fn advance_to(&mut self, until: Instant) -> bool {
        for _ in 0..ADVANCE_STEPS_MAX {
            if !self.micro_step(until) {
                self.cluster.world().advance_to(until, 0);
                return true;
            }
        }
        false
    }

    /// Lets virtual time pass until something is true, at most so much of it. False when it did not
    /// become true.
    pub fn run_until(&mut self, most: Duration, mut is: impl FnMut(&Engine) -> bool) -> bool {
        let until = self.now() + most;
        while !is(self) {
            if !self.micro_step(until) {
                return false;
            }
        }
        true
    }

    /// Lets one thing happen. False when nothing is left to happen.
    pub fn step(&mut self, by: StepBy) -> bool {
        let (delivered, events) = (self.cluster.delivered(), self.events.len());
        if by == StepBy::Instant {
            let next = self.cluster.world().next_at();
            return next.is_some_and(|next| self.advance_to(next));
        }
        for _ in 0..ADVANCE_STEPS_MAX {
            if !self.micro_step(Instant::NEVER) {
                return false;
            }
            let done = match by {
                StepBy::Message => self.cluster.delivered() != delivered,
                _ => self.events.len() != events,
            };
            if done {
                return true;
            }
        }
        false
    }

    /// How many events wait to be taken.
    pub(super) fn events_waiting(&self) -> usize {
        self.events.len()
    }

    /// Makes one micro-step, if it happens at `until` or before.
    pub(super) fn micro_step(&mut self, until: Instant) -> bool {
        let stepped = self.cluster.step_until(until).is_some();
        self.collect();
        stepped
    }

    /// Takes what was noted, hands it to those who follow it, and keeps it for the next update.
    fn collect(&mut self) {
        self.take_what_happened();
        self.promises.follow(&self.cluster);
        self.events.extend(self.promises.take_events().into_iter().map(broken));
    }

    fn take_what_happened(&mut self) {
        if self.cluster.events_waiting() == 0 && self.plane.events_waiting() == 0 {
            return;
        }
        let (below, left_out) = self.cluster.take_events();
        self.events_left_out = self.events_left_out.saturating_add(left_out as u32);
        for noted in &below {
            self.plane.follow(noted);
        }
        let mut above = self.plane.take_events().into_iter().peekable();
        for noted in below {
            while let Some(before) = above.next_if(|other| other.sequence < noted.sequence) {
                self.events.push(from_above(before));
            }
            self.events.push(from_below(noted));
        }
        self.events.extend(above.map(from_above));
        if self.events.len() > 2 * EVENTS_PER_UPDATE_MAX {
            let most = self.events.len() - EVENTS_PER_UPDATE_MAX;
            self.events.drain(..most);
            self.events_left_out = self.events_left_out.saturating_add(most as u32);
        }
    }

    /// The world at this instant.
    pub fn frame(&mut self) -> Frame {
        let mut cluster = self.camera.frame(&self.cluster);
        cluster.places = self.plane.places();
        Frame { cluster, writes: self.plane.writes(), promises: self.promises.shown() }
    }

    /// Looks at something frames do not carry. Changes nothing.
    pub fn look(&self, at: &Look) -> Seen {
        look::look(&self.cluster, &self.plane, at)
    }

    /// The events since this was last called.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// What a page is told after a request.
    pub(super) fn update(&mut self, reached: bool) -> Update {
        let mut events = self.take_events();
        let most = events.len().saturating_sub(EVENTS_PER_UPDATE_MAX);
        events.drain(..most);
        let left_out = std::mem::take(&mut self.events_left_out);
        Update {
            frame: Some(self.frame()),
            events,
            events_left_out: left_out.saturating_add(most as u32),
            reached,
            ..Update::default()
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.plane.end();
        self.cluster.end();
    }
}

fn from_above(noted: kube::Noted) -> Event {
    Event { at: noted.at, step: noted.step, what: What::Kube(noted.event) }
}

fn broken(noted: NotedBreak) -> Event {
    Event { at: noted.at, step: noted.step, what: What::Check(noted.event) }
}

fn from_below(noted: cluster::Noted) -> Event {
    Event { at: noted.at, step: noted.step, what: What::Cluster(noted.event) }
}
