//! Layouts never overlap and never leave the box.
//!
//! Architecture invariant: every number of members, both shapes.

use std::rc::Rc;

use super::*;
use crate::cluster::Member;
use crate::kube::grid::Grid;
use crate::view::fixture;

fn layouts() -> Vec<(usize, Layout)> {
    let places = fixture::moment().cluster.places;
    let frame = |count: u64, (nodes, several, own_events): (u16, bool, bool)| {
        let mut frame = engine::Frame { nodes: Grid::of(nodes).into(), ..Default::default() };
        let member = |id| Rc::new(Member { id: MemberId(id), ..Member::default() });
        frame.cluster.members = (1..=count).map(member).collect();
        frame.cluster.places = places.clone();
        for place in places.iter().filter(|_| several) {
            use PlaceKind::*;
            if matches!(place.kind, Apiserver | Scheduler | Controllers) {
                frame.cluster.places.extend([place.clone(), place.clone()]);
            }
        }
        if own_events {
            let kind = PlaceKind::EventEtcd;
            let place = crate::cluster::Place { kind, address: Address(97), ..Default::default() };
            frame.cluster.places.push(place.into());
        }
        if nodes > 0 {
            frame.cluster.places.retain(|place| place.kind != PlaceKind::Kubelet);
        }
        frame
    };
    let all = |count: usize| {
        let shapes = [Shape::Wide, Shape::Narrow].into_iter();
        shapes.flat_map(move |shape| {
            let with = |of| (count, Layout::of(&frame(count as u64, of), shape));
            let plain = [0, 3, 100, 2_500].map(|nodes| with((nodes, false, false)));
            let several = [0, 3, 2_500].map(|nodes| with((nodes, true, false)));
            let own = [0, 3].map(|nodes| [false, true].map(|several| with((nodes, several, true))));
            plain.into_iter().chain(several).chain(own.into_iter().flatten())
        })
    };
    (1..=9).flat_map(all).collect()
}

/// A member with its arc, and the words under it.
fn rects(layout: &Layout) -> Vec<Rect> {
    let around = 2.0 * (layout.radius + 6.0);
    let words_top = layout.radius + 6.0;
    let seat = |seat: &Seat| {
        let words = Point::new(seat.at.x, seat.at.y + words_top + WORDS_HEIGHT / 2.0);
        [Rect::round(seat.at, around, around), Rect::round(words, 84.0, WORDS_HEIGHT)]
    };
    layout.seats.iter().flat_map(seat).collect()
}

#[test]
fn nothing_leaves_the_box() {
    for (count, layout) in layouts() {
        let size = Rect { x: 0.0, y: 0.0, width: layout.size.x, height: layout.size.y };
        let booths = layout.booths.iter().map(|booth| booth.rect);
        let field = layout.field.map(|field| field.rect);
        for rect in rects(&layout).into_iter().chain(booths).chain(field) {
            assert!(size.contains(&rect), "{count} {:?} {rect:?}", layout.shape);
        }
    }
}

#[test]
fn members_and_places_do_not_overlap() {
    for (count, layout) in layouts() {
        let seats = rects(&layout);
        for (index, one) in seats.iter().enumerate() {
            // A member's own words touch it; everyone else's must not.
            for other in seats.iter().skip((index / 2 + 1) * 2) {
                let shape = layout.shape;
                assert!(!one.overlaps(other), "{count} {shape:?} {one:?} {other:?}");
            }
            for booth in &layout.booths {
                assert!(!one.overlaps(&booth.rect), "{count} {:?} {booth:?}", layout.shape);
            }
        }
        if let Some(Field { rect, .. }) = layout.field {
            let above = Rect { y: rect.y - FIELD_HEAD, height: rect.height + FIELD_HEAD, ..rect };
            let booths = layout.booths.iter().map(|booth| booth.rect);
            let covered = seats.iter().copied().chain(booths).find(|it| it.overlaps(&above));
            assert_eq!(covered, None, "{count} {:?} {above:?}", layout.shape);
        }
        for (index, one) in layout.booths.iter().enumerate() {
            for other in &layout.booths[index + 1..] {
                assert!(!one.rect.overlaps(&other.rect), "{one:?} {other:?}");
            }
        }
    }
}

#[test]
fn a_way_enters_no_member() {
    for (count, layout) in layouts() {
        for seat in &layout.seats {
            for booth in &layout.booths {
                if !matches!(booth.kind, PlaceKind::Apiserver | PlaceKind::Etcdctl) {
                    continue;
                }
                let to = Address(seat.id.0 as u32);
                let route = layout.route(booth.address, to).expect("both are here");
                let room = layout.room(&route, seat.at);
                let shape = layout.shape;
                assert!(room >= layout.radius * 0.6, "{count} {shape:?} {:?} {room}", seat.id);
            }
        }
    }
}

#[test]
fn there_and_back_is_the_same_way() {
    let layout = Layout::of(&fixture::moment(), Shape::Wide);
    for (a, b) in [(1, 3), (102, 1), (101, 102), (104, 102)] {
        let there = layout.route(Address(a), Address(b)).unwrap();
        let back = layout.route(Address(b), Address(a)).unwrap();
        let back = back.reversed();
        let pairs = there.points().iter().zip(back.points());
        assert!(pairs.clone().all(|(a, b)| a.distance(*b) < 0.01), "{there:?} {back:?}");
        assert_eq!(pairs.count(), there.points().len());
    }
    assert_eq!(layout.route(Address(1), Address(999)), None);
}
