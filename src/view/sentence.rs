//! What is happening, in plain words, before anything else on the page.
//!
//! * One sentence for one moment: the most important of what is so, by [`Weight`].
//! * Said from the frame; events only answer *why?*.
//! * Numbers inside a sentence may change while it stands; its `key`, which one it is, does not.
//!
//! Caveat: says what is seen, so a leader is called stale only once a newer term is on screen.
//!
//! Architecture invariant: a function of `(frame, events)`; how long it stands is for `hold`.

mod causes;
mod hold;
mod raft;
mod writes;

pub use causes::{CAUSES_MAX, Cause, causes};
pub use hold::{HOLD_MICROS, Hold};

use std::rc::Rc;

use super::runs;
use crate::cluster::{Member, Role, Status};
use crate::engine::{Event, Frame};

/// How important a sentence is; a more important one does not wait for its turn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Nothing moves but the pulse.
    #[default]
    Quiet,
    /// Something runs its course.
    Going,
    /// Something was decided.
    News,
    /// Something is wrong with the cluster.
    Trouble,
}

/// A run of words, strong or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The words.
    pub text: String,
    /// Whether they are what matters.
    pub strong: bool,
}

/// One sentence (at times two).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sentence {
    /// Which sentence it is: equal keys are the same sentence with other numbers.
    pub key: String,
    /// How important.
    pub weight: Weight,
    /// Its words.
    pub parts: Vec<Part>,
    /// Where it is written: `Raft §5.2`.
    pub section: &'static str,
}

impl Sentence {
    /// A sentence from text in which `*stars*` mark what is strong.
    pub fn of(key: &str, weight: Weight, section: &'static str, text: &str) -> Sentence {
        let part =
            |(index, text): (usize, &str)| Part { text: text.into(), strong: index % 2 == 1 };
        let parts = text.split('*').enumerate().map(part);
        let parts = parts.filter(|part| !part.text.is_empty()).collect();
        Sentence { key: key.into(), weight, parts, section }
    }

    /// Its words without emphasis.
    pub fn text(&self) -> String {
        self.parts.iter().map(|part| part.text.as_str()).collect()
    }
}

/// What is happening in a frame. `events`: newest first, up to the moment of the frame.
pub fn sentence<'a>(frame: &Frame, events: impl Iterator<Item = &'a Rc<Event>>) -> Sentence {
    let now = frame.cluster.now;
    let recent: Vec<&Rc<Event>> = events
        .take(200)
        .take_while(|event| event.at.0 + RECENT_NANOS >= now.0)
        .filter(|event| event.at <= now)
        .collect();
    let view = View { frame, recent };
    let found = writes::failed(&view)
        .or_else(|| raft::no_quorum(&view))
        .or_else(|| raft::leader_killed(&view))
        .or_else(|| raft::election(&view))
        .or_else(|| raft::stale_leader(&view))
        .or_else(|| writes::on_its_way(&view))
        .or_else(|| raft::fresh_leader(&view))
        .or_else(|| writes::done(&view))
        .or_else(|| raft::catching_up(&view))
        .or_else(|| raft::reader_did(&view))
        .or_else(|| writes::etcdctl(&view));
    found.unwrap_or_else(|| raft::quiet(&view))
}

/// What counts as having just happened, in virtual nanoseconds.
const RECENT_NANOS: u64 = 1_500_000_000;

/// A frame and what just happened, newest first.
struct View<'a> {
    frame: &'a Frame,
    recent: Vec<&'a Rc<Event>>,
}

impl View<'_> {
    fn members(&self) -> &[Rc<Member>] {
        &self.frame.cluster.members
    }

    fn alive(&self) -> usize {
        self.members().iter().filter(|member| runs(member)).count()
    }

    fn quorum(&self) -> usize {
        self.members().len() / 2 + 1
    }

    fn leader(&self) -> Option<&Member> {
        let id = super::leader(self.frame)?;
        self.members().iter().find(|member| member.id == id).map(|member| &**member)
    }

    fn running(&self, role: Role) -> impl Iterator<Item = &Rc<Member>> {
        let runs = |member: &&Rc<Member>| member.status == Status::Running;
        self.members().iter().filter(runs).filter(move |member| member.role == role)
    }
}

#[cfg(test)]
mod tests;
