//! The words of the stores side by side: members, watchers, leases.
//!
//! Architecture invariant: texts only; nothing here decides.

#![allow(missing_docs)]

use crate::cluster::{Member, Status};
use crate::engine::{LeaseRow, WatcherRow};
use crate::store::Revision;

pub const REVISION_LINES: &str = "All stores, as lines of revisions";
pub const REVISION_LINES_TITLE: &str = "Pale: compacted away. Flags: watchers, where they wait";
pub const LEASES: &str = "Leases";

/// A member over its line of revisions.
pub fn line_name(member: &Member, leads: bool) -> String {
    let leader = if leads { ", leader" } else { "" };
    format!("{}{leader}", member.id)
}

/// How far a member's store is.
pub fn line_text(member: &Member, newest: Revision) -> String {
    let own = member.revision;
    match newest.0 - own.0 {
        _ if member.status == Status::Crashed => format!("down; it had {own}"),
        0 => own.to_string(),
        behind => format!("{own}, {behind} behind"),
    }
}

/// Watchers that wait for the same revision.
pub fn cursor(next: Revision, here: &[&WatcherRow]) -> String {
    let verb = if here.len() == 1 { "waits" } else { "wait" };
    let behind = if here.iter().all(|watcher| watcher.synced) { "" } else { ", behind" };
    let keys: Vec<String> = here.iter().take(CURSOR_KEYS_MAX).map(|it| watched(it)).collect();
    let more = match here.len() - keys.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{verb} for revision {next}{behind}: {}{more}", keys.join(", "))
}

/// Keys named at one cursor.
const CURSOR_KEYS_MAX: usize = 12;

fn watched(watcher: &WatcherRow) -> String {
    let more = if watcher.prefix { "…" } else { "" };
    format!("{}{more}", watcher.key)
}

/// A lease: who it is, how long it lives, what lives by it.
pub fn lease(lease: &LeaseRow) -> String {
    let left = match lease.left_s {
        Some(left) => format!("{left} of {} s left", lease.ttl_s),
        None => format!("{} s; only the leader measures", lease.ttl_s),
    };
    let keys = match lease.keys {
        0 => "no key".into(),
        1 => lease.key.clone(),
        many => format!("{} and {} more", lease.key, many - 1),
    };
    format!("{left} · {keys}")
}
