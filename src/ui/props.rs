//! What the panes on the right are painted from.
//!
//! Architecture invariant: shared parts compare by identity.

use std::rc::Rc;

use yew::prelude::*;

use crate::engine::Frame;
use crate::view::{Focus, Intent, SeenBook};

/// What the panes on the right are painted from.
#[derive(Clone, Properties)]
pub struct PaneProps {
    /// The moment looked at; replaced only when something other than time changed.
    pub frame: Rc<Frame>,
    /// What the reader looks at.
    pub focus: Rc<Focus>,
    /// The latest answers to looks.
    pub seen: Rc<SeenBook>,
    /// An earlier moment is looked at.
    pub past: bool,
    /// Where intents go.
    pub act: Callback<Intent>,
}

impl PartialEq for PaneProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.frame, &other.frame)
            && Rc::ptr_eq(&self.focus, &other.focus)
            && Rc::ptr_eq(&self.seen, &other.seen)
            && self.past == other.past
            && self.act == other.act
    }
}
