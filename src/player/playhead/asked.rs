//! What the page asks of the player: what is seen at the playhead, and what stands around it.
//!
//! Architecture invariant: reads only.

use std::rc::Rc;

use super::Player;
use crate::engine::{Config, Event, Stop};
use crate::player::{Lanes, Line, Moment, Speed};
use crate::sim::Instant;

impl Player {
    /// What the world is made from.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The instant looked at.
    pub fn at(&self) -> Instant {
        self.at
    }

    /// The newest instant of the branch.
    pub fn newest_at(&self) -> Instant {
        self.line.end.at
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
        !self.line.book.is_empty()
    }

    /// The timeline's lanes.
    pub fn lanes(&self) -> &Rc<Lanes> {
        &self.line.lanes
    }

    /// The branch looked at.
    pub fn line(&self) -> &Line {
        &self.line
    }

    /// All branches, in the order in which they began.
    pub fn lines(&self) -> Vec<&Line> {
        let mut lines: Vec<&Line> = self.others.iter().chain([&self.line]).collect();
        lines.sort_by_key(|line| line.id);
        lines
    }

    /// What is seen at the playhead.
    pub fn moment(&self) -> Moment {
        let moment = if self.past {
            self.line.book.moment(self.at)
        } else {
            let newest = self.line.book.newest().cloned();
            newest.map(|frame| Moment { frame, next: None, at: self.at })
        };
        moment.unwrap_or_default()
    }

    /// Events up to the playhead, newest first.
    pub fn events(&self) -> impl Iterator<Item = &Rc<Event>> {
        let (events, until) = match self.past {
            true => (&self.recent, self.at),
            false => (&self.line.events, Instant(u64::MAX)),
        };
        events.iter().rev().skip_while(move |event| event.at > until)
    }

    /// The run as a script: configuration, inputs, the place looked at.
    pub fn replay_text(&self) -> String {
        let seen = self.line.book.moment(self.held.at).map(|moment| moment.frame);
        let here = seen.filter(|frame| frame.position() == self.held);
        let hash = here.map(|frame| frame.cluster.trace_hash);
        self.line.inputs.until(self.held).text(&self.config, self.held, hash)
    }

    /// Whether the run that was opened has led elsewhere than where it was recorded.
    pub fn has_strayed(&self) -> bool {
        self.strayed
    }

    /// What stops time.
    pub fn stops(&self) -> &[Stop] {
        &self.stops
    }

    /// What has stopped it.
    pub fn stopped(&self) -> Option<Stop> {
        self.stopped.clone()
    }

    /// What is looked for by running on, if anything is.
    pub fn jumping(&self) -> Option<Stop> {
        self.jump.as_ref().map(|(stop, _)| stop.clone())
    }
}
