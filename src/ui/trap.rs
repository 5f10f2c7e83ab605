//! The engine's module died: what it said, what is lost, and the run to be copied.
//!
//! Architecture invariant: says only what is known; the page goes on below it.

use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use crate::view::words::scene as words;
use crate::view::{Intent, Trap};

#[derive(Clone, PartialEq, Properties)]
pub struct TrapProps {
    pub trap: Trap,
    pub act: Callback<Intent>,
}

/// The notice.
#[component]
pub fn TrapNotice(props: &TrapProps) -> Html {
    let TrapProps { trap, act } = props;
    let text = use_node_ref();
    let copy = {
        let (text, replay) = (text.clone(), trap.replay.clone());
        Callback::from(move |_: MouseEvent| {
            if let Some(area) = text.cast::<HtmlTextAreaElement>() {
                area.select();
            }
            let written = gloo::utils::window().navigator().clipboard().write_text(&replay);
            wasm_bindgen_futures::spawn_local(async move {
                // Where the clipboard is forbidden the text stays selected.
                let _ = wasm_bindgen_futures::JsFuture::from(written).await;
            });
        })
    };
    let dismiss = act.reform(|_: MouseEvent| Intent::DismissTrap);
    html! {
        <section class="trap" role="alert">
            <h2>{ words::TRAP_TITLE }</h2>
            <p>{ words::trap(trap.requests_lost) }</p>
            <pre class="trap-message">{ &trap.message }</pre>
            <label>
                { words::TRAP_REPLAY }
                <textarea ref={text} readonly=true rows="5" value={trap.replay.clone()} />
            </label>
            <footer>
                <button class="button" onclick={copy}>{ words::COPY }</button>
                if trap.requests_lost.is_some() {
                    <button class="button button-main" onclick={dismiss}>{ words::GO_ON }</button>
                }
            </footer>
        </section>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub struct ErrorProps {
    pub error: String,
    pub act: Callback<Intent>,
}

/// The engine would not do what it was asked, and says why.
#[component]
pub fn ErrorNotice(props: &ErrorProps) -> Html {
    let dismiss = props.act.reform(|_: MouseEvent| Intent::DismissTrap);
    html! {
        <section class="trap trap-refused" role="alert">
            <p>{ &props.error }</p>
            <footer><button class="button" onclick={dismiss}>{ words::CLOSE }</button></footer>
        </section>
    }
}
