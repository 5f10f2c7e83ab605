//! The words of the write path and the panes on the right.
//!
//! Sentence case, no full stop after one sentence, `…` when more is asked, no colon after a label.
//!
//! Architecture invariant: text only; what is upstream's (kubectl, etcdctl) stands where it is
//! modelled.

// The text of a constant is its documentation.
#![allow(missing_docs)]

use crate::cluster::{Entry, Member, Role, Status};
use crate::engine::{KeyRow, KeyVersion};
use crate::kube::{StepKind, StepState, WriteDetail};
use crate::raft::{LogIndex, MemberId};
use crate::sim::Instant;
use crate::store::Revision;
use crate::view::ledger::EntryCell;
use crate::view::{Tab, amounts};

pub const WRITE_PATH: &str = "Write path";
pub const WRITE_PATH_EMPTY: &str = "No write yet. Submit an object to see its way";
pub const SUBMIT_AN_OBJECT: &str = "Go to Submit";
pub const FOLLOW_NEWEST: &str = "The newest write";
pub const CHOOSE_WRITE: &str = "Write shown";
pub const CHOICE_DONE: &str = "· done";
pub const CHOICE_FAILED: &str = "· failed";
pub const WAITING_FOR_ANSWER: &str = "Waiting for an answer…";
pub const PRINTED_HERE: &str = "nobody was asked";
pub const WHOLE_TEXT: &str = "The whole text";
pub const CHOICE_OPEN: &str = "· under way";

/// `since 12.384 s`.
pub fn since(start: Instant) -> String {
    format!("since {start}")
}

/// `84 ms to its last station`.
pub fn to_last_station(span: &str) -> String {
    format!("{span} to its last station")
}

/// How a station stands, in a word.
pub fn state(state: StepState) -> &'static str {
    match state {
        StepState::Waiting => "waiting",
        StepState::Now => "now",
        StepState::Done => "done",
        StepState::Failed => "failed",
        StepState::Skipped => "skipped",
    }
}

/// What a station is.
pub fn station(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Object => "the object as written",
        StepKind::Default => "what the apiserver fills in",
        StepKind::Encode => "the object as bytes",
        StepKind::Transform => "the bytes as stored, perhaps encrypted",
        StepKind::Txn => "the transaction sent to etcd",
        StepKind::Raft => "the entry on its way to a quorum",
        StepKind::Apply => "the entry in the members' stores",
        StepKind::Watch => "those who are told",
    }
}

/// `refused after 84 ms`.
pub fn refused_after(span: &str) -> String {
    format!("refused after {span}")
}

/// Appended to a station's state.
pub fn reached(after: &str) -> String {
    format!(", reached at {after}")
}

/// Appended to a station's state.
pub fn next_after(span: &str) -> String {
    format!(", next station {span} later")
}

pub const NOBODY_LEADS: &str = "Nobody leads";
pub const LOG_EMPTY: &str = "No entry yet";
pub const LOG_INDEX: &str = "index";
pub const LOG_NEXT: &str = "next";
pub const LOG_NEXT_HINT: &str = "the first entry the leader has not sent to this member yet";
pub const LOG_SENT: &str = "sent";
pub const LOG_SENT_HINT: &str = "the leader has sent this entry; it is not in this log yet";
pub const LOG_MATCH: &str = "match: the leader knows this log up to here";
pub const LOG_SNAPSHOT: &str = "snapshot";
pub const LOG_BROKEN: &str = "different terms at one index: a divergence, mended by the leader";
pub const LOG_LEGEND: [(&str, &str); 6] = [
    ("open", "not committed"),
    ("committed", "committed"),
    ("applied", "applied"),
    ("match", "match"),
    ("snapshot", "in snapshot"),
    ("unsynced", "not on disk"),
];

/// The foot of the log.
pub fn committed_applied(commit: Option<LogIndex>, applied: Option<LogIndex>) -> String {
    format!("committed {} · applied {}", index(commit), index(applied))
}

