//! What a reader's hand asks for: every component of the page speaks these and nothing else.
//!
//! Architecture invariant: plain values; what they lead to is decided in one place.

use super::{Focus, Tab};
use crate::engine::{Action, Config, Look, StepBy};
use crate::kube::StepKind;
use crate::raft::{MemberId, ThreadId};
use crate::sim::Instant;
use crate::store::Revision;

/// One thing asked for.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Intent {
    /// Do something to the world, now.
    Act(Action),
    /// Make a new world.
    Boot(Config),
    /// Let time pass, or stop it.
    PlayPause,
    /// Let one thing happen.
    Step(StepBy),
    /// Look at an earlier frame that was seen; none: back to the present.
    Seek(Option<Instant>),
    /// Virtual seconds per second.
    Speed(f64),
    /// Ask the engine for something frames do not carry.
    Look(Look),
    ShowTab(Tab),
    SelectMember(Option<MemberId>),
    FocusThread(Option<ThreadId>),
    Hover(Option<ThreadId>),
    OpenStep(Option<StepKind>),
    ShowKey(Option<String>),
    ReadAt(Option<Revision>),
}

impl Focus {
    /// The focus after an intent that concerns it; others leave it as it is.
    pub fn after(mut self, intent: &Intent) -> Focus {
        match intent.clone() {
            Intent::ShowTab(tab) => self.tab = tab,
            Intent::SelectMember(member) => self.member = member,
            Intent::FocusThread(thread) => self.thread = thread,
            Intent::Hover(thread) => self.hover = thread,
            Intent::OpenStep(step) => self.step = step,
            Intent::ShowKey(key) => self.key = key,
            Intent::ReadAt(revision) => self.revision = revision,
            _ => {}
        }
        self
    }
}
