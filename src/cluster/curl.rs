//! The reader's curl: text to a member's JSON gateway, text back.
//!
//! * A body travels as it was typed to the member that was named, is read and served there like any
//!   client's request, and what comes back is text again. curl tries one endpoint once.
//! * The answer is found in the history of requests: the status and the body at once when it is one
//!   message, line by line while it is a stream. Whole answers are kept for a while, too.
//! * A watch goes on until it is interrupted ([`super::Action::Interrupt`]) or its member is gone.
//!   What the watchers of a stream are told is cancelled one by one; the stream stays.
//! * What the gateway has no clock for, curl has: `--max-time`, [`CURL_PATIENCE`]; not for a watch.
//!
//! Caveats: bodies of HTTP only, no headers; a body is one packet. Promises about watches do not
//! follow curl's streams, since they follow one watcher at a time.
//!
//! Architecture invariant: no way around the members; reads an answer only to write it down.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::cables::once;
use super::client::{reads, told};
use super::curl_served::{Reply, open, serve};
use super::etcdctl::exit::CTRL_C;
use super::etcdctl::{CommandRun, ETCDCTL};
use super::gateway::{Answer, Call, Header};
use super::server::{Server, Ticket};
use super::{ClientRequest, Cluster, Event, Outcome, Post, Word};
use crate::raft::{Label, PacketKind, ThreadId, address, header_revision, word};
use crate::sim::channel::mpsc;
use crate::sim::{self, Group, Instant};
use crate::sorted::SortedMap;
use crate::store::{Error, Request, Response, Revision, StreamId};

/// curl's `--max-time`, as the reader's is always called.
pub const CURL_PATIENCE: Duration = Duration::from_secs(30);

/// Bytes of a body that are shown: the first ones, of a stream the last ones.
pub const BODY_SHOWN_MAX: usize = 4096;

/// Bytes of a stream's body that are kept: the last ones.
pub const STREAM_KEPT_MAX: usize = 1 << 20;

/// The commands that listen while they run: to Ctrl-C (none), and to what is typed.
pub(super) type Listening = RefCell<SortedMap<ThreadId, Rc<dyn Fn(Option<&str>)>>>;

/// What curl hears.
pub(super) enum Heard {
    /// Nobody listens there.
    Refused,
    /// The connection broke.
    Broken,
    /// The whole answer, and what it is made from when it is not the gateway's own.
    Answered(Answer, Option<Result<Response, Error>>),
    /// A line of a stream.
    Line(String),
    /// Ctrl-C.
    Interrupted,
}

/// A connection that a member holds for a stream.
pub(super) type Held = Rc<Cell<Option<(StreamId, Rc<Server>)>>>;

impl Cluster {
    /// Runs a curl; its answer will be found in the history of requests.
    pub(super) fn run_post(&self, post: Post) -> ThreadId {
        let thread = self.fresh_thread();
        self.commands().begin(CommandRun {
            thread,
            line: post.to_string(),
            started: self.world().now(),
            goes_on: matches!(post.call(), Ok(Call::Watch(_))),
            ..CommandRun::default()
        });
        let curl = Curl { cluster: self.clone(), thread, id: self.requests().fresh(), post };
        self.world().spawn_in(Group(ETCDCTL.0), async move { curl.run().await });
        thread
    }

    /// A command that runs (thread 0: the newest) is given a line to read; none: it is ended.
    pub(super) fn hand(&self, thread: ThreadId, line: Option<&str>) {
        let hears = {
            let listening = self.0.listening.borrow();
            let newest = || listening.iter().next_back().map(|(thread, _)| *thread);
            let thread = if thread == ThreadId(0) { newest() } else { Some(thread) };
            thread.and_then(|thread| listening.get(&thread).cloned())
        };
        hears.into_iter().for_each(|hears| hears(line));
    }

