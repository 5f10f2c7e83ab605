//! Lines of etcdctl that go on until they are interrupted: `watch` and `lease keep-alive`.
//!
//! * A watch survives its member, as the client's streams do. Interactive, it is given its lines at
//!   once.
//!
//! Caveats: `progress` cannot be asked for; the member in an answer's header is the one whose
//! stream was opened last.
//!
//! Architecture invariant: prints what it is told and decides nothing.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use super::exit::{BAD_CONNECTION, INTERRUPTED};
use super::run::{Done, Session};
use super::{COMMAND_TIMEOUT, ETCDCTL, Refusal, print, request};
use crate::cluster::{ClientRequest, Event, Outcome};
use crate::sim;
use crate::store::{
    Error, LeaseRequest, LeaseResponse, Request, Response, Revision, WatchCreateRequest,
};

/// A keep-alive that was not answered is sent again after so long.
const AGAIN: Duration = Duration::from_millis(500);

impl Session {
    /// Keeps a lease alive: again when a third of its time has passed.
    pub(super) async fn keep_alive(&self) -> Done {
        let Some(asked) = request(&self.it) else { return Ok(()) };
        let once = self.it.has("once");
        let mut expires = sim::now() + COMMAND_TIMEOUT;
        loop {
            match self.ask(asked.clone(), None).await {
                Ok((header, response)) => {
                    let Response::Lease(LeaseResponse::KeptAlive { ttl, .. }) = &response else {
                        return Ok(());
                    };
                    if *ttl <= 0 {
                        break;
                    }
                    let span = Duration::from_secs(*ttl as u64);
                    self.answer(&header, &response)?;
                    if once {
                        return Ok(());
                    }
                    expires = sim::now() + span;
                    sim::sleep(span / 3).await;
                }
                Err(error) if once => return Err(Refusal::error(BAD_CONNECTION, error)),
                Err(_) if sim::now() >= expires => break,
                Err(_) => sim::sleep(AGAIN).await,
            }
        }
        if once {
            return Err(Refusal::error(BAD_CONNECTION, Error::LeaseNotFound));
        }
        if let Request::Lease(LeaseRequest::KeepAlive { id }) = asked {
            self.print(&format!("lease {id:016x} expired or revoked.\n"));
        }
        Ok(())
    }

    pub(super) async fn watch(&self) -> Done {
        let mut wanted = request::watches(&self.it)?;
        if self.it.has("interactive") {
            for line in self.it.input.iter().flat_map(|text| text.lines()) {
                match request::watch_line(line) {
                    Ok(watch) => wanted.push(watch),
                    Err(refused) if refused.code == 0 => self.complain(&refused.text),
                    Err(refused) => return Err(refused),
                }
            }
        }
        let id = self.begin_watch();
        let watches = wanted.into_iter().map(|request| self.follow(request));
        let ended = first(watches.map(Box::pin).collect()).await;
        let outcome = Outcome::Failed { error: "watch is canceled".into(), unknown: false };
        self.cluster.requests().end(id, sim::now(), outcome);
        Err(ended)
    }

    /// A watch is a request that stays open.
    fn begin_watch(&self) -> u64 {
        let requests = self.cluster.requests();
        let (id, client, thread) = (requests.fresh(), ETCDCTL, self.thread);
        let words: Vec<String> =
            self.it.arguments.iter().map(|it| crate::cluster::quote(it)).collect();
        let text = format!("watch {}", words.join(" ")).trim_end().to_string();
        let endpoint = self.client.upcoming_endpoint();
        let started = sim::now();
        requests.begin(ClientRequest {
            id,
            client,
            text: text.clone(),
            started,
            thread,
            ..ClientRequest::default()
        });
        requests.tries(id, endpoint);
        self.cluster.note(Event::Requested { id, client, endpoint, text, thread });
        id
    }

    /// Prints what a watch is told, for as long as it lasts.
    async fn follow(&self, request: WatchCreateRequest) -> Refusal {
        let mut watch = self.client.watch(request);
        while let Some(told) = watch.next().await {
            let header = self.header(self.client.last_endpoint());
            if told.canceled {
                let why = match told.compact_revision {
                    Revision(0) => told.cancel_reason.clone(),
                    _ => Error::Compacted.to_string(),
                };
                self.complain(&format!("watch was canceled ({why})"));
            } else if told.created {
                continue;
            } else if told.events.is_empty() {
                self.print(&format!("progress notify: {}\n", told.revision));
            }
            match print::told(&self.it, &header, &told) {
                Ok(text) => self.print(&text),
                Err(refusal) => return refusal,
            }
        }
        Refusal::error(INTERRUPTED, "watch is canceled by the server")
    }
}

/// What comes of the first that ends.
async fn first<F: Future + Unpin>(mut all: Vec<F>) -> F::Output {
    poll_fn(|context| {
        for one in &mut all {
            if let Poll::Ready(ended) = Pin::new(one).poll(context) {
                return Poll::Ready(ended);
            }
        }
        Poll::Pending
    })
    .await
}
