//! One write's way through the apiserver, written into the book as it happens.
//!
//! Each station takes the modelled share of work before it is done, so that one can see one after
//! the other; what it yields is real.
//!
//! Architecture invariant: observing, and waiting; nothing about a write is decided here.

use std::time::Duration;

use super::api::ApiRequest;
use super::storage_step::{Observer, StorageStep};
use super::{ControlPlane, Event, StepKind, StepState, WriteDetail, WriteOutcome, describe};
use crate::raft::ThreadId;
use crate::sim;
use crate::store::Revision;

/// The observer of one write.
pub(super) struct WriteSteps {
    plane: ControlPlane,
    thread: ThreadId,
}

/// Bytes for people: `412 B`, `1.2 kB`.
pub fn bytes(count: usize) -> String {
    match count {
        0..1000 => format!("{count} B"),
        1000..1_000_000 => format!("{}.{} kB", count / 1000, count % 1000 / 100),
        _ => format!("{}.{} MB", count / 1_000_000, count % 1_000_000 / 100_000),
    }
}

impl WriteSteps {
    pub fn new(plane: ControlPlane, thread: ThreadId) -> WriteSteps {
        WriteSteps { plane, thread }
    }

    fn work(&self) -> Duration {
        self.plane.0.cluster.figures().step_work
    }

    /// Whether anybody looks at it: heartbeats are in no book.
    pub fn is_followed(&self) -> bool {
        self.plane.0.book.borrow_mut().get_mut(self.thread).is_some()
    }

    /// A station is being worked at, for its modelled share of time.
    pub async fn begin(&self, kind: StepKind) {
        if self.is_followed() {
            self.plane.reach(self.thread, kind, StepState::Now, (String::new(), "…".into()));
        }
        sim::sleep(self.work()).await;
    }

    /// These stations are not passed, as far as they were not.
    pub fn skip(&self, kinds: &[StepKind]) {
        if let Some(write) = self.plane.0.book.borrow_mut().get_mut(self.thread) {
            write.skip(kinds);
        }
    }

    /// A station is done.
    pub fn done(
        &self,
        kind: StepKind,
        (what, note): (String, String),
        write: impl FnOnce(&mut WriteDetail),
    ) {
        let text = format!("{what}, {note}");
        self.plane.note(Event::Reached { thread: self.thread, step: kind, text });
        self.plane.reach(self.thread, kind, StepState::Done, (what, note));
        self.plane.write_detail(self.thread, write);
    }
}

impl Observer for WriteSteps {
    async fn step(&self, step: StorageStep) {
        if !self.is_followed() {
            return match step {
                StorageStep::Encoded { .. } => self.begin(StepKind::Encode).await,
                StorageStep::Transformed { .. } => self.begin(StepKind::Transform).await,
                _ => {}
            };
        }
        match step {
            StorageStep::Encoded { media_type, bytes: data } => {
                self.begin(StepKind::Encode).await;
                let (what, magic) = match media_type {
                    "application/json" => ("JSON", ""),
                    _ => ("protobuf", "k8s\\0 · "),
                };
                let note = format!("{magic}{}", bytes(data.len()));
                self.done(StepKind::Encode, (what.into(), note), |detail| {
                    detail.media_type = media_type.into();
                    detail.encoded_spans = describe::spans(&data);
                    detail.encoded = data.to_vec();
                });
            }
            StorageStep::Transformed { key, transformer, bytes: data } => {
                self.begin(StepKind::Transform).await;
                let (what, rest) = match transformer.split_once(", ") {
                    Some((provider, key)) => (provider.to_string(), format!("{key} · ")),
                    None => (transformer.clone(), String::new()),
                };
                let note = format!("{rest}{}", bytes(data.len()));
                self.done(StepKind::Transform, (what, note), |detail| {
                    detail.stored_spans = describe::spans(&data);
                    detail.stored = data.to_vec();
                    detail.transformer = transformer;
                    detail.key = key;
                });
            }
            StorageStep::Sent { txn } => {
                let text = super::txn_text::txn_text(&txn);
                let what = match txn.compare.first().map(|compare| &compare.target) {
                    Some(crate::store::CompareTarget::Mod(revision)) => {
                        format!("mod_rev = {revision} ?")
                    }
                    _ => "no compare".into(),
                };
                let note = crate::raft::summary(&crate::store::Request::Txn(txn));
                self.plane.write_detail(self.thread, |detail| detail.txn = text);
                self.plane.reach(self.thread, StepKind::Txn, StepState::Now, (what, note));
            }
            StorageStep::Answered { revision, succeeded } => {
                let text = match succeeded {
                    true => format!("it held, revision {revision}"),
                    false => "it did not hold".to_string(),
                };
                self.plane.answered(self.thread, succeeded, &text);
                let step = StepKind::Txn;
                self.plane.note(Event::Reached { thread: self.thread, step, text });
            }
            StorageStep::Unchanged => {
                let text = ("no change".to_string(), "nothing is sent".to_string());
                self.plane.reach(self.thread, StepKind::Txn, StepState::Skipped, text);
            }
        }
    }
}

