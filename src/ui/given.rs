//! A text that a field is given, and that the reader may then change.
//!
//! Architecture invariant: never writes over what the reader typed after the text was given.

use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Gives `field` its text: once, and again when another one is given.
///
/// A `value` in the markup would be put back by every render, over what is being typed.
#[hook]
pub fn use_given(field: &NodeRef, text: &str) {
    use_effect_with((field.clone(), text.to_string()), |(field, text)| {
        if let Some(field) = field.cast::<HtmlInputElement>() {
            field.set_value(text);
        }
    });
}
