//! A reflector: how everyone who watches through an apiserver gets to know a kind.
//!
//! It lists the kind, tells its owner what is new, and watches from the list's revision on. When
//! the watch ends it watches again from where it was; when that is too far back (410) it lists
//! again, and whatever is no longer listed is told as deleted.
//!
//! * The first list is of what the apiserver's cache has (`resourceVersion=0`); later ones are not
//!   older than what is known, so that nobody goes back in time at a slower apiserver. Only when
//!   that revision is gone, or has not come to be, it lists as of now.
//! * A bookmark moves the revision and tells nothing else.
//! * What is told is numbered: a packet that came twice is heard once, one that is missing ends the
//!   watch.
//!
//! Caveats: no periodic resync. After a list an object's changes in between are one change.
//!
//! Architecture invariant: knows the apiserver by its answers only; decides nothing about objects.
// Models client-go tools/cache/reflector.go.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;

use super::api_watch::{OpenWatch, WatchAsked};
use super::apiserver_read::Listed;
use super::cache_watchers::Heard;
use super::control_plane::ControlPlane;
use super::kinds::Kind;
use super::list_rules::ListAsked;
use super::selector::Selector;
use super::status::{Reason, Status};
use super::storage_watch::Change;
use super::{Event, object};
use crate::raft::ThreadId;
use crate::sim::channel::oneshot;
use crate::sim::{self, Address};
use crate::sorted::SortedMap;
use crate::store::Revision;

/// The first pause after a failure; it doubles up to [`PAUSE_MAX`].
const PAUSE: Duration = Duration::from_millis(800);
/// The longest pause after a failure.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// A watch is opened anew after so long (`--min-request-timeout` of clients), and up to twice that.
const WATCH_FOR: Duration = Duration::from_secs(300);

/// One kind, as one place knows it.
pub(super) struct Reflector {
    plane: ControlPlane,
    place: Address,
    name: Rc<str>,
    kind: &'static Kind,
    selector: Selector,
    known: RefCell<SortedMap<String, Rc<Value>>>,
    /// Up to where it knows everything.
    revision: Cell<Revision>,
    /// The number of the watch that is open, and of what is heard on it next.
    watch: Cell<u64>,
    next: Cell<u64>,
    ended: RefCell<Option<oneshot::Sender<Option<Status>>>>,
    open: RefCell<Option<OpenWatch>>,
    /// Who else is told, besides the one who acts at its place.
    heard_by: Option<HeardBy>,
}

/// Is told of changes, in their order.
pub(super) type HeardBy = Box<dyn Fn(Change, &Rc<Value>)>;

/// What goes on until it is given up.
#[derive(Default)]
struct Failures(u32);

impl Failures {
    async fn pause(&mut self) {
        let pause = PAUSE * 2u32.pow(self.0.min(6));
        self.0 += 1;
        sim::sleep(pause.min(PAUSE_MAX)).await;
    }
}

impl Reflector {
    pub fn new(
        plane: &ControlPlane,
        (place, name): (Address, Rc<str>),
        kind: &'static Kind,
        selector: Selector,
    ) -> Reflector {
        Reflector {
            plane: plane.clone(),
            place,
            name,
            kind,
            selector,
            known: RefCell::default(),
            revision: Cell::default(),
            watch: Cell::new(0),
            next: Cell::new(0),
            ended: RefCell::default(),
            open: RefCell::default(),
            heard_by: None,
        }
    }

    /// It tells of changes as well.
    pub fn telling(self, heard_by: HeardBy) -> Reflector {
        Reflector { heard_by: Some(heard_by), ..self }
    }

    /// How many objects it knows.
    pub fn len(&self) -> usize {
        self.known.borrow().len()
    }

    /// Whether it knows the kind: it has listed it once.
    pub fn is_synced(&self) -> bool {
        self.revision.get() > Revision(0)
    }

    /// Lists and watches for as long as its process lives.
    pub async fn run(self: Rc<Self>) {
        let (mut failures, mut as_of_now, mut why) = (Failures::default(), false, None);
        loop {
            match self.list(as_of_now).await {
                Ok(listed) => {
                    self.replace(&listed, why.take());
                    as_of_now = false;
                }
                Err(status) => {
                    let unavailable = matches!(status.code, 410) || is_too_large(&status);
                    if !unavailable || as_of_now {
                        failures.pause().await;
                    }
                    as_of_now |= unavailable;
                    continue;
                }
            }
            failures.0 = 0;
            why = Some(self.follow(&mut failures).await);
        }
    }

    async fn list(&self, as_of_now: bool) -> Result<Rc<Listed>, Status> {
        let version = (!as_of_now).then(|| self.revision.get());
        let asked = ListAsked { version, selector: self.selector.clone(), ..ListAsked::default() };
        let thread = self.plane.0.cluster.fresh_thread();
        let listed = self.plane.list(self.place, self.kind, asked, thread).await;
        listed.map_err(|refused| refused.status)
    }

