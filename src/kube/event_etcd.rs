//! An etcd of its own for Events, as big clusters have one: `boot … events=own`.
//!
//! The apiservers are told of it by `--etcd-servers-overrides=/events#…` and send it whatever is
//! stored under that prefix; everything else goes to `--etcd-servers`. So what Events cost (many
//! writes, large lists) is paid on another machine, another disk and another cable, and when that
//! one is slow or gone nothing is lost but news.
//!
//! * One member: a write is answered after its own fsync, one after the other.
//! * Its store is the same as every member's, with revisions of its own: a resourceVersion of an
//!   Event says nothing about one of a Pod.
//! * Its disk outlives its process. A lease begins again when the process does.
//!
//! Caveats: modelled as a store behind a cable and a disk; it has no log and no metrics, and the
//! promises do not look at it. It keeps its history: no apiserver compacts it. Events are then read
//! from it and watched there (`kube::event_watch`), not in a watch cache, as upstream does
//! always.
//!
//! Architecture invariant: reached through packets only; knows no object.
// Models apiserver pkg/server/options/etcd.go, `--etcd-servers-overrides`.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::control_plane::ControlPlane;
use super::event_stream::EventStreams;
use super::{Event, places};
use crate::cluster::{BROKEN, Figures};
use crate::raft::{Label, PacketKind, ThreadId, request_bytes, response_bytes, word};
use crate::sim::channel::mutex::Mutex;
use crate::sim::channel::oneshot;
use crate::sim::{self, Address};
use crate::store::{Error, LeaseRequest, Request, Response, Store};

/// Where it is.
pub const EVENT_ETCD: Address = Address(97);

/// How it is called.
pub const EVENT_ETCD_URL: &str = "https://etcd-events:2379";

/// Whoever finds nobody there tries again after so long.
const PAUSE: Duration = Duration::from_millis(250);

/// How one try ended.
enum Attempt {
    /// Nobody listens there.
    Refused,
    /// The process ended while the answer was awaited.
    Broken,
    /// Its answer.
    Answered(Result<Response, Error>),
}

/// The etcd of Events.
pub(super) struct EventEtcd {
    pub store: RefCell<Store>,
    /// Who watches it.
    pub streams: EventStreams,
    /// Writes take turns at its disk.
    disk: Mutex<()>,
    fsync: Duration,
    last_lease: Cell<i64>,
}

impl EventEtcd {
    /// One with nothing in it.
    pub fn new(figures: &Figures) -> Rc<EventEtcd> {
        Rc::new(EventEtcd {
            store: RefCell::new(Store::new()),
            streams: EventStreams::default(),
            disk: Mutex::new(()),
            fsync: figures.fsync_min,
            last_lease: Cell::new(0),
        })
    }

    /// Its process begins: every lease begins again.
    pub fn start(self: &Rc<Self>, plane: &ControlPlane) {
        let world = plane.0.cluster.world();
        let leases: Vec<(i64, i64)> =
            self.store.borrow().leases().iter().map(|(id, lease)| (*id, lease.ttl)).collect();
        for (id, ttl) in leases {
            world.spawn_in(places::group(EVENT_ETCD), self.clone().expire(id, ttl));
        }
        // What listens.
        world.spawn_in(places::group(EVENT_ETCD), std::future::pending::<()>());
    }

    async fn serve(self: Rc<Self>, request: Request) -> Result<Response, Error> {
        if let Request::Range(range) = &request {
            return self.store.borrow().range(range).map(Response::Range);
        }
        let _turn = self.disk.lock().await;
        sim::sleep(self.fsync).await;
        let request = match request {
            Request::Lease(LeaseRequest::Grant { id: 0, ttl }) => {
                self.last_lease.set(self.last_lease.get() + 1);
                let id = self.last_lease.get();
                sim::spawn(self.clone().expire(id, ttl));
                Request::Lease(LeaseRequest::Grant { id, ttl })
            }
            other => other,
        };
        let answer = self.store.borrow_mut().apply(&request);
        self.streams.notify(&mut self.store.borrow_mut());
        answer
    }

    /// Ends a lease when its time is over.
    async fn expire(self: Rc<Self>, id: i64, ttl: i64) {
        sim::sleep(Duration::from_secs(ttl.unsigned_abs())).await;
        let revoke = Request::Lease(LeaseRequest::Revoke { id });
        let _ = self.serve(revoke).await;
    }
}

