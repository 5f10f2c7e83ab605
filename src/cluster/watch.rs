//! Watch streams between a member and a client.
//!
//! The member's hub decides what is told; this carries it. A client's stream survives its member:
//! when the connection breaks, the client opens one at another member and goes on after the last
//! revision it was told of. (Models etcd `client/v3/watch.go`.)
//!
//! * Answers leave right after the entry that caused them is applied; those behind are caught up
//!   with every [`SYNC_EVERY`].
//! * A member that has known no leader for three election timeouts ends its streams, since the
//!   apiserver asks for that (`hasleader`).
//! * Caveat: connections have no keep-alive of their own: a client of a paused member just waits.
//!
//! Architecture invariant: never decides what a watcher is told.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::client::Client;
use super::gateway::WatchCall;
use super::server::Server;
use super::{Cluster, Event, Word};
use crate::raft::{Label, MemberId, PacketKind, Rule, ThreadId, address};
use crate::sim::channel::mpsc;
use crate::sim::{self, Address};
use crate::sorted::SortedMap;
use crate::store::{Revision, StreamId, WatchCreateRequest, WatchResponse};

/// How often a member catches up with watchers that are behind (etcd `syncWatchersLoop`).
pub const SYNC_EVERY: Duration = Duration::from_millis(100);

/// A client waits so long before it opens a broken stream anew.
const REOPEN_PAUSE: Duration = Duration::from_millis(100);

/// Rounds of election timeouts without a leader after which streams end (etcd `maxNoLeaderCnt`).
const NO_LEADER_ROUNDS: u32 = 3;

/// What a client's end of a stream hears.
pub(super) enum Heard {
    Told(WatchResponse),
    Broken,
}

/// The streams a member serves.
pub(super) type Streams = RefCell<SortedMap<StreamId, Rc<Outlet>>>;

/// Where a stream's answers go.
pub(super) struct Outlet {
    cluster: Cluster,
    from: MemberId,
    to: Address,
    ear: Ear,
}

/// What puts something heard into a packet: called when it is sent, it returns what is to be done
/// when the packet comes.
type Ear = Box<dyn Fn(Heard) -> Box<dyn FnOnce()>>;

impl Outlet {
    /// The outlet of a stream from a member to a client.
    pub fn new(cluster: Cluster, from: MemberId, to: Address, ear: Ear) -> Outlet {
        Outlet { cluster, from, to, ear }
    }

    fn send(&self, heard: Heard, label: Label) {
        let heard = Cell::new(Some((self.ear)(heard)));
        let deliver = move || heard.take().into_iter().for_each(|hear| hear());
        self.cluster.network().send(address(self.from), self.to, label, Rc::new(deliver));
    }

    fn tell(&self, response: WatchResponse, thread: Option<ThreadId>) {
        let bytes =
            response.events.iter().map(|e| e.kv.key.len() + e.kv.value.len()).sum::<usize>();
        let label = Label {
            kind: PacketKind::Watch,
            word: "event",
            entries: response.events.len() as u32,
            index: response.revision.0 as u64,
            bytes: bytes as u32,
            thread,
            ..Label::default()
        };
        if let Some(last) = response.events.last() {
            let key = last.kv.key.text();
            let revision = last.kv.mod_revision;
            self.cluster.note(Event::Told { client: self.to, revision, key, thread });
        }
        self.send(Heard::Told(response), label);
    }

    /// The connection breaks.
    pub fn cut(&self) {
        let label = Label {
            kind: PacketKind::Watch,
            answer: true,
            refused: true,
            word: "event",
            ..Label::default()
        };
        self.send(Heard::Broken, label);
    }
}

impl Server {
    /// Opens a stream on which this is said at once.
    pub fn open_stream(&self, calls: &[WatchCall], outlet: Outlet) -> StreamId {
        let mut applied = self.node.machine.0.borrow_mut();
        let applied = &mut *applied;
        let stream = applied.hub.open();
        for call in calls {
            match call {
                WatchCall::Create(it) => applied.hub.create(stream, it, &applied.store),
                WatchCall::Cancel { watch_id } => {
                    applied.hub.cancel(stream, *watch_id, &applied.store);
                }
                WatchCall::Progress => {
                    applied.hub.request_progress(stream, &applied.store);
                }
            }
        }
        self.streams.borrow_mut().insert(stream, Rc::new(outlet));
        stream
    }

    /// The client has gone.
    pub fn close_stream(&self, stream: StreamId) {
        self.node.machine.0.borrow_mut().hub.close(stream);
        self.streams.borrow_mut().remove(&stream);
    }

