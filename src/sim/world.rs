//! The world: one thread, one clock, one order.
//!
//! Everything that happens is a **micro-step**: poll one ready task or, when none is ready, let the
//! earliest timer or event happen and move the clock to it. Playing, stepping and seeking are loops
//! over micro-steps, so how one steps can never change what happens.
//!
//! Two queues decide: ready tasks in wake order, then the agenda in `(time, sequence)` order. Ties
//! are broken by sequence, never by address.
//!
//! Code inside finds its world by [`World::current`]; [`World::enter`] makes it so, and every
//! micro-step does that by itself.
//!
//! * The clock never runs backwards, and moves only when no task can be polled.
//! * Looking perturbs nothing: no `&self` method that returns something without naming a change
//!   alters what happens next.
//! * Futures and closures are dropped while nothing is borrowed, with the world and their group
//!   current: a drop may wake, spawn, cancel and schedule.
//! * Dropping the last handle drops everything in it. A task or event that holds a `World` would
//!   keep it alive for ever: inside, use [`World::current`], or keep a [`WeakWorld`].
//!
//! Caveats: a wake from another thread is safe but its place in the order is not determined. A
//! panic inside a task removes that task and goes through to whoever stepped.
//!
//! Architecture invariant: knows nothing of members, packets or disks.

use std::any::{Any, TypeId};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::rc::{Rc, Weak};

use super::agenda::{Agenda, Deferred, Entry, EventKey, What};
use super::chance::Rng;
use super::clock::Clock;
use super::groups::{Group, Groups, Hold};
use super::tasks::{Task, Tasks, reporting};
use super::time::Instant;
use crate::sorted::SortedMap;

/// A handle to a world; clones are the same world.
pub struct World(pub(super) Rc<Inner>);

pub(super) struct Inner {
    pub(super) seed: u64,
    pub(super) now: Cell<Instant>,
    pub(super) steps: Cell<u64>,
    pub(super) group: Cell<Group>,
    pub(super) tasks: RefCell<Tasks>,
    pub(super) agenda: RefCell<Agenda>,
    pub(super) groups: RefCell<Groups>,
    pub(super) clocks: RefCell<SortedMap<Group, Clock>>,
    locals: RefCell<SortedMap<TypeId, Rc<dyn Any>>>,
}

thread_local! {
    static CURRENT: RefCell<Option<World>> = const { RefCell::new(None) };
}

impl World {
    /// An empty world at [`Instant::ZERO`]. All its chance comes from the seed.
    pub fn new(seed: u64) -> World {
        World(Rc::new(Inner {
            seed,
            now: Cell::new(Instant::ZERO),
            steps: Cell::new(0),
            group: Cell::new(Group::WORLD),
            tasks: RefCell::default(),
            agenda: RefCell::default(),
            groups: RefCell::default(),
            clocks: RefCell::default(),
            locals: RefCell::default(),
        }))
    }

    /// Runs the closure with this world as the thread's current one. Nests; the world before is
    /// current again afterwards, even after a panic.
    pub fn enter<R>(&self, run: impl FnOnce() -> R) -> R {
        let before = CURRENT.with(|current| current.replace(Some(self.clone())));
        let _restore = Restore(before);
        run()
    }

    /// The world this code runs in.
    ///
    /// # Panics
    /// Outside of every world: outside [`World::enter`] and not in a task or event.
    pub fn current() -> World {
        World::try_current().expect("no world is current: run this inside World::enter or a task")
    }

    /// The world this code runs in, if any.
    pub fn try_current() -> Option<World> {
        CURRENT.with(|current| current.borrow().clone())
    }

    /// A handle that does not keep the world alive.
    pub fn downgrade(&self) -> WeakWorld {
        WeakWorld(Rc::downgrade(&self.0))
    }

    /// The seed of all chance in this world.
    pub fn seed(&self) -> u64 {
        self.0.seed
    }

    /// A stream of chance for one purpose (see [`Rng::stream`]).
    pub fn stream(&self, purpose: &str, a: u64, b: u64) -> Rng {
        Rng::stream(self.0.seed, purpose, a, b)
    }

    /// The present instant.
    pub fn now(&self) -> Instant {
        self.0.now.get()
    }

    /// How many micro-steps have been made.
    pub fn steps(&self) -> u64 {
        self.0.steps.get()
    }

    /// The group being run; [`Group::WORLD`] outside of all.
    pub fn group(&self) -> Group {
        self.0.group.get()
    }

    /// Runs the closure with this world and the group current.
    pub fn within<R>(&self, group: Group, run: impl FnOnce() -> R) -> R {
        self.enter(|| {
            let _restore = RestoreGroup(self, self.0.group.replace(group));
            run()
        })
    }

    /// Adds a task to a group. It is polled first when its turn in the ready queue comes.
    pub fn spawn_in<F>(&self, group: Group, future: F) -> Task<F::Output>
    where
        F: Future + 'static,
    {
        let (future, task) = reporting(future);
        self.0.groups.borrow_mut().task_added(group);
        self.0.tasks.borrow_mut().insert(group, future);
        task
    }

    /// Schedules an event of a group; an instant already past means now. It runs with the group
    /// current, even while the group is held, and is forgotten when the group is killed.
    pub fn at(&self, when: Instant, group: Group, call: impl FnOnce() + 'static) -> EventKey {
        self.0.groups.borrow_mut().revive(group);
        let entry = Entry { group, what: What::Call(Box::new(call)) };
        self.0.agenda.borrow_mut().insert(when.max(self.now()), entry)
    }

    /// Forgets an event or timer. False if it has happened or was forgotten already.
    pub fn cancel(&self, key: EventKey) -> bool {
        let removed = self.0.agenda.borrow_mut().remove(key);
        removed.is_some()
    }

