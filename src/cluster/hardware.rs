//! What the reader does to a member's machine: its disk and its clock.
//!
//! * A fault changes how the hardware behaves from now on; what the member makes of it, it makes
//!   itself: a full disk kills it as it kills etcd, a flipped bit is found when it starts.
//! * Faults draw no chance that would otherwise not be drawn.
//!
//! Architecture invariant: touches hardware only; never a member's memory.

use super::fault::FAULT_SPAN_MAX;
use super::member::Member;
use super::{Cluster, DiskFault, Event, Faults, Status};
use crate::raft::{LogIndex, MemberId, wal};
use crate::sim::{ClockFault, DRIFT_PPM_MAX, DRIFT_PPM_MIN, DiskOptions, Group, Latency};

impl Cluster {
    pub(super) fn hurt_disk(&self, id: MemberId, fault: DiskFault) {
        let Some(member) = self.member(id) else { return };
        let done = match fault {
            DiskFault::Lose => self.lose_disk(&member),
            DiskFault::Corrupt(index) => corrupt(&member, index),
            _ => {
                let options = member.disk.options();
                let now = self.options(options, fault);
                member.disk.configure(now);
                now != options
            }
        };
        if done {
            member.changed();
            self.note(Event::DiskChanged { member: id, fault });
        }
    }

    /// How a disk behaves after a fault.
    fn options(&self, before: DiskOptions, fault: DiskFault) -> DiskOptions {
        match fault {
            DiskFault::Slow(takes) => {
                DiskOptions { latency: Latency::Fixed(takes.min(FAULT_SPAN_MAX)), ..before }
            }
            DiskFault::Stall => DiskOptions { stalled: true, ..before },
            DiskFault::Full => DiskOptions { full: true, ..before },
            DiskFault::Torn => DiskOptions { torn: true, ..before },
            DiskFault::Lies => DiskOptions { lies: true, ..before },
            DiskFault::Well => self.well_disk(),
            DiskFault::Lose | DiskFault::Corrupt(_) => before,
        }
    }

    /// How a disk behaves that nothing is wrong with.
    pub(super) fn well_disk(&self) -> DiskOptions {
        let holds = self.0.loop_waits_for_fsync.get();
        Member::disk_options(&self.figures(), holds)
    }

    /// A process whose disk is gone is gone too.
    fn lose_disk(&self, member: &Member) -> bool {
        if member.status.get() != Status::Crashed {
            self.crash(member.id);
        }
        member.disk.lose();
        member.database.lost();
        member.corrupt.borrow_mut().clear();
        true
    }

    /// What is wrong with a member's machine.
    pub(super) fn faults(&self, member: &Member) -> Faults {
        let (now, well) = (member.disk.options(), self.well_disk());
        let slow = now.latency != well.latency;
        let mut disk = Vec::new();
        disk.extend(slow.then_some(DiskFault::Slow(now.latency.max())));
        disk.extend(now.stalled.then_some(DiskFault::Stall));
        disk.extend(now.full.then_some(DiskFault::Full));
        disk.extend(now.torn.then_some(DiskFault::Torn));
        disk.extend(now.lies.then_some(DiskFault::Lies));
        disk.extend(member.corrupt.borrow().iter().map(|index| DiskFault::Corrupt(*index)));
        Faults { disk, clock: self.world().clock(Group(member.id.0 as u32)) }
    }

    pub(super) fn set_clock(&self, id: MemberId, fault: ClockFault) {
        let drift_ppm = fault.drift_ppm.clamp(DRIFT_PPM_MIN, DRIFT_PPM_MAX);
        let (fault, group) = (ClockFault { drift_ppm, ..fault }, Group(id.0 as u32));
        if self.member(id).is_some() && self.world().clock(group) != fault {
            self.world().set_clock(group, fault);
            self.note(Event::ClockChanged { member: id, fault });
        }
    }

    pub(super) fn trust_lease(&self, lease: bool) {
        if self.0.lease_reads.replace(lease) != lease {
            self.note(Event::ReadsChanged { lease });
        }
    }

    pub(super) fn checkpoint_leases(&self, on: bool) {
        if self.0.lease_checkpoints.replace(on) != on {
            self.note(Event::CheckpointsChanged { on });
        }
    }

    /// Sets every member's `--quota-backend-bytes`, as if all were started with it.
    /// The most bytes a member's database may have; negative: as many as it likes.
    pub fn quota_bytes(&self) -> i64 {
        self.0.quota_bytes.get()
    }

    pub(super) fn set_quota(&self, bytes: i64) {
        if self.0.quota_bytes.replace(bytes) != bytes {
            self.note(Event::QuotaChanged { bytes });
        }
    }

    pub(super) fn wait_for_fsync(&self, waits: bool) {
        if self.0.loop_waits_for_fsync.replace(waits) == waits {
            return;
        }
        for member in self.members() {
            member.disk.configure(DiskOptions { holds: waits, ..member.disk.options() });
        }
        self.note(Event::FsyncChanged { waits });
    }
}

/// Flips a bit of an entry, if the file has it.
fn corrupt(member: &Member, index: LogIndex) -> bool {
    let at = member.disk.read_with(wal::WAL, |bytes| wal::last_byte_of(bytes, index.0));
    let flipped = at.is_some_and(|at| member.disk.flip(wal::WAL, at));
    let mut corrupt = member.corrupt.borrow_mut();
    // Flipped twice is as it was.
    if flipped && !corrupt.remove(&index) {
        corrupt.insert(index);
    }
    flipped
}
