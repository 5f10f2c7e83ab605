//! What a script expects to be so: `expect leader 3`, `expect no key foo on 1`.
//!
//! ```text
//! expect leader             expect leader 3           expect no leader
//! expect 3 candidate        expect 1 down             expect term 4 on 2
//! expect log 2 ends at 14 term 3                      expect log 2 is "t0:0 t1:1..6"
//! expect commit 14 on 2     expect same logs          expect same stores
//! expect key foo = bar      expect key foo = bar on 1 expect no key foo
//! expect answer OK          expect no answer          expect error "etcdserver: …"
//! expect not-ready nodes    expect no not-ready nodes
//! ```
//!
//! * Without `on`, it is expected of every member that runs, and of at least one.
//! * `answer` and `error` are about what etcdctl was asked last. Until then there is neither.
//!
//! Architecture invariant: says what is expected; looks at nothing.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::read::{Line, member};
use super::words::{Word, Wrong};
use crate::cluster::quote;
use crate::raft::{LogIndex, MemberId, Term};

/// Something that is so, or is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expectation {
    /// Whether it is expected not to be so.
    pub no: bool,
    /// What.
    pub fact: Fact,
}

/// What can be so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fact {
    /// A member that runs leads: this one, or any.
    Leader(Option<MemberId>),
    /// A member is this.
    Is(MemberId, Being),
    /// A member is in this term.
    Term(Term, Option<MemberId>),
    /// A log's last entry is this.
    LogEnds(MemberId, LogIndex, Term),
    /// A log's terms and indices, in the notation of `show log`.
    LogIs(MemberId, String),
    /// A member knows entries up to this one to be committed, and no further.
    Commit(LogIndex, Option<MemberId>),
    /// The logs of all members that run agree wherever they both have an entry, and end alike.
    SameLogs,
    /// The stores of all members that run hold the same.
    SameStores,
    /// No promise was broken so far.
    PromisesKept,
    /// A key has this value, or any.
    Key(String, Option<String>, Option<MemberId>),
    /// A node that was registered is not ready, as an apiserver has heard of it last.
    NotReady,
    /// The last request was answered: with this, or with anything.
    Answer(Option<String>),
    /// The last request failed: with this, or with anything.
    Error(Option<String>),
}

/// What a member can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Being {
    Leader,
    Follower,
    Candidate,
    PreCandidate,
    Learner,
    Paused,
    Down,
}

impl Being {
    /// All of them, by name.
    pub const ALL: [(&'static str, Being); 7] = [
        ("leader", Being::Leader),
        ("follower", Being::Follower),
        ("candidate", Being::Candidate),
        ("pre-candidate", Being::PreCandidate),
        ("learner", Being::Learner),
        ("paused", Being::Paused),
        ("down", Being::Down),
    ];
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.no { "no " } else { "" }, self.fact)
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on = |on: &Option<MemberId>| on.map_or(String::new(), |id| format!(" on {}", id.0));
        let text = |before: &str, text: &Option<String>| {
            text.as_ref().map_or(String::new(), |text| format!("{before}{}", quote(text)))
        };
        match self {
            Fact::Leader(None) => f.write_str("leader"),
            Fact::Leader(Some(id)) => write!(f, "leader {}", id.0),
            Fact::Is(id, being) => {
                let named = Being::ALL.iter().find(|(_, it)| it == being);
                write!(f, "{} {}", id.0, named.map_or("", |(name, _)| name))
            }
            Fact::Term(term, member) => write!(f, "term {term}{}", on(member)),
            Fact::LogEnds(id, index, term) => write!(f, "log {} ends at {index} term {term}", id.0),
            Fact::LogIs(id, log) => write!(f, "log {} is {}", id.0, quote(log)),
            Fact::Commit(index, member) => write!(f, "commit {index}{}", on(member)),
            Fact::SameLogs => f.write_str("same logs"),
            Fact::SameStores => f.write_str("same stores"),
            Fact::PromisesKept => f.write_str("promises kept"),
            Fact::Key(key, value, member) => {
                write!(f, "key {}{}{}", quote(key), text(" = ", value), on(member))
            }
            Fact::NotReady => f.write_str("not-ready nodes"),
            Fact::Answer(answer) => write!(f, "answer{}", text(" ", answer)),
            Fact::Error(error) => write!(f, "error{}", text(" ", error)),
        }
    }
}

/// The first words of a fact, besides a member's number.
const FACTS: [&str; 10] =
    ["leader", "term", "log", "commit", "same", "promises", "key", "not-ready", "answer", "error"];

/// Whether a word can be the first of what is expected.
pub(super) fn begins(word: &str) -> bool {
    word == "no" || FACTS.contains(&word) || super::read::member_id(word).is_some()
}

/// Reads what is expected; leaves what follows it.
pub(super) fn read(line: &mut Line) -> Result<Expectation, Wrong> {
    let expected = "what is so, such as leader 3, key foo = bar or log 2 ends at 6 term 1";
    let mut word = line.next(expected)?;
    let no = word.text == "no";
    if no {
        word = line.next(expected)?;
    }
    Ok(Expectation { no, fact: fact(&word, expected, line)? })
}

fn fact(word: &Word, expected: &str, line: &mut Line) -> Result<Fact, Wrong> {
    Ok(match word.text.as_str() {
        "leader" => Fact::Leader(line.optional(|word| member(word).ok())),
        "term" => Fact::Term(Term(number(line, "a term")?), on(line)?),
        "log" => log(line)?,
        "commit" => Fact::Commit(LogIndex(number(line, "an index")?), on(line)?),
        "same" => line.one_of(&[("logs", Fact::SameLogs), ("stores", Fact::SameStores)])?,
        "promises" => line.one_of(&[("kept", Fact::PromisesKept)])?,
        "key" => {
            let key = line.next("a key")?.text;
            let value = match line.optional(|word| (word.text == "=").then_some(())) {
                Some(()) => Some(line.next("a value")?.text),
                None => None,
            };
            Fact::Key(key, value, on(line)?)
        }
        "not-ready" => line.one_of(&[("nodes", Fact::NotReady)])?,
        "answer" => Fact::Answer(line.optional(text)),
        "error" => Fact::Error(line.optional(text)),
        _ => match member(word) {
            Ok(id) => Fact::Is(id, line.one_of(&Being::ALL)?),
            Err(_) => return Err(word.near(expected, &FACTS)),
        },
    })
}

/// Any word but the one that begins a limit of time.
fn text(word: &Word) -> Option<String> {
    (word.text != "within").then(|| word.text.clone())
}

fn log(line: &mut Line) -> Result<Fact, Wrong> {
    let id = member(&line.next("a member")?)?;
    if line.one_of(&[("ends", false), ("is", true)])? {
        return Ok(Fact::LogIs(id, line.next("terms, such as \"t0:0 t1:1..6\"")?.text));
    }
    line.one_of(&[("at", ())])?;
    let index = LogIndex(number(line, "an index")?);
    line.one_of(&[("term", ())])?;
    Ok(Fact::LogEnds(id, index, Term(number(line, "a term")?)))
}

fn number(line: &mut Line, expected: &str) -> Result<u64, Wrong> {
    let word = line.next(expected)?;
    word.text.parse().map_err(|_| word.expected(expected))
}

/// `on 2`
fn on(line: &mut Line) -> Result<Option<MemberId>, Wrong> {
    match line.optional(|word| (word.text == "on").then_some(())) {
        Some(()) => member(&line.next("a member")?).map(Some),
        None => Ok(None),
    }
}

#[cfg(test)]
#[path = "expect_test.rs"]
pub(super) mod tests;
