//! A watch of kubectl's: `get -w` and `events -w` print what comes on it.
//!
//! * It is one watch and no more: when the apiserver ends it, or is killed, kubectl ends as well,
//!   and says nothing. What goes on for longer is [`super::kubectl_wait`]'s.
//! * An interrupted kubectl ends its watch at the apiserver.
//! * While it watches, that stands at its place.
//!
//! Caveats: a packet that is lost ends the watch, where TCP would send it again.
//!
//! Architecture invariant: hears and hands on; prints nothing.
// Models client-go tools/watch/until.go (UntilWithoutRetry).

use std::rc::Rc;

use serde_json::Value;

use super::api_watch::{OpenWatch, WatchAsked};
use super::cache_watchers::Heard;
use super::control_plane::ControlPlane;
use super::kinds::Kind;
use super::places::KUBECTL;
use super::selector::Selector;
use super::status::Status;
use super::storage_watch::Change;
use crate::sim::channel::mpsc;
use crate::store::Revision;

/// What comes on a watch.
pub(super) enum Told {
    Changed(Change, Rc<Value>),
    /// The watch cannot go on, or could not begin.
    Error(Status),
}

/// One watch, until it is dropped.
pub(super) struct Watching {
    plane: ControlPlane,
    kind: &'static Kind,
    open: Option<OpenWatch>,
    heard: mpsc::Receiver<Heard>,
    next: u64,
    _shown: Shown,
}

impl Watching {
    /// Watches what happens after a revision; from 0 on, what there is comes first.
    pub fn begin(
        plane: &ControlPlane,
        kind: &'static Kind,
        (selector, after): (Selector, Revision),
    ) -> Watching {
        let (tell, heard) = mpsc::unbounded();
        let ear = Rc::new(move |heard| drop(tell.send(heard)));
        let asked = WatchAsked { selector, after, ..WatchAsked::default() };
        let shown = Shown::begin(plane, kind, &asked.selector);
        let open = Some(plane.watch(KUBECTL, kind, asked, ear));
        Watching { plane: plane.clone(), kind, open, heard, next: 0, _shown: shown }
    }

    /// What is told next; none: the watch is over.
    pub async fn next(&mut self) -> Option<Told> {
        loop {
            match self.heard.recv().await? {
                Heard::Told(number, ..) if number < self.next => {}
                Heard::Told(number, ..) if number > self.next => return None,
                Heard::Told(_, change, object, revision) => {
                    self.next += 1;
                    let told = (change, &*object, revision);
                    self.plane.has_told((KUBECTL, "kubectl"), self.kind, told);
                    return Some(Told::Changed(change, object));
                }
                Heard::Refused(status) => return Some(Told::Error(status)),
                Heard::Closed => return None,
            }
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        if let Some(open) = self.open.take() {
            open.close(&self.plane);
        }
    }
}

/// That kubectl watches stands at its place, until this is dropped.
pub(super) struct Shown(ControlPlane, String);

impl Shown {
    /// It is there from now on.
    pub fn begin(plane: &ControlPlane, kind: &Kind, selector: &Selector) -> Shown {
        let which = match selector.is_everything() {
            true => String::new(),
            false => format!(", {selector}"),
        };
        let text = format!("watches {}{which}", kind.resource());
        plane.retell(KUBECTL, |place| place.watches.push(text.clone()));
        Shown(plane.clone(), text)
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.0.retell(KUBECTL, |place| {
            if let Some(at) = place.watches.iter().position(|it| *it == self.1) {
                place.watches.remove(at);
            }
        });
    }
}
