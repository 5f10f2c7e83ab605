//! Paints one member, and lets it be selected.
//!
//! Architecture invariant: role is shape, letter and word; the term's colour comes by class.

use web_sys::KeyboardEvent;
use yew::prelude::*;

use crate::cluster::{Role, Status};
use crate::ui::part::Paint;
use crate::view::scene::{Badge, Node, arc, px};
use crate::view::words::scene as words;
use crate::view::{Intent, scene::Point};

/// One member: a button.
#[derive(PartialEq)]
pub struct MemberNode {
    pub node: Node,
    pub act: Callback<Intent>,
}

impl Paint for MemberNode {
    fn paint(&self) -> Html {
        let node = &self.node;
        let chosen = (!node.selected).then_some(node.id);
        let onclick = self.act.reform(move |_: MouseEvent| Intent::SelectMember(chosen));
        let onkeydown = {
            let act = self.act.clone();
            Callback::from(move |event: KeyboardEvent| {
                if matches!(event.key().as_str(), "Enter" | " ") {
                    event.prevent_default();
                    event.stop_propagation();
                    act.emit(Intent::SelectMember(chosen));
                }
            })
        };
        let transform = format!("translate({} {})", px(node.at.x), px(node.at.y));
        html! {
            <g class={classes!("scene-member", node.term, status_class(node))} {transform}
                tabindex="0"
                role="button" aria-label={node.label.clone()}
                    aria-pressed={node.selected.to_string()}
                {onclick} {onkeydown}>
                <title>{ &node.label }</title>
                { ring(node, "scene-member-ring") }
                if node.selected { { ring(node, "scene-member-selected") } }
                { body(node) }
                { badge(node) }
            </g>
        }
    }
}

fn status_class(node: &Node) -> &'static str {
    match node.status {
        Status::Running => "",
        Status::Paused => "scene-member-paused",
        Status::Crashed => "scene-member-crashed",
    }
}

/// A square round the member: the ring of the keyboard's focus, or of what is selected.
fn ring(node: &Node, class: &'static str) -> Html {
    let half = node.radius + 10.0;
    let (start, size) = (px(-half).to_string(), px(2.0 * half).to_string());
    html! {
        <rect {class} x={start.clone()} y={start} width={size.clone()} height={size} rx="14" />
    }
}

fn body(node: &Node) -> Html {
    if node.status == Status::Crashed {
        let r = px(node.radius).to_string();
        return html! {
            <><circle class="scene-member-shell" {r} /><path class="scene-member-cross"
                d="M-10 -10L10 10M10 -10L-10 10" /></>
        };
    }
    html! { <>{ shape(node) }{ hatch(node) }{ names(node) }</> }
}

fn shape(node: &Node) -> Html {
    let r = node.radius;
    match node.role {
        Role::Leader => html! {
            <>
            { square("scene-member-frame", r + 6.0, "12") }
            { square("scene-member-leader", r, "9") }
            </>
        },
        Role::Candidate | Role::PreCandidate => {
            let offset = if node.role == Role::Candidate { node.turned } else { 0.0 };
            html! {
                <>
                <circle class="scene-member-round" r={px(r).to_string()} />
                <circle class="scene-member-asking" r={px(r + 6.0).to_string()}
                    stroke-dashoffset={px(-offset).to_string()} />
                </>
            }
        }
        _ => {
            html! { <><circle class="scene-member-round" r={px(r).to_string()} />
            { patience(node) }</> }
        }
    }
}

fn square(class: &'static str, half: f32, rx: &'static str) -> Html {
    let (start, size) = (px(-half).to_string(), px(2.0 * half).to_string());
    html! { <rect {class} x={start.clone()} y={start} width={size.clone()} height={size} {rx} /> }
}

/// The arc of what is left until it campaigns.
fn patience(node: &Node) -> Html {
    let Some(left) = node.arc else { return Html::default() };
    let radius = node.radius + 6.0;
    html! {
        <>
        <circle class="scene-member-arc-ground" r={px(radius).to_string()} />
        if left > 0.0 {
            <path class="scene-member-arc" d={arc(Point::default(), radius, left)} />
        }
        </>
    }
}

fn hatch(node: &Node) -> Html {
    if node.status != Status::Paused {
        return Html::default();
    }
    match node.role {
        Role::Leader => square("scene-member-hatch", node.radius, "9"),
        _ => html! { <circle class="scene-member-hatch" r={px(node.radius).to_string()} /> },
    }
}

fn names(node: &Node) -> Html {
    let inside =
        if node.role == Role::Leader { "scene-member-inside" } else { "scene-member-names" };
    html! {
        <g class={inside} aria-hidden="true">
            <text class="scene-member-name" y="-2">{ &node.name }</text>
            <text class="scene-member-role" y="12.5">{ node.role_word }</text>
        </g>
    }
}

/// The words under a member, below the packets that pass over them.
#[derive(PartialEq)]
pub struct MemberWords {
    pub at: Point,
    pub radius: f32,
    pub shift: f32,
    pub words: [String; 2],
}

impl Paint for MemberWords {
    fn paint(&self) -> Html {
        let x = px(self.at.x + self.shift).to_string();
        let y = |line: u8| px(self.at.y + self.radius + 22.0 + 13.0 * f32::from(line)).to_string();
        html! {
            <g class="scene-member-words" aria-hidden="true">
                <text x={x.clone()} y={y(0)}>{ &self.words[0] }</text>
                <text {x} y={y(1)}>{ &self.words[1] }</text>
            </g>
        }
    }
}

fn badge(node: &Node) -> Html {
    let Some(badge) = node.badge else { return Html::default() };
    let (term, title) = match badge {
        Badge::Voted(term) => (term, words::VOTED),
        Badge::HasEntry(term) => (term, words::HAS_ENTRY),
    };
    let off = node.radius * 0.78 + 4.0;
    let transform = format!("translate({} {})", px(off), px(-off));
    html! {
        <g class={classes!("scene-badge", term)} {transform}>
            <title>{ title }</title>
            <circle r="8.5" />
            <path d="M-3.6 0.2L-1 3L4 -3" />
        </g>
    }
}
