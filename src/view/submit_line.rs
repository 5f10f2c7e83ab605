//! One line of etcdctl, as a reader types it: words, quotes, flags.
//!
//! * The errors are etcdctl's own, recorded from 3.4.23, as far as it is etcdctl that refuses; what
//!   etcd refuses (an empty key) is sent.
//! * `etcdctl` in front may be left out. Quotes are a shell's: `'…'` as it stands, `"…"` with `\`.
//! * Left out on purpose: ranges by two keys, leases, `txn`, `watch`; they say so.
//!
//! Architecture invariant: text to value; sends nothing.

use crate::cluster::{Etcdctl, EtcdctlCommand};
use crate::raft::MemberId;
use crate::store::Revision;

const NEEDS_PUT: &str = "put command needs 1 argument and input from stdin or 2 arguments";
const NEEDS_KEY: &str = "needs one argument as key and an optional argument as range_end";

/// Reads a line; the error is what etcdctl prints.
pub fn parse(line: &str, endpoint: Option<MemberId>) -> Result<Etcdctl, String> {
    let words = split(line)?;
    let mut words = words.iter().map(String::as_str).peekable();
    words.next_if_eq(&"etcdctl");
    let mut read = Read { endpoint, ..Read::default() };
    let mut verb = None;
    while let Some(word) = words.next() {
        if read.only_arguments || !word.starts_with('-') || word == "-" {
            match verb {
                None => verb = Some(known(word)?),
                Some(_) => read.arguments.push(word.to_owned()),
            }
        } else {
            flag(&mut read, verb, word, &mut words)?;
        }
    }
    let verb = verb.ok_or("Type put KEY VALUE, get KEY or del KEY")?;
    Ok(Etcdctl { endpoint: read.endpoint, command: command(verb, read)? })
}

#[derive(Default)]
struct Read {
    endpoint: Option<MemberId>,
    arguments: Vec<String>,
    prefix: bool,
    revision: Option<Revision>,
    serializable: bool,
    only_arguments: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Verb {
    Put,
    Get,
    Del,
    Compact,
}

fn known(word: &str) -> Result<Verb, String> {
    match word {
        "put" => Ok(Verb::Put),
        "get" => Ok(Verb::Get),
        "del" => Ok(Verb::Del),
        "compaction" | "compact" => Ok(Verb::Compact),
        "txn" | "watch" | "lease" | "member" | "endpoint" | "snapshot" | "defrag" | "alarm"
        | "move-leader" | "role" | "user" | "auth" | "elect" | "lock" | "check" | "version" => {
            Err(format!("{word} is not offered here: put, get, del and compaction are"))
        }
        _ => Err(format!(
            "Error: unknown command {word:?} for \"etcdctl\"\n\
             Run 'etcdctl --help' for usage."
        )),
    }
}

fn flag<'a>(
    read: &mut Read,
    verb: Option<Verb>,
    word: &str,
    words: &mut impl Iterator<Item = &'a str>,
) -> Result<(), String> {
    if word == "--" {
        read.only_arguments = true;
        return Ok(());
    }
    let Some(long) = word.strip_prefix("--") else {
        let letter = word.chars().nth(1).unwrap_or('-');
        return Err(format!("Error: unknown shorthand flag: '{letter}' in {word}"));
    };
    let (name, given) = match long.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (long, None),
    };
    let ranges = matches!(verb, Some(Verb::Get | Verb::Del));
    let mut value = || given.or_else(|| words.next()).ok_or(needs(name));
    match name {
        "prefix" if ranges => read.prefix = boolean(name, given)?,
        "rev" if verb == Some(Verb::Get) => read.revision = revision(value()?)?,
        "consistency" if verb == Some(Verb::Get) => read.serializable = consistency(value()?)?,
        "endpoints" => read.endpoint = Some(member(value()?)?),
        _ => return Err(format!("Error: unknown flag: --{name}")),
    }
    Ok(())
}

