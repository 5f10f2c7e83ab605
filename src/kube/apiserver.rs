//! kube-apiserver: what happens to an object between kubectl and etcd, and who is told afterwards.
//!
//! A write passes defaulting, admission, validation and the storage's stations, each with a
//! modelled share of work (the figures' `step_work`); everything else about it is real. For every
//! kind it holds it keeps a watch cache ([`super::cacher`]), fed by one watch on etcd, from which
//! it answers reads ([`super::apiserver_read`]) and tells those who watch through it.
//!
//! * etcd is there first; the apiserver is given its endpoints and begins by writing the namespaces
//!   every cluster has. It serves once it has listed every kind.
//! * What it knows is in its caches and in etcd; when its process ends all of that is gone with it,
//!   and whoever waits for it or watches through it hears that the connection broke.
//!
//! Caveats: no authentication, no admission but those of namespaces and tolerations.
//!
//! Architecture invariant: the only client of etcd in the control plane.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;

use super::api::{ApiAnswer, ApiRequest};
use super::cache_watchers::{CacheWatcher, Heard};
use super::cacher::{self, Cacher};
use super::event_etcd::EventClient;
use super::event_leases::EventLeases;
use super::event_watch::EventWatches;
use super::kinds::{KINDS, Kind};
use super::places::{self, APISERVERS};
use super::status::Status;
use super::storage::{Etcd, Storage};
use super::storage_error::StorageError;
use super::storage_target::Target;
use super::storage_watch::Change;
use super::transform::Transformers;
use super::watch_cache::Changed;
use super::write_steps::WriteSteps;
use super::{ControlPlane, compactor};
use crate::cluster::Client;
use crate::raft::{Label, ThreadId};
use crate::sim::{self, Address, Rng};
use crate::sorted::SortedMap;
use crate::store::{
    Error, RangeRequest, RangeResponse, Request, Response, Revision, TxnRequest, TxnResponse,
};

/// kube-apiserver's `--request-timeout`.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// A list or a first write that failed is tried again after so long.
pub(super) const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// A request that comes before the apiserver is up is looked at again after so long.
const READY_PAUSE: Duration = Duration::from_millis(50);

/// It serves when all its caches are there, or after so long, whatever is missing then: a cache
/// that cannot be filled because a stored object cannot be read keeps only its own kind away.
const CACHES_WITHIN: Duration = Duration::from_secs(5);

/// The namespaces kube-apiserver writes when it first starts.
pub const NAMESPACES: [&str; 4] = ["default", "kube-system", "kube-public", "kube-node-lease"];

/// The apiserver.
pub(super) struct Apiserver {
    pub plane: ControlPlane,
    /// Where it is.
    pub place: Address,
    name: String,
    client: Client,
    /// Where Events are kept, if not with everything else.
    pub events: Option<EventClient>,
    /// Who watches those.
    pub event_watches: EventWatches,
    /// The file it was started with, and what it makes of it.
    pub(super) encryption: String,
    pub(super) transformers: RefCell<SortedMap<String, Transformers>>,
    pub(super) kms_dice: RefCell<Rng>,
    cachers: Vec<Rc<Cacher>>,
    event_leases: EventLeases,
    pub dice: Rc<RefCell<Rng>>,
    ready: Cell<bool>,
    /// What is done for those who wait for an answer when the process ends.
    connections: RefCell<SortedMap<u64, Rc<dyn Fn()>>>,
    next_connection: Cell<u64>,
}

/// etcd as storage sees it: the apiserver's client, with the thread its requests belong to.
pub(super) struct Threaded {
    client: Client,
    events: Option<EventClient>,
    thread: ThreadId,
}

impl Threaded {
    /// Asks the etcd it is for.
    pub async fn ask(&self, request: Request) -> Result<Response, Error> {
        match &self.events {
            Some(events) => events.request(request, self.thread).await,
            None => self.client.request(request, self.thread, None).await,
        }
    }
}

impl Etcd for Threaded {
    async fn txn(&self, request: TxnRequest) -> Result<TxnResponse, Error> {
        match self.ask(Request::Txn(request)).await? {
            Response::Txn(response) => Ok(response),
            _ => Err(Error::Unknown("an answer of another kind".into())),
        }
    }

    async fn range(&self, request: RangeRequest) -> Result<RangeResponse, Error> {
        match self.ask(Request::Range(request)).await? {
            Response::Range(response) => Ok(response),
            _ => Err(Error::Unknown("an answer of another kind".into())),
        }
    }
}

pub(super) fn is_event(kind: &Kind) -> bool {
    kind.kind == "Event" && !kind.is_custom()
}

