//! Who the members are, and how that changes: etcdctl's `member` and `move-leader`, and machines
//! that are started for new members.
//!
//! * A change is openraft's: a joint configuration first, then the new one alone (Raft §6), where
//!   etcd changes one member at a time in a single entry. A learner joins in one entry in both.
//! * A request may be sent to any member; a change is made by the leader, and answered by the
//!   member that was asked when it has applied it. `move-leader` is served by the leader alone.
//! * A member that is removed is not told so by openraft: its process runs on, asks for votes, and
//!   is refused. etcd's stops by itself.
//! * A process on an empty disk starts only if the cluster was told of a new member of its name;
//!   one that lost its disk is refused, since it has forgotten what it promised.
//!
//! Caveats: etcd's check that enough members are started before a change is not made. Ids are the
//! members' numbers, not etcd's hashes, so one that was removed and added again is the same to
//! openraft; its vote of the term in which that happens is forgotten.
//!
//! Architecture invariant: decides nothing about who may vote; that is openraft's.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use openraft::async_runtime::watch::WatchReceiver;
use openraft::errors::{ClientWriteError, RaftError};
use openraft::{ChangeMembers, EmptyNode};

use super::cables::once;
use super::client::Client;
use super::etcdctl::{COMMAND_TIMEOUT, ETCDCTL};
use super::server::Server;
use super::{ClientRequest, Cluster, ClusterCommand, Event, Outcome};
use crate::raft::{Label, LogIndex, MemberId, PacketKind, ThreadId, address};
use crate::sim::channel::oneshot;
use crate::sim::{self, Group};
use crate::store::{Error, Revision};

/// etcd allows one learner at a time (`--max-learners`).
const LEARNERS_MAX: usize = 1;

/// A learner is ready when it has so many percent of the leader's log (etcd `readyPercent`).
const READY_PERCENT: u64 = 90;

/// A command's answer: what etcdctl prints.
type Told = Result<String, Error>;

impl Cluster {
    /// Runs a command about members; its answer will be found in the history of requests.
    pub(super) fn run_member_command(
        &self,
        endpoint: Option<MemberId>,
        command: ClusterCommand,
    ) -> ThreadId {
        let (at, thread) = (self.clone(), self.fresh_thread());
        self.world().spawn_in(Group(ETCDCTL.0), async move {
            // etcdctl itself looks for the leader when it is to be moved.
            let leader =
                || at.leader().filter(|_| matches!(command, ClusterCommand::MoveLeader(_)));
            let client = Client::new(at.clone(), ETCDCTL, COMMAND_TIMEOUT);
            let endpoint = endpoint.or_else(leader).unwrap_or_else(|| client.next_endpoint());
            let id = at.requests().fresh();
            let text = command.to_string();
            at.requests().begin(ClientRequest {
                id,
                client: ETCDCTL,
                text: text.clone(),
                endpoint,
                attempts: 1,
                started: sim::now(),
                thread,
                ..ClientRequest::default()
            });
            at.note(Event::Requested { id, client: ETCDCTL, endpoint, text, thread });
            let told = at.ask_member(endpoint, command, thread);
            let told = sim::timeout(COMMAND_TIMEOUT, told).await;
            at.member_command_ended(id, told.unwrap_or(Err(Error::DeadlineExceeded)));
        });
        thread
    }

    fn member_command_ended(&self, id: u64, told: Told) {
        let client = ETCDCTL;
        let outcome = match told {
            Ok(text) => {
                let revision = Revision(0);
                self.note(Event::Answered { id, client, revision, text: text.clone() });
                Outcome::Done { revision, text }
            }
            Err(error) => {
                let (text, unknown) = (error.to_string(), error.is_ambiguous());
                self.note(Event::Failed { id, client, error: text.clone(), unknown });
                Outcome::Failed { error: text, unknown }
            }
        };
        self.requests().end(id, sim::now(), outcome);
    }