    /// Posts to a member's gateway and lets happen what happens until the answer is there. None
    /// when the member gave none, or none within `most`; of a watch, what was told in that time.
    ///
    /// A door for tests: one that shows the cluster goes through the engine's own.
    pub fn post(&self, post: Post, most: Duration) -> Option<Answer> {
        let thread = self.run_post(post);
        let until = self.world().now() + most;
        // The task that asks has not begun yet.
        let mut begun = false;
        while !begun || self.requests().is_open(thread) {
            if self.step_until(until).is_none() {
                self.hand(thread, None);
                self.step()?;
            }
            begun = begun || self.requests().is_open(thread);
        }
        self.requests().answer(thread)
    }

    /// The header of a member's answers.
    pub(super) fn gateway_header(&self, server: &Server) -> Header {
        Header {
            cluster_id: self.id(),
            member_id: server.id.0,
            raft_term: self.sight(server.id).term.0,
        }
    }
}

/// One run of curl.
struct Curl {
    cluster: Cluster,
    thread: ThreadId,
    id: u64,
    post: Post,
}

impl Curl {
    async fn run(self) {
        let Curl { cluster, thread, id, post } = &self;
        let (endpoint, text) = (post.endpoint, post.text());
        cluster.requests().begin(ClientRequest {
            id: *id,
            client: ETCDCTL,
            text: text.clone(),
            started: sim::now(),
            thread: *thread,
            ..ClientRequest::default()
        });
        cluster.requests().tries(*id, endpoint);
        let call = post.call();
        if let Ok(Call::Unary(request)) = &call {
            let request = Rc::new(request.clone());
            cluster.overheard().tell(|| Word::Asked { id: *id, client: ETCDCTL, request });
        }
        let (client, thread, id) = (ETCDCTL, *thread, *id);
        cluster.note(Event::Requested { id, client, endpoint, text, thread });
        let (ear, heard) = mpsc::unbounded();
        match call {
            Ok(Call::Watch(_)) => {
                let stop = ear.clone();
                let stop = Rc::new(move |line: Option<&str>| {
                    if line.is_none() {
                        let _ = stop.send(Heard::Interrupted);
                    }
                });
                cluster.0.listening.borrow_mut().insert(thread, stop);
                let held = Held::default();
                self.send("watch", ear, Some(held.clone()));
                self.listen(heard, held).await;
                self.cluster.0.listening.borrow_mut().remove(&thread);
            }
            call => {
                let request = match call {
                    Ok(Call::Unary(request)) => Some(request),
                    _ => None,
                };
                self.send(request.as_ref().map_or("curl", word), ear, None);
                self.await_answer(heard, request.as_ref()).await;
            }
        }
    }

    /// Waits for the one answer.
    async fn await_answer(&self, mut heard: mpsc::Receiver<Heard>, asked: Option<&Request>) {
        let changes = asked.is_some_and(|request| !reads(request));
        let ended = match sim::timeout(CURL_PATIENCE, heard.recv()).await {
            Ok(Some(Heard::Answered(answer, made_from))) => {
                let shown = beginning(&self.post.shown(&answer.body));
                self.cluster.requests().prints(self.id, answer.status, |body| *body = shown);
                let (status, text) = (answer.status, answer.body.clone());
                self.cluster.requests().keep_answer(self.thread, answer);
                match made_from {
                    None if status == 200 => return self.got(),
                    Some(made) => made.map_err(|error| {
                        let unknown = error.is_ambiguous() && changes;
                        (error.to_string(), unknown)
                    }),
                    None => Err((text.trim_end().to_string(), false)),
                }
            }
            Ok(Some(Heard::Refused)) => Err((self.not_there(), false)),
            Ok(_) => Err(("curl: (52) Empty reply from server".into(), changes)),
            Err(_) => {
                let ms = CURL_PATIENCE.as_millis();
                let says = "milliseconds with 0 bytes received";
                Err((format!("curl: (28) Operation timed out after {ms} {says}"), changes))
            }
        };
        self.write_down(ended);
    }

