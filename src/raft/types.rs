//! openraft's type parameters, chosen as the textbook has them.
//!
//! * One leader per term (`leader_id_std`), so that a term names its leader (Raft §5.2).
//! * The answer type is empty: as in etcd, the member that took a request answers it from its own
//!   store when it applies the entry, whoever the leader is.
//!
//! Architecture invariant: types only; what they do is in the other files of this floor.

use std::rc::Rc;

use super::{Command, Machine, MemberId, SimRuntime};

openraft::declare_raft_types!(
    /// The types of our cluster.
    pub Types:
        D = Rc<Command>,
        R = (),
        NodeId = MemberId,
        Node = openraft::EmptyNode,
        Term = u64,
        LeaderId = openraft::impls::leader_id_std::LeaderId<u64, MemberId>,
        Vote = openraft::impls::Vote<openraft::impls::leader_id_std::LeaderId<u64, MemberId>>,
        AsyncRuntime = SimRuntime,
);

/// One member's Raft.
pub type Raft = openraft::Raft<Types, Machine>;
/// A log entry.
pub type Entry = openraft::type_config::alias::EntryOf<Types>;
/// An entry's term and index.
pub type LogId = openraft::type_config::alias::LogIdOf<Types>;
/// A term, whom it was given to, and whether a quorum gave it.
pub type Vote = openraft::type_config::alias::VoteOf<Types>;
/// Where a member's Raft publishes its state.
pub type Metrics =
    openraft::type_config::alias::WatchReceiverOf<Types, openraft::RaftMetrics<Types>>;
/// Who the members are, and which entry said so.
pub type StoredMembership = openraft::type_config::alias::StoredMembershipOf<Types>;
/// What a snapshot covers.
pub type SnapshotMeta = openraft::type_config::alias::SnapshotMetaOf<Types>;
/// A snapshot with its bytes.
pub type Snapshot = openraft::type_config::alias::SnapshotOf<Types, Rc<Vec<u8>>>;
