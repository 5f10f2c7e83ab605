//! What a member does with requests about itself: status, hashes, its file; and what it does when
//! that file is full.
//!
//! * The quota is looked at twice. A member that gets a request and has no room raises the alarm
//!   and does not propose it. A member that applies an entry and has no room has done it all the
//!   same, says that it was refused, and raises the alarm.
//! * A defragmentation copies the file: so long the member's store answers nobody and takes no
//!   entry. Heartbeats go on.
//! * Caveats: how long that takes is [`DEFRAG_BYTES_PER_S`] and two fsyncs, not a real copy. A
//!   snapshot's bytes are our store's, not a bbolt file.
//!
//! Architecture invariant: answers from what this member and the leader have; keeps nothing itself.

// Models etcd server/etcdserver/api/v3rpc/{maintenance,quota}.go and server/etcdserver/server.go.

use std::rc::Rc;
use std::time::Duration;

use openraft::async_runtime::watch::WatchReceiver;

use super::server::{Server, Ticket};
use super::{Cluster, Event};
use crate::raft::{AppliedEntry, Command, Counter, LogIndex, MemberId, ThreadId};
use crate::sim;
use crate::store::{
    AlarmAction, AlarmMember, AlarmType, Blob, Crc32c, DbFile, Error, MaintenanceRequest,
    MaintenanceResponse, Request, Response, Revision, StatusResponse,
};

/// The version a member claims to be.
pub const VERSION: &str = "3.6.0";

/// How fast a defragmentation copies, as modelled.
pub const DEFRAG_BYTES_PER_S: u64 = 50 * 1024 * 1024;

impl Server {
    /// Serves one of them.
    ///
    /// # Errors
    /// etcd's own.
    pub async fn serve_maintenance(
        self: &Rc<Self>,
        cluster: &Cluster,
        ticket: Ticket,
        request: &MaintenanceRequest,
    ) -> Result<MaintenanceResponse, Error> {
        if let MaintenanceRequest::Status = request {
            return Ok(MaintenanceResponse::Status(self.status()));
        }
        self.node.machine.unlocked().await;
        match request {
            MaintenanceRequest::Defragment => {
                self.defragment(cluster).await;
                Ok(MaintenanceResponse::Defragmented)
            }
            MaintenanceRequest::Hash => Ok(self.hash()),
            MaintenanceRequest::HashKv { revision } => self.hash_kv(*revision),
            MaintenanceRequest::Snapshot => {
                let applied = self.node.machine.0.borrow();
                let (revision, blob) = (applied.store.revision(), applied.store.to_bytes());
                Ok(MaintenanceResponse::Snapshot { revision, blob: Blob::from(blob) })
            }
            MaintenanceRequest::MoveLeader { target } => {
                self.move_leader(cluster, ticket, MemberId(*target)).await
            }
            MaintenanceRequest::Status | MaintenanceRequest::Alarm { .. } => Err(Error::NotCapable),
        }
    }

    fn status(&self) -> StatusResponse {
        self.node.machine.settle();
        let applied = self.node.machine.0.borrow();
        let metrics = self.node.metrics.borrow_watched();
        let leader = metrics.current_leader.map_or(0, |leader| leader.0);
        let mut errors = Vec::new();
        errors.extend((leader == 0).then(|| Error::NoLeader.to_string()));
        errors.extend(applied.store.alarms().map(|alarm| alarm.to_string()));
        StatusResponse {
            revision: applied.store.revision(),
            version: VERSION.into(),
            db_size: applied.database.size_bytes() as i64,
            leader,
            raft_index: metrics.local_committed.as_ref().map_or(0, |id| id.index),
            raft_term: metrics.current_term,
            raft_applied_index: applied.last.as_ref().map_or(0, |id| id.index),
            errors,
            db_size_in_use: applied.database.in_use_bytes() as i64,
            is_learner: self.is_learner(),
            db_size_quota: applied.database.quota_bytes(),
        }
    }

    async fn defragment(&self, cluster: &Cluster) {
        let Some(disk) = cluster.member(self.id).map(|member| member.disk.clone()) else { return };
        let now = sim::now();
        let (database, before) = {
            let applied = self.node.machine.0.borrow();
            applied.database.commit(&applied.store);
            (applied.database.clone(), applied.database.size_bytes())
        };
        let copies = database.in_use_bytes() * 1_000_000_000 / DEFRAG_BYTES_PER_S;
        let takes = Duration::from_nanos(copies) + disk.options().latency.max() * 2;
        database.lock_until(now + takes);
        cluster.note(Event::DefragBegan { member: self.id });
        self.node.meter.count(Counter::Defragments);
        sim::sleep(takes).await;
        self.node.meter.less(Counter::Defragments);
        self.node.meter.defrag.borrow_mut().observe(takes);
        let (bytes, index) = {
            let applied = self.node.machine.0.borrow();
            let index = applied.last.as_ref().map(|id| LogIndex(id.index));
            (DbFile::of(&applied.store), index)
        };
        database.replace(bytes, index);
        let after = database.size_bytes();
        cluster.note(Event::Defragmented { member: self.id, before, after });
    }

