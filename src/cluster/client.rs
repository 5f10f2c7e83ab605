//! A client of etcd: endpoints, deadlines, and what may be retried.
//!
//! * Endpoints are tried in turn. A request that certainly never reached a server (connection
//!   refused) goes to the next one, whatever it is.
//! * A read whose connection broke, or that was answered Unavailable, goes to the next one too. A
//!   write is not sent twice: it may have happened. (Models etcd `client/v3/retry_interceptor.go`.)
//! * Every request ends: with its answer, an error, or the client's own deadline.
//!
//! Architecture invariant: sees members only through packets.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::cables::once;
use super::server::Ticket;
use super::{ClientRequest, Cluster, Event, Outcome, Word};
use crate::raft::{
    Label, MemberId, PacketKind, Rule, ThreadId, address, header_revision, response_bytes, summary,
    word,
};
use crate::sim::channel::oneshot;
use crate::sim::{self, Address};
use crate::store::{
    ClusterRequest, Code, Error, MaintenanceRequest, Request, Response, is_read_only,
};

/// When every endpoint refused, the client waits so long before it tries them again.
const ROUND_PAUSE: Duration = Duration::from_millis(250);

/// What gRPC says of a connection that broke while an answer was awaited.
pub const BROKEN: &str = "rpc error: code = Unavailable desc = error reading from server: EOF";

/// One client of etcd.
#[derive(Clone)]
pub struct Client {
    cluster: Cluster,
    address: Address,
    patience: Duration,
    /// The endpoints it knows; none: all members.
    endpoints: Vec<MemberId>,
    turn: Rc<Cell<u64>>,
}

/// How one try at one endpoint ended without an answer of the server.
enum Attempt {
    /// Nobody listens there.
    Refused,
    /// The connection broke while the answer was awaited.
    Broken,
    /// The server's answer.
    Answered(Result<Response, Error>),
}

impl Client {
    /// A client at an address, which gives a request up after `patience`.
    pub fn new(cluster: Cluster, address: Address, patience: Duration) -> Client {
        let turn = Rc::new(Cell::new(u64::from(address.0)));
        Client { cluster, address, patience, endpoints: Vec::new(), turn }
    }

    /// The same that knows only these endpoints; all members if none are named.
    pub fn of(&self, endpoints: Vec<MemberId>) -> Client {
        let turn = if endpoints.is_empty() { self.turn.clone() } else { Rc::default() };
        Client { endpoints, turn, ..self.clone() }
    }

    /// The client's address.
    pub fn address(&self) -> Address {
        self.address
    }