    /// Moves an event to another instant, behind all that is scheduled there already.
    pub fn reschedule(&self, key: EventKey, when: Instant) -> Option<EventKey> {
        let mut agenda = self.0.agenda.borrow_mut();
        let entry = agenda.remove(key)?;
        Some(agenda.insert(when.max(self.now()), entry))
    }

    /// Keeps a call of a group without a date, until [`World::call_deferred`].
    pub fn defer(&self, group: Group, call: impl FnOnce() + 'static) -> Deferred {
        self.0.agenda.borrow_mut().defer(group, Box::new(call))
    }

    /// Makes a deferred call, its group current. False if its group was killed since.
    pub fn call_deferred(&self, key: Deferred) -> bool {
        let taken = self.0.agenda.borrow_mut().take_deferred(key);
        let Some((group, call)) = taken else { return false };
        self.within(group, call);
        true
    }

    /// Forgets a deferred call.
    pub fn forget_deferred(&self, key: Deferred) {
        let taken = self.0.agenda.borrow_mut().take_deferred(key);
        drop(taken);
    }

    /// The world's own instance of `T`, made on first use: what a module must remember per world.
    pub fn local<T: Default + 'static>(&self) -> Rc<T> {
        let mut locals = self.0.locals.borrow_mut();
        let local = locals.or_insert_with(TypeId::of::<T>(), || Rc::new(T::default()));
        local.clone().downcast::<T>().expect("a local is kept under its own type")
    }

    /// How many tasks a group has.
    pub fn tasks(&self, group: Group) -> usize {
        self.0.groups.borrow().tasks(group)
    }

    /// How often a group was killed.
    pub fn kills(&self, group: Group) -> u64 {
        self.0.groups.borrow().kills(group).0
    }

    /// Whether a group was killed and nothing has been put into it since.
    pub fn is_dead(&self, group: Group) -> bool {
        self.0.groups.borrow().kills(group).1
    }

    /// Whether a group is held for this reason, or will be once the clock moves.
    pub fn is_held(&self, group: Group, hold: Hold) -> bool {
        self.0.groups.borrow().has(group, hold)
    }

    /// How many timers, events and deferred calls are pending.
    pub fn pending(&self) -> usize {
        self.0.agenda.borrow().len()
    }

    /// Drops a group's tasks, timers and events, and ends its holds. The group can be used again.
    ///
    /// # Panics
    /// For [`Group::WORLD`], which is not a process.
    pub fn kill(&self, group: Group) {
        assert!(group != Group::WORLD, "the world is not a process and cannot be killed");
        self.within(group, || self.clear(|candidate| candidate == group));
        self.0.groups.borrow_mut().kill(group);
    }

    /// Drops everything: tasks, timers, events, locals. What is left is an empty world at the
    /// present instant. Also breaks the cycle of a task that holds its own world.
    pub fn end(&self) {
        self.enter(|| {
            self.clear(|_| true);
            let locals = self.0.locals.take();
            drop(locals);
        });
    }

    fn clear(&self, chosen: impl Fn(Group) -> bool + Copy) {
        loop {
            let ids = self.0.tasks.borrow().select(chosen);
            let purged = self.0.agenda.borrow_mut().purge(chosen);
            if ids.is_empty() && purged.0.is_empty() && purged.1.is_empty() {
                return;
            }
            ids.into_iter().for_each(|id| self.remove_task(id));
            drop(purged);
        }
    }

    /// Begins to hold a group: its tasks are not polled until every hold is released. Wakes and
    /// timers still make them ready, and events still happen.
    pub fn hold(&self, group: Group, hold: Hold) {
        self.0.groups.borrow_mut().hold(group, hold);
    }

    /// Ends a hold. Tasks that became ready meanwhile follow, in order, what else is ready now.
    pub fn release(&self, group: Group, hold: Hold) {
        if self.0.groups.borrow().is_held(group) {
            self.park_ready(group);
        }
        if let Some(parked) = self.0.groups.borrow_mut().release(group, hold) {
            self.0.tasks.borrow().ready.lock().extend(parked);
        }
    }

    /// Takes a held group's tasks out of the ready queue. Done before a hold ends, so that the
    /// order afterwards does not depend on how many were met in the queue and parked meanwhile.
    fn park_ready(&self, group: Group) {
        let tasks = self.0.tasks.borrow();
        let mut groups = self.0.groups.borrow_mut();
        tasks.ready.lock().retain(|id| {
            let parks = tasks.group(*id) == Some(group);
            if parks {
                groups.park(group, *id);
            }
            !parks
        });
    }
}

impl Clone for World {
    fn clone(&self) -> World {
        World(self.0.clone())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if Rc::strong_count(&self.0) == 1 {
            self.end();
        }
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("World");
        debug.field("seed", &self.seed()).field("now", &self.now());
        debug.field("steps", &self.steps()).finish_non_exhaustive()
    }
}

/// A handle that does not keep its world alive.
#[derive(Clone, Default)]
pub struct WeakWorld(Weak<Inner>);

impl WeakWorld {
    /// The world, if it still exists.
    pub fn upgrade(&self) -> Option<World> {
        self.0.upgrade().map(World)
    }
}

impl fmt::Debug for WeakWorld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WeakWorld")
    }
}

/// Makes the world before current again.
struct Restore(Option<World>);

impl Drop for Restore {
    fn drop(&mut self) {
        let left = CURRENT.with(|current| current.replace(self.0.take()));
        drop(left);
    }
}

/// Makes the group before current again.
struct RestoreGroup<'a>(&'a World, Group);

impl Drop for RestoreGroup<'_> {
    fn drop(&mut self) {
        self.0.0.group.set(self.1);
    }
}
