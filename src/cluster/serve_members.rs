//! What a member does with requests about the members, as the Cluster service tells them.
//!
//! * A change may be asked of any member. The one that is asked looks whether it is safe (etcd's
//!   strict reconfiguration check), has the leader make it, and answers when it has applied it.
//! * A change is openraft's: a joint configuration first, then the new one alone (Raft §6), where
//!   etcd changes one member at a time in a single entry. A learner joins in one entry in both.
//! * Two changes at a time: openraft refuses the second; it is tried again until its time is up,
//!   as etcd's would time out.
//! * A member's peer URLs are those of its name unless it was given others; those are an entry of
//!   the log of their own.
//!
//! Caveat: ids are the members' numbers, not etcd's hashes of their URLs.
//!
//! Architecture invariant: decides nothing about who may vote; that is openraft's.

// Models etcd server/etcdserver/server.go (AddMember, mayAddMember, …) and
// server/etcdserver/api/membership/cluster.go.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use openraft::errors::{ClientWriteError, RaftError};
use openraft::{ChangeMembers, EmptyNode};

use super::cables::once;
use super::membership::{peer_url, valid_urls};
use super::server::{Server, Ticket};
use super::{Cluster, MEMBERS_MAX};
use crate::raft::{Command, Counter, Label, LogIndex, MemberId, PacketKind, address, word};
use crate::sim;
use crate::sim::channel::oneshot;
use crate::store::{ClusterRequest, ClusterResponse, Error, Request};

/// etcd allows one learner at a time (`--max-learners`).
const LEARNERS_MAX: usize = 1;

/// A learner is ready when it has so many percent of the leader's log (etcd `readyPercent`).
const READY_PERCENT: u64 = 90;

/// What came of a change: the entry that ends it, and whom it concerned.
type Changed = Result<(LogIndex, MemberId), Error>;

impl Server {
    /// Serves one of them.
    ///
    /// # Errors
    /// etcd's own.
    pub async fn serve_members(
        self: &Rc<Self>,
        cluster: &Cluster,
        ticket: Ticket,
        request: &ClusterRequest,
    ) -> Result<ClusterResponse, Error> {
        let mut added = None;
        match request {
            ClusterRequest::List { linearizable: false } => {}
            ClusterRequest::List { linearizable: true } => {
                self.read_index(cluster, ticket.thread).await?;
            }
            ClusterRequest::Update { id, peer_urls } => {
                valid_urls(peer_urls)?;
                if !self.knows(MemberId(*id)) {
                    return Err(Error::MemberNotFound);
                }
                self.are_free(peer_urls, Some(MemberId(*id)))?;
                self.set_peer_urls(cluster, ticket, MemberId(*id), peer_urls).await?;
            }
            _ => {
                if let ClusterRequest::Add { peer_urls, .. } = request {
                    valid_urls(peer_urls)?;
                }
                self.may_change(cluster, request)?;
                let (index, id) = self.hand_change(cluster, ticket, request).await?;
                self.applied(index).await;
                if let ClusterRequest::Add { peer_urls, .. } = request {
                    if self.peer_urls(id) != *peer_urls {
                        self.set_peer_urls(cluster, ticket, id, peer_urls).await?;
                    }
                    added = Some(id);
                }
            }
        }
        let members = self.member_infos(cluster);
        let member = added.and_then(|id| members.iter().find(|member| member.id == id.0).cloned());
        Ok(ClusterResponse { member, members })
    }

    async fn set_peer_urls(
        self: &Rc<Self>,
        cluster: &Cluster,
        ticket: Ticket,
        id: MemberId,
        peer_urls: &[String],
    ) -> Result<(), Error> {
        let (id, peer_urls) = (id.0, peer_urls.to_vec());
        let op = Request::Cluster(ClusterRequest::Update { id, peer_urls });
        let command = Command { request: ticket.id, thread: ticket.thread, op };
        self.propose(cluster, command, ticket.deadline).await.map(|_| ())
    }

    /// Whether no other member has any of these URLs.
    fn are_free(&self, peer_urls: &[String], but: Option<MemberId>) -> Result<(), Error> {
        let others = self.applied_members().into_iter().filter(|(id, _)| Some(*id) != but);
        let mut taken = others.flat_map(|(id, _)| self.peer_urls(id));
        match taken.any(|url| peer_urls.contains(&url)) {
            true => Err(Error::PeerUrlExists),
            false => Ok(()),
        }
    }

    /// Has the leader make a change.
    async fn hand_change(
        self: &Rc<Self>,
        cluster: &Cluster,
        ticket: Ticket,
        request: &ClusterRequest,
    ) -> Changed {
        let leader = self.leader().ok_or(Error::NoLeader)?;
        let patience = self.patience(cluster).min(ticket.deadline - sim::now());
        let work = async {
            match leader == self.id {
                true => self.change_on(cluster, ticket, request).await,
                false => self.forward_change(cluster, leader, ticket, request).await,
            }
        };
        sim::timeout(patience, work).await.unwrap_or(Err(Error::Timeout))
    }

    /// A change goes on to its end, whether anybody waits for it or not: half a joint configuration
    /// would stay.
    async fn change_on(
        self: &Rc<Self>,
        cluster: &Cluster,
        ticket: Ticket,
        request: &ClusterRequest,
    ) -> Changed {
        let (told, hears) = oneshot::channel();
        let (server, at, request) = (self.clone(), cluster.clone(), request.clone());
        sim::spawn(async move {
            let _ = told.send(server.change(&at, ticket, &request).await);
        });
        hears.await.unwrap_or(Err(Error::Stopped))
    }

