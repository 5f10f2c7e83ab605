//! Those who act: scheduler, controllers and kubelets as loops over queues.
//!
//! Whoever watches through the apiserver keeps a cache of what it is told (an informer). Each of
//! its roles has a queue of keys: those a change concerns, those whose time has come, and those
//! that failed, after a pause that doubles. One worker takes a key, asks the role's pure function
//! what to do, and does it through the apiserver, every write with a thread of its own.
//!
//! * A key is in a queue at most once.
//! * Creates of pods go in batches of 1, 2, 4, …; the first batch that fails is the last one.
//! * A write that went well is told as Events (`happenings`), in the background.
//! * *Expectations*: a role is told whether its cache has caught up with its own writes for a key.
//!
//! Architecture invariant: decides nothing about objects; speaks to the apiserver only.
// Models client-go util/workqueue and kubernetes pkg/controller/controller_utils.go.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;

use super::api::{Answered, ApiRequest};
use super::apiserver_write::now_ms;
use super::control_plane::ControlPlane;
use super::controllers::{Ask, Plan, Role};
use super::informer::{Cache, Key};
use super::kinds::Kind;
use super::status::Status;
use super::storage_watch::Change;
use super::{Conduct, object, places};
use crate::raft::ThreadId;
use crate::sim::channel::mpsc::{Receiver, UnboundedSender, unbounded};
use crate::sim::{self, Address, EventKey, Instant};
use crate::sorted::{SortedMap, SortedSet};
use crate::store::Revision;

/// The first pause after a failure; it doubles up to [`PAUSE_MAX`].
const PAUSE: Duration = Duration::from_millis(5);
/// The longest pause after a failure.
const PAUSE_MAX: Duration = Duration::from_secs(1000);

/// Own writes that were not told of for so long are no longer waited for.
const EXPECTED_FOR: Duration = Duration::from_secs(300);

/// Someone who watches and acts.
pub(super) struct Actor {
    pub(super) plane: ControlPlane,
    pub(super) place: Address,
    pub(super) cache: RefCell<Cache>,
    queues: Vec<Queue>,
    /// How many Events it has written.
    pub(super) told: Cell<u64>,
    /// The writes it waits for.
    pub(super) under_way: RefCell<SortedSet<ThreadId>>,
}

struct Queue {
    role: Role,
    sender: UnboundedSender<Key>,
    /// Until somebody works on it.
    keys: RefCell<Option<Receiver<Key>>>,
    state: RefCell<State>,
}

/// What a queue remembers of its keys.
#[derive(Default)]
struct State {
    queued: SortedSet<Key>,
    timers: SortedMap<Key, EventKey>,
    failures: SortedMap<Key, u32>,
    /// The write whose change put a key into the queue.
    because: SortedMap<Key, ThreadId>,
    since: SortedMap<Key, Instant>,
    /// The newest write for a key that its cache must hear of: of which kind, which, and when.
    expected: SortedMap<Key, (String, Revision, Instant)>,
}

/// Someone who acts on what they are told.
pub(super) fn start(plane: &ControlPlane, place: Address, roles: &[Role]) -> Rc<Actor> {
    let actor = standby(plane, place, roles);
    actor.begin();
    actor
}

/// Someone who will act on what they are told, once they may ([`Actor::begin`]).
pub(super) fn standby(plane: &ControlPlane, place: Address, roles: &[Role]) -> Rc<Actor> {
    let queue = |role: &Role| {
        let (sender, receiver) = unbounded();
        let keys = RefCell::new(Some(receiver));
        Queue { role: *role, sender, keys, state: RefCell::default() }
    };
    Rc::new(Actor {
        plane: plane.clone(),
        place,
        cache: RefCell::default(),
        queues: roles.iter().map(queue).collect(),
        told: Cell::new(0),
        under_way: RefCell::default(),
    })
}

impl Actor {
    /// It works on its queues from now on.
    pub fn begin(self: &Rc<Self>) {
        let world = self.plane.0.cluster.world();
        for (at, queue) in self.queues.iter().enumerate() {
            if let Some(keys) = queue.keys.take() {
                world.spawn_in(places::group(self.place), self.clone().work(at, keys));
            }
        }
    }

    /// It looks after these, which no change brings: one for each of its last roles.
    pub fn look_after(&self, first: &[Key]) {
        for (at, key) in first.iter().enumerate() {
            self.enqueue(self.queues.len() - first.len() + at, key.clone());
        }
    }

