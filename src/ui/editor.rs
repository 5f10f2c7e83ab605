//! A text field with line numbers, for YAML.
//!
//! * Uncontrolled: what is typed never passes through Yew; only the lines in view are numbered.
//! * Tab indents; Escape, then Tab, leaves. Enter keeps the indentation. Ctrl+Enter submits.
//! * A paste over the apiserver's limit is refused before it reaches the field.
//!
//! Architecture invariant: knows the field, not what is written in it.

use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, HtmlDocument, HtmlTextAreaElement};
use yew::prelude::*;

use crate::raft::ThreadId;
use crate::view::submit::{TEXT_BYTES_MAX, caret, indentation, lines_in_view};
use crate::view::words::panes as words;

/// Height of a line, as `editor.css` has it.
const LINE_PX: u32 = 17;

/// What the editor is told.
#[derive(Clone, PartialEq, Properties)]
pub struct EditorProps {
    /// The field itself, for whoever reads it.
    pub field: NodeRef,
    /// The text to start from; another one replaces what is written.
    pub text: AttrValue,
    /// A line to mark, and the write that says so.
    pub mark: Option<(ThreadId, u32)>,
    /// A place to go to.
    pub jump: Option<Jump>,
    /// Ctrl+Enter.
    pub submit: Callback<()>,
    /// A paste was refused.
    pub too_large: Callback<()>,
}

/// A place to go to, now.
#[derive(Clone, Copy, PartialEq)]
pub struct Jump {
    /// Line and column, from 1.
    pub place: (u32, u32),
    /// How often it was asked for: the same place twice is two jumps.
    pub times: u32,
}

/// The part of the text in view.
#[derive(Clone, Copy, PartialEq, Default)]
struct Scrolled {
    top_px: u32,
    first: u32,
    last: u32,
}

/// A text field with line numbers.
#[component]
pub fn Editor(props: &EditorProps) -> Html {
    let EditorProps { field, text, mark, jump, .. } = props;
    let scrolled = use_state_eq(Scrolled::default);
    let stale = use_state_eq(|| false);
    let measure = {
        let (field, scrolled) = (field.clone(), scrolled.clone());
        Callback::from(move |()| scrolled.set(measure(&field)))
    };
    use_effect_with(text.clone(), {
        let (field, measure) = (field.clone(), measure.clone());
        move |text: &AttrValue| {
            if let Some(field) = field.cast::<HtmlTextAreaElement>() {
                field.set_value(text);
                field.set_scroll_top(0);
            }
            measure.emit(());
        }
    });
    use_effect_with(*mark, {
        let stale = stale.clone();
        move |_| stale.set(false)
    });
    use_effect_with(*jump, {
        let field = field.clone();
        move |jump: &Option<Jump>| {
            if let Some(jump) = jump {
                go_to(&field, jump.place);
            }
        }
    });
    let oninput = {
        let (measure, stale) = (measure.clone(), stale.clone());
        move |_: InputEvent| {
            stale.set(true);
            measure.emit(());
        }
    };
    let mark = mark.filter(|_| !*stale).map(|(_, line)| line);
    html! {
        <div class="editor">
            { gutter(*scrolled, mark) }
            <textarea ref={field.clone()} class="editor-field" wrap="off" spellcheck="false"
                autocapitalize="off"
                autocomplete="off" aria-label={words::EDITOR} aria-description={words::EDITOR_KEYS}
                onscroll={measure.reform(|_: Event| ())} {oninput} onkeydown={keys(props)}
                onpaste={paste(props)} />
        </div>
    }
}

fn measure(field: &NodeRef) -> Scrolled {
    let Some(field) = field.cast::<HtmlTextAreaElement>() else { return Scrolled::default() };
    let px = |n: i32| n.max(0) as u32;
    let lines = px(field.scroll_height()) / LINE_PX;
    let written = if field.scroll_height() > field.client_height() {
        lines
    } else {
        field.value().split('\n').count() as u32
    };
    let top_px = px(field.scroll_top());
    let (first, last) = lines_in_view(top_px, px(field.client_height()), LINE_PX, written);
    Scrolled { top_px, first, last }
}

fn gutter(scrolled: Scrolled, mark: Option<u32>) -> Html {
    let style = format!("--shift:{}px", scrolled.top_px % LINE_PX);
    let number = |line: u32| {
        let on = mark == Some(line);
        let class = classes!("editor-line", on.then_some("editor-marked"));
        html! { <span key={line} {class}>{ if on { "✕ " } else { "" } }{ line }</span> }
    };
    html! {
        <div class="editor-gutter" aria-hidden="true" {style}>
            { for (scrolled.first..=scrolled.last).map(number) }
        </div>
    }
}

fn keys(props: &EditorProps) -> Callback<KeyboardEvent> {
    let free = std::cell::Cell::new(false);
    let submit = props.submit.clone();
    Callback::from(move |event: KeyboardEvent| {
        let Some(field) = event.target_dyn_into::<HtmlTextAreaElement>() else { return };
        let plain = !(event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key());
        let was_free = free.replace(event.key() == "Escape");
        match event.key().as_str() {
            "Enter" if event.ctrl_key() || event.meta_key() => submit.emit(()),
            "Tab" if plain && !was_free => insert(&field, "  "),
            "Enter" if plain && field.text_length() < 100_000 => {
                let at = field.selection_start().ok().flatten().unwrap_or(0);
                insert(&field, &format!("\n{}", indentation(&field.value(), at)));
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    })
}

fn paste(props: &EditorProps) -> Callback<Event> {
    let too_large = props.too_large.clone();
    Callback::from(move |event: Event| {
        let Some(event) = event.dyn_ref::<ClipboardEvent>() else { return };
        let pasted = event.clipboard_data().and_then(|c| c.get_data("text").ok());
        if pasted.is_some_and(|text| text.len() > TEXT_BYTES_MAX) {
            event.prevent_default();
            too_large.emit(());
        }
    })
}

/// Types a text at the caret, so that the browser's own undo knows it.
fn insert(field: &HtmlTextAreaElement, text: &str) {
    let document = gloo::utils::document().dyn_into::<HtmlDocument>().ok();
    let typed = document
        .and_then(|d| d.exec_command_with_show_ui_and_value("insertText", false, text).ok());
    if typed != Some(true) {
        let _ = field.set_range_text(text);
    }
}

fn go_to(field: &NodeRef, (line, column): (u32, u32)) {
    let Some(field) = field.cast::<HtmlTextAreaElement>() else { return };
    let at = caret(&field.value(), line, column);
    let _ = field.focus();
    let _ = field.set_selection_range(at, at);
    let top = (line.saturating_sub(4) * LINE_PX) as i32;
    field.set_scroll_top(top);
}
