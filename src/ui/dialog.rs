//! A dialog over the page: the browser's own, so that focus stays in it and Esc closes it.
//!
//! Architecture invariant: open while it is there; the page decides whether it is there.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

use crate::view::Intent;
use crate::view::words::scene as words;

#[derive(Clone, PartialEq, Properties)]
pub struct DialogProps {
    pub title: AttrValue,
    pub class: &'static str,
    pub act: Callback<Intent>,
    pub children: Html,
}

/// A dialog with a title and a way out.
#[component]
pub fn DialogFrame(props: &DialogProps) -> Html {
    let place = use_node_ref();
    use_effect_with((), {
        let place = place.clone();
        move |()| {
            let dialog = place.cast::<HtmlDialogElement>();
            if let Some(dialog) = dialog {
                let _ = dialog.show_modal();
            }
        }
    });
    let close = props.act.reform(|_: MouseEvent| Intent::Dialog(None));
    let onclose = props.act.reform(|_: Event| Intent::Dialog(None));
    html! {
        <dialog ref={place} class={classes!("dialog", props.class)} {onclose}
            aria-label={props.title.clone()}>
            <header class="dialog-head">
                <h2>{ &props.title }</h2>
                <button class="button" onclick={close}>{ words::CLOSE }</button>
            </header>
            { props.children.clone() }
        </dialog>
    }
}
