//! The tab in which a reader writes: objects for kubectl, lines for etcdctl.
//!
//! * The text stays in its field (uncontrolled); it is read once, when a button is pressed.
//!
//! Architecture invariant: paints `view::submit`; sends what was written.

use web_sys::{HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

use super::editor::{Editor, Jump};
use super::{EtcdctlLine, PaneProps};
use crate::engine::Action;
use crate::raft::ThreadId;
use crate::view::Intent;
use crate::view::deeds::fetched;
use crate::view::examples::{EXAMPLES, Example};
use crate::view::submit::{Printed, TEXT_BYTES_MAX, TOO_LARGE, Verb, printed};
use crate::view::words::panes as words;

/// The tab in which a reader writes.
#[component]
pub fn Submit(props: &PaneProps) -> Html {
    let field = use_node_ref();
    let example = use_state_eq(|| 0usize);
    let refused = use_state_eq(|| false);
    let fresh = use_state_eq(|| true);
    let since = use_state_eq(|| None::<ThreadId>);
    let jump = use_state(|| None::<Jump>);
    let view = printed(&props.frame);
    let opened = use_state_eq(|| None::<(ThreadId, AttrValue)>);
    use_fetched(props, &opened, &fresh);
    let shown = match &*opened {
        None => EXAMPLES[*example],
        Some(_) => Example { verb: Verb::Replace, shows: words::EDITED, ..EXAMPLES[*example] },
    };
    let text = opened.as_ref().map_or(AttrValue::Static(shown.text), |(_, text)| text.clone());
    let send = sender(&field, &refused, &fresh, &props.act);
    let send = remembers(send, &since, view.as_ref());
    let choose = {
        let (example, refused, fresh) = (example.clone(), refused.clone(), fresh.clone());
        let opened = opened.clone();
        move |event: Event| {
            opened.set(None);
            let chosen: HtmlSelectElement = event.target_unchecked_into();
            example.set(chosen.value().parse().unwrap_or(0).min(EXAMPLES.len() - 1));
            refused.set(false);
            fresh.set(true);
        }
    };
    let answered = view.filter(|view| !*fresh && Some(view.thread) > *since);
    let place = answered.as_ref().and_then(|v| Some((v.thread, v.outcome.as_ref()?.place?.0)));
    let too_large = {
        let refused = refused.clone();
        Callback::from(move |()| refused.set(true))
    };
    let submit = send.reform(move |()| shown.verb);
    html! {
        <div class="submit">
            <div class="submit-kubectl">
                <header class="submit-head">
                    <select class="submit-examples" aria-label={words::EXAMPLES} onchange={choose}>
                        if opened.is_some() {
                            <option value="" selected=true>{ words::AS_STORED }</option>
                        }
                        { for EXAMPLES.iter().enumerate().map(|(i, e)| html! {
                            <option value={i.to_string()}
                                selected={i == *example && opened.is_none()}>{ e.name }</option>
                        }) }
                    </select>
                    { for Verb::ALL.iter().map(|&verb| button(verb, shown.verb, &send)) }
                </header>
                <Editor field={field.clone()} {text} mark={place.filter(|_| !*refused)}
                    jump={*jump}
                    {submit} {too_large} />
                { outcome(answered.as_ref(), *refused, shown.shows, &jump) }
            </div>
            <EtcdctlLine ..props.clone() />
        </div>
    }
}

/// What was printed before a button was pressed is not the answer to it.
fn remembers(
    send: Callback<Verb>,
    since: &UseStateHandle<Option<ThreadId>>,
    printed: Option<&Printed>,
) -> Callback<Verb> {
    let (since, newest) = (since.clone(), printed.map(|printed| printed.thread));
    Callback::from(move |verb| {
        since.set(newest);
        send.emit(verb);
    })
}

/// What `kubectl edit` has fetched is put into the editor, once.
#[hook]
fn use_fetched(
    props: &PaneProps,
    opened: &UseStateHandle<Option<(ThreadId, AttrValue)>>,
    fresh: &UseStateHandle<bool>,
) {
    let line = props.focus.edits.as_deref();
    let fetched = line.and_then(|line| fetched(&props.frame.cluster, line));
    let (opened, fresh) = (opened.clone(), fresh.clone());
    use_effect_with(fetched.as_ref().map(|(thread, _)| *thread), move |thread| {
        if let (Some(thread), Some((_, text))) = (thread, fetched) {
            opened.set(Some((*thread, text.into())));
            fresh.set(true);
        }
    });
}

fn button(verb: Verb, main: Verb, send: &Callback<Verb>) -> Html {
    let onclick = send.reform(move |_: MouseEvent| verb);
    let main = (verb == main).then_some("button-main");
    let title = main.map(|_| words::CTRL_ENTER);
    let class = classes!("button", main);
    html! { <button type="button" {class} {title} {onclick}>{ verb.name() }</button> }
}

fn sender(
    field: &NodeRef,
    refused: &UseStateHandle<bool>,
    fresh: &UseStateHandle<bool>,
    act: &Callback<Intent>,
) -> Callback<Verb> {
    let (field, act) = (field.clone(), act.clone());
    let (refused, fresh) = (refused.clone(), fresh.clone());
    Callback::from(move |verb: Verb| {
        let Some(field) = field.cast::<HtmlTextAreaElement>() else { return };
        let long = field.text_length() as usize > TEXT_BYTES_MAX;
        let text = if long { String::new() } else { field.value() };
        if long || text.len() > TEXT_BYTES_MAX {
            return refused.set(true);
        }
        refused.set(false);
        fresh.set(false);
        act.emit(Intent::FocusThread(None));
        act.emit(Intent::Act(Action::Kube(verb.on(text))));
    })
}

fn outcome(
    printed: Option<&Printed>,
    refused: bool,
    shows: &'static str,
    jump: &UseStateHandle<Option<Jump>>,
) -> Html {
    if refused {
        return html! {
            <div class="submit-outcome submit-failed" role="status"><pre>{ TOO_LARGE }</pre></div>
        };
    }
    let Some(printed) = printed else {
        return html! { <p class="submit-outcome submit-hint">{ shows }</p> };
    };
    let Some(outcome) = &printed.outcome else {
        return html! {
            <p class="submit-outcome submit-hint" role="status">
                { &printed.title }{ " · " }{ words::WAITING_FOR_ANSWER }
            </p>
        };
    };
    let go = outcome.place.map(|place| {
        let jump = jump.clone();
        let onclick = move |_: MouseEvent| {
            jump.set(Some(Jump { place, times: jump.map_or(0, |j| j.times + 1) }));
        };
        html! { <button type="button" class="button" {onclick}>{ words::place(place) }</button> }
    });
    html! {
        <div class={classes!("submit-outcome", outcome.failed.then_some("submit-failed"))}
            role="status">
            <pre>{ &outcome.text }</pre>{ for go }
        </div>
    }
}
