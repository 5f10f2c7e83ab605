//! What those who act send: their writes, followed on their way, and the Events that tell of them.
//!
//! * Each write has a thread of its own; a process that ends while one is under way does not hear
//!   what became of it.
//!
//! Architecture invariant: decides nothing; speaks to the apiserver only.

use serde_json::Value;

use super::acting::Actor;
use super::api::{Answered, ApiRequest};
use super::apiserver_write::now_ms;
use super::informer::Key;
use super::status::Status;
use super::story::StoryWrite;
use super::{Event, WriteOutcome, controllers, happenings, object, places};
use crate::raft::ThreadId;
use crate::sim;

impl Actor {
    /// Its process ends. What it has sent may still happen.
    pub(super) fn end(&self) {
        let (plane, status) = (&self.plane, Status::connection_lost());
        let now = plane.0.cluster.world().now();
        for thread in self.under_way.take() {
            plane.goes_on(thread, Err(&status), now);
            if let Some(write) = plane.0.book.borrow_mut().get_mut(thread) {
                let text = format!("its writer has ended: {status}");
                write.end(WriteOutcome { text, failed: true, place: None }, now);
            }
        }
    }

    /// Writes down what a write that went well means to a reader, and waits for nothing.
    pub(super) fn tell(
        &self,
        by: &'static str,
        request: &ApiRequest,
        objects: (&Value, &Value),
        because: Option<ThreadId>,
    ) {
        let (cache, after) = (self.cache.borrow(), objects.1);
        let mut events = Vec::new();
        for happening in happenings::of(&cache, by, request, objects) {
            let key = &happening.0;
            let own = Some(after).filter(|after| Key::of(after) == *key);
            let Some(about) = own.or(cache.get(key).map(|about| &**about)) else { continue };
            // Several at one instant need names of their own.
            let nanos = now_ms() as u64 * 1_000_000 + self.told.get() % 1_000_000;
            self.told.set(self.told.get() + 1);
            events.push(happenings::event(&happening, about, by, nanos));
            self.plane.0.book.borrow_mut().caused(StoryWrite::event(because));
        }
        let (plane, place) = (self.plane.clone(), self.place);
        sim::spawn(async move {
            for event in events {
                let thread = plane.0.cluster.fresh_thread();
                let _ = plane.call(place, controllers::create(event), thread).await;
            }
        });
    }

    /// One write.
    pub(super) async fn write(
        &self,
        by: &'static str,
        request: ApiRequest,
        because: Option<ThreadId>,
    ) -> Result<Answered, Status> {
        let plane = &self.plane;
        let thread = plane.0.cluster.fresh_thread();
        let (what, about) = request.in_words();
        // Heartbeats would drive everything else out; so would many nodes, one by one.
        let many = plane.0.nodes > places::BOXES_MAX;
        let shown = about.kind != "Lease" && !(many && about.kind == "Node");
        if shown {
            let now = plane.0.cluster.world().now();
            plane.begin_request(thread, format!("{by} · {what} {about}"), &request);
            if let Some(write) = plane.0.book.borrow_mut().get_mut(thread) {
                write.is_own_accord();
            }
            let story = StoryWrite::begun((thread, because), by, (what, &about), now);
            plane.0.book.borrow_mut().caused(story);
            plane.remark(self.place, &format!("{what} {}", about.name));
        }
        self.under_way.borrow_mut().insert(thread);
        let answer = plane.call(self.place, request, thread).await;
        self.under_way.borrow_mut().remove(&thread);
        let answer = answer.map_err(|refused| refused.status);
        if shown {
            let (text, failed) = match &answer {
                Ok(Answered { object, .. }) => {
                    let revision = object::revision(object);
                    (format!("{by}: {what} {}, revision {revision}", Key::of(object)), false)
                }
                Err(status) => (format!("{by}: {what} {about} failed: {status}"), true),
            };
            let now = plane.0.cluster.world().now();
            plane.note(Event::Acted { thread, text: text.clone() });
            plane.goes_on(thread, answer.as_ref().map(|answered| &answered.object), now);
            if let Some(write) = plane.0.book.borrow_mut().get_mut(thread) {
                write.end(WriteOutcome { text, failed, place: None }, now);
            }
        }
        answer
    }
}
