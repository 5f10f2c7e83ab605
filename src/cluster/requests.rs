//! The history of the clients' requests: who asked what, when, and what came of it.
//!
//! * A request is written down when it begins and once more when it ends; an open one never goes.
//! * Bounded: the oldest finished ones go beyond [`HISTORY_MAX`].
//!
//! Architecture invariant: a history only; nothing is decided from it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use super::gateway::Answer;
use super::{ClientRequest, Outcome, REQUESTS_KEPT_MAX};
use crate::raft::ThreadId;
use crate::sim::{Address, Instant};
use crate::sorted::{SortedMap, sort_by};

/// Finished requests kept.
pub const HISTORY_MAX: usize = 10_000;

/// HTTP answers kept whole.
pub const ANSWERS_MAX: usize = 16;

/// All requests of a run.
#[derive(Default)]
pub struct Requests {
    last: Cell<u64>,
    open: RefCell<SortedMap<u64, Rc<ClientRequest>>>,
    finished: RefCell<VecDeque<Rc<ClientRequest>>>,
    answers: RefCell<VecDeque<(ThreadId, Answer)>>,
    /// The bodies of streams that are open.
    streams: RefCell<SortedMap<ThreadId, String>>,
}

impl Requests {
    /// A number no other request of the run has.
    pub fn fresh(&self) -> u64 {
        self.last.set(self.last.get() + 1);
        self.last.get()
    }

    /// Writes down a new request.
    pub fn begin(&self, request: ClientRequest) {
        self.open.borrow_mut().insert(request.id, Rc::new(request));
    }

    /// Another endpoint is tried.
    pub fn tries(&self, id: u64, endpoint: crate::raft::MemberId) {
        if let Some(request) = self.open.borrow_mut().get_mut(&id) {
            let request = Rc::make_mut(request);
            request.endpoint = endpoint;
            request.attempts += 1;
        }
    }

    /// A request ended.
    pub fn end(&self, id: u64, now: Instant, outcome: Outcome) {
        let Some(mut request) = self.open.borrow_mut().remove(&id) else { return };
        let ended = Rc::make_mut(&mut request);
        ended.ended = Some(now);
        ended.outcome = outcome;
        let mut finished = self.finished.borrow_mut();
        if finished.len() == HISTORY_MAX {
            finished.pop_front();
        }
        finished.push_back(request);
    }

    /// The body of an HTTP request's answer came.
    pub fn prints(&self, id: u64, status: u16, add: impl FnOnce(&mut String)) {
        if let Some(request) = self.open.borrow_mut().get_mut(&id) {
            let request = Rc::make_mut(request);
            request.http_status = status;
            add(&mut request.printed);
        }
    }

    /// Keeps an HTTP answer as it came.
    pub fn keep_answer(&self, thread: ThreadId, answer: Answer) {
        let mut answers = self.answers.borrow_mut();
        if answers.len() == ANSWERS_MAX {
            answers.pop_front();
        }
        answers.push_back((thread, answer));
    }

    /// A stream goes on: what is added to its body.
    pub fn streams<T>(&self, thread: ThreadId, add: impl FnOnce(&mut String) -> T) -> T {
        let mut streams = self.streams.borrow_mut();
        let mut body = streams.remove(&thread).unwrap_or_default();
        let added = add(&mut body);
        streams.insert(thread, body);
        added
    }

    /// A stream is over: its body is an answer now.
    pub fn close_stream(&self, thread: ThreadId) {
        let body = self.streams.borrow_mut().remove(&thread);
        self.keep_answer(thread, Answer { status: 200, body: body.unwrap_or_default() });
    }

    /// The whole answer to an HTTP request, if it is one of the last `ANSWERS_MAX`; of a stream
    /// that is open, so far.
    pub fn answer(&self, thread: ThreadId) -> Option<Answer> {
        if let Some(body) = self.streams.borrow().get(&thread) {
            return Some(Answer { status: 200, body: body.clone() });
        }
        let answers = self.answers.borrow();
        answers.iter().rev().find(|(of, _)| *of == thread).map(|(_, answer)| answer.clone())
    }

    /// Whether a request has not ended yet.
    pub fn is_open(&self, thread: ThreadId) -> bool {
        self.open.borrow().values().any(|request| request.thread == thread)
    }

    /// The requests of a thread that have not ended yet.
    pub fn open_of(&self, thread: ThreadId) -> Vec<Rc<ClientRequest>> {
        let open = self.open.borrow();
        open.values().filter(|request| request.thread == thread).cloned().collect()
    }

    /// The requests of a client that have not ended yet.
    pub fn open_from(&self, client: Address) -> Vec<Rc<ClientRequest>> {
        let open = self.open.borrow();
        open.values().filter(|request| request.client == client).cloned().collect()
    }

    /// Who answered the newest finished request of a thread.
    pub fn answered_by(&self, thread: ThreadId) -> Option<crate::raft::MemberId> {
        let finished = self.finished.borrow();
        let newest = finished.iter().rev().find(|request| request.thread == thread);
        newest.map(|request| request.endpoint)
    }

    /// What the client printed, in place of the answer in a few words.
    pub fn reprint(&self, thread: ThreadId, printed: String) {
        let mut finished = self.finished.borrow_mut();
        let mine = finished.iter_mut().rev().find(|request| request.thread == thread);
        if let Some(request) = mine
            && let Outcome::Done { text, .. } = &mut Rc::make_mut(request).outcome
        {
            *text = printed;
        }
    }

    /// The open ones and the newest finished ones, oldest first.
    pub fn shown(&self) -> Vec<Rc<ClientRequest>> {
        let finished = self.finished.borrow();
        let skip = finished.len().saturating_sub(REQUESTS_KEPT_MAX);
        let mut shown: Vec<_> = finished.iter().skip(skip).cloned().collect();
        shown.extend(self.open.borrow().values().cloned());
        sort_by(&mut shown, |one, other| one.id.cmp(&other.id));
        shown
    }

    /// Every request still known, finished ones first in the order they ended.
    pub fn history(&self) -> Vec<Rc<ClientRequest>> {
        let mut all: Vec<_> = self.finished.borrow().iter().cloned().collect();
        all.extend(self.open.borrow().values().cloned());
        all
    }
}
