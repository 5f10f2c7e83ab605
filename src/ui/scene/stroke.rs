//! The ground of the scene: a line drawn over it with the pointer cuts the network along it.
//!
//! * A finger scrolls instead; the tools of a member have the same for fingers and keys.
//!
//! Architecture invariant: who lies on which side is the view's to say.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent};
use yew::prelude::*;

use crate::raft::MemberId;
use crate::view::Intent;
use crate::view::faults::partition;
use crate::view::scene::{Layout, Point, Rect, px, side};

#[derive(Clone, PartialEq, Properties)]
pub struct StrokeProps {
    pub layout: Rc<Layout>,
    pub act: Callback<Intent>,
}

/// The ground, and the line while it is drawn.
#[component]
pub fn Stroke(props: &StrokeProps) -> Html {
    let StrokeProps { layout, act } = props;
    let drawn = use_state_eq(|| None::<(Point, Point)>);
    let size = layout.size;
    let onpointerdown = {
        let drawn = drawn.clone();
        move |event: PointerEvent| {
            let at = place(&event, ground(size)).filter(|_| event.pointer_type() != "touch");
            if let (Some(at), Some(ground)) = (at, target(&event)) {
                let _ = ground.set_pointer_capture(event.pointer_id());
                drawn.set(Some((at, at)));
            }
        }
    };
    let onpointermove = {
        let drawn = drawn.clone();
        move |event: PointerEvent| {
            if let (Some((from, _)), Some(at)) = (*drawn, place(&event, ground(size))) {
                drawn.set(Some((from, at)));
            }
        }
    };
    let line = drawn.and_then(|(from, to)| cut(layout, from, to));
    let onpointerup = {
        let (drawn, line, act) = (drawn.clone(), line.clone(), act.clone());
        move |_: PointerEvent| {
            drawn.set(None);
            if let Some(text) = line.clone() {
                act.emit(Intent::Line { text, entered: true });
            }
        }
    };
    let onpointercancel = {
        let drawn = drawn.clone();
        move |_: PointerEvent| drawn.set(None)
    };
    let [width, height] = [size.x, size.y].map(|value| px(value).to_string());
    html! {
        <g aria-hidden="true">
            <rect class="scene-ground" {width} {height} {onpointerdown} {onpointermove}
                {onpointerup} {onpointercancel} />
            { for drawn.iter().map(|(from, to)| stroke(*from, *to, line.as_deref())) }
        </g>
    }
}

/// The line that the stroke would do.
fn cut(layout: &Layout, from: Point, to: Point) -> Option<String> {
    let all: Vec<MemberId> = layout.seats.iter().map(|seat| seat.id).collect();
    partition(&all, &side(layout, from, to)?)
}

fn stroke(from: Point, to: Point, line: Option<&str>) -> Html {
    let d = format!("M{} {}L{} {}", px(from.x), px(from.y), px(to.x), px(to.y));
    let (x, y) = (px(to.x).to_string(), px(to.y - 10.0).to_string());
    html! {
        <>
            <path class="scene-stroke" {d} />
            <text class="scene-stroke-words" {x} {y}>{ line.unwrap_or_default() }</text>
        </>
    }
}

/// The ground, from the stroke's beginning to its end: it holds the pointer.
fn target(event: &PointerEvent) -> Option<Element> {
    event.target().and_then(|target| target.dyn_into().ok())
}

fn ground(size: Point) -> Rect {
    Rect { x: 0.0, y: 0.0, width: size.x, height: size.y }
}

/// Where the pointer is, in the scene's own pixels; what it is over fills this box of them.
pub fn place(event: &PointerEvent, filled: Rect) -> Option<Point> {
    let rect = target(event)?.get_bounding_client_rect();
    let scale = filled.width / (rect.width() as f32).max(1.0);
    let (x, y) = (f64::from(event.client_x()) - rect.x(), f64::from(event.client_y()) - rect.y());
    Some(Point::new(filled.x + x as f32 * scale, filled.y + y as f32 * scale))
}
