//! Who watches whom: etcd → apiserver → everyone else.
//!
//! Architecture invariant: paints `view::watches_tab`.

use yew::prelude::*;

use super::PaneProps;
use crate::engine::Action;
use crate::kube;
use crate::view::Intent;
use crate::view::watches_tab::{Watched, Watcher, WatchesTab};
use crate::view::words::panes as words;

/// Who watches whom.
pub fn watches_panel(props: &PaneProps) -> Html {
    let view = WatchesTab::of(&props.frame.cluster);
    let one = |it: &Watcher| watcher(it, &props.act);
    html! {
        <div class="watches-tab">
            <p class="watches-tab-lead">{ view.note }</p>
            <div class="watches-tab-chain">
                <section>
                    <h3>{ words::WATCHES_ETCD }</h3>
                    <ul>
                        { for view.members.iter().map(member) }
                        { for view.event_etcd.iter().map(one) }
                    </ul>
                </section>
                <p class="watches-tab-arrow">{ words::WATCHES_ARROW_ETCD }</p>
                <section>
                    <h3>{ words::WATCHES_APISERVER }</h3>
                    <ul>{ for view.apiservers.iter().map(one) }</ul>
                </section>
                <p class="watches-tab-arrow">{ words::WATCHES_ARROW_API }</p>
                <section>
                    <h3>{ words::WATCHES_OTHERS }</h3>
                    <ul>{ for view.others.iter().map(one) }</ul>
                    if view.others.is_empty() {
                        <p class="watches-tab-none">{ words::WATCHES_NONE }</p>
                    }
                </section>
            </div>
        </div>
    }
}

fn member(member: &Watched) -> Html {
    let class = classes!("watches-tab-one", member.serves.then_some("watches-tab-serves"));
    html! { <li {class}><b>{ &member.name }</b><span>{ &member.text }</span></li> }
}

fn watcher(watcher: &Watcher, act: &Callback<Intent>) -> Html {
    let button = |(action, word): &(kube::Action, &'static str)| {
        let (act, action) = (act.clone(), Action::Kube(action.clone()));
        let onclick = Callback::from(move |_: MouseEvent| act.emit(Intent::Act(action.clone())));
        let title = format!("{word} {}", watcher.name);
        html! { <button class="button" {title} {onclick}>{ *word }</button> }
    };
    html! {
        <li class="watches-tab-one">
            <b>{ &watcher.name }</b>
            { for watcher.notes.iter().map(|note| html! { <span>{ note }</span> }) }
            { for watcher.button.iter().map(button) }
        </li>
    }
}
