//! What kubectl waits for: `rollout status` until a rollout is done, `delete` until something is
//! gone.
//!
//! It has an informer for one object: a reflector that lists it from an apiserver's cache and
//! watches it from there, watches again when the watch ends, and lists again when its past is gone.
//! So it outlives apiservers.
//!
//! * Of what happened between two lists only the outcome is heard.
//!
//! Architecture invariant: as [`super::kubectl_run`].
// Models client-go tools/watch/{until,informerwatcher}.go (UntilWithSync) and kubectl
// pkg/cmd/wait/wait.go (IsDeleted).

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use serde_json::Value;

use super::api::ApiRequest;
use super::control_plane::ControlPlane;
use super::kinds::Kind;
use super::kubectl_run::Done;
use super::kubectl_watch::Shown;
use super::object;
use super::places::KUBECTL;
use super::reflector::Reflector;
use super::selector::Selector;
use super::status::Status;
use super::storage_watch::Change;
use crate::raft::ThreadId;
use crate::sim::channel::mpsc;
use crate::sim::{self, Instant};

/// `delete` waits no longer than a week.
const WEEK: Duration = Duration::from_secs(168 * 3600);

/// An informer of one object, until it is dropped.
pub(super) struct Informer {
    reflector: Rc<Reflector>,
    runs: Pin<Box<dyn Future<Output = ()>>>,
    heard: mpsc::Receiver<(Change, Rc<Value>)>,
    _shown: Shown,
}

impl Informer {
    /// Begins to list and watch.
    pub fn begin(
        plane: &ControlPlane,
        kind: &'static Kind,
        (namespace, name): (&str, &str),
    ) -> Informer {
        let selector = Selector::of_name(namespace, name);
        let (tell, heard) = mpsc::unbounded();
        let heard_by = Box::new(move |change, object: &Rc<Value>| {
            let _ = tell.send((change, object.clone()));
        });
        let shown = Shown::begin(plane, kind, &selector);
        let reflector = Reflector::new(plane, (KUBECTL, "kubectl".into()), kind, selector);
        let reflector = Rc::new(reflector.telling(heard_by));
        let runs = Box::pin(reflector.clone().run());
        Informer { reflector, runs, heard, _shown: shown }
    }

    /// Waits until it has listed; whether the object was there.
    pub async fn synced(&mut self) -> bool {
        poll_fn(|context| {
            let _ = self.runs.as_mut().poll(context);
            match self.reflector.is_synced() {
                true => Poll::Ready(self.reflector.len() > 0),
                false => Poll::Pending,
            }
        })
        .await
    }

    /// What is heard next.
    pub async fn next(&mut self) -> Option<(Change, Rc<Value>)> {
        poll_fn(|context| {
            let _ = self.runs.as_mut().poll(context);
            self.heard.poll_recv(context)
        })
        .await
    }
}

impl Drop for Informer {
    fn drop(&mut self) {
        self.reflector.end();
    }
}

/// What comes of the work, unless it takes longer than it may.
pub(super) async fn within<T>(
    until: Option<Instant>,
    work: impl Future<Output = Result<T, Status>>,
    late: impl FnOnce() -> String,
) -> Result<T, Status> {
    match until {
        None => work.await,
        Some(until) => match sim::timeout_at(until, work).await {
            Ok(done) => done,
            Err(_) => Err(Status::local(late())),
        },
    }
}

/// When `delete` waits no longer.
pub(super) fn patience(timeout_ms: Option<u64>) -> Instant {
    let asked = timeout_ms.filter(|ms| *ms > 0).map(Duration::from_millis);
    sim::now() + asked.unwrap_or(WEEK)
}

/// Waits until an object is gone, or another one has its name.
pub(super) async fn until_gone(
    plane: &ControlPlane,
    stored: &Value,
    until: Instant,
    thread: ThreadId,
) -> Done {
    let Some(kind) = stored["kind"].as_str().and_then(Kind::built_in) else { return Ok(()) };
    let (namespace, name) = (object::namespace(stored), object::name(stored));
    let request =
        ApiRequest::Get { kind: kind.clone(), namespace: namespace.into(), name: name.into() };
    match plane.call(KUBECTL, request, thread).await.map_err(|refused| refused.status) {
        Err(status) if status.code == 404 => return Ok(()),
        Err(status) => return Err(status),
        Ok(now) if object::uid(&now.object) != object::uid(stored) => return Ok(()),
        Ok(_) => {}
    }
    let mut informer = Informer::begin(plane, kind, (namespace, name));
    let gone = async {
        if !informer.synced().await {
            return Ok(());
        }
        while let Some((change, _)) = informer.next().await {
            if change == Change::Deleted {
                break;
            }
        }
        Ok(())
    };
    let late = || format!("timed out waiting for the condition on {}/{name}", kind.plural);
    within(Some(until), gone, late).await
}
