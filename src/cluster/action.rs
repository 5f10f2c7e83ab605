//! What a reader can do to the cluster, as values that print as the line that does it.
//!
//! Architecture invariant: an action says what is wanted, never how it is done.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::raft::MemberId;
use crate::store::Revision;

/// One thing done to the cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// End a member's process; its disk keeps what was synced.
    Kill(MemberId),
    /// Start a crashed member from its disk.
    Restart(MemberId),
    /// Stop a member's process as SIGSTOP does.
    Pause(MemberId),
    /// Let a paused member go on.
    Resume(MemberId),
    /// Cut every link between members of different groups.
    Partition(Vec<Vec<MemberId>>),
    /// Mend every link.
    Heal,
    /// A command of etcdctl.
    Etcdctl(Etcdctl),
}

/// One command of etcdctl, sent by the reader's own client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Etcdctl {
    /// The endpoint asked first; none: the client's own choice.
    pub endpoint: Option<MemberId>,
    /// The command.
    pub command: EtcdctlCommand,
}

/// What etcdctl is asked to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum EtcdctlCommand {
    /// `put KEY VALUE`
    Put { key: String, value: String },
    /// `get KEY [--prefix] [--rev N] [--consistency s]`
    Get { key: String, prefix: bool, revision: Option<Revision>, serializable: bool },
    /// `del KEY [--prefix]`
    Del { key: String, prefix: bool },
    /// `compaction N`
    Compact { revision: Revision },
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Kill(member) => write!(f, "kill {}", member.0),
            Action::Restart(member) => write!(f, "restart {}", member.0),
            Action::Pause(member) => write!(f, "pause {}", member.0),
            Action::Resume(member) => write!(f, "resume {}", member.0),
            Action::Partition(groups) => {
                let side = |group: &Vec<MemberId>| {
                    group.iter().map(|m| m.0.to_string()).collect::<Vec<_>>().join(",")
                };
                write!(f, "partition {}", groups.iter().map(side).collect::<Vec<_>>().join(" | "))
            }
            Action::Heal => write!(f, "heal"),
            Action::Etcdctl(etcdctl) => etcdctl.fmt(f),
        }
    }
}

impl fmt::Display for Etcdctl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "etcdctl")?;
        if let Some(member) = self.endpoint {
            write!(f, " --endpoints={member}")?;
        }
        match &self.command {
            EtcdctlCommand::Put { key, value } => write!(f, " put {key:?} {value:?}"),
            EtcdctlCommand::Get { key, prefix, revision, serializable } => {
                write!(f, " get {key:?}")?;
                if *prefix {
                    write!(f, " --prefix")?;
                }
                if let Some(revision) = revision {
                    write!(f, " --rev={revision}")?;
                }
                if *serializable {
                    write!(f, " --consistency=s")?;
                }
                Ok(())
            }
            EtcdctlCommand::Del { key, prefix: false } => write!(f, " del {key:?}"),
            EtcdctlCommand::Del { key, prefix: true } => write!(f, " del {key:?} --prefix"),
            EtcdctlCommand::Compact { revision } => write!(f, " compaction {revision}"),
        }
    }
}