    /// The cluster it speaks to.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    fn endpoints(&self) -> Vec<MemberId> {
        match self.endpoints.is_empty() {
            true => self.cluster.endpoints(),
            false => self.endpoints.clone(),
        }
    }

    /// The endpoint whose turn it is.
    pub(super) fn next_endpoint(&self) -> MemberId {
        let endpoint = self.upcoming_endpoint();
        self.turn.set(self.turn.get() + 1);
        endpoint
    }

    /// The endpoint whose turn it will be.
    pub(super) fn upcoming_endpoint(&self) -> MemberId {
        let members = self.endpoints();
        members[(self.turn.get() % members.len() as u64) as usize]
    }

    /// The endpoint whose turn it was.
    pub(super) fn last_endpoint(&self) -> MemberId {
        let members = self.endpoints();
        members[(self.turn.get().wrapping_sub(1) % members.len() as u64) as usize]
    }

    /// Gives up what is asked under a thread: nobody waits for it any more.
    pub(super) fn abandon(&self, thread: ThreadId) {
        for request in self.cluster.requests().open_of(thread) {
            // A watch changes nothing.
            let unknown = !request.text.starts_with("watch");
            let (id, client) = (request.id, self.address);
            self.cluster.overheard().tell(|| Word::Failed { id, unknown });
            let error = "interrupted".to_string();
            self.cluster.note(Event::Failed { id, client, error: error.clone(), unknown });
            self.cluster.requests().end(
                id,
                self.cluster.world().now(),
                Outcome::Failed { error, unknown },
            );
        }
    }

    /// Its process has ended: nobody waits for what it has asked.
    pub fn abandon_all(&self) {
        for request in self.cluster.requests().open_from(self.address) {
            self.abandon(request.thread);
        }
    }

    /// Sends a request and waits for its end.
    ///
    /// # Errors
    /// etcd's own, or [`Error::DeadlineExceeded`] when the client's patience ran out.
    pub async fn request(
        &self,
        request: Request,
        thread: ThreadId,
        first: Option<MemberId>,
    ) -> Result<Response, Error> {
        let id = self.cluster.requests().fresh();
        self.cluster.requests().begin(ClientRequest {
            id,
            client: self.address,
            text: summary(&request),
            started: sim::now(),
            thread,
            ..ClientRequest::default()
        });
        let overheard = self.cluster.overheard();
        overheard.tell(|| {
            let request = Rc::new(request.clone());
            Word::Asked { id, client: self.address, request }
        });
        let reads = reads(&request);
        let ticket = Ticket { id, thread, deadline: sim::now() + self.patience };
        let tries = self.tries(ticket, &request, first);
        let result = match sim::timeout(self.patience, tries).await {
            Ok(result) => result,
            Err(_) => Err(Error::DeadlineExceeded),
        };
        self.write_down(id, reads, &result);
        result
    }

    fn write_down(&self, id: u64, reads: bool, result: &Result<Response, Error>) {
        let client = self.address;
        self.cluster.overheard().tell(|| match result {
            Ok(response) => Word::Answered { id, response: response.clone() },
            Err(error) => Word::Failed { id, unknown: error.is_ambiguous() && !reads },
        });
        let outcome = match result {
            Ok(response) => {
                let (revision, text) = (header_revision(response), told(response));
                self.cluster.note(Event::Answered { id, client, revision, text: text.clone() });
                Outcome::Done { revision, text }
            }
            Err(error) => {
                let (text, unknown) = (error.to_string(), error.is_ambiguous() && !reads);
                self.cluster.note(Event::Failed { id, client, error: text.clone(), unknown });
                Outcome::Failed { error: text, unknown }
            }
        };
        self.cluster.requests().end(id, sim::now(), outcome);
    }

    async fn tries(
        &self,
        ticket: Ticket,
        request: &Request,
        first: Option<MemberId>,
    ) -> Result<Response, Error> {
        let Ticket { id, thread, .. } = ticket;
        let (reads, client) = (reads(request), self.address);
        let mut endpoint = first.unwrap_or_else(|| self.next_endpoint());
        let may_repeat = || reads || !self.cluster.rules().hold(Rule::SendOnce);
        let text = summary(request);
        self.cluster.note(Event::Requested { id, client, endpoint, text, thread });
        for tried in 1u64.. {
            self.cluster.requests().tries(id, endpoint);
            let why = match self.attempt(ticket, endpoint, request).await {
                Attempt::Refused => "connection refused".to_string(),
                Attempt::Broken if may_repeat() => "connection lost".to_string(),
                Attempt::Broken => return Err(Error::Unknown(BROKEN.into())),
                Attempt::Answered(Err(error)) if reads && error.code() == Code::Unavailable => {
                    error.to_string()
                }
                Attempt::Answered(result) => return result,
            };
            if tried.is_multiple_of(self.endpoints().len() as u64) {
                sim::sleep(ROUND_PAUSE).await;
            }
            let before = std::mem::replace(&mut endpoint, self.next_endpoint());
            if endpoint != before {
                self.cluster.note(Event::Retried { id, endpoint, why });
            }
        }
        unreachable!("tries go on until the deadline")
    }

    async fn attempt(&self, ticket: Ticket, endpoint: MemberId, request: &Request) -> Attempt {
        let thread = ticket.thread;
        let (outcome, awaited) = oneshot::channel::<Attempt>();
        let reply = Reply {
            cluster: self.cluster.clone(),
            from: endpoint,
            to: self.address,
            thread,
            word: word(request),
            outcome: Rc::new(RefCell::new(Some(outcome))),
        };
        let (cluster, asked) = (self.cluster.clone(), request.clone());
        let nobody = reply.clone();
        let refused = move || nobody.send(Attempt::Refused);
        // A request travels on a connection: a duplicate of its packet is dropped by TCP.
        let is_new = Cell::new(true);
        let deliver = move || {
            if !is_new.replace(false) {
                return;
            }
            let Some(server) = cluster.server(endpoint) else {
                return reply.send(Attempt::Refused);
            };
            let (cluster, asked, reply) = (cluster.clone(), asked.clone(), reply.clone());
            let broken = reply.clone();
            let number = server.connect(Rc::new(move || broken.send(Attempt::Broken)));
            sim::spawn(async move {
                let answer = server.clone().serve(cluster, ticket, asked).await;
                server.disconnect(number);
                reply.send(Attempt::Answered(answer));
            });
        };
        let label = Label {
            kind: PacketKind::Client,
            word: word(request),
            bytes: crate::raft::request_bytes(request),
            thread: Some(thread),
            ..Label::default()
        };
        let ends = (self.address, address(endpoint));
        self.cluster.send_or_refuse(ends, label, Rc::new(once(deliver)), Rc::new(refused));
        awaited.await.unwrap_or(Attempt::Broken)
    }
}

