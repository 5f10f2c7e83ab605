//! When the quorum will not come back: a snapshot saved in time, restored on every member, or one
//! member that goes on alone.
//!
//! * Saving copies what a member has committed and applied, to where etcdctl's
//!   `snapshot save` does.
//! * Restoring ends every process, makes the disks of those named anew and starts them: another
//!   cluster, whose revision goes on from the snapshot's. What was acknowledged later is gone, and
//!   who watched it waits for revisions still to come; `bump` and `compacted` are for them.
//! * One that goes on alone keeps what it knows to be committed, of which others may know more.
//!
//! Caveat: a snapshot is the store's own bytes, not a bbolt file; members that are not in the new
//! cluster lose their disks, where etcd would refuse them by their cluster id.
//!
//! Architecture invariant: nothing is asked of a member that its process would not be asked.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Cluster, Event, Status, amounts, quote};
use crate::raft::{LogIndex, MemberId, rescue};
use crate::store::{Blob, Revision, Store};

/// Saving, and beginning again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Recovery {
    /// Save a running member's store under a name.
    Save {
        /// Whose.
        member: MemberId,
        /// The file's name.
        file: String,
    },
    /// Begin again from a file, as a cluster of these members.
    Restore {
        /// The file's name.
        file: String,
        /// The members of the new cluster.
        members: Vec<MemberId>,
        /// How far the revision is moved on.
        bump: i64,
        /// Whether all before that is as if compacted.
        mark_compacted: bool,
    },
    /// Start a member as the only one of its cluster.
    ForceNewCluster(MemberId),
}

impl fmt::Display for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Recovery::Save { member, file } => {
                write!(f, "snapshot save {} {}", member.0, quote(file))
            }
            Recovery::Restore { file, members, bump, mark_compacted } => {
                let ids: Vec<String> = members.iter().map(|id| id.0.to_string()).collect();
                write!(f, "snapshot restore {} {}", quote(file), ids.join(","))?;
                if *bump > 0 {
                    write!(f, " bump {bump}")?;
                }
                if *mark_compacted { f.write_str(" compacted") } else { Ok(()) }
            }
            Recovery::ForceNewCluster(id) => write!(f, "force-new-cluster {}", id.0),
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Recovered {
    /// A file was written.
    Saved {
        /// Whose store.
        member: MemberId,
        /// The file.
        file: String,
        /// Up to which revision.
        revision: Revision,
        /// Its length.
        bytes: u64,
    },
    /// A new cluster begins.
    Restored {
        /// The file it begins from.
        file: String,
        /// At which revision.
        revision: Revision,
        /// Its members.
        members: Vec<MemberId>,
    },
    /// A member goes on alone.
    Alone {
        /// Which.
        member: MemberId,
        /// The entry that leaves only itself.
        index: LogIndex,
    },
    /// Nothing was done.
    Refused {
        /// Why.
        why: String,
    },
}

impl Recovered {
    /// Whether another cluster takes the place of the one that was.
    pub fn begins_anew(&self) -> bool {
        matches!(self, Recovered::Restored { .. } | Recovered::Alone { .. })
    }
}

impl fmt::Display for Recovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Recovered::Saved { member, file, revision, bytes } => {
                let size = amounts::size(*bytes);
                write!(f, "{member}'s store at revision {revision} is saved as {file}, {size}")
            }
            Recovered::Restored { file, revision, members } => {
                let names: Vec<String> = members.iter().map(MemberId::to_string).collect();
                let names = names.join(", ");
                write!(f, "A new cluster of {names} begins from {file}, at revision {revision}")
            }
            Recovered::Alone { member, index } => {
                write!(f, "{member} goes on alone: entry {index} leaves nobody else")
            }
            Recovered::Refused { why } => write!(f, "Nothing is done: {why}"),
        }
    }
}

impl Cluster {
    pub(super) fn recover(&self, recovery: &Recovery) {
        let done = match recovery {
            Recovery::Save { member, file } => self.save(*member, file),
            Recovery::Restore { file, members, bump, mark_compacted } => {
                self.restore_all(file, members, (*bump, *mark_compacted))
            }
            Recovery::ForceNewCluster(id) => self.go_on_alone(*id),
        };
        let done = done.unwrap_or_else(|why| Recovered::Refused { why });
        let begin = match &done {
            Recovered::Restored { members, .. } => members.clone(),
            Recovered::Alone { member, .. } => vec![*member],
            Recovered::Saved { .. } | Recovered::Refused { .. } => Vec::new(),
        };
        self.note(Event::Recovered(done));
        begin.into_iter().for_each(|id| self.start(id));
    }

    fn save(&self, member: MemberId, file: &str) -> Result<Recovered, String> {
        let saved = self.with_store(member, |store| (store.to_bytes(), store.revision()));
        let (bytes, revision) = saved.ok_or(format!("{member} does not run"))?;
        let length = bytes.len() as u64;
        self.commands().save(file, Blob::from(bytes));
        Ok(Recovered::Saved { member, file: file.into(), revision, bytes: length })
    }

    fn restore_all(
        &self,
        file: &str,
        members: &[MemberId],
        (bump, mark_compacted): (i64, bool),
    ) -> Result<Recovered, String> {
        let bytes = self.commands().file(file).ok_or(format!("there is no snapshot {file}"))?;
        if let Some(id) = members.iter().find(|id| self.member(**id).is_none()) {
            return Err(format!("there is no machine {id}"));
        }
        let mut store = Store::from_bytes(&bytes).map_err(|error| error.to_string())?;
        store.bump(bump, mark_compacted);
        let named: BTreeSet<MemberId> = members.iter().copied().collect();
        for member in self.members() {
            self.end_process(member.id);
            member.corrupt.take();
            match named.contains(&member.id) {
                true => rescue::restore(&member.disk, &member.database, &store, &named),
                false => {
                    member.disk.lose();
                    member.database.lost();
                }
            }
            member.changed();
        }
        let (members, revision) = (named.into_iter().collect(), store.revision());
        Ok(Recovered::Restored { file: file.into(), revision, members })
    }

    fn go_on_alone(&self, id: MemberId) -> Result<Recovered, String> {
        let member = self.member(id).ok_or(format!("there is no machine {id}"))?;
        if self.members().iter().any(|other| other.status.get() != Status::Crashed) {
            return Err("there must be no other process of the cluster: kill all first".into());
        }
        let index = rescue::alone(&member.disk, id);
        let index = index.ok_or(format!("{id}'s disk holds nothing that is committed"))?;
        Ok(Recovered::Alone { member: id, index })
    }
}