impl Apiserver {
    /// An apiserver about to start.
    ///
    /// # Errors
    /// Its encryption configuration is refused.
    pub fn new(plane: &ControlPlane, at: usize) -> Result<Rc<Apiserver>, String> {
        let cluster = plane.0.cluster.clone();
        let (place, world) = (APISERVERS[at], cluster.world());
        let lives = world.kills(places::group(place));
        let mut dice = world.stream("apiserver", at as u64, lives);
        // What the first key of the cluster is made from.
        dice.fill(&mut [0; 32]);
        let mut kms_dice = world.stream("kms seed", at as u64, lives);
        let encryption = plane.encryption_file();
        let transformers = plane.transformers(&encryption, &mut kms_dice)?;
        let client = Client::new(cluster.clone(), place, REQUEST_TIMEOUT);
        let client = match plane.0.setup.etcd_servers.as_slice() {
            [] => client,
            some => client.of(some.to_vec()),
        };
        let events = EventClient::new(plane, place, REQUEST_TIMEOUT);
        let cached = KINDS.iter().filter(|kind| events.is_none() || kind.kind != "Event");
        Ok(Rc::new(Apiserver {
            plane: plane.clone(),
            place,
            name: places::apiserver_name(at, plane.0.setup.apiservers),
            client,
            encryption,
            transformers: RefCell::new(transformers),
            kms_dice: RefCell::new(kms_dice),
            cachers: cached.map(|kind| Cacher::new(kind, plane.registry().clone())).collect(),
            events,
            event_watches: EventWatches::default(),
            event_leases: EventLeases::default(),
            dice: Rc::new(RefCell::new(dice)),
            ready: Cell::new(false),
            connections: RefCell::default(),
            next_connection: Cell::new(0),
        }))
    }

    /// How it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it serves.
    pub fn serves(&self) -> bool {
        self.ready.get()
    }

    /// Its process ends: its connections break.
    pub fn end(&self) {
        self.connections.take().into_values().for_each(|cut| cut());
        self.cachers.iter().for_each(|cacher| cacher.end(self));
        self.event_watches.cut_off(self);
        self.client.abandon_all();
    }

    /// Its client of etcd.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The caches of all kinds.
    pub fn cachers(&self) -> &[Rc<Cacher>] {
        &self.cachers
    }

    /// The cache of a kind; custom kinds have none.
    pub fn cacher(&self, kind: &Kind) -> Option<&Rc<Cacher>> {
        self.cachers.iter().find(|cacher| cacher.kind.kind == kind.kind && !kind.is_custom())
    }

    fn etcd_of(&self, kind: &Kind, thread: ThreadId) -> Threaded {
        let events = self.events.clone().filter(|_| is_event(kind));
        Threaded { client: self.client.clone(), events, thread }
    }

    /// The storage of a kind, for a request of this thread.
    pub fn storage(&self, kind: &Kind, thread: ThreadId) -> Storage<Threaded> {
        let dice = self.dice.clone();
        let random = Box::new(move |bytes: &mut [u8]| dice.borrow_mut().fill(bytes));
        let etcd = self.etcd_of(kind, thread);
        let storage = Storage::new(etcd, self.transformers.borrow().clone(), random);
        storage.storing(self.plane.0.setup.media).under(self.plane.registry().clone())
    }

    /// The storage, for a write of an object of this kind: Events end with a lease.
    ///
    /// # Errors
    /// No lease is granted.
    pub async fn storage_of(
        &self,
        kind: &Kind,
        thread: ThreadId,
    ) -> Result<Storage<Threaded>, Status> {
        let storage = self.storage(kind, thread);
        if !is_event(kind) {
            return Ok(storage);
        }
        let ttl = self.plane.0.setup.event_ttl;
        let lease = self.event_leases.lease(&self.etcd_of(kind, thread), ttl).await;
        Ok(storage.leased(lease.map_err(|error| StorageError::Etcd(error).status(kind, ""))?))
    }

    /// Comes up: writes the namespaces, then lists and watches every kind.
    pub async fn run(self: Rc<Self>) {
        self.note_line(0, "storage → etcd3");
        self.note_line(1, "coming up");
        self.note_secrets();
        if self.transformers.borrow().values().any(Transformers::asks_plugins) {
            sim::spawn(self.clone().ask_plugins());
        }
        let namespaces = NAMESPACES.map(|name| {
            let apiserver = self.clone();
            sim::spawn(async move {
                while apiserver.ensure_namespace(name).await.is_err() {
                    sim::sleep(RETRY_PAUSE).await;
                }
            })
        });
        for namespace in namespaces {
            let _ = namespace.await;
        }
        for cacher in &self.cachers {
            sim::spawn(cacher.clone().keep(self.clone()));
        }
        let begun = sim::now();
        while !self.cachers.iter().all(|cacher| cacher.is_ready())
            && sim::now().since(begun) < CACHES_WITHIN
        {
            sim::sleep(READY_PAUSE).await;
        }
        self.ready.set(true);
        sim::spawn(compactor::run(self.clone(), self.plane.0.setup.compaction_interval));
        cacher::bookmarks(self).await;
    }

