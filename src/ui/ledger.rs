//! The log as a table aligned on the index.
//!
//! Architecture invariant: paints `view::ledger`.

use yew::prelude::*;

use super::PaneProps;
use crate::raft::{LogIndex, ThreadId};
use crate::view::ledger::{Cell, EntryCell, Head, IndexRow, Ledger, Row};
use crate::view::words::panes as words;
use crate::view::{Intent, term_class};

/// The log as a table aligned on the index.
pub fn ledger_tab(props: &PaneProps) -> Html {
    let PaneProps { frame, focus, act, .. } = props;
    let table = Ledger::of(&frame.cluster, focus);
    let crowded = (table.heads.len() > 6).then_some("ledger-crowded");
    let onpointerleave = act.reform(|_: PointerEvent| Intent::Hover(None));
    let empty = table.rows.is_empty();
    html! {
        <div class={classes!("ledger", crowded)}>
            <div class="ledger-scroll" tabindex="0" role="region" aria-label={words::LOG_TABLE}>
                <table class="ledger-table">
                    <thead>
                        <tr>
                            <th scope="col" class="ledger-corner">{ words::LOG_INDEX }</th>
                            { for table.heads.iter().map(|h| head(h, act)) }
                            <th scope="col" class="ledger-words">{ words::LOG_ENTRY }</th>
                        </tr>
                    </thead>
                    <tbody {onpointerleave}>{ for table.rows.iter().map(|r| row(r, act)) }</tbody>
                </table>
                if empty { <p class="ledger-empty">{ words::LOG_EMPTY }</p> }
            </div>
            <p class="ledger-foot">
                { for words::LOG_LEGEND.iter().map(|(kind, word)| html! {
                    <span class="ledger-key"><i
                        class={format!("ledger-swatch ledger-swatch-{kind}")}/>{ *word }</span>
                }) }
                <span class="ledger-state">{ &table.foot }</span>
            </p>
        </div>
    }
}

fn head(head: &Head, act: &Callback<Intent>) -> Html {
    let member = (!head.selected).then_some(head.member);
    let onclick = act.reform(move |_: MouseEvent| Intent::SelectMember(member));
    let down = (!head.alive).then_some("ledger-down");
    let leads = head.leads.then_some("ledger-leads");
    html! {
        <th scope="col" class={classes!("ledger-head", down, leads)}>
            <button type="button" title={head.hint.clone()} aria-pressed={head.selected.to_string()}
                {onclick}>
                <span class="ledger-name">{ &head.name }</span>
                <b class="ledger-digit" aria-hidden="true">{ head.member.0 }</b>
                if head.leads { <b class="ledger-leader" aria-hidden="true">{ "L" }</b> }
                <span class="ledger-role">{ head.word }</span>
            </button>
        </th>
    }
}

fn row(row: &Row, act: &Callback<Intent>) -> Html {
    match row {
        Row::Index(row) => index_row(row, act),
        Row::Gap { hidden } => html! {
            <tr class="ledger-gap" key={format!("gap{hidden}")}>
                <td colspan="99">{ words::hidden_entries(*hidden) }</td>
            </tr>
        },
        Row::Snapshot { upto } => html! {
            <tr key="snapshot">
                <th scope="row">{ "≤" }</th>
                { for upto.iter().map(|end| snapshot(*end)) }
                <td class="ledger-words">{ words::LOG_SNAPSHOT }</td>
            </tr>
        },
    }
}

fn snapshot(end: Option<LogIndex>) -> Html {
    match end {
        None => html! { <td class="ledger-none"/> },
        Some(end) => html! {
            <td class="ledger-cell ledger-snapshot" title={words::snapshot_hint(end)}>
                <span class="ledger-text">{ words::snapshot_to(end) }</span>
            </td>
        },
    }
}

fn index_row(row: &IndexRow, act: &Callback<Intent>) -> Html {
    let thread = row.thread;
    let onpointerenter = act.reform(move |_: PointerEvent| Intent::Hover(thread));
    let class = classes!(row.lit.then_some("ledger-lit"), row.broken.then_some("ledger-broken"));
    let title = row.broken.then_some(words::LOG_BROKEN);
    html! {
        <tr key={row.index.0.to_string()} {class} {onpointerenter}>
            <th scope="row" {title}>{ row_head(row.index, thread, row.broken, act) }</th>
            { for row.cells.iter().map(cell) }
            <td class="ledger-words">{ &row.text }</td>
        </tr>
    }
}

fn row_head(
    index: LogIndex,
    thread: Option<ThreadId>,
    broken: bool,
    act: &Callback<Intent>,
) -> Html {
    let mark = if broken {
        html! { <b aria-label={words::LOG_BROKEN}>{ "≠ " }</b> }
    } else {
        html! {}
    };
    let Some(thread) = thread else { return html! { <>{ mark }{ index.0 }</> } };
    let onclick = act.reform(move |_: MouseEvent| Intent::FocusThread(Some(thread)));
    let onfocus = act.reform(move |_: FocusEvent| Intent::Hover(Some(thread)));
    let onblur = act.reform(move |_: FocusEvent| Intent::Hover(None));
    html! {
        <button type="button" class="ledger-index" aria-label={words::show_write(index)} {onclick}
            {onfocus} {onblur}>
            { mark }{ index.0 }
        </button>
    }
}

fn cell(cell: &Cell) -> Html {
    match cell {
        Cell::Empty => html! { <td class="ledger-none"/> },
        Cell::Next => html! {
            <td class="ledger-cell ledger-next"
                title={words::LOG_NEXT_HINT}><span>{ words::LOG_NEXT }</span></td>
        },
        Cell::Sent => html! {
            <td class="ledger-cell ledger-sent"
                title={words::LOG_SENT_HINT}><span>{ words::LOG_SENT }</span></td>
        },
        Cell::Snapshot => html! {
            <td class="ledger-cell ledger-snapshot" title={words::LOG_SNAPSHOT}/>
        },
        Cell::Entry(entry) => entry_cell(entry),
    }
}

fn entry_cell(entry: &EntryCell) -> Html {
    let class = classes!(
        "ledger-cell",
        term_class(entry.term),
        if entry.committed { "ledger-committed" } else { "ledger-open" },
        entry.snapshot.then_some("ledger-snapshot"),
        (!entry.durable).then_some("ledger-unsynced"),
        entry.diverges.then_some("ledger-diverges"),
        entry.matched.then_some("ledger-match"),
    );
    html! {
        <td {class} title={entry.hint.clone()}>
            <div class="ledger-inside">
                <em class="ledger-term">{ entry.term.0 }</em>
                <span class="ledger-text">{ &entry.text }</span>
                if entry.matched { <span class="ledger-hidden">{ words::LOG_MATCH }</span> }
                if entry.applied {
                    <span class="ledger-tick" aria-label={words::APPLIED}>{ "✓" }</span>
                }
            </div>
        </td>
    }
}
