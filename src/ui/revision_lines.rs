//! The stores of all members side by side, each as a line of revisions.
//!
//! Architecture invariant: paints `view::revision_lines`.

use yew::prelude::*;

use crate::view::Intent;
use crate::view::revision_lines::{AXIS, RevisionLines, Row};
use crate::view::words::revision_lines as words;

/// Heights within a line, in its own units.
const HEIGHT: u32 = 12;

/// All lines.
pub fn revision_lines(lines: &RevisionLines, act: &Callback<Intent>) -> Html {
    html! {
        <div class="revision-lines" role="group" aria-label={words::REVISION_LINES}
            title={words::REVISION_LINES_TITLE}>
            { for lines.rows.iter().map(|row| line(row, lines.read_at, act)) }
        </div>
    }
}

fn line(row: &Row, read_at: u32, act: &Callback<Intent>) -> Html {
    let member = row.member;
    let onclick = act.reform(move |_: MouseEvent| Intent::SelectMember(Some(member)));
    let kind = if row.runs { "revision-line" } else { "revision-line revision-line-down" };
    let waits = row.cursors.iter().map(|cursor| cursor.text.as_str()).collect::<Vec<_>>();
    let title = match waits.is_empty() {
        true => words::REVISION_LINES_TITLE.to_string(),
        false => waits.join("\n"),
    };
    html! {
        <button type="button" key={member.0} class={kind} aria-pressed={row.shown.to_string()}
            {title} {onclick}>
            <b>{ &row.name }</b>
            <svg viewBox={format!("0 0 {AXIS} {HEIGHT}")} preserveAspectRatio="none"
                aria-hidden="true">
                { bar("revision-line-whole", 0, AXIS) }
                { bar("revision-line-kept", row.compacted, row.reaches) }
                { bar("revision-line-compacted", 0, row.compacted) }
                <path class="revision-line-read" d={format!("M{read_at} 0V{HEIGHT}")} />
                { for row.cursors.iter().map(|cursor| {
                    let kind = match cursor.synced {
                        true => "revision-line-cursor",
                        false => "revision-line-cursor revision-line-late",
                    };
                    html! { <path class={kind} d={format!("M{} 0V{HEIGHT}", cursor.at)} /> }
                }) }
            </svg>
            <span>{ &row.text }</span>
        </button>
    }
}

fn bar(kind: &'static str, from: u32, to: u32) -> Html {
    let width = to.saturating_sub(from).to_string();
    html! { <rect class={kind} x={from.to_string()} y="3" {width} height="6" /> }
}
