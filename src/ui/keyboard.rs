//! What the browser reports of keys and sliders.
//!
//! Architecture invariant: decides nothing; `view::keys` does.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, InputEvent, KeyboardEvent, SvgElement};

use crate::view::keys::{On, Pressed};

/// The key, for the table.
pub fn pressed<'a>(name: &'a str, event: &KeyboardEvent) -> Pressed<'a> {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    Pressed {
        key: name,
        shift: event.shift_key(),
        alt: event.alt_key(),
        command: event.ctrl_key() || event.meta_key(),
        on: target.map(|target| on(&target)).unwrap_or_default(),
    }
}

fn on(target: &Element) -> On {
    let role = target.get_attribute("role");
    match (target.tag_name().as_str(), role.as_deref()) {
        ("INPUT", _) if target.get_attribute("type").as_deref() == Some("range") => On::Slider,
        ("INPUT" | "TEXTAREA" | "SELECT", _) => On::Field,
        ("BUTTON" | "A" | "SUMMARY", _) | (_, Some("button")) => On::Button,
        _ => On::Page,
    }
}

/// Where a slider was put.
pub fn slider(event: &InputEvent) -> Option<u32> {
    let input: HtmlInputElement = event.target()?.dyn_into().ok()?;
    input.value().parse().ok()
}

/// Takes the keyboard's focus from a button, unless it is one of a dialog's.
pub fn let_go() {
    let Some(active) = gloo::utils::document().active_element() else { return };
    let in_dialog = active.closest("dialog").is_ok_and(|dialog| dialog.is_some());
    if on(&active) != On::Button || in_dialog {
        return;
    }
    if let Some(button) = active.dyn_ref::<HtmlElement>() {
        let _ = button.blur();
    } else if let Some(member) = active.dyn_ref::<SvgElement>() {
        let _ = member.blur();
    }
}