    /// A page was got.
    fn got(&self) {
        let (id, client, revision) = (self.id, ETCDCTL, Revision::default());
        let requests = self.cluster.requests();
        let answer = requests.answer(self.thread).unwrap_or_default();
        let text = beginning(&self.post.shown(&answer.body));
        self.ends(&text, 0);
        self.cluster.note(Event::Answered { id, client, revision, text: "OK".into() });
        requests.end(id, sim::now(), Outcome::Done { revision, text });
    }

    /// It has printed what it got, and ends.
    fn ends(&self, printed: &str, code: u8) {
        let newline = if printed.ends_with('\n') || printed.is_empty() { "" } else { "\n" };
        let commands = self.cluster.commands();
        commands.print(self.thread, false, &(printed.to_string() + newline));
        commands.end(self.thread, sim::now(), code);
    }

    /// It says why it got nothing, with its code: `curl: (7) …`.
    fn fails(&self, error: &str) {
        let code = error.split(['(', ')']).nth(1).and_then(|code| code.parse().ok());
        let commands = self.cluster.commands();
        commands.print(self.thread, true, &format!("{error}\n"));
        commands.end(self.thread, sim::now(), code.unwrap_or(1));
    }

    fn not_there(&self) -> String {
        let endpoint = self.post.endpoint;
        format!("curl: (7) Failed to connect to {endpoint} port 2379: Connection refused")
    }

    fn write_down(&self, ended: Result<Response, (String, bool)>) {
        let (id, client) = (self.id, ETCDCTL);
        let (word, event, outcome) = match ended {
            Ok(response) => {
                let (revision, text) = (header_revision(&response), told(&response));
                let event = Event::Answered { id, client, revision, text: text.clone() };
                (Word::Answered { id, response }, event, Outcome::Done { revision, text })
            }
            Err((error, unknown)) => {
                let event = Event::Failed { id, client, error: error.clone(), unknown };
                (Word::Failed { id, unknown }, event, Outcome::Failed { error, unknown })
            }
        };
        let printed = printed_of(&self.cluster, self.thread, &self.post);
        match (&printed, &outcome) {
            (None, Outcome::Failed { error, .. }) => self.fails(error),
            _ => self.ends(&printed.unwrap_or_default(), 0),
        }
        self.cluster.overheard().tell(|| word);
        self.cluster.note(event);
        let done = matches!(outcome, Outcome::Done { .. });
        self.cluster.requests().end(id, sim::now(), outcome);
        if let (true, Some(answer)) = (done, self.cluster.requests().answer(self.thread)) {
            let shown = beginning(&self.post.shown(&answer.body));
            self.cluster.requests().reprint(self.thread, shown);
        }
    }

    /// Writes down line after line until the stream ends.
    async fn listen(&self, mut heard: mpsc::Receiver<Heard>, held: Held) {
        let requests = self.cluster.requests();
        let ended = loop {
            match heard.recv().await {
                Some(Heard::Line(line)) => {
                    let shown = requests.streams(self.thread, |body| {
                        body.push_str(&line);
                        body.push('\n');
                        if body.len() > STREAM_KEPT_MAX {
                            *body = end(body, STREAM_KEPT_MAX / 2).into();
                        }
                        end(body, BODY_SHOWN_MAX).to_string()
                    });
                    self.cluster.commands().print(self.thread, false, &(line + "\n"));
                    requests.prints(self.id, 200, |body| *body = shown);
                }
                Some(Heard::Interrupted) => break None,
                Some(Heard::Refused) => break Some(self.not_there()),
                Some(Heard::Answered(..) | Heard::Broken) | None => {
                    let says = "transfer closed with outstanding read data remaining";
                    break Some(format!("curl: (18) {says}"));
                }
            }
        };
        self.hang_up(held);
        let (id, client, text) = (self.id, ETCDCTL, "interrupted".to_string());
        match &ended {
            None => self.cluster.commands().end(self.thread, sim::now(), CTRL_C),
            Some(error) => self.fails(error),
        }
        let (event, outcome) = match ended {
            None => {
                let revision = Revision::default();
                let event = Event::Answered { id, client, revision, text: text.clone() };
                (event, Outcome::Done { revision, text })
            }
            Some(error) => {
                let event = Event::Failed { id, client, error: error.clone(), unknown: false };
                (event, Outcome::Failed { error, unknown: false })
            }
        };
        self.cluster.note(event);
        requests.close_stream(self.thread);
        requests.end(id, sim::now(), outcome);
    }

