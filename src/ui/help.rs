//! The keys, how to read the picture, and what of it is real.
//!
//! Architecture invariant: the keys are listed from the table that obeys them.

use yew::prelude::*;

use super::dialog::DialogFrame;
use super::legend::legend;
use super::part::Paint;
use crate::view::keys::KEYS;
use crate::view::words::scene as words;
use crate::view::{Dialog, Intent};

/// Keys and grammar.
#[derive(PartialEq)]
pub struct Help {
    pub act: Callback<Intent>,
}

/// What is real here, and what is modelled.
#[derive(PartialEq)]
pub struct About {
    pub act: Callback<Intent>,
}

impl Paint for Help {
    fn paint(&self) -> Html {
        let key = |(keys, what): &(&'static str, &'static str)| {
            html! { <><dt><kbd>{ *keys }</kbd></dt><dd>{ *what }</dd></> }
        };
        let about = self.act.reform(|_: MouseEvent| Intent::Dialog(Some(Dialog::About)));
        html! {
            <DialogFrame title={words::HELP_TITLE} class="help" act={self.act.clone()}>
                <div class="help-columns">
                    <section>
                        <h3>{ words::KEYS_TITLE }</h3>
                        <dl class="help-keys">{ for KEYS.iter().map(key) }</dl>
                    </section>
                    <section>
                        <h3>{ words::LEGEND }</h3>
                        { legend() }
                        <ul>{ for words::GRAMMAR.iter().map(|line| html! { <li>
                        { *line }</li> }) }</ul>
                    </section>
                </div>
                <button class="button" onclick={about}>{ words::ABOUT_MORE }</button>
            </DialogFrame>
        }
    }
}

impl Paint for About {
    fn paint(&self) -> Html {
        let list = |lines: &'static [&'static str]| {
            html! { <ul>{ for lines.iter().map(|line| html! { <li>{ *line }</li> }) }</ul> }
        };
        html! {
            <DialogFrame title={words::ABOUT} class="help" act={self.act.clone()}>
                <p>{ words::ABOUT_FIRST }</p>
                <div class="help-columns">
                    <section><h3>{ words::REAL }</h3>{ list(&words::REAL_LINES) }</section>
                    <section><h3>{ words::MODELLED }</h3>{ list(&words::MODELLED_LINES) }</section>
                </div>
                <h3>{ words::DIFFERENT }</h3>
                { list(&words::DIFFERENT_LINES) }
            </DialogFrame>
        }
    }
}
