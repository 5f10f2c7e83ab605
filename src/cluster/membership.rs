//! Who the members are: their names and URLs, who may join, and when a change is safe.
//!
//! * Members are named by their numbers: `etcd-6`, peers at `http://etcd-6:2380`, clients at
//!   `http://etcd-6:2379`.
//! * A change is safe if enough members have started and this one has been connected to enough of
//!   them for [`HEALTH_INTERVAL`] (etcd's `--strict-reconfig-check`, which is on by default).
//! * A process on an empty disk starts only if the cluster was told of a new member of its name;
//!   one that lost its disk is refused, since it has forgotten what it promised.
//!
//! Architecture invariant: looks and refuses; changes nothing.

// Models etcd server/etcdserver/server.go (mayAddMember, mayRemoveMember, mayPromote),
// cluster_util.go and server/etcdserver/api/membership/cluster.go.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use openraft::async_runtime::watch::WatchReceiver;

use super::Cluster;
use super::server::Server;
use crate::raft::MemberId;
use crate::store::{ClusterRequest, Error, MemberInfo};

/// A change is refused unless peers have been connected for so long (etcd `HealthInterval`).
pub const HEALTH_INTERVAL: Duration = Duration::from_secs(5);

/// Where a member's peers find it.
pub fn peer_url(id: MemberId) -> String {
    format!("http://{id}:2380")
}

/// Where a member's clients find it.
pub fn client_url(id: MemberId) -> String {
    format!("http://{id}:2379")
}

/// Whether etcd takes these as a member's URLs.
pub(super) fn valid_urls(urls: &[String]) -> Result<(), Error> {
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let valid = |url: &String| {
        let host = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
        host.and_then(|host| host.rsplit_once(':'))
            .is_some_and(|(name, port)| !name.contains('/') && is_port(port))
    };
    match !urls.is_empty() && urls.iter().all(valid) {
        true => Ok(()),
        false => Err(Error::BadPeerUrls),
    }
}

fn quorum(members: usize) -> usize {
    members / 2 + 1
}

impl Cluster {
    /// The cluster was told of a new member: a process of its name may start from nothing, once.
    pub(super) fn invite(&self, id: MemberId) {
        self.0.invited.borrow_mut().insert(id);
    }

    /// Whether a member's process has ever started.
    fn has_started(&self, id: MemberId) -> bool {
        !self.0.invited.borrow().contains(&id)
    }

    /// Why a process may not start from an empty disk, in etcd's words.
    pub(super) fn may_join(&self, id: MemberId) -> Result<(), String> {
        let known = |server: &Rc<Server>| server.all_members().contains(&id);
        let others = self.members().into_iter().filter(|member| member.id != id);
        let mut others = others.filter_map(|member| member.server.borrow().clone()).peekable();
        if others.peek().is_none() {
            return Err("could not retrieve cluster information from peer urls".into());
        }
        // What any of them knows will do: a change that is not committed may be undone, and then
        // the newcomer just waits.
        match (others.any(|server| known(&server)), self.0.invited.borrow().contains(&id)) {
            (false, _) => Err("error validating peerURLs: member count is unequal".into()),
            (true, false) => Err(format!("member {id} has already been bootstrapped")),
            (true, true) => Ok(()),
        }
    }
}

impl Server {
    /// All members, as of the last entry in the log that says so.
    pub(super) fn all_members(&self) -> BTreeSet<MemberId> {
        let metrics = self.node.metrics.borrow_watched();
        metrics.membership_config.nodes().map(|(id, _)| *id).collect()
    }

    /// Whether a member has a vote, as of the same entry.
    pub(super) fn votes(&self, id: MemberId) -> bool {
        let metrics = self.node.metrics.borrow_watched();
        metrics.membership_config.voter_ids().any(|voter| voter == id)
    }

    /// Whether this member only listens.
    pub fn is_learner(&self) -> bool {
        self.all_members().contains(&self.id) && !self.votes(self.id)
    }

    /// How much of the leader's log a member is known to have; this being the leader.
    pub(super) fn matched(&self, id: MemberId) -> u64 {
        let metrics = self.node.metrics.borrow_watched();
        let matched = metrics.replication.as_ref().and_then(|all| all.get(&id).cloned());
        matched.flatten().map_or(0, |log_id| log_id.index)
    }

    /// Members and whether they vote, as of the last entry applied.
    pub(super) fn applied_members(&self) -> Vec<(MemberId, bool)> {
        let applied = self.node.machine.0.borrow();
        let members = applied.membership.membership();
        let voters: BTreeSet<MemberId> = members.voter_ids().collect();
        members.nodes().map(|(id, _)| (*id, voters.contains(id))).collect()
    }

