//! The seed and inputs of the run, to be copied.
//!
//! Architecture invariant: where the clipboard is forbidden, the text stays selected.

use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use crate::view::words::scene as words;

/// A field with the text, and a button that copies it.
pub fn replay(text: &str) -> Html {
    let onclick = {
        let text = text.to_string();
        Callback::from(move |_: MouseEvent| copy(&text))
    };
    html! {
        <div class="replay">
            <label>
                { words::TRAP_REPLAY }
                <textarea class="replay-text" readonly=true rows="5" value={text.to_string()} />
            </label>
            <button class="button" {onclick}>{ words::COPY }</button>
        </div>
    }
}

fn copy(text: &str) {
    let area = gloo::utils::document().query_selector(".replay-text").ok().flatten();
    if let Some(area) = area.and_then(|area| area.dyn_into::<HtmlTextAreaElement>().ok()) {
        area.select();
    }
    let written = gloo::utils::window().navigator().clipboard().write_text(text);
    wasm_bindgen_futures::spawn_local(async move {
        let _ = wasm_bindgen_futures::JsFuture::from(written).await;
    });
}