/// The stations that what is deleted at once does not pass. What is only marked as going passes all
/// of them: that is an update.
pub(super) const DELETE_SKIPS: &[StepKind] =
    &[StepKind::Default, StepKind::Encode, StepKind::Transform];

impl ControlPlane {
    /// A request that no file was written for begins its way.
    pub(super) fn begin_request(&self, thread: ThreadId, title: String, request: &ApiRequest) {
        let (what, about) = request.in_words();
        let now = self.0.cluster.world().now();
        self.0.book.borrow_mut().begin(thread, title, now, &[]);
        let text = (about.to_string(), what.to_string());
        self.reach(thread, StepKind::Object, StepState::Done, text);
        self.write_detail(thread, |detail| detail.object = request.body_text());
    }

    /// The same for a command of kubectl's.
    pub(super) fn begin_command(&self, thread: ThreadId, verb: &str, request: &ApiRequest) {
        let (_, about) = request.in_words();
        let title = format!("kubectl {verb} · {} {}", about.kind, about.name);
        self.begin_request(thread, title, request);
    }

    /// A write comes to a station, or gets on there.
    pub(super) fn reach(
        &self,
        thread: ThreadId,
        kind: StepKind,
        state: StepState,
        text: (String, String),
    ) {
        let now = self.0.cluster.world().now();
        if let Some(write) = self.0.book.borrow_mut().get_mut(thread) {
            write.reach(kind, state, text, now);
        }
    }

    /// Writes into a write's detail.
    pub(super) fn write_detail(&self, thread: ThreadId, change: impl FnOnce(&mut WriteDetail)) {
        if let Some(write) = self.0.book.borrow_mut().get_mut(thread) {
            change(&mut write.detail);
        }
    }

    /// etcd answered a write's transaction.
    fn answered(&self, thread: ThreadId, succeeded: bool, text: &str) {
        let now = self.0.cluster.world().now();
        if let Some(write) = self.0.book.borrow_mut().get_mut(thread) {
            write.txn_answered(succeeded, text, now);
        }
    }

    /// A write ended for the one who asked for it.
    pub(super) fn end_write(&self, thread: ThreadId, outcome: WriteOutcome) {
        let now = self.0.cluster.world().now();
        let (text, failed) = (outcome.text.clone(), outcome.failed);
        self.note(Event::Printed { thread, text, failed });
        if let Some(write) = self.0.book.borrow_mut().get_mut(thread) {
            write.end(outcome, now);
        }
    }

    /// Someone was told of a write.
    pub(super) fn told(&self, thread: Option<ThreadId>, name: &str) {
        let now = self.0.cluster.world().now();
        let mut book = self.0.book.borrow_mut();
        if let Some(write) = thread.and_then(|thread| book.get_mut(thread)) {
            write.told(name, now);
        }
    }

    /// The write that made a revision, if it is still known. Events in an etcd of their own have
    /// revisions of their own.
    pub(super) fn thread_of(&self, kind: &str, revision: Revision) -> Option<ThreadId> {
        let elsewhere = kind == "Event" && self.0.event_etcd.is_some();
        self.0.book.borrow().thread_of(revision).filter(|_| !elsewhere)
    }
}
