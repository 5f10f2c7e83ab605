//! A world with its own time: tasks, timers, chance, packets and disks, all in one thread and all
//! decided by one seed.
//!
//! How it works: a [`World`] makes micro-steps. Each polls one ready task or, when none is ready,
//! moves the clock to the earliest timer or event and lets it happen. Tasks belong to a [`Group`],
//! the simulated process, which can be held and killed. What the tasks wait on is here too:
//! [`sleep`](sleep()), [`channel`]s, the network between processes and the disk under each.
//!
//! * `(seed, what is called from outside, and between which micro-steps)` decides everything.
//! * Nothing here is `Send`; nothing here needs a thread, a clock or the operating system.
//!
//! Caveats: processes are groups of futures that run to their next `await` in no time at all. CPU
//! time is not modelled.
//!
//! Architecture invariant: the lowest floor. It knows nothing of Raft, etcd, Kubernetes or pages.

pub mod channel;

mod agenda;
mod chance;
mod clock;
mod disk;
mod groups;
mod network;
mod sleep;
mod step;
mod tasks;
mod time;
mod world;

#[cfg(test)]
mod tests;

use std::future::Future;

pub use agenda::{Deferred, EventKey};
pub use chance::{Latency, PPM_ALL, Rng};
pub use clock::{ClockFault, DRIFT_PPM_MAX, DRIFT_PPM_MIN};
pub use disk::{Disk, DiskCounters, DiskOptions, NoSpace};
pub use groups::{Group, Hold};
pub use network::{
    Address, Fate, Link, Network, NetworkEvent, PACKETS_IN_FLIGHT_MAX, Packet, PacketId, Why,
};
pub use sleep::{Elapsed, Sleep, Timeout, sleep, sleep_until, timeout, timeout_at, yield_now};
pub use step::{Micro, Ran, Stepped};
pub use tasks::{Cancelled, Task, TaskId};
pub use time::{Instant, Millis};
pub use world::{WeakWorld, World};

/// Adds a task to the group being run.
///
/// # Panics
/// Outside of every world.
pub fn spawn<F: Future + 'static>(future: F) -> Task<F::Output> {
    let world = World::current();
    world.spawn_in(world.group(), future)
}

/// The group being run.
///
/// # Panics
/// Outside of every world.
pub fn group() -> Group {
    World::current().group()
}

/// The present instant.
///
/// # Panics
/// Outside of every world.
pub fn now() -> Instant {
    World::current().now()
}