/// The way back of one attempt.
#[derive(Clone)]
struct Reply {
    cluster: Cluster,
    from: MemberId,
    to: Address,
    thread: ThreadId,
    word: &'static str,
    outcome: Rc<RefCell<Option<oneshot::Sender<Attempt>>>>,
}

impl Reply {
    /// Sends a packet that brings the outcome to the client.
    fn send(&self, attempt: Attempt) {
        let (refused, bytes) = match &attempt {
            Attempt::Answered(Ok(response)) => (false, response_bytes(response)),
            _ => (true, 0),
        };
        let label = Label {
            kind: PacketKind::Client,
            answer: true,
            refused,
            bytes,
            word: self.word,
            thread: Some(self.thread),
            ..Label::default()
        };
        let (waiter, attempt) = (self.outcome.clone(), RefCell::new(Some(attempt)));
        let hand_over = move || {
            if let (Some(waiter), Some(attempt)) =
                (waiter.borrow_mut().take(), attempt.borrow_mut().take())
            {
                let _ = waiter.send(attempt);
            }
        };
        self.cluster.network().send(address(self.from), self.to, label, Rc::new(hand_over));
    }
}

/// Whether a request changes nothing, so that it may be sent twice.
pub(super) fn reads(request: &Request) -> bool {
    match request {
        Request::Range(_) => true,
        Request::Txn(txn) => is_read_only(txn),
        Request::Lease(lease) => !lease.is_replicated(),
        Request::Maintenance(maintenance) => !matches!(
            maintenance,
            MaintenanceRequest::Alarm { .. }
                | MaintenanceRequest::Defragment
                | MaintenanceRequest::MoveLeader { .. }
        ),
        Request::Cluster(cluster) => matches!(cluster, ClusterRequest::List { .. }),
        _ => false,
    }
}

/// An answer in a few words.
pub(super) fn told(response: &Response) -> String {
    match response {
        Response::Range(range) if range.count == 1 => "1 key".into(),
        Response::Range(range) => format!("{} keys", range.count),
        Response::Put(_) => "OK".into(),
        Response::DeleteRange(delete) => format!("{} deleted", delete.deleted),
        Response::Txn(txn) if txn.succeeded => "the compare held".into(),
        Response::Txn(_) => "the compare did not hold".into(),
        Response::Compaction(_) => "compacted".into(),
        Response::Lease(_) | Response::Maintenance(_) | Response::Cluster(_) => "OK".into(),
    }
}
