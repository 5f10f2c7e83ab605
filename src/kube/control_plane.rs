//! The control plane as a whole: kubectl, the apiserver, and those who watch through it.
//!
//! Architecture invariant: every word between its parts is a packet; nobody but the apiserver
//! speaks to etcd.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::Value;

use super::acting::Actor;
use super::apiserver::Apiserver;
use super::event_etcd::EventEtcd;
use super::grid::{Census, Grid};
use super::informer::Key;
use super::keys::Registry;
use super::kms::Plugin;
use super::nodes;
use super::overview::{Overview, overview};
use super::places::{self, KUBECTL};
use super::processes::Process;
use super::setup::Setup;
use super::standing::{Standing, standing};
use super::status::Status;
use super::write_book::WriteBook;
use super::{
    Action, Ailment, Conduct, Encryption, Event, StepKind, Story, WriteDetail, WriteOutcome,
    WritePath, encryption_config,
};
use crate::cluster::{self, Cluster, CommandRun, Etcdctl, Place, etcdctl::Verb};
use crate::raft::ThreadId;
use crate::sim::{Address, Hold, Instant};
use crate::sorted::SortedMap;

/// Beginnings of names that are remembered as ailing.
const AILING_MAX: usize = 32;

/// An event of the control plane, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Noted {
    /// When.
    pub at: Instant,
    /// In which micro-step.
    pub step: u64,
    /// Its place among everything noted in this world.
    pub sequence: u64,
    /// What.
    pub event: Event,
}

/// A handle to a control plane; clones are the same one.
#[derive(Clone)]
pub struct ControlPlane(pub(super) Rc<Plane>);

pub(super) struct Plane {
    pub cluster: Cluster,
    /// The file of `--encryption-provider-config`.
    pub encryption: RefCell<String>,
    /// The KMS plugins, by name.
    pub(super) plugins: RefCell<SortedMap<String, Plugin>>,
    pub book: RefCell<WriteBook>,
    pub conduct: Conduct,
    /// How many nodes there are.
    pub nodes: u16,
    /// How the apiservers are set up.
    pub setup: Setup,
    registry: Registry,
    pub(super) event_etcd: Option<Rc<EventEtcd>>,
    pub(super) apiservers: RefCell<SortedMap<Address, Rc<Apiserver>>>,
    /// The apiserver each client was given last.
    pub(super) balance: RefCell<SortedMap<Address, Address>>,
    pub(super) actors: RefCell<SortedMap<Address, Rc<Actor>>>,
    /// Schedulers and controller managers.
    pub(super) processes: RefCell<SortedMap<Address, Process>>,
    /// What was done to the containers of pods whose names begin so, and when.
    ailing: RefCell<Vec<(String, Option<Ailment>, i64)>>,
    noted: RefCell<Vec<Noted>>,
    /// The nodes and their pods.
    pub census: RefCell<Census>,
    pub(super) places: RefCell<SortedMap<Address, Rc<Place>>>,
}

impl ControlPlane {
    /// Starts everyone. etcd is there first; the apiserver is given its endpoints.
    pub fn start(
        cluster: &Cluster,
        encryption: Encryption,
        (conduct, nodes): (Conduct, u16),
        setup: &Setup,
    ) -> ControlPlane {
        let everyone = places::all(nodes, setup);
        let addresses = everyone.iter().map(|place| place.address);
        for address in addresses.chain((1..=nodes).map(nodes::kubelet)) {
            cluster.network().attach(address, places::group(address));
        }
        let places = everyone.into_iter().map(|place| (place.address, Rc::new(place))).collect();
        let mut secret = [0; 32];
        cluster.world().stream("apiserver", 0, 0).fill(&mut secret);
        let plane = ControlPlane(Rc::new(Plane {
            cluster: cluster.clone(),
            encryption: RefCell::new(encryption_config::file(encryption, &secret)),
            plugins: RefCell::default(),
            book: RefCell::new(WriteBook::new(cluster.member_ids().len())),
            conduct,
            nodes,
            setup: setup.clone(),
            registry: Registry::new(&setup.etcd_prefix),
            event_etcd: setup.own_events.then(|| EventEtcd::new(&cluster.figures())),
            apiservers: RefCell::default(),
            balance: RefCell::default(),
            actors: RefCell::default(),
            processes: RefCell::default(),
            ailing: RefCell::default(),
            noted: RefCell::default(),
            census: RefCell::new(Census::of(nodes)),
            places: RefCell::new(places),
        }));
        plane.start_event_etcd();
        for at in 0..plane.apiserver_places().len() {
            plane.start_apiserver(at);
        }
        super::watchers::start(&plane);
        super::watchers::act(&plane);
        plane
    }

