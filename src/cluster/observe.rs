//! What changed in a member since it was last looked at, told as events.
//!
//! Looked at after every micro-step of the member, through openraft's published metrics and our own
//! log; looking costs openraft nothing and changes nothing.
//!
//! Architecture invariant: observing only.

use openraft::async_runtime::watch::WatchReceiver;
use openraft::{RaftMetrics, ServerState};

use super::server::Server;
use super::{Cluster, Event, Role};
use crate::raft::types::Types;
use crate::raft::{Fact, Hint, LogIndex, MemberId, Term};

/// What was last seen of a member.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sight {
    pub role: Role,
    pub term: Term,
    pub last_index: Option<LogIndex>,
    pub commit_index: Option<LogIndex>,
    pub snapshot_index: Option<LogIndex>,
}

/// The role of a member, from what openraft says and what was inferred.
///
/// openraft calls a candidate that asks once more whether it would win a candidate all the same,
/// and a member that has not yet read its log a learner; we call that one a follower.
pub(super) fn role(metrics: &RaftMetrics<Types>, hint: &Hint) -> Role {
    let members = &metrics.membership_config;
    match metrics.state {
        ServerState::Leader => Role::Leader,
        _ if hint.asks_in(Term(metrics.current_term)) => Role::PreCandidate,
        ServerState::Candidate => Role::Candidate,
        ServerState::Learner if members.log_id().is_some() => Role::Learner,
        _ => Role::Follower,
    }
}

impl Cluster {
    /// Looks at a member and notes what changed.
    pub(super) fn observe(&self, server: &Server) {
        let id = server.id;
        let before = self.sight(id);
        let now = self.look(server);
        server.node.meter.sees_leader(server.leader());
        self.tell_quorum(server);
        // A term never falls: openraft has not yet read what is on the disk.
        if now == before || now.term < before.term {
            return;
        }
        self.set_sight(id, now);
        if (now.role, now.term) != (before.role, before.term) {
            self.note_role(id, before, now);
        }
        if now.role == Role::Leader {
            self.note_entries(server, before, now);
        }
        if now.snapshot_index != before.snapshot_index
            && let Some(index) = now.snapshot_index
        {
            let taken = server.node.machine.0.borrow().snapshot_is_own;
            self.note(match taken {
                true => Event::SnapshotTaken { member: id, index },
                false => Event::SnapshotInstalled { member: id, index },
            });
        }
    }

    /// A leader that measures leases has heard of a quorum again.
    fn tell_quorum(&self, server: &Server) {
        if !self.witness().listens() || server.node.machine.0.borrow().store.leases().is_empty() {
            return;
        }
        let acked = server.node.metrics.borrow_watched().last_quorum_acked;
        let acked = acked.map(|acked| acked.local());
        if server.quorum_heard.replace(acked) != acked
            && let Some(acked) = acked
        {
            self.witness().tell(|| Fact::QuorumHeard(server.id, acked));
        }
    }

    fn look(&self, server: &Server) -> Sight {
        let metrics = server.node.metrics.borrow_watched();
        let hints = self.hints();
        let role = hints.with(server.id, |hint| role(&metrics, hint));
        Sight {
            role,
            term: Term(metrics.current_term),
            last_index: server.node.log.last_index(),
            commit_index: metrics.local_committed.as_ref().map(|id| LogIndex(id.index)),
            snapshot_index: server.node.snapshot_index(),
        }
    }

    fn note_role(&self, member: MemberId, before: Sight, now: Sight) {
        if now.role == Role::Leader && before.role != Role::Leader {
            self.set_elected_now();
            self.witness().tell(|| Fact::Led(member, now.term));
        }
        self.note(Event::RoleChanged { member, role: now.role, term: now.term });
    }

    /// A leader's new entries, and what it newly knows to be committed.
    fn note_entries(&self, server: &Server, before: Sight, now: Sight) {
        let member = server.id;
        for index in after(before.last_index, now.last_index) {
            let Some(entry) = server.node.log.summary(index) else { continue };
            if let (Some(text), true) = (server.node.log.members(index), entry.term == now.term) {
                self.note(Event::Reconfigured { member, index, text });
            }
            if let (Some(thread), true) = (entry.thread, entry.term == now.term) {
                let (term, text) = (entry.term, entry.text);
                self.note(Event::Proposed { member, index, term, text, thread });
            }
        }
        for index in after(before.commit_index, now.commit_index) {
            let Some(entry) = server.node.log.summary(index) else { continue };
            let (term, thread) = (entry.term, entry.thread);
            self.note(Event::Committed { member, index, term, thread });
        }
    }
}

/// The indices after one up to another, the newest thousand of them.
fn after(from: Option<LogIndex>, to: Option<LogIndex>) -> impl Iterator<Item = LogIndex> {
    const MOST: u64 = 1000;
    let end = to.map_or(0, |index| index.0 + 1);
    let start = from.map_or(0, |index| index.0 + 1);
    (start.max(end.saturating_sub(MOST))..end).map(LogIndex)
}