/// An index, or a dash.
pub fn index(index: Option<LogIndex>) -> String {
    index.map_or_else(|| "–".into(), |i| i.to_string())
}

/// Beside a member's name; nothing for a follower that runs.
pub fn member_state(status: Status, role: Role, leads: bool) -> &'static str {
    match (status, role) {
        (Status::Crashed, _) => "crashed",
        (Status::Paused, _) => "paused",
        (_, Role::Leader) if leads => "leader",
        (_, Role::Leader) => "stale leader",
        (_, Role::Candidate) => "candidate",
        (_, Role::PreCandidate) => "pre-candidate",
        (_, Role::Learner) => "learner",
        (_, Role::Follower) => "",
    }
}

/// A member's log in one line.
pub fn member_log(member: &Member) -> String {
    format!(
        "{}, term {}, last entry {}, on disk {}, {}",
        member.id,
        member.term,
        index(member.last_index),
        index(member.durable_index),
        committed_applied(member.commit_index, member.applied_index),
    )
}

/// One entry in one member's log.
pub fn entry(member: MemberId, entry: &Entry, cell: &EntryCell) -> String {
    let mut said = format!(
        "{member}, entry {} of term {}, {} B: {}\n",
        entry.index, entry.term, entry.bytes, entry.text
    );
    said += if cell.committed { "known to be committed" } else { "not known to be committed" };
    said += if cell.applied { ", applied" } else { "" };
    said += if cell.durable { "" } else { ", not yet on disk" };
    said += if cell.snapshot { ", in the snapshot" } else { "" };
    said += if cell.matched { "; the leader knows this log up to here" } else { "" };
    said += if cell.diverges { "; the leader has another entry here" } else { "" };
    said
}

pub const CLOSE: &str = "Close";
pub const DETAIL_WAITING: &str = "Asking the engine…";
pub const AS_WRITTEN: &str = "As written";
pub const AS_OBJECT: &str = "As an object";
pub const AS_STORED: &str = "The object as stored";
pub const ENCODING: &str = "Encoding";
pub const MEDIA_TYPE: &str = "media type";
pub const SIZE: &str = "size";
pub const TRANSFORMER: &str = "provider";
pub const KEY: &str = "key";
pub const COMPARE: &str = "compare";
pub const TXN: &str = "The transaction";
pub const QUORUM: &str = "quorum";
pub const NOT_YET: &str = "not yet";
pub const NO_ENTRY: &str = "Not in a log yet";
pub const NO_REVISION: &str = "Not applied yet";
pub const APPLIED_NOTE: &str = "Every member applies the same entries in the same order, each when \
     it learns that they are committed. The one that lags answers serializable reads with the past";
pub const CHAIN: &str =
    "The apiserver is etcd's only client. Everyone else is told by the apiserver";

/// What happens at a station; what it means that it ended or is passed by.
pub fn lead(kind: StepKind, state: StepState) -> &'static str {
    if state == StepState::Skipped {
        return "This write does not pass here";
    }
    match kind {
        StepKind::Object => "kubectl turns what you wrote into an object and sends it",
        StepKind::Default => "The apiserver fills in what was left out and checks the whole",
        StepKind::Encode => "The object becomes protobuf behind a four-byte magic, k8s\\0",
        StepKind::Transform => "The bytes are encrypted if this kind is encrypted at rest",
        StepKind::Txn => "One transaction: only if the key is as the apiserver last saw it",
        StepKind::Raft => "The leader appends an entry; a quorum must have it on disk",
        StepKind::Apply => "The committed entry goes into each member's store, as one revision",
        StepKind::Watch => "etcd tells the apiserver, and the apiserver tells everyone else",
    }
}

/// Under a text that was cut.
pub fn cut_off(left: u64) -> String {
    format!("{} more", amounts::bytes(left))
}

