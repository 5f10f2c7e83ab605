//! kube-apiserver: what happens to an object between kubectl and etcd, and who is told afterwards.
//!
//! A write passes defaulting, admission, validation and the storage's stations, each with a
//! modelled share of work (the figures' `step_work`); everything else about it is real. For every
//! kind it holds it keeps one watch on etcd and tells those who watch through it.
//!
//! * etcd is there first; the apiserver is given its endpoints and begins by writing the namespaces
//!   every cluster has.
//! * A watch that etcd cancels (compacted) begins again with a list; while the control plane acts,
//!   what is missing in it is told as deleted.
//!
//! Caveats: no authentication, no admission but those of namespaces and tolerations, no watch cache
//! to read from: every get and list asks etcd.
//!
//! Architecture invariant: the only client of etcd in the control plane.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;

use super::api::{ApiAnswer, ApiRequest};
use super::informer::{Cache, Key};
use super::kinds::{KINDS, Kind};
use super::places::APISERVER;
use super::storage::{Etcd, Storage};
use super::storage_target::Target;
use super::storage_watch::{Change, ObjectEvent, watch_request};
use super::transform::{self, Provider, Transformers};
use super::watchers::Subscription;
use super::write_steps::WriteSteps;
use super::{ControlPlane, Encryption, Event};
use crate::cluster::Client;
use crate::raft::ThreadId;
use crate::sim::{self, Rng};
use crate::sorted::{SortedMap, SortedSet};
use crate::store::{
    Error, RangeRequest, RangeResponse, Request, Response, Revision, TxnRequest, TxnResponse,
};

/// kube-apiserver's `--request-timeout`.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// A list or a first write that failed is tried again after so long.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// A request that comes before the apiserver is up is looked at again after so long.
const READY_PAUSE: Duration = Duration::from_millis(50);

/// The namespaces kube-apiserver writes when it first starts.
pub const NAMESPACES: [&str; 4] = ["default", "kube-system", "kube-public", "kube-node-lease"];

/// The apiserver.
pub(super) struct Apiserver {
    pub plane: ControlPlane,
    client: Client,
    transformers: SortedMap<String, Transformers>,
    subscriptions: RefCell<Vec<Subscription>>,
    pub namespaces: RefCell<SortedSet<String>>,
    /// Its watch cache, while the control plane acts: what everyone has been told last.
    pub held: RefCell<Cache>,
    pub dice: Rc<RefCell<Rng>>,
    ready: Cell<bool>,
}

/// etcd as storage sees it: the apiserver's client, with the thread its requests belong to.
pub(super) struct Threaded {
    client: Client,
    thread: ThreadId,
}

impl Etcd for Threaded {
    async fn txn(&self, request: TxnRequest) -> Result<TxnResponse, Error> {
        match self.client.request(Request::Txn(request), self.thread, None).await? {
            Response::Txn(response) => Ok(response),
            _ => Err(Error::Unknown("an answer of another kind".into())),
        }
    }

    async fn range(&self, request: RangeRequest) -> Result<RangeResponse, Error> {
        match self.client.request(Request::Range(request), self.thread, None).await? {
            Response::Range(response) => Ok(response),
            _ => Err(Error::Unknown("an answer of another kind".into())),
        }
    }
}

/// The transformers of a configuration: Secrets only, with one key, `identity` behind it.
fn transformers(encryption: Encryption, dice: &mut Rng) -> SortedMap<String, Transformers> {
    let mut secret = vec![0; 32];
    dice.fill(&mut secret);
    let keys = vec![transform::Key { name: "key1".into(), secret }];
    let providers = [Provider::new(encryption, keys), Provider::new(Encryption::Identity, vec![])];
    let providers = providers.into_iter().filter_map(Result::ok).collect();
    SortedMap::from([("secrets".to_string(), Transformers::new(providers))])
}