    /// It is told of a change.
    pub fn told(&self, change: Change, object: &Rc<Value>, revision: Revision) {
        let key = Key::of(object);
        {
            let mut cache = self.cache.borrow_mut();
            cache.has_seen(&key.kind, revision);
            match change {
                Change::Deleted => cache.remove(&key),
                // What was assumed may be newer.
                _ if cache.get(&key).is_some_and(|it| object::revision(it) > revision) => {}
                _ => cache.put(object.clone()),
            }
        }
        if key.kind == "Pod" {
            self.plane.show_pods(self.place, &self.cache.borrow());
        }
        for at in 0..self.queues.len() {
            let concerned = (self.queues[at].role.concerns)(&self.cache.borrow(), object);
            concerned.into_iter().for_each(|key| self.concerned(at, key, revision));
        }
    }

    /// Everything of a kind up to a revision has been told.
    pub fn has_seen(&self, kind: &str, revision: Revision) {
        self.cache.borrow_mut().has_seen(kind, revision);
    }

    /// A key is put into the queue by a change: what will be done for it comes of that.
    fn concerned(&self, at: usize, key: Key, revision: Revision) {
        let mut state = self.queues[at].state.borrow_mut();
        if !state.queued.contains(&key) {
            match self.plane.0.book.borrow().stories.maker(revision) {
                Some(thread) => state.because.insert(key.clone(), thread),
                None => state.because.remove(&key),
            };
        }
        drop(state);
        self.enqueue(at, key);
    }

    /// Something happened to pods whose names begin so: a kubelet looks at them.
    pub fn look_at_pods(&self, name: &str) {
        if self.queues[0].role.name != "kubelet" {
            return;
        }
        let cache = self.cache.borrow();
        let meant = |key: &&Key| key.kind == "Pod" && key.name.starts_with(name);
        let keys: Vec<Key> = cache.iter().map(|(key, _)| key).filter(meant).cloned().collect();
        drop(cache);
        keys.into_iter().for_each(|key| self.enqueue(0, key));
    }

    fn enqueue(&self, at: usize, key: Key) {
        let queue = &self.queues[at];
        if queue.state.borrow_mut().queued.insert(key.clone()) {
            let _ = queue.sender.send(key);
        }
    }

    /// Comes back to a key after a span, instead of whenever it meant to before.
    fn come_back(self: &Rc<Self>, at: usize, key: &Key, after: Duration) {
        let world = self.plane.0.cluster.world();
        let (actor, again) = (self.clone(), key.clone());
        let timer = world.at(world.now() + after, places::group(self.place), move || {
            actor.queues[at].state.borrow_mut().timers.remove(&again);
            actor.enqueue(at, again);
        });
        let before = self.queues[at].state.borrow_mut().timers.insert(key.clone(), timer);
        before.map(|timer| world.cancel(timer));
    }

    async fn work(self: Rc<Self>, at: usize, mut keys: Receiver<Key>) {
        while let Some(key) = keys.recv().await {
            self.queues[at].state.borrow_mut().queued.remove(&key);
            let plan = self.plan(at, &key);
            let again = plan.again;
            let done = self.carry_out(at, &key, plan).await;
            let mut state = self.queues[at].state.borrow_mut();
            let pause = match done {
                Ok(()) => {
                    state.failures.remove(&key);
                    again
                }
                Err(_) => {
                    let failures = state.failures.or_default(key.clone());
                    *failures += 1;
                    Some((PAUSE * 2u32.pow((*failures - 1).min(20))).min(PAUSE_MAX))
                }
            };
            drop(state);
            if let Some(pause) = pause {
                self.come_back(at, &key, pause);
            }
        }
    }

    /// What the role's function decides now.
    fn plan(&self, at: usize, key: &Key) -> Plan {
        let cache = self.cache.borrow();
        let mut state = self.queues[at].state.borrow_mut();
        let now = sim::now();
        let since = *state.since.or_insert_with(key.clone(), || now);
        let waits = state.expected.get(key).is_some_and(|(kind, revision, at)| {
            cache.seen(kind) < *revision && now.since(*at) < EXPECTED_FOR
        });
        if cache.get(key).is_none() {
            state.since.remove(key);
            state.expected.remove(key);
        }
        let (seed, since) = (self.plane.0.cluster.world().seed(), now.since(since));
        let settled = !waits || self.plane.0.conduct == Conduct::Impatient;
        let ails = self.plane.ails(key);
        let ask = Ask { cache: &cache, key, now_ms: now_ms(), since, settled, seed, ails };
        (self.queues[at].role.reconcile)(&ask)
    }

