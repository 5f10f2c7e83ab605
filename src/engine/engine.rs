//! The whole world: a cluster, a control plane over it, and a camera.
//!
//! Everything is a loop over micro-steps; after each, what happened is handed to those who follow
//! it, in the order it happened. How a reader steps can therefore never change what happens.
//!
//! Architecture invariant: no clock, no browser, no state outside this struct and its world.

use std::collections::VecDeque;
use std::rc::Rc;

use super::look;
use super::travel::{Ended, Watchman};
use super::{
    Action, Config, EVENTS_PER_UPDATE_MAX, Event, Frame, Look, RECENT_EVENTS_MAX, Seen, Update,
    What,
};
use crate::check::{NotedBreak, Promises};
use crate::cluster::{self, Camera, Cluster, Setup, Snapshots};
use crate::kube::{self, ControlPlane};
use crate::raft::ThreadId;
use crate::sim::Instant;

/// A world one can run.
pub struct Engine {
    config: Config,
    pub(super) cluster: Cluster,
    plane: ControlPlane,
    promises: Promises,
    camera: Camera,
    pub(super) events: Vec<Rc<Event>>,
    events_left_out: u32,
    recent: VecDeque<Rc<Event>>,
    /// How many of the newest events are of the last micro-step or action.
    fresh: usize,
    pub(super) acts: u64,
    pub(super) watch: Watchman,
    /// How the last journey ended that nobody was told of.
    pub(super) ended: Ended,
}

impl Engine {
    /// A new world.
    ///
    /// # Errors
    /// When there are no such worlds: [`Config::check`].
    pub fn boot(config: Config) -> Result<Engine, String> {
        config.check()?;
        let setup = Setup {
            seed: config.seed,
            members: config.members,
            timing: config.timing,
            loop_waits_for_fsync: config.loop_waits_for_fsync,
        };
        let many = config.nodes > kube::places::BOXES_MAX;
        let snapshots = if many { Snapshots::AsEtcd } else { Snapshots::Often };
        let cluster = Cluster::boot_with(setup, snapshots);
        let promises = Promises::of(&cluster);
        let plane = ControlPlane::start(
            &cluster,
            config.encryption,
            (config.plane, config.nodes),
            &config.apiserver,
        );
        let camera = Camera::default();
        let mut engine = Engine {
            config,
            cluster,
            plane,
            promises,
            camera,
            events: Vec::new(),
            events_left_out: 0,
            recent: VecDeque::new(),
            fresh: 0,
            acts: 0,
            watch: Watchman::default(),
            ended: Ended::There,
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
                    self.watch.asked = Some(thread);
                }
                thread
            }
            Action::Kube(action) => self.plane.act(action),
        };
        self.acts += 1;
        self.collect();
        self.see(matches!(action, Action::Cluster(it) if it.is_fault()));
        thread
    }

    /// How many events wait to be taken.
    pub(super) fn events_waiting(&self) -> usize {
        self.events.len()
    }

    /// Takes what was noted, hands it to those who follow it, and keeps it for the next update.
    pub(super) fn collect(&mut self) {
        self.fresh = 0;
        self.take_what_happened();
        self.promises.follow(&self.cluster);
        for noted in self.promises.take_events() {
            self.keep(broken(noted));
        }
    }

    fn take_what_happened(&mut self) {
        if self.cluster.events_waiting() == 0 && self.plane.events_waiting() == 0 {
            return;
        }
        let (below, left_out) = self.cluster.take_events();
        self.events_left_out = self.events_left_out.saturating_add(left_out as u32);
        for noted in &below {
            self.plane.follow(noted);
            if matches!(&noted.event, cluster::Event::Recovered(it) if it.begins_anew()) {
                // Another cluster: it owes nothing to those to whom the one before promised.
                self.promises = Promises::of(&self.cluster);
            }
            self.promises.hear(noted);
        }
        let mut above = self.plane.take_events().into_iter().peekable();
        for noted in below {
            while let Some(before) = above.next_if(|other| other.sequence < noted.sequence) {
                self.keep(from_above(before));
            }
            self.keep(from_below(noted));
        }
        above.for_each(|noted| self.keep(from_above(noted)));
        if self.events.len() > 2 * EVENTS_PER_UPDATE_MAX {
            let most = self.events.len() - EVENTS_PER_UPDATE_MAX;
            self.events.drain(..most);
            self.events_left_out = self.events_left_out.saturating_add(most as u32);
        }
    }

    fn keep(&mut self, event: Event) {
        let event = Rc::new(event);
        if self.recent.len() == RECENT_EVENTS_MAX {
            self.recent.pop_front();
        }
        self.recent.push_back(event.clone());
        self.events.push(event);
        self.fresh += 1;
    }

    /// What the last micro-step or action has led to.
    pub(super) fn fresh(&self) -> &[Rc<Event>] {
        &self.events[self.events.len().saturating_sub(self.fresh)..]
    }

    /// The world at this instant.
    pub fn frame(&mut self) -> Frame {
        let mut cluster = self.camera.frame(&self.cluster);
        cluster.places = self.plane.places();
        Frame {
            cluster,
            acts: self.acts,
            nodes: self.plane.grid(),
            writes: self.plane.writes(),
            promises: self.promises.shown(),
        }
    }

    /// Looks at something frames do not carry. Changes nothing.
    pub fn look(&self, at: &Look) -> Seen {
        match at {
            Look::History { key } => Seen::History(self.promises.history(key.as_deref())),
            at => look::look(&self.cluster, &self.plane, at),
        }
    }

    /// The events since this was last called.
    pub fn take_events(&mut self) -> Vec<Rc<Event>> {
        std::mem::take(&mut self.events)
    }

    /// What a page is told after going somewhere: the newest events rather than those of the way.
    pub(super) fn show(&mut self, reached: bool) -> Update {
        self.watch.rest();
        self.events.clear();
        self.events_left_out = 0;
        let events = self.recent.iter().cloned().collect();
        Update { frame: Some(self.frame()), events, reached, ..Update::default() }
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
