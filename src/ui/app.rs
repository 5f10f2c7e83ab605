//! The page: composes everything, and lets time pass once for each animation frame.
//!
//! * Every intent goes to the one `Page`; painting waits for the next animation frame.
//!
//! Architecture invariant: holds the one `Page`; nothing else on this floor holds state of the
//! world.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::events::{EventListener, EventListenerOptions};
use gloo::render::{AnimationFrame, request_animation_frame};
use gloo::timers::callback::Timeout;
use gloo::utils::{document, window};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};
use yew::prelude::*;

use super::about::About;
use super::faults::Faults;
use super::header::Header;
use super::help::Help;
use super::part::part;
use super::scene::ScenePane;
use super::search::SearchDialog;
use super::sentence::SentenceLine;
use super::settings::Settings;
use super::terminal::TerminalPane;
use super::timebar::TimeBarRow;
use super::timeline::Timeline;
use super::trap::{ErrorNotice, TrapNotice};
use super::{Panes, WritePathPane, keyboard, link};
use crate::engine::Config;
use crate::kube::Conduct;
use crate::view::promises_tab::badge;
use crate::view::scene::Shape;
use crate::view::timebar::{Beside, TimeBar};
use crate::view::{Dialog, Intent, Page, Tab, Theme, keys};

/// Shows the hand-made moment instead of a living cluster.
const FIXTURE: &str = "#fixture";

/// Below this width the panes stack (also in `app.css`).
const NARROW: u32 = 900;

/// Wall milliseconds after which a tab asked for is on the page.
const EDITOR_MS: u32 = 60;

/// The whole page.
#[component]
pub fn App() -> Html {
    let fixture = use_state(on_fixture);
    let page = use_mut_ref(|| first_page(*fixture));
    let redraw = use_force_update();
    use_effect_with((), {
        let (page, live) = (page.clone(), !*fixture);
        move |()| {
            if live {
                link::open_shared(page.clone());
            }
            let next = Rc::new(RefCell::new(None));
            each_frame(page, live, redraw, next.clone());
            move || drop(next.take())
        }
    });
    let act = {
        let page = page.clone();
        use_callback((), move |intent: Intent, ()| page.borrow_mut().on(intent))
    };
    use_effect_with((), {
        let (page, act) = (page.clone(), act.clone());
        move |()| listen(page, act)
    });
    let theme = page.borrow().theme;
    use_effect_with(theme, |theme| show_theme(*theme));
    paint(&page.borrow(), &act)
}

fn paint(page: &Page, act: &Callback<Intent>) -> Html {
    let (frame, focus, seen) = (page.panes().clone(), page.focus.clone(), page.seen.clone());
    let (past, width) = (page.player.in_the_past(), width());
    html! {
        <div class="app">
            { header(page, act) }
            <div class="app-said">{ sentence(page, act) }</div>
            <main class="app-main">
                { scene(page, act, width) }
                <div class="app-right">
                    <WritePathPane frame={frame.clone()} focus={focus.clone()} seen={seen.clone()}
                        {past} act={act.clone()} />
                    <Panes {frame} {focus} {seen} {past} act={act.clone()} />
                </div>
            </main>
            <div class="app-time">
                { timebar(page, act) }
                { timeline(page, act, width) }
            </div>
            { over(page, act) }
        </div>
    }
}

fn header(page: &Page, act: &Callback<Intent>) -> Html {
    let player = &page.player;
    part(Header {
        config: player.config().clone(),
        playing: player.playing(),
        past: player.in_the_past(),
        speed: player.speed(),
        at: player.at(),
        act: act.clone(),
    })
}

fn sentence(page: &Page, act: &Callback<Intent>) -> Html {
    part(SentenceLine {
        sentence: page.sentence().clone(),
        spoken: page.spoken.clone(),
        why: page.why.clone(),
        badge: badge(page.panes()),
        rules_off: page.panes().cluster.rules_off.clone(),
        past: page.player.in_the_past(),
        act: act.clone(),
    })
}

fn scene(page: &Page, act: &Callback<Intent>, width: u32) -> Html {
    part(ScenePane {
        moment: page.moment(),
        focus: page.focus.clone(),
        shape: if width < NARROW { Shape::Narrow } else { Shape::Wide },
        target: page.target(),
        act: act.clone(),
    })
}

