//! What is said to the apiserver, and how it travels.
//!
//! A request is a packet to the apiserver, served there in its own tasks; the answer is a packet
//! back. Objects travel as values; a packet's size is that of the text that real clients send.
//!
//! Architecture invariant: carries; decides nothing.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::Value;

use super::ControlPlane;
use super::kinds::Kind;
use super::path::At;
use super::places::APISERVER;
use super::status::Status;
use super::yaml::Document;
use crate::raft::{Label, PacketKind, ThreadId};
use crate::sim::channel::oneshot;
use crate::sim::{self, Address};

/// One request.
#[derive(Debug, Clone)]
pub(super) enum ApiRequest {
    /// `POST` of a new object.
    Create { kind: Kind, document: Box<Document> },
    /// `PUT` of an object in place of the stored one.
    Update { kind: Kind, document: Box<Document> },
    /// `PATCH` by kubectl apply.
    Apply { kind: Kind, document: Box<Document> },
    /// `DELETE` of one object.
    Delete { kind: Kind, namespace: String, name: String },
}

/// Why a request was refused, and where in what the reader wrote.
#[derive(Debug, Clone)]
pub(super) struct Refused {
    pub status: Status,
    pub at: Option<At>,
    /// Whether `kubectl apply` was creating the object, rather than patching it.
    pub creating: bool,
}

impl From<Status> for Refused {
    fn from(status: Status) -> Refused {
        Refused { status, at: None, creating: false }
    }
}

/// What the apiserver answers: the object as it is then, and whether anything changed.
pub(super) type ApiAnswer = Result<Answered, Refused>;

/// A good answer.
#[derive(Debug, Clone)]
pub(super) struct Answered {
    pub object: Value,
    pub changed: bool,
    pub created: bool,
}

impl ApiRequest {
    fn word(&self) -> &'static str {
        match self {
            ApiRequest::Create { .. } => "POST",
            ApiRequest::Update { .. } => "PUT",
            ApiRequest::Apply { .. } => "PATCH",
            ApiRequest::Delete { .. } => "DELETE",
        }
    }

    fn bytes(&self) -> u32 {
        match self {
            ApiRequest::Create { document, .. }
            | ApiRequest::Update { document, .. }
            | ApiRequest::Apply { document, .. } => {
                super::encode::json(&document.value).len() as u32
            }
            _ => 0,
        }
    }
}

impl ControlPlane {
    /// Sends a request to the apiserver and waits for its answer.
    pub(super) async fn call(
        &self,
        from: Address,
        request: ApiRequest,
        thread: ThreadId,
    ) -> ApiAnswer {
        let (answer, answered) = oneshot::channel();
        let answer = Rc::new(RefCell::new(Some(answer)));
        let label = Label {
            kind: PacketKind::Api,
            word: request.word(),
            bytes: request.bytes(),
            thread: Some(thread),
            ..Label::default()
        };
        let plane = self.clone();
        let deliver = move || {
            let Some(apiserver) = plane.apiserver() else { return };
            let (plane, answer, request) = (plane.clone(), answer.clone(), request.clone());
            sim::spawn(async move {
                let word = request.word();
                let result = apiserver.serve(request, thread).await;
                plane.answer(from, (word, thread), result, answer);
            });
        };
        self.0.cluster.network().send(from, APISERVER, label, Rc::new(deliver));
        answered.await.unwrap_or_else(|_| Err(Status::timeout("the apiserver is gone").into()))
    }

    fn answer(
        &self,
        to: Address,
        (word, thread): (&'static str, ThreadId),
        result: ApiAnswer,
        waiter: Rc<RefCell<Option<oneshot::Sender<ApiAnswer>>>>,
    ) {
        let label = Label {
            kind: PacketKind::Api,
            answer: true,
            refused: result.is_err(),
            word,
            thread: Some(thread),
            ..Label::default()
        };
        let hand_over = move || {
            if let Some(waiter) = waiter.borrow_mut().take() {
                let _ = waiter.send(result.clone());
            }
        };
        self.0.cluster.network().send(APISERVER, to, label, Rc::new(hand_over));
    }
}
