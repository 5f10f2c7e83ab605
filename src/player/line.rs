//! One branch of the run, as far as it was seen.
//!
//! * What was seen of it is kept, whichever branch is looked at.
//! * A branch that grows from another begins with what was seen of that one up to there.
//!
//! Architecture invariant: knows no other branch.

use std::collections::VecDeque;
use std::rc::Rc;

use super::playhead::EVENTS_KEPT_MAX;
use super::{FrameBook, Inputs, Lanes, shared};
use crate::engine::{BranchId, Event, Frame, Position};
use crate::sim::Instant;

/// A branch of the run.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// Its number; the first is 0.
    pub id: BranchId,
    /// What it is called.
    pub name: String,
    /// The branch it grew from, and where.
    pub from: Option<(BranchId, Position)>,
    /// The first thing that happened in it alone.
    pub first: Option<Rc<Event>>,
    /// Its frames.
    pub book: FrameBook,
    /// Its lanes.
    pub lanes: Rc<Lanes>,
    /// Its newest events, oldest first.
    pub events: VecDeque<Rc<Event>>,
    /// What the reader did in it.
    pub inputs: Inputs,
    /// The newest place in it.
    pub end: Position,
}

impl Line {
    /// What is new in a frame and in what led to it; a frame from before the end only joins the
    /// book.
    pub fn take(&mut self, frame: Frame, events: &[Rc<Event>]) {
        let position = frame.position();
        let near = self.book.moment(position.at).map(|moment| moment.frame);
        let frame = match near {
            Some(before) => shared(frame, &before),
            None => frame,
        };
        if position > self.end || self.book.is_empty() {
            let place = |event: &Rc<Event>| Position { step: event.step, at: event.at, ..position };
            let is_new = |event: &&Rc<Event>| place(event) > self.end || self.book.is_empty();
            let new: Vec<Rc<Event>> = events.iter().filter(is_new).cloned().collect();
            Rc::make_mut(&mut self.lanes).take(&new, &frame);
            if self.from.is_some_and(|(_, from)| self.end == from) && self.first.is_none() {
                self.first = new.first().cloned();
            }
            self.events.extend(new);
            let most = self.events.len().saturating_sub(EVENTS_KEPT_MAX);
            self.events.drain(..most);
            self.end = position;
        }
        self.book.insert(Rc::new(frame));
    }

    /// Another branch, which is the same up to a place.
    pub fn fork(&self, id: BranchId, at: Position) -> Line {
        let mut lanes = (*self.lanes).clone();
        lanes.cut(at.at);
        let mut book = self.book.clone();
        book.cut(at.at);
        let is_before = |event: &&Rc<Event>| (event.at, event.step) <= (at.at, at.step);
        Line {
            id,
            name: String::new(),
            from: Some((self.id, at)),
            first: None,
            book,
            lanes: Rc::new(lanes),
            events: self.events.iter().filter(is_before).cloned().collect(),
            inputs: self.inputs.until(at),
            end: at,
        }
    }

    /// The first thing that happened after a place, if that is still known.
    pub fn after(&self, at: Position) -> Option<&Rc<Event>> {
        let place = |event: &Rc<Event>| (event.at, event.step);
        let known = self.events.front().is_some_and(|first| place(first) <= (at.at, at.step));
        let after = |event: &&Rc<Event>| place(event) > (at.at, at.step);
        self.events.iter().find(after).filter(|_| known)
    }

    /// The instant of its newest place.
    pub fn end_at(&self) -> Instant {
        self.end.at
    }
}
