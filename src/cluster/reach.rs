//! What others may ask of a cluster: its parts, and what its members hold.
//!
//! Architecture invariant: looks; changes nothing of a member.

use std::rc::Rc;
use std::time::Duration;

use super::journal::{Journal, Noted};
use super::member::Member;
use super::observe::Sight;
use super::overheard::Overheard;
use super::requests::Requests;
use super::server::Server;
use super::{Cluster, Commands, Event, Figures, Role, Setup, Status};
use crate::raft::runtime::SimInstant;
use crate::raft::{
    Hints, Label, LogIndex, LogStore, MemberId, PacketKind, Rule, Rules, Settings, Term, ThreadId,
    Witness,
};
use crate::sim::{Disk, DiskOptions, Group, Instant, Network, Rng, World};
use crate::store::{LeaseId, Store, WatchHub};

impl Cluster {
    /// The world it lives in.
    pub fn world(&self) -> &World {
        &self.0.world
    }

    /// What it was made from.
    pub fn setup(&self) -> Setup {
        self.0.setup
    }

    /// The figures of its timing.
    pub fn figures(&self) -> Figures {
        self.0.setup.timing.figures()
    }

    /// How its members' Rafts are set up.
    pub fn settings(&self) -> Settings {
        self.0.settings
    }

    /// Its network.
    pub fn network(&self) -> &Network<Label> {
        &self.0.wires.network
    }

    /// What was inferred of its members.
    pub fn hints(&self) -> &Hints {
        &self.0.wires.hints
    }

    /// Which rules hold.
    pub fn rules(&self) -> &Rules {
        &self.0.wires.rules
    }

    pub(super) fn switch(&self, rule: Rule, on: bool) {
        if self.rules().switch(rule, on) {
            self.note(Event::RuleChanged { rule, on });
        }
    }

    /// What its members do, for whoever checks it.
    pub fn witness(&self) -> &Witness {
        &self.0.wires.witness
    }

    /// What its clients say and hear, for whoever checks it.
    pub fn overheard(&self) -> &Overheard {
        &self.0.overheard
    }

    /// Its clients' requests.
    pub fn requests(&self) -> &Requests {
        &self.0.requests
    }

    /// What the reader's own command lines came to.
    pub fn commands(&self) -> &Commands {
        &self.0.commands
    }

    /// All members, in order.
    pub fn member_ids(&self) -> Vec<MemberId> {
        self.0.members.borrow().keys().copied().collect()
    }

    /// The cluster's id, as the gateway tells it: a hash of how it began, as etcd's is.
    pub fn id(&self) -> u64 {
        let Setup { seed, members, .. } = self.setup();
        Rng::stream(seed, "cluster id", u64::from(members), 0).next_u64()
    }

    /// Packets delivered since the world began.
    pub fn delivered(&self) -> u64 {
        self.0.delivered.get().0
    }

    /// What the last packet delivered carried.
    pub fn last_delivered(&self) -> Option<PacketKind> {
        self.0.delivered.get().1
    }

    /// The hash of everything that happened.
    pub fn trace_hash(&self) -> u64 {
        self.0.journal.hash()
    }

    /// Notes an event, now.
    pub fn note(&self, event: Event) {
        self.0.journal.note(&self.0.world, event);
    }

    /// Events not yet taken.
    pub fn events_waiting(&self) -> usize {
        self.0.journal.waiting()
    }

    /// Takes the events since this was last called, and how many were left out.
    pub fn take_events(&self) -> (Vec<Noted>, u64) {
        self.0.journal.take()
    }

    /// The journal, for those who note what happens above the cluster.
    pub fn journal(&self) -> &Journal {
        &self.0.journal
    }

    /// A member's disk.
    ///
    /// # Panics
    /// When there is no such member.
    pub fn disk(&self, id: MemberId) -> Disk {
        self.0.members.borrow()[&id].disk.clone()
    }

    /// Looks at a running member's store.
    pub fn with_store<T>(&self, id: MemberId, look: impl FnOnce(&Store) -> T) -> Option<T> {
        let server = self.server(id)?;
        let applied = server.node.machine.0.borrow();
        Some(look(&applied.store))
    }

    /// Looks at the watchers on a running member's store.
    pub fn with_watchers<T>(&self, id: MemberId, look: impl FnOnce(&WatchHub) -> T) -> Option<T> {
        let server = self.server(id)?;
        let applied = server.node.machine.0.borrow();
        Some(look(&applied.hub))
    }

