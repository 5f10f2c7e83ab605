//! A queue with many senders and one receiver, bounded or not.
//!
//! * A full queue makes senders wait; they enter in the order in which they began to wait, and a
//!   newcomer never passes them.
//! * A receiver that waits is woken by every value; values come out in the order they went in.
//! * `queue + promised <= capacity` for a bounded queue, where `promised` are places given to
//!   waiting senders that have not been polled since.
//! * Values are dropped while nothing is borrowed.
//!
//! Architecture invariant: knows nothing of time.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use super::WaiterId;

/// The receiver is gone. Holds the value that was not sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SendError<T>(pub T);

impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SendError")
    }
}

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("channel closed")
    }
}

/// Why a value was not sent at once. Holds the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrySendError<T> {
    /// The queue is full, or others wait for room already.
    Full(T),
    /// The receiver is gone.
    Closed(T),
}

/// Why nothing was received at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryRecvError {
    /// Nothing is there now.
    Empty,
    /// Nothing is there and no sender is left.
    Disconnected,
}

struct State<T> {
    queue: VecDeque<T>,
    capacity: usize,
    senders: usize,
    /// The receiver exists and did not close.
    open: bool,
    receiver: Option<Waker>,
    /// Senders waiting for room, in order.
    waiting: VecDeque<(WaiterId, Waker)>,
    /// Places given to senders that waited.
    promised: VecDeque<WaiterId>,
    next_waiter: WaiterId,
}

impl<T> State<T> {
    fn has_room(&self) -> bool {
        self.queue.len() + self.promised.len() < self.capacity
    }

    /// Gives free places to the senders that wait longest.
    fn promise(&mut self) {
        while self.has_room() {
            let Some((id, waker)) = self.waiting.pop_front() else { return };
            self.promised.push_back(id);
            waker.wake();
        }
    }

    fn push(&mut self, value: T) {
        self.queue.push_back(value);
        if let Some(waker) = self.receiver.take() {
            waker.wake();
        }
    }

    /// A waiting sender gives up: its place in the line, or the room it was promised.
    fn abandon(&mut self, id: WaiterId) {
        self.waiting.retain(|(waiter, _)| *waiter != id);
        self.promised.retain(|waiter| *waiter != id);
        self.promise();
    }

    fn close(&mut self) {
        self.open = false;
        self.promised.clear();
        self.waiting.drain(..).for_each(|(_, waker)| waker.wake());
    }
}

type Shared<T> = Rc<RefCell<State<T>>>;

/// A queue for at most `capacity` values (at least one).
pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let state = Rc::new(RefCell::new(State {
        queue: VecDeque::new(),
        capacity: capacity.max(1),
        senders: 1,
        open: true,
        receiver: None,
        waiting: VecDeque::new(),
        promised: VecDeque::new(),
        next_waiter: 0,
    }));
    (Sender { state: state.clone() }, Receiver { state })
}

/// A queue without a bound.
pub fn unbounded<T>() -> (UnboundedSender<T>, Receiver<T>) {
    let (sender, receiver) = bounded(usize::MAX);
    (UnboundedSender { sender }, receiver)
}

/// The sending end. Clones send into the same queue.
pub struct Sender<T> {
    state: Shared<T>,
}

impl<T> Sender<T> {
    /// Sends, waiting for room.
    pub fn send(&self, value: T) -> Send<'_, T> {
        Send { sender: self, value: Some(value), waiter: None }
    }

    /// Sends if there is room now and nobody waits for it.
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        let mut state = self.state.borrow_mut();
        if !state.open {
            return Err(TrySendError::Closed(value));
        }
        if !state.has_room() || !state.waiting.is_empty() {
            return Err(TrySendError::Full(value));
        }
        state.push(value);
        Ok(())
    }

    /// Whether the receiver is gone.
    pub fn is_closed(&self) -> bool {
        !self.state.borrow().open
    }

    /// A sender that does not keep the queue open.
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender { state: Rc::downgrade(&self.state) }
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Sender<T> {
        self.state.borrow_mut().senders += 1;
        Sender { state: self.state.clone() }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut state = self.state.borrow_mut();
        state.senders -= 1;
        if state.senders == 0
            && let Some(waker) = state.receiver.take()
        {
            waker.wake();
        }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("mpsc::Sender")
    }
}