impl Apiserver {
    pub fn new(plane: &ControlPlane) -> Rc<Apiserver> {
        let cluster = plane.0.cluster.clone();
        let mut dice = cluster.world().stream("apiserver", 0, 0);
        let transformers = transformers(plane.0.encryption, &mut dice);
        Rc::new(Apiserver {
            plane: plane.clone(),
            client: Client::new(cluster, APISERVER, REQUEST_TIMEOUT),
            transformers,
            subscriptions: RefCell::default(),
            namespaces: RefCell::default(),
            held: RefCell::default(),
            dice: Rc::new(RefCell::new(dice)),
            ready: Cell::new(false),
        })
    }

    /// The storage, for a write of this thread.
    pub fn storage(&self, thread: ThreadId) -> Storage<Threaded> {
        let dice = self.dice.clone();
        let random = Box::new(move |bytes: &mut [u8]| dice.borrow_mut().fill(bytes));
        let etcd = Threaded { client: self.client.clone(), thread };
        Storage::new(etcd, self.transformers.clone(), random)
    }

    /// Comes up: writes the namespaces, then lists and watches every kind.
    pub async fn run(self: Rc<Self>) {
        self.plane.note_line(APISERVER, 0, "storage → etcd3");
        self.plane.note_line(APISERVER, 1, "coming up");
        let secrets = self.transformers.get("secrets").map(Transformers::name);
        self.plane.note_line(APISERVER, 2, &secrets.unwrap_or_default());
        let namespaces = NAMESPACES.map(|name| {
            let apiserver = self.clone();
            sim::spawn(async move {
                while apiserver.ensure_namespace(name).await.is_err() {
                    sim::sleep(RETRY_PAUSE).await;
                }
                apiserver.namespaces.borrow_mut().insert(name.to_string());
            })
        });
        for namespace in namespaces {
            let _ = namespace.await;
        }
        self.ready.set(true);
        self.plane.note_line(APISERVER, 1, "watch cache: empty");
        for kind in &KINDS {
            let apiserver = self.clone();
            sim::spawn(async move { apiserver.keep_watching(kind).await });
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
    pub async fn serve(self: Rc<Self>, request: ApiRequest, thread: ThreadId) -> ApiAnswer {
        while !self.ready.get() {
            sim::sleep(READY_PAUSE).await;
        }
        match request {
            ApiRequest::Create { kind, document } => self.create(&kind, &document, thread).await,
            ApiRequest::Update { kind, document } => self.update(&kind, &document, thread).await,
            ApiRequest::Apply { kind, document } => self.apply(&kind, &document, thread).await,
            ApiRequest::Write { kind, namespace, name, part, put, body } => {
                let target = Target { kind: &kind, namespace: &namespace, name: &name };
                self.write(target, part, (put, &body), thread).await
            }
            ApiRequest::Delete { kind, namespace, name, uid, grace_s } => {
                let target = Target { kind: &kind, namespace: &namespace, name: &name };
                self.delete(target, (uid, grace_s), thread).await
            }
            ApiRequest::Get { kind, namespace, name } => {
                let target = Target { kind: &kind, namespace: &namespace, name: &name };
                self.read(target, thread).await
            }
        }
    }

    /// Those who watch through it, one more.
    pub fn subscribe(&self, subscription: Subscription) {
        self.subscriptions.borrow_mut().push(subscription);
    }

    /// Lists a kind, then follows it; begins again when etcd says that history is gone.
    async fn keep_watching(self: Rc<Self>, kind: &'static Kind) {
        loop {
            let from = self.list(kind).await;
            let why = self.follow(kind, from).await;
            self.plane.note(Event::Relisted { resource: kind.resource(), why });
        }
    }

    /// Lists a kind, as often as it takes, and learns from it. Returns the list's revision.
    async fn list(&self, kind: &Kind) -> Revision {
        loop {
            let storage = self.storage(self.plane.0.cluster.fresh_thread());
            if let Ok(list) = storage.list(kind, "", &Default::default()).await {
                let revision = list.revision;
                for object in self.missing(kind, &list.items) {
                    self.pass_on(kind, &ObjectEvent { change: Change::Deleted, object, revision });
                }
                for object in list.items {
                    let change = Change::Added;
                    self.pass_on(kind, &ObjectEvent { change, object, revision });
                }
                return revision;
            }
            sim::sleep(RETRY_PAUSE).await;
        }
    }

    async fn follow(&self, kind: &Kind, after: Revision) -> String {
        let storage = self.storage(ThreadId::default());
        let Ok(request) = watch_request(kind, "", after) else { return "no such key".into() };
        let mut watch = self.client.watch(request);
        while let Some(response) = watch.next().await {
            if response.canceled {
                return "etcdserver: mvcc: required revision has been compacted".into();
            }
            for event in &response.events {
                match storage.event(kind, event, |_| true) {
                    Ok(Some(told)) => self.pass_on(kind, &told),
                    Ok(None) => {}
                    Err(status) => return status.message,
                }
            }
        }
        "the watch ended".into()
    }

    /// What it holds of a kind and is not listed: it went while nobody watched.
    fn missing(&self, kind: &Kind, listed: &[Value]) -> Vec<Value> {
        let there: SortedSet<Key> = listed.iter().map(Key::of).collect();
        let held = self.held.borrow();
        let all = held.all(&kind.kind).into_iter();
        all.filter(|object| !there.contains(&Key::of(object))).cloned().collect()
    }

    fn pass_on(&self, kind: &Kind, told: &ObjectEvent) {
        let gone = told.change == Change::Deleted;
        self.learn(kind, &told.object, !gone);
        let version = super::object::resource_version(&told.object).parse().unwrap_or_default();
        let thread = self.plane.thread_of(Revision(version));
        self.plane.note_line(APISERVER, 1, &format!("watch cache @{}", told.revision));
        self.plane.told(thread, "kube-apiserver");
        let acts = self.plane.acts();
        let key = Key::of(&told.object);
        let before = self.held.borrow().get(&key).cloned();
        if acts {
            let mut held = self.held.borrow_mut();
            match gone {
                true => held.remove(&key),
                false => held.put(Rc::new(told.object.clone())),
            }
        }
        for subscription in self.subscriptions.borrow().iter() {
            let wants = |object: &Value| subscription.wants(kind.kind.as_ref(), object, acts);
            if wants(&told.object) {
                let had = before.as_deref().is_some_and(wants);
                let change = match told.change {
                    // What begins to be selected is new to whoever selects.
                    Change::Added | Change::Modified if acts && had => Change::Modified,
                    Change::Modified if acts => Change::Added,
                    change => change,
                };
                subscription.tell(&self.plane, told, change, thread);
            }
        }
    }

    /// What it must know by heart: which namespaces there are.
    fn learn(&self, kind: &Kind, object: &Value, there: bool) {
        if kind.kind == "Namespace" {
            let name = super::object::name(object).to_string();
            let mut namespaces = self.namespaces.borrow_mut();
            match there {
                true => drop(namespaces.insert(name)),
                false => drop(namespaces.remove(&name)),
            }
        }
    }

    /// A stored value as the apiserver reads it: decrypted, decoded, indented.
    pub fn readable(&self, key: &str, value: &[u8]) -> Option<String> {
        serde_json::to_string_pretty(&self.object_of(key, value)?).ok()
    }

    /// A stored value as an object.
    pub fn object_of(&self, key: &str, value: &[u8]) -> Option<serde_json::Value> {
        let plain = self.transformers.values().find_map(|transformers| {
            transformers.from_storage(key, value).ok().map(|plain| plain.bytes)
        });
        super::decode::decode(plain.as_deref().unwrap_or(value)).ok().map(|(_, object)| object)
    }

    /// The observer of one write.
    pub fn steps(&self, thread: ThreadId) -> WriteSteps {
        WriteSteps::new(self.plane.clone(), thread)
    }
}
