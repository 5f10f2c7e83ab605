//! The reader's own etcdctl: a line of it as a value, what it asks, and what it prints.
//!
//! * Speaks as the etcdctl of 3.4.23 does: its verbs, flags and formats, its words and exit codes
//!   (`tests/etcdctl.rs` compares with what that one printed).
//! * A line is read here (`read`), its requests are made (`request`, `txn`), sent by a client like
//!   any other (`run`), and their answers printed (`print`, `fields`, `json`, `table`).
//! * Without `--endpoints` it knows all members, as if they were in `ETCDCTL_ENDPOINTS`.
//!
//! Caveats: no TLS, no users, no `exec-command` of a watch, no protobuf as output. Members have
//! their numbers for ids; `etcd-6` may be written for one, and a member added under such a name
//! needs no `--peer-urls`.
//!
//! Architecture invariant: a client like any other; no way around the members.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::quote;
use crate::raft::MemberId;
use crate::sim::Address;

mod commands;
mod fields;
mod go_on;
mod help;
mod json;
mod manuals;
mod print;
mod read;
mod request;
mod run;
mod simple;
mod table;
mod txn;
mod verbs;

pub use commands::{COMMANDS_SHOWN_MAX, CommandRun, Commands, PRINTED_KEPT_MAX, Piece};
pub use help::complete;
pub use manuals::MANUALS;
pub use read::read;
pub use request::request;
pub use txn::{PROMPTS, awaits};
pub use verbs::{Manual, Verb};

/// Where etcdctl runs.
pub const ETCDCTL: Address = Address(100);

/// etcdctl's `--command-timeout`.
pub const COMMAND_TIMEOUT: Duration = Duration::from_secs(5);

/// A line of etcdctl.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Etcdctl {
    /// The endpoints it was given; none: all members.
    pub endpoints: Vec<MemberId>,
    /// What to do.
    pub verb: Verb,
    /// With what.
    pub arguments: Vec<String>,
    /// How: each flag as it is written, `--prefix` or `--rev=7`; none that says what holds anyway.
    pub flags: Vec<String>,
    /// Its standard input.
    pub input: Option<String>,
}

/// Why etcdctl does not do what it was told: what it says, and its exit code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The word that is wrong, by its place; none: something is missing, or wrong as a whole.
    pub word: Option<usize>,
    /// Its exit code.
    pub code: u8,
    /// What it says.
    pub text: String,
}

/// The exit codes of etcdctl.
#[allow(missing_docs)]
pub mod exit {
    pub const ERROR: u8 = 1;
    pub const BAD_CONNECTION: u8 = 2;
    pub const INVALID_INPUT: u8 = 3;
    pub const BAD_FEATURE: u8 = 4;
    pub const INTERRUPTED: u8 = 5;
    pub const BAD_ARGS: u8 = 128;
    /// What a shell says of a process that Ctrl-C has ended.
    pub const CTRL_C: u8 = 130;
}

impl Refusal {
    /// `Error: …`
    pub fn error(code: u8, text: impl fmt::Display) -> Refusal {
        Refusal { word: None, code, text: format!("Error: {text}") }
    }
}

/// How answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Format {
    Simple,
    Json,
    Fields,
    Table,
}

impl Etcdctl {
    /// A verb and its arguments.
    pub fn new(verb: Verb, arguments: &[&str]) -> Etcdctl {
        let arguments = arguments.iter().map(|it| it.to_string()).collect();
        Etcdctl { verb, arguments, ..Etcdctl::default() }
    }

    /// `put KEY VALUE`
    pub fn put(key: &str, value: &str) -> Etcdctl {
        Etcdctl::new(Verb::Put, &[key, value])
    }

    /// `get KEY`
    pub fn get(key: &str) -> Etcdctl {
        Etcdctl::new(Verb::Get, &[key])
    }

    /// `del KEY`
    pub fn del(key: &str) -> Etcdctl {
        Etcdctl::new(Verb::Del, &[key])
    }

    /// `compaction REVISION`
    pub fn compaction(revision: i64) -> Etcdctl {
        Etcdctl::new(Verb::Compaction, &[&revision.to_string()])
    }

    /// The same with a flag.
    pub fn with(mut self, flag: &str) -> Etcdctl {
        self.flags.push(flag.into());
        self
    }

    /// The same, asked of these members.
    pub fn at(mut self, endpoints: impl IntoIterator<Item = MemberId>) -> Etcdctl {
        self.endpoints = endpoints.into_iter().collect();
        self
    }

    /// What a flag was given, `true` if nothing.
    pub fn flag(&self, name: &str) -> Option<&str> {
        self.flags.iter().find_map(|flag| {
            let (own, value) = flag[2..].split_once('=').unwrap_or((&flag[2..], "true"));
            (own == name).then_some(value)
        })
    }

    /// Whether a flag is there.
    pub fn has(&self, flag: &str) -> bool {
        self.flag(flag).is_some()
    }

    /// The number a flag was given.
    pub(super) fn number(&self, flag: &str) -> i64 {
        self.flag(flag).and_then(|value| value.parse().ok()).unwrap_or(0)
    }

    /// How its answers are written.
    pub(super) fn format(&self) -> Format {
        match self.flag("write-out") {
            Some("json") => Format::Json,
            Some("fields") => Format::Fields,
            Some("table") => Format::Table,
            _ => Format::Simple,
        }
    }

    /// Whether it goes on until it is interrupted.
    pub fn goes_on(&self) -> bool {
        match self.verb {
            Verb::Watch => true,
            Verb::LeaseKeepAlive => !self.has("once"),
            _ => false,
        }
    }

    /// Its line without its standard input.
    pub fn line(&self) -> String {
        let mut line = "etcdctl".to_string();
        let endpoints: Vec<String> = self.endpoints.iter().map(MemberId::to_string).collect();
        if !endpoints.is_empty() {
            line += &format!(" --endpoints={}", endpoints.join(","));
        }
        line = line + " " + self.verb.manual().name;
        let flags: String =
            self.flags.iter().map(|flag| " ".to_string() + &written(flag)).collect();
        let arguments: String =
            self.arguments.iter().map(|it| " ".to_string() + &quote(it)).collect();
        match self.arguments.iter().any(|it| it.starts_with('-')) {
            true => line + &flags + " --" + &arguments,
            false => line + &arguments + &flags,
        }
    }
}

fn written(flag: &str) -> String {
    match flag.strip_prefix("--write-out=") {
        Some(format) => "-w ".to_string() + format,
        None => quote(flag),
    }
}

/// A text that ends with its last line stands behind `<<EOF`, any other is one word behind `<<<`.
impl fmt::Display for Etcdctl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line();
        match &self.input {
            None => f.write_str(&line),
            Some(text) => f.write_str(&super::quote::with_text(&line, text)),
        }
    }
}
