//! openraft's state machine: the store, the watchers on it, and its snapshots.
//!
//! Entries are applied strictly in order. After each, the one who waits for its request is told
//! through [`Applied::on_apply`], and the watchers through the hub. The store lives in memory;
//! after a crash it is the last snapshot on disk plus the log again.
//!
//! * A snapshot is the whole store as bytes, written to the disk as one file and synced before it
//!   is reported, so that the log before it may go.
//! * Caveat: etcd replays only what its file (bbolt) lacks; ours replays from the snapshot.
//!
//! Architecture invariant: applying is a pure function of the entry and the store.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use futures_util::Stream;
use openraft::storage::{EntryResponder, RaftSnapshotBuilder, RaftStateMachine};
use openraft::{EmptyNode, EntryPayload, OptionalSend};

use super::image::{Image, parse, sum};
use super::meter::{Counter, Meter};
use super::types::{LogId, Snapshot, SnapshotMeta, StoredMembership, Types};
use super::wal::Place;
use super::witness::{Digest, Fact, Spot, Taken, Witness};
use super::{Database, LogIndex, MemberId, Rule, Rules, Term, ThreadId};
use crate::sim::Disk;
use crate::store::{DbFile, Error, Request, Response, Revision, Store, WatchHub, encode};

/// The snapshot's file on the disk.
pub const SNAPSHOT: &str = "snapshot";

/// etcd says that an apply was slow after so long.
const SLOW_APPLY: Duration = Duration::from_millis(100);

/// The whole store is hashed for those who check at most every so many entries.
const HASH_EVERY_MIN: u64 = 64;

/// The shared part of a member's state machine.
pub struct Applied {
    /// The store.
    pub store: Store,
    /// The watchers on it.
    pub hub: WatchHub,
    /// The last entry in it.
    pub last: Option<LogId>,
    /// The members as of that entry.
    pub membership: StoredMembership,
    /// The last snapshot's end.
    pub snapshot: Option<LogId>,
    /// Whether that snapshot was taken here, not installed.
    pub snapshot_is_own: bool,
    /// Told of every entry applied.
    pub on_apply: Rc<dyn Fn(&AppliedEntry)>,
    /// Who is told of what happens to it, and whose it is.
    pub witness: Option<(MemberId, Witness)>,
    /// The rules it keeps, as far as they hold.
    pub rules: Rules,
    /// Told what the process dies of.
    pub on_fatal: Rc<dyn Fn(String)>,
    /// Its database file.
    pub database: Database,
    /// Who measures what it does.
    pub(super) meter: Option<Rc<Meter>>,
    /// Members that were removed, and have not come back.
    pub removed: BTreeSet<MemberId>,
    disk: Disk,
}

/// One entry that was applied.
#[derive(Debug, Clone)]
pub struct AppliedEntry {
    /// Its index.
    pub index: LogIndex,
    /// The request it belongs to, and what the store said.
    pub answer: Option<(u64, Result<Response, Error>)>,
    /// The write it belongs to.
    pub thread: Option<ThreadId>,
    /// The store's revision after it.
    pub revision: Revision,
    /// It was applied, and this member's database is larger than its quota.
    pub over_quota: bool,
    /// Alarms were raised or lowered by it.
    pub changes_alarms: bool,
    /// It is the first entry of a term.
    pub begins_term: Option<Term>,
    /// It names the members.
    pub changes_members: bool,
}

/// One member's state machine.
#[derive(Clone)]
pub struct Machine(pub Rc<RefCell<Applied>>);

impl Machine {
    /// The state machine a disk holds: its last snapshot, or nothing.
    pub fn open(disk: Disk, database: Database, on_apply: Rc<dyn Fn(&AppliedEntry)>) -> Machine {
        let mut applied = Applied { on_apply, ..Applied::blank(disk, database) };
        let bytes = applied.disk.read(SNAPSHOT);
        if let Some((image, store)) = parse(&bytes) {
            applied.restore(&image, store);
        }
        Machine(Rc::new(RefCell::new(applied)))
    }

    /// Writes a snapshot and syncs it; never returns when there is no room for it.
    async fn write(&self, bytes: Vec<u8>) {
        let (disk, meter) = {
            let applied = self.0.borrow();
            (applied.disk.clone(), applied.meter.clone())
        };
        if let Err(full) = disk.replace(SNAPSHOT, bytes) {
            let on_fatal = self.0.borrow().on_fatal.clone();
            on_fatal(format!("failed to save Raft snapshot: {full}"));
            std::future::pending().await
        }
        disk.sync_wait().await;
        meter.iter().for_each(|meter| meter.snapshot_synced());
    }
}