    async fn carry_out(self: &Rc<Self>, at: usize, key: &Key, plan: Plan) -> Result<(), Status> {
        let name = self.queues[at].role.name;
        let because = self.queues[at].state.borrow().because.get(key).copied();
        for (owner, uid) in plan.only_without {
            if self.is_there(&owner, &uid).await? {
                return Ok(());
            }
        }
        if let Some((owner, uid)) = plan.only_with
            && !self.is_there(&owner, &uid).await?
        {
            return Ok(());
        }
        let mut writes = plan.writes.into_iter().peekable();
        let mut most = 1;
        while let Some(first) = writes.next() {
            let mut batch = vec![first];
            let together = |first: &ApiRequest, next: &ApiRequest| {
                std::mem::discriminant(first) == std::mem::discriminant(next)
                    && matches!(first, ApiRequest::Create { .. } | ApiRequest::Delete { .. })
            };
            let creates = matches!(batch[0], ApiRequest::Create { .. });
            let limit = if creates { most } else { usize::MAX };
            while batch.len() < limit && writes.peek().is_some_and(|it| together(&batch[0], it)) {
                batch.extend(writes.next());
            }
            most *= 2;
            let sent = batch.into_iter().map(|request| {
                let actor = self.clone();
                sim::spawn(async move {
                    let before = actor.cache.borrow().get(&request.in_words().1).cloned();
                    let answered = actor.write(name, request.clone(), because).await?;
                    let before = before.as_deref().unwrap_or(&Value::Null);
                    actor.tell(name, &request, (before, &answered.object), because);
                    Ok::<_, Status>(answered)
                })
            });
            let mut failed = None;
            for write in sent.collect::<Vec<_>>() {
                match write.await {
                    Ok(Ok(answered)) => self.written(at, key, answered),
                    Ok(Err(status)) => failed = Some(status),
                    Err(_) => return Ok(()),
                }
            }
            if let Some(status) = failed {
                if self.queues[at].role.assumes {
                    self.refresh(key).await?;
                }
                return Err(status);
            }
        }
        Ok(())
    }

    /// A write for a key went well.
    fn written(&self, at: usize, key: &Key, answered: Answered) {
        let written = Key::of(&answered.object);
        let revision = object::revision(&answered.object);
        if self.queues[at].role.assumes && written == *key {
            let mut cache = self.cache.borrow_mut();
            match answered.gone {
                true => cache.remove(key),
                // What came of it has been told already; maybe it is gone again.
                false if cache.seen(&key.kind) >= revision => {}
                false => cache.put(Rc::new(answered.object)),
            }
        } else if written != *key {
            let mut state = self.queues[at].state.borrow_mut();
            let newer = state.expected.get(key).is_none_or(|(_, before, _)| *before < revision);
            if newer {
                state.expected.insert(key.clone(), (written.kind, revision, sim::now()));
            }
        }
    }

    async fn get(&self, key: &Key) -> Result<Option<Value>, Status> {
        let Some(kind) = Kind::built_in(&key.kind).cloned() else { return Ok(None) };
        let (namespace, name) = (key.namespace.clone(), key.name.clone());
        let request = ApiRequest::Get { kind, namespace, name };
        let thread = self.plane.0.cluster.fresh_thread();
        match self.plane.call(self.place, request, thread).await {
            Ok(answered) => Ok(Some(answered.object)),
            Err(refused) if refused.status.code == 404 => Ok(None),
            Err(refused) => Err(refused.status),
        }
    }

    async fn is_there(&self, key: &Key, uid: &str) -> Result<bool, Status> {
        Ok(self.get(key).await?.is_some_and(|object| object::uid(&object) == uid))
    }

    /// What was assumed was wrong. What the watch tells meanwhile is newer than what is read.
    async fn refresh(&self, key: &Key) -> Result<(), Status> {
        let held = || self.cache.borrow().get(key).map(|object| object::revision(object));
        let before = held();
        let found = self.get(key).await?;
        if held() != before {
            return Ok(());
        }
        let mut cache = self.cache.borrow_mut();
        match found {
            Some(object) => cache.put(Rc::new(object)),
            None => cache.remove(key),
        }
        Ok(())
    }
}
