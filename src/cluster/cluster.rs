//! The cluster as a whole: its members, its network, and what a reader can do to it.
//!
//! Architecture invariant: the only place that starts and ends members.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::etcdctl::ETCDCTL;
use super::journal::{Journal, Noted};
use super::observe::Sight;
use super::requests::Requests;
use super::server::{Desk, Server};
use super::{Action, Event, Figures, Status, Timing};
use crate::raft::{
    Hints, Label, LogStore, MemberId, Settings, Term, ThreadId, Wires, address, node,
    transport::{Ack, Peers},
};
use crate::sim::{
    Address, Disk, DiskOptions, Group, Hold, Instant, Latency, Link, Micro, Network, NetworkEvent,
    PacketId, Stepped, Why, World,
};
use crate::store::Store;

/// Members a cluster may have.
pub const MEMBERS_MAX: u8 = 9;

/// A snapshot is taken after so many entries. etcd's default is 10,000; ours is small enough to be
/// seen.
pub const SNAPSHOT_EVERY: u64 = 300;

/// Entries kept behind a snapshot. etcd's default is 5,000.
pub const ENTRIES_KEPT: u64 = 60;

/// What a cluster is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setup {
    /// The seed of all chance.
    pub seed: u64,
    /// Members, from 1.
    pub members: u8,
    /// How fast the modelled world is.
    pub timing: Timing,
    /// Whether a member's raft loop waits for its fsync, as etcd's does.
    pub loop_waits_for_fsync: bool,
}

/// A handle to a cluster; clones are the same cluster.
#[derive(Clone)]
pub struct Cluster(Rc<Inner>);

type Refusal = Rc<dyn Fn()>;
type Refusals = Rc<RefCell<BTreeMap<PacketId, Refusal>>>;

struct Inner {
    world: World,
    setup: Setup,
    settings: Settings,
    wires: Wires,
    members: BTreeMap<MemberId, Member>,
    journal: Rc<Journal>,
    requests: Requests,
    refusals: Refusals,
    delivered: Rc<Cell<u64>>,
    last_thread: Cell<u64>,
    elected_at: Cell<Instant>,
}

/// A member's place in the cluster, whether it runs or not.
pub(super) struct Member {
    pub id: MemberId,
    pub disk: Disk,
    pub status: Cell<Status>,
    pub server: RefCell<Option<Rc<Server>>>,
    pub sight: Cell<Sight>,
}

impl Cluster {
    /// A new world with a new cluster in it, whose members start at once.
    pub fn boot(setup: Setup) -> Cluster {
        let world = World::new(setup.seed);
        let figures = setup.timing.figures();
        let network = Network::new(&world);
        let journal = Rc::new(Journal::default());
        let refusals = Refusals::default();
        let delivered = Rc::new(Cell::new(0));
        watch_network(&network, &world, (&journal, &refusals, &delivered));
        let ids: BTreeSet<MemberId> = (1..=u64::from(setup.members)).map(MemberId).collect();
        lay_cables(&network, &ids, setup.timing);
        let wires = Wires {
            network,
            peers: Peers::default(),
            hints: Hints::default(),
            on_ack: note_acks(&journal, &world),
            patience: figures.heartbeat * 3,
            lease: figures.election_max,
        };
        let member = |id: &MemberId| (*id, Member::new(*id, &world, &setup, &ids));
        let inner = Inner {
            settings: settings(&figures),
            members: ids.iter().map(member).collect(),
            wires,
            journal,
            requests: Requests::default(),
            refusals,
            delivered,
            last_thread: Cell::new(0),
            elected_at: Cell::new(Instant(0)),
            setup,
            world,
        };
        let cluster = Cluster(Rc::new(inner));
        cluster.note(Event::Booted { members: setup.members, timing: setup.timing });
        ids.iter().for_each(|id| cluster.start(*id));
        cluster
    }

