//! A member's place in the cluster.
//!
//! Architecture invariant: outlives the member's process; the disk is all that a process leaves.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use super::observe::Sight;
use super::server::Server;
use super::{Setup, Status};
use crate::raft::{MemberId, node};
use crate::sim::{Disk, DiskOptions, Group, Latency, World};

/// A member's place in the cluster, whether it runs or not.
pub(super) struct Member {
    pub id: MemberId,
    pub disk: Disk,
    pub status: Cell<Status>,
    pub server: RefCell<Option<Rc<Server>>>,
    pub sight: Cell<Sight>,
}

impl Member {
    pub fn new(id: MemberId, world: &World, setup: &Setup, members: &BTreeSet<MemberId>) -> Member {
        let figures = setup.timing.figures();
        let latency = Latency::Uniform { min: figures.fsync_min, max: figures.fsync_max };
        let holds = setup.loop_waits_for_fsync;
        let options = DiskOptions { latency, holds, ..DiskOptions::default() };
        let disk = Disk::new(world, Group(id.0 as u32), options);
        node::format(&disk, members);
        Member {
            id,
            disk,
            status: Cell::new(Status::Running),
            server: RefCell::new(None),
            sight: Cell::default(),
        }
    }
}