fn needs(name: &str) -> String {
    format!("Error: flag needs an argument: --{name}")
}

fn boolean(name: &str, given: Option<&str>) -> Result<bool, String> {
    match given {
        None | Some("1" | "t" | "T" | "true" | "TRUE" | "True") => Ok(true),
        Some("0" | "f" | "F" | "false" | "FALSE" | "False") => Ok(false),
        Some(other) => Err(format!(
            "Error: invalid argument {other:?} for \"--{name}\" flag: \
             strconv.ParseBool: parsing {other:?}: invalid syntax"
        )),
    }
}

fn revision(word: &str) -> Result<Option<Revision>, String> {
    let number: i64 = word.parse().map_err(|_| {
        format!(
            "Error: invalid argument {word:?} for \"--rev\" flag: \
             strconv.ParseInt: parsing {word:?}: invalid syntax"
        )
    })?;
    Ok((number > 0).then_some(Revision(number)))
}

fn consistency(word: &str) -> Result<bool, String> {
    match word {
        "s" => Ok(true),
        "l" => Ok(false),
        _ => Err(format!("Error: unknown consistency flag {word:?}")),
    }
}

fn member(word: &str) -> Result<MemberId, String> {
    let id = word.strip_prefix("etcd-").unwrap_or(word).parse().ok();
    let id = id.filter(|id| (1..=u64::from(crate::engine::MEMBERS_MAX)).contains(id));
    id.map(MemberId).ok_or_else(|| format!("{word} is no member: write --endpoints=etcd-1"))
}

fn command(verb: Verb, read: Read) -> Result<EtcdctlCommand, String> {
    let Read { prefix, revision, serializable, .. } = read;
    let mut arguments = read.arguments.into_iter();
    let (first, second) = (arguments.next(), arguments.next());
    match (verb, first, second) {
        (Verb::Put, Some(key), Some(value)) => Ok(EtcdctlCommand::Put { key, value }),
        (Verb::Put, ..) => Err(format!("Error: {NEEDS_PUT}")),
        (Verb::Get, None, _) => Err(format!("Error: get command {NEEDS_KEY}")),
        (Verb::Del, None, _) => Err(format!("Error: del command {NEEDS_KEY}")),
        (Verb::Get | Verb::Del, _, Some(_)) => {
            Err("A range of two keys is not offered here: use --prefix".into())
        }
        (Verb::Get, Some(key), None) => {
            Ok(EtcdctlCommand::Get { key, prefix, revision, serializable })
        }
        (Verb::Del, Some(key), None) => Ok(EtcdctlCommand::Del { key, prefix }),
        (Verb::Compact, Some(word), None) => compact(&word),
        (Verb::Compact, ..) => Err("Error: compaction command needs 1 argument".into()),
    }
}

fn compact(word: &str) -> Result<EtcdctlCommand, String> {
    let number = word
        .parse()
        .map_err(|_| format!("Error: strconv.ParseInt: parsing {word:?}: invalid syntax"))?;
    Ok(EtcdctlCommand::Compact { revision: Revision(number) })
}

/// Cuts a line into words as a shell does.
fn split(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' | '"' => quoted(c, &mut chars, word.get_or_insert_default())?,
            '\\' => word.get_or_insert_default().extend(chars.next()),
            c if c.is_whitespace() => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

fn quoted(quote: char, chars: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), String> {
    while let Some(c) = chars.next() {
        match c {
            c if c == quote => return Ok(()),
            '\\' if quote == '"' => match chars.next() {
                Some(c @ ('"' | '\\' | '$' | '`')) => word.push(c),
                other => {
                    word.push('\\');
                    word.extend(other);
                }
            },
            c => word.push(c),
        }
    }
    Err(format!("The quote {quote} is not closed"))
}

#[cfg(test)]
#[path = "submit_line_test.rs"]
mod tests;
