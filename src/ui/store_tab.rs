//! The keys of one member's store, at one revision, and the history of one key.
//!
//! Architecture invariant: paints `view::store_tab`.

use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::revision_lines::revision_lines;
use super::{PaneProps, history::HistoryPane, look::use_look};
use crate::raft::MemberId;
use crate::store::Revision;
use crate::view::store_tab::{KeyLine, Line, StoreTab, look, look_key, member_shown};
use crate::view::store_tree::Branch;
use crate::view::words::panes as words;
use crate::view::words::revision_lines::LEASES;
use crate::view::{Focus, Intent};

/// The keys of one member's store.
#[component]
pub fn StoreTabPanel(props: &PaneProps) -> Html {
    let PaneProps { frame, focus, seen, act, .. } = props;
    let prefix = use_state(String::new);
    let member = member_shown(&frame.cluster, focus);
    let stamp = member.map(|m| (m.revision, m.compact_revision));
    use_look(act, look(&frame.cluster, focus, &prefix), stamp);
    use_look(act, look_key(&frame.cluster, focus), stamp);
    let folded = use_state(Vec::<String>::new);
    let view = StoreTab::of(&frame.cluster, focus, seen.store.as_deref(), &folded);
    let Some(view) = view else {
        return html! { <p class="store-tab-empty">{ words::STORE_EMPTY }</p> };
    };
    let key = seen.key.as_ref().filter(|k| key_shown(focus, &k.key) && k.member == view.member);
    let typed = prefix.clone();
    let oninput = move |event: InputEvent| {
        typed.set(event.target_unchecked_into::<HtmlInputElement>().value());
    };
    html! {
        <div class="store-tab">
            <header class="store-tab-head">
                { members(&view, act) }
                <input class="store-tab-prefix" type="search" placeholder="/registry/"
                    spellcheck="false"
                    aria-label={words::STORE_PREFIX} title={words::STORE_PREFIX} {oninput} />
                { revisions(&view, act) }
            </header>
            { revision_lines(&view.side_by_side, act) }
            <div class="store-tab-columns">
                <div class="store-tab-keys">
                    <p class="store-tab-said"><span>{ &view.count }</span>{ " " }{ &view.said }</p>
                    { for view.error.iter().map(|e| html! {
                        <p class="store-tab-error">{ e }</p>
                    }) }
                    { keys(&view, act, &folded) }
                    { leases(&view) }
                </div>
                <HistoryPane key={focus.key.clone().unwrap_or_default()} seen={key.cloned()}
                    revision={focus.revision}
                    chosen={focus.key.is_some()} />
            </div>
        </div>
    }
}

fn key_shown(focus: &Focus, key: &str) -> bool {
    focus.key.as_deref() == Some(key)
}

fn members(view: &StoreTab, act: &Callback<Intent>) -> Html {
    let onchange = act.reform(|event: Event| {
        let chosen = event.target_unchecked_into::<HtmlSelectElement>().value();
        Intent::SelectMember(chosen.parse().ok().map(MemberId))
    });
    html! {
        <select class="store-tab-member" aria-label={words::STORE_OF} title={words::STORE_OF}
            {onchange}>
            { for view.members.iter().map(|m| html! {
                <option value={m.member.0.to_string()} selected={m.current}>{ &m.label }</option>
            }) }
        </select>
    }
}

fn revisions(view: &StoreTab, act: &Callback<Intent>) -> Html {
    let last = view.last;
    let read = act.reform(move |event: InputEvent| {
        let typed = event.target_unchecked_into::<HtmlInputElement>().value();
        let revision = typed.parse().ok().map(Revision);
        Intent::ReadAt(revision.filter(|&r| r != last))
    });
    let now = act.reform(|_: MouseEvent| Intent::ReadAt(None));
    let (first, last, at) = (view.first.to_string(), view.last.to_string(), view.at.to_string());
    html! {
        <span class="store-tab-revisions">
            <input type="range" min={first} max={last} step="1" value={at.clone()}
                oninput={read.clone()}
                aria-label={words::STORE_REVISION} title={words::STORE_REVISION}
                aria-valuetext={view.said.clone()} />
            <input class="store-tab-number" type="number" min="1" value={at} oninput={read}
                aria-label={words::STORE_REVISION} />
            <button type="button" class="button" aria-pressed={view.now.to_string()} onclick={now}>
                { words::STORE_NOW }
            </button>
        </span>
    }
}

fn keys(view: &StoreTab, act: &Callback<Intent>, folded: &UseStateHandle<Vec<String>>) -> Html {
    if view.lines.is_empty() && view.error.is_none() {
        let said = if view.waits { words::DETAIL_WAITING } else { words::STORE_EMPTY };
        return html! { <p class="store-tab-empty">{ said }</p> };
    }
    html! {
        <ul class="store-tab-list">
            { for view.lines.iter().map(|line| match line {
                Line::Branch(branch) => branch_line(branch, folded),
                Line::Key(key) => key_line(key, act),
            }) }
        </ul>
    }
}

fn leases(view: &StoreTab) -> Html {
    if view.leases.is_empty() {
        return Html::default();
    }
    html! {
        <>
            <h3 class="store-tab-heading">{ LEASES }</h3>
            <ul class="store-tab-list">
                { for view.leases.iter().map(|(id, text)| html! {
                    <li key={id.clone()} class="store-tab-lease">
                        <b>{ id }</b><span>{ text }</span>
                    </li>
                }) }
            </ul>
        </>
    }
}

fn branch_line(branch: &Branch, folded: &UseStateHandle<Vec<String>>) -> Html {
    let (prefix, open, all) = (branch.prefix.clone(), branch.open, folded.clone());
    let onclick = move |_: MouseEvent| {
        let mut next: Vec<String> = all.iter().filter(|it| **it != prefix).cloned().collect();
        if open {
            next.push(prefix.clone());
        }
        all.set(next);
    };
    html! {
        <li key={format!("branch {}", branch.prefix)} class={depth(branch.depth)}>
            <button type="button" class="store-tab-branch" aria-expanded={open.to_string()}
                title={branch.prefix.clone()} {onclick}>
                <b>{ &branch.name }</b><small>{ branch.count }</small>
            </button>
        </li>
    }
}

/// The deepest that is drawn as such.
const DEPTH_MAX: u32 = 5;

fn depth(depth: u32) -> String {
    format!("store-tab-depth-{}", depth.min(DEPTH_MAX))
}

fn key_line(line: &KeyLine, act: &Callback<Intent>) -> Html {
    let key = (!line.selected).then(|| line.key.clone());
    let onclick = act.reform(move |_: MouseEvent| Intent::ShowKey(key.clone()));
    let newest = line.newest.then_some("store-tab-newest");
    html! {
        <li key={line.key.clone()} class={depth(line.depth)}>
            <button type="button" class={classes!("store-tab-key", newest)}
                aria-pressed={line.selected.to_string()}
                title={line.key.clone()} {onclick}>
                <b>{ &line.name }</b><span>{ &line.text }</span><small>{ &line.note }</small>
            </button>
        </li>
    }
}