/// Over the fields the apiserver filled in.
pub fn filled(count: usize) -> String {
    match count {
        0 => "Nothing was filled in".into(),
        n => format!("{} filled in", amounts::counted(n, "field", "fields")),
    }
}

/// Over what the transformer did.
pub fn transformed(identity: bool) -> &'static str {
    if identity { "Stored as it is" } else { "Encrypted at rest" }
}

/// What a transaction's compare asks.
pub fn compare(txn: &str) -> &'static str {
    if txn.contains("= 0") {
        "only if no such key exists: this creates it"
    } else if txn.contains("mod_revision") || txn.contains("mod(") {
        "only if the key is still at the revision that was read (optimistic locking)"
    } else {
        "none: it is done whatever is there"
    }
}

/// Over the acks.
pub fn entry_of_term(index: LogIndex, term: u64) -> String {
    format!("Entry {index} of term {term}, on disk at")
}

/// Under the acks.
pub fn quorum(acks: usize, quorum: usize, members: usize) -> String {
    let have = format!("{acks} of {members} have it on disk");
    match quorum.checked_sub(acks) {
        None | Some(0) => format!("{have}; {quorum} are a quorum: the entry is committed"),
        Some(more) => format!("{have}; {quorum} are a quorum: {more} more needed"),
    }
}

/// Over those who applied.
pub fn revision(revision: Revision) -> String {
    format!("Revision {revision}, applied by")
}

/// Over those who were told.
pub fn told(count: usize) -> String {
    match count {
        0 => "Nobody was told yet".into(),
        n => format!("{} told", amounts::counted(n, "watcher", "watchers")),
    }
}

pub const STORE_EMPTY: &str = "No key here";
pub const STORE_OF: &str = "Store of";
pub const STORE_PREFIX: &str = "Keys beginning with";
pub const STORE_REVISION: &str = "Read as of revision";
pub const STORE_NOW: &str = "Now";
pub const STORE_CHOOSE_KEY: &str = "Choose a key to see its history";
pub const HISTORY_PARTIAL: &str = "what came before is compacted";
pub const HISTORY_DELETED: &str = "Deleted: nothing is left but the tombstone, until a compaction";
pub const HISTORY_ABSENT: &str = "At the revision read there was no such key yet";
pub const BYTES: &str = "Bytes";
pub const AS_JSON: &str = "Object";
pub const STANDING: &str = "Conditions, Events";
pub const CONDITIONS: &str = "Conditions now";
pub const EVENTS: &str = "Events about it";
pub const AS_TEXT: &str = "Text";
pub const AS_HEX: &str = "Bytes";

/// Where the store is read.
pub fn as_of(at: Revision, last: Revision, now: bool) -> String {
    if now { format!("now, revision {last}") } else { format!("as of revision {at} of {last}") }
}

/// When not all keys are shown.
pub fn first_of(shown: usize, all: &str) -> String {
    format!("first {shown} of {all}")
}

/// Beside a key.
pub fn key_note(row: &KeyRow) -> String {
    let size = amounts::bytes(row.bytes.into());
    format!("rev {} · v{} · {size}", row.mod_revision, row.version)
}

/// One version of a key.
pub fn version(version: &KeyVersion) -> String {
    let kv = &version.kv;
    if version.tombstone {
        return format!("revision {}: deleted", kv.mod_revision);
    }
    let size = amounts::bytes(kv.value.len() as u64);
    format!("revision {}: version {}, {size}", kv.mod_revision, kv.version)
}

/// Versions that are not drawn.
pub fn older(count: usize) -> String {
    amounts::counted(count, "older version", "older versions")
}

/// How many watchers a member serves.
pub fn watchers(count: u32) -> String {
    match count {
        0 => "no watcher".into(),
        n => amounts::counted(n as usize, "watcher", "watchers"),
    }
}

