//! How a member that was removed comes to an end.
//!
//! openraft does not tell it: its process would run on, ask for votes and be refused. etcd's stops,
//! and so does ours; the glue around openraft notices.
//!
//! * A member that applies the entry that leaves it out stops a second later.
//! * One that missed that entry hears it from whoever it next speaks to: etcd's peers answer
//!   `410 Gone`, and that ends the process at once.
//! * Who was removed is kept with the store, as in etcd's bucket `members_removed`.
//!
//! Caveat: a member that was removed and added again has a new id in etcd; here it has its number
//! again. A process that began on an empty disk, or knows a later configuration than the one it
//! speaks to, is the new one.
//!
//! Architecture invariant: ends processes; changes no configuration.

// Models etcd server/etcdserver/server.go (applyConfChange, stopWithDelay) and
// server/etcdserver/api/rafthttp (errMemberRemoved).

use std::time::Duration;

use super::Cluster;
use super::server::Server;
use crate::raft::{AppliedEntry, MemberId, REMOVED};
use crate::sim;

/// So long a removed member still runs, so that its last answers leave.
pub const REMOVAL_DELAY: Duration = Duration::from_secs(1);

impl Cluster {
    /// Whether a member takes another for removed, and answers it so.
    pub(super) fn says_gone(&self, at: MemberId, to: MemberId) -> bool {
        let (Some(here), Some(there)) = (self.server(at), self.server(to)) else { return false };
        let removed = here.node.machine.0.borrow().removed.contains(&to);
        removed && !there.is_new && there.members_known_at() <= here.members_known_at()
    }

    /// A member that applied its own removal stops soon.
    pub(super) fn note_removal(&self, server: &Server, entry: &AppliedEntry) {
        let id = server.id;
        if entry.changes_members && server.node.machine.0.borrow().removed.contains(&id) {
            let at = self.clone();
            sim::spawn(async move {
                sim::sleep(REMOVAL_DELAY).await;
                // One that was added again reads of its removal on its way to the present.
                if at.server(id).is_some_and(|server| !server.knows(id)) {
                    at.dies(id, REMOVED.into());
                }
            });
        }
    }

    /// Where clients send their requests: to machines whose members have a vote, as far as one
    /// knows.
    pub(super) fn endpoints(&self) -> Vec<MemberId> {
        let all = self.member_ids();
        let votes = |id: &MemberId| self.sight(*id).role != super::Role::Learner;
        let voting: Vec<MemberId> = all.iter().copied().filter(votes).collect();
        if voting.is_empty() { all } else { voting }
    }
}

impl Server {
    /// The entry that named the members, as far as this one has applied.
    fn members_known_at(&self) -> Option<u64> {
        let applied = self.node.machine.0.borrow();
        applied.membership.log_id().as_ref().map(|id| id.index)
    }
}
