//! What a reader's hand asks for: every component of the page speaks these and nothing else.
//!
//! Architecture invariant: plain values; what they lead to is decided in one place (`Page::on`).

use super::faults::Target;
use super::{Focus, Tab};
use crate::engine::{Action, BranchId, Config, Look, Sought, StepBy, Stop};
use crate::kube::StepKind;
use crate::player::Speed;
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
    /// A line of the language, as far as it is typed; or, entered, to be done.
    Line {
        text: String,
        entered: bool,
    },
    /// Ctrl-C while a transaction is given line by line.
    Abandon,
    /// Open the command line, or close it.
    Terminal(bool),
    /// Open the command line with the beginning of a line in it.
    Draft(&'static str),
    /// Let time pass, or stop it.
    PlayPause,
    /// Let one thing happen.
    Step(StepBy),
    /// Look at an earlier moment; none: back to the present.
    Seek(Option<Instant>),
    /// To the last place at which this held.
    Back(Stop),
    /// To the next place at which this holds.
    Forward(Stop),
    /// What to jump to from now on.
    JumpBy(Stop),
    /// Stop time whenever this holds, or no longer.
    StopAt(Stop),
    /// To another branch of the run.
    Switch(BranchId),
    Forget(BranchId),
    Rename(BranchId, String),
    /// Copy a link to this very moment.
    Share,
    /// Search for a run in which this happens; none: no longer.
    Search(Option<Sought>),
    /// Open the run that was found.
    OpenFound,
    /// Show a branch beside the one looked at, or none.
    Compare(Option<BranchId>),
    /// Virtual seconds per second.
    Speed(Speed),
    /// Ask the engine for something frames do not carry.
    Look(Look),
    ShowTab(Tab),
    SelectMember(Option<MemberId>),
    FocusThread(Option<ThreadId>),
    Hover(Option<ThreadId>),
    OpenStep(Option<StepKind>),
    ShowKey(Option<String>),
    /// Open a node's object, by its name.
    ShowNode(String),
    ReadAt(Option<Revision>),
    /// Open a dialog, or close it.
    Dialog(Option<Dialog>),
    /// Light or dark, the other way round.
    Theme,
    /// Tell the causes of the sentence, or no longer.
    Why,
    /// The trap notice was read.
    DismissTrap,
}

/// What can lie over the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialog {
    /// What the next cluster is made of.
    Settings,
    /// Keys, and how to read the picture.
    Help,
    /// What is real here, and what is modelled.
    About,
    /// What a run can be searched for.
    Search,
    /// What can be done to something.
    Faults(Target),
}

/// Whose colours the page has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Theme {
    /// The system's.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The other one, given what the system's is.
    pub fn other(self, system_is_dark: bool) -> Theme {
        let dark = self == Theme::Dark || (self == Theme::System && system_is_dark);
        if dark { Theme::Light } else { Theme::Dark }
    }
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
