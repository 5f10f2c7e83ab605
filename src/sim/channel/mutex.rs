//! A lock that tasks wait for in line.
//!
//! * When the lock is released it goes to whoever waits longest; a newcomer never passes them.
//! * `granted` is somebody only while the lock is theirs and they have not been polled since.
//!
//! Architecture invariant: knows nothing of time.

use std::cell::{RefCell, RefMut};
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::WaiterId;

#[derive(Default)]
struct Line {
    locked: bool,
    granted: Option<WaiterId>,
    waiting: VecDeque<(WaiterId, Waker)>,
    next_waiter: WaiterId,
}

impl Line {
    /// Passes the lock on, or leaves it open.
    fn release(&mut self) {
        match self.waiting.pop_front() {
            Some((id, waker)) => {
                self.granted = Some(id);
                waker.wake();
            }
            None => {
                self.granted = None;
                self.locked = false;
            }
        }
    }

    fn abandon(&mut self, id: WaiterId) {
        self.waiting.retain(|(waiter, _)| *waiter != id);
        if self.granted == Some(id) {
            self.release();
        }
    }
}

/// A value only one task at a time may hold.
pub struct Mutex<T> {
    value: RefCell<T>,
    line: RefCell<Line>,
}

impl<T> Mutex<T> {
    /// An open lock round the value.
    pub fn new(value: T) -> Mutex<T> {
        Mutex { value: RefCell::new(value), line: RefCell::default() }
    }

    /// Waits for the lock.
    pub fn lock(&self) -> Lock<'_, T> {
        Lock { mutex: self, waiter: None }
    }

    fn guard(&self) -> Guard<'_, T> {
        Guard { value: self.value.borrow_mut(), line: &self.line }
    }
}

impl<T> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mutex").field("locked", &self.line.borrow().locked).finish()
    }
}

/// A wait for the lock.
pub struct Lock<'a, T> {
    mutex: &'a Mutex<T>,
    waiter: Option<WaiterId>,
}

impl<'a, T> Future for Lock<'a, T> {
    type Output = Guard<'a, T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Guard<'a, T>> {
        let mutex = self.mutex;
        let mut line = mutex.line.borrow_mut();
        let is_mine = match self.waiter {
            None => !std::mem::replace(&mut line.locked, true),
            Some(id) => line.granted.take_if(|granted| *granted == id).is_some(),
        };
        if is_mine {
            self.waiter = None;
            return Poll::Ready(mutex.guard());
        }
        let id = self.waiter.unwrap_or_else(|| {
            line.next_waiter += 1;
            line.next_waiter
        });
        match line.waiting.iter_mut().find(|(waiter, _)| *waiter == id) {
            Some((_, waker)) => waker.clone_from(cx.waker()),
            None => line.waiting.push_back((id, cx.waker().clone())),
        }
        self.waiter = Some(id);
        Poll::Pending
    }
}

impl<T> Drop for Lock<'_, T> {
    fn drop(&mut self) {
        if let Some(id) = self.waiter {
            self.mutex.line.borrow_mut().abandon(id);
        }
    }
}

/// The lock, held. Dropping it passes it on.
pub struct Guard<'a, T> {
    value: RefMut<'a, T>,
    line: &'a RefCell<Line>,
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.line.borrow_mut().release();
    }
}