    /// How long a lease has left by a member's clock; none: the member does not measure.
    pub fn lease_left(&self, id: MemberId, lease: LeaseId) -> Option<Duration> {
        self.server(id)?.lease_left(self, lease)
    }

    /// Looks at a running member's log.
    pub fn with_log<T>(&self, id: MemberId, look: impl FnOnce(&LogStore) -> T) -> Option<T> {
        Some(look(&self.server(id)?.node.log))
    }

    /// The log a member would start from; an empty one when there is no such member.
    pub fn log_on_disk(&self, id: MemberId) -> LogStore {
        let empty = || Disk::new(self.world(), Group(id.0 as u32), DiskOptions::default());
        LogStore::open(self.member(id).map_or_else(empty, |member| member.disk.clone()))
    }

    /// What was last seen of a running member: its role, its term, and what it knows to be
    /// committed.
    pub fn glance(&self, id: MemberId) -> Option<(Role, Term, Option<LogIndex>)> {
        self.server(id)?;
        let Sight { role, term, commit_index, .. } = self.sight(id);
        Some((role, term, commit_index))
    }

    /// A thread no other write of the run has.
    pub fn fresh_thread(&self) -> ThreadId {
        self.0.last_thread.set(self.0.last_thread.get() + 1);
        ThreadId(self.0.last_thread.get())
    }

    /// Whether raft loops wait for their fsync at present.
    pub fn loop_waits_for_fsync(&self) -> bool {
        self.0.loop_waits_for_fsync.get()
    }

    /// Whether leaders write down what long leases have left.
    pub fn lease_checkpoints(&self) -> bool {
        self.0.lease_checkpoints.get()
    }

    /// How often watchers who want it are told how far they are.
    pub fn watch_progress_every(&self) -> Duration {
        self.0.watch_progress_every.get()
    }

    pub(super) fn change_watch_progress(&self, every: Duration) {
        self.set_watch_progress_every(every);
        self.note(Event::WatchProgressChanged { every });
    }

    /// Sets every member's `--watch-progress-notify-interval`, for streams opened from now on.
    pub fn set_watch_progress_every(&self, every: Duration) {
        self.0.watch_progress_every.set(every);
    }

    /// From so many bytes on answers are cut for watchers who take fragments.
    pub fn watch_fragment_bytes(&self) -> usize {
        self.0.watch_fragment_bytes.get()
    }

    /// Sets that (etcd `--max-request-bytes`, and what gRPC adds).
    pub fn set_watch_fragment_bytes(&self, most: usize) {
        self.0.watch_fragment_bytes.set(most);
    }

    /// Whether linearizable reads trust the leader's lease at present.
    pub fn lease_reads(&self) -> bool {
        self.0.lease_reads.get()
    }

    /// Who leads, as far as a running member says so of itself, in the newest term.
    pub fn leader(&self) -> Option<MemberId> {
        let members = self.members();
        let leads =
            |member: &&Rc<Member>| member.server.borrow().as_ref().is_some_and(|it| it.leads());
        let leaders = members.iter().filter(leads);
        leaders.max_by_key(|member| member.sight.get().term).map(|member| member.id)
    }

    /// Whether a member's process runs; none when there is no such member.
    pub fn status(&self, id: MemberId) -> Option<Status> {
        self.member(id).map(|member| member.status.get())
    }

    /// When a leader's lease ends: so long after a quorum's last answer, by its own clock.
    pub(super) fn lease_end(&self, leader: MemberId, acked: SimInstant) -> Instant {
        let ends = acked + self.settings().election_max;
        ends.in_world(self.world(), Group(leader.0 as u32))
    }

    pub(super) fn members(&self) -> Vec<Rc<Member>> {
        self.0.members.borrow().values().cloned().collect()
    }

    pub(super) fn member(&self, id: MemberId) -> Option<Rc<Member>> {
        self.0.members.borrow().get(&id).cloned()
    }

    pub(super) fn server(&self, id: MemberId) -> Option<Rc<Server>> {
        self.member(id)?.server.borrow().clone()
    }

    pub(super) fn sight(&self, id: MemberId) -> Sight {
        self.0.members.borrow()[&id].sight.get()
    }

    pub(super) fn set_sight(&self, id: MemberId, sight: Sight) {
        self.0.members.borrow()[&id].sight.set(sight);
    }

    pub(super) fn elected_at(&self) -> Instant {
        self.0.elected_at.get()
    }

    pub(super) fn set_elected_now(&self) {
        self.0.elected_at.set(self.0.world.now());
    }
}
