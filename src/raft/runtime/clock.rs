//! openraft's instants and chance.
//!
//! * [`SimInstant`] is what the current group's clock says, plus one hour, in nanoseconds. Where no
//!   clock was set, that is the world's instant.
//! * Every group draws from its own stream; drawing in one never changes another.
//!
//! Architecture invariant: the only place that converts between openraft's time and the world's.

use std::cell::RefCell;
use std::convert::Infallible;
use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::rc::Rc;
use std::time::Duration;

use openraft::rt;
use rand::TryRng;

use crate::sim::{Group, Instant, Rng, World};
use crate::sorted::SortedMap;

/// How far openraft's clock is ahead of the world's.
const AHEAD: Duration = Duration::from_secs(3600);

/// An instant as openraft sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SimInstant(Instant);

impl SimInstant {
    /// What the group's clock said.
    pub fn local(self) -> Instant {
        self.0 - AHEAD
    }

    /// The instant of the world at which a group's openraft calls it so.
    pub fn in_world(self, world: &World, group: Group) -> Instant {
        world.in_world(group, self.0 - AHEAD)
    }
}

impl rt::Instant for SimInstant {
    fn now() -> SimInstant {
        let world = World::current();
        SimInstant(world.local_at(world.group(), world.now()) + AHEAD)
    }
}

impl Add<Duration> for SimInstant {
    type Output = SimInstant;

    fn add(self, span: Duration) -> SimInstant {
        SimInstant(self.0 + span)
    }
}

impl AddAssign<Duration> for SimInstant {
    fn add_assign(&mut self, span: Duration) {
        self.0 += span;
    }
}

impl Sub<Duration> for SimInstant {
    type Output = SimInstant;

    fn sub(self, span: Duration) -> SimInstant {
        SimInstant(self.0 - span)
    }
}

impl SubAssign<Duration> for SimInstant {
    fn sub_assign(&mut self, span: Duration) {
        self.0 = self.0 - span;
    }
}

impl Sub<SimInstant> for SimInstant {
    type Output = Duration;

    fn sub(self, earlier: SimInstant) -> Duration {
        self.0.since(earlier.0)
    }
}

/// A group's stream as `rand` wants it: every copy draws from the same stream.
#[derive(Clone, Debug)]
pub struct SimRng(Rc<RefCell<Rng>>);

impl TryRng for SimRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.0.borrow_mut().next_u64() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.borrow_mut().next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.borrow_mut().fill(bytes);
        Ok(())
    }
}

/// A copy of a stream, to learn what will be or was drawn without drawing it.
pub(super) struct Throw(pub(super) Rng);

impl TryRng for Throw {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.0.next_u64() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(bytes);
        Ok(())
    }
}

/// What is remembered per group.
pub(super) struct Dice {
    rng: SimRng,
    /// The stream before the last draw of an election timeout.
    pub(super) election: Option<Rng>,
    /// When the next tick is due, and how often the group had been killed when it was set.
    pub(super) tick: Option<(Instant, u64)>,
}

#[derive(Default)]
struct AllDice(RefCell<SortedMap<Group, Dice>>);

impl Dice {
    fn new(world: &World, group: Group) -> Dice {
        let rng = world.stream("openraft", u64::from(group.0), 0);
        Dice { rng: SimRng(Rc::new(RefCell::new(rng))), election: None, tick: None }
    }

    /// Looks at what is remembered of a group in the current world, if anything.
    pub(super) fn of<R>(group: Group, look: impl FnOnce(&Dice) -> R) -> Option<R> {
        let all = World::current().local::<AllDice>();
        let all = all.0.borrow();
        all.get(&group).map(look)
    }

    fn current<R>(run: impl FnOnce(&World, &mut Dice) -> R) -> R {
        let world = World::current();
        let all = world.local::<AllDice>();
        let group = world.group();
        let mut all = all.0.borrow_mut();
        run(&world, all.or_insert_with(group, || Dice::new(&world, group)))
    }

    /// The current group's stream.
    pub(super) fn rng(draws_election_timeout: bool) -> SimRng {
        Dice::current(|_, dice| {
            if draws_election_timeout {
                dice.election = Some(dice.rng.0.borrow().clone());
            }
            dice.rng.clone()
        })
    }

    /// The current group waits for a tick at the instant.
    pub(super) fn record_tick(at: Instant) {
        Dice::current(|world, dice| dice.tick = Some((at, world.kills(world.group()))));
    }
}
