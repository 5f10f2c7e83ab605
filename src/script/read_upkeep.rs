//! From words to what keeps a cluster in order: `quota`, `leases`.
//!
//! Architecture invariant: reads; does nothing.

use super::read::Line;
use super::words::Wrong;
use super::{Action, Command, amounts};
use crate::cluster;

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
