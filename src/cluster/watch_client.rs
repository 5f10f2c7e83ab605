//! A client's watches: several on one stream, which outlives the members that serve it.
//!
//! When the connection breaks, the client opens another one at the next endpoint and creates every
//! watcher anew, each after the last revision it was told of.
//!
//! * Watchers are created one after another: the next is asked for when the one before it is there,
//!   so an answer needs no name to find its watcher.
//! * An answer in fragments is handed over when it is whole; a part of one is forgotten when the
//!   connection breaks.
//! * A progress note moves a watcher on, so that it need not find its past compacted.
//! * Who is no longer listened to is cancelled; a stream without watchers and owner is closed.
//!
//! Caveat: after a break a watcher that began at the present goes on after the revision at which it
//! was created; etcd's may tell that revision's change once more.
//!
//! Architecture invariant: sees members only through packets.

// Models etcd client/v3/watch.go.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use std::time::Duration;

use super::cables::{Then, once};
use super::client::Client;
use super::gateway::WatchCall;
use super::server::Server;
use super::watch::{Heard, Outlet};
use super::{Cluster, Word};
use crate::raft::{Label, MemberId, PacketKind, Rule, address};
use crate::sim::channel::mpsc;
use crate::sim::{self, Address};
use crate::sorted::SortedMap;
use crate::store::{NO_WATCH, Revision, StreamId, WatchCreateRequest, WatchResponse};

/// A client waits so long before it opens a broken stream anew.
const REOPEN_PAUSE: Duration = Duration::from_millis(100);

/// One watch.
pub struct Watch {
    key: u64,
    heard: mpsc::Receiver<WatchResponse>,
    wishes: mpsc::UnboundedSender<Wish>,
}

impl Watch {
    /// What is told next; none when the watch was cancelled for good.
    pub async fn next(&mut self) -> Option<WatchResponse> {
        self.heard.recv().await
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.wishes.send(Wish::Cancel(self.key));
    }
}

/// A stream that carries any number of watches.
pub struct WatchStream {
    client: Client,
    wishes: mpsc::UnboundedSender<Wish>,
}

impl WatchStream {
    /// Watches an interval.
    pub fn watch(&self, request: WatchCreateRequest) -> Watch {
        let (tell, heard) = mpsc::unbounded();
        let key = self.client.cluster().overheard().fresh_watch();
        let _ = self.wishes.send(Wish::Watch(key, Watcher::new(request, tell)));
        Watch { key, heard, wishes: self.wishes.clone() }
    }

    /// Asks how far the stream is: all its watchers are told, once all of them are up to date.
    pub fn request_progress(&self) {
        let _ = self.wishes.send(Wish::Progress);
    }
}

impl Drop for WatchStream {
    fn drop(&mut self) {
        let _ = self.wishes.send(Wish::Leave);
    }
}

impl Client {
    /// A stream for watches. Must be called in the client's own group.
    pub fn watch_stream(&self) -> WatchStream {
        let (wishes, said) = mpsc::unbounded();
        let carrier = Carrier {
            client: self.clone(),
            ear: wishes.clone(),
            watchers: SortedMap::new(),
            pending: VecDeque::new(),
            ids: SortedMap::new(),
            connection: None,
            opened: 0,
            owned: true,
        };
        sim::spawn(carrier.run(said));
        WatchStream { client: self.clone(), wishes }
    }

    /// Watches an interval, on a stream of its own. Must be called in the client's own group.
    pub fn watch(&self, request: WatchCreateRequest) -> Watch {
        self.watch_stream().watch(request)
    }
}

/// What reaches the task that keeps a stream.
enum Wish {
    Watch(u64, Watcher),
    Cancel(u64),
    Progress,
    Leave,
    /// Something came on the connection of this number.
    Heard(u64, Heard),
}

/// One watcher, wherever it is served.
struct Watcher {
    request: WatchCreateRequest,
    tell: mpsc::UnboundedSender<WatchResponse>,
    /// Fragments of an answer that is not whole yet.
    parts: Option<WatchResponse>,
}

impl Watcher {
    fn new(request: WatchCreateRequest, tell: mpsc::UnboundedSender<WatchResponse>) -> Watcher {
        Watcher { request, tell, parts: None }
    }

    /// The answer, if this makes it whole.
    fn whole(&mut self, response: WatchResponse) -> Option<WatchResponse> {
        let whole = match self.parts.take() {
            None => response,
            Some(mut parts) => {
                parts.events.extend(response.events);
                WatchResponse { events: parts.events, ..response }
            }
        };
        if whole.fragment {
            self.parts = Some(whole);
            return None;
        }
        Some(whole)
    }

