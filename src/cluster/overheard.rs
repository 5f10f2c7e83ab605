//! What clients ask, are answered and are told, for whoever checks it.
//!
//! The counterpart of [`crate::raft::Witness`] on the clients' side: nobody listens by default, and
//! then nothing is kept.
//!
//! Architecture invariant: observing only.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::raft::MemberId;
use crate::sim::Address;
use crate::store::{Request, Response, WatchCreateRequest, WatchResponse};

/// One thing a client did or heard.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Word {
    /// It asks something.
    Asked { id: u64, client: Address, request: Rc<Request> },
    /// It is answered.
    Answered { id: u64, response: Response },
    /// It gives up, or is refused; `unknown` when it may have happened all the same.
    Failed { id: u64, unknown: bool },
    /// It opens a watch, or opens it again.
    Watches { watch: u64, client: Address, at: MemberId, request: Rc<WatchCreateRequest> },
    /// It does not listen to a watch any more.
    Left { watch: u64 },
    /// It is told something by a watch.
    Told { watch: u64, response: Rc<WatchResponse> },
}

/// What was overheard and not yet taken.
#[derive(Default)]
pub struct Overheard {
    listens: Cell<bool>,
    words: RefCell<Vec<Word>>,
    watches: Cell<u64>,
}

impl Overheard {
    /// From now on words are kept.
    pub fn listen(&self) {
        self.listens.set(true);
    }

    /// Keeps a word, which is made only if somebody listens.
    pub fn tell(&self, word: impl FnOnce() -> Word) {
        if self.listens.get() {
            self.words.borrow_mut().push(word());
        }
    }

    /// A number no other watch of the run has.
    pub fn fresh_watch(&self) -> u64 {
        self.watches.set(self.watches.get() + 1);
        self.watches.get()
    }

    /// Whether there is nothing to take.
    pub fn is_silent(&self) -> bool {
        self.words.borrow().is_empty()
    }

    /// Exchanges the words kept so far for an empty list.
    pub fn take(&self, empty: &mut Vec<Word>) {
        std::mem::swap(&mut *self.words.borrow_mut(), empty);
    }
}
