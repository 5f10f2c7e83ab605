//! The file of `--encryption-provider-config`, to be read and replaced while the cluster runs.
//!
//! * What is wrong with what is written is said in the apiserver's words while it is written: the
//!   engine is asked.
//! * A replaced file changes nothing until an apiserver starts; there is a button for each.
//!
//! Architecture invariant: the apiserver reads the file, not this.

use std::rc::Rc;

use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::look::use_look;
use crate::engine::{Action, EncryptionView, Look};
use crate::kube;
use crate::kube::places::apiserver_name;
use crate::view::Intent;
use crate::view::words::at_rest as words;

#[derive(Clone, PartialEq, Properties)]
pub struct EncryptionFileProps {
    /// How many apiservers there are.
    pub apiservers: u8,
    pub file: Option<Rc<EncryptionView>>,
    pub act: Callback<Intent>,
}

/// The file, folded away.
#[component]
pub fn EncryptionFile(props: &EncryptionFileProps) -> Html {
    let EncryptionFileProps { apiservers, file, act } = props;
    let draft = use_state_eq(|| None::<String>);
    let replaced = use_state_eq(|| false);
    let asked = Look::Encryption { draft: (*draft).clone().unwrap_or_default() };
    use_look(act, Some(asked), *replaced);
    let file = file.as_deref().cloned().unwrap_or_default();
    let text = (*draft).clone().unwrap_or_else(|| file.file.clone());
    let changed = text != file.file;
    let problem = file.problem.filter(|_| changed && file.draft == text);
    let oninput = {
        let draft = draft.clone();
        move |event: InputEvent| {
            draft.set(Some(event.target_unchecked_into::<HtmlTextAreaElement>().value()));
        }
    };
    let replace = {
        let (act, text, replaced) = (act.clone(), text.clone(), replaced.clone());
        move |_: MouseEvent| {
            replaced.set(true);
            act.emit(Intent::Act(Action::Kube(kube::Action::Encryption { text: text.clone() })));
        }
    };
    let rotate = act.reform(|_: MouseEvent| Intent::Act(Action::Kube(kube::Action::RotateKms)));
    let restart = |number: u8| {
        let name = apiserver_name(usize::from(number) - 1, *apiservers);
        let act = act.clone();
        let onclick = move |_: MouseEvent| {
            for runs in [false, true] {
                let action = kube::Action::Apiserver { number, runs };
                act.emit(Intent::Act(Action::Kube(action)));
            }
        };
        html! {
            <button class="button" type="button" {onclick}>{ words::restart(&name) }</button>
        }
    };
    html! {
        <details class="settings-flags">
            <summary>{ words::FILE }</summary>
            <p>{ words::FILE_NOTE }</p>
            <p class="settings-problem" role="status">{ problem }</p>
            <textarea class="settings-file" rows="12" spellcheck="false" aria-label={words::FILE}
                value={text} {oninput} />
            <div class="settings-deeds">
                <button class="button" type="button" disabled={!changed} onclick={replace}>
                    { words::REPLACE }
                </button>
                { for (1..=*apiservers).map(restart) }
                if file.file.contains("kms:") {
                    <button class="button" type="button" title="kms rotate" onclick={rotate}>
                        { words::ROTATE }
                    </button>
                }
            </div>
        </details>
    }
}