    /// Waits until it serves.
    pub async fn until_ready(&self) {
        while !self.ready.get() {
            sim::sleep(READY_PAUSE).await;
        }
    }

    async fn ensure_namespace(&self, name: &str) -> Result<(), ()> {
        let thread = self.plane.0.cluster.fresh_thread();
        let text = format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}");
        let document = super::yaml::read(&text).ok().and_then(|mut read| read.pop()).ok_or(())?;
        let kind = Kind::built_in("Namespace").ok_or(())?;
        match self.create(kind, &document, thread).await {
            Ok(_) => Ok(()),
            Err(refused) if refused.status.code == 409 => Ok(()),
            Err(_) => Err(()),
        }
    }

    /// Serves one request, once the apiserver has come up.
    pub async fn serve(self: Rc<Self>, request: Rc<ApiRequest>, thread: ThreadId) -> ApiAnswer {
        self.until_ready().await;
        match &*request {
            ApiRequest::Create { kind, document } => self.create(kind, document, thread).await,
            ApiRequest::Update { kind, document } => self.update(kind, document, thread).await,
            ApiRequest::Apply { kind, document } => self.apply(kind, document, thread).await,
            ApiRequest::Write { kind, namespace, name, part, put, body } => {
                let target = Target { kind, namespace, name };
                self.write(target, *part, (*put, body), thread).await
            }
            ApiRequest::Delete { kind, namespace, name, uid, grace_s, cascade } => {
                let target = Target { kind, namespace, name };
                self.delete(target, (uid.clone(), *grace_s, *cascade), thread).await
            }
            ApiRequest::Get { kind, namespace, name } => {
                self.read(Target { kind, namespace, name }, thread).await
            }
            ApiRequest::GetCached { kind, namespace, name, version } => {
                self.cached(Target { kind, namespace, name }, *version).await
            }
        }
    }

    /// Someone waits for an answer; `cut` tells them that the process has ended.
    pub fn connected(&self, cut: Rc<dyn Fn()>) -> u64 {
        let number = self.next_connection.get();
        self.next_connection.set(number + 1);
        self.connections.borrow_mut().insert(number, cut);
        number
    }

    /// The answer is on its way.
    pub fn disconnected(&self, number: u64) {
        self.connections.borrow_mut().remove(&number);
    }

    /// One who watched is told that it is over.
    pub fn closes(&self, watcher: &CacheWatcher) {
        self.say(watcher, Heard::Closed, cacher::label("CLOSED", Revision(0)));
    }

    /// Tells one who watches of one change.
    pub fn tell(
        &self,
        watcher: &CacheWatcher,
        (change, object, revision): (Change, &Rc<Value>, Revision),
        bytes: u32,
    ) {
        let heard = Heard::Told(watcher.number(), change, object.clone(), revision);
        let thread = match change {
            Change::Bookmark => None,
            _ => self.plane.thread_of(object["kind"].as_str().unwrap_or_default(), revision),
        };
        self.say(watcher, heard, Label { bytes, thread, ..cacher::label(change.word(), revision) });
    }

    /// Sends one who watches a word.
    pub fn say(&self, watcher: &CacheWatcher, heard: Heard, label: Label) {
        let ear = watcher.ear.clone();
        let deliver = move || ear(heard.clone());
        let network = self.plane.0.cluster.network();
        network.send(self.place, watcher.place, label, Rc::new(deliver));
    }

    /// A cache has learned of a change.
    pub fn has_learned(&self, changed: &Changed) {
        let object = changed.after.as_ref().or(changed.before.as_ref());
        let gone = changed.after.is_none();
        if let Some(object) = object {
            self.plane.0.census.borrow_mut().learn(object, gone);
        }
        self.note_line(1, &format!("watch cache @{}", changed.revision));
        let kind = changed.object()["kind"].as_str().unwrap_or_default();
        self.plane.told(self.plane.thread_of(kind, changed.revision), &self.name);
    }

    /// One of the lines about it.
    pub fn note_line(&self, line: usize, text: &str) {
        self.plane.note_line(self.place, line, text);
    }

    /// A stored value as the apiserver reads it: decrypted, decoded, indented.
    pub fn readable(&self, key: &str, value: &[u8]) -> Option<String> {
        serde_json::to_string_pretty(&self.object_of(key, value)?).ok()
    }

    /// A stored value as an object.
    pub fn object_of(&self, key: &str, value: &[u8]) -> Option<serde_json::Value> {
        let plain = self.transformers.borrow().values().find_map(|transformers| {
            transformers.from_storage(key, value).ok().map(|plain| plain.bytes)
        });
        super::decode::decode(plain.as_deref().unwrap_or(value)).ok().map(|(_, object)| object)
    }

    /// The observer of one write.
    pub fn steps(&self, thread: ThreadId) -> WriteSteps {
        WriteSteps::new(self.plane.clone(), thread)
    }
}
