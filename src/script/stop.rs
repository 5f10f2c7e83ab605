//! What time can be stopped by, and gone back to: `break commit 42`, `break so key foo = bar`.
//!
//! * `so` takes anything that can be expected (`expect`), and holds when it becomes so.
//! * Each holds right after the micro-step, or the action, in which it happened; or it does not.
//! * Prints as the words behind `break`.
//!
//! Architecture invariant: says what is wanted; whether it holds is the engine's to find out.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::read::Line;
use super::words::Wrong;
use super::{Expectation, StepBy, expect};
use crate::cluster::{PACKET_NAMES, PacketKind};
use crate::raft::{LogIndex, MemberId};
use crate::store::Revision;

/// Something that happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stop {
    /// A packet is delivered; of this kind, if one is named.
    Message(Option<PacketKind>),
    /// Any event.
    Event,
    /// The last thing at its instant.
    Instant,
    /// A member becomes leader.
    Leader,
    /// A member asks for votes, or whether it would get them.
    Election,
    /// A member enters a term nobody was in before.
    Term,
    /// A leader knows an entry on a quorum: this one, if one is named.
    Commit(Option<LogIndex>),
    /// A member's store takes an entry; the one that brings it to this revision, if one is named.
    Applied(MemberId, Option<Revision>),
    /// A watcher is sent changes.
    Told,
    /// A promise breaks.
    Violation,
    /// The reader does something to the cluster.
    Fault,
    /// What was not so becomes so, as `expect` would have it.
    So(Expectation),
}

/// Those that are one word.
const WORDS: [(&str, Stop); 10] = [
    ("leader", Stop::Leader),
    ("election", Stop::Election),
    ("term", Stop::Term),
    ("commit", Stop::Commit(None)),
    ("told", Stop::Told),
    ("violation", Stop::Violation),
    ("fault", Stop::Fault),
    ("message", Stop::Message(None)),
    ("event", Stop::Event),
    ("instant", Stop::Instant),
];

/// What `break message` can name.
fn kinds() -> impl Iterator<Item = (&'static str, PacketKind)> {
    PACKET_NAMES
        .into_iter()
        .filter(|(.., heartbeat)| !heartbeat)
        .map(|(name, kind, _)| (name, kind))
}

impl From<StepBy> for Stop {
    fn from(by: StepBy) -> Stop {
        match by {
            StepBy::Message => Stop::Message(None),
            StepBy::Event => Stop::Event,
            StepBy::Instant => Stop::Instant,
        }
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Applied(member, None) => write!(f, "applied {}", member.0),
            Stop::Applied(member, Some(revision)) => write!(f, "applied {} {revision}", member.0),
            Stop::Commit(Some(index)) => write!(f, "commit {index}"),
            Stop::Message(Some(kind)) => {
                let named = kinds().find(|(_, other)| other == kind);
                write!(f, "message {}", named.map_or("", |(name, _)| name))
            }
            Stop::So(expectation) => write!(f, "so {expectation}"),
            word => f.write_str(WORDS.iter().find(|(_, it)| it == word).map_or("", |(it, _)| it)),
        }
    }
}

/// Reads the words behind `break`.
pub(super) fn read(line: &mut Line) -> Result<Stop, Wrong> {
    if line.optional(|word| (word.text == "so").then_some(())).is_some() {
        let expectation = expect::read(line)?;
        return line.ends().map(|()| Stop::So(expectation));
    }
    let mut named: Vec<(&str, Option<Stop>)> =
        WORDS.iter().map(|(name, stop)| (*name, Some(stop.clone()))).collect();
    named.insert(4, ("applied", None));
    let stop = line.one_of(&named)?;
    let ends = line.words.is_empty();
    let stop = match stop {
        None => {
            let member = line.member()?;
            let revision = match line.words.is_empty() {
                true => None,
                false => Some(Revision(line.number("a revision")?)),
            };
            Stop::Applied(member, revision)
        }
        Some(Stop::Commit(None)) if !ends => {
            Stop::Commit(Some(LogIndex(line.number("an index")?.unsigned_abs())))
        }
        Some(Stop::Message(None)) if !ends => {
            Stop::Message(Some(line.one_of(&kinds().collect::<Vec<_>>())?))
        }
        Some(stop) => stop,
    };
    line.ends().map(|()| stop)
}

#[cfg(test)]
#[path = "stop_test.rs"]
mod tests;