impl Applied {
    fn blank(disk: Disk, database: Database) -> Applied {
        Applied {
            store: Store::new(),
            hub: WatchHub::default(),
            last: None,
            membership: StoredMembership::default(),
            snapshot: None,
            snapshot_is_own: true,
            on_apply: Rc::new(|_| {}),
            witness: None,
            rules: Rules::default(),
            on_fatal: Rc::new(|_| {}),
            database,
            meter: None,
            removed: BTreeSet::new(),
            disk,
        }
    }

    fn restore(&mut self, image: &Image, store: Store) {
        self.count_operations();
        self.store = store;
        self.hub.restore();
        self.last = image.last.map(Place::log_id);
        self.snapshot = self.last;
        self.removed = image.removed.clone();
        self.membership = StoredMembership::new(
            image.membership_at.map(Place::log_id),
            openraft::Membership::new_with_defaults(
                image.voters.clone(),
                image.nodes.iter().copied(),
            ),
        );
    }

    /// The snapshot file's bytes, and the checksum of the store in it.
    fn image(&self) -> (Vec<u8>, u32) {
        let members = self.membership.membership();
        let image = Image {
            last: self.last.as_ref().map(Place::from),
            membership_at: self.membership.log_id().as_ref().map(Place::from),
            voters: members.get_joint_config().clone(),
            nodes: members.nodes().map(|(id, _)| *id).collect(),
            removed: self.removed.clone(),
            file_bytes: self.database.size_bytes(),
            store: self.store.to_bytes(),
        };
        let hash = sum(&image.store);
        (encode(&image).expect("a snapshot is plain data"), hash)
    }

    fn meta(&self) -> SnapshotMeta {
        SnapshotMeta { last_log_id: self.last, last_membership: self.membership.clone() }
    }

    fn apply(&mut self, entry: super::types::Entry) -> AppliedEntry {
        let spot = Spot::from(&entry.log_id);
        let index = spot.index;
        self.last = Some(entry.log_id);
        let mut thread = None;
        let listens = self.witness.as_ref().is_some_and(|(_, witness)| witness.listens());
        let mut effect = Digest::default();
        let mut count = 0;
        let (mut over_quota, mut compacted) = (false, false);
        let alarms = self.store.alarms().count();
        let begins_term = matches!(entry.payload, EntryPayload::Blank).then_some(spot.term);
        let changes_members = matches!(entry.payload, EntryPayload::Membership(_));
        let answer = match entry.payload {
            EntryPayload::Blank => None,
            EntryPayload::Membership(members) => {
                self.take_members(entry.log_id, members);
                None
            }
            EntryPayload::Normal(command) => {
                thread = Some(command.thread);
                let fits = self.fits(index, &command.op);
                let reply = self.take(index, &command.op);
                over_quota = !fits && reply.is_ok();
                compacted = reply.is_ok() && matches!(command.op, Request::Compaction(_));
                let changes = self.store.take_changes();
                if listens {
                    changes.iter().for_each(|change| effect.change(change));
                    effect.number(u64::from(reply.is_ok()));
                    count = changes.len() as u32;
                }
                self.hub.notify(&self.store, &changes);
                // It is done, and the client is told that it was not: etcd's way.
                Some((command.request, if over_quota { Err(Error::NoSpace) } else { reply }))
            }
        };
        self.database.wrote(&self.store, index, compacted, crate::sim::now());
        let revision = self.store.revision();
        if listens {
            let request = answer.as_ref().map(|(request, _)| *request);
            effect.number(revision.0 as u64);
            let effect = effect.finish();
            let store_hash = self.hash_now_and_then(index);
            let taken = Taken { spot, request, effect, changes: count, revision, store_hash };
            self.tell(|member| Fact::Applied(member, taken));
        }
        let changes_alarms = alarms != self.store.alarms().count();
        AppliedEntry {
            index,
            answer,
            thread,
            revision,
            over_quota,
            changes_alarms,
            changes_members,
            begins_term,
        }
    }

    fn take_members(&mut self, at: LogId, members: openraft::Membership<MemberId, EmptyNode>) {
        let before = self.membership.membership().nodes().map(|(id, _)| *id);
        self.removed.extend(before.collect::<BTreeSet<_>>());
        self.removed.retain(|id| members.nodes().all(|(member, _)| member != id));
        self.membership = StoredMembership::new(Some(at), members);
    }

    /// Whether the database has room for what a new entry asks for.
    fn fits(&self, index: LogIndex, request: &Request) -> bool {
        self.database.settle(&self.store, crate::sim::now());
        self.database.has(index) || self.database.has_room(request)
    }

    pub(super) fn tell(&self, fact: impl FnOnce(MemberId) -> Fact) {
        if let Some((member, witness)) = &self.witness {
            witness.tell(|| fact(*member));
        }
    }

