//! Watches on the etcd of Events.
//!
//! Whoever watches is told of every change after a revision, whole revisions in order, each with
//! the key before it. What is told is numbered: when something is missing, or the process of that
//! etcd ends, the client opens its watch anew, after the last revision it was told of.
//!
//! Caveats: when the last that was told is lost on the way, that is found when more is told. Nobody
//! is told how far it is (no progress notes): the store has no other writes than those of Events.
//!
//! Architecture invariant: carries; the store's hub decides what is told.
// Models etcd client/v3/watch.go, as far as one watch needs it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::event_etcd::{EVENT_ETCD, EventClient, EventEtcd};
use crate::raft::{Label, PacketKind};
use crate::sim;
use crate::sim::channel::mpsc;
use crate::sorted::SortedMap;
use crate::store::{Revision, Store, StreamId, WatchCreateRequest, WatchHub, WatchResponse};

/// A watch that broke is opened anew after so long.
const REOPEN_PAUSE: Duration = Duration::from_millis(100);

/// Hears what is told; none: the connection is broken.
type Outlet = Rc<dyn Fn(Option<WatchResponse>)>;

/// The watches that the etcd of Events serves.
#[derive(Default)]
pub(super) struct EventStreams {
    hub: RefCell<WatchHub>,
    outlets: RefCell<SortedMap<StreamId, Outlet>>,
}

impl EventStreams {
    fn open(&self, request: &WatchCreateRequest, store: &Store, outlet: Outlet) -> StreamId {
        let stream = {
            let mut hub = self.hub.borrow_mut();
            let stream = hub.open();
            hub.create(stream, request, store);
            stream
        };
        self.outlets.borrow_mut().insert(stream, outlet);
        self.flush(store);
        stream
    }

    fn close(&self, stream: StreamId) {
        self.hub.borrow_mut().close(stream);
        self.outlets.borrow_mut().remove(&stream);
    }

    /// Something was written.
    pub fn notify(&self, store: &mut Store) {
        let changes = store.take_changes();
        self.hub.borrow_mut().notify(store, &changes);
        self.flush(store);
    }

    fn flush(&self, store: &Store) {
        self.hub.borrow_mut().retry(store);
        self.hub.borrow_mut().sync(store);
        for (stream, outlet) in self.outlets.borrow().iter() {
            let told = self.hub.borrow_mut().take(*stream);
            told.into_iter().for_each(|response| outlet(Some(response)));
        }
    }

    /// The process ends: its connections break.
    pub fn end(&self) {
        self.hub.take();
        self.outlets.take().into_values().for_each(|outlet| outlet(None));
    }
}

/// One watch of a client, which outlives the process it watches.
pub(super) struct EventWatch {
    client: EventClient,
    request: WatchCreateRequest,
    open: Option<Open>,
}

/// The connection of a watch.
struct Open {
    heard: mpsc::Receiver<(u64, Option<WatchResponse>)>,
    next: u64,
    /// By which number it is known there.
    stream: Rc<Cell<Option<StreamId>>>,
}

impl EventWatch {
    /// Watches from a revision on.
    pub fn new(client: EventClient, request: WatchCreateRequest) -> EventWatch {
        EventWatch { client, request, open: None }
    }

    /// What is told next.
    pub async fn next(&mut self) -> WatchResponse {
        loop {
            let open = self.open.get_or_insert_with(|| self.client.open(&self.request));
            match open.heard.recv().await {
                Some((number, Some(response))) if number == open.next => {
                    open.next += 1;
                    if let Some(last) = response.events.last() {
                        self.request.start_revision = Revision(last.kv.mod_revision.0 + 1);
                    }
                    return response;
                }
                Some((number, Some(_))) if number < open.next => {}
                _ => {
                    self.close();
                    sim::sleep(REOPEN_PAUSE).await;
                }
            }
        }
    }

    fn close(&mut self) {
        let Some(Open { stream, .. }) = self.open.take() else { return };
        let (plane, from) = (self.client.plane.clone(), self.client.from);
        let label = Label { kind: PacketKind::Watch, word: "cancel", ..Label::default() };
        let at = plane.clone();
        let deliver = move || {
            if let (Some(stream), Some(etcd)) = (stream.take(), &at.0.event_etcd) {
                etcd.streams.close(stream);
            }
        };
        plane.0.cluster.network().send(from, EVENT_ETCD, label, Rc::new(deliver));
    }
}

impl Drop for EventWatch {
    fn drop(&mut self) {
        self.close();
    }
}

impl EventClient {
    fn open(&self, request: &WatchCreateRequest) -> Open {
        let (tell, heard) = mpsc::unbounded();
        let tell = Rc::new(tell);
        let stream: Rc<Cell<Option<StreamId>>> = Rc::default();
        let (plane, from, request) = (self.plane.clone(), self.from, request.clone());
        let (known, nobody) = (stream.clone(), tell.clone());
        let sent = Rc::new(Cell::new(0));
        let at = plane.clone();
        let deliver = move || {
            let Some(etcd) = at.0.event_etcd.clone() else { return };
            let (at, tell, sent) = (at.clone(), tell.clone(), sent.clone());
            let outlet = Rc::new(move |response: Option<WatchResponse>| {
                let number = sent.replace(sent.get() + 1);
                let label = label(response.as_ref());
                let tell = tell.clone();
                let hand_over = move || drop(tell.send((number, response.clone())));
                at.0.cluster.network().send(EVENT_ETCD, from, label, Rc::new(hand_over));
            });
            known.set(Some(etcd.watch(&request, outlet)));
        };
        let refused = move || drop(nobody.send((0, None)));
        let label = Label { kind: PacketKind::Watch, word: "watch", ..Label::default() };
        let ends = (from, EVENT_ETCD);
        plane.0.cluster.send_or_refuse(ends, label, Rc::new(deliver), Rc::new(refused));
        Open { heard, next: 0, stream }
    }
}

impl EventEtcd {
    fn watch(&self, request: &WatchCreateRequest, outlet: Outlet) -> StreamId {
        self.streams.open(request, &self.store.borrow(), outlet)
    }
}

fn label(told: Option<&WatchResponse>) -> Label {
    let refused = told.is_none();
    let events = told.map_or(&[][..], |told| &told.events);
    let bytes = events.iter().map(|event| event.kv.key.len() + event.kv.value.len()).sum::<usize>();
    Label {
        kind: PacketKind::Watch,
        answer: true,
        refused,
        word: "event",
        entries: events.len() as u32,
        bytes: bytes as u32,
        ..Label::default()
    }
}
