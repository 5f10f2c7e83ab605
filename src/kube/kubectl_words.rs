//! kubectl's command line, as far as it is more than `-f`: verb, things, flags.
//!
//! * What is wrong with it is said in kubectl's words, by [`Asked::read`] or, where the real one
//!   looks only when it runs, by what runs it.
//!
//! Architecture invariant: words in, meaning out; asks nobody.

use super::kinds::Kind;
use super::kubectl_verbs::{ELSEWHERE, FLAGS, Flag, GROUPS, SHORT, Takes, VERBS, Verb};
use super::status::Status;

/// What `get`, `delete` and others print when nothing was named.
pub const NOTHING_NAMED: &str = "You must provide one or more resources by argument or filename.\n\
    Example resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   \
    '<resource> <name>'\n   '<resource>'";

/// What kubectl is asked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Which verb.
    pub verb: &'static Verb,
    /// What follows it, without flags.
    pub rest: Vec<String>,
    flags: Vec<(&'static str, String)>,
}

/// Which word is wrong, and what kubectl says.
type Wrong = (usize, String);

impl Asked {
    /// Reads the words behind `kubectl`.
    ///
    /// # Errors
    /// Which word is wrong, and what kubectl says.
    pub fn read(words: &[String]) -> Result<Asked, (usize, String)> {
        let first = leading(words);
        let verb = verb(words, first)?;
        let mut asked = Asked { verb, rest: Vec::new(), flags: Vec::new() };
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let parts = verb.name.split(' ').count();
            match word.strip_prefix('-').filter(|flag| !flag.is_empty()) {
                None if (first..first + parts).contains(&at) => {}
                None => asked.rest.push(word.clone()),
                Some(flag) => {
                    let see = format!("See 'kubectl {} --help' for usage.", verb.name);
                    at += asked
                        .flag_of(flag, words.get(at + 1))
                        .map_err(|text| (at, format!("error: {text}\n{see}")))?;
                }
            }
            at += 1;
        }
        asked.checked().map_err(|text| (words.len(), text))
    }

    /// Takes one word of flags, without its first `-`; how many words it takes beyond that.
    fn flag_of(&mut self, text: &str, next: Option<&String>) -> Result<usize, String> {
        let known = |is: &dyn Fn(&Flag) -> bool| {
            let mine = |flag: &&Flag| flag.0 == '-' || self.verb.flags.contains(flag.0);
            FLAGS.iter().filter(mine).find(|flag| is(flag)).copied()
        };
        if let Some(long) = text.strip_prefix('-') {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value.to_string())),
                None => (long, None),
            };
            let Some(flag) = known(&|flag| flag.1 == name) else {
                return Err(format!("unknown flag: --{name}"));
            };
            return self.take(&flag, value, next, &format!("--{name}"));
        }
        for (at, letter) in text.char_indices() {
            let Some(flag) = known(&|flag| flag.2.starts_with(letter)) else {
                return Err(format!("unknown shorthand flag: '{letter}' in -{text}"));
            };
            if flag.3 == Takes::Nothing {
                self.flags.push((flag.1, String::new()));
                continue;
            }
            let rest = &text[at + letter.len_utf8()..];
            let rest = rest.strip_prefix('=').unwrap_or(rest);
            let value = (!rest.is_empty()).then(|| rest.to_string());
            return self.take(&flag, value, next, &format!("'{letter}' in -{text}"));
        }
        Ok(0)
    }

    fn take(
        &mut self,
        flag: &Flag,
        value: Option<String>,
        next: Option<&String>,
        said: &str,
    ) -> Result<usize, String> {
        let (name, takes) = (flag.1, flag.3);
        let more = usize::from(takes != Takes::Nothing && value.is_none());
        let value = match (takes, value) {
            (Takes::Nothing, value) => value.unwrap_or_default(),
            (_, Some(value)) => value,
            (_, None) => next.cloned().ok_or(format!("flag needs an argument: {said}"))?,
        };
        let wrong = match takes {
            Takes::Number if value.parse::<i32>().is_err() => {
                Some(format!("strconv.ParseInt: parsing {value:?}: invalid syntax"))
            }
            Takes::Span if span_ms(&value).is_none() => {
                Some(format!("time: invalid duration {value:?}"))
            }
            Takes::Nothing if !["", "true", "false"].contains(&value.as_str()) => {
                Some(format!("strconv.ParseBool: parsing {value:?}: invalid syntax"))
            }
            _ => None,
        };
        if let Some(wrong) = wrong {
            return Err(format!("invalid argument {value:?} for \"--{name}\" flag: {wrong}"));
        }
        self.flags.push((name, value));
        Ok(more)
    }

    /// What kubectl looks at before it asks anybody.
    fn checked(self) -> Result<Asked, String> {
        let name = self.verb.name;
        let needs = match name {
            "scale" => "replicas",
            "create deployment" => "image",
            _ => "",
        };
        if !needs.is_empty() && self.flag(needs).is_none() {
            return Err(format!("error: required flag(s) {needs:?} not set"));
        }
        let see = format!("See 'kubectl {name} -h' for help and examples");
        let unexpected =
            || format!("error: unexpected arguments: [{}]\n{see}", self.rest.join(" "));
        match (name, self.rest.len()) {
            ("cordon" | "uncordon" | "drain", 0) => {
                Err(format!("error: USAGE: {name} NODE [flags]\n{see}"))
            }
            ("create deployment" | "create namespace", count) if count != 1 => {
                Err(format!("error: exactly one NAME is required, got {count}\n{see}"))
            }
            ("api-resources", 1..) => Err(unexpected()),
            _ => Ok(self),
        }
    }

    /// A flag's value, if it was given; empty for one that takes none.
    pub fn flag(&self, name: &str) -> Option<&str> {
        let found = self.flags.iter().rev().find(|(flag, _)| *flag == name);
        found.map(|(_, value)| value.as_str()).filter(|value| *value != "false")
    }

    /// Whether a flag that takes nothing was given as `false`.
    pub fn is_off(&self, name: &str) -> bool {
        self.flags.iter().rev().find(|(flag, _)| *flag == name).is_some_and(|it| it.1 == "false")
    }

    /// A flag's number, if it was given.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.flag(name)?.parse().ok()
    }

    /// A flag's span in milliseconds, if it was given.
    pub fn span_ms(&self, name: &str) -> Option<u64> {
        span_ms(self.flag(name)?)
    }

    /// The namespace meant; empty: all.
    pub fn namespace(&self) -> &str {
        match self.flag("all-namespaces") {
            Some(_) => "",
            None => self.flag("namespace").unwrap_or("default"),
        }
    }

    /// The words that name things, and the rest: `KEY=VALUE`, `KEY-`.
    pub fn pairs(&self) -> (Vec<String>, Vec<String>) {
        let is_pair = |word: &String| word.contains('=') || word.ends_with('-');
        let first = self.rest.iter().position(is_pair).unwrap_or(self.rest.len());
        (self.rest[..first].to_vec(), self.rest[first..].to_vec())
    }

    /// The kinds and names that are meant; an empty name means all.
    ///
    /// # Errors
    /// A kind the server does not have, or words that do not go together.
    pub fn things(&self, words: &[String]) -> Result<Vec<(&'static Kind, String)>, Status> {
        let Some(first) = words.first() else { return Ok(Vec::new()) };
        if words.iter().any(|word| word.contains('/')) {
            if !words.iter().all(|word| word.contains('/')) || first.is_empty() {
                let text = "there is no need to specify a resource type as a separate argument \
                    when passing arguments in resource/name form (e.g. 'kubectl get \
                    resource/<resource_name>' instead of 'kubectl get resource \
                    resource/<resource_name>'";
                return Err(Status::local(text.into()));
            }
            let thing = |word: &String| {
                let (of, name) = word.split_once('/').unwrap_or((word, ""));
                if of.is_empty() || name.is_empty() || name.contains('/') {
                    let text = "arguments in resource/name form must have a single resource and \
                        name";
                    return Err(Status::local(text.into()));
                }
                Ok((kind(of)?, name.to_string()))
            };
            return words.iter().map(thing).collect();
        }
        let all = "pods,services,deployments.apps,replicasets.apps";
        let kinds = if *first == "all" { all } else { first.as_str() };
        let mut things = Vec::new();
        for of in kinds.split(',') {
            let of = kind(of)?;
            match words.len() {
                1 => things.push((of, String::new())),
                _ => things.extend(words[1..].iter().map(|name| (of, name.to_string()))),
            }
        }
        Ok(things)
    }
}

