//! Play, pause, step, back, how fast, and what time it is.
//!
//! Architecture invariant: buttons send the same intents as the keys.

use yew::prelude::*;

use super::icon::{BACK, Icon, PAUSE, PLAY, PRESENT, START, STEP, icon};
use super::keyboard::slider;
use super::part::Paint;
use crate::engine::{StepBy, Stop};
use crate::player::Speed;
use crate::sim::Instant;
use crate::view::Intent;
use crate::view::words::scene as words;

/// The buttons.
#[derive(PartialEq)]
pub struct Transport {
    pub playing: bool,
    pub past: bool,
    pub act: Callback<Intent>,
}

impl Paint for Transport {
    fn paint(&self) -> Html {
        let Transport { playing, past, act } = self;
        let button = |picture: Icon, label: &str, keys: &'static str, intent: Intent, off: bool| {
            let onclick = act.reform(move |_: MouseEvent| intent.clone());
            html! {
                <button class="transport-button" {onclick} disabled={off}
                    title={words::with_key(label, keys)}
                    aria-label={label.to_string()}>
                    { icon(picture) }
                </button>
            }
        };
        let play = if *playing { (PAUSE, words::PAUSE) } else { (PLAY, words::PLAY) };
        let onplay = act.reform(|_: MouseEvent| Intent::PlayPause);
        html! {
            <div class="transport" role="group" aria-label={words::TRANSPORT}>
                { button(START, words::TO_START, "Home", Intent::Seek(Some(Instant(0))), false) }
                { button(BACK, words::BACK, "←", Intent::Back(Stop::Message(None)), false) }
                <button class="transport-button transport-play" onclick={onplay} aria-label={play.1}
                    title={words::with_key(play.1, "Space")}>
                    { icon(play.0) }
                </button>
                { step(act, StepBy::Message, words::STEP_MESSAGE, "→") }
                { step(act, StepBy::Event, words::STEP_EVENT, "Shift →") }
                { step(act, StepBy::Instant, words::STEP_INSTANT, "Alt →") }
                { button(PRESENT, words::TO_PRESENT, "End", Intent::Seek(None), !past) }
            </div>
        }
    }
}

fn step(act: &Callback<Intent>, by: StepBy, word: &'static str, keys: &'static str) -> Html {
    let onclick = act.reform(move |_: MouseEvent| Intent::Step(by));
    html! {
        <button class="transport-button transport-step" {onclick}
            title={words::step_title(word, keys)}
            aria-label={words::step_label(word)}>
            { icon(STEP) }<span>{ word }</span>
        </button>
    }
}

/// How many virtual seconds pass in one of the reader's.
#[derive(PartialEq)]
pub struct SpeedSlider {
    pub speed: Speed,
    pub act: Callback<Intent>,
}

impl Paint for SpeedSlider {
    fn paint(&self) -> Html {
        let oninput = {
            let act = self.act.clone();
            Callback::from(move |event: InputEvent| {
                if let Some(notch) = slider(&event).and_then(|place| u8::try_from(place).ok()) {
                    act.emit(Intent::Speed(Speed::notch(notch)));
                }
            })
        };
        let text = self.speed.text();
        html! {
            <label class="transport-speed" title={words::SPEED_TITLE}>
                <span class="app-hidden">{ words::SPEED }</span>
                <input type="range" min="0" max={Speed::MAX.to_string()} step="1" {oninput}
                    value={self.speed.as_notch().to_string()} aria-valuetext={text.clone()} />
                <output>{ text }</output>
            </label>
        }
    }
}

/// The virtual time looked at, and whether that is the past.
#[derive(PartialEq)]
pub struct Clock {
    pub at: Instant,
    pub past: bool,
    pub act: Callback<Intent>,
}

impl Paint for Clock {
    fn paint(&self) -> Html {
        let present = self.act.reform(|_: MouseEvent| Intent::Seek(None));
        html! {
            <div class="transport-clock">
                <span class="transport-time" title={words::CLOCK_TITLE}>
                { "t " }{ words::clock(self.at) }</span>
                if self.past {
                    <button class="transport-past" onclick={present} title={words::PAST_TITLE}>
                        { words::PAST }
                    </button>
                }
            </div>
        }
    }
}
