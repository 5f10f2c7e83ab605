//! The bytes of the write in focus, before and after the transformer.
//!
//! Architecture invariant: paints `view::bytes_tab`.

use std::rc::Rc;

use yew::prelude::*;

use super::{BytesOf, HexPane, PaneProps, use_write};
use crate::view::words::panes as words;
use crate::view::write_path::write_in_focus;
use crate::view::write_path_detail::Side;

/// The bytes of the write in focus.
#[component]
pub fn BytesTab(props: &PaneProps) -> Html {
    let side = use_state(Side::default);
    use_write(props);
    let write = write_in_focus(&props.frame, &props.focus);
    let Some(write) = write else {
        return html! { <p class="bytes-tab-empty">{ words::BYTES_EMPTY }</p> };
    };
    let detail = props.seen.write.as_ref().filter(|d| d.thread == write.thread);
    let Some(detail) = detail else {
        return html! { <p class="bytes-tab-empty">{ words::DETAIL_WAITING }</p> };
    };
    if detail.stored.is_empty() && detail.encoded.is_empty() {
        return html! { <p class="bytes-tab-empty">{ words::BYTES_NOT_YET }</p> };
    }
    let shown = if detail.encoded.is_empty() { Side::After } else { *side };
    let switch = |to: Side, word: String| {
        let side = side.clone();
        let onclick = move |_: MouseEvent| side.set(to);
        html! {
            <button type="button" class="button" aria-pressed={(shown == to).to_string()}
                {onclick}>{ word }</button>
        }
    };
    html! {
        <div class="bytes-tab">
            <header class="bytes-tab-head">
                if !detail.encoded.is_empty() {
                    { switch(Side::Before, words::before(detail)) }
                    <span aria-hidden="true">{ "→" }</span>
                }
                if !detail.stored.is_empty() { { switch(Side::After, words::after(detail)) } }
                <code class="bytes-tab-key" title={detail.key.clone()}>{ &detail.key }</code>
            </header>
            <HexPane of={BytesOf::Write(Rc::clone(detail), shown)} />
        </div>
    }
}
