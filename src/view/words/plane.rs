//! The words of what the control plane does: objects and pods.
//!
//! Architecture invariant: texts only; nothing here decides.

#![allow(missing_docs)]

use crate::raft::MemberId;
use crate::store::Revision;
use crate::view::amounts;

pub const OBJECTS: &str = "Objects";
pub const DEEDS: &str = "What to do to it";
pub const OBJECTS_DOWN: &str = "No member is up: there is no store to read from";
pub const OBJECTS_UNREAD: &str = "They are stored, and nobody can read them: no apiserver runs";
pub const OBJECTS_OTHERS: &str = "No object's key has this in it";
pub const OBJECTS_FIND: &str = "find…";
pub const OBJECTS_SOUGHT: &str = "Part of a key, such as pods/default or node-0001";
pub const OBJECTS_NONE: &str = "No object yet: submit one";
pub const STORY: &str = "What came of it";
pub const STORY_NONE: &str =
    "Apply a Deployment in Submit: every write it leads to will be listed here, in order";
pub const STORY_FAILED: &str = "failed";
pub const STORY_OPEN: &str = "under way";

/// `17 writes and 19 Events so far`
pub fn so_far(writes: usize, events: u32) -> String {
    let writes = amounts::counted(writes, "write", "writes");
    let events = amounts::counted(events as usize, "Event", "Events");
    format!("{writes} and {events} so far")
}

/// Of a write: what it came of.
pub fn because(revision: Option<Revision>, about: &str) -> String {
    let revision = revision.map_or_else(String::new, |it| format!("revision {it}, "));
    format!("because of {revision}{about}")
}

/// Writes that are not listed.
pub fn left_out(count: u32) -> String {
    format!("{count} more writes are not listed")
}

pub const OBJECT_CHOOSE: &str = "Choose an object to see what is stored, and how it came to be so";

/// How many of how many are listed.
pub fn objects_shown(shown: usize, of: &str) -> String {
    format!("{shown} of {of}")
}

/// How many objects, where and as of when.
pub fn objects_said(count: &str, member: Option<MemberId>, revision: Revision) -> String {
    match member {
        Some(member) => format!("{count} in {member}, at revision {revision}"),
        None => count.to_string(),
    }
}
