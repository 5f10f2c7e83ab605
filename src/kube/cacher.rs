//! One kind in an apiserver: its cache, the watch on etcd that feeds it, and who waits for it.
//!
//! It lists the kind from etcd in pages and then watches it, with progress notes. Each change is
//! read once and shared by all who are told of it.
//!
//! * Whoever needs a revision waits until the cache is there, at most [`FRESH_WITHIN`]. While
//!   anyone waits etcd is asked every [`PROGRESS_EVERY`] how far the watch is.
//! * When etcd's watch breaks for good (its past is compacted) the cache is not served until it has
//!   been listed again, and everyone who watches it is cut off; they know where they were.
//! * Now and then each watcher that asked for it is told how far the cache is: a bookmark.
//!
//! Caveats: a watcher is never too slow (upstream ends those that do not keep up). Events are
//! cached like all else (upstream leaves them to etcd).
//!
//! Architecture invariant: asks etcd through the storage and one watch; decides nothing about a
//! request.
// Models apiserver pkg/storage/cacher (cacher.go, watch_progress.go).

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value, json};

use super::apiserver::{Apiserver, RETRY_PAUSE};
use super::cache_watchers::{CacheWatcher, CacheWatchers};
use super::keys::Registry;
use super::kinds::Kind;
use super::status::Status;
use super::storage_list::ListOptions;
use super::storage_watch::{Change, watch_request};
use super::watch_cache::{Changed, WatchCache};
use super::{Event, object, places};
use crate::cluster::WatchStream;
use crate::raft::{Label, PacketKind, ThreadId};
use crate::sim;
use crate::sim::channel::oneshot;
use crate::store::{EventType, Revision, WatchEvent};

/// How long a read waits for the cache (upstream's `blockTimeout`).
pub const FRESH_WITHIN: Duration = Duration::from_secs(3);

/// How often etcd is asked how far it is, while someone waits (upstream's `progressRequestPeriod`).
pub const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// A kind is listed from etcd in pages of so many.
const PAGE: i64 = 10_000;

/// A second: in each, a sixtieth of all watchers get their bookmark.
const BOOKMARK_TURN: Duration = Duration::from_secs(1);

/// One kind.
pub(super) struct Cacher {
    pub kind: &'static Kind,
    /// Under what its objects are kept.
    pub registry: Registry,
    pub cache: RefCell<WatchCache>,
    ready: Cell<bool>,
    stream: RefCell<Option<WatchStream>>,
    waiting: RefCell<Vec<(Revision, oneshot::Sender<()>)>>,
    asking: Cell<bool>,
    watchers: RefCell<CacheWatchers>,
}

impl Cacher {
    pub fn new(kind: &'static Kind, registry: Registry) -> Rc<Cacher> {
        Rc::new(Cacher {
            kind,
            registry,
            cache: RefCell::default(),
            ready: Cell::new(false),
            stream: RefCell::default(),
            waiting: RefCell::default(),
            asking: Cell::new(false),
            watchers: RefCell::default(),
        })
    }

    /// An error unless the cache can be read.
    ///
    /// # Errors
    /// 429: it is being listed.
    pub fn check_ready(&self) -> Result<(), Status> {
        match self.ready.get() {
            true => Ok(()),
            false => Err(Status::too_many("storage is (re)initializing")),
        }
    }

    pub fn is_ready(&self) -> bool {
        self.ready.get()
    }

