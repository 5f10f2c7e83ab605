//! Paints what stands still: lines between members, the control plane and its wires.
//!
//! Architecture invariant: painted again only when something about it changed.

use yew::prelude::*;

use crate::cluster::{Health, PlaceKind};
use crate::ui::faults::link_target;
use crate::ui::part::Paint;
use crate::view::Intent;
use crate::view::scene::{Link, PlaceBox, SQUARE, Square, Wire, px};

/// Lines between members.
#[derive(PartialEq)]
pub struct Links {
    pub links: Vec<Link>,
    pub act: Callback<Intent>,
}

impl Paint for Links {
    fn paint(&self) -> Html {
        let line = |link: &Link| {
            let (a, b) = link.ends;
            let class = classes!("scene-link", link.cut.then_some("scene-link-cut"));
            let [x1, y1, x2, y2] = [a.x, a.y, b.x, b.y].map(|value| px(value).to_string());
            let members = link.members;
            let onclick = self.act.reform(move |_: MouseEvent| link_target(members));
            let grip = [&x1, &y1, &x2, &y2].map(String::clone);
            let [gx1, gy1, gx2, gy2] = grip;
            html! {
                <>
                    <line {class} {x1} {y1} {x2} {y2} />
                    <line class="scene-link-grip" x1={gx1} y1={gy1} x2={gx2} y2={gy2} {onclick} />
                    if !link.words.is_empty() { { words(link) } }
                </>
            }
        };
        html! { <g aria-hidden="true">{ for self.links.iter().map(line) }</g> }
    }
}

/// What is wrong with a link, at its middle.
fn words(link: &Link) -> Html {
    let middle = link.ends.0.towards(link.ends.1, 0.5);
    let (x, y) = (px(middle.x).to_string(), px(middle.y - 5.0).to_string());
    html! { <text class="scene-link-words" {x} {y}>{ &link.words }</text> }
}

/// Wires of the control plane.
#[derive(PartialEq)]
pub struct Wires {
    pub wires: Vec<Wire>,
}

impl Paint for Wires {
    fn paint(&self) -> Html {
        let wire = |wire: &Wire| {
            let class = classes!("scene-wire", wire.busy.then_some("scene-wire-busy"));
            html! { <path {class} d={wire.d.clone()} /> }
        };
        html! { <g aria-hidden="true">{ for self.wires.iter().map(wire) }</g> }
    }
}

/// The control plane and etcd's other client.
#[derive(PartialEq)]
pub struct Places {
    pub places: Vec<PlaceBox>,
}

impl Paint for Places {
    fn paint(&self) -> Html {
        html! { <g>{ for self.places.iter().map(place) }</g> }
    }
}

fn place(place: &PlaceBox) -> Html {
    let rect = place.booth.rect;
    let [x, y] = [rect.x, rect.y].map(|value| px(value).to_string());
    let [width, height] = [rect.width, rect.height].map(|value| px(value).to_string());
    let api = (place.booth.kind == PlaceKind::Apiserver).then_some("scene-place-api");
    let class = classes!("scene-place", api, place.busy.then_some("scene-place-busy"));
    let left = px(rect.x + 10.0).to_string();
    // In the middle of a box that has no room for notes.
    let name_at = if place.booth.lines == 0 { rect.height / 2.0 + 4.0 } else { 17.0 };
    let line = |(index, note): (usize, &String)| {
        let y = px(rect.y + 32.0 + 14.0 * index as f32).to_string();
        html! { <text class="scene-note" x={left.clone()} {y}>{ note }</text> }
    };
    html! {
        <g {class}>
            <title>{ &place.title }</title>
            <rect {x} {y} {width} {height} rx="8" />
            <text class="scene-place-name" x={left.clone()} y={px(rect.y + name_at).to_string()}>
                { &place.name }
            </text>
            { for place.notes.iter().enumerate().map(line) }
            { for place.cells.iter().map(square) }
        </g>
    }
}

fn square(square: &Square) -> Html {
    let class = match square.health {
        Health::Plain => "scene-pod",
        Health::Well => "scene-pod scene-pod-well",
        Health::Changing => "scene-pod scene-pod-changing",
        Health::Bad => "scene-pod scene-pod-bad",
    };
    let [x, y] = [square.at.x, square.at.y].map(|value| px(value).to_string());
    let side = SQUARE.to_string();
    html! { <rect {class} {x} {y} width={side.clone()} height={side} rx="2" /> }
}
