//! What a member does with a client's request: etcd's server, over openraft.
//!
//! * A write is checked, given to the leader (forwarded if that is another member), and answered by
//!   the member that took it, from its own store, when it applies the entry. The leader does not
//!   answer for it. (Models etcd `server/etcdserver/v3_server.go`.)
//! * A forwarded write is sent once. If the leader dies with it, the client hears of a timeout.
//! * A linearizable read asks the leader for its commit index, which the leader gives only after a
//!   quorum confirmed that it leads (Raft §8), and waits until this member has applied as much.
//!   A serializable read is answered at once from what this member has.
//! * Caveat: openraft refuses a write while the leader's lease has expired, where etcd would append
//!   it; the request then waits for a leader as it does when there is none.
//!
//! Architecture invariant: knows nothing of endpoints and retries; that is the client's part.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use openraft::ServerState;
use openraft::async_runtime::watch::WatchReceiver;
use openraft::errors::{ClientWriteError, ForwardReason, RaftError};

use super::cables::once;
use super::{Cluster, Event};
use crate::raft::{
    AppliedEntry, Command, Counter, Label, LogIndex, MemberId, Node, PacketKind, Rule, ThreadId,
    address,
};
use crate::sim::channel::oneshot;
use crate::sim::{self, Instant};
use crate::sorted::SortedMap;
use crate::store::{self, Error, MaintenanceRequest, PutResponse, Request, Response, Revision};

/// etcd gives a request five seconds and two election timeouts (`ReqTimeout`).
const REQUEST_PATIENCE: Duration = Duration::from_secs(5);

/// So many entries may be committed and not applied; then a member takes no more
/// (`maxGapBetweenApplyAndCommitIndex`).
pub const APPLY_GAP_MAX: u64 = 5000;

/// etcd's request ids begin with bits of the member's id: they take ten bytes in an entry.
const ID_AS_ETCD: u64 = 1 << 63;

type Answer = Result<Response, Error>;

/// Who waits for what to be applied. It exists before the member's Raft does.
#[derive(Default)]
pub(super) struct Desk {
    answers: RefCell<SortedMap<u64, oneshot::Sender<Answer>>>,
    indexes: RefCell<Vec<(LogIndex, oneshot::Sender<()>)>>,
}

impl Desk {
    /// An entry was applied: those who waited for it go on.
    pub fn applied(&self, entry: &AppliedEntry) {
        if let Some((request, answer)) = &entry.answer
            && let Some(waiter) = self.answers.borrow_mut().remove(request)
        {
            let _ = waiter.send(answer.clone());
        }
        self.applied_index(entry.index);
    }

    /// Everything up to an entry is applied.
    pub fn applied_index(&self, index: LogIndex) {
        let mut indexes = self.indexes.borrow_mut();
        let ready = |waiting: &mut (LogIndex, oneshot::Sender<()>)| waiting.0 <= index;
        for (_, waiter) in indexes.extract_if(.., ready) {
            let _ = waiter.send(());
        }
    }

    pub fn wait_for_index(&self, index: LogIndex) -> oneshot::Receiver<()> {
        let (waiter, waiting) = oneshot::channel();
        self.indexes.borrow_mut().push((index, waiter));
        waiting
    }
}

/// A member's server.
pub(super) struct Server {
    pub id: MemberId,
    pub node: Node,
    pub desk: Rc<Desk>,
    /// Requests this member has now, each with what breaks its connection.
    pub connections: RefCell<SortedMap<u64, Rc<dyn Fn()>>>,
    pub next_connection: Cell<u64>,
    pub streams: super::watch::Streams,
    pub lessor: super::serve_lease::Lessor,
    /// What a quorum was last seen to have heard, by this member's clock.
    pub quorum_heard: Cell<Option<Instant>>,
    /// Its process began on an empty disk, as a member that was just added does.
    pub is_new: bool,
}

/// Whose request it is, and how long its client waits: gRPC tells the server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticket {
    pub id: u64,
    pub thread: ThreadId,
    pub deadline: Instant,
}

/// What came of giving a write to the leader's log.
enum Handed {
    /// It is in the log, or may be.
    Over,
    /// It certainly is not: the leader's lease has expired, or it is handing over.
    NotYet,
}

/// A learner answers what it can say of itself, and serializable reads.
fn may_ask_learner(request: &Request) -> bool {
    match request {
        Request::Range(range) => range.serializable,
        Request::Maintenance(maintenance) => *maintenance == MaintenanceRequest::Status,
        _ => false,
    }
}

/// A request as it goes into the log: without its conditions, if that rule is off.
fn without_rules(cluster: &Cluster, mut request: Request) -> Request {
    if let Request::Txn(txn) = &mut request
        && !cluster.rules().hold(Rule::TxnCompare)
    {
        txn.compare.clear();
    }
    request
}