/// A kind as its users call it.
///
/// # Errors
/// The server does not have it.
pub fn kind(name: &str) -> Result<&'static Kind, Status> {
    let text = || format!("the server doesn't have a resource type {name:?}");
    Kind::of_resource(name).ok_or_else(|| Status::local(text()))
}

/// How many words stand before the verb: flags that every verb takes.
fn leading(words: &[String]) -> usize {
    let mut at = 0;
    while let Some(word) = words.get(at).filter(|word| word.starts_with("-n") || is_long(word)) {
        at += 1 + usize::from(word == "-n" || word == "--namespace");
    }
    at
}

fn is_long(word: &str) -> bool {
    word.split('=').next() == Some("--namespace")
}

/// Which verb it is.
fn verb(words: &[String], first: usize) -> Result<&'static Verb, Wrong> {
    let text = |at: usize| words.get(first + at).map_or("", String::as_str);
    let (one, two) = (text(0), text(1));
    let two = SHORT.iter().find(|(short, _)| *short == two).map_or(two, |(_, long)| long);
    let both = format!("{one} {two}");
    if let Some(verb) = VERBS.iter().find(|verb| verb.name == one || verb.name == both) {
        return Ok(verb);
    }
    let names = || VERBS.iter().map(|verb| verb.name);
    let see = format!("See 'kubectl {one} -h' for help and examples");
    Err(match one {
        "create" | "apply" | "replace" if two.is_empty() => {
            (first, "error: must specify one of -f and -k".into())
        }
        "create" | "apply" | "replace" => {
            (first + 1, format!("error: Unexpected args: [{two}]\n{see}"))
        }
        one if GROUPS.contains(&one) && two.is_empty() => {
            let known = names().filter_map(|name| name.strip_prefix(one));
            let known: Vec<&str> = known.map(str::trim).collect();
            (first + 1, format!("kubectl {one} is followed by one of {}", known.join(", ")))
        }
        one if GROUPS.contains(&one) => {
            (first + 1, format!("error: unknown command {two:?}\n{see}"))
        }
        "" => (first, format!("kubectl is followed by one of {}", plain().join(", "))),
        one if ELSEWHERE.split_whitespace().any(|verb| verb == one) => {
            let known = plain().join(", ");
            (first, format!("kubectl {one} is not modelled here; there are {known}"))
        }
        one => (first, unknown(one)),
    })
}

