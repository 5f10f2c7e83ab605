//! openraft's asynchronous runtime over the simulated world.
//!
//! openraft asks its runtime for everything that could differ between two runs: tasks, sleeping,
//! the present instant, chance, and channels. Here each of them is [`sim`]'s.
//!
//! * A task openraft spawns belongs to the group of the task that spawned it.
//! * openraft's clock is the group's own, which may run too fast or too slow, and an hour ahead, so
//!   that "now minus a timeout" exists at the world's beginning.
//! * Each group has its own stream of chance.
//!
//! Besides, it remembers two things that openraft's public face does not show, and that it tells by
//! asking: its trait functions are `#[track_caller]`, so we see which of its files is calling. With
//! [`election_timeout`] and [`next_tick`] the instant of a follower's next campaign is known.
//!
//! Caveats: a killed and restarted group goes on with its stream; it does not throw the same dice
//! again. `spawn_blocking` is left to openraft's default, a real thread; openraft never calls it.
//!
//! Architecture invariant: knows the runtime traits only; no type of Raft itself appears here.

mod channels;
mod clock;

use std::future::Future;
use std::ops::Range;
use std::panic::Location;
use std::time::Duration;

use openraft::rt::AsyncRuntime;
use openraft::{OptionalSend, rt};
use rand::RngExt;

pub use self::channels::{SimMpsc, SimOneshot, SimWatch};
use self::clock::Dice;
pub use self::clock::{SimInstant, SimRng};
use crate::sim::channel::mutex::Mutex;
use crate::sim::{self, Cancelled, Elapsed, Group, Instant, Sleep, Task, Timeout, World};

/// The simulated world as openraft's runtime. One made by [`AsyncRuntime::new`] owns a world of its
/// own, for tests; openraft inside a task needs the type only.
#[derive(Debug)]
pub struct SimRuntime {
    world: World,
}

/// Where openraft draws a follower's election timeout.
const ELECTION_DRAW: &str = "engine_config.rs";

/// Where openraft waits for its next tick.
const TICK: &str = "tick.rs";

impl AsyncRuntime for SimRuntime {
    type JoinError = Cancelled;
    type JoinHandle<T: OptionalSend + 'static> = Task<T>;
    type Sleep = Sleep;
    type Instant = SimInstant;
    type TimeoutError = Elapsed;
    type Timeout<R, T: Future<Output = R> + OptionalSend> = Timeout<T>;
    type ThreadLocalRng = SimRng;
    type Mpsc = SimMpsc;
    type Watch = SimWatch;
    type Oneshot = SimOneshot;
    type Mutex<T: OptionalSend + 'static> = Mutex<T>;

    fn spawn<T>(future: T) -> Task<T::Output>
    where
        T: Future + OptionalSend + 'static,
        T::Output: OptionalSend + 'static,
    {
        sim::spawn(future)
    }

    fn sleep(duration: Duration) -> Sleep {
        sim::sleep(in_world(duration))
    }

    #[track_caller]
    fn sleep_until(deadline: SimInstant) -> Sleep {
        let deadline = deadline.in_world(&World::current(), sim::group());
        if Location::caller().file().ends_with(TICK) {
            Dice::record_tick(deadline);
        }
        sim::sleep_until(deadline)
    }

    fn timeout<R, F: Future<Output = R> + OptionalSend>(span: Duration, future: F) -> Timeout<F> {
        sim::timeout(in_world(span), future)
    }

    fn timeout_at<R, F: Future<Output = R> + OptionalSend>(
        deadline: SimInstant,
        future: F,
    ) -> Timeout<F> {
        sim::timeout_at(deadline.in_world(&World::current(), sim::group()), future)
    }

    fn is_panic(_: &Cancelled) -> bool {
        false
    }

    #[track_caller]
    fn thread_rng() -> SimRng {
        Dice::rng(Location::caller().file().ends_with(ELECTION_DRAW))
    }

    fn new(_threads: usize) -> SimRuntime {
        SimRuntime { world: World::new(0) }
    }

    fn block_on<F, T>(&mut self, future: F) -> T
    where
        F: Future<Output = T>,
    {
        self.world.block_on(future)
    }
}

/// How long a span of the current group's clock takes.
pub fn in_world(span: Duration) -> Duration {
    let world = World::current();
    let (group, now) = (world.group(), world.now());
    world.in_world(group, world.local_at(group, now) + span) - now
}

impl<T: OptionalSend + 'static> rt::Mutex<T> for Mutex<T> {
    type Guard<'a> = sim::channel::mutex::Guard<'a, T>;

    fn new(value: T) -> Mutex<T> {
        Mutex::new(value)
    }

    fn lock(&self) -> impl Future<Output = Self::Guard<'_>> + OptionalSend {
        Mutex::lock(self)
    }
}

/// The group's chance as it was just before openraft last drew an election timeout from it in the
/// current world; `None` if it never did.
pub fn election_rng(group: Group) -> Option<sim::Rng> {
    Dice::of(group, |dice| dice.election.clone()).flatten()
}

/// The election timeout openraft last drew for the group, given the configured range in
/// milliseconds (`election_timeout_min..election_timeout_max`).
pub fn election_timeout(group: Group, range_ms: Range<u64>) -> Option<Duration> {
    if range_ms.is_empty() {
        return None;
    }
    let mut rng = clock::Throw(election_rng(group)?);
    Some(Duration::from_millis(rng.random_range(range_ms)))
}

/// When the group's openraft next looks at its clock: the only instants at which it may campaign.
/// `None` if it is not waiting for one.
pub fn next_tick(group: Group) -> Option<Instant> {
    let world = World::current();
    let (at, kills) = Dice::of(group, |dice| dice.tick).flatten()?;
    (at >= world.now() && kills == world.kills(group)).then_some(at)
}