    /// Does what the reader asks. Returns the thread of the first object, if it is about one.
    pub fn act(&self, action: &Action) -> Option<ThreadId> {
        if self.act_on_processes(action) {
            return None;
        }
        let thread = self.0.cluster.fresh_thread();
        let run = CommandRun {
            thread,
            line: action.to_string(),
            started: self.0.cluster.world().now(),
            goes_on: action.goes_on(),
            ..CommandRun::default()
        };
        let work = super::kubectl::run(self.clone(), action.clone(), thread);
        let plane = self.clone();
        self.0.cluster.run_command(places::group(KUBECTL), run, work, move || {
            let text = "interrupted".to_string();
            plane.end_write(thread, WriteOutcome { text, failed: true, place: None });
        });
        Some(thread)
    }

    /// Stops a node's kubelet, or lets it go on.
    pub(super) fn pause(&self, node: &str, paused: bool) {
        let Some(place) = super::watchers::place_of(node, self.0.nodes) else { return };
        let (world, group) = (self.0.cluster.world(), places::group(place));
        if world.is_held(group, Hold::Pause) != paused {
            match paused {
                true => world.hold(group, Hold::Pause),
                false => world.release(group, Hold::Pause),
            }
            self.remark(place, if paused { "paused" } else { "goes on" });
            self.note(Event::Kubelet { node: node.to_string(), paused });
        }
    }

    /// Milliseconds since 1970.
    fn now_ms(&self) -> i64 {
        let now = self.0.cluster.world().now();
        super::apiserver_write::WORLD_EPOCH_S * 1000 + now.millis() as i64
    }

    /// Does something to the containers of pods whose names begin so.
    pub(super) fn harm(&self, name: &str, ailment: Option<Ailment>) {
        let mut ailing = self.0.ailing.borrow_mut();
        ailing.retain(|(other, ..)| other != name);
        if ailing.len() == AILING_MAX {
            ailing.remove(0);
        }
        ailing.push((name.to_string(), ailment, self.now_ms()));
        drop(ailing);
        self.note(Event::Harmed { name: name.to_string(), ailment });
        for actor in self.0.actors.borrow().values() {
            actor.look_at_pods(name);
        }
    }

    /// What was done to a pod last, and when; the longest beginning of its name counts.
    pub(super) fn ails(&self, key: &Key) -> (Option<Ailment>, i64) {
        let ailing = self.0.ailing.borrow();
        let mine = ailing.iter().filter(|it| key.kind == "Pod" && key.name.starts_with(&it.0));
        mine.max_by_key(|it| it.0.len()).map_or((None, 0), |it| (it.1, it.2))
    }

    /// A write of the reader's etcdctl begins: it has no object, only a transaction.
    pub fn follow_etcdctl(&self, thread: ThreadId, etcdctl: &Etcdctl) {
        let key = etcdctl.arguments.first().map_or("", |key| key);
        let title = match etcdctl.verb {
            Verb::Put => format!("etcdctl put · {key}"),
            Verb::Del => format!("etcdctl del · {key}"),
            Verb::Txn => "etcdctl txn".to_string(),
            _ => return,
        };
        let Some(request) = cluster::etcdctl::request(etcdctl) else { return };
        let skips = [StepKind::Object, StepKind::Default, StepKind::Encode, StepKind::Transform];
        let now = self.0.cluster.world().now();
        let mut book = self.0.book.borrow_mut();
        book.begin(thread, title, now, &skips);
        if let Some(write) = book.get_mut(thread) {
            write.detail.txn = super::describe::request(&request);
            if let crate::store::Request::Put(put) = &request {
                write.detail.key = put.key.text();
                write.detail.stored = put.value.to_vec();
                write.detail.stored_spans = super::describe::spans(&put.value);
            }
            let what = crate::raft::summary(&request);
            let state = super::StepState::Done;
            write.reach(StepKind::Txn, state, (what, "no compare".into()), now);
        }
    }