    async fn forward_change(
        &self,
        cluster: &Cluster,
        leader: MemberId,
        ticket: Ticket,
        request: &ClusterRequest,
    ) -> Changed {
        let (told, hears) = oneshot::channel();
        let told = Rc::new(RefCell::new(Some(told)));
        let label = Label {
            kind: PacketKind::Forward,
            word: word(&Request::Cluster(request.clone())),
            thread: Some(ticket.thread),
            ..Label::default()
        };
        let (at, from, back, request) = (cluster.clone(), self.id, label.clone(), request.clone());
        let deliver = move || {
            let Some(server) = at.server(leader) else { return };
            let (at, told, back) = (at.clone(), told.clone(), back.clone());
            let request = request.clone();
            sim::spawn(async move {
                let done = server.change(&at, ticket, &request).await;
                let label = Label { answer: true, refused: done.is_err(), ..back };
                let hand_over = move || {
                    if let Some(told) = told.borrow_mut().take() {
                        let _ = told.send(done.clone());
                    }
                };
                at.network().send(address(leader), address(from), label, Rc::new(hand_over));
            });
        };
        let deliver = Rc::new(once(deliver));
        cluster.network().send(address(from), address(leader), label, deliver);
        // No answer is not the end: the one who asks has a deadline.
        match hears.await {
            Ok(changed) => changed,
            Err(_) => std::future::pending().await,
        }
    }

    /// The leader's part of a change.
    async fn change(&self, cluster: &Cluster, ticket: Ticket, request: &ClusterRequest) -> Changed {
        while sim::now() < ticket.deadline {
            let (id, change) = self.asked_for(request)?;
            let learns = matches!(request, ClusterRequest::Add { learner: true, .. });
            if let ClusterRequest::Add { .. } = request {
                cluster.invite(id);
            }
            let raft = &self.node.raft;
            let done = match learns {
                true => raft.add_learner(id, EmptyNode::default(), false).await,
                false => raft.change_membership(change, false).await,
            };
            match done {
                Ok(written) => return Ok((LogIndex(written.log_id.index), id)),
                Err(RaftError::APIError(ClientWriteError::ChangeMembershipError(_))) => {
                    sim::sleep(cluster.settings().heartbeat).await;
                }
                Err(RaftError::APIError(_)) => return Err(Error::NotLeader),
                Err(_) => return Err(Error::Stopped),
            }
        }
        Err(Error::Timeout)
    }

    /// Whom a change is about and what openraft is asked for, or why etcd refuses.
    fn asked_for(
        &self,
        request: &ClusterRequest,
    ) -> Result<(MemberId, ChangeMembers<MemberId, EmptyNode>), Error> {
        let all = self.all_members();
        let learners = all.iter().filter(|id| !self.votes(**id)).count();
        let known = |id: u64| match all.contains(&MemberId(id)) {
            true => Ok(MemberId(id)),
            false => Err(Error::MemberNotFound),
        };
        let one = |id: MemberId| BTreeSet::from([id]);
        let node = |id: MemberId| BTreeMap::from([(id, EmptyNode::default())]);
        match request {
            ClusterRequest::Add { peer_urls, learner } => {
                self.are_free(peer_urls, None)?;
                if *learner && learners >= LEARNERS_MAX {
                    return Err(Error::TooManyLearners);
                }
                let id = new_id(peer_urls, &all)?;
                Ok(match learner {
                    true => (id, ChangeMembers::AddNodes(node(id))),
                    false => (id, ChangeMembers::AddVoters(node(id))),
                })
            }
            ClusterRequest::Promote { id } => {
                let id = known(*id)?;
                if self.votes(id) {
                    return Err(Error::MemberNotLearner);
                }
                self.is_in_sync(id)?;
                self.node.meter.count(Counter::Promotions);
                Ok((id, ChangeMembers::AddVoterIds(one(id))))
            }
            ClusterRequest::Remove { id } => {
                let id = known(*id)?;
                Ok(match self.votes(id) {
                    true => (id, ChangeMembers::RemoveVoters(one(id))),
                    false => (id, ChangeMembers::RemoveNodes(one(id))),
                })
            }
            ClusterRequest::List { .. } | ClusterRequest::Update { .. } => Err(Error::NotCapable),
        }
    }

    fn is_in_sync(&self, id: MemberId) -> Result<(), Error> {
        let last = self.node.log.last_index().map_or(0, |index| index.0);
        match self.matched(id) * 100 < last * READY_PERCENT {
            true => Err(Error::LearnerNotReady),
            false => Ok(()),
        }
    }
}

/// The number of a new member: that of the name in its URL, else the first that is free.
fn new_id(peer_urls: &[String], all: &BTreeSet<MemberId>) -> Result<MemberId, Error> {
    let numbers = || (1..=u64::from(MEMBERS_MAX)).map(MemberId);
    let named = numbers().find(|id| peer_urls.contains(&peer_url(*id)));
    match named {
        Some(id) if all.contains(&id) => Err(Error::MemberExists),
        Some(id) => Ok(id),
        None => numbers()
            .find(|id| !all.contains(id))
            .ok_or_else(|| Error::Unknown("there is room for nine members".into())),
    }
}
