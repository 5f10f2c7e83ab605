//! How a watch is opened at an apiserver, and how it ends.
//!
//! * A client ends its watch when it wants no more of it, by a word to the apiserver. One that
//!   comes before the apiserver has begun the watch counts as well: then it never begins.
//! * An apiserver ends a watch whose client has named no time: after [`LASTS`], and up to twice
//!   that.
//! * When the process of an apiserver ends, all who watch through it hear so.
//!
//! Caveats: a client whose last word is lost is told on, until the apiserver ends its watch; a real
//! connection breaks some seconds later.
//!
//! Architecture invariant: carries; decides nothing about what is told.
// Models apiserver pkg/endpoints/handlers/{get,watch}.go.

use std::cell::Cell;
use std::rc::{Rc, Weak};
use std::time::Duration;

use super::ControlPlane;
use super::apiserver::{Apiserver, is_event};
use super::cache_watchers::{CacheWatcher, Ear, Heard};
use super::cacher;
use super::event_watch::EventWatches;
use super::kinds::Kind;
use super::selector::Selector;
use super::status::Status;
use crate::raft::{Label, PacketKind};
use crate::sim::{self, Address};
use crate::store::Revision;

/// kube-apiserver's `--min-request-timeout`.
pub const LASTS: Duration = Duration::from_secs(1800);

/// What a watch asks for.
#[derive(Debug, Clone, Default)]
pub(super) struct WatchAsked {
    /// Which objects.
    pub selector: Selector,
    /// What happens after this revision is told; from 0 on, everything there is comes first.
    pub after: Revision,
    /// `allowWatchBookmarks`
    pub bookmarks: bool,
    /// Whether the client names a time (`timeoutSeconds`), after which it ends the watch.
    pub timed: bool,
}

/// A watch that was asked for.
pub(super) struct OpenWatch {
    at: Address,
    kind: &'static Kind,
    from: Address,
    stage: Rc<Cell<Stage>>,
}

/// How far the apiserver is with it.
#[derive(Default)]
enum Stage {
    #[default]
    Asked,
    /// It is told, and known there by this number.
    Open(Weak<Apiserver>, u64),
    /// Nobody listens to it any more.
    Closed,
}

impl ControlPlane {
    /// Opens a watch of a kind; what is told is heard by `ear`.
    pub(super) fn watch(
        &self,
        from: Address,
        kind: &'static Kind,
        asked: WatchAsked,
        ear: Ear,
    ) -> OpenWatch {
        let at = self.balanced(from);
        let open = OpenWatch { at, kind, from, stage: Rc::default() };
        let (plane, nobody, stage) = (self.clone(), ear.clone(), open.stage.clone());
        let none = |ear: &Ear| ear(Heard::Refused(Status::connection_refused()));
        let deliver = move || {
            let Some(apiserver) = plane.apiserver_at(at) else { return none(&ear) };
            let watcher = Rc::new(CacheWatcher::new(from, asked.clone(), ear.clone()));
            sim::spawn(begin(apiserver, kind, watcher, stage.clone()));
        };
        let label = Label { kind: PacketKind::Api, word: "watch", ..Label::default() };
        let refused = Rc::new(move || none(&nobody));
        self.0.cluster.send_or_refuse((from, at), label, Rc::new(deliver), refused);
        open
    }

    /// How many watch a kind, through whichever apiserver.
    pub fn watchers_of(&self, kind: &Kind) -> usize {
        let at = |apiserver: &Rc<Apiserver>| match apiserver.cacher(kind) {
            Some(cacher) => cacher.watchers(),
            None => apiserver.event_watches.len(),
        };
        self.0.apiservers.borrow().values().map(at).sum()
    }
}

/// The apiserver begins a watch, and ends it if its client does not.
async fn begin(
    apiserver: Rc<Apiserver>,
    kind: &'static Kind,
    watcher: Rc<CacheWatcher>,
    stage: Rc<Cell<Stage>>,
) {
    apiserver.until_ready().await;
    if let Stage::Closed = stage.replace(Stage::Closed) {
        return;
    }
    let timed = watcher.asked.timed;
    let Some(number) = apiserver.begin_watch(kind, watcher) else { return };
    let known = Rc::downgrade(&apiserver);
    stage.set(Stage::Open(known.clone(), number));
    if timed {
        return;
    }
    let (place, world) = (u64::from(apiserver.place.0), apiserver.plane.0.cluster.world());
    let more = world.stream("watch lasts", place, number).below(LASTS.as_millis() as u64);
    drop(apiserver);
    sim::sleep(LASTS + Duration::from_millis(more)).await;
    if let Some(apiserver) = known.upgrade() {
        let ended = apiserver.unwatch(kind, number);
        ended.into_iter().for_each(|watcher| apiserver.closes(&watcher));
    }
}

impl Apiserver {
    /// One more watches a kind; or is told why not. Returns its number.
    fn begin_watch(self: &Rc<Self>, kind: &'static Kind, watcher: Rc<CacheWatcher>) -> Option<u64> {
        let begun = match (self.cacher(kind), &self.events) {
            (Some(cacher), _) => cacher.watch(self, watcher.clone()),
            (None, Some(events)) if is_event(kind) => {
                Ok(EventWatches::begin(self, (kind, events.clone()), watcher.clone()))
            }
            _ => Err(Status::not_found(kind, "")),
        };
        let refused = |status| {
            let label = Label { refused: true, ..cacher::label("ERROR", Revision(0)) };
            self.say(&watcher, Heard::Refused(status), label);
        };
        begun.map_err(refused).ok()
    }

    /// A watch is over; who watched.
    fn unwatch(&self, kind: &Kind, number: u64) -> Option<Rc<CacheWatcher>> {
        match self.cacher(kind) {
            Some(cacher) => cacher.unwatch(number),
            None => self.event_watches.end(number),
        }
    }
}

impl OpenWatch {
    /// Nobody listens to it any more.
    pub fn close(self, plane: &ControlPlane) {
        let OpenWatch { at, kind, from, stage } = self;
        let deliver = move || {
            if let Stage::Open(known, number) = stage.replace(Stage::Closed)
                && let Some(apiserver) = known.upgrade()
            {
                apiserver.unwatch(kind, number);
            }
        };
        let label = Label { kind: PacketKind::Api, word: "close", ..Label::default() };
        plane.0.cluster.network().send(from, at, label, Rc::new(deliver));
    }
}
