//! Annotated hex: field, bytes and value light together, by pointer or by arrow keys.
//!
//! * The list of fields is the one stop of the keyboard: arrows walk fields, Page Up and Page Down
//!   walk windows of a long value.
//!
//! Architecture invariant: paints `view::bytes_tab::HexView`; holds only the selection.

use std::rc::Rc;

use web_sys::HtmlElement;
use yew::prelude::*;

use crate::engine::KeyView;
use crate::kube::{ByteSpan, WriteDetail};
use crate::view::bytes_tab::{FieldRow, Fields, HexRow, HexRun, HexView, Tint, hex};
use crate::view::words::panes as words;
use crate::view::write_path_detail::Side;

/// Where bytes and their meaning are.
#[derive(Debug, Clone)]
pub enum BytesOf {
    /// One side of a write's transformer.
    Write(Rc<WriteDetail>, Side),
    /// One version of a key.
    Version(Rc<KeyView>, usize),
}

impl PartialEq for BytesOf {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Write(a, sa), Self::Write(b, sb)) => Rc::ptr_eq(a, b) && sa == sb,
            (Self::Version(a, ia), Self::Version(b, ib)) => Rc::ptr_eq(a, b) && ia == ib,
            _ => false,
        }
    }
}

impl BytesOf {
    fn parts(&self) -> (&[u8], &[ByteSpan]) {
        match self {
            Self::Write(w, Side::Before) => (&w.encoded, &w.encoded_spans),
            Self::Write(w, Side::After) => (&w.stored, &w.stored_spans),
            Self::Version(key, at) => match key.versions.get(*at) {
                Some(version) => (&version.kv.value, &version.spans),
                None => (&[], &[]),
            },
        }
    }
}

/// What to show.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct HexProps {
    /// The bytes.
    pub of: BytesOf,
}

/// What is looked at: the first row of the window, and a field.
type Looked = (usize, Option<usize>);

/// Annotated hex.
#[component]
pub fn HexPane(props: &HexProps) -> Html {
    let looked = use_state_eq(Looked::default);
    let fields = use_memo(props.of.clone(), |of| Fields::of(of.parts().1));
    let list = use_node_ref();
    use_effect_with(props.of.parts().0.len(), {
        let looked = looked.clone();
        move |_| looked.set(Looked::default())
    });
    let (bytes, spans) = props.of.parts();
    let view = hex(bytes, spans, &fields, looked.0, looked.1);
    use_effect_with(looked.1, {
        let list = list.clone();
        move |_| show_selected(&list)
    });
    let select = {
        let looked = looked.clone();
        Callback::from(move |field: Option<usize>| looked.set((looked.0, field)))
    };
    let onkeydown = keys(looked.clone(), fields, view.earlier, view.later);
    html! {
        <div class="hex">
            <div class="hex-bytes" tabindex="0" role="group" aria-label={words::BYTES}>
                { for view.rows.iter().map(|r| hex_row(r, &select)) }
                { window(&view, &looked) }
            </div>
            <ul ref={list} class="hex-fields" role="listbox" tabindex="0" aria-label={words::FIELDS}
                {onkeydown}>
                { for view.fields.iter().map(|f| field_row(f, &select)) }
            </ul>
            <p class="hex-caption" aria-live="polite">
                { if view.caption.is_empty() { words::HEX_HINT } else { &view.caption } }
            </p>
        </div>
    }
}

fn keys(
    looked: UseStateHandle<Looked>,
    fields: Rc<Fields>,
    earlier: Option<usize>,
    later: Option<usize>,
) -> Callback<KeyboardEvent> {
    Callback::from(move |event: KeyboardEvent| {
        let last = fields.len().saturating_sub(1);
        let to = match (event.key().as_str(), looked.1) {
            ("PageDown", _) => return later.into_iter().for_each(|row| looked.set((row, None))),
            ("PageUp", _) => return earlier.into_iter().for_each(|row| looked.set((row, None))),
            ("ArrowDown" | "ArrowRight", Some(field)) => (field + 1).min(last),
            ("ArrowUp" | "ArrowLeft", Some(field)) => field.saturating_sub(1),
            ("ArrowDown" | "ArrowRight" | "Home", _) => 0,
            ("End", _) => last,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        looked.set((fields.window_for(to, looked.0), Some(to)));
    })
}

/// Scrolls the list, and nothing else, so that the selected field is in view.
fn show_selected(list: &NodeRef) {
    let Some(list) = list.cast::<HtmlElement>() else { return };
    let Ok(Some(on)) = list.query_selector("[aria-selected=true]") else { return };
    let Ok(on) = wasm_bindgen::JsCast::dyn_into::<HtmlElement>(on) else { return };
    let (top, bottom) = (on.offset_top(), on.offset_top() + on.offset_height());
    if top < list.scroll_top() {
        list.set_scroll_top(top);
    } else if bottom > list.scroll_top() + list.client_height() {
        list.set_scroll_top(bottom - list.client_height());
    }
}

fn hex_row(row: &HexRow, select: &Callback<Option<usize>>) -> Html {
    let run = |run: &HexRun, text: &str, part: &'static str| {
        let class = classes!(part, tint(run.tint), run.selected.then_some("hex-on"));
        let field = run.field;
        let onpointerenter = select.reform(move |_: PointerEvent| field);
        html! { <span {class} {onpointerenter}>{ text }</span> }
    };
    html! {
        <div class="hex-row">
            <span class="hex-offset">{ &row.offset }</span>
            <span class="hex-hex">{ for row.runs.iter().map(|r| run(r, &r.hex, "hex-run")) }</span>
            <span class="hex-ascii" aria-hidden="true">
                { for row.runs.iter().map(|r| run(r, &r.ascii, "hex-letters")) }
            </span>
        </div>
    }
}

fn tint(tint: Tint) -> &'static str {
    match tint {
        Tint::Plain => "hex-plain",
        Tint::Frame => "hex-frame",
        Tint::Even => "hex-even",
        Tint::Odd => "hex-odd",
    }
}

fn window(view: &HexView, looked: &UseStateHandle<Looked>) -> Html {
    let Some(said) = &view.window else { return Html::default() };
    let go = |to: Option<usize>, word: &'static str| {
        let looked = looked.clone();
        let onclick = move |_: MouseEvent| to.into_iter().for_each(|row| looked.set((row, None)));
        html! {
            <button type="button" class="button" disabled={to.is_none()} {onclick}>{ word }</button>
        }
    };
    html! {
        <p class="hex-window">
            { go(view.earlier, words::EARLIER_BYTES) }{ said }{ go(view.later, words::LATER_BYTES) }
        </p>
    }
}

fn field_row(field: &FieldRow, select: &Callback<Option<usize>>) -> Html {
    let at = Some(field.field);
    let onpointerenter = select.reform(move |_: PointerEvent| at);
    let onclick = select.reform(move |_: MouseEvent| at);
    let style = format!("--depth:{}", field.depth.min(12));
    html! {
        <li key={field.field} class={classes!("hex-field", field.selected.then_some("hex-on"))}
            {style} role="option"
            aria-selected={field.selected.to_string()} title={field.path.clone()} {onpointerenter}
            {onclick}>
            <b>{ &field.name }</b><span>{ &field.value }</span>
        </li>
    }
}
