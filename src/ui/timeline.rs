//! Paints the timeline, with a range input over it: pointer, keyboard and screen reader for free.
//!
//! Architecture invariant: places and times are the view's.

use std::rc::Rc;

use yew::prelude::*;

use super::keyboard::slider;
use super::part::Paint;
use crate::player::Lanes;
use crate::sim::Instant;
use crate::view::Intent;
use crate::view::scene::px;
use crate::view::timebar::Beside;
use crate::view::timeline::{Bar, LaneShape, Segment, SegmentLook, Text, TimelineShapes};
use crate::view::words::scene as words;

/// The run so far.
pub struct Timeline {
    pub lanes: Rc<Lanes>,
    pub newest: Instant,
    pub at: Instant,
    pub past: bool,
    /// Another branch, over this one.
    pub beside: Option<Beside>,
    /// The width there is, in pixels.
    pub width: u32,
    pub act: Callback<Intent>,
}

impl PartialEq for Timeline {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.lanes, &other.lanes)
            && (self.newest, self.at, self.past) == (other.newest, other.at, other.past)
            && (self.width, &self.beside) == (other.width, &other.beside)
            && self.act == other.act
    }
}

const HEIGHT: f32 = 122.0;

/// The height of each of two branches.
const HALF_HEIGHT: f32 = 92.0;

impl Paint for Timeline {
    fn paint(&self) -> Html {
        let Timeline { lanes, newest, at, past, beside, width, act } = self;
        let height = if beside.is_some() { HALF_HEIGHT } else { HEIGHT };
        // One axis for both.
        let newest = beside.as_ref().map_or(*newest, |other| other.newest.max(*newest));
        let of = |lanes| TimelineShapes::of(lanes, newest, *at, *width as f32, height);
        let shapes = of(lanes);
        let axis = shapes.axis;
        let end = self.newest;
        let oninput = {
            let act = act.clone();
            Callback::from(move |event: InputEvent| {
                let Some(place) = slider(&event) else { return };
                let at = axis.at(place as f32 / 10.0);
                act.emit(Intent::Seek(Some(at).filter(|at| *at < end)));
            })
        };
        let (left, right) = (axis.left, axis.left + axis.width);
        let style = format!("left:{}px;width:{}px", px(left - 8.0), px(axis.width + 16.0));
        let tenths = |x: f32| ((x * 10.0) as u32).to_string();
        let parts = beside.as_ref().map(|other| axis.x(other.parts));
        html! {
            <section class={classes!("timeline", past.then_some("timeline-past"))}
                aria-label={words::TIMELINE}>
                if let Some(other) = beside {
                    <div class="timeline-other" title={other.name.clone()}>
                        { picture(&of(&other.lanes), *width, height, parts) }
                    </div>
                }
                { picture(&shapes, *width, height, parts) }
                <input class="timeline-range" type="range" {style} min={tenths(left)}
                    max={tenths(right)} step="20"
                    value={tenths(shapes.playhead)} {oninput} aria-label={words::TIMELINE_RANGE}
                    aria-valuetext={words::clock(*at)} />
            </section>
        }
    }
}

fn picture(shapes: &TimelineShapes, width: u32, height: f32, parts: Option<f32>) -> Html {
    let (left, right) = (shapes.axis.left, shapes.axis.left + shapes.axis.width);
    let down = |x: f32, from: u32| format!("M{} {from}V{}", px(x), px(height));
    html! {
        <svg viewBox={format!("0 0 {width} {}", px(height))} width={width.to_string()}
            height={px(height).to_string()} aria-hidden="true">
            { fold(shapes) }
            <text class="timeline-name" x={px(left - 8.0).to_string()}
                y={px(shapes.client_y + 4.0).to_string()}>{ words::CLIENTS }</text>
            <path class="timeline-client"
                d={format!("M{} {y}H{}", px(left), px(right), y = px(shapes.client_y))} />
            { for shapes.bars.iter().map(|it| bar(it, shapes.client_y)) }
            { for shapes.lanes.iter().map(|it| lane(it, left, shapes.axis.width)) }
            { for shapes.texts.iter().map(text) }
            if let Some(parts) = parts {
                <path class="timeline-parts" d={down(parts, 0)} />
            }
            <path class="timeline-playhead" d={down(shapes.playhead, 4)} />
            <circle class="timeline-head" cx={px(shapes.playhead).to_string()} cy="6" r="5" />
        </svg>
    }
}

