//! From words to what keeps a cluster in order: `quota`, `leases`, `corrupt-check`,
//! `watch-progress`, `flip`, and to what brings one back: `snapshot`, `force-new-cluster`.
//!
//! Architecture invariant: reads; does nothing.

use std::time::Duration;

use super::read::{Line, member, member_id};
use super::words::{Word, Wrong};
use super::{Action, Command, amounts};
use crate::cluster::{self, Recovery};
use crate::kube::{self, nodes::NODES_MAX};
use crate::raft::MemberId;

/// A check more often than this is not made.
const CORRUPT_CHECK_MIN: Duration = Duration::from_millis(100);

/// etcd takes any `--watch-progress-notify-interval`; streams are looked at no more often.
const WATCH_PROGRESS_MIN: Duration = Duration::from_millis(100);

/// Agents that list more often than this are not modelled.
const MONITOR_MIN: Duration = Duration::from_millis(100);

/// `corrupt-check 5s`, `corrupt-check off`
pub(super) fn corrupt_check(mut line: Line) -> Result<Command, Wrong> {
    let word = line.last("a time, such as 5s, or off")?;
    let every = match word.text.as_str() {
        "off" => None,
        _ => Some(amounts::fault_span(&word)?.max(CORRUPT_CHECK_MIN)),
    };
    Ok(Command::Do(Action::Cluster(cluster::Action::CorruptCheck(every))))
}

/// `watch-progress 5s`
pub(super) fn watch_progress(mut line: Line) -> Result<Command, Wrong> {
    let every = amounts::fault_span(&line.last("a time, such as 5s")?)?.max(WATCH_PROGRESS_MIN);
    Ok(Command::Do(Action::Cluster(cluster::Action::WatchProgress(every))))
}

/// `monitor 25 every 2s`, `monitor off`
pub(super) fn monitor(mut line: Line) -> Result<Command, Wrong> {
    const AGENTS: &str = "how many agents, such as 25, or off";
    let word = line.next(AGENTS)?;
    let (agents, every) = match word.text.as_str() {
        "off" => (0, Duration::ZERO),
        text => {
            let many = |agents: &u16| (1..=NODES_MAX).contains(agents);
            let agents = text.parse().ok().filter(many).ok_or_else(|| word.expected(AGENTS))?;
            line.one_of(&[("every", ())])?;
            let every = amounts::fault_span(&line.next("a time, such as 2s")?)?;
            (agents, every.max(MONITOR_MIN))
        }
    };
    line.ends().map(|()| Command::Do(Action::Kube(kube::Action::Monitor { agents, every })))
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

/// `snapshot save 1 backup.db`, `snapshot restore backup.db 1,2,3 bump 1000 compacted`
pub(super) fn snapshot(mut line: Line) -> Result<Command, Wrong> {
    let saves = line.one_of(&[("save", true), ("restore", false)])?;
    let recovery = match saves {
        true => {
            let member = member(&line.next("a member, such as 1")?)?;
            Recovery::Save { member, file: file(&line.last("a name for the file")?)? }
        }
        false => restore(line)?,
    };
    Ok(Command::Do(Action::Cluster(cluster::Action::Recover(recovery))))
}

fn restore(mut line: Line) -> Result<Recovery, Wrong> {
    let file = file(&line.next("the name of a file, such as backup.db")?)?;
    let word = line.next("the members of the new cluster, such as 1,2,3")?;
    let members: Option<Vec<MemberId>> = word.text.split(',').map(member_id).collect();
    let members = members.ok_or_else(|| word.expected("members, such as 1,2,3"))?;
    let (mut bump, mut mark_compacted) = (0, false);
    while !line.words.is_empty() {
        match line.one_of(&[("bump", true), ("compacted", false)])? {
            true => {
                let word = line.next("a number of revisions, such as 1000000000")?;
                let number = word.text.parse().ok().filter(|it| (0..=BUMP_MAX).contains(it));
                let range = || word.expected(&format!("0 to {BUMP_MAX} revisions"));
                bump = number.ok_or_else(range)?;
            }
            false => mark_compacted = true,
        }
    }
    line.ends().map(|()| Recovery::Restore { file, members, bump, mark_compacted })
}

/// A revision is not moved further than this.
pub(super) const BUMP_MAX: i64 = 1_000_000_000_000;

/// Letters of a file's name.
const FILE_CHARS_MAX: usize = 64;

fn file(word: &Word) -> Result<String, Wrong> {
    match word.text.chars().count() {
        1..=FILE_CHARS_MAX => Ok(word.text.clone()),
        _ => Err(word.wrong(format!("a file's name has 1 to {FILE_CHARS_MAX} letters"))),
    }
}

/// `force-new-cluster 3`
pub(super) fn force_new_cluster(mut line: Line) -> Result<Command, Wrong> {
    let recovery = Recovery::ForceNewCluster(member(&line.last("a member, such as 3")?)?);
    Ok(Command::Do(Action::Cluster(cluster::Action::Recover(recovery))))
}
