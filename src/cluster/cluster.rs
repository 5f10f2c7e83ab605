//! The cluster as a whole: made, acted on, moved on by micro-steps, ended.
//!
//! Architecture invariant: holds everything, does nothing to it itself.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::{Rc, Weak};
use std::time::Duration;

use super::cables::{Delivered, Refusals, lay_cables, note_acks, watch_network};
use super::curl::Listening;
use super::journal::Journal;
use super::member::Member;
use super::overheard::Overheard;
use super::requests::Requests;
use super::{Action, Commands, Event, Figures, PROGRESS_EVERY, Pattern, Timing, Touch};
use crate::raft::{Hints, MemberId, Peers, Rules, Settings, ThreadId, Wires, Witness};
use crate::sim::{Address, Group, Instant, Micro, Network, NetworkEvent, PacketId, Stepped, World};
use crate::sorted::SortedMap;
use crate::store::{FRAGMENT_BYTES_MAX, QUOTA_BYTES};

/// Members a cluster may have.
pub const MEMBERS_MAX: u8 = 9;

/// A snapshot is taken after so many entries. etcd's default is 10,000; ours is small enough to be
/// seen.
pub const SNAPSHOT_EVERY: u64 = 300;

/// Entries kept behind a snapshot. etcd's default is 5,000.
pub const ENTRIES_KEPT: u64 = 60;

/// How often members take snapshots, and how many entries they keep behind one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Snapshots {
    /// Often enough to be seen: [`SNAPSHOT_EVERY`], [`ENTRIES_KEPT`].
    #[default]
    Often,
    /// As etcd by default: for clusters with so much to do that a snapshot of all they hold, every
    /// second, would be most of it.
    AsEtcd,
}

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
pub struct Cluster(pub(super) Rc<Inner>);

pub(super) struct Inner {
    pub world: World,
    pub setup: Setup,
    pub settings: Settings,
    pub wires: Wires,
    pub members: RefCell<SortedMap<MemberId, Rc<Member>>>,
    pub journal: Rc<Journal>,
    pub requests: Requests,
    pub refusals: Refusals,
    pub delivered: Delivered,
    pub last_thread: Cell<u64>,
    pub elected_at: Cell<Instant>,
    pub overheard: Rc<Overheard>,
    pub loop_waits_for_fsync: Cell<bool>,
    /// Whether linearizable reads trust the leader's lease.
    pub lease_reads: Cell<bool>,
    /// Whether leaders write down what long leases have left.
    pub lease_checkpoints: Cell<bool>,
    /// How often watchers who want it are told how far they are.
    pub watch_progress_every: Cell<Duration>,
    /// From so many bytes on answers are cut for watchers who take fragments.
    pub watch_fragment_bytes: Cell<usize>,
    /// New members whose processes have not started yet.
    pub invited: RefCell<BTreeSet<MemberId>>,
    pub armed: RefCell<Vec<(Pattern, Touch)>>,
    /// What the reader's own command lines came to.
    pub commands: Commands,
    /// The commands that can be interrupted.
    pub listening: Listening,
    /// The most bytes a member's database may have.
    pub quota_bytes: Rc<Cell<i64>>,
    /// How often a leader compares its members' hashes.
    pub corrupt_check: Cell<Option<Duration>>,
    /// When metrics are sampled next.
    pub sample_due: Cell<Instant>,
    /// When links that were cut became whole again, per direction.
    pub mended: RefCell<SortedMap<(Address, Address), Instant>>,
}

impl Cluster {
    /// A new world with a new cluster in it, whose members start at once.
    pub fn boot(setup: Setup) -> Cluster {
        Cluster::boot_with(setup, Snapshots::Often)
    }

    /// The same, with snapshots as often as this.
    pub fn boot_with(setup: Setup, snapshots: Snapshots) -> Cluster {
        let ids: BTreeSet<MemberId> = (1..=u64::from(setup.members)).map(MemberId).collect();
        let cluster = Cluster(Rc::new_cyclic(|inner| Inner::new((setup, snapshots), &ids, inner)));
        cluster.note(Event::Booted { members: setup.members, timing: setup.timing });
        ids.iter().for_each(|id| cluster.start(*id));
        cluster
    }