    /// etcd's hash of the store, at the same entries on every member: so seldom that an entry pays
    /// for a part of one kept revision.
    fn hash_now_and_then(&self, index: LogIndex) -> Option<u32> {
        let kept = self.store.revision().0 - self.store.compact_revision().0.max(0);
        let every = (4 * kept as u64).next_power_of_two().max(HASH_EVERY_MIN);
        if !index.0.is_multiple_of(every) {
            return None;
        }
        self.store.hash_kv(Revision(0)).ok().map(|hash| hash.hash)
    }
}

impl Machine {
    /// Waits until nothing locks the database.
    pub async fn unlocked(&self) {
        let database = self.0.borrow().database.clone();
        database.unlocked().await;
    }

    /// Commits what is due to the database.
    pub fn settle(&self) {
        let applied = self.0.borrow();
        applied.database.settle(&applied.store, crate::sim::now());
    }

    /// Applies an entry and tells those who wait for it.
    fn take(&self, (entry, responder): EntryResponder<Types>) {
        let done = self.0.borrow_mut().apply(entry);
        let told = self.0.borrow().on_apply.clone();
        told(&done);
        if let Some(responder) = responder {
            responder.send(());
        }
    }
}

impl RaftStateMachine<Types> for Machine {
    type SnapshotData = Rc<Vec<u8>>;
    type SnapshotBuilder = Machine;

    async fn applied_state(&mut self) -> Result<(Option<LogId>, StoredMembership), io::Error> {
        let applied = self.0.borrow();
        Ok((applied.last, applied.membership.clone()))
    }

    async fn apply<Entries>(&mut self, mut entries: Entries) -> Result<(), io::Error>
    where
        Entries: Stream<Item = Result<EntryResponder<Types>, io::Error>> + Unpin + OptionalSend,
    {
        let mut held = Vec::new();
        while let Some(next) = std::future::poll_fn(|cx| Pin::new(&mut entries).poll_next(cx)).await
        {
            let began = crate::sim::now();
            self.unlocked().await;
            if crate::sim::now().since(began) > SLOW_APPLY {
                self.0.borrow().meter(|meter| meter.count(Counter::SlowApplies));
            }
            if self.0.borrow().rules.hold(Rule::ApplyInOrder) {
                self.take(next?);
            } else {
                held.push(next?);
            }
        }
        let last = held.last().map(|(entry, _)| entry.log_id);
        held.into_iter().rev().for_each(|entry| self.take(entry));
        let mut applied = self.0.borrow_mut();
        applied.last = applied.last.max(last);
        Ok(())
    }

    async fn get_snapshot_builder(&mut self) -> Machine {
        self.clone()
    }

    async fn install_snapshot(
        &mut self,
        _meta: &SnapshotMeta,
        snapshot: Rc<Vec<u8>>,
    ) -> Result<(), io::Error> {
        let Some((image, store)) = parse(&snapshot) else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "damaged snapshot"));
        };
        self.0.borrow().meter(|meter| meter.count(Counter::InstallsSnapshot));
        self.write(snapshot.to_vec()).await;
        let mut applied = self.0.borrow_mut();
        applied.meter(|meter| meter.less(Counter::InstallsSnapshot));
        applied.restore(&image, store);
        applied.snapshot_is_own = false;
        let file = DbFile::received(&applied.store, image.file_bytes);
        let index = applied.last.map(|id| LogIndex(id.index));
        applied.database.replace(file, index);
        if let Some(at) = applied.last.as_ref().map(Spot::from) {
            applied.tell(|member| Fact::SnapshotSaved(member, at, sum(&image.store)));
            applied.tell(|member| Fact::Restored(member, at));
        }
        Ok(())
    }

    async fn get_current_snapshot(&mut self) -> Result<Option<Snapshot>, io::Error> {
        let disk = self.0.borrow().disk.clone();
        let bytes = disk.read(SNAPSHOT);
        let Some((image, store)) = parse(&bytes) else { return Ok(None) };
        let database = self.0.borrow().database.clone();
        let mut shown = Applied::blank(disk, database);
        shown.restore(&image, store);
        Ok(Some(Snapshot { meta: shown.meta(), snapshot: Rc::new(bytes) }))
    }
}

impl RaftSnapshotBuilder<Types> for Machine {
    type SnapshotData = Rc<Vec<u8>>;

    async fn build_snapshot(&mut self) -> Result<Snapshot, io::Error> {
        let ((bytes, hash), meta) = {
            let applied = self.0.borrow();
            (applied.image(), applied.meta())
        };
        let written = self.0.borrow().rules.hold(Rule::SnapshotBeforePurge);
        if written {
            self.write(bytes.clone()).await;
        }
        let mut applied = self.0.borrow_mut();
        if let Some(at) = meta.last_log_id.as_ref().map(Spot::from).filter(|_| written) {
            applied.tell(|member| Fact::SnapshotSaved(member, at, hash));
        }
        applied.snapshot = meta.last_log_id;
        applied.snapshot_is_own = true;
        Ok(Snapshot { meta, snapshot: Rc::new(bytes) })
    }
}
