//! The keys, and how to read the picture.
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
