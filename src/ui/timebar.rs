//! The bar over the timeline: jump, stop, branch, share.
//!
//! Architecture invariant: native selects and buttons; keyboard and screen reader for free.

use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::given::use_given;
use super::part::Paint;
use super::search::in_bar;
use crate::engine::{BranchId, Stop};
use crate::view::Intent;
use crate::view::timebar::TimeBar;
use crate::view::words::{scene, time as words};

/// The bar.
#[derive(PartialEq)]
pub struct TimeBarRow {
    pub bar: TimeBar,
    pub shared: bool,
    pub act: Callback<Intent>,
}

impl Paint for TimeBarRow {
    fn paint(&self) -> Html {
        let TimeBarRow { bar, shared, act } = self;
        let share = act.reform(|_: MouseEvent| Intent::Share);
        html! {
            <section class="timebar" aria-label={words::BAR}>
                { jump(bar, act) }
                { stops(bar, act) }
                if let Some(stop) = &bar.stopped {
                    <span class="timebar-said" role="status">{ words::stopped(stop) }</span>
                }
                if let Some(stop) = &bar.jumping {
                    <span class="timebar-said" role="status">{ words::jumping(stop) }</span>
                }
                { branches(bar, act) }
                { in_bar(&bar.quest, act) }
                <button class="button timebar-share" onclick={share} title={words::SHARE_TITLE}>
                    { if *shared { words::SHARED } else { words::SHARE } }
                </button>
                if let Some(parting) = &bar.parting {
                    <p class="timebar-parting" role="status">{ parting }</p>
                }
            </section>
        }
    }
}

/// Where a select was put.
fn chosen(event: &Event) -> Option<usize> {
    let select: HtmlSelectElement = event.target()?.dyn_into().ok()?;
    usize::try_from(select.selected_index()).ok()
}

fn jump(bar: &TimeBar, act: &Callback<Intent>) -> Html {
    let to = &bar.jump;
    let onchange = {
        let act = act.clone();
        Callback::from(move |event: Event| {
            let stop = chosen(&event).and_then(|index| words::JUMPS.get(index));
            stop.into_iter().for_each(|stop| act.emit(Intent::JumpBy(stop.clone())));
        })
    };
    let option = |stop: &Stop| {
        html! { <option selected={stop == to}>{ words::stop(stop) }</option> }
    };
    let button = |label: &str, key: &'static str, sign: &'static str, intent: Intent| {
        let onclick = act.reform(move |_: MouseEvent| intent.clone());
        let label = format!("{label} {}", words::stop(to));
        html! {
            <button class="button" {onclick} title={scene::with_key(&label, key)}
                aria-label={label}>{ sign }</button>
        }
    };
    html! {
        <span class="timebar-group">
            { button(words::LAST, ",", "‹", Intent::Back(to.clone())) }
            <select aria-label={words::JUMP} title={words::JUMP} {onchange}>
                { for words::JUMPS.iter().map(option) }
            </select>
            { button(words::NEXT, ".", "›", Intent::Forward(to.clone())) }
        </span>
    }
}

fn stops(bar: &TimeBar, act: &Callback<Intent>) -> Html {
    let onchange = {
        let (act, offers) = (act.clone(), bar.offers.clone());
        Callback::from(move |event: Event| {
            if let Some(index) = chosen(&event).and_then(|index| index.checked_sub(1)) {
                let line = || words::STOP_LINES.get(index - offers.len());
                let stop = offers.get(index).cloned().map(Intent::StopAt);
                let intent = stop.or_else(|| line().map(|(_, line)| Intent::Draft(line)));
                intent.into_iter().for_each(|intent| act.emit(intent));
            }
            let select = event.target().and_then(|it| it.dyn_into::<HtmlSelectElement>().ok());
            select.into_iter().for_each(|select| select.set_selected_index(0));
        })
    };
    let chip = |stop: &Stop| {
        let at = stop.clone();
        let onclick = act.reform(move |_: MouseEvent| Intent::StopAt(at.clone()));
        html! {
            <button class="button timebar-chip" {onclick} title={words::STOP_REMOVE}
                aria-label={format!("{}: break {stop}", words::STOP_REMOVE)}>
                <code>{ format!("break {stop}") }</code>{ " ×" }
            </button>
        }
    };
    html! {
        <span class="timebar-group">
            <select aria-label={words::STOP} title={words::STOP} {onchange}>
                <option selected=true>{ words::STOP_CHOOSE }</option>
                { for bar.offers.iter().map(|stop| html! {
                    <option>{ words::stop(stop) }</option>
                }) }
                { for words::STOP_LINES.iter().map(|(words, _)| html! {
                    <option>{ *words }</option>
                }) }
            </select>
            { for bar.stops.iter().map(chip) }
        </span>
    }
}

fn branches(bar: &TimeBar, act: &Callback<Intent>) -> Html {
    if bar.branches.is_empty() {
        return Html::default();
    }
    let one = |(id, name): &(BranchId, String)| match *id == bar.branch {
        true => html! { <OwnName key={*id} id={*id} name={name.clone()} act={act.clone()} /> },
        false => other(*id, name, bar.beside == Some(*id), act),
    };
    html! {
        <span class="timebar-group" role="group" aria-label={words::BRANCHES}>
            { for bar.branches.iter().map(one) }
        </span>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct OwnNameProps {
    id: BranchId,
    name: String,
    act: Callback<Intent>,
}

/// The branch looked at: its name can be changed.
#[component]
fn OwnName(props: &OwnNameProps) -> Html {
    let OwnNameProps { id, name, act } = props;
    let field = use_node_ref();
    use_given(&field, name);
    let onchange = {
        let (act, id) = (act.clone(), *id);
        Callback::from(move |event: Event| {
            let input = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
            let name = input.map(|input| input.value()).filter(|name| !name.trim().is_empty());
            name.into_iter().for_each(|name| act.emit(Intent::Rename(id, name)));
        })
    };
    html! {
        <input ref={field} class="timebar-own" {onchange} maxlength="40"
            size={name.chars().count().clamp(6, 24).to_string()}
            aria-label={words::BRANCH_NAME} title={words::BRANCH_NAME} />
    }
}

fn other(id: BranchId, name: &str, beside: bool, act: &Callback<Intent>) -> Html {
    let button = |sign: &str, label: &str, intent: Intent, pressed: Option<bool>| {
        let onclick = act.reform(move |_: MouseEvent| intent.clone());
        html! {
            <button class="button" {onclick} title={label.to_string()}
                aria-pressed={pressed.map(|on| on.to_string())}
                aria-label={format!("{label}: {name}")}>{ sign }</button>
        }
    };
    let compare = Intent::Compare((!beside).then_some(id));
    html! {
        <span key={id} class="timebar-branch">
            { button(name, words::BRANCH_SWITCH, Intent::Switch(id), None) }
            { button("⇅", words::BRANCH_BESIDE, compare, Some(beside)) }
            { button("×", words::BRANCH_DELETE, Intent::Forget(id), None) }
        </span>
    }
}
