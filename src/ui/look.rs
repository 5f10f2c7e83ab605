//! Asks the engine again whenever what a pane shows has changed.
//!
//! * Something else wanted is asked for at once; the same thing again, because the world moved, at
//!   most every [`LOOK_EVERY_MS`].
//!
//! Architecture invariant: knows when to ask, not what the answer means.

use gloo::timers::callback::Timeout;
use yew::prelude::*;

use crate::engine::Look;
use crate::view::Intent;

/// Wall milliseconds between two looks at the same thing.
pub const LOOK_EVERY_MS: f64 = 250.0;

/// Looks at `want` now, whenever it changes, and whenever `stamp` does.
#[hook]
pub fn use_look<S: PartialEq + 'static>(act: &Callback<Intent>, want: Option<Look>, stamp: S) {
    let sent = use_mut_ref(|| (None::<Look>, 0.0));
    let act = act.clone();
    use_effect_with((want, stamp), move |(want, _)| {
        let want = want.clone();
        let timer = want.map(|look| {
            let since = js_sys::Date::now() - sent.borrow().1;
            let same = sent.borrow().0.as_ref() == Some(&look);
            let wait = if same { (LOOK_EVERY_MS - since).max(0.0) } else { 0.0 };
            Timeout::new(wait as u32, move || {
                *sent.borrow_mut() = (Some(look.clone()), js_sys::Date::now());
                act.emit(Intent::Look(look));
            })
        });
        move || drop(timer)
    });
}
