//! One line of etcdctl, and its answers.
//!
//! Architecture invariant: paints `view::submit`; what a line means is `script::etcdctl`'s.

use std::rc::Rc;

use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::PaneProps;
use super::given::use_given;
use crate::cluster::Action as ClusterAction;
use crate::engine::{Action, LineView, Look};
use crate::raft::MemberId;
use crate::script::etcdctl::parse;
use crate::view::Intent;
use crate::view::submit::{Answer, answers, endpoints};
use crate::view::terminal::completed;
use crate::view::words::panes as words;

/// One line of etcdctl, and its answers.
#[component]
pub fn EtcdctlLine(props: &PaneProps) -> Html {
    let PaneProps { frame, act, seen, .. } = props;
    let field = use_node_ref();
    let endpoint = use_state_eq(|| None::<MemberId>);
    let error = use_state_eq(|| None::<String>);
    use_given(&field, "put foo bar");
    let onsubmit = {
        let (field, endpoint, error, act) =
            (field.clone(), endpoint.clone(), error.clone(), act.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            let Some(field) = field.cast::<HtmlInputElement>() else { return };
            match parse(&field.value(), None) {
                Ok(mut etcdctl) => {
                    if etcdctl.endpoints.is_empty() {
                        etcdctl.endpoints.extend(*endpoint);
                    }
                    error.set(None);
                    field.select();
                    act.emit(Intent::FocusThread(None));
                    act.emit(Intent::Act(Action::Cluster(ClusterAction::Etcdctl(etcdctl))));
                }
                Err(refused) => error.set(Some(refused.text)),
            }
        }
    };
    let said = answers(&frame.cluster);
    let oninput = act.reform(|event: InputEvent| {
        let typed = event.target_unchecked_into::<HtmlInputElement>().value();
        Intent::Look(Look::Line { text: whole(&typed), entered: false })
    });
    let onkeydown = completes(seen.line.clone());
    html! {
        <form class="submit-etcdctl" {onsubmit}>
            { head(endpoints(&frame.cluster), &endpoint) }
            <div class="submit-line">
                <label class="submit-prompt" for="submit-command">{ "etcdctl" }</label>
                <input ref={field} id="submit-command" type="text"
                    spellcheck="false" {oninput} {onkeydown}
                    autocapitalize="off" autocomplete="off" />
                <button type="submit" class="button">{ words::RUN }</button>
            </div>
            { for error.iter().map(|e| html! {
                <pre class="submit-answer-text submit-wrong" role="alert">{ e }</pre>
            }) }
            <ol class="submit-answers" aria-label={words::ANSWERS} tabindex="0">
                { for said.iter().map(|a| answer(a, act)) }
            </ol>
            if said.is_empty() && error.is_none() {
                <p class="submit-hint">{ words::ETCDCTL_HINT }</p>
            }
        </form>
    }
}

/// The pane's title, and which member is asked.
fn head(endpoints: Vec<(MemberId, String)>, asked: &UseStateHandle<Option<MemberId>>) -> Html {
    let choose = {
        let asked = asked.clone();
        move |event: Event| {
            let chosen = event.target_unchecked_into::<HtmlSelectElement>().value();
            asked.set(chosen.parse().ok().map(MemberId));
        }
    };
    html! {
        <header class="submit-head">
            <h3>{ words::ETCDCTL }</h3>
            <select class="submit-endpoint" aria-label={words::ENDPOINT} title={words::ENDPOINT}
                onchange={choose}>
                <option value="" selected={asked.is_none()}>{ words::ANY_ENDPOINT }</option>
                { for endpoints.into_iter().map(|(member, label)| html! {
                    <option value={member.0.to_string()}
                        selected={**asked == Some(member)}>{ label }</option>
                }) }
            </select>
        </header>
    }
}

/// Tab completes the line, if it has been read and there is a way to go on.
fn completes(read: Option<Rc<LineView>>) -> Callback<KeyboardEvent> {
    Callback::from(move |event: KeyboardEvent| {
        let field = event.target_unchecked_into::<HtmlInputElement>();
        let read = read.as_ref().filter(|line| line.text == whole(&field.value()));
        if event.key() == "Tab"
            && !event.shift_key()
            && let Some(line) = read.and_then(|line| completed(line))
        {
            event.prevent_default();
            field.set_value(line.strip_prefix("etcdctl ").unwrap_or(&line));
        }
    })
}

/// The line as the language has it.
fn whole(typed: &str) -> String {
    format!("etcdctl {typed}")
}

fn answer(answer: &Answer, act: &Callback<Intent>) -> Html {
    let thread = answer.thread;
    let onpointerenter = act.reform(move |_: PointerEvent| Intent::Hover(Some(thread)));
    let onpointerleave = act.reform(move |_: PointerEvent| Intent::Hover(None));
    let onclick = act.reform(move |_: MouseEvent| Intent::FocusThread(Some(thread)));
    let failed = answer.failed.then_some("submit-wrong");
    html! {
        <li key={answer.id.to_string()} class="submit-answer" {onpointerenter} {onpointerleave}>
            <button type="button" class="submit-command" {onclick}>{ "$ " }{ &answer.line }</button>
            <small>{ &answer.note }</small>
            <pre class={classes!("submit-answer-text", failed)}>
                { answer.text.as_deref().unwrap_or(words::WAITING_FOR_ANSWER) }
            </pre>
        </li>
    }
}