    /// Waits until the cache has a revision.
    ///
    /// # Errors
    /// 504 when it has not got there in [`FRESH_WITHIN`].
    pub async fn wait_for(self: &Rc<Self>, revision: Revision) -> Result<(), Status> {
        if self.cache.borrow().revision() >= revision {
            return Ok(());
        }
        let (reached, waits) = oneshot::channel();
        self.waiting.borrow_mut().push((revision, reached));
        self.ask_for_progress();
        match sim::timeout(FRESH_WITHIN, waits).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Status::too_large_version(revision, self.cache.borrow().revision())),
        }
    }

    fn someone_waits(&self) -> bool {
        let mut waiting = self.waiting.borrow_mut();
        waiting.retain(|(_, reached)| !reached.is_closed());
        !waiting.is_empty()
    }

    fn ask_for_progress(self: &Rc<Self>) {
        if self.asking.replace(true) {
            return;
        }
        let cacher = self.clone();
        sim::spawn(async move {
            while cacher.someone_waits() {
                if let Some(stream) = &*cacher.stream.borrow() {
                    stream.request_progress();
                }
                sim::sleep(PROGRESS_EVERY).await;
            }
            cacher.asking.set(false);
        });
    }

    /// The cache has come further: who waited for that goes on.
    fn moved_on(&self) {
        let revision = self.cache.borrow().revision();
        let mut waiting = self.waiting.borrow_mut();
        let (reached, left) =
            std::mem::take(&mut *waiting).into_iter().partition(|(wanted, _)| *wanted <= revision);
        *waiting = left;
        let reached: Vec<(Revision, oneshot::Sender<()>)> = reached;
        for (_, waiter) in reached {
            let _ = waiter.send(());
        }
    }

    /// One more who watches, from after a revision. Whatever has happened since is told at once;
    /// from 0 on, everything there is.
    ///
    /// # Errors
    /// 410 when the revision is too old, 429 while there is no cache.
    pub fn watch(&self, apiserver: &Apiserver, watcher: Rc<CacheWatcher>) -> Result<u64, Status> {
        self.check_ready()?;
        let cache = self.cache.borrow();
        match watcher.after.get() {
            Revision(0) => {
                let prefix = self.registry.list(self.kind, &watcher.asked.selector.namespace)?;
                for (_, object) in cache.list(&prefix, &prefix, &watcher.asked.selector) {
                    let revision = object::revision(object);
                    apiserver.tell(&watcher, (Change::Added, object, revision), 0);
                }
                watcher.after.set(cache.revision());
            }
            after => {
                for changed in cache.since(after)? {
                    self.tell_one(apiserver, &watcher, changed);
                }
            }
        }
        Ok(self.watchers.borrow_mut().add(&self.kind.kind, watcher))
    }

    /// Nobody listens to a watch any more.
    pub fn unwatch(&self, id: u64) -> Option<Rc<CacheWatcher>> {
        self.watchers.borrow_mut().remove(&self.kind.kind, id)
    }

    /// How many watch the kind.
    pub fn watchers(&self) -> usize {
        self.watchers.borrow().len()
    }

    fn tell_one(&self, apiserver: &Apiserver, watcher: &Rc<CacheWatcher>, changed: &Changed) {
        // Who began in the future is told of nothing before it.
        if changed.revision <= watcher.after.get() {
            return;
        }
        if let Some((change, object)) = changed.for_one(&watcher.asked.selector) {
            apiserver.tell(watcher, (change, object, changed.revision), changed.bytes);
        }
    }

    /// Everyone who watches is cut off.
    pub fn cut_off(&self, apiserver: &Apiserver) {
        let all = self.watchers.borrow_mut().take();
        all.for_each(|watcher| apiserver.closes(&watcher));
    }

    /// Its process ends.
    pub fn end(&self, apiserver: &Apiserver) {
        self.cut_off(apiserver);
        self.stream.take();
    }

    /// Keeps the cache: lists, follows, and begins again when etcd's history is gone.
    pub async fn keep(self: Rc<Self>, apiserver: Rc<Apiserver>) {
        loop {
            let from = self.list(&apiserver).await;
            self.ready.set(true);
            let why = self.follow(&apiserver, from).await;
            self.ready.set(false);
            self.stream.take();
            self.cut_off(&apiserver);
            let (name, resource) = (apiserver.name().to_string(), self.kind.resource());
            apiserver.plane.note(Event::Relisted { name, resource, why });
        }
    }

    /// Lists the kind, as often as it takes. Returns the list's revision.
    async fn list(&self, apiserver: &Apiserver) -> Revision {
        loop {
            match self.pages(apiserver).await {
                Ok((objects, revision)) => {
                    apiserver.note_line(1, &format!("watch cache @{revision}"));
                    let census = &apiserver.plane.0.census;
                    objects.iter().for_each(|(_, it)| census.borrow_mut().learn(it, false));
                    self.cache.borrow_mut().replace(objects, revision);
                    self.moved_on();
                    return revision;
                }
                Err(_) => sim::sleep(RETRY_PAUSE).await,
            }
        }
    }

    async fn pages(
        &self,
        apiserver: &Apiserver,
    ) -> Result<(Vec<(String, Rc<Value>)>, Revision), Status> {
        let storage = apiserver.storage(self.kind, apiserver.plane.0.cluster.fresh_thread());
        let prefix = self.registry.list(self.kind, "")?;
        let mut options = ListOptions { limit: PAGE, ..ListOptions::default() };
        let mut objects = Vec::new();
        loop {
            let page = storage.list(self.kind, "", &options).await?;
            objects.extend(page.items.into_iter().map(|object| {
                let (namespace, name) = (object::namespace(&object), object::name(&object));
                let key = match namespace {
                    "" => format!("{prefix}{name}"),
                    namespace => format!("{prefix}{namespace}/{name}"),
                };
                (key, Rc::new(object))
            }));
            match page.continue_token {
                Some(token) => options.continue_token = token,
                None => return Ok((objects, page.revision)),
            }
        }
    }

    /// Follows etcd's watch. Returns why it ended.
    async fn follow(self: &Rc<Self>, apiserver: &Apiserver, after: Revision) -> String {
        let Ok(mut request) = watch_request(&self.registry, self.kind, "", after) else {
            return "no such key".into();
        };
        request.progress_notify = true;
        let sockets = places::sockets(apiserver.place);
        let open = || apiserver.client().watch_stream();
        let stream = apiserver.plane.0.cluster.world().within(sockets, open);
        let mut watch = stream.watch(request);
        self.stream.replace(Some(stream));
        while let Some(response) = watch.next().await {
            if response.canceled {
                return "etcdserver: mvcc: required revision has been compacted".into();
            }
            for event in &response.events {
                if let Err(status) = self.learn(apiserver, event) {
                    return status.message;
                }
            }
            if response.events.is_empty() && !response.created {
                self.cache.borrow_mut().progress(response.revision);
            }
            self.moved_on();
        }
        "the watch ended".into()
    }

    /// One change in etcd.
    fn learn(&self, apiserver: &Apiserver, event: &WatchEvent) -> Result<(), Status> {
        let (revision, now) = (event.kv.mod_revision, sim::now());
        let key = event.kv.key.text();
        let (after, bytes) = match event.event_type {
            EventType::Put => {
                let object = apiserver
                    .storage(self.kind, ThreadId::default())
                    .object_of(self.kind, &event.kv)?;
                (Some(Rc::new(object)), event.kv.value.len() as u32)
            }
            EventType::Delete => (None, 0),
        };
        let changed = self.cache.borrow_mut().change(&key, after, (revision, bytes), now);
        apiserver.has_learned(&changed);
        let concerned = self.watchers.borrow().concerned(&self.kind.kind, &changed);
        concerned.iter().for_each(|watcher| self.tell_one(apiserver, watcher, &changed));
        Ok(())
    }

    /// A sixtieth of all watchers are told how far the cache is.
    fn bookmarks(&self, apiserver: &Apiserver, turn: u64) {
        let revision = self.cache.borrow().revision();
        let due = self.watchers.borrow().sixtieth(turn);
        for watcher in due.into_iter().filter(|it| it.after.get() < revision) {
            let object = Rc::new(json!({
                "apiVersion": self.kind.api_version(),
                "kind": self.kind.kind,
                "metadata": {"resourceVersion": revision.to_string()},
            }));
            watcher.after.set(revision);
            apiserver.tell(&watcher, (Change::Bookmark, &object, revision), 0);
        }
    }
}

/// Bookmarks for all who watch, as long as the apiserver lives.
pub(super) async fn bookmarks(apiserver: Rc<Apiserver>) {
    for turn in 0.. {
        sim::sleep(BOOKMARK_TURN).await;
        apiserver.cachers().iter().for_each(|cacher| cacher.bookmarks(&apiserver, turn));
    }
}

pub(super) fn label(word: &'static str, revision: Revision) -> Label {
    Label { kind: PacketKind::Api, word, entries: 1, index: revision.0 as u64, ..Label::default() }
}
