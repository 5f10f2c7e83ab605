//! The name of the page, what the cluster is made of, the transport, and the doors to the dialogs.
//!
//! Architecture invariant: what ticks (the clock) is a component of its own.

use yew::prelude::*;

use super::icon::{SETTINGS, THEME, icon};
use super::part::{Paint, part};
use super::transport::{Clock, SpeedSlider, Transport};
use crate::engine::Config;
use crate::player::Speed;
use crate::sim::Instant;
use crate::view::words::scene as words;
use crate::view::{Dialog, Intent};

/// The top row.
#[derive(PartialEq)]
pub struct Header {
    pub config: Config,
    pub playing: bool,
    pub past: bool,
    pub speed: Speed,
    pub at: Instant,
    pub act: Callback<Intent>,
}

impl Paint for Header {
    fn paint(&self) -> Html {
        let Header { config, playing, past, speed, at, act } = self;
        let open = |dialog| act.reform(move |_: MouseEvent| Intent::Dialog(Some(dialog)));
        let theme = act.reform(|_: MouseEvent| Intent::Theme);
        html! {
            <header class="header">
                <h1 class="header-name">{ "Raft" }<i>{ "arium" }</i></h1>
                <button class="button header-config" onclick={open(Dialog::Settings)}
                    title={words::SETTINGS_TITLE} aria-haspopup="dialog">
                    { icon(SETTINGS) }<span>{ words::config(config) }</span>
                </button>
                { part(Transport { playing: *playing, past: *past, act: act.clone() }) }
                { part(SpeedSlider { speed: *speed, act: act.clone() }) }
                { part(Clock { at: *at, past: *past, act: act.clone() }) }
                <div class="header-doors">
                    <button class="button header-about" onclick={open(Dialog::About)}
                        aria-haspopup="dialog">
                        { words::ABOUT_SHORT }
                    </button>
                    <button class="button header-door" onclick={theme} aria-label={words::THEME}
                        title={words::with_key(words::THEME, "T")}>
                        { icon(THEME) }
                    </button>
                    <button class="button header-door" onclick={open(Dialog::Help)}
                        aria-label={words::HELP}
                        title={words::with_key(words::HELP, "?")} aria-haspopup="dialog">
                        { "?" }
                    </button>
                </div>
            </header>
        }
    }
}
