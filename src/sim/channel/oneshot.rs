//! One value, sent once.
//!
//! * The receiver resolves exactly once: with the value, or with [`Closed`] if the sender was
//!   dropped before it sent.
//!
//! Architecture invariant: knows nothing of time.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// The sender was dropped without sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("channel closed")
    }
}

impl std::error::Error for Closed {}

struct State<T> {
    value: Option<T>,
    has_sender: bool,
    has_receiver: bool,
    waker: Option<Waker>,
}

/// Two ends of a channel for one value.
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let state = State { value: None, has_sender: true, has_receiver: true, waker: None };
    let state = Rc::new(RefCell::new(state));
    (Sender { state: state.clone() }, Receiver { state })
}

/// The sending end.
pub struct Sender<T> {
    state: Rc<RefCell<State<T>>>,
}

impl<T> Sender<T> {
    /// Sends the value, or returns it if the receiver is gone.
    pub fn send(self, value: T) -> Result<(), T> {
        let mut state = self.state.borrow_mut();
        if !state.has_receiver {
            return Err(value);
        }
        state.value = Some(value);
        Ok(())
    }

    /// Whether the receiver is gone, so that nobody needs the value.
    pub fn is_closed(&self) -> bool {
        !self.state.borrow().has_receiver
    }
}

/// Also runs at the end of `send`, and wakes the receiver in either case.
impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut state = self.state.borrow_mut();
        state.has_sender = false;
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("oneshot::Sender")
    }
}

/// The receiving end: await it.
pub struct Receiver<T> {
    state: Rc<RefCell<State<T>>>,
}

impl<T> Receiver<T> {
    /// The value, if it has been sent. Afterwards the receiver resolves to [`Closed`].
    pub fn try_recv(&mut self) -> Option<T> {
        self.state.borrow_mut().value.take()
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, Closed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.state.borrow_mut();
        if let Some(value) = state.value.take() {
            return Poll::Ready(Ok(value));
        }
        if !state.has_sender {
            return Poll::Ready(Err(Closed));
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let mut state = self.state.borrow_mut();
        state.has_receiver = false;
        let left = (state.value.take(), state.waker.take());
        drop(state);
        drop(left);
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("oneshot::Receiver")
    }
}
