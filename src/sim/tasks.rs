//! Tasks: futures in a generational slab, and the queue of those that are ready.
//!
//! A waker is an `Arc` of the task's number and a flag, so waking needs neither the world nor
//! `unsafe`: it raises the flag and puts the number into the ready queue.
//!
//! * A task is in the queue at most once; a wake while it is queued is absorbed.
//! * A number whose task is gone is never reused (the generation differs), so a late wake of a
//!   dropped task is ignored.
//! * No future is ever dropped by this module: they are handed to the caller, who drops them when
//!   nothing is borrowed, because a drop may wake, spawn and cancel.
//!
//! Architecture invariant: knows nothing of time; it never polls.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use super::groups::Group;

/// A future whose result is reported elsewhere.
pub(super) type BoxedFuture = Pin<Box<dyn Future<Output = ()>>>;

/// The number of a task: its place in the slab and which tenant of that place it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskId {
    index: u32,
    generation: u32,
}

/// The numbers of the ready tasks, in wake order.
#[derive(Default)]
pub(super) struct ReadyQueue(Mutex<VecDeque<TaskId>>);

impl ReadyQueue {
    /// The queue itself. The lock is never contended: it is there because wakers must be `Send`.
    pub(super) fn lock(&self) -> MutexGuard<'_, VecDeque<TaskId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a waker points at.
struct Header {
    id: TaskId,
    queued: AtomicBool,
    ready: Arc<ReadyQueue>,
}

impl Wake for Header {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.queued.swap(true, Ordering::Relaxed) {
            self.ready.lock().push_back(self.id);
        }
    }
}

/// A task's future and its waker, out of the slab while it is being polled.
pub(super) struct Body {
    future: BoxedFuture,
    header: Arc<Header>,
    waker: Waker,
}

impl Body {
    /// Polls once. A wake from here on queues the task again.
    pub(super) fn poll(&mut self) -> Poll<()> {
        self.header.queued.store(false, Ordering::Relaxed);
        self.future.as_mut().poll(&mut Context::from_waker(&self.waker))
    }
}

struct Slot {
    generation: u32,
    group: Group,
    live: bool,
    /// Absent while the task is being polled, and when the slot is free.
    body: Option<Body>,
}

/// The slab.
#[derive(Default)]
pub(super) struct Tasks {
    slots: Vec<Slot>,
    free: Vec<u32>,
    pub(super) ready: Arc<ReadyQueue>,
}

impl Tasks {
    /// Adds a task and puts it at the end of the ready queue.
    pub(super) fn insert(&mut self, group: Group, future: BoxedFuture) {
        let index = self.free.pop().unwrap_or_else(|| self.grow());
        let slot = &mut self.slots[index as usize];
        let id = TaskId { index, generation: slot.generation };
        let ready = self.ready.clone();
        let header = Arc::new(Header { id, queued: AtomicBool::new(true), ready });
        let waker = Waker::from(header.clone());
        slot.group = group;
        slot.live = true;
        slot.body = Some(Body { future, header, waker });
        self.ready.lock().push_back(id);
    }

    fn grow(&mut self) -> u32 {
        let index = u32::try_from(self.slots.len()).expect("fewer than 2^32 tasks at once");
        self.slots.push(Slot { generation: 0, group: Group::WORLD, live: false, body: None });
        index
    }

    fn slot(&self, id: TaskId) -> Option<&Slot> {
        let slot = &self.slots[id.index as usize];
        (slot.live && slot.generation == id.generation).then_some(slot)
    }

    /// The group of a task that still exists.
    pub(super) fn group(&self, id: TaskId) -> Option<Group> {
        self.slot(id).map(|slot| slot.group)
    }

    /// Takes the body out for polling.
    pub(super) fn take(&mut self, id: TaskId) -> Option<Body> {
        self.slot(id)?;
        self.slots[id.index as usize].body.take()
    }

    /// Puts the body back after polling, or returns it if the task was removed meanwhile.
    pub(super) fn put_back(&mut self, id: TaskId, body: Body) -> Option<Body> {
        if self.slot(id).is_none() {
            return Some(body);
        }
        self.slots[id.index as usize].body = Some(body);
        None
    }

    /// Removes a task; false if it was gone already. Its body must be dropped by the caller.
    pub(super) fn remove(&mut self, id: TaskId) -> (bool, Option<Body>) {
        if self.slot(id).is_none() {
            return (false, None);
        }
        let slot = &mut self.slots[id.index as usize];
        slot.live = false;
        slot.generation = slot.generation.wrapping_add(1);
        self.free.push(id.index);
        (true, slot.body.take())
    }

    /// Every task for which the condition on its group holds, in slab order.
    pub(super) fn select(&self, chosen: impl Fn(Group) -> bool) -> Vec<TaskId> {
        let live = self.slots.iter().enumerate().filter(|(_, slot)| slot.live);
        live.filter(|(_, slot)| chosen(slot.group))
            .map(|(index, slot)| TaskId { index: index as u32, generation: slot.generation })
            .collect()
    }
}

/// The task was killed, or its world ended, before it finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("task was cancelled")
    }
}

impl std::error::Error for Cancelled {}

enum Outcome<T> {
    Running(Option<Waker>),
    Finished(Result<T, Cancelled>),
    Taken,
}

/// A spawned task: await it for its result. Dropping it detaches the task, which runs on.
pub struct Task<T> {
    outcome: Rc<RefCell<Outcome<T>>>,
}

impl<T> Task<T> {
    /// Whether the task has finished or was cancelled.
    pub fn is_finished(&self) -> bool {
        !matches!(*self.outcome.borrow(), Outcome::Running(_))
    }
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("finished", &self.is_finished()).finish()
    }
}

impl<T> Future for Task<T> {
    type Output = Result<T, Cancelled>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut outcome = self.outcome.borrow_mut();
        if let Outcome::Running(waker) = &mut *outcome {
            *waker = Some(cx.waker().clone());
            return Poll::Pending;
        }
        match std::mem::replace(&mut *outcome, Outcome::Taken) {
            Outcome::Finished(result) => Poll::Ready(result),
            _ => panic!("a task was awaited again after it gave its result"),
        }
    }
}

/// Reports the result, or the cancellation when dropped before it.
struct Report<T> {
    outcome: Rc<RefCell<Outcome<T>>>,
}

impl<T> Report<T> {
    fn finish(&self, result: Result<T, Cancelled>) {
        let before = self.outcome.replace(Outcome::Finished(result));
        if let Outcome::Running(Some(waker)) = before {
            waker.wake();
        }
    }
}

impl<T> Drop for Report<T> {
    fn drop(&mut self) {
        if matches!(*self.outcome.borrow(), Outcome::Running(_)) {
            self.finish(Err(Cancelled));
        }
    }
}

/// Wraps a future so that its result reaches the [`Task`] returned.
pub(super) fn reporting<F>(future: F) -> (BoxedFuture, Task<F::Output>)
where
    F: Future + 'static,
{
    let outcome = Rc::new(RefCell::new(Outcome::Running(None)));
    let report = Report { outcome: outcome.clone() };
    let run = async move {
        let result = future.await;
        report.finish(Ok(result));
    };
    (Box::pin(run), Task { outcome })
}
