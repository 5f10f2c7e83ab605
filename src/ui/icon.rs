//! Small pictures on buttons.
//!
//! Architecture invariant: in the colour of the words beside them; hidden from screen readers.

use yew::prelude::*;

/// A picture of 16 by 16.
#[derive(Clone, Copy, PartialEq)]
pub struct Icon(&'static str);

/// To the beginning.
pub const START: Icon = Icon("M3 3h2v10H3zM13 3v10L6 8z");
/// One back.
pub const BACK: Icon = Icon("M11.5 3v10L4.5 8z");
/// Play.
pub const PLAY: Icon = Icon("M4 2.5v11L13 8z");
/// Pause.
pub const PAUSE: Icon = Icon("M3.5 3h3v10h-3zM9.5 3h3v10h-3z");
/// One on.
pub const STEP: Icon = Icon("M4.5 3v10l7-5z");
/// To the present.
pub const PRESENT: Icon = Icon("M3 3v10l7-5zM11 3h2v10h-2z");
/// Light or dark.
pub const THEME: Icon = Icon("M8 1.5a6.5 6.5 0 1 0 0 13zM8 3a5 5 0 0 1 0 10z");
/// Settings.
pub const SETTINGS: Icon = Icon(
    "M2 4h6.2a2 2 0 0 1 3.6 0H14v1.5h-2.2a2 2 0 0 1-3.6 0H2z\
     M2 10.5h2.2a2 2 0 0 1 3.6 0H14V12H7.8a2 2 0 0 1-3.6 0H2z",
);

/// The picture.
pub fn icon(Icon(d): Icon) -> Html {
    html! { <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path
    {d} /></svg> }
}
