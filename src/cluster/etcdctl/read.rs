//! From words to a line of etcdctl, or what etcdctl says to them.
//!
//! * Flags may stand anywhere, as with cobra; what is in doubt behind `--` is an argument.
//! * A flag that says what holds anyway is left out, of one given twice the last counts.
//! * What is wrong with the arguments is found here, too, since the request is made once.
//!
//! Caveats: of the duration of `--command-timeout` one number with one unit is read.
//!
//! Architecture invariant: words to value; sends nothing.

// Models etcd etcdctl/ctlv3 and cobra's and pflag's errors.

use std::time::Duration;

use super::exit::{BAD_ARGS, BAD_FEATURE, ERROR};
use super::verbs::{Flag, GROUPS, MEANINGLESS, NOT_OFFERED};
use super::{Etcdctl, MANUALS, Refusal, Verb, request};
use crate::cluster::{MEMBERS_MAX, membership};
use crate::raft::MemberId;

/// Reads what stands behind `etcdctl`, and its standard input.
///
/// # Errors
/// What etcdctl says.
pub fn read(words: &[&str], input: Option<String>) -> Result<Etcdctl, Refusal> {
    let mut read = Read { words, at: 0, verb: None, etcdctl: Etcdctl::default(), helps: false };
    read.etcdctl.input = input;
    // The verb may stand behind flags that need it.
    read.verb = verb(words)?;
    let mut named = read.verb.map_or(0, |verb| verb.manual().name.split(' ').count());
    let mut only_arguments = false;
    while let Some(word) = words.get(read.at).copied() {
        read.at += 1;
        if only_arguments || !word.starts_with('-') || word == "-" {
            match named {
                0 => read.etcdctl.arguments.push(word.into()),
                _ => named -= 1,
            }
        } else if word == "--" {
            only_arguments = true;
        } else {
            read.flag(word)?;
        }
    }
    read.done()
}

struct Read<'a> {
    words: &'a [&'a str],
    at: usize,
    verb: Option<Verb>,
    etcdctl: Etcdctl,
    helps: bool,
}

/// Words that are no flags and no flag's value.
fn plain<'a>(words: &[&'a str]) -> impl Iterator<Item = (usize, &'a str)> {
    let takes = |word: &str| matches!(word, "-w" | "--write-out" | "--endpoints");
    let mut skip = false;
    let words: Vec<_> = words.iter().copied().enumerate().collect();
    words.into_iter().filter(move |(_, word)| {
        let value = std::mem::replace(&mut skip, takes(word));
        !value && !word.starts_with('-')
    })
}

/// The verb of a line; none when it only names a group of them, or nothing.
fn verb(words: &[&str]) -> Result<Option<Verb>, Refusal> {
    let mut plain = plain(words);
    let Some((at, first)) = plain.next() else { return Ok(None) };
    let first = if first == "compact" { "compaction" } else { first };
    let second = plain.next().map_or("", |(_, word)| word);
    let both = format!("{first} {second}");
    let named = |name: &str| MANUALS.iter().find(|manual| manual.name == name);
    if let Some(manual) = named(first).or_else(|| named(&both)) {
        return Ok(Some(manual.verb));
    }
    let refused = |text: String| Refusal { word: Some(at), code: ERROR, text };
    if NOT_OFFERED.iter().any(|name| *name == first || *name == both) {
        let verb = if NOT_OFFERED.contains(&first) { first } else { &both };
        return Err(refused(format!("etcdctl {verb} is not offered here: {}", why_not(verb))));
    }
    match GROUPS.iter().any(|(group, _)| *group == first) {
        true => Ok(None),
        false => Err(refused(format!(
            "Error: unknown command {first:?} for \"etcdctl\"\nRun 'etcdctl --help' for usage."
        ))),
    }
}

fn why_not(verb: &str) -> &'static str {
    match verb {
        "auth" | "role" | "user" => "no users are modelled",
        "elect" | "lock" => "they are recipes of txn, lease and watch, which are",
        "snapshot restore" => "members cannot be given a data directory",
        "check" => "repeat 1000 etcdctl put k v is",
        "make-mirror" => "there is one cluster",
        _ => "there is nothing here it could be of use for",
    }
}

