//! Who watches Events that are in an etcd of their own: those are in no watch cache, so that an
//! apiserver opens a watch on that etcd for each.
//!
//! * Who begins at 0 is told first of what there is, as of one revision.
//! * It ends when the client or the apiserver ends it, and when that etcd has forgotten the
//!   revision it was at.
//!
//! Architecture invariant: reads the etcd of Events through the storage and its watches only.
// Models apiserver pkg/storage/etcd3/watcher.go.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use super::apiserver::Apiserver;
use super::cache_watchers::{CacheWatcher, Heard};
use super::cacher;
use super::event_etcd::EventClient;
use super::event_stream::EventWatch;
use super::kinds::Kind;
use super::object;
use super::status::Status;
use super::storage_list::ListOptions;
use super::storage_watch::{Change, ObjectEvent, WATCH_TOO_OLD, watch_request};
use crate::raft::{Label, ThreadId};
use crate::sim;
use crate::sim::channel::oneshot;
use crate::sorted::SortedMap;
use crate::store::Revision;

/// Who watches; dropping the other ends the watch.
type Served = (Rc<CacheWatcher>, oneshot::Sender<()>);

/// The watches of Events that an apiserver serves, by their numbers.
#[derive(Default)]
pub(super) struct EventWatches {
    all: RefCell<SortedMap<u64, Served>>,
    next: Cell<u64>,
}

impl EventWatches {
    /// Begins one; its number.
    pub fn begin(
        apiserver: &Rc<Apiserver>,
        (kind, events): (&'static Kind, EventClient),
        watcher: Rc<CacheWatcher>,
    ) -> u64 {
        let watches = &apiserver.event_watches;
        let number = watches.next.replace(watches.next.get() + 1);
        let (end, mut ends) = oneshot::channel();
        watches.all.borrow_mut().insert(number, (watcher.clone(), end));
        let apiserver = apiserver.clone();
        sim::spawn(async move {
            let mut work = pin!(follow(&apiserver, (kind, events), &watcher));
            let mut ends = pin!(&mut ends);
            let failed = poll_fn(|context| match ends.as_mut().poll(context) {
                Poll::Ready(_) => Poll::Ready(None),
                Poll::Pending => work.as_mut().poll(context).map(Result::err),
            });
            if let Some(status) = failed.await {
                apiserver.event_watches.end(number);
                let label = Label { refused: true, ..cacher::label("ERROR", Revision(0)) };
                apiserver.say(&watcher, Heard::Refused(status), label);
            }
        });
        number
    }

    /// One is over.
    pub fn end(&self, number: u64) -> Option<Rc<CacheWatcher>> {
        self.all.borrow_mut().remove(&number).map(|(watcher, _)| watcher)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.borrow().len()
    }

    /// The apiserver's process ends.
    pub fn cut_off(&self, apiserver: &Apiserver) {
        self.all.take().into_values().for_each(|(watcher, _)| apiserver.closes(&watcher));
    }
}

/// Tells one who watches of everything, until that cannot go on.
async fn follow(
    apiserver: &Apiserver,
    (kind, events): (&'static Kind, EventClient),
    watcher: &CacheWatcher,
) -> Result<(), Status> {
    let storage = apiserver.storage(kind, ThreadId::default());
    let (selector, mut after) = (&watcher.asked.selector, watcher.asked.after);
    if after == Revision(0) {
        let list = storage.selected(kind, selector, &ListOptions::default()).await?;
        after = list.revision;
        for object in list.items.into_iter().map(Rc::new) {
            let revision = object::revision(&object);
            apiserver.tell(watcher, (Change::Added, &object, revision), 0);
        }
    }
    let registry = apiserver.plane.registry();
    let request = watch_request(registry, kind, &selector.namespace, after)?;
    let mut watch = EventWatch::new(events, request);
    loop {
        let response = watch.next().await;
        if response.canceled {
            return Err(Status::expired(WATCH_TOO_OLD, None));
        }
        for event in &response.events {
            let told = storage.event(kind, event, |object| selector.selects(object))?;
            if let Some(ObjectEvent { change, object, revision }) = told {
                let bytes = event.kv.value.len() as u32;
                apiserver.tell(watcher, (change, &Rc::new(object), revision), bytes);
            }
        }
    }
}
