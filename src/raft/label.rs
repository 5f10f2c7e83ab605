//! What is written on a packet: enough to draw it and to tell its story, never its content.
//!
//! Architecture invariant: a label is plain and small; no strings are made until someone looks.

use serde::{Deserialize, Serialize};

use super::{Term, ThreadId};

/// What a packet carries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PacketKind {
    /// "Would you vote for me?"
    PreVote,
    /// "Vote for me."
    Vote,
    /// Log entries; none of them: a heartbeat.
    #[default]
    Append,
    /// A piece of a snapshot.
    Snapshot,
    /// "Campaign now."
    Transfer,
    /// The leader's proof that it still leads, for a read.
    ReadIndex,
    /// A write passed on to the leader.
    Forward,
    /// A client's request to etcd.
    Client,
    /// Changes on the way to a watcher.
    Watch,
    /// A request to the apiserver.
    Api,
}

/// The label of one packet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Label {
    /// What it carries.
    pub kind: PacketKind,
    /// An answer rather than a request.
    pub answer: bool,
    /// An answer that says no.
    pub refused: bool,
    /// The sender's term, if it is one of Raft's own.
    pub term: Option<Term>,
    /// Entries carried; of a snapshot: pieces in all.
    pub entries: u32,
    /// The last entry carried or acknowledged; of a snapshot: the number of this piece.
    pub index: u64,
    /// Bytes carried, as far as they are modelled.
    pub bytes: u32,
    /// What a client asks: `put`, `get`, `watch`.
    pub word: &'static str,
    /// The write it belongs to.
    pub thread: Option<ThreadId>,
}

impl Label {
    /// A request of this kind, in this term.
    pub fn request(kind: PacketKind, term: u64) -> Label {
        Label { kind, term: Some(Term(term)), ..Label::default() }
    }

    /// An answer of this kind, in this term.
    pub fn answer(kind: PacketKind, term: u64, refused: bool) -> Label {
        Label { kind, answer: true, refused, term: Some(Term(term)), ..Label::default() }
    }

    /// The words on its capsule. A heartbeat and its answer have none.
    pub fn text(&self) -> String {
        let verdict = |yes: &str| if self.refused { "no".into() } else { yes.to_string() };
        match (self.kind, self.answer) {
            (PacketKind::PreVote, false) => "would you?".into(),
            (PacketKind::Vote, false) => "vote?".into(),
            (PacketKind::PreVote | PacketKind::Vote, true) => verdict("yes"),
            (PacketKind::Append, _) if self.refused => "no".into(),
            (PacketKind::Append, _) if self.entries == 0 => String::new(),
            (PacketKind::Append, false) if self.entries == 1 => self.index.to_string(),
            (PacketKind::Append, false) => {
                format!("{}–{}", self.index + 1 - u64::from(self.entries), self.index)
            }
            (PacketKind::Append, true) => format!("ack {}", self.index),
            (PacketKind::Snapshot, false) => format!("snapshot {}/{}", self.index, self.entries),
            (PacketKind::Snapshot, true) => verdict("ok"),
            (PacketKind::Transfer, _) => "campaign!".into(),
            (PacketKind::ReadIndex, false) => "read index?".into(),
            (PacketKind::ReadIndex, true) => verdict("still leader"),
            (_, true) if self.refused => "refused".into(),
            _ => self.word.to_string(),
        }
    }
}
