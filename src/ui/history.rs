//! The history of one key: its generations, and the version looked at.
//!
//! Architecture invariant: paints `view::store_tab_history`; holds only the choices.

use std::rc::Rc;

use yew::prelude::*;

use super::{BytesOf, HexPane};
use crate::engine::KeyView;
use crate::kube::standing::Standing;
use crate::store::Revision;
use crate::view::store_tab_history::{Generation, History, Mark, VersionView};
use crate::view::words::panes as words;

/// What to show.
#[derive(Clone, PartialEq, Properties)]
pub struct HistoryProps {
    /// The engine's answer; none: not there yet.
    pub seen: Option<Rc<KeyView>>,
    /// The revision the store is read at.
    pub revision: Option<Revision>,
    /// Whether a key is chosen.
    pub chosen: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Object,
    Standing,
    Text,
    Bytes,
}

/// The history of one key.
#[component]
pub fn HistoryPane(props: &HistoryProps) -> Html {
    let version = use_state_eq(|| None::<usize>);
    let form = use_state_eq(|| Form::Object);
    let Some(seen) = &props.seen else {
        let said = if props.chosen { words::DETAIL_WAITING } else { words::STORE_CHOOSE_KEY };
        return html! {
            <div class="store-tab-history"><p class="store-tab-empty">{ said }</p></div>
        };
    };
    let view = History::of(seen, *version, props.revision);
    let choose = Callback::from(move |at| version.set(Some(at)));
    html! {
        <div class="store-tab-history">
            <code class="store-tab-path">{ &view.key }</code>
            <div class="store-tab-generations">
                if view.left_out
                > 0 { <span class="store-tab-older">{ words::older(view.left_out) }</span> }
                { for view.generations.iter().map(|g| generation(g, &choose)) }
            </div>
            { for view.version.iter().map(|v| version_view(v, seen, &form)) }
            if view.version.is_none() {
                <p class="store-tab-said">{ words::HISTORY_ABSENT }</p>
            }
        </div>
    }
}

fn generation(generation: &Generation, choose: &Callback<usize>) -> Html {
    html! {
        <span class={classes!("store-tab-life", generation.partial.then_some("store-tab-partial"))}
            title={generation.partial.then_some(words::HISTORY_PARTIAL)}>
            { for generation.versions.iter().map(|m| mark(m, choose)) }
        </span>
    }
}

fn mark(mark: &Mark, choose: &Callback<usize>) -> Html {
    let at = mark.at;
    let onclick = choose.reform(move |_: MouseEvent| at);
    let gone = mark.tombstone.then_some("store-tab-gone");
    html! {
        <button type="button" class={classes!("store-tab-mark", gone)}
            aria-pressed={mark.selected.to_string()}
            aria-label={mark.label.clone()} title={mark.label.clone()} {onclick}>
            if mark.tombstone { <span aria-hidden="true">{ "✕" }</span> }
            { mark.mod_revision.0 }
        </button>
    }
}

fn version_view(version: &VersionView, seen: &Rc<KeyView>, form: &UseStateHandle<Form>) -> Html {
    if version.tombstone {
        return html! {
            <>{ pairs(version) }<p class="store-tab-said">{ words::HISTORY_DELETED }</p></>
        };
    }
    let forms = [
        (Form::Object, version.object.is_some(), words::AS_JSON),
        (Form::Standing, seen.standing != Standing::default(), words::STANDING),
        (Form::Text, version.text.is_some(), words::AS_TEXT),
        (Form::Bytes, true, words::AS_HEX),
    ];
    let there = |f: Form| forms.iter().any(|(form, there, _)| *form == f && *there);
    let first = forms.iter().find(|(_, there, _)| *there).map_or(Form::Bytes, |(form, ..)| *form);
    let shown = if there(**form) { **form } else { first };
    let button = |(to, _, word): &(Form, bool, &'static str)| {
        let (to, form) = (*to, form.clone());
        let onclick = move |_: MouseEvent| form.set(to);
        html! {
            <button type="button" class="button" aria-pressed={(shown == to).to_string()}
                {onclick}>{ *word }</button>
        }
    };
    html! {
        <>
            { pairs(version) }
            <div class="store-tab-forms">
                { for forms.iter().filter(|(_, there, _)| *there).map(button) }
            </div>
            { match shown {
                Form::Object => html! {
                    <pre class="store-tab-value">{ version.object.clone() }</pre>
                },
                Form::Standing => standing(&seen.standing),
                Form::Text => html! { <pre class="store-tab-value">{ version.text.clone() }</pre> },
                Form::Bytes => html! {
                    <HexPane of={BytesOf::Version(Rc::clone(seen), version.at)} />
                },
            } }
        </>
    }
}

/// Conditions, and Events below them.
fn standing(standing: &Standing) -> Html {
    let condition = |(kind, status, why): &(String, String, String)| {
        html! { <div><dt>{ kind }{ " " }{ status }</dt><dd>{ why }</dd></div> }
    };
    let event = |(reason, message): &(String, String)| {
        html! { <div><dt>{ reason }</dt><dd>{ message }</dd></div> }
    };
    html! {
        <div class="store-tab-value">
            <h4>{ words::CONDITIONS }</h4>
            <dl class="store-tab-pairs">{ for standing.conditions.iter().map(condition) }</dl>
            <h4>{ words::EVENTS }</h4>
            <dl class="store-tab-pairs">{ for standing.events.iter().map(event) }</dl>
        </div>
    }
}

fn pairs(version: &VersionView) -> Html {
    html! {
        <dl class="store-tab-pairs">
            { for version.pairs.iter().map(|(name, value)| html! {
                <div><dt>{ *name }</dt><dd>{ value }</dd></div>
            }) }
        </dl>
    }
}
