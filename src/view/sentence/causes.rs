//! Why: the events that led here, newest first.
//!
//! * Of a burst of equal events (every member applies) only the newest is told.
//! * The pulse of the control plane (who reads, who was told of what) is left out.
//!
//! Architecture invariant: events as they were noted; nothing is made up between them.

use std::rc::Rc;

use crate::cluster::Event::{Answered, Applied, Requested, SnapshotTaken, Told};
use crate::engine::{Event, What};
use crate::kube;
use crate::sim::Instant;

/// Causes told.
pub const CAUSES_MAX: usize = 7;

/// One thing that led here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// When.
    pub at: Instant,
    /// What.
    pub text: String,
}

/// The events that led here. `events`: newest first.
pub fn causes<'a>(events: impl Iterator<Item = &'a Rc<Event>>) -> Vec<Cause> {
    let mut causes: Vec<Cause> = Vec::new();
    let mut last = None;
    for event in events.take(400) {
        let kind = kind(&event.what);
        if matches!(kind, Kind::Pulse) || (last == Some(kind) && kind == Kind::Burst) {
            continue;
        }
        last = Some(kind);
        let text = event.what.to_string();
        let text = text.lines().next().unwrap_or_default().to_string();
        causes.push(Cause { at: event.at, text });
        if causes.len() == CAUSES_MAX {
            break;
        }
    }
    causes
}

/// Reads lead to nothing that is seen.
fn is_read(text: &str) -> bool {
    text.starts_with("get ") || text.starts_with("watch ")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pulse,
    Burst,
    Single,
}

fn kind(what: &What) -> Kind {
    match what {
        What::Cluster(Told { .. } | SnapshotTaken { .. } | Answered { .. }) => Kind::Pulse,
        What::Cluster(Requested { text, .. }) if is_read(text) => Kind::Pulse,
        What::Kube(
            kube::Event::Told { .. }
            | kube::Event::Relisted { .. }
            | kube::Event::ListedAgain { .. },
        ) => Kind::Pulse,
        What::Cluster(Applied { .. }) => Kind::Burst,
        _ => Kind::Single,
    }
}