/// A sender that does not keep the queue open.
pub struct WeakSender<T> {
    state: Weak<RefCell<State<T>>>,
}

impl<T> WeakSender<T> {
    /// A sender, if any other is left.
    pub fn upgrade(&self) -> Option<Sender<T>> {
        let state = self.state.upgrade()?;
        if state.borrow().senders == 0 {
            return None;
        }
        state.borrow_mut().senders += 1;
        Some(Sender { state })
    }
}

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> WeakSender<T> {
        WeakSender { state: self.state.clone() }
    }
}

/// A sender that never waits.
#[derive(Debug)]
pub struct UnboundedSender<T> {
    sender: Sender<T>,
}

impl<T> UnboundedSender<T> {
    /// Sends at once.
    ///
    /// # Errors
    /// If the receiver is gone.
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        self.sender.try_send(value).map_err(|refused| match refused {
            TrySendError::Full(value) | TrySendError::Closed(value) => SendError(value),
        })
    }

    /// Whether the receiver is gone.
    pub fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }
}

impl<T> Clone for UnboundedSender<T> {
    fn clone(&self) -> UnboundedSender<T> {
        UnboundedSender { sender: self.sender.clone() }
    }
}

/// A value on its way in; resolves to an error holding the value if the receiver is gone.
pub struct Send<'a, T> {
    sender: &'a Sender<T>,
    value: Option<T>,
    waiter: Option<WaiterId>,
}

/// Nothing in it is pinned: the value is only ever moved.
impl<T> Unpin for Send<'_, T> {}

impl<T> Future for Send<'_, T> {
    type Output = Result<(), SendError<T>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.sender.state.borrow_mut();
        if !state.open {
            drop(state);
            self.waiter = None;
            let value = self.value.take().expect("a send is not polled after it is done");
            return Poll::Ready(Err(SendError(value)));
        }
        let may_enter = match self.waiter {
            None => state.waiting.is_empty() && state.has_room(),
            Some(id) => {
                let promised = state.promised.iter().position(|waiter| *waiter == id);
                promised.is_some_and(|position| state.promised.remove(position).is_some())
            }
        };
        if may_enter {
            self.waiter = None;
            state.push(self.value.take().expect("a send is not polled after it is done"));
            return Poll::Ready(Ok(()));
        }
        let id = match self.waiter {
            Some(id) => id,
            None => {
                state.next_waiter += 1;
                state.next_waiter
            }
        };
        match state.waiting.iter_mut().find(|(waiter, _)| *waiter == id) {
            Some((_, waker)) => waker.clone_from(cx.waker()),
            None => state.waiting.push_back((id, cx.waker().clone())),
        }
        self.waiter = Some(id);
        Poll::Pending
    }
}

impl<T> Drop for Send<'_, T> {
    fn drop(&mut self) {
        if let Some(id) = self.waiter {
            self.sender.state.borrow_mut().abandon(id);
        }
    }
}

/// The receiving end.
pub struct Receiver<T> {
    state: Shared<T>,
}

impl<T> Receiver<T> {
    /// The next value; `None` once it is empty and no sender is left.
    pub fn recv(&mut self) -> impl Future<Output = Option<T>> + Unpin {
        poll_fn(|cx| self.poll_recv(cx))
    }

    /// As [`Receiver::recv`], for who polls by hand.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        match self.try_recv() {
            Ok(value) => Poll::Ready(Some(value)),
            Err(TryRecvError::Disconnected) => Poll::Ready(None),
            Err(TryRecvError::Empty) => {
                self.state.borrow_mut().receiver = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    /// The next value if there is one now.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let mut state = self.state.borrow_mut();
        match state.queue.pop_front() {
            Some(value) => {
                state.promise();
                Ok(value)
            }
            None if state.senders == 0 || !state.open => Err(TryRecvError::Disconnected),
            None => Err(TryRecvError::Empty),
        }
    }

    /// How many values are waiting to be received.
    pub fn len(&self) -> usize {
        self.state.borrow().queue.len()
    }

    /// Whether no value is waiting to be received.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Refuses further values; those in the queue can still be received.
    pub fn close(&mut self) {
        self.state.borrow_mut().close();
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let mut state = self.state.borrow_mut();
        state.close();
        let unreceived = std::mem::take(&mut state.queue);
        drop(state);
        drop(unreceived);
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("mpsc::Receiver")
    }
}