    /// Where it would go on at another member.
    fn moves_on(&mut self, told: &WatchResponse, late: bool) {
        let start = &mut self.request.start_revision;
        let after = Revision(told.revision.0 + 1);
        match told.events.last() {
            Some(last) => *start = Revision(last.kv.mod_revision.0 + 1 + i64::from(late)),
            // An answer made before the watcher exists says nothing of what it has missed.
            None if told.created && *start == Revision(0) => *start = after,
            None if !told.created => *start = after.max(*start),
            None => {}
        }
    }
}

/// The stream at one member: known there by its number once the first call has come.
type Place = Rc<RefCell<Option<(StreamId, Weak<Server>)>>>;

/// A connection to one member.
struct Connection {
    number: u64,
    endpoint: MemberId,
    place: Place,
}

/// Keeps a stream.
struct Carrier {
    client: Client,
    ear: mpsc::UnboundedSender<Wish>,
    watchers: SortedMap<u64, Watcher>,
    /// Those not created yet on this connection; the first one is asked for.
    pending: VecDeque<u64>,
    /// Whose answers have this watch id on this connection.
    ids: SortedMap<i64, u64>,
    connection: Option<Connection>,
    opened: u64,
    /// Whether somebody may still watch more.
    owned: bool,
}

impl Carrier {
    async fn run(mut self, mut said: mpsc::Receiver<Wish>) {
        while let Some(wish) = said.recv().await {
            match wish {
                Wish::Watch(key, watcher) => {
                    self.watchers.insert(key, watcher);
                    self.pending.push_back(key);
                    if self.pending.len() == 1 {
                        self.create_next();
                    }
                }
                Wish::Cancel(key) => self.cancel(key),
                Wish::Progress => self.say(WatchCall::Progress, "progress"),
                Wish::Leave => self.owned = false,
                Wish::Heard(number, heard) => {
                    if self.connection.as_ref().is_none_or(|it| it.number != number) {
                        continue;
                    }
                    match heard {
                        Heard::Told(response) => self.told(response),
                        Heard::Broken => self.resume().await,
                    }
                }
            }
            if !self.owned && self.watchers.is_empty() {
                return self.hang_up();
            }
        }
    }

    fn cluster(&self) -> &Cluster {
        self.client.cluster()
    }

    /// After a break: everybody is created anew, at the next endpoint.
    async fn resume(&mut self) {
        self.connection = None;
        self.ids = SortedMap::new();
        self.watchers.iter_mut().for_each(|(_, watcher)| watcher.parts = None);
        sim::sleep(REOPEN_PAUSE).await;
        self.pending = self.watchers.keys().copied().collect();
        self.create_next();
    }

    /// Asks for the watcher whose turn it is.
    fn create_next(&mut self) {
        let Some(key) = self.pending.front().copied() else { return };
        let Some(watcher) = self.watchers.get(&key) else { return };
        let request = watcher.request.clone();
        let endpoint = match &self.connection {
            Some(connection) => connection.endpoint,
            None => self.connect(),
        };
        self.cluster().overheard().tell(|| Word::Watches {
            watch: key,
            client: self.client.address(),
            at: endpoint,
            request: Rc::new(request.clone()),
        });
        self.say(WatchCall::Create(request), "watch");
    }

    fn connect(&mut self) -> MemberId {
        let endpoint = self.client.next_endpoint();
        self.opened += 1;
        let number = self.opened;
        self.connection = Some(Connection { number, endpoint, place: Rc::default() });
        endpoint
    }

    fn told(&mut self, response: WatchResponse) {
        if response.created {
            return self.created(response);
        }
        if response.watch_id == NO_WATCH {
            let all: Vec<u64> = self.ids.values().copied().collect();
            all.into_iter().for_each(|key| self.hand_over(key, response.clone()));
            return;
        }
        if let Some(key) = self.ids.get(&response.watch_id).copied() {
            self.hand_over(key, response);
        }
    }

    /// The one that was asked for is there, or refused.
    fn created(&mut self, response: WatchResponse) {
        let Some(key) = self.pending.pop_front() else { return };
        let id = response.watch_id;
        if self.watchers.contains_key(&key) {
            if !response.canceled {
                self.ids.insert(id, key);
            }
            self.hand_over(key, response);
        } else if !response.canceled {
            self.say(WatchCall::Cancel { watch_id: id }, "cancel");
        }
        self.forget_unwanted();
        self.create_next();
    }

