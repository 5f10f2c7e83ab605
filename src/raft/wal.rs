//! The write-ahead log's bytes: how entries and votes lie on the simulated disk.
//!
//! A record is `length (4, little endian) ‖ CRC-32C of the payload (4) ‖ payload (postcard)`. A
//! file is a run of records. Reading stops at the first record that is cut short or damaged.
//!
//! * A record that is cut short is the torn tail of a power cut: nothing behind it was ever synced,
//!   and the file is repaired by leaving it out.
//! * A whole record with a wrong checksum is damage: something that was promised is gone, and no
//!   member may start from it (models etcd `storage/wal`, which repairs the first only).
//! * A record says what happened to the log, not what the log is; replaying all of them in order
//!   gives the log back.
//! * Caveat: etcd chains its checksums over the whole file and preallocates 64 MB segments; ours
//!   checks each record by itself and keeps one file, rewritten when its head is purged.
//!
//! Architecture invariant: knows bytes and records, not disks.

use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use openraft::EntryPayload;
use serde::{Deserialize, Serialize};

use super::types::{Entry, LogId, Vote};
use super::{Command, MemberId};
use crate::store::{Crc32c, encode_behind};

/// The file's name on the disk.
pub const WAL: &str = "wal";

/// Bytes before a record's payload: its length and its checksum.
const HEAD_BYTES: usize = 8;

/// A log id without openraft's types: term and index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place(pub u64, pub u64);

/// One thing that happened to the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Record {
    /// The member's vote: term, candidate, whether a quorum gave it.
    Vote(u64, MemberId, bool),
    /// An entry was appended.
    Append(Place, Payload),
    /// Everything after this is void; none: everything.
    TruncateAfter(Option<Place>),
    /// Everything up to and with this is in a snapshot and gone.
    Purge(Place),
    /// Everything up to and with this is committed.
    Committed(Option<Place>),
}

/// What an entry carries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Payload {
    /// A new leader's first entry (Raft §8).
    Blank,
    /// A command.
    Normal(Rc<Command>),
    /// Who the members are: each joint part's voters, then all nodes.
    Membership(Vec<BTreeSet<MemberId>>, BTreeSet<MemberId>),
}

impl Place {
    /// As openraft has it.
    pub fn log_id(self) -> LogId {
        LogId::new_term_index(self.0, self.1)
    }
}

impl From<&LogId> for Place {
    fn from(id: &LogId) -> Place {
        Place(id.leader_id.term, id.index)
    }
}

impl From<&Entry> for Record {
    fn from(entry: &Entry) -> Record {
        let payload = match &entry.payload {
            EntryPayload::Blank => Payload::Blank,
            EntryPayload::Normal(command) => Payload::Normal(command.clone()),
            EntryPayload::Membership(members) => Payload::Membership(
                members.get_joint_config().clone(),
                members.nodes().map(|(id, _)| *id).collect(),
            ),
        };
        Record::Append(Place::from(&entry.log_id), payload)
    }
}

impl From<&Vote> for Record {
    fn from(vote: &Vote) -> Record {
        Record::Vote(vote.leader_id.term, vote.leader_id.voted_for, vote.committed)
    }
}

/// An entry as openraft has it.
fn entry(place: Place, payload: Payload) -> Entry {
    let payload = match payload {
        Payload::Blank => EntryPayload::Blank,
        Payload::Normal(command) => EntryPayload::Normal(command),
        Payload::Membership(configs, nodes) => {
            EntryPayload::Membership(openraft::Membership::new_with_defaults(configs, nodes))
        }
    };
    Entry { log_id: place.log_id(), payload }
}

/// Appends one record to `out` and says how many bytes it took.
pub fn write(record: &Record, out: &mut Vec<u8>) -> u32 {
    let head = out.len();
    out.extend([0; HEAD_BYTES]);
    encode_behind(record, out).expect("a record is plain data");
    let payload = &out[head + HEAD_BYTES..];
    let (length, sum) = (payload.len() as u32, Crc32c::of(payload));
    out[head..head + 4].copy_from_slice(&length.to_le_bytes());
    out[head + 4..head + HEAD_BYTES].copy_from_slice(&sum.to_le_bytes());
    length + HEAD_BYTES as u32
}

/// The checksum of a record's payload, as its head says.
pub fn sum(record: &[u8]) -> u32 {
    record.get(4..HEAD_BYTES).map_or(0, |sum| u32::from_le_bytes([sum[0], sum[1], sum[2], sum[3]]))
}

/// What a file's records come to.
#[derive(Debug, Default)]
pub struct Replayed {
    /// Entries in order, each with its bytes on disk.
    pub entries: VecDeque<(Entry, u32)>,
    /// The last vote.
    pub vote: Option<Vote>,
    /// The last purge.
    pub purged: Option<LogId>,
    /// The last commit known.
    pub committed: Option<LogId>,
    /// Bytes that could not be read: a torn or damaged tail.
    pub damaged_bytes: usize,
    /// Whether they begin with a whole record whose checksum is wrong.
    pub is_corrupt: bool,
}

/// Replays a file.
pub fn replay(mut bytes: &[u8]) -> Replayed {
    let mut log = Replayed::default();
    while let Some((sum, payload)) = first(bytes) {
        let record = (Crc32c::of(payload) == sum).then(|| postcard::from_bytes(payload).ok());
        let Some(record) = record.flatten() else {
            log.is_corrupt = true;
            break;
        };
        let length = HEAD_BYTES + payload.len();
        log.take(record, length as u32);
        bytes = &bytes[length..];
    }
    log.damaged_bytes = bytes.len();
    log
}

/// The first record's checksum and payload, if it is whole.
fn first(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (sum, rest) = rest.split_first_chunk::<4>()?;
    let payload = rest.get(..u32::from_le_bytes(*length) as usize)?;
    Some((u32::from_le_bytes(*sum), payload))
}

/// Where in a file the last byte of an entry is; the newest entry of that index.
pub fn last_byte_of(bytes: &[u8], index: u64) -> Option<usize> {
    let (mut at, mut found) = (0, None);
    while let Some((_, payload)) = first(&bytes[at..]) {
        at += HEAD_BYTES + payload.len();
        match postcard::from_bytes(payload) {
            Ok(Record::Append(place, _)) if place.1 == index => found = Some(at - 1),
            _ => {}
        }
    }
    found
}

impl Replayed {
    fn take(&mut self, record: Record, length: u32) {
        match record {
            Record::Vote(term, member, committed) => {
                self.vote = Some(match committed {
                    true => Vote::new_committed(term, member),
                    false => Vote::new(term, member),
                });
            }
            Record::Append(place, payload) => {
                self.entries.push_back((entry(place, payload), length));
            }
            Record::TruncateAfter(place) => {
                let keep = place.map_or(0, |place| place.1 + 1);
                while self.entries.back().is_some_and(|(entry, _)| entry.log_id.index >= keep) {
                    self.entries.pop_back();
                }
            }
            Record::Purge(place) => {
                self.purged = Some(place.log_id());
                while self.entries.front().is_some_and(|(entry, _)| entry.log_id.index <= place.1) {
                    self.entries.pop_front();
                }
            }
            Record::Committed(place) => self.committed = place.map(Place::log_id),
        }
    }
}