    /// Of everything in the file, so that no two members need have the same.
    fn hash(&self) -> MaintenanceResponse {
        let applied = self.node.machine.0.borrow();
        let mut crc = Crc32c::new();
        crc.write(&applied.store.to_bytes());
        crc.write(&applied.last.as_ref().map_or(0, |id| id.index).to_be_bytes());
        MaintenanceResponse::Hash { revision: applied.store.revision(), hash: crc.finish() }
    }

    fn hash_kv(&self, revision: Revision) -> Result<MaintenanceResponse, Error> {
        let applied = self.node.machine.0.borrow();
        let found = applied.store.hash_kv(revision)?;
        Ok(MaintenanceResponse::HashKv {
            revision: applied.store.revision(),
            hash: found.hash,
            compact_revision: found.compact_revision,
            hash_revision: found.hash_revision,
        })
    }

    async fn move_leader(
        &self,
        cluster: &Cluster,
        _ticket: Ticket,
        to: MemberId,
    ) -> Result<MaintenanceResponse, Error> {
        if self.leader() != Some(self.id) {
            return Err(Error::NotLeader);
        }
        if !self.votes(to) {
            return Err(Error::BadLeaderTransferee);
        }
        // openraft would hand over to itself and be no leader any more.
        if to != self.id {
            let trigger = self.node.raft.trigger().transfer_leader(to).await;
            trigger.map_err(|_| Error::Stopped)?;
        }
        let mut metrics = self.node.metrics.clone();
        let moved = async {
            while metrics.borrow_watched().current_leader != Some(to) {
                metrics.changed().await.map_err(|_| Error::Stopped)?;
            }
            Ok(())
        };
        // etcd gives it one election timeout.
        let done = sim::timeout(2 * cluster.settings().election_max, moved).await;
        let late = "etcdserver: request timed out, leader transfer took too long";
        done.unwrap_or_else(|_| Err(Error::Unknown(late.into())))?;
        let revision = self.node.machine.0.borrow().store.revision();
        Ok(MaintenanceResponse::LeaderMoved { revision })
    }

    /// Refuses what this member's database has no room for, and raises the alarm.
    pub(super) async fn check_quota(
        self: &Rc<Self>,
        cluster: &Cluster,
        request: &Request,
    ) -> Result<(), Error> {
        self.node.machine.settle();
        let database = self.node.machine.0.borrow().database.clone();
        if database.has_room(request) {
            return Ok(());
        }
        self.raise_alarm(cluster, self.is_full()).await;
        Err(Error::NoSpace)
    }

    /// Whether an entry that was just applied was too much for this member's database, and nobody
    /// has said so yet.
    pub(super) fn must_raise_alarm(&self, entry: &AppliedEntry) -> bool {
        let store = &self.node.machine.0.borrow().store;
        entry.over_quota && !store.has_alarm(AlarmType::NoSpace)
    }

    pub(super) fn is_full(&self) -> AlarmMember {
        AlarmMember { member_id: self.id.0, alarm: AlarmType::NoSpace }
    }

    /// Proposes that a member has an alarm, and waits until it is raised, or for as long as any
    /// request waits.
    pub(super) async fn raise_alarm(self: &Rc<Self>, cluster: &Cluster, member: AlarmMember) {
        let op = MaintenanceRequest::Alarm { action: AlarmAction::Activate, member };
        let command = Command {
            request: cluster.requests().fresh(),
            thread: ThreadId(0),
            op: Request::Maintenance(op),
        };
        let deadline = sim::now() + self.patience(cluster);
        let _ = self.propose(cluster, command, deadline).await;
    }
}

impl Cluster {
    /// What a leader applies about alarms is told once.
    pub(super) fn note_alarms(&self, server: &Server, entry: &AppliedEntry) {
        let Some((_, Ok(answer))) = &entry.answer else { return };
        let Response::Maintenance(MaintenanceResponse::Alarm { alarms, .. }) = answer else {
            return;
        };
        let store = &server.node.machine.0.borrow().store;
        let told = |it: &AlarmMember| {
            let raised = store.alarms().any(|other| other == *it);
            Event::AlarmChanged { member: MemberId(it.member_id), alarm: it.alarm, raised }
        };
        if entry.changes_alarms && server.leads() {
            alarms.iter().for_each(|alarm| self.note(told(alarm)));
        }
    }
}
