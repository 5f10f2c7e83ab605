//! The latest value, and word of its changes.
//!
//! * A receiver sees the newest value only; changes it slept through are one change.
//! * Receivers are woken in the order in which they began to wait.
//! * A change not yet seen is reported even when all senders are gone; only then the end is.
//!
//! Caveats: the value is lent out by reference. Holding it across an `await` makes the next send
//! panic, where elsewhere it would deadlock.
//!
//! Architecture invariant: knows nothing of time.

use std::cell::{Cell, Ref, RefCell};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::WaiterId;

/// Every receiver is gone. Holds the value that was not sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SendError<T>(pub T);

impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SendError")
    }
}

/// Every sender is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

struct Shared<T> {
    value: RefCell<T>,
    version: Cell<u64>,
    senders: Cell<usize>,
    receivers: Cell<usize>,
    waiting: RefCell<Vec<(WaiterId, Waker)>>,
    next_waiter: Cell<WaiterId>,
}

impl<T> Shared<T> {
    fn wake_all(&self) {
        self.waiting.borrow_mut().drain(..).for_each(|(_, waker)| waker.wake());
    }

    fn changed(&self) {
        self.version.set(self.version.get() + 1);
        self.wake_all();
    }

    fn receiver(shared: &Rc<Shared<T>>, seen: u64) -> Receiver<T> {
        shared.receivers.set(shared.receivers.get() + 1);
        Receiver { shared: shared.clone(), seen }
    }
}

/// A channel holding `value`, which its receiver counts as seen.
pub fn channel<T>(value: T) -> (Sender<T>, Receiver<T>) {
    let shared = Rc::new(Shared {
        value: RefCell::new(value),
        version: Cell::new(0),
        senders: Cell::new(1),
        receivers: Cell::new(0),
        waiting: RefCell::default(),
        next_waiter: Cell::new(0),
    });
    let receiver = Shared::receiver(&shared, 0);
    (Sender { shared }, receiver)
}

/// The sending end. Clones send into the same channel.
pub struct Sender<T> {
    shared: Rc<Shared<T>>,
}

impl<T> Sender<T> {
    /// Replaces the value.
    ///
    /// # Errors
    /// If every receiver is gone.
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        if self.shared.receivers.get() == 0 {
            return Err(SendError(value));
        }
        let before = self.shared.value.replace(value);
        self.shared.changed();
        drop(before);
        Ok(())
    }

    /// Changes the value in place. Receivers are told if `modify` returns true.
    pub fn send_if_modified(&self, modify: impl FnOnce(&mut T) -> bool) -> bool {
        let modified = modify(&mut self.shared.value.borrow_mut());
        if modified {
            self.shared.changed();
        }
        modified
    }

    /// The latest value.
    pub fn borrow(&self) -> Ref<'_, T> {
        self.shared.value.borrow()
    }

    /// A new receiver, which counts the present value as seen.
    pub fn subscribe(&self) -> Receiver<T> {
        Shared::receiver(&self.shared, self.shared.version.get())
    }

    /// How many receivers there are.
    pub fn receivers(&self) -> usize {
        self.shared.receivers.get()
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Sender<T> {
        self.shared.senders.set(self.shared.senders.get() + 1);
        Sender { shared: self.shared.clone() }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.shared.senders.set(self.shared.senders.get() - 1);
        if self.shared.senders.get() == 0 {
            self.shared.wake_all();
        }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("watch::Sender")
    }
}

/// The receiving end. A clone has seen what the original has.
pub struct Receiver<T> {
    shared: Rc<Shared<T>>,
    seen: u64,
}

impl<T> Receiver<T> {
    /// Waits for a value not yet seen and counts it as seen; fails once every sender is gone.
    pub fn changed(&mut self) -> Changed<'_, T> {
        Changed { receiver: self, waiter: None }
    }

    /// The latest value.
    pub fn borrow(&self) -> Ref<'_, T> {
        self.shared.value.borrow()
    }

    /// The latest value, from now on counted as seen.
    pub fn borrow_and_update(&mut self) -> Ref<'_, T> {
        self.seen = self.shared.version.get();
        self.shared.value.borrow()
    }

    /// Whether there is a value not yet seen.
    pub fn has_changed(&self) -> bool {
        self.seen != self.shared.version.get()
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Receiver<T> {
        Shared::receiver(&self.shared, self.seen)
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.shared.receivers.set(self.shared.receivers.get() - 1);
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("watch::Receiver")
    }
}

/// A wait for a change.
pub struct Changed<'a, T> {
    receiver: &'a mut Receiver<T>,
    waiter: Option<WaiterId>,
}

impl<T> Changed<'_, T> {
    fn wait(&mut self, waker: &Waker) {
        let shared = &self.receiver.shared;
        let mut waiting = shared.waiting.borrow_mut();
        let id = *self.waiter.get_or_insert_with(|| {
            shared.next_waiter.set(shared.next_waiter.get() + 1);
            shared.next_waiter.get()
        });
        match waiting.iter_mut().find(|(waiter, _)| *waiter == id) {
            Some((_, registered)) => registered.clone_from(waker),
            None => waiting.push((id, waker.clone())),
        }
    }
}

impl<T> Future for Changed<'_, T> {
    type Output = Result<(), Closed>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let version = self.receiver.shared.version.get();
        if self.receiver.seen != version {
            self.receiver.seen = version;
            return Poll::Ready(Ok(()));
        }
        if self.receiver.shared.senders.get() == 0 {
            return Poll::Ready(Err(Closed));
        }
        self.wait(cx.waker());
        Poll::Pending
    }
}

impl<T> Drop for Changed<'_, T> {
    fn drop(&mut self) {
        if let Some(id) = self.waiter {
            self.receiver.shared.waiting.borrow_mut().retain(|(waiter, _)| *waiter != id);
        }
    }
}
