//! The grammar of the picture in one line, always in view.
//!
//! Architecture invariant: the same classes as the picture itself, so that it cannot differ.

use yew::prelude::*;

use crate::view::words::scene as words;

/// What the shapes mean.
pub fn legend() -> Html {
    let item = |picture: Html, words: &'static str| {
        html! {
            <li class="legend-item">
                <svg class="legend-picture term-3" viewBox="-14 -9 28 18" width="28" height="18"
                    aria-hidden="true">
                    { picture }
                </svg>
                { words }
            </li>
        }
    };
    html! {
        <ul class="legend" aria-label={words::LEGEND}>
            { item(leader(), words::LEGEND_LEADER) }
            { item(follower(), words::LEGEND_FOLLOWER) }
            { item(candidate(), words::LEGEND_CANDIDATE) }
            { item(capsule("scene-packet-request"), words::LEGEND_REQUEST) }
            { item(capsule("scene-packet-answer"), words::LEGEND_ANSWER) }
            { item(refused(), words::LEGEND_REFUSED) }
            { item(heartbeat(), words::LEGEND_HEARTBEAT) }
            { item(tick(), words::LEGEND_TICK) }
            { item(cut(), words::LEGEND_CUT) }
            { item(crowd(), words::LEGEND_CROWD) }
        </ul>
    }
}

fn leader() -> Html {
    html! {
        <>
        <rect class="scene-member-frame" x="-7.5" y="-7.5" width="15" height="15" rx="3.5" />
        <rect class="scene-member-leader" x="-5" y="-5" width="10" height="10" rx="2" />
        </>
    }
}

fn follower() -> Html {
    html! {
        <>
        <circle class="scene-member-round" r="4.5" />
        <path class="scene-member-arc legend-arc" d="M0 -7.5A7.5 7.5 0 1 1 -7.5 0" />
        </>
    }
}

fn candidate() -> Html {
    html! {
        <><circle class="scene-member-round" r="4" /><circle
            class="scene-member-asking legend-arc" r="7.5" /></>
    }
}

fn capsule(class: &'static str) -> Html {
    html! { <g class={classes!("scene-packet", class)}><rect x="-12" y="-5.5" width="24"
    height="11" rx="5.5" /></g> }
}

fn refused() -> Html {
    html! {
        <g class="scene-packet scene-packet-refused">
            <rect x="-11" y="-5.5" width="22" height="11" rx="5.5" />
            <path class="scene-packet-cross" d="M-12 7L12 -7" />
        </g>
    }
}

fn heartbeat() -> Html {
    html! {
        <g class="scene-packet scene-packet-request scene-packet-quiet">
            <rect x="-7" y="-4" width="14" height="8" rx="4" />
        </g>
    }
}

fn cut() -> Html {
    html! { <path class="scene-link scene-link-cut" d="M-14 0H14" /> }
}

fn crowd() -> Html {
    html! {
        <g class="scene-packet scene-packet-count">
            <rect x="-13" y="-7" width="26" height="14" rx="7" /><text y="3.6">{ "9" }</text>
        </g>
    }
}

fn tick() -> Html {
    html! { <g class="scene-badge"><circle r="7" /><path d="M-3.6 0.2L-1 3L4 -3" /></g> }
}
