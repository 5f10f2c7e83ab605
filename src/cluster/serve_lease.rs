//! What a member does about leases: keeps them alive, tells of them, and as leader ends them.
//!
//! * A keep-alive and a question after the time left are answered by the leader alone, from its
//!   timetable; another member asks the leader for its client. Neither is an entry of the log.
//! * What has expired is looked for every [`LOOK_EVERY`] while there are leases, and revoked
//!   through the log like a client's revocation, at most [`REVOCATIONS_MAX`] at a time, and only
//!   while a quorum has lately confirmed that this member leads.
//! * A leader answers a keep-alive only while a quorum has heard of it lately, or hears of it now:
//!   a lease that a deposed leader kept alive would end too early under the new one.
//! * A keep-alive for a lease that has expired waits until it is revoked, or the leader changes.
//! * With checkpoints on, long leases' remaining time is written down through the log now and then.
//!   A keep-alive has that struck out before it is answered.
//!
//! Caveat: a checkpoint is an entry of its own for each lease; etcd puts up to a thousand in one.
//!
//! Architecture invariant: time passes in the timetable alone; the store only hears of its outcome.

// Models etcd server/etcdserver/v3_server.go (LeaseRenew, LeaseTimeToLive, LeaseLeases) and
// server/etcdserver/server.go (revokeExpiredLeases).

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use openraft::ReadPolicy;
use openraft::async_runtime::watch::WatchReceiver;

use super::cables::once;
use super::lessor::Timetable;
use super::server::{Server, Ticket};
use super::{Cluster, Event};
use crate::raft::witness::Tenancy;
use crate::raft::{
    AppliedEntry, Command, Counter, Fact, Label, LogIndex, MemberId, PacketKind, Rule, Term,
    ThreadId, address,
};
use crate::sim::channel::oneshot;
use crate::sim::{self, Group, Instant};
use crate::sorted::sort_by;
use crate::store::{Error, LeaseId, LeaseRequest, LeaseResponse, Request};

/// How often the leader looks for what has expired.
pub const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Revocations under way at most.
pub const REVOCATIONS_MAX: usize = 16;

/// A member that could not reach the leader tries again after so long.
const ASK_AGAIN: Duration = Duration::from_millis(50);

/// Spreads the ids of leases over all of their range.
const ID_MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// The leader's answer: none when it does not lead.
type Told = Option<LeaseResponse>;

/// A member's part in leases.
#[derive(Default)]
pub(super) struct Lessor {
    table: RefCell<Timetable>,
    /// The last term whose first entry was applied here.
    begun: Cell<Option<Term>>,
    /// Whether somebody looks for what has expired.
    looks: Cell<bool>,
    /// Leases to be revoked, and how many are at it.
    doomed: RefCell<VecDeque<LeaseId>>,
    revoking: Cell<usize>,
}

impl Server {
    /// Serves a request about leases that is no entry of the log.
    ///
    /// # Errors
    /// etcd's own.
    pub async fn serve_lease(
        self: &Rc<Self>,
        cluster: &Cluster,
        ticket: Ticket,
        request: &LeaseRequest,
    ) -> Result<LeaseResponse, Error> {
        if let LeaseRequest::Leases = request {
            return Ok(self.all_leases());
        }
        let work = async {
            loop {
                let leader = self.known_leader().await;
                let told = match leader == self.id {
                    true => self.tell_of_lease(cluster, request).await,
                    false => self.ask_leader(cluster, leader, request, ticket.thread).await,
                };
                match told {
                    Some(told) => break told,
                    None => sim::sleep(ASK_AGAIN).await,
                }
            }
        };
        sim::timeout(self.patience(cluster), work).await.map_err(|_| Error::Timeout)
    }