impl Server {
    /// Serves one request of a client.
    ///
    /// # Errors
    /// etcd's own.
    pub async fn serve(
        self: Rc<Self>,
        cluster: Cluster,
        ticket: Ticket,
        request: Request,
    ) -> Answer {
        let Ticket { id, thread, deadline } = ticket;
        if self.is_learner() && !may_ask_learner(&request) {
            return Err(Error::NotSupportedForLearner);
        }
        self.check_quota(&cluster, &request).await?;
        store::validate(&request)?;
        match &request {
            Request::Range(range) => {
                if !range.serializable {
                    self.read_index(&cluster, thread).await?;
                }
                self.readable(&request).await?;
                self.node.machine.0.borrow().store.range(range).map(Response::Range)
            }
            Request::Txn(txn) if store::is_read_only(txn) => {
                if !store::is_serializable(txn) {
                    self.read_index(&cluster, thread).await?;
                }
                self.readable(&request).await?;
                self.node.machine.0.borrow_mut().store.txn(txn).map(Response::Txn)
            }
            Request::Lease(lease) if !lease.is_replicated() => {
                self.serve_lease(&cluster, ticket, lease).await.map(Response::Lease)
            }
            Request::Maintenance(maintenance) if !maintenance.is_replicated() => {
                let served = self.serve_maintenance(&cluster, ticket, maintenance).await;
                served.map(Response::Maintenance)
            }
            Request::Cluster(members) => {
                self.serve_members(&cluster, ticket, members).await.map(Response::Cluster)
            }
            _ => {
                store::validate_size(&request, ID_AS_ETCD | id)?;
                let op = without_rules(&cluster, self.with_lease_terms(&cluster, id, request));
                let command = Command { request: id, thread, op };
                let is_put = matches!(command.op, Request::Put(_));
                if is_put && !cluster.rules().hold(Rule::AnswerAfterApply) {
                    return Ok(self.answer_early(&cluster, command));
                }
                self.propose(&cluster, command, deadline).await
            }
        }
    }

    /// A client has connected, whether the process is running or paused: who kills it breaks that.
    pub fn connect(&self, cut: Rc<dyn Fn()>) -> u64 {
        let number = self.next_connection.get();
        self.next_connection.set(number + 1);
        self.connections.borrow_mut().insert(number, cut);
        number
    }

    /// A connection is over, or is a stream from now on.
    pub fn disconnect(&self, number: u64) {
        self.connections.borrow_mut().remove(&number);
    }

    /// Waits until the store can be read, and refuses if an alarm forbids it.
    async fn readable(&self, request: &Request) -> Result<(), Error> {
        self.node.machine.unlocked().await;
        let refusal = self.node.machine.0.borrow().store.alarm_refusal(request);
        refusal.map_or(Ok(()), Err)
    }

    /// Refuses a request while too many entries wait to be applied.
    fn check_gap(&self) -> Result<(), Error> {
        let metrics = self.node.metrics.borrow_watched();
        let committed = metrics.local_committed.as_ref().map_or(0, |id| id.index);
        let applied = self.node.applied_index().map_or(0, |index| index.0);
        match committed > applied + APPLY_GAP_MAX {
            true => Err(Error::TooManyRequests),
            false => Ok(()),
        }
    }

    /// Without the rule that answers come last: yes, before anybody has it.
    fn answer_early(self: &Rc<Self>, cluster: &Cluster, command: Command) -> Response {
        let (server, at) = (self.clone(), cluster.clone());
        sim::spawn(async move {
            server.hand_to_leader(&at, Rc::new(command), &Cell::default()).await;
        });
        let revision = self.node.machine.0.borrow().store.revision();
        Response::Put(PutResponse { revision: Revision(revision.0 + 1), prev_kv: None })
    }

    /// A write that no leader took before its client's deadline is dropped: it never happens.
    pub(super) async fn propose(
        self: &Rc<Self>,
        cluster: &Cluster,
        command: Command,
        deadline: Instant,
    ) -> Answer {
        self.check_gap()?;
        let meter = &self.node.meter;
        meter.count(Counter::PendingProposals);
        let (started, request) = (sim::now(), command.request);
        let (waiter, answer) = oneshot::channel();
        self.desk.answers.borrow_mut().insert(request, waiter);
        let proposed = Cell::new(false);
        let work = async {
            self.hand_to_leader(cluster, Rc::new(command), &proposed).await;
            proposed.set(true);
            answer.await
        };
        let patience = self.patience(cluster).min(deadline - started);
        let done = sim::timeout(patience, work).await;
        meter.less(Counter::PendingProposals);
        match done {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(Error::Stopped),
            Err(_) => {
                meter.count(Counter::FailedProposals);
                self.desk.answers.borrow_mut().remove(&request);
                Err(match proposed.get() {
                    true => self.timeout_error(cluster, started),
                    // etcd hands back the context's error when there was no leader to take it.
                    false => Error::DeadlineExceeded,
                })
            }
        }
    }

