//! (being written)
//!
//! Architecture invariant: paints only.

use yew::prelude::*;

use super::PaneProps;

/// The eight stations of the write in focus.
#[component]
pub fn WritePathPane(_props: &PaneProps) -> Html {
    html! { <section class="write-path card"></section> }
}
