//! The clients' history: bars, the points at which they took effect, faults as bands.
//!
//! Architecture invariant: paints `view::history_tab`.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{PaneProps, look::use_look};
use crate::engine::Look;
use crate::view::history_tab::{BandShape, BarShape, HistoryPicture, WIDTH};
use crate::view::scene::px;
use crate::view::words::promises as words;

/// The clients' history.
#[component]
pub fn HistoryTab(props: &PaneProps) -> Html {
    let PaneProps { frame, seen, act, .. } = props;
    let key = use_state_eq(|| None::<String>);
    use_look(act, Some(Look::History { key: (*key).clone() }), frame.cluster.step);
    let oninput = {
        let key = key.clone();
        move |event: InputEvent| {
            let typed = event.target_unchecked_into::<HtmlInputElement>().value();
            key.set(Some(typed).filter(|typed| !typed.is_empty()));
        }
    };
    let view = seen.history.as_deref().filter(|view| view.key == *key);
    let picture = view.map(|view| HistoryPicture::of(view, &frame.cluster));
    html! {
        <div class="history-tab" tabindex="0" role="region" aria-label={words::HISTORY}>
            <header class="history-head">
                <label>{ words::HISTORY_KEY }{ " " }
                    <input type="search" placeholder={words::HISTORY_ALL} {oninput}
                        spellcheck="false" />
                </label>
                <span>{ picture.as_ref().map(|it| it.said.clone()) }</span>
            </header>
            { for picture.iter().flat_map(|it| &it.broken).map(|why| html! {
                <p class="promises-evidence">{ why }</p>
            }) }
            { for picture.iter().map(paint) }
            { legend() }
        </div>
    }
}

fn paint(picture: &HistoryPicture) -> Html {
    if picture.bars.is_empty() {
        return html! { <p>{ words::HISTORY_EMPTY }</p> };
    }
    let view_box = format!("0 0 {} {}", WIDTH as u32, picture.height as u32);
    let height = px(picture.height).to_string();
    let row = |(y, name): &(f32, String)| {
        html! { <text class="history-name" x="8" y={px(y + 4.0).to_string()}>{ name }</text> }
    };
    let tick = |(x, text): &(f32, String)| {
        let d = format!("M{} 14V{height}", px(*x));
        html! {
            <>
                <path class="history-tick" {d} />
                <text class="history-when" x={px(*x).to_string()} y="11">{ text }</text>
            </>
        }
    };
    html! {
        <svg class="history-picture" viewBox={view_box} role="img" aria-label={words::HISTORY}>
            { for picture.bands.iter().map(|it| band(it, picture.height)) }
            { for picture.ticks.iter().map(tick) }
            { for picture.rows.iter().map(row) }
            { for picture.bars.iter().map(bar) }
        </svg>
    }
}

fn band(band: &BandShape, height: f32) -> Html {
    let [x, width] = [band.x, band.width].map(|value| px(value).to_string());
    html! {
        <g>
            <title>{ &band.title }</title>
            <rect class="history-band" {x} y="16" {width} height={px(height - 16.0).to_string()} />
            <text class="history-fault" x={px(band.x + 3.0).to_string()} y="27">
                { &band.text }
            </text>
        </g>
    }
}

fn bar(bar: &BarShape) -> Html {
    let [x, y, width] = [bar.x, bar.y - 9.0, bar.width].map(|value| px(value).to_string());
    let point = bar.point.map(|at| format!("M{} {}v20", px(at), px(bar.y - 10.0)));
    html! {
        <g key={bar.id} class={classes!("history-bar", bar.class)}>
            <title>{ &bar.title }</title>
            <rect {x} {y} {width} height="18" rx="4" />
            { for point.into_iter().map(|d| html! { <path class="history-point" {d} /> }) }
            <text x={px(bar.x + 4.0).to_string()} y={px(bar.y + 3.6).to_string()}>
                { &bar.text }
            </text>
        </g>
    }
}

fn legend() -> Html {
    html! {
        <p class="history-legend">
            { for words::HISTORY_LEGEND.iter().map(|(kind, word)| html! {
                <span><i class={format!("history-swatch history-swatch-{kind}")} />{ *word }</span>
            }) }
        </p>
    }
}
