//! What is said of everyone at their places: short lines, and a node's pods.
//!
//! Architecture invariant: observing only. Nobody decides by a note.

use std::rc::Rc;

use super::control_plane::ControlPlane;
use super::informer::Cache;
use super::overview::{Overview, overview};
use crate::cluster::{Cell, Place, PlaceKind};
use crate::sim::Address;

/// Lines of notes kept for each place.
const NOTES_MAX: usize = 3;

/// Pods shown at one node.
const CELLS_MAX: usize = 64;

/// Characters of a note.
const NOTE_CHARS_MAX: usize = 28;

impl ControlPlane {
    /// Changes what is said of a place.
    pub(super) fn retell(&self, address: Address, change: impl FnOnce(&mut Place)) {
        if let Some(place) = self.0.places.borrow_mut().get_mut(&address) {
            change(Rc::make_mut(place));
        }
    }

    /// One of the lines about someone, by its place.
    pub(super) fn note_line(&self, address: Address, line: usize, note: &str) {
        let mut places = self.0.places.borrow_mut();
        let Some(place) = places.get_mut(&address) else { return };
        let place = Rc::make_mut(place);
        place.notes.resize(place.notes.len().max(line + 1), String::new());
        place.notes[line] = note.to_string();
    }

    /// Which apiserver serves someone.
    pub(super) fn note_apiserver(&self, client: Address, apiserver: Address) {
        let mut places = self.0.places.borrow_mut();
        let place = places.get_mut(&client).filter(|it| it.apiserver != Some(apiserver));
        if let Some(place) = place {
            Rc::make_mut(place).apiserver = Some(apiserver);
        }
    }

    /// The pods of a node, as its kubelet knows them.
    pub(super) fn show_pods(&self, address: Address, known: &Cache) {
        let mut places = self.0.places.borrow_mut();
        let place = places.get_mut(&address).filter(|place| place.kind == PlaceKind::Kubelet);
        let Some(place) = place else { return };
        let node = place.name.trim_start_matches("kubelet ");
        let pods = known.all("Pod").into_iter().filter(|pod| pod["spec"]["nodeName"] == node);
        let cell = |pod: Overview| Cell {
            text: format!("{}: {}", pod.name, pod.state),
            health: pod.health,
        };
        let cells = pods.take(CELLS_MAX).map(|pod| cell(overview(pod))).collect();
        if place.cells != cells {
            Rc::make_mut(place).cells = cells;
        }
    }

    /// A line about someone, in place of its oldest.
    pub(super) fn remark(&self, address: Address, note: &str) {
        let mut places = self.0.places.borrow_mut();
        let Some(place) = places.get_mut(&address) else { return };
        let place = Rc::make_mut(place);
        let cut = note.chars().count() > NOTE_CHARS_MAX;
        let mut note: String = note.chars().take(NOTE_CHARS_MAX - usize::from(cut)).collect();
        if cut {
            note.push('…');
        }
        place.notes.push(note);
        if place.notes.len() > NOTES_MAX {
            place.notes.remove(0);
        }
    }
}