    /// Does something to the cluster, now. What cannot be done (killing the dead) does nothing.
    /// Returns the thread of what it begins, if it begins something.
    pub fn act(&self, action: &Action) -> Option<ThreadId> {
        match action {
            Action::Kill(id) => self.kill(*id),
            Action::Crash(id) => self.crash(*id),
            Action::Start(id) => self.start_new(*id),
            Action::LeaseReads(lease) => self.trust_lease(*lease),
            Action::Restart(id) => self.restart(*id),
            Action::Pause(id) => self.pause(*id),
            Action::Resume(id) => self.resume(*id),
            Action::Disk(id, fault) => self.hurt_disk(*id, *fault),
            Action::Clock(id, fault) => self.set_clock(*id, *fault),
            Action::LoopWaitsForFsync(waits) => self.wait_for_fsync(*waits),
            Action::Link(ways, fault) => self.hurt_links(ways, *fault),
            Action::Packet(id, touch) => self.touch_packet(PacketId(*id), *touch),
            Action::Next(pattern, touch) => self.arm(*pattern, *touch),
            Action::Partition(groups) => self.partition(groups),
            Action::Heal => self.heal(),
            Action::Rule(rule, on) => self.switch(*rule, *on),
            Action::Quota(bytes) => self.set_quota(*bytes),
            Action::LeaseCheckpoints(on) => self.checkpoint_leases(*on),
            Action::CorruptCheck(every) => self.set_corrupt_check(*every),
            Action::Flip(id, key) => self.flip(*id, key),
            Action::Recover(recovery) => self.recover(recovery),
            Action::Etcdctl(etcdctl) => return Some(self.run_etcdctl(etcdctl.clone())),
            Action::Post(post) => return Some(self.run_post(post.clone())),
            Action::Interrupt(thread) => self.hand(*thread, None),
            Action::Type(thread, line) => self.hand(*thread, Some(line)),
            Action::WatchProgress(every) => self.change_watch_progress(*every),
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
        self.sample_when_due();
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
        if let Some(server) = self.server(MemberId(u64::from(group.0))) {
            self.observe(&server);
        }
    }

    /// Ends everything in this cluster's world, so that its memory can go.
    pub fn end(&self) {
        self.members().iter().for_each(|member| drop(member.server.take()));
        self.0.wires.peers.borrow_mut().clear();
        self.0.wires.logs.borrow_mut().clear();
        self.0.refusals.borrow_mut().clear();
        self.0.world.end();
    }
}

impl Inner {
    fn new(
        (setup, snapshots): (Setup, Snapshots),
        ids: &BTreeSet<MemberId>,
        cluster: &Weak<Inner>,
    ) -> Inner {
        let world = World::new(setup.seed);
        let figures = setup.timing.figures();
        let network = Network::new(&world);
        let journal = Rc::new(Journal::default());
        let refusals = Refusals::default();
        let delivered = Delivered::default();
        watch_network(&network, &world, (&journal, &refusals, &delivered));
        lay_cables(&network, ids, setup.timing);
        let (sent, dying, gone) = (cluster.clone(), cluster.clone(), cluster.clone());
        network.on(move |event| {
            if let (NetworkEvent::Sent(packet), Some(inner)) = (event, sent.upgrade()) {
                Cluster(inner).packet_sent(packet);
            }
        });
        let wires = Wires {
            network,
            peers: Peers::default(),
            hints: Hints::default(),
            on_ack: note_acks(&journal, &world),
            on_fatal: Rc::new(move |id, why| {
                dying.upgrade().into_iter().for_each(|inner| Cluster(inner).dies(id, why.clone()));
            }),
            says_gone: Rc::new(move |at, to| {
                gone.upgrade().is_some_and(|inner| Cluster(inner).says_gone(at, to))
            }),
            witness: Witness::default(),
            logs: Rc::default(),
            rules: Rules::default(),
            patience: figures.heartbeat * 3,
            lease: figures.election_max,
        };
        let quota_bytes = Rc::new(Cell::new(QUOTA_BYTES));
        let made = (&setup, &quota_bytes);
        let member = |id: &MemberId| (*id, Rc::new(Member::new(*id, &world, made, ids)));
        Inner {
            settings: settings(&figures, snapshots),
            members: RefCell::new(ids.iter().map(member).collect()),
            wires,
            journal,
            requests: Requests::default(),
            commands: Commands::default(),
            refusals,
            delivered,
            last_thread: Cell::new(0),
            elected_at: Cell::new(Instant(0)),
            overheard: Rc::default(),
            loop_waits_for_fsync: Cell::new(setup.loop_waits_for_fsync),
            armed: RefCell::default(),
            lease_reads: Cell::new(false),
            lease_checkpoints: Cell::new(false),
            watch_progress_every: Cell::new(PROGRESS_EVERY),
            watch_fragment_bytes: Cell::new(FRAGMENT_BYTES_MAX),
            invited: RefCell::default(),
            listening: Listening::default(),
            corrupt_check: Cell::default(),
            sample_due: Cell::new(Instant(0)),
            mended: RefCell::default(),
            quota_bytes,
            setup,
            world,
        }
    }
}

fn settings(figures: &Figures, snapshots: Snapshots) -> Settings {
    let (snapshot_every, keep) = match snapshots {
        Snapshots::Often => (SNAPSHOT_EVERY, ENTRIES_KEPT),
        Snapshots::AsEtcd => (10_000, 5_000),
    };
    Settings {
        heartbeat: figures.heartbeat,
        election_min: figures.election_min,
        election_max: figures.election_max,
        snapshot_every,
        keep,
    }
}
