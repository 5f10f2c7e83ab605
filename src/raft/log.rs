//! openraft's log storage on a simulated disk.
//!
//! Entries are readable at once and durable when the disk says so: `append` returns immediately and
//! the flush is reported through openraft's callback, so that a leader replicates while it syncs.
//! A vote is awaited, since an answer may leave only when it is durable (Raft §5.2).
//!
//! * After a crash the log is what the disk kept, replayed by [`wal::replay`].
//! * `save_committed` is written without a sync of its own: the file is synced in order, so it can
//!   never become durable before the entries it covers (openraft refuses to start otherwise).
//! * Purging rewrites the file without its head.
//! * What a process writes on a full disk never returns: etcd dies of it, and so does the member.
//!
//! Architecture invariant: everything that survives a crash is in the bytes of the disk.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt::Debug;
use std::future::pending;
use std::io;
use std::ops::{Bound, RangeBounds};
use std::rc::Rc;

use openraft::storage::{IOFlushed, LogState, RaftLogStorage};
use openraft::{EntryPayload, OptionalSend, RaftLogReader};

use super::meter::{Counter, Meter};
use super::types::{Entry, LogId, Types, Vote};
use super::wal::{self, Payload, Place, Record, WAL};
use super::witness::{Ballot, Birth, Fact, Mark, Spot, Witness};
use super::{LogIndex, MemberId, Rule, Rules};
use crate::sim::{Disk, NoSpace};

/// One member's log.
#[derive(Clone)]
pub struct LogStore(pub(super) Rc<RefCell<Log>>);

pub(super) struct Log {
    disk: Disk,
    pub entries: VecDeque<(Entry, u32)>,
    vote: Option<Vote>,
    purged: Option<LogId>,
    committed: Option<LogId>,
    durable: Option<u64>,
    /// Where a record is written before it goes to the disk, kept for its capacity.
    record: Vec<u8>,
    /// Who is told of what happens to it, and whose it is.
    witness: Option<(MemberId, Witness)>,
    rules: Rules,
    /// Bytes of the file that could not be read, and whether that is damage.
    unread: (usize, bool),
    /// Who measures what it does.
    meter: Option<Rc<Meter>>,
    /// Told when the disk refuses what is written: the process dies of it.
    on_fatal: Rc<dyn Fn(String)>,
}

impl Log {
    fn tell(&self, fact: impl FnOnce(MemberId) -> Fact) {
        if let Some((member, witness)) = &self.witness {
            witness.tell(|| fact(*member));
        }
    }

    fn truncate_after(&mut self, last: Option<LogId>) {
        let keep = last.map_or(0, |id| id.index + 1);
        while self.entries.back().is_some_and(|(entry, _)| entry.log_id.index >= keep) {
            self.entries.pop_back();
        }
        self.durable = self.durable.min(last.map(|id| id.index));
    }

    fn purge(&mut self, upto: LogId) {
        while self.entries.front().is_some_and(|(entry, _)| entry.log_id.index <= upto.index) {
            self.entries.pop_front();
        }
        self.purged = Some(upto);
        self.durable = self.durable.max(Some(upto.index));
        self.tell(|member| Fact::Purged(member, Spot::from(&upto)));
    }
}

impl LogStore {
    /// The log a disk holds.
    pub fn open(disk: Disk) -> LogStore {
        let replayed = wal::replay(&disk.read(WAL));
        let durable = replayed.entries.back().map(|(entry, _)| entry.log_id.index);
        LogStore(Rc::new(RefCell::new(Log {
            disk,
            entries: replayed.entries,
            vote: replayed.vote,
            purged: replayed.purged,
            committed: replayed.committed,
            durable,
            record: Vec::new(),
            witness: None,
            rules: Rules::default(),
            meter: None,
            unread: (replayed.damaged_bytes, replayed.is_corrupt),
            on_fatal: Rc::new(|_| {}),
        })))
    }

    /// From now on someone is told of what happens to it, and someone measures it. It keeps these
    /// rules, as far as they hold.
    pub fn set_witness(
        &self,
        member: MemberId,
        witness: Witness,
        (rules, meter): (Rules, Rc<Meter>),
    ) {
        let mut log = self.0.borrow_mut();
        (log.witness, log.rules, log.meter) = (Some((member, witness)), rules, Some(meter));
    }

    /// Syncs what was written, then goes on.
    fn sync(&self, then: impl FnOnce() + 'static) {
        let (disk, meter) = self.measured();
        disk.sync(move || {
            meter.iter().for_each(|meter| meter.log_synced());
            then();
        });
    }

    async fn sync_wait(&self) {
        let (disk, meter) = self.measured();
        disk.sync_wait().await;
        meter.iter().for_each(|meter| meter.log_synced());
    }

    fn measured(&self) -> (Disk, Option<Rc<Meter>>) {
        let log = self.0.borrow();
        (log.disk.clone(), log.meter.clone())
    }