    /// A packet to the endpoint, and one back.
    async fn ask_member(
        &self,
        endpoint: MemberId,
        command: ClusterCommand,
        thread: ThreadId,
    ) -> Told {
        let label = Label {
            kind: PacketKind::Client,
            word: command.word(),
            thread: Some(thread),
            ..Label::default()
        };
        let (told, hears) = oneshot::channel::<Told>();
        let told = Rc::new(RefCell::new(Some(told)));
        let (at, back, lost) = (self.clone(), label.clone(), told.clone());
        let deliver = move || {
            let Some(server) = at.server(endpoint) else { return };
            let (at, told, back) = (at.clone(), told.clone(), back.clone());
            sim::spawn(async move {
                let answer = server.serve_member_command(&at, command, thread).await;
                let label = Label { answer: true, refused: answer.is_err(), ..back };
                let hand_over = move || {
                    if let Some(told) = told.borrow_mut().take() {
                        let _ = told.send(answer.clone());
                    }
                };
                at.network().send(address(endpoint), ETCDCTL, label, Rc::new(hand_over));
            });
        };
        let refused = move || {
            let refused = "rpc error: code = Unavailable desc = connection refused";
            lost.borrow_mut().take().map(|told| told.send(Err(Error::Unknown(refused.into()))));
        };
        let ends = (ETCDCTL, address(endpoint));
        self.send_or_refuse(ends, label, Rc::new(once(deliver)), Rc::new(refused));
        hears.await.unwrap_or(Err(Error::Stopped))
    }

