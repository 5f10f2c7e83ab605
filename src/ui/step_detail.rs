//! One station of the write in focus, opened over the tabs.
//!
//! Architecture invariant: paints `view::write_path_detail`.

use std::rc::Rc;

use yew::prelude::*;

use super::{BytesOf, HexPane, PaneProps, look::use_look};
use crate::engine::Look;
use crate::kube::{StepKind, WriteDetail, WriteOutcome};
use crate::view::words::panes as words;
use crate::view::write_path::write_in_focus;
use crate::view::write_path_detail::{Part, Side, StepDetail, TimeRow};
use crate::view::{Intent, amounts};

/// Which station, and what it is painted from.
#[derive(Clone, PartialEq, Properties)]
pub struct StepDetailProps {
    /// The station.
    pub kind: StepKind,
    /// What it is painted from.
    pub from: PaneProps,
}

/// Keeps the detail of the write in focus asked for.
#[hook]
pub fn use_write(props: &PaneProps) {
    let write = write_in_focus(&props.frame, &props.focus).cloned();
    let want = write.as_ref().map(|w| Look::Write(w.thread));
    let cluster = &props.frame.cluster;
    let applied: Vec<_> = cluster.members.iter().map(|m| m.applied_index).collect();
    use_look(&props.act, want, (write, applied, cluster.places.clone()));
}

/// One station, opened.
#[component]
pub fn StepDetailPanel(props: &StepDetailProps) -> Html {
    let PaneProps { frame, focus, seen, act, .. } = &props.from;
    use_write(&props.from);
    let Some(write) = write_in_focus(frame, focus) else { return Html::default() };
    let detail = seen.write.as_ref().filter(|d| d.thread == write.thread);
    let view = StepDetail::of(frame, write, detail.map(|d| &**d), props.kind);
    let stacks = props.kind == StepKind::Txn;
    let body = classes!("step-detail-body", stacks.then_some("step-detail-stack"));
    let close = act.reform(|_: MouseEvent| Intent::OpenStep(None));
    html! {
        <article class="step-detail" aria-label={view.title.clone()}>
            <header class="step-detail-head">
                { neighbour(props.kind, -1, act) }
                <h3>{ &view.title }</h3>
                { neighbour(props.kind, 1, act) }
                <p>{ &view.lead }</p>
                <button type="button" class="button step-detail-close"
                    onclick={close}>{ words::CLOSE }</button>
            </header>
            <div class={body} tabindex="0">
                { for view.ended.iter().map(ended) }
                { for view.parts.iter().map(|p| part(p, detail)) }
            </div>
        </article>
    }
}

fn neighbour(kind: StepKind, by: isize, act: &Callback<Intent>) -> Html {
    let at = StepKind::ALL.iter().position(|&k| k == kind).unwrap_or(0);
    let to = at.checked_add_signed(by).and_then(|at| StepKind::ALL.get(at)).copied();
    let onclick = act.reform(move |_: MouseEvent| Intent::OpenStep(to));
    let label = to.map_or("", StepKind::name);
    let sign = if by < 0 { "‹" } else { "›" };
    html! {
        <button type="button" class="button" aria-label={label} title={label}
            disabled={to.is_none()} {onclick}>
            { sign }
        </button>
    }
}

fn ended(outcome: &WriteOutcome) -> Html {
    html! { <pre class="step-detail-ended">{ &outcome.text }</pre> }
}

fn part(part: &Part, detail: Option<&Rc<WriteDetail>>) -> Html {
    match part {
        Part::Waiting => html! { <p class="step-detail-waiting">{ words::DETAIL_WAITING }</p> },
        Part::Text { title, text, note } => html! {
            <section class="step-detail-part">
                <h4>{ *title }</h4>
                <pre>{ text }</pre>
                { for note.iter().map(|n| html! { <p class="step-detail-note">{ n }</p> }) }
            </section>
        },
        Part::Pairs { title, rows } => pairs(title, rows),
        Part::Bytes(side) => detail.map_or_else(Html::default, |d| bytes(d, *side)),
        Part::Times { title, rows, note } => html! {
            <section class="step-detail-part">
                <h4>{ title }</h4>
                <ul class="step-detail-times">{ for rows.iter().map(time) }</ul>
                <p class="step-detail-note">{ note }</p>
            </section>
        },
    }
}

fn pairs(title: &str, rows: &[(String, String)]) -> Html {
    let row = |(name, value): &(String, String)| {
        html! { <div><dt>{ name }</dt><dd>{ value }</dd></div> }
    };
    html! {
        <section class="step-detail-part">
            if !title.is_empty() { <h4>{ title }</h4> }
            <dl class="step-detail-pairs">{ for rows.iter().map(row) }</dl>
        </section>
    }
}

fn bytes(detail: &Rc<WriteDetail>, side: Side) -> Html {
    let (title, count) = match side {
        Side::Before => (words::BEFORE, detail.encoded.len()),
        Side::After => (words::AFTER, detail.stored.len()),
    };
    if count == 0 {
        return Html::default();
    }
    html! {
        <section class="step-detail-part step-detail-bytes">
            <h4>{ title }{ " · " }{ amounts::bytes(count as u64) }</h4>
            <HexPane of={BytesOf::Write(Rc::clone(detail), side)} />
        </section>
    }
}

fn time(row: &TimeRow) -> Html {
    let class = row.after.is_none().then_some("step-detail-missing");
    let style = format!("--share:{}", row.share);
    html! {
        <li {class} {style}>
            <span class="step-detail-sign"
                aria-hidden="true">{ if row.after.is_some() { "✓" } else { "…" } }</span>
            <b>{ &row.name }</b>
            <i class="step-detail-bar" aria-hidden="true"/>
            if !row.mark.is_empty() { <em>{ row.mark }</em> }
            <span>{ row.after.as_deref().unwrap_or(words::NOT_YET) }</span>
        </li>
    }
}