impl Read<'_> {
    fn wrong(&self, code: u8, text: String) -> Refusal {
        Refusal { word: Some(self.at - 1), code, text: format!("Error: {text}") }
    }

    fn flag(&mut self, word: &str) -> Result<(), Refusal> {
        let manual = self.verb.unwrap_or_default().manual();
        let (name, given) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_string())),
            None => (word, None),
        };
        if matches!(name, "-h" | "--help") {
            self.helps = true;
            return Ok(());
        }
        if let Some(long) = name.strip_prefix("--") {
            if MEANINGLESS.contains(&long) {
                return Err(self.wrong(ERROR, format!("--{long} means nothing here")));
            }
            let flag = manual.flag(|flag| flag.name == long);
            let flag = flag.ok_or_else(|| self.wrong(ERROR, format!("unknown flag: --{long}")))?;
            return self.set(flag, given, &format!("--{long}"));
        }
        let letter = word.chars().nth(1).unwrap_or('-');
        let Some(flag) = manual.flag(|flag| flag.letter == Some(letter)) else {
            let text = format!("unknown shorthand flag: '{letter}' in {word}");
            return Err(self.wrong(ERROR, text));
        };
        let behind = &word[1 + letter.len_utf8()..];
        let behind = (!behind.is_empty()).then(|| behind.trim_start_matches('=').to_string());
        self.set(flag, behind, &format!("'{letter}' in {word}"))
    }

    /// Sets a flag, for whose value the next word is taken if it needs one.
    fn set(&mut self, flag: &Flag, given: Option<String>, named: &str) -> Result<(), Refusal> {
        let given = match given {
            None if flag.default == "false" => "true".to_string(),
            None => {
                let next = self.words.get(self.at).map(|word| word.to_string());
                let needs = || self.wrong(ERROR, format!("flag needs an argument: {named}"));
                let next = next.ok_or_else(needs)?;
                self.at += 1;
                next
            }
            Some(given) => given,
        };
        let value = value(flag, &given).map_err(|why| {
            let written = match flag.letter {
                Some(letter) => format!("-{letter}, --{}", flag.name),
                None => format!("--{}", flag.name),
            };
            self.wrong(ERROR, format!("invalid argument {given:?} for {written:?} flag: {why}"))
        })?;
        if flag.name == "endpoints" {
            let members = value.split(',').map(member).collect::<Option<Vec<_>>>();
            let text = || format!("{value} is no member: write --endpoints=etcd-1");
            self.etcdctl.endpoints = members.ok_or_else(|| self.wrong(ERROR, text()))?;
            return Ok(());
        }
        let own = format!("--{}", flag.name);
        self.etcdctl.flags.retain(|set| set.split('=').next() != Some(&own));
        let idle = value == flag.default.trim_matches('"');
        match flag.default {
            _ if idle => {}
            "false" => self.etcdctl.flags.push(own),
            _ => self.etcdctl.flags.push(format!("{own}={value}")),
        }
        Ok(())
    }

    fn done(self) -> Result<Etcdctl, Refusal> {
        let Read { words, verb, mut etcdctl, helps, .. } = self;
        let Some(verb) = verb.filter(|_| !helps) else {
            let about: Vec<&str> = match verb {
                Some(verb) => verb.manual().name.split(' ').collect(),
                None => plain(words).map(|(_, word)| word).take(1).collect(),
            };
            return Ok(Etcdctl::new(Verb::Help, &about));
        };
        etcdctl.verb = verb;
        if let Some("protobuf") = etcdctl.flag("write-out") {
            let text = "protobuf is not offered here: what it prints cannot be read";
            return Err(Refusal::error(BAD_FEATURE, text));
        }
        let formats = ["simple", "json", "fields", "table"];
        if etcdctl.flag("write-out").is_some_and(|format| !formats.contains(&format)) {
            return Err(Refusal::error(BAD_FEATURE, "unsupported output format"));
        }
        canonical(&mut etcdctl)?;
        request::check(&etcdctl)?;
        Ok(etcdctl)
    }
}

/// What a flag is set to, written in one way, or what strconv says to it.
fn value(flag: &Flag, given: &str) -> Result<String, String> {
    match flag.default {
        "false" => match given {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok("true".into()),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok("false".into()),
            _ => Err(format!("strconv.ParseBool: parsing {given:?}: invalid syntax")),
        },
        "0" => request::integer(given, 10).map(|number| match flag.name {
            // Any revision below 1 means now.
            "rev" => number.max(0).to_string(),
            _ => number.to_string(),
        }),
        _ if flag.name == "command-timeout" => match duration(given) {
            Some(_) => Ok(given.into()),
            None => Err(format!("time: invalid duration {given:?}")),
        },
        _ => Ok(given.into()),
    }
}

/// One number with one unit, as Go writes them.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];
    let (number, ms) = units.iter().find_map(|(unit, ms)| {
        let number: u32 = text.strip_suffix(unit)?.parse().ok()?;
        Some((number, ms))
    })?;
    Some(Duration::from_millis(u64::from(number) * ms))
}

/// `etcd-1`, `1`, `etcd-1:2379` or `http://etcd-1:2379`
fn member(word: &str) -> Option<MemberId> {
    let word = word.trim_start_matches("http://");
    let word = word.strip_suffix(":2379").unwrap_or(word);
    let id = word.strip_prefix("etcd-").unwrap_or(word).parse().ok()?;
    (1..=u64::from(MEMBERS_MAX)).contains(&id).then_some(MemberId(id))
}

/// A member's name may stand where its id or its URL is wanted.
fn canonical(etcdctl: &mut Etcdctl) -> Result<(), Refusal> {
    let [first, ..] = &mut etcdctl.arguments[..] else { return Ok(()) };
    let named = member(first);
    match etcdctl.verb {
        Verb::MemberRemove | Verb::MemberPromote | Verb::MemberUpdate | Verb::MoveLeader => {
            if let Some(id) = named.filter(|_| first.starts_with("etcd-")) {
                *first = id.0.to_string();
            }
        }
        Verb::MemberAdd if !etcdctl.flags.iter().any(|it| it.starts_with("--peer-urls")) => {
            let id =
                named.ok_or_else(|| Refusal::error(BAD_ARGS, "member peer urls not provided"))?;
            *first = id.to_string();
        }
        _ => {}
    }
    Ok(())
}

/// The URL of a member that is added under the name of one.
pub(super) fn url_of(name: &str) -> Option<String> {
    member(name).map(membership::peer_url)
}