    /// Does something to the cluster, now. What cannot be done (killing the dead) does nothing.
    /// Returns the thread of what it begins, if it begins something.
    pub fn act(&self, action: &Action) -> Option<ThreadId> {
        match action {
            Action::Kill(id) => self.kill(*id),
            Action::Restart(id) => self.restart(*id),
            Action::Pause(id) => self.pause(*id),
            Action::Resume(id) => self.resume(*id),
            Action::Partition(groups) => self.partition(groups),
            Action::Heal => self.heal(),
            Action::Etcdctl(etcdctl) => return Some(self.run_etcdctl(etcdctl.clone())),
        }
        None
    }

    /// Makes one micro-step and looks at whom it concerned. None when nothing is left to happen.
    pub fn step(&self) -> Option<Stepped> {
        self.step_until(Instant::NEVER)
    }

    /// Makes one micro-step, if it happens at `until` or before, and looks at whom it concerned.
    pub fn step_until(&self, until: Instant) -> Option<Stepped> {
        let stepped = self.0.world.step_until(until)?;
        // A timer only wakes a task: there is something to see when that has been polled.
        if stepped.micro != Micro::Timer {
            self.look_at(stepped.group);
        }
        Some(stepped)
    }

    /// Makes the micro-steps up to an instant, at most so many. True when the instant was reached.
    pub fn advance_to(&self, until: Instant, limit_steps: u64) -> bool {
        for _ in 0..limit_steps {
            if self.step_until(until).is_none() {
                return self.0.world.advance_to(until, 0).reached;
            }
        }
        false
    }

    fn look_at(&self, group: Group) {
        if let Some(member) = self.0.members.get(&MemberId(u64::from(group.0))) {
            let server = member.server.borrow().clone();
            if let Some(server) = server {
                self.observe(&server);
            }
        }
    }

    fn start(&self, id: MemberId) {
        let (at, member) = (self.clone(), &self.0.members[&id]);
        member.status.set(Status::Running);
        self.hints().started(id, self.0.world.now());
        let (disk, wires, settings) = (member.disk.clone(), self.0.wires.clone(), self.0.settings);
        self.0.world.spawn_in(Group(id.0 as u32), async move {
            let desk = Rc::new(Desk::default());
            let told = at.on_apply(id, desk.clone());
            match node::start(id, settings, disk, wires, told).await {
                Ok(node) => at.started(Rc::new(Server {
                    id,
                    node,
                    desk,
                    connections: RefCell::default(),
                    next_connection: Cell::new(0),
                    streams: RefCell::default(),
                })),
                Err(why) => at.note(Event::StartFailed { member: id, why }),
            }
        });
    }

    fn started(&self, server: Rc<Server>) {
        let member = &self.0.members[&server.id];
        self.0.wires.peers.borrow_mut().insert(server.id, server.node.raft.clone());
        member.server.replace(Some(server.clone()));
        let term = server.node.log.vote().map_or(0, |vote| vote.leader_id.term);
        let last_index = server.node.log.last_index();
        member.sight.set(Sight { last_index, term: Term(term), ..Sight::default() });
        crate::sim::spawn(server.watch_loop(self.clone()));
    }

    /// What is done with every entry a member applies.
    fn on_apply(&self, id: MemberId, desk: Rc<Desk>) -> Rc<dyn Fn(&crate::raft::AppliedEntry)> {
        let at = self.clone();
        Rc::new(move |entry| {
            let (index, revision, thread) = (entry.index, entry.revision, entry.thread);
            at.note(Event::Applied { member: id, index, revision, thread });
            desk.applied(entry);
            if let Some(server) = at.server(id) {
                server.flush_streams(thread);
            }
        })
    }

    fn kill(&self, id: MemberId) {
        let Some(member) = self.0.members.get(&id) else { return };
        if member.status.get() == Status::Crashed {
            return;
        }
        let server = member.server.take();
        let raft = self.0.wires.peers.borrow_mut().remove(&id);
        if let Some(server) = &server {
            server.cut_streams();
            server.connections.take().into_values().for_each(|cut| cut());
        }
        self.0.world.release(Group(id.0 as u32), Hold::Pause);
        self.0.world.kill(Group(id.0 as u32));
        drop((raft, server));
        member.disk.crash();
        member.status.set(Status::Crashed);
        self.note(Event::Killed { member: id });
    }

