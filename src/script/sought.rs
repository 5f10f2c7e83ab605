//! What a run can be searched for: `search split-vote`.
//!
//! Architecture invariant: names; how it is seen in a run is the engine's.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a run can be searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sought {
    /// Two ask for votes in a term that gets no leader (Raft §5.2).
    SplitVote,
    /// A member's entry gives way to another leader's (§5.3).
    Overwritten,
    /// A leader whose entries reach no quorum.
    CannotCommit,
    /// A write of which the client cannot know whether it happened.
    UnknownWrite,
    /// A watch that is told its revision is gone.
    WatchCompacted,
}

impl Sought {
    /// All of them, by name.
    pub const ALL: [(&'static str, Sought); 5] = [
        ("split-vote", Sought::SplitVote),
        ("overwritten", Sought::Overwritten),
        ("cannot-commit", Sought::CannotCommit),
        ("unknown-write", Sought::UnknownWrite),
        ("watch-compacted", Sought::WatchCompacted),
    ];
}

impl Sought {
    /// Its name in a line.
    pub fn name(self) -> &'static str {
        Sought::ALL.iter().find(|(_, it)| *it == self).map_or("", |(name, _)| name)
    }
}

impl fmt::Display for Sought {
    /// Behind `a run with `.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Sought::SplitVote => "a split vote",
            Sought::Overwritten => "an entry overwritten",
            Sought::CannotCommit => "a leader that cannot commit",
            Sought::UnknownWrite => "a write whose fate is unknown",
            Sought::WatchCompacted => "a watch whose revision is compacted",
        })
    }
}