fn timeline(page: &Page, act: &Callback<Intent>, width: u32) -> Html {
    let run = page.run();
    part(Timeline {
        lanes: run.lanes.clone(),
        newest: run.newest,
        at: run.at,
        past: page.player.in_the_past(),
        beside: Beside::of(page),
        width,
        act: act.clone(),
    })
}

fn timebar(page: &Page, act: &Callback<Intent>) -> Html {
    part(TimeBarRow { bar: TimeBar::of(page), shared: page.shared, act: act.clone() })
}

/// What lies over the page.
fn over(page: &Page, act: &Callback<Intent>) -> Html {
    let dialog = match page.dialog {
        Some(Dialog::Settings) => {
            let (config, file) = (page.player.config().clone(), page.seen.encryption.clone());
            html! { <Settings {config} {file} act={act.clone()} /> }
        }
        Some(Dialog::Faults(target)) => {
            let frame = page.panes().clone();
            html! { <Faults {target} {frame} act={act.clone()} /> }
        }
        Some(Dialog::Search) => part(SearchDialog { quest: page.quest.clone(), act: act.clone() }),
        Some(Dialog::Help) => part(Help { act: act.clone() }),
        Some(Dialog::About) => part(About { replay: page.player.replay_text(), act: act.clone() }),
        None => Html::default(),
    };
    html! {
        <>
            { dialog }
            if page.terminal.open {
                <TerminalPane terminal={page.terminal.clone()} line={page.seen.line.clone()}
                    act={act.clone()} />
            }
            if let Some(trap) = &page.trap {
                { part(TrapNotice { trap: trap.clone(), act: act.clone() }) }
            } else if let Some(error) = &page.error {
                { part(ErrorNotice { error: error.clone(), act: act.clone() }) }
            }
        </>
    }
}

fn first_page(fixture: bool) -> Page {
    let mut page = match fixture {
        #[cfg(debug_assertions)]
        true => Page::fixture(),
        // A script says what it wants; a reader wants to see what it is all for.
        _ => Page::new(Config { plane: Conduct::Acting, ..Config::default() }),
    };
    page.system_is_dark = media("(prefers-color-scheme: dark)");
    page.reduced_motion = media("(prefers-reduced-motion: reduce)");
    page
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
            link::pump_search(&page);
            link::share_if_asked(&page);
        }
        if changed {
            redraw.force_update();
        }
        each_frame(page, live, redraw, again);
    });
    next.replace(Some(frame));
}

/// Hears the keyboard, the window's new sizes, and clicks: a button pressed by pointer does not
/// keep the keyboard, so that Space goes on meaning play.
fn listen(page: Rc<RefCell<Page>>, act: Callback<Intent>) -> impl FnOnce() {
    let resized = page.clone();
    let size = EventListener::new(&window(), "resize", move |_| resized.borrow_mut().touch());
    let options = EventListenerOptions::enable_prevent_default();
    let key = EventListener::new_with_options(&document(), "keydown", options, move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        if event.default_prevented() {
            return;
        }
        let name = event.key();
        let intent = keys::intent(keyboard::pressed(&name, event), &page.borrow());
        if let Some(intent) = intent {
            event.prevent_default();
            if intent == Intent::ShowTab(Tab::Submit) {
                into_editor();
            }
            act.emit(intent);
        }
    });
    let click = EventListener::new(&document(), "click", |event| {
        let by_pointer = event.dyn_ref::<MouseEvent>().is_some_and(|event| event.detail() > 0);
        if by_pointer {
            keyboard::let_go();
        }
    });
    move || drop((key, size, click))
}

fn show_theme(theme: Theme) {
    let root = document().document_element().and_then(|root| root.dyn_into::<HtmlElement>().ok());
    let Some(root) = root else { return };
    let _ = match theme {
        Theme::System => root.remove_attribute("data-theme"),
        Theme::Light => root.set_attribute("data-theme", "light"),
        Theme::Dark => root.set_attribute("data-theme", "dark"),
    };
}

fn media(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|query| query.matches())
}

/// The key that shows the editor also goes into it, once it is there.
fn into_editor() {
    Timeout::new(EDITOR_MS, || {
        let field = document().query_selector(".editor-field").ok().flatten();
        if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
            let _ = field.focus();
        }
    })
    .forget();
}

fn width() -> u32 {
    let width = window().inner_width().ok().and_then(|width| width.as_f64());
    width.map_or(1280, |width| width as u32)
}

fn on_fixture() -> bool {
    cfg!(debug_assertions) && window().location().hash().is_ok_and(|hash| hash == FIXTURE)
}
