//! What a disk is given when a cluster could not be saved: a snapshot file to begin again from, or
//! the order to go on alone.
//!
//! * A restored member begins with the snapshot as entry 0, which also names the members: what
//!   `etcdutl snapshot restore` leaves. Its Raft is at term 0 and knows nothing of the old log.
//! * A member that goes on alone keeps its log up to what it knows to be committed, and behind it
//!   an entry that leaves nobody but itself: what etcd does at a start with `--force-new-cluster`.
//!
//! Architecture invariant: writes disks of processes that do not run.

// Models etcd etcdutl/snapshot/v3_snapshot.go and server/etcdserver/bootstrap.go.

use std::collections::BTreeSet;

use super::image::Image;
use super::log::LogStore;
use super::machine::SNAPSHOT;
use super::types::LogId;
use super::wal::{self, Payload, Place, Record, WAL};
use super::{Database, LogIndex, MemberId};
use crate::sim::Disk;
use crate::store::{DbFile, Store, encode};

/// Makes the disk of a member of a new cluster that begins with this store.
pub fn restore(disk: &Disk, database: &Database, store: &Store, members: &BTreeSet<MemberId>) {
    let first = Place(0, 0);
    let file = DbFile::of(store);
    let image = Image {
        last: Some(first),
        membership_at: Some(first),
        voters: vec![members.clone()],
        nodes: members.clone(),
        removed: BTreeSet::new(),
        file_bytes: file.size_bytes(),
        store: store.to_bytes(),
    };
    disk.lose();
    disk.install(SNAPSHOT, encode(&image).expect("a snapshot is plain data"));
    let mut log = Vec::new();
    wal::write(&Record::Purge(first), &mut log);
    wal::write(&Record::Committed(Some(first)), &mut log);
    disk.install(WAL, log);
    database.replace(file, Some(LogIndex(0)));
}

/// Makes a member the only one of its cluster. Returns the entry that says so; none when its log
/// names nothing that is committed, or cannot be read.
pub fn alone(disk: &Disk, id: MemberId) -> Option<LogIndex> {
    let log = LogStore::open(disk.clone());
    let committed = log.committed()?;
    let term = log.vote().map_or(0, |vote| vote.leader_id.term).max(committed.leader_id.term);
    let next = LogId::new_term_index(term, committed.index + 1);
    let only = BTreeSet::from([id]);
    let mut bytes = log.bytes_until(committed.index);
    let payload = Payload::Membership(vec![only.clone()], only);
    wal::write(&Record::Append(Place::from(&next), payload), &mut bytes);
    wal::write(&Record::Committed(Some(Place::from(&next))), &mut bytes);
    disk.install(WAL, bytes);
    Some(LogIndex(next.index))
}
