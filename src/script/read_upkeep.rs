//! From words to what keeps a cluster in order: `quota`, `leases`, `corrupt-check`, `flip`.
//!
//! Architecture invariant: reads; does nothing.

use std::time::Duration;

use super::read::{Line, member};
use super::words::Wrong;
use super::{Action, Command, amounts};
use crate::cluster;

/// A check more often than this is not made.
const CORRUPT_CHECK_MIN: Duration = Duration::from_millis(100);

/// `corrupt-check 5s`, `corrupt-check off`
pub(super) fn corrupt_check(mut line: Line) -> Result<Command, Wrong> {
    let word = line.last("a time, such as 5s, or off")?;
    let every = match word.text.as_str() {
        "off" => None,
        _ => Some(amounts::fault_span(&word)?.max(CORRUPT_CHECK_MIN)),
    };
    Ok(Command::Do(Action::Cluster(cluster::Action::CorruptCheck(every))))
}

/// `flip 2 foo`
pub(super) fn flip(mut line: Line) -> Result<Command, Wrong> {
    let id = member(&line.next("a member, such as 2")?)?;
    let key = line.last("a key")?.text;
    Ok(Command::Do(Action::Cluster(cluster::Action::Flip(id, key))))
}

/// `quota 64KiB`, `quota off`
pub(super) fn quota(mut line: Line) -> Result<Command, Wrong> {
    let word = line.last("a size, such as 64KiB, or off")?;
    let bytes = match word.text.as_str() {
        "off" => -1,
        _ => amounts::size(&word)?,
    };
    Ok(Command::Do(Action::Cluster(cluster::Action::Quota(bytes))))
}

/// `leases plain`, `leases checkpointed`
pub(super) fn leases(mut line: Line) -> Result<Command, Wrong> {
    let on = line.one_of(&[("plain", false), ("checkpointed", true)])?;
    line.ends().map(|()| Command::Do(Action::Cluster(cluster::Action::LeaseCheckpoints(on))))
}
