//! What is happening, in plain words, with *why?* beside it.
//!
//! Architecture invariant: the words are the view's.

use std::rc::Rc;

use yew::prelude::*;

use super::part::{Paint, part};
use crate::raft::Rule;
use crate::view::promises_tab::Badge;
use crate::view::sentence::{Cause, Part, Sentence};
use crate::view::words::{promises, scene as words};
use crate::view::{Intent, Tab};

/// The sentence.
#[derive(PartialEq)]
pub struct SentenceLine {
    pub sentence: Sentence,
    pub spoken: Rc<str>,
    pub why: Option<Rc<Vec<Cause>>>,
    pub badge: Option<Badge>,
    /// Rules that are off: said as long as they are.
    pub rules_off: Vec<Rule>,
    pub past: bool,
    pub act: Callback<Intent>,
}

impl Paint for SentenceLine {
    fn paint(&self) -> Html {
        let SentenceLine { sentence, spoken, why, badge: promises, past, act, .. } = self;
        let words_of = |part: &Part| match part.strong {
            true => html! { <b>{ &part.text }</b> },
            false => html! { <>{ &part.text }</> },
        };
        let onclick = act.reform(|_: MouseEvent| Intent::Why);
        let starting = sentence.parts.is_empty();
        html! {
            <>
            <section class={classes!("sentence", past.then_some("sentence-past"))}
                aria-label={words::HAPPENING}>
                <p class="sentence-words">
                    if starting { { words::STARTING } }
                    { for sentence.parts.iter().map(words_of) }
                </p>
                <span class="app-hidden" role="status" aria-live="polite">{ &**spoken }</span>
                { for promises.iter().map(|it| badge(it, act)) }
                if !starting {
                    <span class="sentence-section">{ sentence.section }</span>
                    <button class="sentence-why" {onclick} aria-expanded={why.is_some().to_string()}
                        aria-controls="why">
                        { words::WHY }
                    </button>
                }
                if let Some(causes) = why {
                    { part(Causes { causes: causes.clone(), act: act.clone() }) }
                }
            </section>
            if !self.rules_off.is_empty() { { banner(&self.rules_off, act) } }
            </>
        }
    }
}

/// Not Raft as it should be, and which rules are missing; leads to the switches.
fn banner(rules: &[Rule], act: &Callback<Intent>) -> Html {
    let line = rules.iter().map(|rule| format!("rule {} on", rule.name()));
    let (lines, act) = (line.collect::<Vec<_>>(), act.clone());
    let back = Callback::from(move |_: MouseEvent| {
        for text in lines.clone() {
            act.emit(Intent::Line { text, entered: true });
        }
    });
    html! {
        <div class="banner" role="status">
            <p>{ promises::rules_off(rules) }</p>
            <button type="button" class="button" onclick={back}>{ promises::RULE_ON }</button>
        </div>
    }
}

/// Whether all promises are kept; leads to their list.
fn badge(badge: &Badge, act: &Callback<Intent>) -> Html {
    let onclick = act.reform(|_: MouseEvent| Intent::ShowTab(Tab::Promises));
    let class = classes!("badge", (!badge.kept).then_some("badge-broken"));
    html! {
        <button type="button" {class} {onclick} title={badge.title.clone()}
            aria-label={badge.text.clone()}>
            { if badge.kept { "✓ " } else { "✕ " } }
            <span class="badge-words">{ &badge.text }</span>
        </button>
    }
}

/// What led here, newest first; each leads to its instant.
#[derive(PartialEq)]
struct Causes {
    causes: Rc<Vec<Cause>>,
    act: Callback<Intent>,
}

impl Paint for Causes {
    fn paint(&self) -> Html {
        let cause = |cause: &Cause| {
            let at = cause.at;
            let onclick = self.act.reform(move |_: MouseEvent| Intent::Seek(Some(at)));
            html! {
                <li>
                    <button class="sentence-cause" {onclick} title={words::GO_THERE}>
                        <span class="sentence-when">{ words::clock(at) }</span>{ &cause.text }
                    </button>
                </li>
            }
        };
        let onclose = self.act.reform(|_: MouseEvent| Intent::Why);
        html! {
            <section id="why" class="sentence-causes" aria-label={words::WHY_TITLE}>
                <header><h2>{ words::WHY_TITLE }</h2><button class="button" onclick={onclose}>
                { words::CLOSE }</button></header>
                if self.causes.is_empty() { <p>{ words::NO_CAUSES }</p> }
                <ol>{ for self.causes.iter().map(cause) }</ol>
            </section>
        }
    }
}