    /// Watches again and again, until it must list. Returns why.
    async fn follow(self: &Rc<Self>, failures: &mut Failures) -> Status {
        loop {
            match self.watch().await {
                Some(status) if status.code == 410 => return status,
                // It was open, and worked.
                None if self.next.get() > 0 => failures.0 = 0,
                _ => failures.pause().await,
            }
        }
    }

    /// Watches until the watch ends; why, if it was refused.
    async fn watch(self: &Rc<Self>) -> Option<Status> {
        let (ended, ends) = oneshot::channel();
        self.ended.replace(Some(ended));
        self.next.set(0);
        let watch = self.watch.get() + 1;
        self.watch.set(watch);
        let reflector = self.clone();
        let ear = Rc::new(move |heard| reflector.hear(watch, heard));
        let (selector, after) = (self.selector.clone(), self.revision.get());
        let asked = WatchAsked { selector, after, bookmarks: true, timed: true };
        self.open.replace(Some(self.plane.watch(self.place, self.kind, asked, ear)));
        let mut dice = self.plane.0.cluster.world().stream("watch", self.place.0.into(), watch);
        let most = WATCH_FOR + Duration::from_millis(dice.below(WATCH_FOR.as_millis() as u64));
        let result = sim::timeout(most, ends).await;
        self.end();
        result.ok().and_then(Result::ok).flatten()
    }

    /// The watch that is open is over; also when the process ends, whose connections are closed.
    pub fn end(&self) {
        self.watch.set(self.watch.get() + 1);
        if let Some(open) = self.open.take() {
            open.close(&self.plane);
        }
    }

    fn hear(&self, watch: u64, heard: Heard) {
        if watch != self.watch.get() {
            return;
        }
        match heard {
            Heard::Told(number, ..) if number < self.next.get() => {}
            Heard::Told(number, ..) if number > self.next.get() => self.ends(None),
            Heard::Told(number, change, object, revision) => {
                self.next.set(number + 1);
                self.learn(change, &object, revision);
                self.revision.set(revision);
            }
            Heard::Refused(status) => self.ends(Some(status)),
            Heard::Closed => self.ends(None),
        }
    }

    fn ends(&self, why: Option<Status>) {
        if let Some(ended) = self.ended.take() {
            let _ = ended.send(why);
        }
    }

    /// A list is there: what is new in it, and what is not in it any more.
    fn replace(&self, listed: &Listed, again: Option<Status>) {
        if let Some(why) = again {
            let (name, resource) = (self.name.to_string(), self.kind.resource());
            let (revision, why) = (listed.revision, why.message);
            self.plane.note(Event::ListedAgain { name, resource, revision, why });
        }
        let mut gone = std::mem::take(&mut *self.known.borrow_mut());
        for object in &listed.items {
            let revision = object::revision(object);
            match gone.remove(&key(object)) {
                None => self.learn(Change::Added, object, revision),
                Some(before) if object::revision(&before) != revision => {
                    self.learn(Change::Modified, object, revision);
                }
                Some(before) => drop(self.known.borrow_mut().insert(key(&before), before)),
            }
        }
        for object in gone.values() {
            self.learn(Change::Deleted, object, listed.revision);
        }
        self.revision.set(listed.revision);
        self.has_seen(listed.revision);
    }

    fn has_seen(&self, revision: Revision) {
        if let Some(actor) = self.plane.actor(self.place) {
            actor.has_seen(&self.kind.kind, revision);
        }
    }

    /// It is told of one change.
    fn learn(&self, change: Change, object: &Rc<Value>, revision: Revision) {
        match change {
            Change::Bookmark => return self.has_seen(revision),
            Change::Deleted => drop(self.known.borrow_mut().remove(&key(object))),
            _ => drop(self.known.borrow_mut().insert(key(object), object.clone())),
        }
        if let Some(actor) = self.plane.actor(self.place) {
            actor.told(change, object, revision);
        }
        if let Some(heard_by) = &self.heard_by {
            heard_by(change, object);
        }
        if !self.plane.acts() || !matches!(&*self.kind.kind, "Lease" | "Event") {
            let who = (self.place, &*self.name);
            self.plane.has_told(who, self.kind, (change, object, revision));
        }
    }
}

impl ControlPlane {
    /// The reader is told that someone was told of a change.
    pub(super) fn has_told(
        &self,
        (place, name): (Address, &str),
        kind: &Kind,
        (change, object, revision): (Change, &Value, Revision),
    ) {
        let text = format!("{} {} {}", change.word(), kind.kind, object::name(object));
        self.remark(place, &text);
        let thread: Option<ThreadId> = self.thread_of(&kind.kind, revision);
        let said = Event::Told { place, name: name.to_string(), text, revision, thread };
        self.note(said);
        self.told(thread, name);
    }
}

/// How an object is called within its kind.
fn key(object: &Value) -> String {
    format!("{}/{}", object::namespace(object), object::name(object))
}

fn is_too_large(status: &Status) -> bool {
    status.reason == Reason::Timeout && status.message.contains("Too large resource version")
}
