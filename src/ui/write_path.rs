//! The eight stations of the write in focus.
//!
//! Architecture invariant: paints `view::write_path`.

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::PaneProps;
use crate::kube::{StepState, WriteOutcome};
use crate::raft::ThreadId;
use crate::view::words::panes as words;
use crate::view::write_path::{Choice, Station, WritePathView};
use crate::view::{Intent, Tab};

/// The eight stations of the write in focus.
#[component]
pub fn WritePathPane(props: &PaneProps) -> Html {
    let view = WritePathView::of(&props.frame, &props.focus);
    let act = &props.act;
    let closes = act.clone();
    let escape = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            closes.emit(Intent::OpenStep(None));
        }
    };
    let body = match &view {
        None => empty(act),
        Some(view) => {
            let lit = view.lit.then_some("write-path-lit");
            html! {
                <>
                    <ol class={classes!("write-path-stations", lit)}
                        onpointerenter={hover(act, Some(view.thread))}
                        onpointerleave={hover(act, None)}>
                        { for view.stations.iter().map(|s| station(s, act)) }
                    </ol>
                    { outcome(view, act) }
                </>
            }
        }
    };
    html! {
        <section class="write-path card" aria-label={words::WRITE_PATH} onkeydown={escape}>
            <header class="write-path-head">
                <h2>{ words::WRITE_PATH }</h2>
                { for view.iter().map(|v| switcher(v, act)) }
                { for view.iter().map(|v| html! {
                    <span class="write-path-took">{ &v.took }</span>
                }) }
            </header>
            { body }
        </section>
    }
}

fn empty(act: &Callback<Intent>) -> Html {
    let go = act.reform(|_: MouseEvent| Intent::ShowTab(Tab::Submit));
    html! {
        <p class="write-path-empty">
            { words::WRITE_PATH_EMPTY }
            <button type="button" class="button" onclick={go}>{ words::SUBMIT_AN_OBJECT }</button>
        </p>
    }
}

fn hover(act: &Callback<Intent>, thread: Option<ThreadId>) -> Callback<PointerEvent> {
    act.reform(move |_| Intent::Hover(thread))
}

fn switcher(view: &WritePathView, act: &Callback<Intent>) -> Html {
    let onchange = act.reform(|event: Event| {
        let chosen = event.target_unchecked_into::<HtmlSelectElement>().value();
        Intent::FocusThread(chosen.parse().ok().map(ThreadId))
    });
    let option = |choice: &Choice| {
        let selected = choice.current && !view.follows;
        html! { <option value={choice.thread.0.to_string()} {selected}>{ &choice.label }</option> }
    };
    html! {
        <label class="write-path-switch">
            <span class="write-path-title">{ &view.title }</span>
            <select aria-label={words::CHOOSE_WRITE} {onchange}>
                <option value="" selected={view.follows}>{ words::FOLLOW_NEWEST }</option>
                { for view.choices.iter().map(option) }
            </select>
        </label>
    }
}

fn station(station: &Station, act: &Callback<Intent>) -> Html {
    let kind = (!station.open).then_some(station.kind);
    let onclick = act.reform(move |_: MouseEvent| Intent::OpenStep(kind));
    let state = state_class(station.state);
    html! {
        <li class="write-path-place">
            <button type="button" class={classes!("write-path-station", state)}
                title={station.hint.clone()}
                aria-label={station.hint.clone()} aria-expanded={station.open.to_string()}
                {onclick}>
                <span class="write-path-number">
                    { station.number }
                    <span class="write-path-badge">{ &station.badge }</span>
                </span>
                <b>{ station.name }</b>
                <span class="write-path-what">{ &station.what }</span>
                <small class="write-path-note">{ &station.note }</small>
            </button>
        </li>
    }
}

fn state_class(state: StepState) -> &'static str {
    match state {
        StepState::Waiting => "write-path-waiting",
        StepState::Now => "write-path-now",
        StepState::Done => "write-path-done",
        StepState::Failed => "write-path-failed",
        StepState::Skipped => "write-path-skipped",
    }
}

fn outcome(view: &WritePathView, act: &Callback<Intent>) -> Html {
    let Some(WriteOutcome { text, failed, .. }) = &view.outcome else {
        return html! { <p class="write-path-outcome">{ words::WAITING_FOR_ANSWER }</p> };
    };
    let ended = view.stations.iter().find(|s| s.state == StepState::Failed).map(|s| s.kind);
    let more = ended.map(|kind| {
        let onclick = act.reform(move |_: MouseEvent| Intent::OpenStep(Some(kind)));
        html! {
            <button type="button" class="write-path-more" {onclick}>{ words::WHOLE_TEXT }</button>
        }
    });
    html! {
        <p class={classes!("write-path-outcome", failed.then_some("write-path-refused"))}
            title={text.clone()}>
            <span class="write-path-sign"
                aria-hidden="true">{ if *failed { "✕" } else { "✓" } }</span>
            <code>{ text }</code>
            { for more }
        </p>
    }
}
