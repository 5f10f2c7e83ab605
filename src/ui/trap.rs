//! The engine's module died: what it said, what is lost, and the run to be copied.
//!
//! Architecture invariant: says only what is known; the page goes on below it.

use yew::prelude::*;

use super::part::Paint;
use super::replay::replay;
use crate::view::words::scene as words;
use crate::view::{Intent, Trap};

/// The notice.
#[derive(PartialEq)]
pub struct TrapNotice {
    pub trap: Trap,
    pub act: Callback<Intent>,
}

impl Paint for TrapNotice {
    fn paint(&self) -> Html {
        let TrapNotice { trap, act } = self;
        let dismiss = act.reform(|_: MouseEvent| Intent::DismissTrap);
        html! {
            <section class="trap" role="alert">
                <h2>{ words::TRAP_TITLE }</h2>
                <p>{ words::trap(trap.requests_lost) }</p>
                <pre class="trap-message">{ &trap.message }</pre>
                { replay(&trap.replay) }
                <footer>
                    if trap.requests_lost.is_some() {
                        <button class="button button-main" onclick={dismiss}>
                        { words::GO_ON }</button>
                    }
                </footer>
            </section>
        }
    }
}

/// The engine would not do what it was asked, and says why.
#[derive(PartialEq)]
pub struct ErrorNotice {
    pub error: String,
    pub act: Callback<Intent>,
}

impl Paint for ErrorNotice {
    fn paint(&self) -> Html {
        let dismiss = self.act.reform(|_: MouseEvent| Intent::DismissTrap);
        html! {
            <section class="trap trap-refused" role="alert">
                <p>{ &self.error }</p>
                <footer><button class="button" onclick={dismiss}>{ words::CLOSE }</button></footer>
            </section>
        }
    }
}
