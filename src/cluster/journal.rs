//! What happened, in order, until someone takes it; and a running hash of all of it.
//!
//! * The hash covers every event and every packet's fate with its instant, so two runs with equal
//!   hashes are the same run.
//!
//! Architecture invariant: observing only.

use std::cell::{Cell, RefCell};
use std::fmt::Write;

use super::Event;
use crate::sim::{Instant, World};

/// Events kept for whoever takes them; the oldest go first, and are counted.
pub const JOURNAL_MAX: usize = 100_000;

/// An event, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Noted {
    /// When.
    pub at: Instant,
    /// In which micro-step.
    pub step: u64,
    /// Its place among everything noted in this world, whoever noted it.
    pub sequence: u64,
    /// What.
    pub event: Event,
}

/// The journal of one cluster.
pub struct Journal {
    noted: RefCell<Vec<Noted>>,
    left_out: Cell<u64>,
    hash: Cell<u64>,
    sequence: Cell<u64>,
}

/// FNV-1a, 64 bit: offset basis and prime.
const FNV: (u64, u64) = (0xcbf2_9ce4_8422_2325, 0x0000_0100_0000_01b3);

impl Default for Journal {
    fn default() -> Self {
        Journal {
            noted: RefCell::default(),
            left_out: Cell::new(0),
            hash: Cell::new(FNV.0),
            sequence: Cell::new(0),
        }
    }
}

/// Feeds formatted text into the hash without building a string.
struct Feed<'a>(&'a Cell<u64>);

impl Write for Feed<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(FNV.1);
        self.0.set(text.bytes().fold(self.0.get(), step));
        Ok(())
    }
}

impl Journal {
    /// Notes an event, now.
    pub fn note(&self, world: &World, event: Event) {
        let (at, step) = (world.now(), world.steps());
        self.hash_text(&format_args!("{}:{event:?};", at.0));
        let sequence = self.next_sequence();
        let mut noted = self.noted.borrow_mut();
        if noted.len() >= JOURNAL_MAX {
            noted.drain(..JOURNAL_MAX / 2);
            self.left_out.set(self.left_out.get() + JOURNAL_MAX as u64 / 2);
        }
        noted.push(Noted { at, step, sequence, event });
    }

    /// The next place among everything noted in this world.
    pub fn next_sequence(&self) -> u64 {
        self.sequence.set(self.sequence.get() + 1);
        self.sequence.get()
    }

    /// Text that belongs to the run but is noted elsewhere.
    pub fn hash_text(&self, text: &dyn std::fmt::Display) {
        let _ = write!(Feed(&self.hash), "{text}");
    }

    /// Numbers that belong to the run but are no event: a packet's fate.
    pub fn trace(&self, numbers: &[u64]) {
        let step = |hash: u64, number: &u64| (hash ^ number).wrapping_mul(FNV.1);
        self.hash.set(numbers.iter().fold(self.hash.get(), step));
    }

    /// The hash of everything so far.
    pub fn hash(&self) -> u64 {
        self.hash.get()
    }

    /// How many events wait to be taken.
    pub fn waiting(&self) -> usize {
        self.noted.borrow().len()
    }

    /// The events since this was last called, and how many had to be left out.
    pub fn take(&self) -> (Vec<Noted>, u64) {
        (self.noted.take(), self.left_out.replace(0))
    }
}
