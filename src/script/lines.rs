//! A script: commands, one a line, each with the number of its line.
//!
//! * Empty lines and lines of comments only are passed over.
//! * A line that ends with `<<WORD` goes on until a line that is `WORD`: the text between is as it
//!   stands, each of its lines with its end. `<<<WORD` at the end is a text of that word.
//!
//! Architecture invariant: cuts a text into commands; what a command is, is `read`'s.

use std::fmt;
use std::iter::Enumerate;
use std::str::Split;

use super::read::{self, Line};
use super::words::{Word, Wrong, split};
use super::{Command, VERBS, Verb};

/// A line that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misread {
    /// The line, from 1.
    pub line: usize,
    /// Where in it, and what is wrong.
    pub wrong: Wrong,
}

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, {}", self.line, self.wrong)
    }
}

impl std::error::Error for Misread {}

/// Reads a script.
///
/// # Errors
/// The first line that could not be read.
pub fn parse(text: &str) -> Result<Vec<(usize, Command)>, Misread> {
    let mut lines = text.split('\n').enumerate();
    let mut commands = Vec::new();
    while let Some((at, line)) = lines.next() {
        let command = command(line, &mut lines);
        let misread = |wrong| Misread { line: at + 1, wrong };
        commands.extend(command.map_err(misread)?.map(|command| (at + 1, command)));
    }
    Ok(commands)
}

/// Reads the only command of a text.
pub(super) fn one(text: &str) -> Result<Command, Misread> {
    let mut commands = parse(text)?.into_iter();
    match (commands.next(), commands.next()) {
        (Some((_, command)), None) => Ok(command),
        (None, _) => Err(Misread { line: 1, wrong: nothing() }),
        (_, Some((line, _))) => {
            let what = "expected one command, found another".into();
            Err(Misread { line, wrong: Wrong { column: 1, what } })
        }
    }
}

fn nothing() -> Wrong {
    let verbs: Vec<&str> = VERBS.iter().map(|verb: &Verb| verb.name).collect();
    Wrong { column: 1, what: format!("expected a command: {}", verbs.join(", ")) }
}

/// Reads one line, and the lines that belong to it.
fn command(line: &str, more: &mut Enumerate<Split<char>>) -> Result<Option<Command>, Wrong> {
    let mut words = split(line)?;
    if words.is_empty() {
        return Ok(None);
    }
    // As it was typed: a quoted "<<EOF" is a word like any other.
    let typed = |word: &Word| line.chars().skip(word.column - 1).take(3).collect::<String>();
    let opens = |typed: String| typed.starts_with("<<") && typed != "<<<";
    // `<<<"one word"`
    let goes_on = |word: &Word| line.chars().nth(word.column + 2).is_some_and(|c| c != ' ');
    let is_word = |word: &Word| typed(word) == "<<<" && goes_on(word);
    let text = match words.pop_if(|word| opens(typed(word))) {
        None => words.pop_if(|word| is_word(word)).map(|word| word.text[3..].into()),
        Some(mut word) => {
            let mut end = word.text.split_off(2);
            if end.is_empty() {
                return Err(word.wrong("expected a word behind <<, such as <<EOF"));
            }
            end.retain(|c| c != '\r');
            Some(text_until(&end, more).ok_or_else(|| {
                word.wrong(format!("expected a line {end} at the end of the text"))
            })?)
        }
    };
    read::command(Line { words, end: line.chars().count() + 1, text }).map(Some)
}

/// The lines up to the one that is the end.
fn text_until(end: &str, more: &mut Enumerate<Split<char>>) -> Option<String> {
    let mut text = String::new();
    for (_, line) in more {
        if line.trim_end_matches('\r') == end {
            return Some(text);
        }
        text.push_str(line);
        text.push('\n');
    }
    None
}
