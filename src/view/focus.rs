//! What the reader looks at: the whole state of the page besides the frames.
//!
//! Architecture invariant: plain values, so that a picture is a function of `(frame, focus)`.

use crate::kube::StepKind;
use crate::raft::{MemberId, ThreadId};
use crate::store::Revision;

/// The panes on the right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tab {
    /// Write an object, or a plain put.
    #[default]
    Submit,
    /// The log, aligned on the index.
    Log,
    /// Kubernetes' objects, and who owns whom.
    Objects,
    /// The keys and their history.
    Store,
    /// The bytes of the write in focus.
    Bytes,
    /// Who watches what, and what they were told.
    Watches,
    /// What a member measures of itself.
    Metrics,
    /// What must always hold, and whether it does.
    Promises,
    /// The clients' requests over time, and the order that explains them.
    History,
}

impl Tab {
    /// All of them, in order.
    pub const ALL: [Tab; 9] = [
        Tab::Submit,
        Tab::Objects,
        Tab::Log,
        Tab::Store,
        Tab::Bytes,
        Tab::Watches,
        Tab::Metrics,
        Tab::Promises,
        Tab::History,
    ];
}

/// What the reader looks at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Focus {
    /// The pane shown.
    pub tab: Tab,
    /// The member selected.
    pub member: Option<MemberId>,
    /// The write in focus; none: the newest.
    pub thread: Option<ThreadId>,
    /// The write under the pointer: its whole thread is lit.
    pub hover: Option<ThreadId>,
    /// The station opened.
    pub step: Option<StepKind>,
    /// The key whose history is shown.
    pub key: Option<String>,
    /// The revision the store is read at; none: now.
    pub revision: Option<Revision>,
    /// The command that fetches what is to be edited.
    pub edits: Option<String>,
}
