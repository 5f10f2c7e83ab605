//! The boxes of the control plane: one below the other, or in rows where it is narrow.
//!
//! Architecture invariant: as [`super`].

use super::{Booth, NARROW_ROW};
use crate::cluster::{Place, PlaceKind};
use crate::view::scene::geometry::Rect;

/// A box without notes where there are many.
const SMALL: f32 = 17.0;

/// Whether there are several schedulers.
pub(super) fn elect(places: &[&Place]) -> bool {
    places.iter().filter(|place| place.kind == PlaceKind::Scheduler).count() > 1
}

pub(super) fn wide_booths<'a>(places: impl Iterator<Item = &'a Place>, close: bool) -> Vec<Booth> {
    let places: Vec<&Place> = places.collect();
    // Several apiservers share the room of one; so do several who elect who acts.
    let of = places.iter().filter(|place| place.kind == PlaceKind::Apiserver).count();
    let elect = elect(&places);
    let own_events = places.iter().any(|place| place.kind == PlaceKind::EventEtcd);
    let mut y = if close { 4.0 } else { 8.0 };
    let mut booths = Vec::new();
    for place in places {
        let (gap, lines) = match place.kind {
            PlaceKind::Kubectl if elect && close => (8.0, 0),
            PlaceKind::Apiserver if of > 1 && elect => (2.0, 0),
            PlaceKind::Apiserver if of > 1 => (4.0, 0),
            PlaceKind::Scheduler | PlaceKind::Controllers if elect => (1.0, 0),
            PlaceKind::EventEtcd => (if elect { 2.0 } else { 6.0 }, 0),
            PlaceKind::Scheduler | PlaceKind::Controllers if own_events => (6.0, 0),
            PlaceKind::Etcdctl if elect && close => (0.0, 0),
            PlaceKind::Apiserver => (if close { 8.0 } else { 14.0 }, 3),
            PlaceKind::Kubectl => (if close || of > 1 { 14.0 } else { 24.0 }, 1),
            PlaceKind::Etcdctl => (0.0, 1),
            _ => (6.0, 1),
        };
        let full = if elect && lines == 0 { SMALL } else { 24.0 };
        let height = full + 14.0 * lines as f32;
        let apart = place.kind == PlaceKind::Etcdctl && !close;
        let before = if apart { 10.0 } else { 0.0 };
        let rect = Rect { x: 16.0, y: y + before, width: 132.0, height };
        y += before + height + gap;
        booths.push(Booth { address: place.address, kind: place.kind, rect, lines });
    }
    booths
}

pub(super) fn narrow_booths<'a>(
    places: impl Iterator<Item = &'a Place>,
    close: bool,
) -> Vec<Booth> {
    let places: Vec<&Place> = places.collect();
    let of = places.iter().filter(|place| place.kind == PlaceKind::Apiserver).count();
    let (mut others, mut apiservers) = (0, 0);
    let elect = elect(&places);
    let own_events = places.iter().any(|place| place.kind == PlaceKind::EventEtcd);
    let y = if close && !elect { 82.0 - NARROW_ROW } else { 82.0 };
    let (step, height) = if elect { (24.0, 22.0) } else { (34.0, 26.0) };
    let booth = |place: &Place| {
        let (rect, lines) = match place.kind {
            PlaceKind::Apiserver if of > 1 => {
                let step = 18.0 * apiservers as f32;
                apiservers += 1;
                (Rect { x: 8.0, y: y + step, width: 214.0, height: 17.0 }, 0)
            }
            PlaceKind::Apiserver => (Rect { x: 8.0, y, width: 214.0, height: 52.0 }, 2),
            PlaceKind::EventEtcd => (Rect { x: 234.0, y, width: 118.0, height: 17.0 }, 0),
            PlaceKind::Etcdctl => {
                let y = if own_events { y + 18.0 } else { y };
                (Rect { x: 234.0, y, width: 118.0, height: 38.0 }, 1)
            }
            _ => {
                let (column, row) = ((others % 3) as f32, (others / 3) as f32);
                others += 1;
                let (x, y) = (8.0 + 116.0 * column, 6.0 + step * row);
                (Rect { x, y, width: 112.0, height }, 0)
            }
        };
        Booth { address: place.address, kind: place.kind, rect, lines }
    };
    places.into_iter().map(booth).collect()
}
