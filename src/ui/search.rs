//! The search for a run: what can be sought, how far it is, what was done in what it found.
//!
//! Architecture invariant: paints `view::search`; the searching is an engine's of its own.

use std::rc::Rc;

use yew::prelude::*;

use super::dialog::DialogFrame;
use super::part::Paint;
use crate::engine::Sought;
use crate::engine::search::{Found, SEEDS_MAX};
use crate::view::search::Quest;
use crate::view::words::search as words;
use crate::view::{Dialog, Intent};

/// The dialog.
#[derive(PartialEq)]
pub struct SearchDialog {
    pub quest: Rc<Quest>,
    pub act: Callback<Intent>,
}

impl Paint for SearchDialog {
    fn paint(&self) -> Html {
        let SearchDialog { quest, act } = self;
        html! {
            <DialogFrame title={words::TITLE} class="search" act={act.clone()}>
                <p class="faults-note">{ words::LEAD }</p>
                <div class="faults-tools">
                    { for Sought::ALL.iter().map(|(_, it)| choice(*it, quest, act)) }
                </div>
                { state(quest, act) }
                if let Some((_, found)) = &quest.found { { steps(found) } }
                <p class="faults-note">{ words::NOTE }</p>
            </DialogFrame>
        }
    }
}

fn choice(sought: Sought, quest: &Quest, act: &Callback<Intent>) -> Html {
    let onclick = act.reform(move |_: MouseEvent| Intent::Search(Some(sought)));
    let pressed = (quest.sought == Some(sought)).to_string();
    html! {
        <button type="button" class="button faults-tool" {onclick} aria-pressed={pressed}>
            <span>{ words::happens(sought) }</span>
            <small>{ words::teaches(sought) }</small>
            <code>{ format!("search {}", sought.name()) }</code>
        </button>
    }
}

/// How far it is, or how it ended.
fn state(quest: &Quest, act: &Callback<Intent>) -> Html {
    let cancel = act.reform(|_: MouseEvent| Intent::Search(None));
    let said = |text: &str| html! { <p role="status" class="search-said">{ text }</p> };
    if let Some(sought) = quest.sought {
        let share = quest.progress.seeds.to_string();
        let most = SEEDS_MAX.to_string();
        return html! {
            <div class="search-state">
                { said(&words::progress(sought, &quest.progress)) }
                <progress value={share} max={most} aria-label={words::happens(sought)} />
                <button type="button" class="button" onclick={cancel}>{ words::CANCEL }</button>
            </div>
        };
    }
    match (&quest.found, &quest.wrong, quest.missed) {
        (Some((_, found)), ..) => said(&words::found(found)),
        (_, Some(wrong), _) => said(wrong),
        (.., Some(sought)) => said(&words::missed(sought, &quest.progress)),
        _ => Html::default(),
    }
}

fn steps(found: &Found) -> Html {
    html! {
        <section>
            <h3>{ words::STEPS }</h3>
            if found.deeds.is_empty() { <p class="faults-note">{ words::NO_STEPS }</p> }
            <ol class="search-steps">
                { for found.deeds.iter().map(|(at, action)| html! {
                    <li><code>{ format!("at {at} {action}") }</code></li>
                }) }
            </ol>
        </section>
    }
}

/// The search in the bar over the timeline: a door to it, and what it says when nobody looks.
pub fn in_bar(quest: &Quest, act: &Callback<Intent>) -> Html {
    let button = |text: &str, label: &str, intent: Intent| {
        let onclick = act.reform(move |_: MouseEvent| intent.clone());
        html! {
            <button type="button" class="button" {onclick} title={label.to_string()}
                aria-label={label.to_string()}>{ text }</button>
        }
    };
    let door = Intent::Dialog(Some(Dialog::Search));
    html! {
        <span class="timebar-group timebar-search">
            { button(words::FIND, words::FIND_TITLE, door) }
            if let Some(sought) = quest.sought {
                <span class="timebar-said">{ words::progress(sought, &quest.progress) }</span>
                { button("×", words::CANCEL, Intent::Search(None)) }
            } else if let Some((_, found)) = &quest.found {
                <span class="timebar-said" role="status" title={words::found(found)}>
                    { words::found(found) }
                </span>
                { button(words::OPEN, words::OPEN, Intent::OpenFound) }
                { button("×", words::PUT_AWAY, Intent::Search(None)) }
            } else if let Some(sought) = quest.missed {
                <span class="timebar-said" role="status">
                    { words::missed(sought, &quest.progress) }
                </span>
                { button("×", words::PUT_AWAY, Intent::Search(None)) }
            }
        </span>
    }
}
