//! The requests and answers of etcd's Lease, Maintenance and Cluster services, field for field.
//!
//! Some are entries of the log as a put is (grant, revoke, checkpoint, alarm); the others are
//! served by one member: by any of them, or by the leader.
//!
//! Architecture invariant: plain values, as etcd's messages are; no behaviour.

use serde::{Deserialize, Serialize};

use super::{Blob, LeaseId, Revision};

/// A request of the Lease service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum LeaseRequest {
    /// A lease of so many seconds; id 0: the server picks one. Replicated.
    Grant { id: LeaseId, ttl: i64 },
    /// Ends a lease and deletes its keys in one revision. Replicated.
    Revoke { id: LeaseId },
    /// The seconds a lease had left, so that a new leader need not give it all of its time again.
    /// Replicated; only leaders propose it.
    Checkpoint { id: LeaseId, remaining_ttl: i64 },
    /// Starts a lease's time again. Served by the leader.
    KeepAlive { id: LeaseId },
    /// How long a lease has left. Served by the leader.
    TimeToLive { id: LeaseId, keys: bool },
    /// All leases. Served by any member.
    Leases,
}

/// The answer to a [`LeaseRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum LeaseResponse {
    Granted {
        revision: Revision,
        id: LeaseId,
        ttl: i64,
    },
    Revoked {
        revision: Revision,
    },
    Checkpointed {
        revision: Revision,
    },
    /// TTL 0: there is no such lease.
    KeptAlive {
        revision: Revision,
        id: LeaseId,
        ttl: i64,
    },
    /// TTL −1: there is no such lease.
    TimeToLive {
        revision: Revision,
        id: LeaseId,
        ttl: i64,
        granted_ttl: i64,
        keys: Vec<Blob>,
    },
    Leases {
        revision: Revision,
        leases: Vec<LeaseId>,
    },
}

/// What is wrong with a member, so that all of them must know.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[allow(missing_docs)]
pub enum AlarmType {
    #[default]
    None,
    NoSpace,
    Corrupt,
}

/// What is done about an alarm.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum AlarmAction {
    #[default]
    Get,
    Activate,
    Deactivate,
}

/// One member's alarm.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct AlarmMember {
    /// Whose.
    pub member_id: u64,
    /// Which.
    pub alarm: AlarmType,
}

impl std::fmt::Display for AlarmType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            AlarmType::None => "NONE",
            AlarmType::NoSpace => "NOSPACE",
            AlarmType::Corrupt => "CORRUPT",
        })
    }
}

/// As Go prints the message: with a space at the end.
impl std::fmt::Display for AlarmMember {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "memberID:{} alarm:{} ", self.member_id, self.alarm)
    }
}

/// A request of the Maintenance service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum MaintenanceRequest {
    /// Raises, lowers or lists alarms. Replicated. `AlarmType::None` lists all of them; to lower
    /// all, a client lists them first.
    Alarm { action: AlarmAction, member: AlarmMember },
    /// How the member is.
    Status,
    /// Gives the free pages of the member's database file back.
    Defragment,
    /// The hash of the member's whole database file.
    Hash,
    /// The hash of the member's history up to a revision; 0: all of it.
    HashKv { revision: Revision },
    /// The member's database file.
    Snapshot,
    /// Hands leadership over. Served by the leader.
    MoveLeader { target: u64 },
}

/// How a member is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusResponse {
    /// The store's revision.
    pub revision: Revision,
    /// The version it claims to be.
    pub version: String,
    /// Bytes of its database file.
    pub db_size: i64,
    /// Whom it takes for the leader; 0: nobody.
    pub leader: u64,
    /// Its last committed entry.
    pub raft_index: u64,
    /// Its term.
    pub raft_term: u64,
    /// Its last applied entry.
    pub raft_applied_index: u64,
    /// What is wrong, in etcd's words.
    pub errors: Vec<String>,
    /// Bytes of the file that hold something.
    pub db_size_in_use: i64,
    /// Whether it only listens.
    pub is_learner: bool,
    /// The most bytes its file may have.
    pub db_size_quota: i64,
}

/// The answer to a [`MaintenanceRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum MaintenanceResponse {
    Alarm { revision: Revision, alarms: Vec<AlarmMember> },
    Status(StatusResponse),
    Defragmented,
    Hash { revision: Revision, hash: u32 },
    HashKv { revision: Revision, hash: u32, compact_revision: Revision, hash_revision: Revision },
    Snapshot { revision: Revision, blob: Blob },
    LeaderMoved { revision: Revision },
}

/// A request of the Cluster service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum ClusterRequest {
    List { linearizable: bool },
    Add { peer_urls: Vec<String>, learner: bool },
    Remove { id: u64 },
    Update { id: u64, peer_urls: Vec<String> },
    Promote { id: u64 },
}

/// A member as the Cluster service tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberInfo {
    /// Its id.
    pub id: u64,
    /// Its name; empty until it has started.
    pub name: String,
    /// Where its peers find it.
    pub peer_urls: Vec<String>,
    /// Where its clients find it; none until it has started.
    pub client_urls: Vec<String>,
    /// Whether it only listens.
    pub is_learner: bool,
}

/// The answer to a [`ClusterRequest`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterResponse {
    /// The member that was added; of other requests none.
    pub member: Option<MemberInfo>,
    /// All members after it.
    pub members: Vec<MemberInfo>,
}

impl LeaseRequest {
    /// Whether it is an entry of the log.
    pub fn is_replicated(&self) -> bool {
        use LeaseRequest::*;
        matches!(self, Grant { .. } | Revoke { .. } | Checkpoint { .. })
    }
}

impl LeaseResponse {
    /// The revision in its header.
    pub fn revision(&self) -> Revision {
        match self {
            LeaseResponse::Granted { revision, .. }
            | LeaseResponse::Revoked { revision }
            | LeaseResponse::Checkpointed { revision }
            | LeaseResponse::KeptAlive { revision, .. }
            | LeaseResponse::TimeToLive { revision, .. }
            | LeaseResponse::Leases { revision, .. } => *revision,
        }
    }
}

impl MaintenanceRequest {
    /// Whether it is an entry of the log.
    pub fn is_replicated(&self) -> bool {
        matches!(self, MaintenanceRequest::Alarm { .. })
    }
}

impl MaintenanceResponse {
    /// The revision in its header; 0 where it has none.
    pub fn revision(&self) -> Revision {
        match self {
            MaintenanceResponse::Alarm { revision, .. }
            | MaintenanceResponse::Hash { revision, .. }
            | MaintenanceResponse::HashKv { revision, .. }
            | MaintenanceResponse::Snapshot { revision, .. }
            | MaintenanceResponse::LeaderMoved { revision } => *revision,
            MaintenanceResponse::Status(status) => status.revision,
            MaintenanceResponse::Defragmented => Revision(0),
        }
    }
}
