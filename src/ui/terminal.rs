//! The command line: takes any line of the language, shows where it is wrong, completes verbs.
//!
//! * Every line done by any hand stands above it.
//!
//! Architecture invariant: reads nothing itself; the engine says what a line means.

use std::rc::Rc;

use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::cluster;
use crate::engine::{Action, Hint, LineView};
use crate::raft::ThreadId;
use crate::view::Intent;
use crate::view::terminal::{Said, Terminal, completed};
use crate::view::words::{panes::CLOSE, promises as words};

#[derive(Clone, PartialEq, Properties)]
pub struct TerminalProps {
    pub terminal: Rc<Terminal>,
    /// The line under way, as read.
    pub line: Option<Rc<LineView>>,
    pub act: Callback<Intent>,
}

/// The command line, open.
#[component]
pub fn TerminalPane(props: &TerminalProps) -> Html {
    let TerminalProps { terminal, line, act } = props;
    let (field, end) = (use_node_ref(), use_node_ref());
    let text = use_state_eq(String::new);
    let back = use_state_eq(|| 0_usize);
    use_effect_with((), {
        let (field, act) = (field.clone(), act.clone());
        move |()| {
            if let Some(field) = field.cast::<HtmlInputElement>() {
                let _ = field.focus();
            }
            act.emit(Intent::Line { text: String::new(), entered: false });
        }
    });
    use_draft(terminal.draft, &field, &text, act);
    use_last_line(terminal, &end);
    let typed = {
        let (text, act) = (text.clone(), act.clone());
        Callback::from(move |line: String| {
            act.emit(Intent::Line { text: line.clone(), entered: false });
            text.set(line);
        })
    };
    let oninput =
        typed.reform(|event: InputEvent| event.target_unchecked_into::<HtmlInputElement>().value());
    let onsubmit = {
        let (text, back, typed, act) = (text.clone(), back.clone(), typed.clone(), act.clone());
        let gives = terminal.entry.is_some();
        move |event: SubmitEvent| {
            event.prevent_default();
            if gives || !text.trim().is_empty() {
                act.emit(Intent::Line { text: (*text).clone(), entered: true });
                typed.emit(String::new());
                back.set(0);
            }
        }
    };
    let read = line.as_ref().filter(|line| line.text == *text);
    let onkeydown = keys(props, read.cloned(), typed, back);
    let close = act.reform(|_: MouseEvent| Intent::Terminal(false));
    let hint = hint(terminal);
    html! {
        <section class="terminal" aria-label={words::COMMAND_LINE}>
            <ol ref={end} class="terminal-said" tabindex="0" aria-label={words::COMMAND_LINE}>
                { for terminal.said.iter().map(|it| said(it, act)) }
            </ol>
            <form class="terminal-line" {onsubmit}>
                <label for="terminal-field">
                    { for terminal.entry.iter().map(|it| html! { <small>{ it.prompt() }</small> }) }
                    { "›" }
                </label>
                <input ref={field} id="terminal-field" type="text" value={(*text).clone()}
                    {oninput} {onkeydown} spellcheck="false" autocapitalize="off"
                    autocomplete="off" placeholder={hint}
                    aria-label={words::COMMAND_LINE} aria-describedby="terminal-read" />
                <button type="button" class="button" onclick={close}
                    aria-label={CLOSE}>{ "✕" }</button>
            </form>
            <div id="terminal-read" class="terminal-read">{ reading(read.map(|it| &**it)) }</div>
        </section>
    }
}

/// What may be typed now.
fn hint(terminal: &Terminal) -> &'static str {
    match (&terminal.entry, terminal.listens("watch")) {
        (Some(_), _) => words::COMMAND_PART,
        (None, Some(_)) => words::COMMAND_WATCH,
        _ => words::COMMAND_HINT,
    }
}

/// What was said last is in view.
#[hook]
fn use_last_line(terminal: &Terminal, end: &NodeRef) {
    let given = terminal.entry.as_ref().map_or(0, |entry| entry.input.len());
    let end = end.clone();
    use_effect_with((terminal.said.len(), given), move |_| {
        if let Some(end) = end.cast::<web_sys::Element>() {
            end.set_scroll_top(end.scroll_height());
        }
    });
}