    fn restart(&self, id: MemberId) {
        let crashed = |member: &Member| member.status.get() == Status::Crashed;
        if self.0.members.get(&id).is_some_and(crashed) {
            self.note(Event::Restarted { member: id });
            self.start(id);
        }
    }

    fn pause(&self, id: MemberId) {
        let Some(member) = self.0.members.get(&id) else { return };
        if member.status.get() == Status::Running {
            self.0.world.hold(Group(id.0 as u32), Hold::Pause);
            member.status.set(Status::Paused);
            self.note(Event::Paused { member: id });
        }
    }

    fn resume(&self, id: MemberId) {
        let Some(member) = self.0.members.get(&id) else { return };
        if member.status.get() == Status::Paused {
            member.status.set(Status::Running);
            self.0.world.release(Group(id.0 as u32), Hold::Pause);
            self.note(Event::Resumed { member: id });
        }
    }

    fn partition(&self, groups: &[Vec<MemberId>]) {
        let side = |id: &MemberId| groups.iter().position(|group| group.contains(id));
        for from in self.0.members.keys() {
            for to in self.0.members.keys().filter(|to| *to != from) {
                let (a, b) = (address(*from), address(*to));
                match side(from) == side(to) {
                    true => self.network().heal(a, b),
                    false => self.network().cut(a, b),
                }
            }
        }
        self.note(Event::Partitioned { groups: groups.to_vec() });
    }

    fn heal(&self) {
        for (from, to) in self.network().cuts() {
            self.network().heal(from, to);
        }
        self.note(Event::Healed);
    }

    /// Sends a packet; if nobody listens when it arrives, `refused` runs instead.
    pub(super) fn send_or_refuse(
        &self,
        (from, to): (Address, Address),
        label: Label,
        deliver: Rc<dyn Fn()>,
        refused: Rc<dyn Fn()>,
    ) {
        let packet = self.network().send(from, to, label, deliver);
        self.0.refusals.borrow_mut().insert(packet, refused);
    }

    /// Ends everything in this cluster's world, so that its memory can go.
    pub fn end(&self) {
        self.0.members.values().for_each(|member| drop(member.server.take()));
        self.0.wires.peers.borrow_mut().clear();
        self.0.refusals.borrow_mut().clear();
        self.0.world.end();
    }
}

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

    /// Its clients' requests.
    pub fn requests(&self) -> &Requests {
        &self.0.requests
    }

    /// All members, in order.
    pub fn member_ids(&self) -> Vec<MemberId> {
        self.0.members.keys().copied().collect()
    }

    /// Packets delivered since the world began.
    pub fn delivered(&self) -> u64 {
        self.0.delivered.get()
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
        self.0.members[&id].disk.clone()
    }

    /// Looks at a running member's store and the watchers on it.
    pub fn with_store<T>(&self, id: MemberId, look: impl FnOnce(&Store) -> T) -> Option<T> {
        let server = self.server(id)?;
        let applied = server.node.machine.0.borrow();
        Some(look(&applied.store))
    }

    /// Looks at a running member's log.
    pub fn with_log<T>(&self, id: MemberId, look: impl FnOnce(&LogStore) -> T) -> Option<T> {
        Some(look(&self.server(id)?.node.log))
    }

    /// A thread no other write of the run has.
    pub fn fresh_thread(&self) -> ThreadId {
        self.0.last_thread.set(self.0.last_thread.get() + 1);
        ThreadId(self.0.last_thread.get())
    }

    /// Who leads, as far as a running member says so of itself, in the newest term.
    pub fn leader(&self) -> Option<MemberId> {
        let leads =
            |member: &&Member| member.server.borrow().as_ref().is_some_and(|server| server.leads());
        let leaders = self.0.members.values().filter(leads);
        leaders.max_by_key(|member| member.sight.get().term).map(|member| member.id)
    }

    /// Whether a member's process runs; none when there is no such member.
    pub fn status(&self, id: MemberId) -> Option<Status> {
        self.0.members.get(&id).map(|member| member.status.get())
    }

    pub(super) fn members(&self) -> impl Iterator<Item = &Member> {
        self.0.members.values()
    }

    pub(super) fn server(&self, id: MemberId) -> Option<Rc<Server>> {
        self.0.members.get(&id)?.server.borrow().clone()
    }

    pub(super) fn sight(&self, id: MemberId) -> Sight {
        self.0.members[&id].sight.get()
    }

    pub(super) fn set_sight(&self, id: MemberId, sight: Sight) {
        self.0.members[&id].sight.set(sight);
    }

    pub(super) fn elected_at(&self) -> Instant {
        self.0.elected_at.get()
    }

    pub(super) fn set_elected_now(&self) {
        self.0.elected_at.set(self.0.world.now());
    }
}

