//! The words of the bar over the timeline: jumps, stops, branches, sharing.
//!
//! Architecture invariant: texts only; nothing here decides.

#![allow(missing_docs)]

use crate::cluster::PacketKind;
use crate::engine::Stop;
use crate::player::BRANCHES_MAX;

/// What one can jump to, in the order offered.
pub const JUMPS: [Stop; 17] = [
    Stop::Leader,
    Stop::Election,
    Stop::Term,
    Stop::Commit(None),
    Stop::Told,
    Stop::Fault,
    Stop::Violation,
    Stop::Message(None),
    Stop::Event,
    Stop::Instant,
    Stop::Message(Some(PacketKind::Vote)),
    Stop::Message(Some(PacketKind::PreVote)),
    Stop::Message(Some(PacketKind::Append)),
    Stop::Message(Some(PacketKind::Snapshot)),
    Stop::Message(Some(PacketKind::ReadIndex)),
    Stop::Message(Some(PacketKind::Forward)),
    Stop::Message(Some(PacketKind::Client)),
];

/// What can stop time, in the order offered; before the last: that a member applies an entry.
pub const STOPS: [Stop; 7] = [
    Stop::Leader,
    Stop::Election,
    Stop::Term,
    Stop::Commit(None),
    Stop::Told,
    Stop::Fault,
    Stop::Violation,
];

/// What can stop time once a number or a line is typed: in words, and what is typed before it.
pub const STOP_LINES: [(&str, &str); 4] = [
    ("entry N commits …", "break commit "),
    ("a member applies revision N …", "break applied 1 "),
    ("a message of a kind …", "break message "),
    ("a line becomes so …", "break so "),
];

/// What happens, as a reader says it.
pub fn stop(stop: &Stop) -> String {
    let words = match stop {
        Stop::Message(None) => "a message arrives",
        Stop::Message(Some(_)) => return format!("{stop} arrives"),
        Stop::Event => "anything happens",
        Stop::Instant => "an instant ends",
        Stop::Leader => "a leader is elected",
        Stop::Election => "a member campaigns",
        Stop::Term => "a new term begins",
        Stop::Commit(None) => "an entry commits",
        Stop::Commit(Some(index)) => return format!("entry {index} commits"),
        Stop::Applied(member, None) => return format!("{member} applies an entry"),
        Stop::Applied(member, Some(at)) => return format!("{member} applies revision {at}"),
        Stop::Told => "a watcher is told",
        Stop::Violation => "a promise breaks",
        Stop::Fault => "you break or mend something",
        Stop::So(line) => return format!("it becomes so: {line}"),
    };
    words.into()
}

/// Twelve at most.
pub fn branches_full() -> String {
    format!("A run has {BRANCHES_MAX} branches at most: delete one over the timeline first")
}

/// A link of another version, read by this one.
pub const STRAYED: &str = "This run was recorded with another version of Raftarium, or altered: \
    from the same beginning, the same inputs lead elsewhere now. What you see is what this version \
    makes of them";

pub const BAR: &str = "Time";
pub const JUMP: &str = "Jump to where";
pub const LAST: &str = "Back to the last time";
pub const NEXT: &str = "On to the next time";
pub const STOP: &str = "Stop when";
pub const STOP_CHOOSE: &str = "stop when …";
pub const STOP_REMOVE: &str = "No longer stop there";
pub const BRANCHES: &str = "Branches";
pub const BRANCH_NAME: &str = "Name of this branch";
pub const BRANCH_SWITCH: &str = "Go to this branch";
pub const BRANCH_BESIDE: &str = "Show it beside this one";
pub const BRANCH_DELETE: &str = "Delete this branch";
pub const SHARE: &str = "Share";
pub const SHARE_TITLE: &str = "Copy a link to this very moment";
pub const SHARED: &str = "Link copied";

/// What has stopped time.
pub fn stopped(at: &Stop) -> String {
    format!("Stopped: {}", stop(at))
}

/// What is looked for.
pub fn jumping(to: &Stop) -> String {
    format!("Looking for where {} …", stop(to))
}
