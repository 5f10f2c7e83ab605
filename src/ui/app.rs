//! The page: composes everything, and lets time pass once for each animation frame.
//!
//! Architecture invariant: holds the one `Page`; nothing else on this floor holds state of the
//! world.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::render::{AnimationFrame, request_animation_frame};
use yew::prelude::*;

use super::{Panes, WritePathPane, link};
use crate::engine::Config;
use crate::view::{Intent, Page};

/// Shows the hand-made moment instead of a living cluster.
const FIXTURE: &str = "#fixture";

/// The whole page.
#[component]
pub fn App() -> Html {
    let fixture = use_state(on_fixture);
    let page =
        use_mut_ref(|| if *fixture { Page::fixture() } else { Page::new(Config::default()) });
    let redraw = use_force_update();
    use_effect_with((), {
        let (page, live) = (page.clone(), !*fixture);
        move |()| {
            let next = Rc::new(RefCell::new(None));
            each_frame(page, live, redraw, next.clone());
            move || drop(next.take())
        }
    });
    let act = {
        let page = page.clone();
        use_callback((), move |intent: Intent, ()| page.borrow_mut().on(intent))
    };
    let page = page.borrow();
    let (frame, focus, seen) = (page.panes().clone(), page.focus.clone(), page.seen.clone());
    html! {
        <main class="app-main">
            <div class="app-right">
                <WritePathPane
                    frame={frame.clone()}
                    focus={focus.clone()}
                    seen={seen.clone()}
                    act={act.clone()}
                />
                <Panes {frame} {focus} {seen} {act} />
            </div>
        </main>
    }
}

/// Lets time pass, asks the engine, paints; again and again, until `next` is emptied.
fn each_frame(
    page: Rc<RefCell<Page>>,
    live: bool,
    redraw: UseForceUpdateHandle,
    next: Rc<RefCell<Option<AnimationFrame>>>,
) {
    let again = next.clone();
    let frame = request_animation_frame(move |now| {
        let changed = page.borrow_mut().tick((now * 1000.0) as u64);
        if live {
            link::pump(&page);
        }
        if changed {
            redraw.force_update();
        }
        each_frame(page, live, redraw, again);
    });
    next.replace(Some(frame));
}

fn on_fixture() -> bool {
    gloo::utils::window().location().hash().is_ok_and(|hash| hash == FIXTURE)
}
