//! The way of one write, as the page shows it: object → default → encode → transform → txn → raft →
//! apply → watch.
//!
//! Every step is filled in by the code that does it, when it does it, with the real bytes. The
//! first six belong to `Create` in the apiserver's storage; the last three are seen in the cluster.
//!
//! * [`WritePath`] is light and part of every frame; [`WriteDetail`] holds the bytes and is asked
//!   for.
//!
//! Architecture invariant: only written by what happens; nothing reads it to decide what to do.

use serde::{Deserialize, Serialize};

use crate::raft::{LogIndex, MemberId, ThreadId};
use crate::sim::Instant;
use crate::store::Revision;

/// Write paths that stay in the frame; the newest so many.
pub const WRITES_KEPT_MAX: usize = 16;

/// The stations of a write, in order.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
pub enum StepKind {
    /// The object as the reader wrote it.
    #[default]
    Object,
    /// What the apiserver fills in.
    Default,
    /// The object as bytes.
    Encode,
    /// The bytes as stored, perhaps encrypted.
    Transform,
    /// The transaction sent to etcd.
    Txn,
    /// The entry on its way to a quorum.
    Raft,
    /// The entry in the stores.
    Apply,
    /// Those who are told.
    Watch,
}

impl StepKind {
    /// All eight, in order.
    pub const ALL: [StepKind; 8] = [
        StepKind::Object,
        StepKind::Default,
        StepKind::Encode,
        StepKind::Transform,
        StepKind::Txn,
        StepKind::Raft,
        StepKind::Apply,
        StepKind::Watch,
    ];

    /// Its name on the page.
    pub fn name(self) -> &'static str {
        match self {
            StepKind::Object => "Object",
            StepKind::Default => "Default",
            StepKind::Encode => "Encode",
            StepKind::Transform => "Transform",
            StepKind::Txn => "Txn",
            StepKind::Raft => "Raft",
            StepKind::Apply => "Apply",
            StepKind::Watch => "Watch",
        }
    }
}

/// How a station stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum StepState {
    /// Not reached.
    #[default]
    Waiting,
    /// Being done.
    Now,
    /// Done.
    Done,
    /// It ended here.
    Failed,
    /// This write does not pass here (a plain `put` has no object).
    Skipped,
}

/// One station of one write.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Which.
    pub kind: StepKind,
    /// How it stands.
    pub state: StepState,
    /// The first line: `Deployment web`, `+ 14 fields`, `protobuf`, `2 of 5 acks`.
    pub what: String,
    /// The second line: `412 B`, `mod_rev = 0 ?`.
    pub note: String,
    /// When it was reached.
    pub at: Option<Instant>,
}

/// The way of one write.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct WritePath {
    /// Its thread.
    pub thread: ThreadId,
    /// `kubectl apply · Deployment default/web`.
    pub title: String,
    /// When it began.
    pub started: Instant,
    /// The eight stations, in order.
    pub steps: Vec<Step>,
    /// How it ended: what kubectl prints, and whether that is an error.
    pub outcome: Option<WriteOutcome>,
    /// Whether one of the control plane writes it of its own accord, not for the reader.
    pub own_accord: bool,
}

/// How a write ended for the one who asked for it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct WriteOutcome {
    /// What kubectl or etcdctl prints.
    pub text: String,
    /// Whether it is an error.
    pub failed: bool,
    /// Line and column in what the reader wrote, from 1, when the error has a place there.
    pub place: Option<(u32, u32)>,
}

/// One run of bytes and what it means.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByteSpan {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// How deep it lies in the message, from 0.
    pub depth: u16,
    /// The field: `spec.template.spec.containers[0].image`, `magic`, `nonce`.
    pub path: String,
    /// What these bytes are of it: `tag`, `length`, `value`, `magic`, `key name`, …
    pub role: String,
    /// The value in words: `"nginx:1.25"`, `3`.
    pub value: String,
}

/// The bytes of a write, asked for when a reader opens a station.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct WriteDetail {
    /// Its thread.
    pub thread: ThreadId,
    /// What the reader wrote.
    pub written: String,
    /// The object before defaulting, as indented JSON.
    pub object: String,
    /// The object as stored, as indented JSON.
    pub defaulted: String,
    /// The fields that were filled in: path and value.
    pub filled: Vec<(String, String)>,
    /// The media type of the encoding: `application/vnd.kubernetes.protobuf`.
    pub media_type: String,
    /// The encoded object.
    pub encoded: Vec<u8>,
    /// What its bytes mean, covering all of them in order.
    pub encoded_spans: Vec<ByteSpan>,
    /// The transformer: `identity`, `aesgcm, key1`.
    pub transformer: String,
    /// The stored value.
    pub stored: Vec<u8>,
    /// What its bytes mean, covering all of them in order.
    pub stored_spans: Vec<ByteSpan>,
    /// The etcd key.
    pub key: String,
    /// The transaction, as text.
    pub txn: String,
    /// The log entry it became.
    pub entry: Option<(LogIndex, u64)>,
    /// Which member had it safely on disk, and when the leader knew.
    pub acks: Vec<(MemberId, Instant)>,
    /// Which member applied it when.
    pub applied: Vec<(MemberId, Instant)>,
    /// Its revision.
    pub revision: Option<Revision>,
    /// Who was told, and when.
    pub told: Vec<(String, Instant)>,
}
