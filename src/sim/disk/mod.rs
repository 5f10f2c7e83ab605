//! A member's disk: real bytes, and the difference between written and synced.
//!
//! How it works: writing is instant and reaches the page cache only; a power cut takes it. A sync
//! takes time. When it ends, everything written before it started is durable, and whoever asked for
//! it is told.
//!
//! * One sync runs at a time. Requests that come meanwhile are served together by the next one, in
//!   the order they came, as a group commit does.
//! * Each sync draws its own latency from the disk's own stream of chance.
//! * The disk is hardware: it outlives its process. Killing the group leaves the bytes, lets a
//!   running sync finish and forgets only who is to be told; [`Disk::crash`] is the power cut.
//! * With [`DiskOptions::holds`], the process stands still while a sync runs, from the next instant
//!   on: etcd's raft loop waits for its fsync, after it has sent its messages.
//!
//! * A full disk refuses what is written, whole; what its process then does is its own matter.
//! * A bit that flips ([`Disk::flip`]) flips in every layer: the medium has it, no read heals it.
//!
//! Caveats: writing costs no time; space ends only where [`DiskOptions::full`] says so. Reading is
//! instant. A replaced file is never torn. A file that is removed and one that is empty are the
//! same.
//!
//! Architecture invariant: bytes in, bytes out; knows nothing of logs, votes or snapshots.

mod file;

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::fmt;
use std::future::{Future, pending};
use std::rc::Rc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use self::file::File;
use super::channel::oneshot;
use super::{Deferred, EventKey, Group, Hold, Instant, Latency, Rng, WeakWorld, World};
use crate::sorted::SortedMap;

/// How a disk behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiskOptions {
    /// How long a sync takes.
    pub latency: Latency,
    /// Whether a power cut may leave a part of what was appended and not synced.
    pub torn: bool,
    /// Whether the process waits, doing nothing else, while a sync runs.
    pub holds: bool,
    /// Whether the disk says "synced" when it is not: a power cut takes all of it.
    pub lies: bool,
    /// Whether syncs do not end; one that runs goes on when this is over.
    pub stalled: bool,
    /// Whether there is no room: what is written then is refused.
    pub full: bool,
}

impl Default for DiskOptions {
    /// Syncs take one millisecond and hold the process; nothing is torn, nothing is a lie.
    fn default() -> DiskOptions {
        let latency = Latency::Fixed(Duration::from_millis(1));
        DiskOptions { latency, torn: false, holds: true, lies: false, stalled: false, full: false }
    }
}

/// What a disk has done, and what is at stake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiskCounters {
    /// Bytes written since the disk was new.
    pub written_bytes: u64,
    /// Syncs finished since the disk was new.
    pub syncs: u64,
    /// Bytes a power cut would take now.
    pub unsynced_bytes: u64,
}

/// A handle to a disk; clones are the same disk.
#[derive(Clone)]
pub struct Disk {
    world: WeakWorld,
    group: Group,
    state: Rc<RefCell<State>>,
}

struct State {
    files: SortedMap<String, File>,
    options: DiskOptions,
    latency_rng: Rng,
    torn_rng: Rng,
    running: Option<Running>,
    /// Who is to be told when the sync after the running one has finished.
    waiting: Vec<Deferred>,
    written_bytes: u64,
    syncs: u64,
    /// How long the last one took.
    last_took: Duration,
}

struct Running {
    began: Instant,
    /// When it ends; none while the disk is stalled.
    key: Option<EventKey>,
    /// How long it takes, or was going to when the disk stalled.
    takes: Duration,
    to_tell: Vec<Deferred>,
}

/// A full disk refused what was to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSpace;

impl fmt::Display for NoSpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no space left on device")
    }
}

impl std::error::Error for NoSpace {}

impl Disk {
    /// An empty disk for a process.
    pub fn new(world: &World, group: Group, options: DiskOptions) -> Disk {
        let stream = |purpose| world.stream(purpose, u64::from(group.0), 0);
        let state = State {
            files: SortedMap::new(),
            options,
            latency_rng: stream("disk latency"),
            torn_rng: stream("disk torn"),
            running: None,
            waiting: Vec::new(),
            written_bytes: 0,
            syncs: 0,
            last_took: Duration::ZERO,
        };
        Disk { world: world.downgrade(), group, state: Rc::new(RefCell::new(state)) }
    }