    /// A grant as it goes into the log: with an id, if the client left that to the server, and not
    /// too short to outlive an election.
    pub fn with_lease_terms(
        &self,
        cluster: &Cluster,
        request_id: u64,
        request: Request,
    ) -> Request {
        let Request::Lease(LeaseRequest::Grant { id, ttl }) = request else { return request };
        let id = match id {
            // Odd, so that no two requests get the same one; in the range of etcd's.
            0 => ((self.id.0 << 48 | request_id).wrapping_mul(ID_MIX) >> 1) as LeaseId,
            own => own,
        };
        let shortest = (cluster.settings().election_min * 3 / 2).as_millis().div_ceil(1000) as i64;
        Request::Lease(LeaseRequest::Grant { id, ttl: ttl.max(shortest) })
    }

    /// All leases, those that expire first in front; on other members than the leader, by id.
    fn all_leases(&self) -> LeaseResponse {
        let applied = self.node.machine.0.borrow();
        let table = self.lessor.table.borrow();
        let mut leases: Vec<LeaseId> = applied.store.leases().keys().copied().collect();
        let when = |id: &LeaseId| (table.expires(*id).unwrap_or(Instant::NEVER), *id);
        sort_by(&mut leases, |one, other| when(one).cmp(&when(other)));
        LeaseResponse::Leases { revision: applied.store.revision(), leases }
    }

    /// How long a lease has left; none: this member does not measure.
    pub(super) fn lease_left(&self, cluster: &Cluster, id: LeaseId) -> Option<Duration> {
        Some(self.lessor.table.borrow().expires(id)?.since(self.own_now(cluster)))
    }

    /// What the leader says; none when this member is not primary.
    async fn tell_of_lease(self: &Rc<Self>, cluster: &Cluster, request: &LeaseRequest) -> Told {
        match *request {
            LeaseRequest::KeepAlive { id } => self.renew(cluster, id).await,
            LeaseRequest::TimeToLive { id, keys } => self.time_to_live(cluster, id, keys),
            _ => None,
        }
    }

    /// Whether leases expire here: this member leads, and has applied the first entry of its term,
    /// and so all that leaders before it have acknowledged.
    fn is_primary(&self, cluster: &Cluster) -> bool {
        let mut table = self.lessor.table.borrow_mut();
        let term = Term(self.node.metrics.borrow_watched().current_term);
        match self.leads() && self.lessor.begun.get() == Some(term) {
            false if table.is_primary() => {
                table.demote();
                self.tell(cluster, Tenancy::Demoted);
            }
            false => {}
            true if table.is_primary() => {}
            true => {
                let applied = self.node.machine.0.borrow();
                let (leases, now) = (applied.store.leases(), self.own_now(cluster));
                let extend = cluster.settings().election_min;
                table.promote(leases, now, extend);
                self.tell(cluster, Tenancy::Promoted(extend));
            }
        }
        table.is_primary()
    }

    fn tell(&self, cluster: &Cluster, tenancy: Tenancy) {
        cluster.witness().tell(|| Fact::Lease(self.id, tenancy));
    }

    /// By this member's own clock.
    pub fn own_now(&self, cluster: &Cluster) -> Instant {
        cluster.world().local_at(Group(self.id.0 as u32), cluster.world().now())
    }

    /// Whether this member leads for sure: a quorum has heard of it lately, or hears of it now.
    async fn ensure_leads(&self, cluster: &Cluster) -> bool {
        if !cluster.rules().hold(Rule::LeaseQuorum) {
            return true;
        }
        let lately = cluster.settings().election_min * 3 / 4;
        let acked = self.node.metrics.borrow_watched().last_quorum_acked;
        let silent = acked.map(|acked| self.own_now(cluster).since(acked.local()));
        if silent.is_some_and(|silent| silent <= lately) {
            return true;
        }
        self.node.raft.get_read_log_id(ReadPolicy::ReadIndex).await.is_ok()
    }

    /// Waits until this member has applied all that it knows to be committed.
    async fn apply_committed(&self) {
        let committed = self.node.metrics.borrow_watched().local_committed;
        if let Some(committed) = committed {
            self.applied(LogIndex(committed.index)).await;
        }
    }

