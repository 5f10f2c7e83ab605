//! The tabs on the right, and the station opened over them.
//!
//! * What a reader writes in *Submit* stays while another tab is shown: that panel is only hidden.
//!
//! Architecture invariant: paints only.

use web_sys::HtmlElement;
use yew::prelude::*;

use super::{
    BytesTab, HistoryTab, MetricsTab, ObjectsTabPanel, PaneProps, StepDetailPanel, StoreTabPanel,
    Submit, ledger_tab, promises_panel, watches_panel,
};
use crate::view::words::panes as words;
use crate::view::write_path::write_in_focus;
use crate::view::{Intent, Tab};

/// The tabs on the right.
#[component]
pub fn Panes(props: &PaneProps) -> Html {
    let PaneProps { frame, focus, act, .. } = props;
    let strip = use_node_ref();
    let step = focus.step.filter(|_| write_in_focus(frame, focus).is_some());
    let onkeydown = keys(strip.clone(), focus.tab, act.clone());
    let closes = act.clone();
    let escape = Callback::from(move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            closes.emit(Intent::OpenStep(None));
        }
    });
    let submit = focus.tab == Tab::Submit && step.is_none();
    html! {
        <section class="panes card" onkeydown={escape}>
            <div ref={strip} class="panes-tabs" role="tablist" aria-label={words::PANES}
                {onkeydown}>
                { for Tab::ALL.into_iter().map(|tab| button(tab, focus.tab, act)) }
            </div>
            <div class="panes-body" role="tabpanel" id="panes-body"
                aria-label={words::tab(focus.tab)}>
                <div class="panes-kept" hidden={!submit}><Submit ..props.clone() /></div>
                { step.map_or_else(|| panel(props), |kind| html! {
                    <StepDetailPanel {kind} from={props.clone()} />
                }) }
            </div>
        </section>
    }
}

fn panel(props: &PaneProps) -> Html {
    let props = props.clone();
    match props.focus.tab {
        Tab::Submit => Html::default(),
        Tab::Objects => html! { <ObjectsTabPanel ..props /> },
        Tab::Log => ledger_tab(&props),
        Tab::Store => html! { <StoreTabPanel ..props /> },
        Tab::Bytes => html! { <BytesTab ..props /> },
        Tab::Watches => watches_panel(&props),
        Tab::Metrics => html! { <MetricsTab ..props /> },
        Tab::Promises => promises_panel(&props),
        Tab::History => html! { <HistoryTab ..props /> },
    }
}

fn button(tab: Tab, shown: Tab, act: &Callback<Intent>) -> Html {
    let act = act.clone();
    let onclick = move |_: MouseEvent| show(&act, tab);
    let on = tab == shown;
    html! {
        <button type="button" class="panes-tab" role="tab" aria-selected={on.to_string()}
            aria-controls="panes-body" tabindex={if on { "0" } else { "-1" }} {onclick}>
            { words::tab(tab) }
        </button>
    }
}

fn show(act: &Callback<Intent>, tab: Tab) {
    act.emit(Intent::OpenStep(None));
    act.emit(Intent::ShowTab(tab));
}

/// Arrow keys, Home and End walk the tabs, as in any tab list.
fn keys(strip: NodeRef, tab: Tab, act: Callback<Intent>) -> Callback<KeyboardEvent> {
    Callback::from(move |event: KeyboardEvent| {
        let last = Tab::ALL.len() - 1;
        let at = Tab::ALL.iter().position(|&t| t == tab).unwrap_or(0);
        let to = match event.key().as_str() {
            "ArrowRight" => (at + 1) % (last + 1),
            "ArrowLeft" => (at + last) % (last + 1),
            "Home" => 0,
            "End" => last,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        show(&act, Tab::ALL[to]);
        let button = strip.cast::<HtmlElement>().and_then(|s| s.children().item(to as u32));
        if let Some(button) = button.and_then(|b| wasm_bindgen::JsCast::dyn_into(b).ok()) {
            let button: HtmlElement = button;
            let _ = button.focus();
        }
    })
}