/// An error, and whether the request may have happened all the same.
pub fn failed(error: &str, unknown: bool) -> String {
    let doubt = if unknown { "\nWhether it happened is not known" } else { "" };
    let said = error.strip_prefix("Error: ").unwrap_or(error);
    format!("Error: {said}{doubt}")
}

pub const PANES: &str = "Panes";
pub const APPLIED: &str = "applied";
pub const LOG_TABLE: &str = "Log of every member";
pub const LOG_ENTRY: &str = "entry";
pub const BEFORE: &str = "Before the transformer";
pub const AFTER: &str = "As stored in etcd";
pub const BYTES_EMPTY: &str = "No write yet. Its bytes will be here";
pub const BYTES_NOT_YET: &str = "Not encoded yet";
pub const FIELDS: &str = "Fields";
pub const HEX_HINT: &str = "Point at bytes, or walk the fields with the arrow keys";
pub const EARLIER_BYTES: &str = "Earlier";
pub const LATER_BYTES: &str = "Later";
pub const WATCHES_ETCD: &str = "etcd";
pub const WATCHES_APISERVER: &str = "The apiserver";
pub const KILL: &str = "Kill";
pub const RESTART: &str = "Start again";
pub const WATCHES_OTHERS: &str = "Everyone else";
pub const WATCHES_ARROW_ETCD: &str = "one watch for each kind";
pub const WATCHES_ARROW_API: &str = "from its watch cache";
pub const WATCHES_NONE: &str = "Nobody watches yet";
pub const EXAMPLES: &str = "Examples";
pub const CTRL_ENTER: &str = "Ctrl+Enter";
pub const EDITED: &str = "As it is stored. Replace writes it back under the resourceVersion read: \
     409 if somebody was faster";
pub const EDITOR: &str = "Object as YAML or JSON";
pub const EDITOR_KEYS: &str = "Tab indents. Escape, then Tab, leaves. Ctrl+Enter submits";
pub const ETCDCTL: &str = "Straight to etcd";
pub const ETCDCTL_HINT: &str = "put KEY VALUE, get KEY, get --prefix /registry/, del KEY. \
     Kubernetes is not asked, and does not check";
pub const ENDPOINT: &str = "Endpoint asked first";
pub const ANY_ENDPOINT: &str = "any member";
pub const ANSWERS: &str = "Answers";
pub const RUN: &str = "Run";

/// The name of a tab.
pub fn tab(tab: Tab) -> &'static str {
    match tab {
        Tab::Submit => "Submit",
        Tab::Objects => "Objects",
        Tab::Log => "Log",
        Tab::Store => "Store",
        Tab::Bytes => "Bytes",
        Tab::Watches => "Watches",
        Tab::Metrics => "Metrics",
        Tab::Promises => "Promises",
        Tab::History => "History",
    }
}

/// Between two stretches of the log.
pub fn hidden_entries(hidden: u64) -> String {
    format!("{} not shown", amounts::counted(hidden as usize, "entry", "entries"))
}

/// In a cell of the row of snapshots.
pub fn snapshot_to(end: LogIndex) -> String {
    format!("≤ {end} snapshot")
}

/// For the pointer's rest on it.
pub fn snapshot_hint(end: LogIndex) -> String {
    format!("everything up to entry {end} is in the snapshot and gone from the log")
}

/// On the button of a row.
pub fn show_write(index: LogIndex) -> String {
    format!("entry {index}, show its write")
}

/// On the switch of the bytes.
pub fn before(detail: &WriteDetail) -> String {
    format!("Before · {}", amounts::bytes(detail.encoded.len() as u64))
}

/// On the switch of the bytes.
pub fn after(detail: &WriteDetail) -> String {
    let how = if detail.transformer.is_empty() { "identity" } else { &detail.transformer };
    format!("Stored, {how} · {}", amounts::bytes(detail.stored.len() as u64))
}

/// On the button that goes to an error's place.
pub fn place((line, column): (u32, u32)) -> String {
    format!("line {line}, column {column}")
}