    async fn renew(self: &Rc<Self>, cluster: &Cluster, id: LeaseId) -> Told {
        if !self.ensure_leads(cluster).await {
            return None;
        }
        self.apply_committed().await;
        loop {
            if !self.is_primary(cluster) {
                return None;
            }
            let now = self.own_now(cluster);
            let (revision, ttl, written) = {
                let applied = self.node.machine.0.borrow();
                let lease = applied.store.leases().get(&id);
                let written = lease.is_some_and(|lease| lease.remaining_ttl > 0);
                (applied.store.revision(), lease.map(|lease| lease.ttl), written)
            };
            let expires = self.lessor.table.borrow().expires(id);
            match (ttl, expires) {
                (None, _) => return Some(LeaseResponse::KeptAlive { revision, id, ttl: 0 }),
                // What was written down is true no more: the next leader must not go by it.
                (Some(_), Some(expires)) if expires > now && written => {
                    let request = LeaseRequest::Checkpoint { id, remaining_ttl: 0 };
                    self.propose_lease(cluster, request).await;
                }
                (Some(ttl), Some(expires)) if expires > now => {
                    self.lessor.table.borrow_mut().renew(id, ttl, now);
                    self.node.meter.count(Counter::LeasesRenewed);
                    self.tell(cluster, Tenancy::Renewed(id));
                    return Some(LeaseResponse::KeptAlive { revision, id, ttl });
                }
                _ => sim::sleep(ASK_AGAIN).await,
            }
        }
    }

    fn time_to_live(&self, cluster: &Cluster, id: LeaseId, with_keys: bool) -> Told {
        if !self.is_primary(cluster) {
            return None;
        }
        let now = self.own_now(cluster);
        let applied = self.node.machine.0.borrow();
        let revision = applied.store.revision();
        let expires = self.lessor.table.borrow().expires(id);
        Some(match applied.store.leases().get(&id) {
            None => {
                let (ttl, granted_ttl, keys) = (-1, 0, Vec::new());
                LeaseResponse::TimeToLive { revision, id, ttl, granted_ttl, keys }
            }
            Some(lease) => LeaseResponse::TimeToLive {
                revision,
                id,
                ttl: expires.map_or(lease.ttl, |expires| expires.since(now).as_secs() as i64),
                granted_ttl: lease.ttl,
                keys: if with_keys { lease.keys.iter().cloned().collect() } else { Vec::new() },
            },
        })
    }

    /// Asks the leader for its client. None when there is no answer in time, or the asked one does
    /// not lead.
    async fn ask_leader(
        &self,
        cluster: &Cluster,
        leader: MemberId,
        request: &LeaseRequest,
        thread: ThreadId,
    ) -> Told {
        let word = crate::raft::word(&Request::Lease(request.clone()));
        let thread = Some(thread);
        let label = Label { kind: PacketKind::Forward, word, thread, ..Label::default() };
        let (told, hears) = oneshot::channel::<Told>();
        let told = Rc::new(RefCell::new(Some(told)));
        let (at, from, asked, back) = (cluster.clone(), self.id, request.clone(), label.clone());
        let deliver = move || {
            let Some(server) = at.server(leader) else { return };
            let (at, asked, told, back) = (at.clone(), asked.clone(), told.clone(), back.clone());
            sim::spawn(async move {
                let answer = server.tell_of_lease(&at, &asked).await;
                let label = Label { answer: true, refused: answer.is_none(), ..back };
                let hand_over = move || {
                    if let Some(told) = told.borrow_mut().take() {
                        let _ = told.send(answer.clone());
                    }
                };
                at.network().send(address(leader), address(from), label, Rc::new(hand_over));
            });
        };
        cluster.network().send(address(from), address(leader), label, Rc::new(once(deliver)));
        let patience = 2 * cluster.settings().election_max;
        sim::timeout(patience, hears).await.ok()?.ok()?
    }