    /// Tells the member that nobody listens any more.
    fn hang_up(&self, held: Held) {
        let close = move || {
            held.take().into_iter().for_each(|(stream, server)| server.close_stream(stream));
        };
        let label = self.label("close", false);
        let ends = (ETCDCTL, address(self.post.endpoint));
        self.cluster.network().send(ends.0, ends.1, label, Rc::new(once(close)));
    }

    fn label(&self, word: &'static str, answer: bool) -> Label {
        let body = self.post.body.as_ref().map_or(0, String::len);
        let bytes = (self.post.path.len() + body) as u32;
        let bytes = if answer || word == "close" { 0 } else { bytes };
        let thread = Some(self.thread);
        Label { kind: PacketKind::Client, answer, word, bytes, thread, ..Label::default() }
    }

    /// Sends the body to the member, which does the rest when it comes.
    fn send(&self, word: &'static str, ear: mpsc::UnboundedSender<Heard>, held: Option<Held>) {
        let reply = Reply {
            cluster: self.cluster.clone(),
            from: self.post.endpoint,
            label: self.label(word, true),
            ear,
        };
        let (post, nobody) = (self.post.clone(), reply.clone());
        // The gateway sets no deadline of its own: the member's is all there is.
        let ticket = Ticket { id: self.id, thread: self.thread, deadline: Instant::NEVER };
        let deliver = move || {
            let Some(server) = reply.cluster.server(post.endpoint) else {
                return reply.send(Heard::Refused);
            };
            let (post, reply, held) = (post.clone(), reply.clone(), held.clone());
            let (broken, of) = (reply.clone(), server.clone());
            let number = server.connect(Rc::new(move || broken.send(Heard::Broken)));
            sim::spawn(async move {
                match post.call() {
                    Ok(Call::Page(page)) => {
                        let answer = server.page(&reply.cluster, ticket, &page).await;
                        reply.send(Heard::Answered(answer, None));
                    }
                    Ok(Call::Watch(calls)) => open(server, &calls, reply, held.unwrap_or_default()),
                    Ok(Call::Unary(request)) => serve(server, ticket, request, reply).await,
                    Err(answer) => reply.send(Heard::Answered(answer, None)),
                }
                of.disconnect(number);
            });
        };
        let refused = move || nobody.send(Heard::Refused);
        let ends = (ETCDCTL, address(self.post.endpoint));
        let label = self.label(word, false);
        self.cluster.send_or_refuse(ends, label, Rc::new(once(deliver)), Rc::new(refused));
    }
}

/// What curl shows of the answer it got, if it got one.
fn printed_of(cluster: &Cluster, thread: ThreadId, post: &Post) -> Option<String> {
    let answer = cluster.requests().answer(thread)?;
    Some(beginning(&post.shown(&answer.body)))
}

/// The first [`BODY_SHOWN_MAX`] bytes of a body.
fn beginning(text: &str) -> String {
    match text.len() {
        0..=BODY_SHOWN_MAX => text.into(),
        _ => format!("{}…", &text[..text.floor_char_boundary(BODY_SHOWN_MAX)]),
    }
}

/// The last whole lines of a body, so many bytes at most.
fn end(text: &str, most: usize) -> &str {
    let start = text.ceil_char_boundary(text.len().saturating_sub(most));
    match start {
        0 => text,
        _ => text[start..].split_once('\n').map_or("", |(_, lines)| lines),
    }
}
