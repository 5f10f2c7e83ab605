//! The watch streams a member serves.
//!
//! The member's hub decides what is told; this carries it.
//!
//! * Answers leave right after the entry that caused them is applied; those behind are caught up
//!   with every [`SYNC_EVERY`].
//! * Now and then the watchers of a stream that want it are told how far it is. Each stream has its
//!   own interval, [`PROGRESS_EVERY`] and up to a tenth more, by its member's clock.
//! * A member that has known no leader for three election timeouts ends its streams, since the
//!   apiserver asks for that (`hasleader`).
//! * A stream is a connection: what comes is heard in the order in which it was sent, and once.
//!   When a packet of it is lost, nothing behind it is heard, and both ends find the connection
//!   broken some seconds later.
//! * Caveats: nothing is sent again (TCP would, and a short cut would only delay what is told). A
//!   client of a paused member just waits.
//!
//! Architecture invariant: never decides what a watcher is told.

// Models etcd server/etcdserver/api/v3rpc/watch.go.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::cables::Then;
use super::gateway::WatchCall;
use super::server::Server;
use super::{Cluster, Event};
use crate::raft::{Counter, Label, MemberId, PacketKind, Rule, ThreadId, address};
use crate::sim::{self, Address, Instant};
use crate::sorted::SortedMap;
use crate::store::{StreamId, WatchResponse};

/// How often a member catches up with watchers that are behind (etcd `syncWatchersLoop`).
pub const SYNC_EVERY: Duration = Duration::from_millis(100);

/// How often the watchers of a stream are told how far it is
/// (etcd `--watch-progress-notify-interval`).
pub const PROGRESS_EVERY: Duration = Duration::from_secs(600);

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
    ear: Rc<Ear>,
    sent: Cell<u64>,
    heard: Rc<RefCell<InOrder>>,
    /// Something was lost on the way: the stream is of no use any more.
    lost: Rc<Cell<bool>>,
    /// When its watchers are told next how far it is, by the member's clock.
    progress_due: Cell<Instant>,
}

/// What puts something heard into a packet: called when it is sent, it returns what is to be done
/// when the packet comes.
type Ear = Box<dyn Fn(Heard) -> Box<dyn FnOnce()>>;

/// What has come on a stream before what was sent before it.
#[derive(Default)]
struct InOrder {
    next: u64,
    early: SortedMap<u64, Box<dyn FnOnce()>>,
}

impl InOrder {
    /// All that can be heard now that this has come.
    fn ready(&mut self, number: u64, hear: Box<dyn FnOnce()>) -> Vec<Box<dyn FnOnce()>> {
        self.early.insert(number, hear);
        let mut ready = Vec::new();
        while let Some(hear) = self.early.remove(&self.next) {
            self.next += 1;
            ready.push(hear);
        }
        ready
    }
}

impl Outlet {
    /// The outlet of a stream from a member to a client.
    pub fn new(cluster: Cluster, from: MemberId, to: Address, ear: Ear) -> Outlet {
        let (ear, progress_due) = (Rc::new(ear), Cell::new(Instant::NEVER));
        let (sent, heard, lost) = (Cell::new(0), Rc::default(), Rc::default());
        Outlet { cluster, from, to, ear, sent, heard, lost, progress_due }
    }

    fn send(&self, heard: Heard, label: Label) {
        let number = self.sent.replace(self.sent.get() + 1);
        let (heard, line) = (Cell::new(Some((self.ear)(heard))), self.heard.clone());
        let deliver = move || {
            if let Some(hear) = heard.take() {
                let ready = line.borrow_mut().ready(number, hear);
                ready.into_iter().for_each(|hear| hear());
            }
        };
        let (ear, lost) = (self.ear.clone(), self.lost.clone());
        let broken = move || {
            lost.set(true);
            ear(Heard::Broken)();
        };
        let ends = (address(self.from), self.to);
        let delivery: (Then, Then) = (Rc::new(deliver), Rc::new(|| {}));
        self.cluster.send_on_connection(ends, label, delivery, Rc::new(broken));
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
        let stream = self.node.machine.0.borrow_mut().hub.open();
        outlet.progress_due.set(self.next_progress(&outlet.cluster, stream));
        self.streams.borrow_mut().insert(stream, Rc::new(outlet));
        calls.iter().for_each(|call| self.say(stream, call));
        stream
    }

    /// Something is said on a stream; nobody hears it when the stream has ended.
    pub fn say(&self, stream: StreamId, call: &WatchCall) {
        let mut applied = self.node.machine.0.borrow_mut();
        let applied = &mut *applied;
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

    fn next_progress(&self, cluster: &Cluster, stream: StreamId) -> Instant {
        let every = cluster.watch_progress_every();
        let jitter = every.as_nanos() as u64 / 10;
        let mut rng = cluster.world().stream("watch progress", self.id.0, stream.0);
        self.own_now(cluster) + every + Duration::from_nanos(rng.below(jitter))
    }

    /// Those streams whose interval has passed are told how far they are.
    fn progress_rounds(&self, cluster: &Cluster) {
        let now = self.own_now(cluster);
        for (stream, outlet) in self.streams.borrow().iter() {
            if outlet.progress_due.get() <= now {
                outlet.progress_due.set(self.next_progress(cluster, *stream));
                let mut applied = self.node.machine.0.borrow_mut();
                let applied = &mut *applied;
                applied.hub.progress_round(*stream, &applied.store);
            }
        }
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
            if outlet.lost.get() {
                self.close_stream(stream);
                continue;
            }
            let most = outlet.cluster.watch_fragment_bytes();
            let mut responses = self.node.machine.0.borrow_mut().hub.take_within(stream, most);
            if !outlet.cluster.rules().hold(Rule::WatchOrder) {
                responses.reverse();
                responses.iter_mut().for_each(|response| response.events.reverse());
            }
            for response in responses {
                let events = response.events.len() as u64;
                self.node.meter.add(Counter::EventsSent, events);
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
            self.progress_rounds(&cluster);
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