impl Member {
    fn new(id: MemberId, world: &World, setup: &Setup, members: &BTreeSet<MemberId>) -> Member {
        let figures = setup.timing.figures();
        let latency = Latency::Uniform { min: figures.fsync_min, max: figures.fsync_max };
        let holds = setup.loop_waits_for_fsync;
        let options = DiskOptions { latency, holds, ..DiskOptions::default() };
        let disk = Disk::new(world, Group(id.0 as u32), options);
        node::format(&disk, members);
        Member {
            id,
            disk,
            status: Cell::new(Status::Running),
            server: RefCell::new(None),
            sight: Cell::default(),
        }
    }
}

fn settings(figures: &Figures) -> Settings {
    Settings {
        heartbeat: figures.heartbeat,
        election_min: figures.election_min,
        election_max: figures.election_max,
        snapshot_every: SNAPSHOT_EVERY,
        keep: ENTRIES_KEPT,
    }
}

/// What is done when a leader hears from a follower.
fn note_acks(journal: &Rc<Journal>, world: &World) -> Rc<dyn Fn(Ack)> {
    let (journal, world) = (journal.clone(), world.downgrade());
    Rc::new(move |ack| {
        let Some(world) = world.upgrade() else { return };
        let Ack { leader: member, by, index, thread } = ack;
        journal.note(&world, Event::Acked { member, by, index, thread });
    })
}

/// Every packet's fate goes into the trace; a packet that nobody took is refused.
fn watch_network(
    network: &Network<Label>,
    world: &World,
    (journal, refusals, delivered): (&Rc<Journal>, &Refusals, &Rc<Cell<u64>>),
) {
    let (journal, refusals, delivered) = (journal.clone(), refusals.clone(), delivered.clone());
    let world = world.downgrade();
    network.on(move |event| {
        let Some(world) = world.upgrade() else { return };
        let (fate, packet) = match event {
            NetworkEvent::Sent(packet) => (1, packet),
            NetworkEvent::Delivered(packet) => (2, packet),
            NetworkEvent::Dropped(packet, why) => (3 + *why as u64, packet),
        };
        let label = &packet.label;
        let numbers = [
            world.now().0,
            fate,
            u64::from(packet.from.0) << 32 | u64::from(packet.to.0),
            label.kind as u64,
            label.index,
        ];
        journal.trace(&numbers);
        if fate == 2 {
            delivered.set(delivered.get() + 1);
        }
        if fate != 1 {
            let refusal = refusals.borrow_mut().remove(&packet.id);
            if let (Some(refusal), NetworkEvent::Dropped(_, Why::Refused)) = (refusal, event) {
                refusal();
            }
        }
    });
}

/// The latencies of a preset.
fn lay_cables(network: &Network<Label>, members: &BTreeSet<MemberId>, timing: Timing) {
    let figures = timing.figures();
    let fixed = Latency::Fixed(figures.client_latency);
    network.configure_default(Link { latency: fixed, ..Link::default() });
    network.attach(ETCDCTL, Group(ETCDCTL.0));
    for from in members {
        network.attach(address(*from), Group(from.0 as u32));
        for to in members.iter().filter(|to| *to != from) {
            let (min, max) = timing.latency(*from, *to);
            let link = Link { latency: Latency::Uniform { min, max }, ..Link::default() };
            network.configure(address(*from), address(*to), link);
        }
    }
}
