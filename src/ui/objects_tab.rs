//! Kubernetes' objects: what owns what, how each is, and what is stored of one.
//!
//! Architecture invariant: paints `view::objects_tab`.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{PaneProps, history::HistoryPane, look::use_look, story::StoryPane};
use crate::cluster::Health;
use crate::view::Intent;
use crate::view::deeds::Deed;
use crate::view::objects_tab::{Line, ObjectsTab, alive, look};
use crate::view::store_tab::{look_key, member_shown};
use crate::view::words::panes::DETAIL_WAITING;
use crate::view::words::plane as words;

/// Kubernetes' objects.
#[component]
pub fn ObjectsTabPanel(props: &PaneProps) -> Html {
    let PaneProps { frame, seen, act, .. } = props;
    let focus = &alive(&frame.cluster, &props.focus);
    let member = member_shown(&frame.cluster, focus);
    let sought = use_state(String::new);
    let stamp = member.map(|member| member.revision);
    use_look(act, look(&frame.cluster, focus, &sought), stamp);
    use_look(act, look_key(&frame.cluster, focus), stamp);
    let typed = sought.clone();
    let oninput = move |event: InputEvent| {
        typed.set(event.target_unchecked_into::<HtmlInputElement>().value());
    };
    let Some(objects) = &seen.objects else {
        return html! { <p class="store-tab-empty">{ DETAIL_WAITING }</p> };
    };
    let view = ObjectsTab::of(&frame.cluster, focus, objects, &sought);
    let key = seen.key.as_ref().filter(|key| focus.key.as_ref() == Some(&key.key));
    html! {
        <div class="store-tab-columns objects-tab">
            <div class="store-tab-keys">
                <p class="objects-head">
                    <span class="store-tab-said">{ &view.said }</span>
                    <input class="objects-sought" type="search" spellcheck="false"
                        placeholder={words::OBJECTS_FIND} aria-label={words::OBJECTS_SOUGHT}
                        title={words::OBJECTS_SOUGHT} {oninput} />
                </p>
                if view.lines.is_empty() {
                    <p class="store-tab-empty">{ view.empty }</p>
                }
                <ul class="store-tab-list" aria-label={words::OBJECTS}>
                    { for view.lines.iter().map(|line| object(line, act)) }
                </ul>
            </div>
            if focus.key.is_some() {
                <div class="objects-chosen">
                    { deeds(&view.deeds, act) }
                    <HistoryPane key={focus.key.clone().unwrap_or_default()} seen={key.cloned()}
                    revision={focus.revision} chosen={true} />
                </div>
            } else {
                <StoryPane ..props.clone() />
            }
        </div>
    }
}

/// What can be done to the object looked at.
fn deeds(deeds: &[Deed], act: &Callback<Intent>) -> Html {
    let button = |deed: &Deed| {
        let text = deed.line.clone();
        let onclick =
            act.reform(move |_: MouseEvent| Intent::Line { text: text.clone(), entered: true });
        html! {
            <button key={deed.name} type="button" class="button" title={deed.line.clone()}
                {onclick}>{ deed.name }</button>
        }
    };
    html! {
        <div class="objects-deeds" role="group" aria-label={words::DEEDS}>
            { for deeds.iter().map(button) }
        </div>
    }
}

fn object(line: &Line, act: &Callback<Intent>) -> Html {
    let key = (!line.selected).then(|| line.key.clone());
    let onclick = act.reform(move |_: MouseEvent| Intent::ShowKey(key.clone()));
    let health = match line.health {
        Health::Plain => "objects-plain",
        Health::Well => "objects-well",
        Health::Changing => "objects-changing",
        Health::Bad => "objects-bad",
    };
    let begins = line.begins.then_some("objects-begins");
    html! {
        <li key={line.key.clone()}
            class={classes!(format!("store-tab-depth-{}", line.depth), begins)}>
            <button type="button" class="store-tab-key objects-row"
                aria-pressed={line.selected.to_string()} title={line.key.clone()} {onclick}>
                <i class={health} aria-hidden="true" />
                <small>{ &line.kind }</small>
                <b>{ &line.name }</b>
                <em>{ &line.state }</em>
                <span>{ &line.note }</span>
            </button>
        </li>
    }
}
