//! Waiting: sleeping, deadlines, and letting others go first.
//!
//! * A sleep enters the agenda when first polled and leaves it when it is dropped.
//! * At its deadline a future that is ready wins over its timeout.
//!
//! Architecture invariant: the only futures here are ones that wait for time or for a turn.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use super::agenda::{Entry, EventKey, What};
use super::time::Instant;
use super::world::{WeakWorld, World};

/// Waits for an instant.
#[derive(Debug)]
pub struct Sleep {
    deadline: Instant,
    entered: Option<(WeakWorld, EventKey)>,
}

/// Waits until the instant; returns at once if it is not later than now.
pub fn sleep_until(deadline: Instant) -> Sleep {
    Sleep { deadline, entered: None }
}

/// Waits for a span, counted from this call.
///
/// # Panics
/// Outside of every world.
pub fn sleep(span: Duration) -> Sleep {
    sleep_until(World::current().now() + span)
}

impl Sleep {
    /// The instant it waits for.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    fn leave(&mut self) {
        if let Some((world, key)) = self.entered.take()
            && let Some(world) = world.upgrade()
        {
            world.cancel(key);
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let world = World::current();
        if world.now() >= self.deadline {
            self.leave();
            return Poll::Ready(());
        }
        let mut agenda = world.0.agenda.borrow_mut();
        if let Some((_, key)) = &self.entered
            && agenda.rewake(*key, cx.waker())
        {
            return Poll::Pending;
        }
        let entry = Entry { group: world.group(), what: What::Wake(cx.waker().clone()) };
        let key = agenda.insert(self.deadline, entry);
        self.entered = Some((world.downgrade(), key));
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.leave();
    }
}

/// The deadline passed before the future was ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed;

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("deadline has elapsed")
    }
}

impl std::error::Error for Elapsed {}

/// Waits for a future, but not for ever.
#[derive(Debug)]
pub struct Timeout<F> {
    future: Pin<Box<F>>,
    sleep: Sleep,
}

/// Waits for the future until the span, counted from this call, is over.
///
/// # Panics
/// Outside of every world.
pub fn timeout<F: Future>(span: Duration, future: F) -> Timeout<F> {
    timeout_at(World::current().now() + span, future)
}

/// Waits for the future until the instant.
pub fn timeout_at<F: Future>(deadline: Instant, future: F) -> Timeout<F> {
    Timeout { future: Box::pin(future), sleep: sleep_until(deadline) }
}

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Poll::Ready(output) = self.future.as_mut().poll(cx) {
            return Poll::Ready(Ok(output));
        }
        Pin::new(&mut self.sleep).poll(cx).map(|()| Err(Elapsed))
    }
}

/// Lets everything that is ready go first.
pub fn yield_now() -> impl Future<Output = ()> {
    let mut yielded = false;
    std::future::poll_fn(move |cx| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
}
