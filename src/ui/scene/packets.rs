//! Paints packets as capsules: filled for a request, outlined for an answer, crossed for a no.
//!
//! Architecture invariant: places and looks are the view's.

use yew::prelude::*;

use crate::ui::faults::packet_target;
use crate::view::Intent;
use crate::view::scene::{Capsule, Look, px};

/// Every packet on its way.
pub fn packets(capsules: &[Capsule], act: &Callback<Intent>) -> Html {
    let capsules = capsules.iter().map(|one| capsule(one, act));
    html! { <g class="scene-packets" aria-hidden="true">{ for capsules }</g> }
}

fn capsule(capsule: &Capsule, act: &Callback<Intent>) -> Html {
    let Capsule { at, width, height, look, term, thread, .. } = capsule;
    let class = classes!(
        "scene-packet",
        match look {
            Look::Request => "scene-packet-request",
            Look::Answer => "scene-packet-answer",
            Look::Refused => "scene-packet-refused",
            Look::Count => "scene-packet-count",
        },
        term.unwrap_or("scene-packet-plain"),
        capsule.quiet.then_some("scene-packet-quiet"),
        capsule.lit.then_some("scene-packet-lit"),
    );
    let transform = format!("translate({} {})", px(at.x), px(at.y));
    let opacity = capsule.fading.map(|left| format!("{}%", u32::from(left) * 100 / 255));
    let [x, y] = [-width / 2.0, -height / 2.0].map(|value| px(value).to_string());
    let rx = px(height / 2.0).to_string();
    let enter = thread.map(|thread| act.reform(move |_: MouseEvent| Intent::Hover(Some(thread))));
    let leave = thread.map(|_| act.reform(|_: MouseEvent| Intent::Hover(None)));
    let choose = chosen(capsule, act);
    let cross = (*look == Look::Refused).then(|| cross(*width));
    let [wide, high] = [*width, *height].map(|value| px(value).to_string());
    html! {
        <g key={capsule.id} {class} {transform} {opacity} onmouseenter={enter} onmouseleave={leave}
            onclick={choose}>
            <title>{ &capsule.title }</title>
            <rect {x} {y} width={wide} height={high} {rx} />
            if !capsule.text.is_empty() {
                <text y="3.6">{ &capsule.text }</text>
            }
            { cross }
        </g>
    }
}

/// A click follows the write it belongs to, and takes the packet in hand.
fn chosen(capsule: &Capsule, act: &Callback<Intent>) -> Option<Callback<MouseEvent>> {
    if capsule.look == Look::Count {
        return None;
    }
    let (thread, act) = (capsule.thread, act.clone());
    let tools = packet_target(capsule.id, capsule.way);
    Some(Callback::from(move |_| {
        thread.into_iter().for_each(|it| act.emit(Intent::FocusThread(Some(it))));
        tools.iter().for_each(|it| act.emit(it.clone()));
    }))
}

fn cross(width: f32) -> Html {
    let half = px(width / 2.0 + 3.0);
    html! { <path class="scene-packet-cross" d={format!("M-{half} 8L{half} -8")} /> }
}
