//! Groups: the processes of the world. What they hold back, and whether they live.
//!
//! A task, a timer and an event belong to a group; a task belongs to the group of its spawner. A
//! group needs no registration: it begins to exist when something is put into it.
//!
//! * While a group is held for any reason, its ready tasks are kept here, in wake order; when the
//!   last hold ends they follow whatever else is ready then.
//! * [`Hold::Disk`] begins when the clock next moves, so that what is ready at this instant still
//!   runs: etcd's leader sends its messages before it waits for its own fsync.
//!
//! Architecture invariant: bookkeeping only; it touches neither futures nor the agenda.

use std::collections::VecDeque;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::tasks::TaskId;
use crate::sorted::SortedMap;

/// A process of the simulated world: a member, an apiserver, a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Group(pub u32);

impl Group {
    /// Whatever belongs to no process: cables, disks, and code outside any task. Never killed.
    pub const WORLD: Group = Group(u32::MAX);
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Group::WORLD => f.write_str("the world"),
            Group(number) => write!(f, "group {number}"),
        }
    }
}

/// A reason not to run a group's tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Hold {
    /// The process is stopped, as by SIGSTOP. Begins at once.
    Pause,
    /// The process waits for its disk. Begins when the clock next moves.
    Disk,
}

impl Hold {
    const fn bit(self) -> u8 {
        match self {
            Hold::Pause => 1,
            Hold::Disk => 2,
        }
    }
}

#[derive(Default)]
struct State {
    tasks: usize,
    /// Holds in force, one bit each.
    held: u8,
    /// Holds that begin when the clock next moves.
    soon: u8,
    /// Ready tasks kept back, in wake order.
    parked: VecDeque<TaskId>,
    kills: u64,
    killed: bool,
}

/// Every group that was ever used.
#[derive(Default)]
pub(super) struct Groups {
    states: SortedMap<Group, State>,
    /// How many groups have a hold in force: none, mostly, and then nothing is looked up.
    held: usize,
    /// Whether any hold waits for the clock.
    any_soon: bool,
}

impl Groups {
    fn state(&mut self, group: Group) -> &mut State {
        self.states.or_default(group)
    }

    /// Something was put into the group: it is alive.
    pub(super) fn revive(&mut self, group: Group) {
        self.state(group).killed = false;
    }

    /// Counts a task in.
    pub(super) fn task_added(&mut self, group: Group) {
        let state = self.state(group);
        state.killed = false;
        state.tasks += 1;
    }

    /// Counts a task out.
    pub(super) fn task_removed(&mut self, group: Group) {
        let state = self.state(group);
        debug_assert!(state.tasks > 0, "{group} loses a task it does not have");
        state.tasks -= 1;
    }

    /// How many tasks the group has.
    pub(super) fn tasks(&self, group: Group) -> usize {
        self.states.get(&group).map_or(0, |state| state.tasks)
    }

    /// The group was killed: its holds end with it, and it is dead until something is put into it.
    pub(super) fn kill(&mut self, group: Group) {
        let state = self.state(group);
        state.kills += 1;
        state.killed = true;
        state.parked.clear();
        state.soon = 0;
        let was_held = std::mem::take(&mut state.held) != 0;
        self.held -= usize::from(was_held);
    }

    /// How often the group was killed, and whether it has been dead since.
    pub(super) fn kills(&self, group: Group) -> (u64, bool) {
        self.states.get(&group).map_or((0, false), |state| (state.kills, state.killed))
    }

    /// Whether a hold is in force.
    pub(super) fn is_held(&self, group: Group) -> bool {
        self.held > 0 && self.states.get(&group).is_some_and(|state| state.held != 0)
    }

    /// Whether this hold was begun, in force already or not.
    pub(super) fn has(&self, group: Group, hold: Hold) -> bool {
        let bits = self.states.get(&group).map_or(0, |state| state.held | state.soon);
        bits & hold.bit() != 0
    }

    /// Begins a hold.
    pub(super) fn hold(&mut self, group: Group, hold: Hold) {
        let state = self.state(group);
        match hold {
            Hold::Pause => {
                let begins = state.held == 0;
                state.held |= hold.bit();
                self.held += usize::from(begins);
            }
            Hold::Disk if state.held & hold.bit() == 0 => {
                state.soon |= hold.bit();
                self.any_soon = true;
            }
            Hold::Disk => {}
        }
    }

    /// The clock moves: holds that waited for it begin.
    pub(super) fn clock_moved(&mut self) {
        if !std::mem::take(&mut self.any_soon) {
            return;
        }
        for state in self.states.values_mut().filter(|state| state.soon != 0) {
            self.held += usize::from(state.held == 0);
            state.held |= std::mem::take(&mut state.soon);
        }
    }

    /// Ends a hold. Returns the parked tasks if it was the last one.
    pub(super) fn release(&mut self, group: Group, hold: Hold) -> Option<VecDeque<TaskId>> {
        let state = self.state(group);
        state.soon &= !hold.bit();
        let was = state.held;
        state.held &= !hold.bit();
        if was == 0 || state.held != 0 {
            return None;
        }
        let parked = std::mem::take(&mut state.parked);
        self.held -= 1;
        Some(parked)
    }

    /// Keeps a ready task of a held group.
    pub(super) fn park(&mut self, group: Group, id: TaskId) {
        self.state(group).parked.push_back(id);
    }
}