    /// The term and index of an entry, if it is still here.
    pub fn log_id(&self, index: u64) -> Option<LogId> {
        let log = self.0.borrow();
        let first = log.entries.front()?.0.log_id.index;
        let at = index.checked_sub(first)? as usize;
        log.entries.get(at).map(|(entry, _)| entry.log_id)
    }

    /// What a member would start from, but for its snapshot.
    pub fn birth(&self) -> Birth {
        let log = self.0.borrow();
        let mut birth = Birth {
            purged: log.purged.as_ref().map(Spot::from),
            committed: log.committed.as_ref().map(Spot::from),
            vote: log.vote.as_ref().map(Ballot::from),
            ..Birth::default()
        };
        let mut bytes = Vec::new();
        for (entry, _) in &log.entries {
            bytes.clear();
            let record = Record::from(entry);
            wal::write(&record, &mut bytes);
            birth.log.push(mark(entry, wal::sum(&bytes)));
            if let Record::Append(_, Payload::Membership(voters, _)) = record {
                birth.members.push((LogIndex(entry.log_id.index), voters));
            }
        }
        birth
    }

    /// Makes the log fit to run on: what a killed process left in the page cache is synced, and a
    /// torn tail cut off.
    ///
    /// # Errors
    /// etcd's words for a log that is damaged, or for a disk without room.
    pub async fn recover(&self, on_fatal: Rc<dyn Fn(String)>) -> Result<(), String> {
        let (unread, disk) = {
            let mut log = self.0.borrow_mut();
            log.on_fatal = on_fatal;
            (log.unread, log.disk.clone())
        };
        match unread {
            (_, true) => {
                return Err("failed to read WAL, cannot be repaired: walpb: crc mismatch".into());
            }
            (0, false) => {}
            (torn, false) => {
                let mut whole = disk.read(WAL);
                whole.truncate(whole.len() - torn);
                disk.replace(WAL, whole).map_err(|full| format!("failed to repair WAL: {full}"))?;
            }
        }
        if disk.counters().unsynced_bytes > 0 {
            disk.sync_wait().await;
        }
        Ok(())
    }

    /// The last index that a power cut would not take.
    pub fn durable_index(&self) -> Option<LogIndex> {
        self.0.borrow().durable.map(LogIndex)
    }

    /// The last index.
    pub fn last_index(&self) -> Option<LogIndex> {
        let log = self.0.borrow();
        log.entries
            .back()
            .map(|(entry, _)| &entry.log_id)
            .or(log.purged.as_ref())
            .map(|id| LogIndex(id.index))
    }

    /// The vote last written.
    pub fn vote(&self) -> Option<Vote> {
        self.0.borrow().vote
    }

    /// Writes a record; `sync` decides when it is durable. None: the disk is full, and the process
    /// is about to be killed.
    fn write(&self, record: &Record) -> Option<u32> {
        let mut log = self.0.borrow_mut();
        let mut bytes = std::mem::take(&mut log.record);
        bytes.clear();
        let length = wal::write(record, &mut bytes);
        let written = log.disk.append(WAL, &bytes);
        log.record = bytes;
        log.meter.iter().for_each(|meter| meter.add(Counter::WalBytes, u64::from(length)));
        drop(log);
        self.survives(written).then_some(length)
    }

    /// Whether the process goes on. One that cannot write its log does not (models etcd
    /// `server/etcdserver/raft.go`).
    fn survives(&self, written: Result<(), NoSpace>) -> bool {
        if let Err(full) = written {
            let on_fatal = self.0.borrow().on_fatal.clone();
            on_fatal(format!("failed to save Raft hard state and entries: {full}"));
        }
        written.is_ok()
    }

    /// The last entry known to be committed.
    pub(super) fn committed(&self) -> Option<LogId> {
        self.0.borrow().committed
    }

    /// The log as one file, without what comes after an entry and without what is committed.
    pub(super) fn bytes_until(&self, index: u64) -> Vec<u8> {
        let log = self.0.borrow();
        let mut bytes = Vec::new();
        if let Some(vote) = &log.vote {
            wal::write(&Record::from(vote), &mut bytes);
        }
        if let Some(purged) = &log.purged {
            wal::write(&Record::Purge(Place::from(purged)), &mut bytes);
        }
        let kept = log.entries.iter().take_while(|(entry, _)| entry.log_id.index <= index);
        for (entry, _) in kept {
            wal::write(&Record::from(entry), &mut bytes);
        }
        bytes
    }

    /// Everything the log is, as one file: what a purge leaves. False when the disk is full.
    fn rewrite(&self) -> bool {
        let mut bytes = self.bytes_until(u64::MAX);
        let log = self.0.borrow();
        wal::write(&Record::Committed(log.committed.as_ref().map(Place::from)), &mut bytes);
        let disk = log.disk.clone();
        drop(log);
        let written = disk.replace(WAL, bytes);
        self.sync(|| {});
        self.survives(written)
    }
}

