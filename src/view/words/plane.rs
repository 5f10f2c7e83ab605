//! The words of what the control plane does: objects and pods.
//!
//! Architecture invariant: texts only; nothing here decides.

#![allow(missing_docs)]

use crate::raft::MemberId;
use crate::store::Revision;

pub const OBJECTS: &str = "Objects";
pub const OBJECTS_NONE: &str = "No object yet: submit one";
pub const OBJECT_CHOOSE: &str = "Choose an object to see what is stored, and how it came to be so";

/// Over the list.
pub fn objects_said(count: &str, member: Option<MemberId>, revision: Revision) -> String {
    match member {
        Some(member) => format!("{count} in {member}, at revision {revision}"),
        None => count.to_string(),
    }
}