    /// Why a process may not start from an empty disk, in etcd's words.
    pub(super) fn may_join(&self, id: MemberId) -> Result<(), String> {
        let known = |server: &Rc<Server>| server.knows(id);
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
    fn knows(&self, id: MemberId) -> bool {
        let metrics = self.node.metrics.borrow_watched();
        metrics.membership_config.nodes().any(|(member, _)| *member == id)
    }

    /// Serves a command about members.
    async fn serve_member_command(
        self: &Rc<Self>,
        cluster: &Cluster,
        command: ClusterCommand,
        thread: ThreadId,
    ) -> Told {
        match command {
            ClusterCommand::List => {
                self.read_index(cluster, thread).await?;
                Ok(self.member_list(cluster))
            }
            ClusterCommand::MoveLeader(to) => self.move_leader(to).await,
            _ => {
                let index = self.hand_change(cluster, command, thread).await?;
                self.applied(index).await;
                Ok(command.done())
            }
        }
    }

    fn member_list(&self, cluster: &Cluster) -> String {
        let metrics = self.node.metrics.borrow_watched();
        let voters: BTreeSet<MemberId> = metrics.membership_config.voter_ids().collect();
        let line = |id: MemberId| {
            let started = match cluster.0.invited.borrow().contains(&id) {
                true => "unstarted",
                false => "started",
            };
            format!("{}, {started}, {id}, {}", id.0, !voters.contains(&id))
        };
        let ids = metrics.membership_config.nodes().map(|(id, _)| *id);
        ids.map(line).collect::<Vec<_>>().join("\n")
    }

    async fn move_leader(&self, to: MemberId) -> Told {
        if self.leader() != Some(self.id) {
            return Err(Error::NotLeader);
        }
        let votes =
            self.node.metrics.borrow_watched().membership_config.voter_ids().any(|id| id == to);
        if !votes {
            return Err(Error::BadLeaderTransferee);
        }
        let trigger = self.node.raft.trigger().transfer_leader(to).await;
        trigger.map_err(|_| Error::Stopped)?;
        let mut metrics = self.node.metrics.clone();
        while metrics.borrow_watched().current_leader != Some(to) {
            metrics.changed().await.map_err(|_| Error::Stopped)?;
        }
        Ok(format!("Leadership transferred from {} to {to}", self.id))
    }

    /// Has the leader make a change. Returns the entry that ends it.
    async fn hand_change(
        self: &Rc<Self>,
        cluster: &Cluster,
        command: ClusterCommand,
        thread: ThreadId,
    ) -> Result<LogIndex, Error> {
        let leader = self.leader().ok_or(Error::NoLeader)?;
        if leader == self.id {
            return self.change(cluster, command).await;
        }
        let (told, hears) = oneshot::channel();
        let told = Rc::new(RefCell::new(Some(told)));
        let label = Label {
            kind: PacketKind::Forward,
            word: command.word(),
            thread: Some(thread),
            ..Label::default()
        };
        let (at, from, back) = (cluster.clone(), self.id, label.clone());
        let deliver = move || {
            let Some(server) = at.server(leader) else { return };
            let (at, told, back) = (at.clone(), told.clone(), back.clone());
            sim::spawn(async move {
                let done = server.change(&at, command).await;
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
        let patience = Duration::from_secs(5) + 2 * cluster.settings().election_max;
        let heard = sim::timeout(patience, hears).await;
        heard.map_err(|_| Error::Timeout)?.unwrap_or(Err(Error::Timeout))
    }

    /// The leader's part of a change.
    async fn change(&self, cluster: &Cluster, command: ClusterCommand) -> Result<LogIndex, Error> {
        let change = self.asked_for(command)?;
        let learns = matches!(command, ClusterCommand::Add { learner: true, .. });
        let raft = &self.node.raft;
        let done = match (learns, command) {
            (true, ClusterCommand::Add { id, .. }) => {
                cluster.invite(id);
                raft.add_learner(id, EmptyNode::default(), false).await
            }
            (_, ClusterCommand::Add { id, .. }) => {
                cluster.invite(id);
                raft.change_membership(change, false).await
            }
            _ => raft.change_membership(change, false).await,
        };
        match done {
            Ok(written) => Ok(LogIndex(written.log_id.index)),
            Err(RaftError::APIError(ClientWriteError::ChangeMembershipError(why))) => {
                Err(Error::Unknown(format!("openraft: {why}")))
            }
            Err(RaftError::APIError(_)) => Err(Error::NotLeader),
            Err(_) => Err(Error::Stopped),
        }
    }

    /// What openraft is asked for, or why etcd refuses.
    fn asked_for(
        &self,
        command: ClusterCommand,
    ) -> Result<ChangeMembers<MemberId, EmptyNode>, Error> {
        let metrics = self.node.metrics.borrow_watched();
        let members = &metrics.membership_config;
        let voters: BTreeSet<MemberId> = members.voter_ids().collect();
        let all: BTreeSet<MemberId> = members.nodes().map(|(id, _)| *id).collect();
        let one = |id: MemberId| BTreeSet::from([id]);
        let node = |id: MemberId| BTreeMap::from([(id, EmptyNode::default())]);
        match command {
            ClusterCommand::Add { id, .. } if all.contains(&id) => Err(Error::MemberExists),
            ClusterCommand::Add { learner: true, .. }
                if all.len() - voters.len() >= LEARNERS_MAX =>
            {
                Err(Error::TooManyLearners)
            }
            ClusterCommand::Add { id, learner: true } => Ok(ChangeMembers::AddNodes(node(id))),
            ClusterCommand::Add { id, learner: false } => Ok(ChangeMembers::AddVoters(node(id))),
            ClusterCommand::Remove(id) | ClusterCommand::Promote(id) if !all.contains(&id) => {
                Err(Error::MemberNotFound)
            }
            ClusterCommand::Promote(id) if voters.contains(&id) => Err(Error::MemberNotLearner),
            ClusterCommand::Promote(id) => {
                let matched = metrics.replication.as_ref().and_then(|it| it.get(&id).cloned());
                let matched = matched.flatten().map_or(0, |log_id| log_id.index);
                let last = self.node.log.last_index().map_or(0, |index| index.0);
                match matched * 100 < last * READY_PERCENT {
                    true => Err(Error::LearnerNotReady),
                    false => Ok(ChangeMembers::AddVoterIds(one(id))),
                }
            }
            ClusterCommand::Remove(id) if voters.contains(&id) => {
                Ok(ChangeMembers::RemoveVoters(one(id)))
            }
            ClusterCommand::Remove(id) => Ok(ChangeMembers::RemoveNodes(one(id))),
            ClusterCommand::List | ClusterCommand::MoveLeader(_) => Err(Error::NotCapable),
        }
    }
}

impl Cluster {
    /// The cluster was told of a new member: a process of its name may start from nothing, once.
    fn invite(&self, id: MemberId) {
        self.0.invited.borrow_mut().insert(id);
    }
}
