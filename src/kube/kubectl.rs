//! The reader's kubectl.
//!
//! Architecture invariant: speaks to the apiserver only.

use super::{Action, ControlPlane, Event};
use crate::raft::ThreadId;

pub(super) async fn run(plane: ControlPlane, action: Action, thread: ThreadId) {
    let line = format!("kubectl {} -f -", action.verb());
    plane.note(Event::Asked { thread, line });
}
