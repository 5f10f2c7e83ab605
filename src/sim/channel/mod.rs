//! How tasks talk: queues, the latest value, one answer, and a lock.
//!
//! Our own, because order is ours: whoever waits first is served first, in all four. Tokio's
//! `watch` asks the operating system which waiter to wake.
//!
//! * A wake puts a task into the ready queue; it never runs anything by itself.
//! * Abandoning a wait (dropping its future) gives up its place and passes on what it was given.
//!
//! Architecture invariant: needs no world; channels between tasks of different groups are code in
//! one process only where the caller means that.

pub mod mpsc;
pub mod mutex;
pub mod oneshot;
pub mod watch;

#[cfg(test)]
mod tests;

/// Names one waiting future of a channel.
type WaiterId = u64;