    fn world(&self) -> World {
        self.world.upgrade().expect("a disk is used while its world exists")
    }

    /// How the disk behaves.
    pub fn options(&self) -> DiskOptions {
        self.state.borrow().options
    }

    /// Makes the disk behave so from now on. A running sync ends when it was going to, unless the
    /// disk stalls; when that is over, it takes its time once more.
    pub fn configure(&self, options: DiskOptions) {
        let was_stalled = std::mem::replace(&mut self.state.borrow_mut().options, options).stalled;
        match (was_stalled, options.stalled) {
            (false, true) => self.stall(),
            (true, false) => self.go_on(),
            _ => {}
        }
        match self.busy() && options.holds {
            true => self.world().hold(self.group, Hold::Disk),
            false => self.world().release(self.group, Hold::Disk),
        }
    }

    /// Puts a file on the disk as if it had always been there: a disk that comes with content.
    pub fn install(&self, file: &str, bytes: Vec<u8>) {
        self.state.borrow_mut().files.insert(file.to_string(), File::installed(bytes));
    }

    fn stall(&self) {
        let key = self.state.borrow_mut().running.as_mut().and_then(|it| it.key.take());
        key.map(|key| self.world().cancel(key));
    }

    fn go_on(&self) {
        let (world, disk) = (self.world(), self.clone());
        if let Some(running) = &mut self.state.borrow_mut().running {
            let until = world.now() + running.takes;
            running.key = Some(world.at(until, Group::WORLD, move || disk.finish()));
        }
    }