    /// An entry was applied: the timetable follows.
    pub fn lease_applied(self: &Rc<Self>, cluster: &Cluster, entry: &AppliedEntry) {
        if entry.begins_term.is_some() {
            self.lessor.begun.set(entry.begins_term);
            self.lessor.table.borrow_mut().demote();
        }
        self.follow_leadership(cluster);
        let mut table = self.lessor.table.borrow_mut();
        let applied = self.node.machine.0.borrow();
        if table.is_primary() && table.len() != applied.store.leases().len() {
            table.sync(applied.store.leases(), self.own_now(cluster));
        }
    }

    /// This member leads, or leads no more, or has leases now: somebody looks for what has expired
    /// while it leads and there are some.
    pub fn follow_leadership(self: &Rc<Self>, cluster: &Cluster) {
        let any = !self.node.machine.0.borrow().store.leases().is_empty();
        if self.is_primary(cluster) && any && !self.lessor.looks.replace(true) {
            sim::spawn(self.clone().look_for_expired(cluster.clone()));
        }
    }

    /// Looks for what has expired, for as long as this member leads and there are leases.
    async fn look_for_expired(self: Rc<Self>, cluster: Cluster) {
        loop {
            sim::sleep(LOOK_EVERY).await;
            let any = !self.node.machine.0.borrow().store.leases().is_empty();
            if !self.is_primary(&cluster) || !any {
                self.lessor.looks.set(false);
                return;
            }
            if !self.has_quorum(&cluster) || !cluster.rules().hold(Rule::LeaseExpiry) {
                continue;
            }
            let now = self.own_now(&cluster);
            if cluster.lease_checkpoints() {
                let written = self.lessor.table.borrow_mut().checkpoints(now);
                for (id, remaining_ttl) in written {
                    let request = LeaseRequest::Checkpoint { id, remaining_ttl };
                    let (server, at) = (self.clone(), cluster.clone());
                    sim::spawn(async move { server.propose_lease(&at, request).await });
                }
            }
            let due = self.lessor.table.borrow_mut().due(now);
            for id in &due {
                cluster.note(Event::LeaseExpired { member: self.id, lease: *id });
            }
            self.lessor.doomed.borrow_mut().extend(due);
            self.revoke_doomed(&cluster);
        }
    }

    fn revoke_doomed(self: &Rc<Self>, cluster: &Cluster) {
        let waiting = self.lessor.doomed.borrow().len();
        let free = REVOCATIONS_MAX.saturating_sub(self.lessor.revoking.get());
        for _ in 0..waiting.min(free) {
            self.lessor.revoking.set(self.lessor.revoking.get() + 1);
            let (server, at) = (self.clone(), cluster.clone());
            sim::spawn(async move {
                while let Some(id) = server.next_doomed() {
                    server.propose_lease(&at, LeaseRequest::Revoke { id }).await;
                    server.node.meter.count(Counter::LeasesExpired);
                }
                server.lessor.revoking.set(server.lessor.revoking.get() - 1);
            });
        }
    }

    fn next_doomed(&self) -> Option<LeaseId> {
        self.lessor.doomed.borrow_mut().pop_front()
    }

    async fn propose_lease(self: &Rc<Self>, cluster: &Cluster, request: LeaseRequest) {
        if !self.is_primary(cluster) {
            return;
        }
        let number = cluster.requests().fresh();
        if let LeaseRequest::Revoke { id } = request {
            self.tell(cluster, Tenancy::Expired(id, number));
        }
        let command = Command {
            request: number,
            thread: cluster.fresh_thread(),
            op: Request::Lease(request),
        };
        let deadline = sim::now() + self.patience(cluster);
        // What does not come about is found expired again.
        let _ = self.propose(cluster, command, deadline).await;
    }
}
