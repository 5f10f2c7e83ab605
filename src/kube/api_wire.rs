//! How requests travel to an apiserver and answers back.
//!
//! A request is a packet to an apiserver ([`super::apiservers`] says which), served there in its
//! own tasks; the answer is a packet back. When an apiserver's process ends, whoever waits for its
//! answer hears that the connection broke.
//!
//! * A request that certainly reached nobody is sent to the next apiserver; so is a read whose
//!   connection broke. A write is not sent twice: it may have happened.
//!
//! Watches travel by [`super::api_watch`].
//!
//! Architecture invariant: carries; decides nothing about a request.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;

use super::ControlPlane;
use super::api::{ApiAnswer, ApiRequest, Refused};
use super::apiserver::Apiserver;
use super::apiserver_read::Listed;
use super::kinds::Kind;
use super::list_rules::ListAsked;
use super::status::Status;
use crate::raft::{Label, PacketKind, ThreadId};
use crate::sim::channel::oneshot;
use crate::sim::{self, Address};

/// How a try at one apiserver ended.
enum Attempt<T> {
    Answered(T),
    /// Nobody listens there.
    Refused,
    /// The connection broke while the answer was awaited.
    Broken,
}

/// Who waits for an answer.
struct Waiter<T>(Rc<RefCell<Option<oneshot::Sender<Attempt<T>>>>>);

impl<T> Clone for Waiter<T> {
    fn clone(&self) -> Self {
        Waiter(self.0.clone())
    }
}

impl<T> Waiter<T> {
    fn hear(&self, attempt: Attempt<T>) {
        if let Some(waiter) = self.0.borrow_mut().take() {
            let _ = waiter.send(attempt);
        }
    }
}

fn label(word: &'static str, bytes: u32, thread: ThreadId) -> Label {
    Label { kind: PacketKind::Api, word, bytes, thread: Some(thread), ..Label::default() }
}

impl ControlPlane {
    /// Sends a request to an apiserver and waits for its answer.
    pub(super) async fn call(
        &self,
        from: Address,
        request: ApiRequest,
        thread: ThreadId,
    ) -> ApiAnswer {
        let label = label(request.word(), request.bytes(), thread);
        let reads = matches!(request, ApiRequest::Get { .. } | ApiRequest::GetCached { .. });
        let request = Rc::new(request);
        let serve = move |apiserver: Rc<Apiserver>| apiserver.serve(request.clone(), thread);
        self.exchange(from, (label, reads), |_| 0, serve).await
    }

    /// Sends a list request and waits for the page.
    pub(super) async fn list(
        &self,
        from: Address,
        kind: &Kind,
        asked: ListAsked,
        thread: ThreadId,
    ) -> Result<Rc<Listed>, Refused> {
        let (kind, asked) = (Rc::new(kind.clone()), Rc::new(asked));
        let serve = move |apiserver: Rc<Apiserver>| {
            let (kind, asked) = (kind.clone(), asked.clone());
            async move {
                apiserver.until_ready().await;
                Ok(Rc::new(apiserver.list(&kind, &asked, thread).await?))
            }
        };
        self.exchange(from, (label("LIST", 0, thread), true), |listed| listed.bytes, serve).await
    }

    async fn exchange<T, F>(
        &self,
        from: Address,
        (label, reads): (Label, bool),
        size: fn(&T) -> u32,
        serve: impl Fn(Rc<Apiserver>) -> F + Clone + 'static,
    ) -> Result<T, Refused>
    where
        T: Clone + 'static,
        F: Future<Output = Result<T, Refused>> + 'static,
    {
        let places = self.apiserver_places();
        for _ in places {
            let to = self.balanced(from);
            match self.attempt((from, to), label.clone(), size, serve.clone()).await {
                Attempt::Answered(result) => return result,
                Attempt::Broken if !reads => return Err(Status::connection_lost().into()),
                Attempt::Refused | Attempt::Broken => {}
            }
        }
        Err(Status::connection_refused().into())
    }

    async fn attempt<T, F>(
        &self,
        (from, to): (Address, Address),
        label: Label,
        size: fn(&T) -> u32,
        serve: impl Fn(Rc<Apiserver>) -> F + Clone + 'static,
    ) -> Attempt<Result<T, Refused>>
    where
        T: Clone + 'static,
        F: Future<Output = Result<T, Refused>> + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let waiter = Waiter(Rc::new(RefCell::new(Some(answer))));
        let (plane, back) = (self.clone(), label.clone());
        let nobody = waiter.clone();
        let deliver = move || {
            let Some(apiserver) = plane.apiserver_at(to) else {
                return waiter.hear(Attempt::Refused);
            };
            let (plane, waiter, back) = (plane.clone(), waiter.clone(), back.clone());
            let serve = serve.clone();
            sim::spawn(async move {
                let (at, broken) = (plane.clone(), waiter.clone());
                let cut = move || {
                    let broken = broken.clone();
                    let hear = move || broken.hear(Attempt::Broken);
                    at.0.cluster.network().send(to, from, cut_label(), Rc::new(hear));
                };
                let connection = apiserver.connected(Rc::new(cut));
                let result = serve(apiserver.clone()).await;
                apiserver.disconnected(connection);
                let bytes = result.as_ref().map_or(0, size);
                let refused = result.is_err();
                let label = Label { answer: true, refused, bytes, ..back };
                let result = RefCell::new(Some(result));
                let hand_over = move || {
                    if let Some(result) = result.borrow_mut().take() {
                        waiter.hear(Attempt::Answered(result));
                    }
                };
                plane.0.cluster.network().send(to, from, label, Rc::new(hand_over));
            });
        };
        let refused = move || nobody.hear(Attempt::Refused);
        let cluster = &self.0.cluster;
        cluster.send_or_refuse((from, to), label, Rc::new(deliver), Rc::new(refused));
        answered.await.unwrap_or(Attempt::Broken)
    }
}

fn cut_label() -> Label {
    Label { kind: PacketKind::Api, answer: true, refused: true, word: "EOF", ..Label::default() }
}
