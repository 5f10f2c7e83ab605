//! One line of etcdctl, as a reader types it: words, quotes, flags.
//!
//! * The errors are etcdctl's own, recorded from 3.4.23, as far as it is etcdctl that refuses; what
//!   etcd refuses (an empty key) is sent.
//! * `etcdctl` in front may be left out. Words are cut as a shell cuts them.
//! * Left out on purpose: ranges by two keys, leases, `txn`, `watch`; they say so.
//!
//! Architecture invariant: text to value; sends nothing.

use super::read::member_id;
use super::words::{Word, Wrong, split};
use crate::cluster::{ClusterCommand, Etcdctl, EtcdctlCommand};
use crate::raft::MemberId;
use crate::store::Revision;

const NEEDS_PUT: &str = "put command needs 1 argument and input from stdin or 2 arguments";
const NEEDS_KEY: &str = "needs one argument as key and an optional argument as range_end";

/// Reads a line; the error is what etcdctl prints.
///
/// # Errors
/// What etcdctl prints.
pub fn parse(line: &str, endpoint: Option<MemberId>) -> Result<Etcdctl, String> {
    let mut words = split(line).map_err(|wrong| wrong.what)?;
    if words.first().is_some_and(|word| word.text == "etcdctl") {
        words.remove(0);
    }
    read(&words, endpoint, 1).map_err(|wrong| wrong.what)
}

/// Reads what stands behind `etcdctl`, on a line that ends before a column.
pub(super) fn read(
    line: &[Word],
    endpoint: Option<MemberId>,
    end: usize,
) -> Result<Etcdctl, Wrong> {
    let mut words = line.iter().map(|word| word.text.as_str());
    let mut read = Read { endpoint, ..Read::default() };
    let mut verb = None;
    while let Some(word) = words.next() {
        let at = &line[line.len() - words.len() - 1];
        if read.only_arguments || !word.starts_with('-') || word == "-" {
            match verb {
                None => verb = Some(known(word).map_err(|what| at.wrong(what))?),
                Some(_) => read.arguments.push(word.to_owned()),
            }
        } else {
            flag(&mut read, verb, word, &mut words).map_err(|what| at.wrong(what))?;
        }
    }
    let wrong = |what: String| Wrong { column: end, what };
    let verb = verb.ok_or_else(|| wrong("Type put KEY VALUE, get KEY or del KEY".into()))?;
    Ok(Etcdctl { endpoint: read.endpoint, command: command(verb, read).map_err(wrong)? })
}

#[derive(Default)]
struct Read {
    endpoint: Option<MemberId>,
    arguments: Vec<String>,
    prefix: bool,
    revision: Option<Revision>,
    serializable: bool,
    learner: bool,
    only_arguments: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Verb {
    Put,
    Get,
    Del,
    Compact,
    Member,
    MoveLeader,
}

fn known(word: &str) -> Result<Verb, String> {
    match word {
        "put" => Ok(Verb::Put),
        "get" => Ok(Verb::Get),
        "del" => Ok(Verb::Del),
        "compaction" | "compact" => Ok(Verb::Compact),
        "member" => Ok(Verb::Member),
        "move-leader" => Ok(Verb::MoveLeader),
        "txn" | "watch" | "lease" | "endpoint" | "snapshot" | "defrag" | "alarm" | "role"
        | "user" | "auth" | "elect" | "lock" | "check" | "version" => {
            Err(format!("{word} is not offered here: put, get, del, compaction and member are"))
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
        "learner" if verb == Some(Verb::Member) => read.learner = boolean(name, given)?,
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
    member_id(word).ok_or_else(|| format!("{word} is no member: write --endpoints=etcd-1"))
}

fn command(verb: Verb, read: Read) -> Result<EtcdctlCommand, String> {
    let Read { prefix, revision, serializable, learner, .. } = read;
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
        (Verb::Member, verb, id) => about_members(verb, id, learner).map(EtcdctlCommand::Cluster),
        (Verb::MoveLeader, Some(to), None) => {
            Ok(EtcdctlCommand::Cluster(ClusterCommand::MoveLeader(known_member(&to)?)))
        }
        (Verb::MoveLeader, ..) => Err("Error: move-leader command needs 1 argument".into()),
        (Verb::Compact, Some(word), None) => compact(&word),
        (Verb::Compact, ..) => Err("Error: compaction command needs 1 argument".into()),
    }
}

/// `member list|add|remove|promote`. Members are named by their numbers, not by etcd's hashes.
fn about_members(
    verb: Option<String>,
    id: Option<String>,
    learner: bool,
) -> Result<ClusterCommand, String> {
    let needs = |what: &str| format!("Error: member {what}");
    match (verb.as_deref(), id) {
        (Some("list"), None) => Ok(ClusterCommand::List),
        (Some("add"), Some(id)) => Ok(ClusterCommand::Add { id: known_member(&id)?, learner }),
        (Some("add"), None) => Err(needs("name not provided")),
        (Some("remove"), Some(id)) => Ok(ClusterCommand::Remove(known_member(&id)?)),
        (Some("promote"), Some(id)) => Ok(ClusterCommand::Promote(known_member(&id)?)),
        (Some("remove" | "promote"), None) => Err(needs("ID is not provided")),
        _ => Err("Type member list, add etcd-6 --learner, promote 6 or remove 6".into()),
    }
}

fn known_member(word: &str) -> Result<MemberId, String> {
    member_id(word).ok_or_else(|| format!("{word} is no member: write 6 or etcd-6"))
}

fn compact(word: &str) -> Result<EtcdctlCommand, String> {
    let number = word
        .parse()
        .map_err(|_| format!("Error: strconv.ParseInt: parsing {word:?}: invalid syntax"))?;
    Ok(EtcdctlCommand::Compact { revision: Revision(number) })
}

#[cfg(test)]
#[path = "etcdctl_test.rs"]
mod tests;
