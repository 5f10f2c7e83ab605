//! Lines of etcdctl that go on until they are interrupted: `watch` and `lease keep-alive`.
//!
//! * A watch survives its member, as the client's streams do. An interactive one is given the lines
//!   of its input at once, and more while it runs ([`crate::cluster::Action::Type`]); all its
//!   watches share a stream, and `progress` asks how far that is.
//!
//! Caveats: the end of the input does not end it; the member in an answer's header is the one whose
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
use crate::cluster::{ClientRequest, Event, Outcome, Watch, WatchStream};
use crate::sim;
use crate::store::{Error, LeaseRequest, LeaseResponse, Request, Response, Revision};

/// A keep-alive that was not answered is sent again after so long.
const AGAIN: Duration = Duration::from_millis(500);

/// Watches that are followed, until one ends.
type Follows<'a> = Pin<Box<dyn Future<Output = Refusal> + 'a>>;

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
        let mut watches: Vec<Follows> = Vec::new();
        for request in request::watches(&self.it)? {
            watches.push(Box::pin(self.follow(self.client.watch(request))));
        }
        let stream = self.it.has("interactive").then(|| self.client.watch_stream());
        if let Some(stream) = &stream {
            for line in self.it.input.iter().flat_map(|text| text.lines()) {
                self.given(line, stream, &mut watches)?;
            }
        }
        let id = self.begin_watch();
        let mut typed = self.typed.take();
        let ended = poll_fn(|context| {
            while let (Some(stream), Some(lines)) = (&stream, &mut typed)
                && let Poll::Ready(Some(line)) = lines.poll_recv(context)
            {
                if let Err(refused) = self.given(&line, stream, &mut watches) {
                    return Poll::Ready(refused);
                }
            }
            let ended = |watch: &mut Follows| match watch.as_mut().poll(context) {
                Poll::Ready(ended) => Some(ended),
                Poll::Pending => None,
            };
            watches.iter_mut().find_map(ended).map_or(Poll::Pending, Poll::Ready)
        })
        .await;
        let outcome = Outcome::Failed { error: "watch is canceled".into(), unknown: false };
        self.cluster.requests().end(id, sim::now(), outcome);
        Err(ended)
    }

    /// Does what a line of an interactive watch says.
    fn given<'a>(
        &'a self,
        line: &str,
        stream: &WatchStream,
        watches: &mut Vec<Follows<'a>>,
    ) -> Done {
        match request::watch_line(line) {
            Ok(Some(watch)) => watches.push(Box::pin(self.follow(stream.watch(watch)))),
            Ok(None) => stream.request_progress(),
            Err(refused) if refused.code == 0 => self.complain(&refused.text),
            Err(refused) => return Err(refused),
        }
        Ok(())
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
    async fn follow(&self, mut watch: Watch) -> Refusal {
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