/// Every verb's first word.
pub fn plain() -> Vec<&'static str> {
    let mut names: Vec<&str> =
        VERBS.iter().filter_map(|verb| verb.name.split(' ').next()).collect();
    names.dedup();
    names.extend(["apply", "replace"]);
    names
}

/// As cobra says it, with what it may have meant.
fn unknown(word: &str) -> String {
    let mut all = plain();
    all.extend(ELSEWHERE.split_whitespace());
    crate::sorted::sort_by(&mut all, |a, b| a.cmp(b));
    all.dedup();
    let near = |verb: &&str| distance(word, verb) <= 2 || verb.starts_with(word);
    let near: Vec<&str> = all.into_iter().filter(near).collect();
    let mut text = format!("error: unknown command {word:?} for \"kubectl\"");
    if !near.is_empty() {
        text += "\n\nDid you mean this?";
        near.iter().for_each(|verb| text += &format!("\n\t{verb}"));
    }
    text
}

/// How many letters must change (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, left) in a.bytes().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], at + 1);
        for (at, right) in b.bytes().enumerate() {
            let change = corner + usize::from(left != right);
            corner = row[at + 1];
            row[at + 1] = change.min(corner + 1).min(row[at] + 1);
        }
    }
    row[b.len()]
}

/// `30s`, `1m30s`, `500ms`, `0`.
fn span_ms(text: &str) -> Option<u64> {
    if text == "0" {
        return Some(0);
    }
    let (mut total, mut rest) = (0, text);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).filter(|at| *at > 0)?;
        let amount: u64 = rest[..digits].parse().ok()?;
        let units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];
        let unit = units.iter().find(|(unit, _)| rest[digits..].starts_with(unit))?;
        total += amount.checked_mul(unit.1)?;
        rest = &rest[digits + unit.0.len()..];
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
#[path = "kubectl_words_test.rs"]
mod tests;
