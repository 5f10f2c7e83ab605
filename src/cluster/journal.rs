//! What happened, in order, until someone takes it; and a running hash of all of it.
//!
//! * The hash covers every event and every packet's fate with its instant, so two runs with equal
//!   hashes are the same run.
//! * It is FNV-1a over 64-bit words: not against forgery, and cheap enough for every packet.
//!
//! Architecture invariant: observing only.

use std::cell::{Cell, RefCell};
use std::hash::{Hash, Hasher};

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

/// Feeds whatever can be hashed into the running hash, a word at a time and the same on every
/// machine: `usize` and `isize` count as 64 bits, bytes as little-endian words after their number.
struct Feed<'a>(&'a Cell<u64>);

impl Feed<'_> {
    fn word(&self, word: u64) {
        self.0.set((self.0.get() ^ word).wrapping_mul(FNV.1));
    }
}

impl Hasher for Feed<'_> {
    fn finish(&self) -> u64 {
        self.0.get()
    }

    fn write(&mut self, bytes: &[u8]) {
        self.word(bytes.len() as u64);
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.word(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.word(number.into());
    }

    fn write_u32(&mut self, number: u32) {
        self.word(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        self.word(number);
    }

    fn write_i64(&mut self, number: i64) {
        self.word(number as u64);
    }

    fn write_usize(&mut self, number: usize) {
        self.word(number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.word(number as i64 as u64);
    }
}

impl Journal {
    /// Notes an event, now.
    pub fn note(&self, world: &World, event: Event) {
        let (at, step) = (world.now(), world.steps());
        self.trace_event(at, &event);
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

    /// An event that belongs to the run, noted here or elsewhere.
    pub fn trace_event(&self, at: Instant, event: &impl Hash) {
        let mut feed = Feed(&self.hash);
        feed.word(at.0);
        event.hash(&mut feed);
    }

    /// Numbers that belong to the run but are no event: a packet's fate.
    pub fn trace(&self, numbers: &[u64]) {
        let feed = Feed(&self.hash);
        numbers.iter().for_each(|number| feed.word(*number));
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