    /// Nobody is asked for who is not wanted any more.
    fn forget_unwanted(&mut self) {
        let watchers = &self.watchers;
        self.pending.retain(|key| watchers.contains_key(key));
    }

    fn hand_over(&mut self, key: u64, response: WatchResponse) {
        let late = !self.cluster().rules().hold(Rule::WatchResume);
        let Some(watcher) = self.watchers.get_mut(&key) else { return };
        let Some(response) = watcher.whole(response) else { return };
        watcher.moves_on(&response, late);
        let told = watcher.tell.send(response.clone());
        if response.canceled {
            self.watchers.remove(&key);
            self.ids.retain(|_, held| *held != key);
        }
        if told.is_ok() || response.canceled {
            let response = Rc::new(response);
            self.cluster().overheard().tell(|| Word::Told { watch: key, response });
        }
    }

    /// Nobody listens to it any more.
    fn cancel(&mut self, key: u64) {
        if self.watchers.remove(&key).is_none() {
            return;
        }
        self.cluster().overheard().tell(|| Word::Left { watch: key });
        let held = self.ids.iter().find(|(_, held)| **held == key).map(|(id, _)| *id);
        match held {
            Some(watch_id) => {
                self.ids.remove(&watch_id);
                if self.owned || !self.watchers.is_empty() {
                    self.say(WatchCall::Cancel { watch_id }, "cancel");
                }
            }
            None => {
                // The first one is asked for already: its answer is awaited.
                let asked = self.pending.pop_front();
                self.forget_unwanted();
                asked.into_iter().for_each(|key| self.pending.push_front(key));
            }
        }
    }

    /// Says something on the stream; the first call opens it.
    fn say(&self, call: WatchCall, word: &'static str) {
        let Some(connection) = &self.connection else { return };
        let Connection { number, endpoint, ref place } = *connection;
        let (cluster, to) = (self.cluster().clone(), self.client.address());
        let outlet = outlet(&cluster, (endpoint, to), (number, self.ear.clone()));
        let lost = self.ear.clone();
        let (nobody, place, at) = (outlet.clone(), place.clone(), cluster.clone());
        let hangs_up: Rc<dyn Fn()> = Rc::new(move || nobody().cut());
        let refused = hangs_up.clone();
        let deliver = move || {
            let (outlet, call, place) = (outlet(), call.clone(), place.clone());
            let Some(server) = at.server(endpoint) else { return outlet.cut() };
            let number = server.connect(hangs_up.clone());
            sim::spawn(async move {
                server.disconnect(number);
                let (known, own) = (place.borrow().clone(), Rc::downgrade(&server));
                match known {
                    None => _ = place.replace(Some((server.open_stream(&[call], outlet), own))),
                    Some((stream, of)) if of.ptr_eq(&own) => server.say(stream, &call),
                    // The stream was another process's: the client hears of its end.
                    Some(_) => {}
                }
                server.flush_streams(None);
            });
        };
        let (ends, label) = ((to, address(endpoint)), label(word));
        let broken = move || drop(lost.send(Wish::Heard(number, Heard::Broken)));
        let delivery: (Then, Then) = (Rc::new(once(deliver)), refused);
        cluster.send_on_connection(ends, label, delivery, Rc::new(broken));
    }

    /// Tells the member that nobody listens any more.
    fn hang_up(&self) {
        let Some(Connection { endpoint, place, .. }) = &self.connection else { return };
        let place = place.clone();
        let close = move || {
            let place = place.take();
            if let Some((stream, server)) = place.and_then(|(s, of)| Some((s, of.upgrade()?))) {
                server.close_stream(stream);
            }
        };
        let ends = (self.client.address(), address(*endpoint));
        self.cluster().network().send(ends.0, ends.1, label("close"), Rc::new(once(close)));
    }
}

fn label(word: &'static str) -> Label {
    Label { kind: PacketKind::Client, word, ..Label::default() }
}

/// Makes the outlets of a connection: the first call's is the stream's.
fn outlet(
    cluster: &Cluster,
    (from, to): (MemberId, Address),
    (number, ear): (u64, mpsc::UnboundedSender<Wish>),
) -> Rc<dyn Fn() -> Outlet> {
    let cluster = cluster.clone();
    Rc::new(move || {
        let ear = ear.clone();
        let put = move |heard| -> Box<dyn FnOnce()> {
            let ear = ear.clone();
            Box::new(move || drop(ear.send(Wish::Heard(number, heard))))
        };
        Outlet::new(cluster.clone(), from, to, Box::new(put))
    })
}
