//! (being written)
//!
//! Architecture invariant: paints only.

use yew::prelude::*;

use super::PaneProps;

/// The tabs on the right.
#[component]
pub fn Panes(_props: &PaneProps) -> Html {
    html! { <section class="panes card"></section> }
}