/// An apiserver's client of it.
#[derive(Clone)]
pub(super) struct EventClient {
    pub plane: ControlPlane,
    pub from: Address,
    patience: Duration,
}

impl EventClient {
    /// A client, if there is such an etcd.
    pub fn new(plane: &ControlPlane, from: Address, patience: Duration) -> Option<EventClient> {
        let plane = plane.clone();
        plane.0.event_etcd.is_some().then(|| EventClient { plane, from, patience })
    }

    /// Sends a request and waits for its end.
    ///
    /// # Errors
    /// The store's own; [`Error::DeadlineExceeded`] when nobody answers in time.
    pub async fn request(&self, request: Request, thread: ThreadId) -> Result<Response, Error> {
        let reads = matches!(request, Request::Range(_));
        let tries = async {
            loop {
                match self.attempt(&request, thread).await {
                    Attempt::Answered(answer) => return answer,
                    // A write is not sent twice: it may have happened.
                    Attempt::Broken if !reads => return Err(Error::Unknown(BROKEN.into())),
                    Attempt::Refused | Attempt::Broken => sim::sleep(PAUSE).await,
                }
            }
        };
        let ended = sim::timeout(self.patience, tries).await;
        ended.unwrap_or(Err(Error::DeadlineExceeded))
    }

    async fn attempt(&self, request: &Request, thread: ThreadId) -> Attempt {
        let (answer, answered) = oneshot::channel::<Attempt>();
        let answer = Rc::new(RefCell::new(Some(answer)));
        let (plane, from) = (self.plane.clone(), self.from);
        let (nobody, asked) = (answer.clone(), request.clone());
        let label = |bytes| Label {
            kind: PacketKind::Client,
            word: word(request),
            bytes,
            thread: Some(thread),
            ..Label::default()
        };
        let back = label(0);
        let deliver = move || {
            let (plane, asked) = (plane.clone(), asked.clone());
            let (back, answer) = (back.clone(), answer.borrow_mut().take());
            let (Some(answer), Some(etcd)) = (answer, plane.0.event_etcd.clone()) else { return };
            sim::spawn(async move {
                let result = etcd.serve(asked).await;
                plane.note_event_etcd();
                let (refused, bytes) =
                    result.as_ref().map_or((true, 0), |it| (false, response_bytes(it)));
                let label = Label { answer: true, refused, bytes, ..back };
                let told = Cell::new(Some((answer, result)));
                let hand_over = move || {
                    if let Some((answer, result)) = told.take() {
                        let _ = answer.send(Attempt::Answered(result));
                    }
                };
                plane.0.cluster.network().send(EVENT_ETCD, from, label, Rc::new(hand_over));
            });
        };
        let refused = move || drop(nobody.borrow_mut().take().map(|it| it.send(Attempt::Refused)));
        let ends = (self.from, EVENT_ETCD);
        let label = label(request_bytes(request));
        let cluster = &self.plane.0.cluster;
        cluster.send_or_refuse(ends, label, Rc::new(deliver), Rc::new(refused));
        answered.await.unwrap_or(Attempt::Broken)
    }
}

impl ControlPlane {
    /// What is in it, for the page.
    fn note_event_etcd(&self) {
        let Some(etcd) = &self.0.event_etcd else { return };
        let store = etcd.store.borrow();
        let said = match self.0.cluster.world().is_dead(places::group(EVENT_ETCD)) {
            true => super::apiservers::NOT_RUNNING[0].to_string(),
            false => format!("rev {} · {} keys", store.revision(), store.alive_count()),
        };
        self.note_line(EVENT_ETCD, 0, &said);
    }

    /// Starts the etcd of Events, if there is to be one.
    pub(super) fn start_event_etcd(&self) {
        if let Some(etcd) = &self.0.event_etcd {
            etcd.start(self);
            self.note_event_etcd();
        }
    }

    /// The reader kills the etcd of Events, or starts it again.
    pub(super) fn set_event_etcd(&self, runs: bool) {
        let Some(etcd) = &self.0.event_etcd else { return };
        let (world, group) = (self.0.cluster.world(), places::group(EVENT_ETCD));
        if world.is_dead(group) != runs {
            return;
        }
        match runs {
            true => etcd.start(self),
            false => {
                etcd.streams.end();
                world.kill(group);
            }
        }
        self.note_event_etcd();
        self.note(Event::EventEtcd { runs });
    }
}
