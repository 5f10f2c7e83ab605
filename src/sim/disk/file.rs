//! One file: what its process sees, and what a power cut would leave of it.
//!
//! A file is a stack of layers. The first is what the disk holds durably, up to its `durable`
//! length; the last is what the process sees. Appending grows the last layer, replacing puts a new
//! one on top, and a sync that has finished removes those below the one it covered.
//!
//! * There is always a first layer; a file that was never synced has an empty one.
//! * At most one sync covers a file at a time; between the first layer, the covered and the last
//!   there are no others.
//!
//! Architecture invariant: pure; it knows neither time nor chance.

use std::collections::VecDeque;

struct Layer {
    serial: u64,
    bytes: Vec<u8>,
    /// How many of the bytes a power cut leaves, if this is the first layer.
    durable: usize,
}

/// A file on a simulated disk.
pub(super) struct File {
    layers: VecDeque<Layer>,
    next_serial: u64,
    /// What the running sync will make durable: a layer, and how much of it.
    covered: Option<(u64, usize)>,
}

impl File {
    /// A file that does not exist yet, as far as the disk knows.
    pub(super) fn new() -> File {
        let absent = Layer { serial: 0, bytes: Vec::new(), durable: 0 };
        File { layers: VecDeque::from([absent]), next_serial: 1, covered: None }
    }

    /// A file that is durable as it is.
    pub(super) fn installed(bytes: Vec<u8>) -> File {
        let there = Layer { serial: 0, durable: bytes.len(), bytes };
        File { layers: VecDeque::from([there]), next_serial: 1, covered: None }
    }

    fn last(&self) -> &Layer {
        self.layers.back().expect("a file has a first layer")
    }

    fn first(&self) -> &Layer {
        self.layers.front().expect("a file has a first layer")
    }

    /// What the process reads.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.last().bytes
    }

    /// What a power cut would leave.
    pub(super) fn durable(&self) -> &[u8] {
        let first = self.first();
        &first.bytes[..first.durable]
    }

    /// Bytes a power cut would take.
    pub(super) fn unsynced(&self) -> usize {
        match self.layers.len() {
            1 => self.first().bytes.len() - self.first().durable,
            _ => self.last().bytes.len(),
        }
    }

    /// Whether a sync would change what is durable.
    pub(super) fn is_dirty(&self) -> bool {
        self.layers.len() > 1 || self.unsynced() > 0
    }

    pub(super) fn append(&mut self, bytes: &[u8]) {
        let last = self.layers.back_mut().expect("a file has a first layer");
        last.bytes.extend_from_slice(bytes);
    }

    /// Replaces the content as a rename does: after a power cut it is all there, or not at all.
    pub(super) fn replace(&mut self, bytes: Vec<u8>) {
        let serial = self.next_serial;
        self.next_serial += 1;
        let (first, covered) = (self.first().serial, self.covered.map(|(covered, _)| covered));
        self.layers.retain(|layer| layer.serial == first || Some(layer.serial) == covered);
        self.layers.push_back(Layer { serial, bytes, durable: 0 });
    }

    /// Flips a bit of the byte at a place, in every layer that has it. False if none has.
    pub(super) fn flip(&mut self, at: usize) -> bool {
        let bytes = self.layers.iter_mut().filter_map(|layer| layer.bytes.get_mut(at));
        bytes.map(|byte| *byte ^= 1).count() > 0
    }

    /// A sync starts: it covers what is there now.
    pub(super) fn cover(&mut self) {
        self.covered = self.is_dirty().then(|| (self.last().serial, self.last().bytes.len()));
    }

    /// The sync has finished: what it covered is durable.
    pub(super) fn covered_is_durable(&mut self) {
        let Some((serial, length)) = self.covered.take() else { return };
        while self.first().serial != serial {
            self.layers.pop_front();
        }
        let first = self.layers.front_mut().expect("the covered layer is there");
        first.durable = first.durable.max(length);
    }

    /// The power is cut: only what is durable is left, and so many of the bytes appended to it.
    pub(super) fn power_cut(&mut self, survivors: usize) {
        self.covered = None;
        self.layers.truncate(1);
        let first = self.layers.front_mut().expect("a file has a first layer");
        first.bytes.truncate(first.durable + survivors);
        first.durable = first.bytes.len();
    }

    /// Bytes appended to the durable content that a torn write may leave.
    pub(super) fn torn_bytes_max(&self) -> usize {
        self.first().bytes.len() - self.first().durable
    }
}
