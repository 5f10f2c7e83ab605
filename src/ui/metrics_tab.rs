//! A member's metrics as small charts.
//!
//! Architecture invariant: paints `view::charts`.

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::{PaneProps, look::use_look};
use crate::raft::MemberId;
use crate::view::Intent;
use crate::view::charts::{Chart, Charts, HEIGHT, WIDTH, look};
use crate::view::words::metrics as words;

/// Virtual nanoseconds between two samples.
const SECOND: u64 = 1_000_000_000;

/// The charts of one member.
#[component]
pub fn MetricsTab(props: &PaneProps) -> Html {
    let PaneProps { frame, focus, seen, act, .. } = props;
    use_look(act, look(&frame.cluster, focus), frame.cluster.now.0 / SECOND);
    let Some(view) = Charts::of(&frame.cluster, focus, seen.metrics.as_deref()) else {
        return html! { <p class="store-tab-empty">{ words::WAITING }</p> };
    };
    let onchange = act.reform(|event: Event| {
        let chosen = event.target_unchecked_into::<HtmlSelectElement>().value();
        Intent::SelectMember(chosen.parse().ok().map(MemberId))
    });
    html! {
        <div class="metrics-tab">
            <header class="metrics-tab-head">
                <select class="store-tab-member" aria-label={words::OF} title={words::OF}
                    {onchange}>
                    { for view.members.iter().map(|it| html! {
                        <option value={it.member.0.to_string()} selected={it.current}>
                            { &it.label }
                        </option>
                    }) }
                </select>
                <p>{ words::LEAD }</p>
            </header>
            if view.charts.is_empty() { <p class="store-tab-empty">{ words::WAITING }</p> }
            <div class="metrics-tab-charts" tabindex="0" role="region" aria-label={words::OF}>
                { for view.charts.iter().map(chart) }
            </div>
        </div>
    }
}

fn chart(chart: &Chart) -> Html {
    let view_box = format!("0 0 {WIDTH} {HEIGHT}");
    let across = chart.bound.map(|y| format!("M0 {y}H{WIDTH}"));
    let beyond = chart.beyond.then_some("metrics-tab-beyond");
    html! {
        <figure key={chart.name} class={classes!("metrics-tab-chart", beyond)}>
            <figcaption><b>{ chart.name }</b><span>{ &chart.now }</span></figcaption>
            <svg role="img" aria-label={chart.said.clone()} viewBox={view_box}
                preserveAspectRatio="none">
                { for across.map(|d| html! { <path class="metrics-tab-bound" {d} /> }) }
                { for chart.second.clone().map(|d| html! {
                    <path class="metrics-tab-second" {d} />
                }) }
                <path class="metrics-tab-line" d={chart.line.clone()} />
            </svg>
            <p>{ chart.about }if chart.beyond { <b>{ ". " }{ words::BEYOND }</b> }</p>
        </figure>
    }
}