    /// Appends to a file, creating it if needed.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn append(&self, file: &str, bytes: &[u8]) -> Result<(), NoSpace> {
        self.write(file, bytes.len(), |file| file.append(bytes))
    }

    /// Replaces a file at once or, across a power cut, not at all.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn replace(&self, file: &str, bytes: Vec<u8>) -> Result<(), NoSpace> {
        self.write(file, bytes.len(), |file| file.replace(bytes))
    }

    /// Removes a file. There is always room for that.
    pub fn remove(&self, file: &str) {
        if let Some(file) = self.state.borrow_mut().files.get_mut(file) {
            file.replace(Vec::new());
        }
    }

    /// Flips the lowest bit of one byte of a file, whether synced or not. False when the file is
    /// shorter.
    pub fn flip(&self, file: &str, at: usize) -> bool {
        let mut state = self.state.borrow_mut();
        state.files.get_mut(file).is_some_and(|file| file.flip(at))
    }

    /// Another disk in its place, empty. Kill the process first; this does not.
    pub fn lose(&self) {
        self.crash();
        self.state.borrow_mut().files.clear();
    }

    fn write(
        &self,
        file: &str,
        length: usize,
        write: impl FnOnce(&mut File),
    ) -> Result<(), NoSpace> {
        let mut state = self.state.borrow_mut();
        if state.options.full {
            return Err(NoSpace);
        }
        state.written_bytes += length as u64;
        match state.files.get_mut(file) {
            Some(file) => write(file),
            None => write(state.files.or_insert_with(file.to_string(), File::new)),
        }
        Ok(())
    }

    /// What the process reads; empty if there is no such file.
    pub fn read(&self, file: &str) -> Vec<u8> {
        self.read_with(file, <[u8]>::to_vec)
    }

    /// Reads without copying. The closure must not write to this disk.
    pub fn read_with<R>(&self, file: &str, read: impl FnOnce(&[u8]) -> R) -> R {
        read(self.state.borrow().files.get(file).map_or(&[], File::bytes))
    }

    /// What a power cut would leave of a file.
    pub fn durable(&self, file: &str) -> Vec<u8> {
        self.state.borrow().files.get(file).map_or(&[][..], File::durable).to_vec()
    }

    /// The names of all files that are not empty, in order.
    pub fn files(&self) -> Vec<String> {
        let state = self.state.borrow();
        let there = state.files.iter().filter(|(_, file)| !file.bytes().is_empty());
        there.map(|(name, _)| name.clone()).collect()
    }

    /// Makes everything written so far durable, then calls `then` in the process: it is not called
    /// if the process is killed or the power cut first.
    pub fn sync(&self, then: impl FnOnce() + 'static) {
        let world = self.world();
        let to_tell = world.defer(self.group, then);
        if self.busy() {
            self.state.borrow_mut().waiting.push(to_tell);
        } else {
            self.start(&world, vec![to_tell]);
        }
        if self.options().holds {
            world.hold(self.group, Hold::Disk);
        }
    }

    /// Like [`Disk::sync`], to be awaited. It starts at once; after a power cut it never ends.
    pub fn sync_wait(&self) -> impl Future<Output = ()> + 'static {
        let (synced, done) = oneshot::channel();
        self.sync(move || {
            let _ = synced.send(());
        });
        async move {
            if done.await.is_err() {
                pending::<()>().await;
            }
        }
    }

    fn start(&self, world: &World, to_tell: Vec<Deferred>) {
        let disk = self.clone();
        let state = &mut *self.state.borrow_mut();
        state.files.values_mut().for_each(File::cover);
        let takes = state.options.latency.draw(&mut state.latency_rng);
        let key = match state.options.stalled {
            true => None,
            false => Some(world.at(world.now() + takes, Group::WORLD, move || disk.finish())),
        };
        state.running = Some(Running { began: world.now(), key, takes, to_tell });
    }

    fn finish(&self) {
        let world = self.world();
        let (done, next) = {
            let state = &mut *self.state.borrow_mut();
            state.syncs += 1;
            if !state.options.lies {
                state.files.values_mut().for_each(File::covered_is_durable);
            }
            let done = state.running.take();
            let began = done.as_ref().map_or(Instant::ZERO, |running| running.began);
            state.last_took = world.now().since(began);
            (done, std::mem::take(&mut state.waiting))
        };
        if next.is_empty() {
            world.release(self.group, Hold::Disk);
        } else {
            self.start(&world, next);
        }
        for told in done.into_iter().flat_map(|running| running.to_tell) {
            world.call_deferred(told);
        }
    }

    /// Cuts the power: what was not synced is lost, and so are requests to sync. Kill the process
    /// first; this does not.
    pub fn crash(&self) {
        let world = self.world();
        let (running, waiting) = {
            let state = &mut *self.state.borrow_mut();
            let torn = state.options.torn;
            for file in state.files.values_mut() {
                let drawn = state.torn_rng.below(file.torn_bytes_max() as u64 + 1) as usize;
                file.power_cut(if torn { drawn } else { 0 });
            }
            (state.running.take(), std::mem::take(&mut state.waiting))
        };
        if let Some(running) = running {
            running.key.map(|key| world.cancel(key));
            running.to_tell.into_iter().for_each(|call| world.forget_deferred(call));
        }
        waiting.into_iter().for_each(|call| world.forget_deferred(call));
        world.release(self.group, Hold::Disk);
    }

    /// Whether a sync runs.
    pub fn busy(&self) -> bool {
        self.state.borrow().running.is_some()
    }

    /// When the running sync ends, if one runs and will.
    pub fn busy_until(&self) -> Option<Instant> {
        self.state.borrow().running.as_ref()?.key.map(|key| key.at)
    }

    /// The number of the sync that finished last, and how long it took.
    pub fn last_sync(&self) -> (u64, Duration) {
        let state = self.state.borrow();
        (state.syncs, state.last_took)
    }

    /// What the disk has done, and what is at stake.
    pub fn counters(&self) -> DiskCounters {
        let state = self.state.borrow();
        let unsynced = state.files.values().map(|file| file.unsynced() as u64).sum();
        DiskCounters {
            written_bytes: state.written_bytes,
            syncs: state.syncs,
            unsynced_bytes: unsynced,
        }
    }
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disk").field("of", &self.group).field("busy", &self.busy()).finish()
    }
}