fn mark(entry: &Entry, sum: u32) -> Mark {
    let Spot { index, term } = Spot::from(&entry.log_id);
    Mark { index, term, sum }
}

impl RaftLogReader<Types> for LogStore {
    async fn try_get_log_entries<RB: RangeBounds<u64> + Clone + Debug + OptionalSend>(
        &mut self,
        range: RB,
    ) -> Result<Vec<Entry>, io::Error> {
        let log = self.0.borrow();
        let Some(first) = log.entries.front().map(|(entry, _)| entry.log_id.index) else {
            return Ok(Vec::new());
        };
        let from = match range.start_bound() {
            Bound::Included(index) => *index,
            Bound::Excluded(index) => index + 1,
            Bound::Unbounded => 0,
        };
        let to = match range.end_bound() {
            Bound::Included(index) => index + 1,
            Bound::Excluded(index) => *index,
            Bound::Unbounded => u64::MAX,
        };
        let from = from.max(first) - first;
        let to = to.saturating_sub(first).min(log.entries.len() as u64);
        Ok((from..to).map(|at| log.entries[at as usize].0.clone()).collect())
    }

    async fn read_vote(&mut self) -> Result<Option<Vote>, io::Error> {
        Ok(self.0.borrow().vote)
    }
}

impl RaftLogStorage<Types> for LogStore {
    type LogReader = LogStore;

    async fn get_log_state(&mut self) -> Result<LogState<Types>, io::Error> {
        let log = self.0.borrow();
        let last = log.entries.back().map(|(entry, _)| entry.log_id).or(log.purged);
        Ok(LogState { last_purged_log_id: log.purged, last_log_id: last })
    }

    async fn get_log_reader(&mut self) -> LogStore {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &Vote) -> Result<(), io::Error> {
        self.0.borrow_mut().vote = Some(*vote);
        if self.write(&Record::from(vote)).is_none() {
            return pending().await;
        }
        self.0.borrow().tell(|member| Fact::Voted(member, Ballot::from(vote)));
        if self.0.borrow().rules.hold(Rule::VoteOnDisk) {
            self.sync_wait().await;
        }
        Ok(())
    }

    async fn save_committed(&mut self, committed: Option<LogId>) -> Result<(), io::Error> {
        self.0.borrow_mut().committed = committed;
        if self.write(&Record::Committed(committed.as_ref().map(Place::from))).is_none() {
            return pending().await;
        }
        if let Some(committed) = &committed {
            self.0.borrow().tell(|member| Fact::Committed(member, Spot::from(committed)));
        }
        Ok(())
    }

    async fn read_committed(&mut self) -> Result<Option<LogId>, io::Error> {
        Ok(self.0.borrow().committed)
    }

    async fn append<I>(&mut self, entries: I, callback: IOFlushed<Types>) -> Result<(), io::Error>
    where
        I: IntoIterator<Item = Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let mut last = None;
        for entry in entries {
            let Some(bytes) = self.write(&Record::from(&entry)) else { return pending().await };
            last = Some(entry.log_id.index);
            let mut log = self.0.borrow_mut();
            let sum = wal::sum(&log.record);
            log.tell(|member| Fact::Appended(member, mark(&entry, sum)));
            if let EntryPayload::Membership(members) = &entry.payload {
                let (at, voters) = (entry.log_id.index, members.get_joint_config().clone());
                log.tell(|member| Fact::Configured(member, LogIndex(at), voters));
            }
            log.entries.push_back((entry, bytes));
        }
        let log = self.0.clone();
        let mut callback = Some(callback);
        if !self.0.borrow().rules.hold(Rule::SyncBeforeAck) {
            callback.take().into_iter().for_each(|callback| callback.io_completed(Ok(())));
        }
        self.sync(move || {
            let mut log = log.borrow_mut();
            log.durable = log.durable.max(last);
            if let Some(durable) = log.durable {
                log.tell(|member| Fact::Synced(member, LogIndex(durable)));
            }
            drop(log);
            callback.into_iter().for_each(|callback| callback.io_completed(Ok(())));
        });
        Ok(())
    }

    async fn truncate_after(&mut self, last: Option<LogId>) -> Result<(), io::Error> {
        self.0.borrow_mut().truncate_after(last);
        if self.write(&Record::TruncateAfter(last.as_ref().map(Place::from))).is_none() {
            return pending().await;
        }
        let end = last.as_ref().map(|id| LogIndex(id.index));
        self.0.borrow().tell(|member| Fact::Truncated(member, end));
        self.sync_wait().await;
        Ok(())
    }

    async fn purge(&mut self, upto: LogId) -> Result<(), io::Error> {
        self.0.borrow_mut().purge(upto);
        match self.rewrite() {
            true => Ok(()),
            false => pending().await,
        }
    }
}