    pub fn patience(&self, cluster: &Cluster) -> Duration {
        REQUEST_PATIENCE + 2 * cluster.settings().election_max
    }

    /// Which of etcd's three timeouts this is (models `parseProposeCtxErr`).
    fn timeout_error(&self, cluster: &Cluster, started: Instant) -> Error {
        let Some(leader) = self.leader() else { return Error::Timeout };
        let elected = cluster.elected_at();
        let lost = elected.checked_sub(2 * cluster.settings().election_max);
        if lost.is_none_or(|lost| started > lost) && started < elected {
            return Error::TimeoutLeaderFailure;
        }
        let silent = match leader == self.id {
            true => !self.has_quorum(cluster),
            false => {
                let heard = cluster.hints().of(self.id).since;
                sim::now() > heard + cluster.settings().election_max
            }
        };
        if silent { Error::TimeoutConnectionLost } else { Error::Timeout }
    }

    /// Whether a quorum has lately confirmed that this member leads; one alone is its own, of which
    /// openraft hears nothing.
    pub fn has_quorum(&self, cluster: &Cluster) -> bool {
        let metrics = self.node.metrics.borrow_watched();
        let members = metrics.membership_config.membership();
        let alone = members.voter_ids().all(|id| id == self.id);
        let acked = metrics.last_quorum_acked;
        alone || acked.is_some_and(|acked| cluster.lease_end(self.id, *acked) > sim::now())
    }

    /// Whom this member takes for the leader.
    pub fn leader(&self) -> Option<MemberId> {
        self.node.metrics.borrow_watched().current_leader
    }

    /// Waits until this member knows a leader.
    pub async fn known_leader(&self) -> MemberId {
        let mut metrics = self.node.metrics.clone();
        loop {
            let leader = metrics.borrow_watched().current_leader;
            if let Some(leader) = leader {
                return leader;
            }
            if metrics.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Gives a write to whoever leads; returns when that can not be taken back.
    async fn hand_to_leader(
        self: &Rc<Self>,
        cluster: &Cluster,
        command: Rc<Command>,
        proposed: &Cell<bool>,
    ) {
        loop {
            let leader = self.known_leader().await;
            if leader != self.id {
                return self.forward(cluster, leader, command);
            }
            proposed.set(true);
            if let Handed::Over = self.append(command.clone()).await {
                return;
            }
            proposed.set(false);
            sim::sleep(cluster.settings().heartbeat / 4).await;
        }
    }

    async fn append(&self, command: Rc<Command>) -> Handed {
        match self.node.raft.client_write(command).await {
            Err(RaftError::APIError(ClientWriteError::ForwardToLeader(forward))) => {
                match forward.reason {
                    ForwardReason::LeaseExpired | ForwardReason::LeadershipTransfer => {
                        Handed::NotYet
                    }
                    _ => Handed::Over,
                }
            }
            _ => Handed::Over,
        }
    }

    /// Sends a write on to the leader, once.
    fn forward(&self, cluster: &Cluster, leader: MemberId, command: Rc<Command>) {
        let (from, id) = (self.id, command.request);
        cluster.note(Event::Forwarded { id, from, to: leader });
        let label = Label {
            kind: PacketKind::Forward,
            word: crate::raft::word(&command.op),
            bytes: crate::raft::request_bytes(&command.op),
            thread: Some(command.thread),
            ..Label::default()
        };
        // A proposal travels on a stream: a duplicate of its packet is dropped by TCP.
        let (at, is_new) = (cluster.clone(), Cell::new(true));
        let deliver = move || {
            let Some(server) = at.server(leader).filter(|_| is_new.replace(false)) else { return };
            let (at, command) = (at.clone(), command.clone());
            sim::spawn(async move { server.take_forwarded(&at, command).await });
        };
        cluster.network().send(address(from), address(leader), label, Rc::new(once(deliver)));
    }

    /// A leader appends what another member forwarded. One that leads no more lets it fall.
    async fn take_forwarded(&self, cluster: &Cluster, command: Rc<Command>) {
        while self.leader() == Some(self.id) {
            if let Handed::Over = self.append(command.clone()).await {
                return;
            }
            sim::sleep(cluster.settings().heartbeat / 4).await;
        }
    }

    /// Whether openraft takes this member for the leader.
    pub fn leads(&self) -> bool {
        self.node.metrics.borrow_watched().state == ServerState::Leader
    }
}
