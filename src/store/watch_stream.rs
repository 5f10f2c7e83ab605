//! What a stream still has to hand to its client.
//!
//! * At most [`STREAM_BUFFER_MAX`] answers with changes or progress wait; creations and
//!   cancellations always find room.
//! * Answers leave in the order they came.
//!
//! Caveat: etcd keeps creations and cancellations in a channel of their own, also 128 long; its
//! client cannot overtake them, ours need not wait for them.
//!
//! Architecture invariant: does not look into answers beyond whose they are.

// Models etcd server/etcdserver/api/v3rpc/watch.go and server/storage/mvcc/watcher.go.

use std::collections::VecDeque;

use super::{Revision, WatchResponse};

/// Most answers that wait in one stream; etcd's `chanBufLen`.
pub const STREAM_BUFFER_MAX: usize = 128;

/// One stream's answers and ids.
#[derive(Debug, Clone, Default)]
pub(super) struct WatchStream {
    answers: VecDeque<WatchResponse>,
    /// Those of `answers` that count against the limit.
    waiting: usize,
    next_id: i64,
}

fn is_control(answer: &WatchResponse) -> bool {
    answer.created || (answer.canceled && answer.compact_revision == Revision(0))
}

impl WatchStream {
    /// The next id that is free.
    pub(super) fn free_id(&mut self, taken: impl Fn(i64) -> bool) -> i64 {
        while taken(self.next_id) {
            self.next_id += 1;
        }
        self.next_id += 1;
        self.next_id - 1
    }

    /// A creation or cancellation.
    pub(super) fn tell(&mut self, answer: WatchResponse) {
        self.answers.push_back(answer);
    }

    /// Whether there is room for another answer.
    pub(super) fn has_room(&self) -> bool {
        self.waiting < STREAM_BUFFER_MAX
    }

    /// Changes or progress; false, and nothing done, when there is no room.
    pub(super) fn offer(&mut self, answer: WatchResponse) -> bool {
        let room = self.has_room();
        if room {
            self.waiting += 1;
            self.answers.push_back(answer);
        }
        room
    }

    /// The oldest answer.
    pub(super) fn next(&mut self) -> Option<WatchResponse> {
        let answer = self.answers.pop_front()?;
        if !is_control(&answer) {
            self.waiting -= 1;
        }
        Some(answer)
    }

    /// Drops what waits for one watcher.
    pub(super) fn forget(&mut self, watch: i64) {
        self.answers.retain(|answer| answer.watch_id != watch || is_control(answer));
        self.waiting = self.answers.iter().filter(|answer| !is_control(answer)).count();
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }
}