    /// Sends what waits in the streams.
    pub fn flush_streams(&self, thread: Option<ThreadId>) {
        if self.streams.borrow().is_empty() {
            return;
        }
        let outlets: Vec<_> = self.streams.borrow().iter().map(|(s, o)| (*s, o.clone())).collect();
        for (stream, outlet) in outlets {
            let mut responses = self.node.machine.0.borrow_mut().hub.take(stream);
            if !outlet.cluster.rules().hold(Rule::WatchOrder) {
                responses.reverse();
                responses.iter_mut().for_each(|response| response.events.reverse());
            }
            for response in responses {
                outlet.tell(response, thread);
            }
        }
    }

    /// Ends every stream: the process died, or has no leader.
    pub fn cut_streams(&self) {
        for (stream, outlet) in self.streams.take() {
            self.node.machine.0.borrow_mut().hub.close(stream);
            outlet.cut();
        }
    }

    /// Catches up with those behind, for as long as the member lives.
    pub async fn watch_loop(self: Rc<Self>, cluster: Cluster) {
        let mut leaderless_since = None;
        loop {
            sim::sleep(SYNC_EVERY).await;
            {
                let mut applied = self.node.machine.0.borrow_mut();
                let applied = &mut *applied;
                applied.hub.retry(&applied.store);
                applied.hub.sync(&applied.store);
            }
            self.flush_streams(None);
            self.follow_leadership(&cluster);
            match self.leader() {
                Some(_) => leaderless_since = None,
                None => {
                    let since = *leaderless_since.get_or_insert(sim::now());
                    if sim::now() > since + NO_LEADER_ROUNDS * cluster.settings().election_max {
                        self.cut_streams();
                    }
                }
            }
        }
    }
}

/// A client's watch, which outlives the members that serve it.
pub struct Watch {
    heard: mpsc::Receiver<WatchResponse>,
}

impl Watch {
    /// What is told next; none when the watch was cancelled for good.
    pub async fn next(&mut self) -> Option<WatchResponse> {
        self.heard.recv().await
    }
}

impl Client {
    /// Watches an interval. Must be called in the client's own group.
    pub fn watch(&self, request: WatchCreateRequest) -> Watch {
        let (tell, heard) = mpsc::unbounded();
        let client = self.clone();
        sim::spawn(async move { client.keep_watching(request, tell).await });
        Watch { heard }
    }

    async fn keep_watching(
        &self,
        mut request: WatchCreateRequest,
        tell: mpsc::UnboundedSender<WatchResponse>,
    ) {
        let watch = self.cluster().overheard().fresh_watch();
        loop {
            let mut ear = self.open(watch, &request);
            while let Some(Heard::Told(response)) = ear.recv().await {
                self.cluster().overheard().tell(|| {
                    let response = Rc::new(response.clone());
                    Word::Told { watch, response }
                });
                if response.canceled {
                    let _ = tell.send(response);
                    return;
                }
                // An answer made before the watcher exists says nothing of what it has missed.
                if response.created && request.start_revision == Revision(0) {
                    request.start_revision = Revision(response.revision.0 + 1);
                }
                if let Some(last) = response.events.last() {
                    let late = !self.cluster().rules().hold(Rule::WatchResume);
                    let next = last.kv.mod_revision.0 + 1 + i64::from(late);
                    request.start_revision = Revision(next);
                }
                if tell.send(response).is_err() {
                    return;
                }
            }
            sim::sleep(REOPEN_PAUSE).await;
        }
    }

    /// Opens a stream at the endpoint whose turn it is.
    fn open(&self, watch: u64, request: &WatchCreateRequest) -> mpsc::Receiver<Heard> {
        let (ear, heard) = mpsc::unbounded();
        let (cluster, endpoint) = (self.cluster().clone(), self.next_endpoint());
        let (to, asked) = (self.address(), request.clone());
        self.cluster().overheard().tell(|| {
            let request = Rc::new(request.clone());
            Word::Watches { watch, client: to, at: endpoint, request }
        });
        let outlet = move || {
            let ear = ear.clone();
            let put = move |heard| -> Box<dyn FnOnce()> {
                let ear = ear.clone();
                Box::new(move || drop(ear.send(heard)))
            };
            Outlet::new(cluster.clone(), endpoint, to, Box::new(put))
        };
        let nobody = outlet.clone();
        let cluster = self.cluster().clone();
        let deliver = move || {
            let (asked, outlet) = (asked.clone(), outlet());
            let Some(server) = cluster.server(endpoint) else { return outlet.cut() };
            sim::spawn(async move {
                server.open_stream(&[WatchCall::Create(asked)], outlet);
                server.flush_streams(None);
            });
        };
        let label = Label { kind: PacketKind::Client, word: "watch", ..Label::default() };
        let ends = (to, address(endpoint));
        self.cluster().send_or_refuse(
            ends,
            label,
            Rc::new(deliver),
            Rc::new(move || nobody().cut()),
        );
        heard
    }
}