/// A line somebody else began is put into the field, to be gone on with.
#[hook]
fn use_draft(
    draft: (&'static str, u32),
    field: &NodeRef,
    text: &UseStateHandle<String>,
    act: &Callback<Intent>,
) {
    let (field, text, act) = (field.clone(), text.clone(), act.clone());
    use_effect_with(draft, move |(draft, count): &(&'static str, u32)| {
        if *count > 0 {
            text.set((*draft).into());
            act.emit(Intent::Line { text: (*draft).into(), entered: false });
            field.cast::<HtmlInputElement>().into_iter().for_each(|it| drop(it.focus()));
        }
    });
}

/// Enter is the form's; Tab completes, arrows call lines back, Ctrl-C and Escape end what runs;
/// when nothing does, Escape closes.
fn keys(
    props: &TerminalProps,
    read: Option<Rc<LineView>>,
    typed: Callback<String>,
    back: UseStateHandle<usize>,
) -> Callback<KeyboardEvent> {
    let (terminal, act) = (props.terminal.clone(), props.act.clone());
    Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
        "c" if event.ctrl_key() => {
            if let Some(ends) = ends(&terminal) {
                event.prevent_default();
                act.emit(ends);
            }
        }
        "Escape" => {
            event.prevent_default();
            act.emit(ends(&terminal).unwrap_or(Intent::Terminal(false)));
        }
        "Tab" if !event.shift_key() => {
            if let Some(line) = read.as_deref().and_then(completed) {
                event.prevent_default();
                typed.emit(line);
            }
        }
        "ArrowUp" => {
            event.prevent_default();
            if let Some(line) = terminal.earlier(*back) {
                typed.emit(line.to_string());
                back.set(*back + 1);
            }
        }
        "ArrowDown" => {
            event.prevent_default();
            let place = back.saturating_sub(1);
            let line = place.checked_sub(1).and_then(|place| terminal.earlier(place));
            typed.emit(line.unwrap_or_default().to_string());
            back.set(place);
        }
        _ => {}
    })
}

/// What Ctrl-C ends, if anything.
fn ends(terminal: &Terminal) -> Option<Intent> {
    match terminal.entry {
        Some(_) => Some(Intent::Abandon),
        None => terminal.running().map(interrupt),
    }
}

fn interrupt(thread: ThreadId) -> Intent {
    Intent::Act(Action::Cluster(cluster::Action::Interrupt(thread)))
}

fn said(said: &Said, act: &Callback<Intent>) -> Html {
    let wrong = said.wrong.then_some("terminal-wrong");
    let run = said.run.as_ref();
    let exit = run.and_then(|run| run.exit).unwrap_or(said.exit);
    let runs = run.filter(|run| run.exit.is_none() && run.goes_on).map(|run| run.thread);
    html! {
        <li>
            <code>{ "› " }{ &said.line }</code>
            if !said.answer.is_empty() { <pre class={classes!(wrong)}>{ &said.answer }</pre> }
            { for run.into_iter().flat_map(|run| &run.printed).map(|piece| html! {
                <pre class={classes!(piece.wrong.then_some("terminal-wrong"))}>{ &piece.text }</pre>
            }) }
            if exit != 0 { <small>{ words::exit_code(exit) }</small> }
            if let Some(thread) = runs {
                <small>{ words::COMMAND_RUNS }{ " " }</small>
                <button type="button" class="button"
                    onclick={act.reform(move |_: MouseEvent| interrupt(thread))}>
                    { words::COMMAND_STOP }</button>
            }
        </li>
    }
}

fn reading(line: Option<&LineView>) -> Html {
    let keys = html! { <span class="terminal-keys">{ words::COMMAND_KEYS }</span> };
    let Some(line) = line.filter(|line| !line.text.trim().is_empty()) else { return keys };
    let hint = |hint: &Hint| html! { <code class="terminal-hint">{ &hint.usage }</code> };
    let place = " ".repeat(line.column.saturating_sub(1) as usize);
    html! {
        <>
            if line.meaning.is_none() && line.column > 0 {
                <pre class="terminal-wrong" role="status">{ place }{ "↑ " }{ &line.wrong }</pre>
            } else if line.meaning.is_none() {
                <pre class="terminal-wrong" role="status">{ &line.wrong }</pre>
            }
            { for line.hints.iter().map(hint) }
        </>
    }
}
