//! Time and place, and the shapes of the fixture.
//!
//! Architecture invariant: nothing leaves the box, at any age of the run.

use super::*;
use crate::player::Lanes;
use crate::sim::Instant;
use crate::view::fixture::{self, ms};

fn lanes() -> Lanes {
    let mut lanes = Lanes::default();
    for (events, frame) in fixture::film() {
        lanes.take(&events, &frame);
    }
    lanes
}

fn axis(newest: u64) -> Axis {
    Axis { left: 62.0, width: 1200.0, newest: ms(newest) }
}

#[test]
fn time_and_place_are_inverse_and_monotonic() {
    for newest in [1_000, 12_384, 20_000, 20_001, 90_000, 3_600_000] {
        let axis = axis(newest);
        let mut last = f32::MIN;
        for step in 0..=200 {
            let at = Instant(axis.newest.0 / 200 * step);
            let x = axis.x(at);
            assert!(x >= last && (62.0..=1262.0).contains(&x), "{newest} {step} {x}");
            last = x;
            let back = axis.at(x).0.abs_diff(at.0);
            assert!(back <= axis.newest.0 / 1000 + 1, "{newest} {step} {back}");
        }
    }
}

#[test]
fn a_young_run_fills_the_window_from_the_left_and_an_old_one_is_pressed() {
    assert_eq!(axis(5_000).fold_x(), None);
    assert!(axis(5_000).x(ms(5_000)) < 400.0);
    assert_eq!(axis(60_000).fold_x(), Some(62.0 + 1200.0 * 0.18));
    assert_eq!(axis(60_000).x(ms(60_000)), 62.0 + 1200.0 * 0.96);
}

#[test]
fn shapes_stay_inside_the_box() {
    let lanes = lanes();
    for newest in [12_384, 60_000, 600_000] {
        let shapes = TimelineShapes::of(&lanes, ms(newest), ms(newest), 1280.0, 122.0);
        for lane in &shapes.lanes {
            assert!(lane.y >= 0.0 && lane.y + lane.height <= 122.0);
            for segment in &lane.segments {
                assert!(segment.x >= 62.0 && segment.x + segment.width <= 1280.0, "{segment:?}");
            }
        }
        for text in &shapes.texts {
            let (from, to) = text.span(text.before);
            assert!(text.text.is_empty() || from >= 62.0 && to <= 1280.0, "{text:?}");
        }
    }
}

#[test]
fn segments_say_what_was() {
    let shapes = TimelineShapes::of(&lanes(), ms(12_384), ms(12_384), 1280.0, 122.0);
    let titles = |index: usize| {
        let lane = &shapes.lanes[index];
        lane.segments.iter().map(|it| it.title.as_str()).collect::<Vec<_>>().join(" | ")
    };
    let expected = "follower, term 1 | follower, term 2 | candidate, term 3 | leader, term 3";
    assert!(titles(0).ends_with("leader, term 3"), "{} instead of {expected}", titles(0));
    assert!(titles(4).ends_with("crashed, term 2"), "{}", titles(4));
    assert!(titles(1).contains("crashed, term 1"), "{}", titles(1));
    let texts: Vec<&str> = shapes.texts.iter().map(|text| text.text.as_str()).collect();
    let marks = ["✕ kill 2", "✕ kill 5"];
    assert!(marks.iter().all(|mark| texts.contains(mark)), "{texts:?}");
}

#[test]
fn words_above_the_lanes_do_not_overlap() {
    for newest in [12_384, 60_000, 600_000] {
        let shapes = TimelineShapes::of(&lanes(), ms(newest), ms(newest), 1280.0, 122.0);
        let worded = shapes.texts.iter().filter(|text| !text.text.is_empty());
        let mut ends: Vec<(f32, f32)> = worded.map(|it| it.span(it.before)).collect();
        ends.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(ends.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{newest} {ends:?}");
    }
}
