//! Micro-steps, and the loops over them.
//!
//! * A micro-step is one poll, one timer or one event; never two of them.
//! * [`World::advance_to`] makes exactly the micro-steps that single steps would make.
//!
//! Caveats: a task that wakes itself for ever keeps the clock where it is; `limit_steps` is there
//! for that.
//!
//! Architecture invariant: the only code that polls, and the only code that moves the clock.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use super::agenda::{EventKey, What};
use super::groups::Group;
use super::tasks::TaskId;
use super::time::Instant;
use super::world::World;

/// What kind of micro-step was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Micro {
    /// A task was polled.
    Poll,
    /// A timer woke its task.
    Timer,
    /// An event happened.
    Event,
}

/// One micro-step that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stepped {
    /// When.
    pub at: Instant,
    /// Whose task, timer or event.
    pub group: Group,
    /// Which kind.
    pub micro: Micro,
}

/// How far [`World::advance_to`] came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ran {
    /// Micro-steps made.
    pub steps: u64,
    /// Whether the instant was reached; otherwise the limit was.
    pub reached: bool,
}

impl World {
    /// Makes one micro-step. `None`: nothing is left that could ever happen.
    pub fn step(&self) -> Option<Stepped> {
        self.step_until(Instant::NEVER)
    }

    /// Makes one micro-step, if it happens at `until` or before.
    pub fn step_until(&self, until: Instant) -> Option<Stepped> {
        if until < self.now() {
            return None;
        }
        self.enter(|| self.micro_step(until))
    }

    /// When the next micro-step happens: now if a task can be polled.
    pub fn next_at(&self) -> Option<Instant> {
        if self.can_poll() {
            return Some(self.now());
        }
        self.0.agenda.borrow().next_key().map(|key| key.at)
    }

    /// The timer or event that is the next micro-step; `None` if that is a poll, or nothing.
    pub fn next_event(&self) -> Option<EventKey> {
        if self.can_poll() { None } else { self.0.agenda.borrow().next_key() }
    }

    /// Makes all micro-steps up to and at `until`, then moves the clock there; stops short after
    /// `limit_steps`. An `until` in the past does nothing.
    pub fn advance_to(&self, until: Instant, limit_steps: u64) -> Ran {
        if until < self.now() {
            return Ran { steps: 0, reached: true };
        }
        self.enter(|| {
            let mut steps = 0;
            while steps < limit_steps && self.micro_step(until).is_some() {
                steps += 1;
            }
            let reached = self.next_at().is_none_or(|next| next > until);
            if reached {
                self.move_clock(until);
            }
            Ran { steps, reached }
        })
    }

    /// Runs the world until the future is done. For tests and tools: the future itself belongs to
    /// [`Group::WORLD`] and is polled before anything else that is ready.
    ///
    /// # Panics
    /// When nothing is left that could ever wake it.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let waker = Waker::from(woken.clone());
        self.enter(|| {
            loop {
                let is_woken = woken.0.swap(false, Ordering::Relaxed);
                if is_woken
                    && let Poll::Ready(output) =
                        future.as_mut().poll(&mut Context::from_waker(&waker))
                {
                    return output;
                }
                let stepped = self.micro_step(Instant::NEVER).is_some();
                let waits = !woken.0.load(Ordering::Relaxed);
                assert!(stepped || !waits, "the future waits for what can never happen");
            }
        })
    }

    fn can_poll(&self) -> bool {
        let tasks = self.0.tasks.borrow();
        let groups = self.0.groups.borrow();
        let ready = tasks.ready.lock();
        ready.iter().any(|id| tasks.group(*id).is_some_and(|group| !groups.is_held(group)))
    }

    fn micro_step(&self, limit: Instant) -> Option<Stepped> {
        let stepped = match self.next_ready() {
            Some((id, group)) => self.poll_task(id, group),
            None => self.happen(limit)?,
        };
        self.0.steps.set(self.0.steps.get() + 1);
        Some(stepped)
    }

    /// Takes the first task that can be polled out of the ready queue.
    fn next_ready(&self) -> Option<(TaskId, Group)> {
        let tasks = self.0.tasks.borrow();
        let mut groups = self.0.groups.borrow_mut();
        let mut ready = tasks.ready.lock();
        while let Some(id) = ready.pop_front() {
            match tasks.group(id) {
                None => {}
                Some(group) if groups.is_held(group) => groups.park(group, id),
                Some(group) => return Some((id, group)),
            }
        }
        None
    }

    fn poll_task(&self, id: TaskId, group: Group) -> Stepped {
        let at = self.now();
        let taken = self.0.tasks.borrow_mut().take(id);
        if let Some(mut body) = taken {
            let polling = Polling { world: self, id, before: self.0.group.replace(group) };
            if body.poll().is_pending() {
                let killed = self.0.tasks.borrow_mut().put_back(id, body);
                drop(killed);
            } else {
                self.remove_task(id);
                drop(body);
            }
            polling.done();
        }
        Stepped { at, group, micro: Micro::Poll }
    }

    /// Removes a task and drops its future, with nothing borrowed.
    pub(super) fn remove_task(&self, id: TaskId) {
        let Some(group) = self.0.tasks.borrow().group(id) else { return };
        let (_, body) = self.0.tasks.borrow_mut().remove(id);
        self.0.groups.borrow_mut().task_removed(group);
        drop(body);
    }

    /// Lets the earliest entry of the agenda happen, unless it is later than `limit`.
    fn happen(&self, limit: Instant) -> Option<Stepped> {
        let popped = self.0.agenda.borrow_mut().pop_until(limit);
        let (key, entry) = popped?;
        self.move_clock(key.at);
        let group = entry.group;
        let micro = match entry.what {
            What::Wake(waker) => {
                waker.wake();
                Micro::Timer
            }
            What::Call(call) => {
                self.within(group, call);
                Micro::Event
            }
        };
        Some(Stepped { at: key.at, group, micro })
    }

    fn move_clock(&self, to: Instant) {
        debug_assert!(to >= self.now(), "the clock runs backwards");
        if to > self.now() {
            self.0.now.set(to);
            self.0.groups.borrow_mut().clock_moved();
        }
    }
}

/// A task is being polled. Restores the current group; removes the task if its poll panics.
struct Polling<'a> {
    world: &'a World,
    id: TaskId,
    before: Group,
}

impl Polling<'_> {
    fn done(self) {
        self.world.0.group.set(self.before);
        std::mem::forget(self);
    }
}

impl Drop for Polling<'_> {
    fn drop(&mut self) {
        self.world.remove_task(self.id);
        self.world.0.group.set(self.before);
    }
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}
