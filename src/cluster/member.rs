//! A member's place in the cluster.
//!
//! Architecture invariant: outlives the member's process; the disk is all that a process leaves.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use super::observe::Sight;
use super::samples::Samples;
use super::server::Server;
use super::{Figures, Member as Picture, Setup, Status};
use crate::raft::{Database, LogIndex, MemberId, node};
use crate::sim::{Disk, DiskOptions, Group, Instant, Latency, World};
use crate::sorted::SortedSet;

/// A member's place in the cluster, whether it runs or not.
pub(super) struct Member {
    pub id: MemberId,
    pub disk: Disk,
    /// Its database file, which lies on the machine as the disk does.
    pub database: Database,
    /// Since when its process runs without a pause.
    pub running_since: Cell<Instant>,
    pub status: Cell<Status>,
    pub server: RefCell<Option<Rc<Server>>>,
    pub sight: Cell<Sight>,
    /// Entries of which a bit has flipped on the disk.
    pub corrupt: RefCell<SortedSet<LogIndex>>,
    /// Counts what changed on the machine of a process that is gone.
    pub changes: Cell<u64>,
    /// Its newest metrics.
    pub samples: RefCell<Samples>,
    /// How it looked when its process ended: what is shown while there is none.
    pub last_seen: RefCell<Rc<Picture>>,
}

impl Member {
    /// A machine whose disk holds the beginning of a new cluster.
    pub fn new(
        id: MemberId,
        world: &World,
        (setup, quota): (&Setup, &Rc<Cell<i64>>),
        members: &BTreeSet<MemberId>,
    ) -> Member {
        let figures = setup.timing.figures();
        let options = Member::disk_options(&figures, setup.loop_waits_for_fsync);
        let disk = Disk::new(world, Group(id.0 as u32), options);
        node::format(&disk, members);
        Member::on(id, disk, quota, Status::Running)
    }

    fn on(id: MemberId, disk: Disk, quota: &Rc<Cell<i64>>, status: Status) -> Member {
        Member {
            id,
            disk,
            database: Database::new(quota.clone()),
            running_since: Cell::new(Instant(0)),
            status: Cell::new(status),
            server: RefCell::new(None),
            sight: Cell::default(),
            corrupt: RefCell::default(),
            changes: Cell::new(0),
            samples: RefCell::default(),
            last_seen: RefCell::default(),
        }
    }

    /// A machine with an empty disk.
    pub fn blank(
        id: MemberId,
        world: &World,
        options: DiskOptions,
        quota: &Rc<Cell<i64>>,
    ) -> Member {
        let disk = Disk::new(world, Group(id.0 as u32), options);
        Member::on(id, disk, quota, Status::Crashed)
    }

    /// How a disk behaves that nothing is wrong with.
    pub fn disk_options(figures: &Figures, holds: bool) -> DiskOptions {
        let latency = Latency::Uniform { min: figures.fsync_min, max: figures.fsync_max };
        DiskOptions { latency, holds, ..DiskOptions::default() }
    }

    /// Something changed that is seen though no process runs.
    pub fn changed(&self) {
        self.changes.set(self.changes.get() + 1);
    }
}
