//! The thread of one apply: who wrote what because of what.
//!
//! Architecture invariant: paints `view::story`.

use yew::prelude::*;

use super::{PaneProps, look::use_look};
use crate::view::Intent;
use crate::view::story::{StoryLine, StoryView, look, stamp};
use crate::view::words::plane as words;

/// The list, or what to do to see one.
#[component]
pub fn StoryPane(props: &PaneProps) -> Html {
    let PaneProps { frame, focus, seen, act, .. } = props;
    use_look(act, Some(look(focus)), stamp(frame));
    let Some(story) = &seen.story else {
        return html! {
            <div class="store-tab-history">
                <p class="store-tab-empty">{ words::STORY_NONE }</p>
            </div>
        };
    };
    let view = StoryView::of(story, focus);
    let settled = view.settled.then_some("story-settled");
    html! {
        <section class="store-tab-history story" aria-label={words::STORY}>
            <h3>{ words::STORY }{ " · " }{ &view.title }</h3>
            <p class={classes!("story-said", settled)}>{ &view.said }</p>
            <ol tabindex="0" aria-label={words::STORY}>
                { for view.lines.iter().map(|it| line(it, act)) }
            </ol>
            { for view.left_out.iter().map(|text| html! { <p>{ text }</p> }) }
            <p class="store-tab-empty">{ words::OBJECT_CHOOSE }</p>
        </section>
    }
}

fn line(line: &StoryLine, act: &Callback<Intent>) -> Html {
    let thread = line.thread;
    let onpointerenter = act.reform(move |_: PointerEvent| Intent::Hover(Some(thread)));
    let onpointerleave = act.reform(move |_: PointerEvent| Intent::Hover(None));
    let onclick = act.reform(move |_: MouseEvent| Intent::FocusThread(Some(thread)));
    let class = classes!(line.lit.then_some("story-lit"), line.failed.then_some("story-failed"));
    let style = format!("--depth: {}", line.depth.min(8));
    html! {
        <li key={thread.0.to_string()} {class} {style} {onpointerenter} {onpointerleave}>
            <button type="button" {onclick}>
                <small>{ &line.at }</small>
                <span>
                    <b>{ &line.by }</b>{ " " }{ &line.what }{ " · " }{ &line.outcome }
                    if !line.because.is_empty() { <small>{ &line.because }</small> }
                </span>
            </button>
        </li>
    }
}
