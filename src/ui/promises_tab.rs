//! The promises as a live list.
//!
//! Architecture invariant: paints `view::promises_tab`.

use yew::prelude::*;

use super::PaneProps;
use crate::raft::Rule;
use crate::view::promises_tab::{Broken, PromiseLine, lines};
use crate::view::words::{panes, promises as words, scene};
use crate::view::{Intent, Tab};

/// The list.
pub fn promises_panel(props: &PaneProps) -> Html {
    let lines = lines(&props.frame);
    html! {
        <div class="promises" tabindex="0" role="region" aria-label={panes::tab(Tab::Promises)}>
            <p class="promises-lead">{ words::PROMISES_LEAD }</p>
            if lines.is_empty() { <p>{ words::PROMISES_EMPTY }</p> }
            <ul>{ for lines.iter().map(|it| line(it, &props.act)) }</ul>
            <h3>{ words::RULES }</h3>
            <p class="promises-lead">{ words::RULES_NOTE }</p>
            <ul>{ for Rule::all().map(|(_, it)| rule(it, props)) }</ul>
        </div>
    }
}

fn line(line: &PromiseLine, act: &Callback<Intent>) -> Html {
    let (class, mark, state) = match line.broken {
        None => ("promises-kept", "✓", words::PROMISE_KEPT),
        Some(_) => ("promises-broken", "✕", words::PROMISE_BROKEN),
    };
    html! {
        <li key={line.name} class={classes!("promises-one", class)}>
            <span class="promises-mark" role="img" aria-label={state}>{ mark }</span>
            <b>{ line.name }</b>
            <span class="promises-says">{ line.says }</span>
            <small>{ line.section }{ " · " }{ &line.checked }</small>
            { for line.broken.iter().map(|it| evidence(it, act)) }
        </li>
    }
}

/// A rule that can be taken away, or given back.
fn rule(rule: Rule, props: &PaneProps) -> Html {
    let off = props.frame.cluster.rules_off.contains(&rule);
    let line = format!("rule {} {}", rule.name(), if off { "on" } else { "off" });
    let text = line.clone();
    let onclick =
        props.act.reform(move |_: MouseEvent| Intent::Line { text: text.clone(), entered: true });
    html! {
        <li class="promises-rule">
            <button type="button" class="button" aria-pressed={off.to_string()} {onclick}>
                <code>{ line }</code>
            </button>
            <span>{ rule.without() }</span>
            <small>{ rule.section() }</small>
        </li>
    }
}

fn evidence(broken: &Broken, act: &Callback<Intent>) -> Html {
    let at = broken.at;
    let onclick = act.reform(move |_: MouseEvent| Intent::Seek(Some(at)));
    html! {
        <p class="promises-evidence">
            { &broken.sentence }
            if !broken.again.is_empty() { <small>{ " · " }{ &broken.again }</small> }
            <button type="button" class="button" {onclick} title={scene::GO_THERE}>
                { scene::clock(at) }
            </button>
        </p>
    }
}