    pub(super) fn knows(&self, id: MemberId) -> bool {
        self.applied_members().iter().any(|(member, _)| *member == id)
    }

    /// A member's peer URLs.
    pub(super) fn peer_urls(&self, id: MemberId) -> Vec<String> {
        let applied = self.node.machine.0.borrow();
        let given = applied.store.peer_urls(id.0).map(<[String]>::to_vec);
        given.unwrap_or_else(|| vec![peer_url(id)])
    }

    /// The members as they are told to clients.
    pub(super) fn member_infos(&self, cluster: &Cluster) -> Vec<MemberInfo> {
        let info = |(id, votes): (MemberId, bool)| {
            let started = cluster.has_started(id);
            MemberInfo {
                id: id.0,
                name: if started { id.to_string() } else { String::new() },
                peer_urls: self.peer_urls(id),
                client_urls: started.then(|| client_url(id)).into_iter().collect(),
                is_learner: !votes,
            }
        };
        self.applied_members().into_iter().map(info).collect()
    }

    /// Whether a change leaves a quorum that is there (etcd's strict reconfiguration check).
    pub(super) fn may_change(
        &self,
        cluster: &Cluster,
        request: &ClusterRequest,
    ) -> Result<(), Error> {
        let members = self.applied_members();
        let voters: Vec<MemberId> =
            members.iter().filter(|(_, votes)| *votes).map(|(id, _)| *id).collect();
        let started = voters.iter().filter(|id| cluster.has_started(**id)).count();
        match request {
            ClusterRequest::Add { learner, .. } => {
                let enlarged = voters.len() + 1;
                // One member may always take a second, so that data can be saved.
                let alone = started == 1 && enlarged == 2;
                if !learner && !alone && started < quorum(enlarged) {
                    return Err(Error::NotEnoughStarted);
                }
                let healthy =
                    voters.len() == 1 || self.connected(cluster, &voters) >= quorum(enlarged);
                if healthy { Ok(()) } else { Err(Error::Unhealthy) }
            }
            ClusterRequest::Promote { .. } => match started + 1 < quorum(voters.len() + 1) {
                true => Err(Error::NotEnoughStarted),
                false => Ok(()),
            },
            ClusterRequest::Remove { id } => self.may_remove(cluster, MemberId(*id), &voters),
            ClusterRequest::List { .. } | ClusterRequest::Update { .. } => Ok(()),
        }
    }

    fn may_remove(
        &self,
        cluster: &Cluster,
        id: MemberId,
        voters: &[MemberId],
    ) -> Result<(), Error> {
        if self.knows(id) && !voters.contains(&id) {
            return Ok(());
        }
        let left = voters.iter().filter(|voter| **voter != id);
        let (count, started) = left.fold((0, 0), |(count, started), voter| {
            (count + 1, started + usize::from(cluster.has_started(*voter)))
        });
        if started < quorum(count) {
            return Err(Error::NotEnoughStarted);
        }
        // Who is down is no part of the quorum that is there.
        if id != self.id && cluster.connected_since(self.id, id).is_none() {
            return Ok(());
        }
        match self.connected(cluster, voters) - 1 < quorum(voters.len() - 1) {
            true => Err(Error::Unhealthy),
            false => Ok(()),
        }
    }

    /// How many of these members this one has long been connected to, itself included.
    fn connected(&self, cluster: &Cluster, members: &[MemberId]) -> usize {
        let now = cluster.world().now();
        let long = |id: &&MemberId| {
            **id == self.id
                || cluster
                    .connected_since(self.id, **id)
                    .is_some_and(|since| since + HEALTH_INTERVAL <= now)
        };
        members.iter().filter(long).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let check =
            |urls: &[&str]| valid_urls(&urls.iter().map(|url| url.to_string()).collect::<Vec<_>>());
        assert_eq!(check(&["http://etcd-6:2380"]), Ok(()));
        assert_eq!(check(&["https://10.0.0.6:2380", "http://127.0.0.1:1"]), Ok(()));
        for wrong in ["", "etcd-6:2380", "http://etcd-6", "http://etcd-6:2380/v2", "ftp://a:1"] {
            assert_eq!(check(&[wrong]), Err(Error::BadPeerUrls), "{wrong}");
        }
        assert_eq!(check(&[]), Err(Error::BadPeerUrls));
    }
}
