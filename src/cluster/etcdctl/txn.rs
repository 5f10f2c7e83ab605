//! The standard input of `txn`: compares, requests if they hold, requests if not, each part up to
//! an empty line.
//!
//! Caveats: words in single quotes are taken whole, where 3.4.23 cuts them short; what follows the
//! first line of a Go panic is left out.
//!
//! Architecture invariant: text to request; sends nothing.

// Models etcd etcdctl/ctlv3/command/txn_command.go.

use std::str::{Chars, Lines};

use super::exit::{BAD_CONNECTION, ERROR, INVALID_INPUT};
use super::{Etcdctl, Refusal, Verb, request};
use crate::store::{
    Compare, CompareResult, CompareTarget, Request, RequestOp, Revision, TxnRequest,
};

/// Reads the transaction a line of `txn` is given.
pub(super) fn read(it: &Etcdctl) -> Result<TxnRequest, Refusal> {
    if !it.arguments.is_empty() {
        let text = "txn command does not accept argument";
        return Err(Refusal::error(super::exit::BAD_ARGS, text));
    }
    let mut lines = it.input.as_deref().unwrap_or_default().lines();
    Ok(TxnRequest {
        compare: part(&mut lines, compare)?,
        success: part(&mut lines, operation)?,
        failure: part(&mut lines, operation)?,
    })
}

/// What `txn -i` asks for, part after part.
pub const PROMPTS: [&str; 3] =
    ["compares:", "success requests (get, put, del):", "failure requests (get, put, del):"];

/// Which part of its input a transaction is still to be given; none: it has all of them.
///
/// # Errors
/// What etcdctl says to a line that is wrong.
pub fn awaits(input: &str) -> Result<Option<usize>, Refusal> {
    let mut lines = input.lines();
    for nth in 0..PROMPTS.len() {
        let read = match nth {
            0 => part(&mut lines, compare).map(drop),
            _ => part(&mut lines, operation).map(drop),
        };
        match read {
            Ok(()) => {}
            Err(refused) if refused == eof() => return Ok(Some(nth)),
            Err(refused) => return Err(refused),
        }
    }
    Ok(None)
}

fn eof() -> Refusal {
    Refusal::error(INVALID_INPUT, "EOF")
}

/// The lines up to an empty one.
fn part<T>(lines: &mut Lines<'_>, read: fn(&str) -> Result<T, Refusal>) -> Result<Vec<T>, Refusal> {
    let mut found = Vec::new();
    loop {
        match lines.next().map(str::trim) {
            None => return Err(eof()),
            Some("") => return Ok(found),
            Some(line) => found.push(read(line)?),
        }
    }
}

fn malformed(line: &str, more: &str) -> Refusal {
    Refusal::error(INVALID_INPUT, format!("malformed comparison: {line}{more}"))
}

fn panics(why: &str) -> Refusal {
    Refusal { word: None, code: BAD_CONNECTION, text: format!("panic: {why}") }
}

/// `mod("key") > "0"`
fn compare(line: &str) -> Result<Compare, Refusal> {
    let (target, rest) = line.split_once('(').ok_or_else(|| malformed(line, ""))?;
    let (mut key, mut op, mut value) = (String::new(), String::new(), String::new());
    let whole = (|| {
        let mut rest = rest.chars();
        key = quoted(&mut rest)?;
        let rest = rest.as_str().strip_prefix(')')?.strip_prefix(' ')?.trim_start();
        let (sign, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        op = sign.into();
        value = quoted(&mut rest.trim_start().chars())?;
        Some(())
    })();
    if whole.is_none() {
        return Err(malformed(line, &format!("; got {target}({key:?}) {op} {value:?}")));
    }
    let invalid = || {
        let text = format!("invalid txn compare request: {line}");
        Refusal::error(INVALID_INPUT, text)
    };
    let number = || request::integer(&value, 10).map_err(|_| invalid());
    let target = match target {
        "ver" | "version" => CompareTarget::Version(number()?),
        "c" | "create" => CompareTarget::Create(Revision(number()?)),
        "m" | "mod" => CompareTarget::Mod(Revision(number()?)),
        "val" | "value" => CompareTarget::Value(value.as_str().into()),
        "lease" => return Err(panics("bad value")),
        _ => return Err(malformed(line, &format!(" (unknown target {target})"))),
    };
    let result = match op.as_str() {
        "=" => CompareResult::Equal,
        "!=" => CompareResult::NotEqual,
        ">" => CompareResult::Greater,
        "<" => CompareResult::Less,
        _ => return Err(panics("Unknown result op")),
    };
    Ok(Compare { key: key.as_str().into(), range_end: Default::default(), result, target })
}

/// `put key value`, and what else etcdctl takes.
fn operation(line: &str) -> Result<RequestOp, Refusal> {
    let invalid = |what: &str| Refusal::error(INVALID_INPUT, format!("invalid txn {what}: {line}"));
    let words = words(line)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match &words[..] {
        [] | [_] => return Err(invalid("compare request")),
        ["put" | "get" | "del", ..] => {}
        _ => return Err(invalid("request")),
    }
    let it = super::read(&words, None).map_err(|refused| match refused.code {
        ERROR => invalid("request"),
        _ => Refusal { word: None, ..refused },
    })?;
    match request(&it) {
        Some(Request::Put(put)) if it.verb == Verb::Put => Ok(RequestOp::Put(put)),
        Some(Request::Range(range)) => Ok(RequestOp::Range(range)),
        Some(Request::DeleteRange(delete)) => Ok(RequestOp::DeleteRange(delete)),
        _ => Err(invalid("request")),
    }
}

/// A line as words: `"…"` as Go quotes, `'…'` as it stands.
pub(super) fn words(line: &str) -> Result<Vec<String>, Refusal> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        match first {
            '"' => {
                let mut chars = rest.chars();
                let word = quoted(&mut chars);
                let open = || Refusal::error(INVALID_INPUT, "unexpected EOF");
                words.push(word.ok_or_else(open)?);
                rest = chars.as_str();
            }
            '\'' => {
                let (word, behind) = rest[1..].split_once('\'').unwrap_or((&rest[1..], ""));
                words.push(word.into());
                rest = behind;
            }
            _ => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                words.push(rest[..end].into());
                rest = &rest[end..];
            }
        }
        rest = rest.trim_start();
    }
    Ok(words)
}

/// A text in double quotes with Go's escapes.
fn quoted(chars: &mut Chars<'_>) -> Option<String> {
    if chars.next() != Some('"') {
        return None;
    }
    let mut text = String::new();
    loop {
        match chars.next()? {
            '"' => return Some(text),
            '\\' => text.push(match chars.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                other => other,
            }),
            c => text.push(c),
        }
    }
}