    /// Something happened in the cluster.
    pub fn follow(&self, noted: &cluster::Noted) {
        let ended = match &noted.event {
            cluster::Event::Answered { id, text, .. } => Some((*id, text.clone(), false)),
            cluster::Event::Failed { id, error, .. } => Some((*id, error.clone(), true)),
            _ => None,
        };
        let mut book = self.0.book.borrow_mut();
        if let Some((id, text, failed)) = ended
            && let Some(thread) = book.ended(id)
            && let Some(write) = book.get_mut(thread)
            && write.is_etcdctl
        {
            write.end(WriteOutcome { text, failed, place: None }, noted.at);
        }
        book.follow(noted);
    }

    /// A write of a story has ended: what it left, or why it failed.
    pub(super) fn goes_on(&self, thread: ThreadId, left: Result<&Value, &Status>, now: Instant) {
        let settled = {
            let stories = &mut self.0.book.borrow_mut().stories;
            match left {
                Ok(object) => stories.left(thread, object, now),
                Err(status) => {
                    stories.failed(thread, status.to_string());
                    None
                }
            }
        };
        if let Some((thread, text)) = settled {
            self.note(Event::Settled { thread, text });
        }
    }

    /// What came of one of the reader's writes, which any of its writes stands for; none: of the
    /// newest that led to something.
    pub fn story(&self, thread: Option<ThreadId>) -> Option<Rc<Story>> {
        self.0.book.borrow().stories.get(thread)
    }

    /// The newest writes, oldest first.
    pub fn writes(&self) -> Vec<Rc<WritePath>> {
        self.0.book.borrow().paths()
    }

    /// One write's bytes and texts.
    pub fn detail(&self, thread: ThreadId) -> Option<WriteDetail> {
        self.0.book.borrow().detail(thread)
    }

    /// Everyone of the control plane, by address.
    pub fn places(&self) -> Vec<Rc<Place>> {
        self.0.places.borrow().values().cloned().collect()
    }

    /// The nodes, where they are too many to be places.
    pub fn grid(&self) -> Rc<Grid> {
        match self.0.nodes > places::BOXES_MAX {
            true => self.counted(),
            false => Rc::default(),
        }
    }

    /// All nodes, however few.
    pub fn counted(&self) -> Rc<Grid> {
        self.0.census.borrow().grid().clone()
    }

    /// Under what the objects are kept in etcd.
    pub fn registry(&self) -> &Registry {
        &self.0.registry
    }

    /// A stored value as a reader can read it: the object as indented JSON, decrypted as the
    /// apiserver would.
    pub fn readable(&self, key: &str, value: &[u8]) -> Option<String> {
        self.any_apiserver()?.readable(key, value)
    }

    /// A stored value as an object in a few words.
    pub fn overview(&self, key: &str, value: &[u8]) -> Option<Overview> {
        Some(overview(&self.any_apiserver()?.object_of(key, value)?))
    }

    /// How a stored object stands, given stored Events.
    pub fn standing(&self, stored: (&str, &[u8]), events: &[(String, Vec<u8>)]) -> Standing {
        let Some(apiserver) = self.any_apiserver() else { return Standing::default() };
        let read = |(key, value): &(String, Vec<u8>)| apiserver.object_of(key, value);
        let events: Vec<Value> = events.iter().filter_map(read).collect();
        let object = apiserver.object_of(stored.0, stored.1);
        object.map(|object| standing(&object, &events)).unwrap_or_default()
    }

    /// How many events wait to be taken.
    pub fn events_waiting(&self) -> usize {
        self.0.noted.borrow().len()
    }

    /// Takes the events since this was last called.
    pub fn take_events(&self) -> Vec<Noted> {
        self.0.noted.take()
    }

    /// Forgets everyone, so that their memory can go.
    pub fn end(&self) {
        self.0.apiservers.take();
        self.0.actors.take();
        self.0.processes.take();
    }

    /// Whether those who watch also act.
    pub(super) fn acts(&self) -> bool {
        self.0.conduct != Conduct::Watching
    }

    /// The one who acts at a place.
    pub(super) fn actor(&self, place: Address) -> Option<Rc<Actor>> {
        self.0.actors.borrow().get(&place).cloned()
    }

    /// Notes an event, now.
    pub(super) fn note(&self, event: Event) {
        let (world, journal) = (self.0.cluster.world(), self.0.cluster.journal());
        journal.trace_event(world.now(), &event);
        let (at, step, sequence) = (world.now(), world.steps(), journal.next_sequence());
        self.0.noted.borrow_mut().push(Noted { at, step, sequence, event });
    }
}