fn fold(shapes: &TimelineShapes) -> Html {
    let Some(x) = shapes.axis.fold_x() else { return Html::default() };
    let left = shapes.axis.left;
    html! {
        <>
        <rect class="timeline-earlier" x={px(left).to_string()} y="16"
            width={px(x - left).to_string()} height="106" />
        <text class="timeline-word" x={px(left + 4.0).to_string()} y="12">{ words::EARLIER }</text>
        </>
    }
}

fn bar(bar: &Bar, y: f32) -> Html {
    let class = classes!(
        "timeline-bar",
        bar.failed.then_some("timeline-bar-failed"),
        bar.open.then_some("timeline-bar-open"),
    );
    let (x, end, top) = (px(bar.x), px(bar.x + bar.width), px(y - 4.5));
    let cross = format!("M{} {}l6 6m0 -6l-6 6", px(bar.x + bar.width - 3.0), px(y - 3.0));
    html! {
        <g {class}>
            <title>{ &bar.title }</title>
            <path class="timeline-bar-time" d={format!("M{x} {}H{end}", px(y))} />
            <path class="timeline-bar-start" d={format!("M{x} {top}v9")} />
            if bar.failed { <path class="timeline-bar-cross" d={cross} /> }
        </g>
    }
}

fn lane(lane: &LaneShape, left: f32, width: f32) -> Html {
    let [y, height] = [lane.y, lane.height].map(|value| px(value).to_string());
    let middle = lane.y + lane.height / 2.0;
    let dot = |x: &f32| {
        html! { <circle class="timeline-commit" cx={px(*x).to_string()}
        cy={px(middle).to_string()} r="2" /> }
    };
    html! {
        <g>
            <text class="timeline-name" x={px(left - 8.0).to_string()}
                y={px(middle + 4.0).to_string()}>{ &lane.name }</text>
            <rect class="timeline-lane" x={px(left).to_string()} {y} width={px(width).to_string()}
                {height} rx="2" />
            { for lane.segments.iter().map(|it| segment(it, lane)) }
            { for lane.commits.iter().map(dot) }
        </g>
    }
}

fn segment(segment: &Segment, lane: &LaneShape) -> Html {
    let look = match segment.look {
        SegmentLook::Leader => "timeline-leader",
        SegmentLook::Candidate => "timeline-candidate",
        SegmentLook::Follower => "timeline-follower",
        SegmentLook::Crashed => "timeline-crashed",
        SegmentLook::Paused => "timeline-paused",
    };
    let class = classes!("timeline-segment", look, segment.term);
    let [x, width] = [segment.x, segment.width].map(|value| px(value).to_string());
    let [y, height] = [lane.y, lane.height].map(|value| px(value).to_string());
    html! { <rect {class} {x} {y} {width} {height} rx="2"><title>{ &segment.title }</title></rect> }
}

fn text(text: &Text) -> Html {
    let class = if text.fault { "timeline-fault" } else { "timeline-term" };
    let (anchor, offset) = if text.before { ("end", -3.0) } else { ("start", 3.0) };
    html! {
        <g {class}>
            <path class="timeline-line" d={format!("M{} 3V120", px(text.x))} />
            <text class="timeline-word" x={px(text.x + offset).to_string()} y="12"
                text-anchor={anchor}>{ &text.text }</text>
        </g>
    }
}
