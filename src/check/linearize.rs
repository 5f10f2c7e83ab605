//! Whether a history of one key is linearizable, and in which order (Wing and Gong 1993, with
//! Lowe's memory of what was tried, 2017).
//!
//! A history is linearizable if its operations can be put in an order such that every answer fits,
//! and that keeps the order of those that did not overlap. The search puts one operation after
//! another in front; where none fits it goes back. What it has tried (which operations are placed,
//! and what the key then is) it never tries again.
//!
//! * An operation that may or may not have happened is placed anywhere after its call, or nowhere.
//! * Where answers carry revisions, these are the order: only the smallest may come next.
//! * The search ends after [`STEPS_MAX`] placements, undecided.
//!
//! Architecture invariant: pure; the order it finds is a value.

use std::collections::BTreeSet;

use super::register::{Act, Op, State};
use crate::sim::Instant;
use crate::sorted::sort_by;

/// Placements tried before the search gives up.
pub const STEPS_MAX: usize = 1_000_000;

/// Different ends of a history that are told.
pub const ENDS_MAX: usize = 16;

/// One operation of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// When it was called.
    pub called: Instant,
    /// When it was answered; none: it may or may not have happened.
    pub returned: Option<Instant>,
    /// What it is.
    pub op: Op,
}

/// What the search has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// An order that fits, and everything the key may be after some such order.
    Linearizable {
        /// The operations that happened, in this order.
        order: Vec<usize>,
        /// What the key may be at the end.
        ends: Vec<State>,
    },
    /// There is no such order.
    Not {
        /// The longest beginning of an order that fits.
        longest: Vec<usize>,
        /// The operation that then cannot be placed, though no other may come before it ends.
        stuck: usize,
    },
    /// It took too long.
    Undecided,
}

/// A place the search has come to.
struct Node {
    /// What may come next, and what the key is then; the best last.
    next: Vec<(usize, State)>,
    /// The first operation of `must` that is not placed.
    first: usize,
}

struct Search<'a> {
    calls: &'a [Call],
    /// Those that were answered, by call.
    must: Vec<usize>,
    /// Those that may have happened, by call.
    may: Vec<usize>,
    /// The place of each operation in `must` or `may`.
    placed: Vec<bool>,
    tried: BTreeSet<(usize, Vec<u64>, State)>,
    order: Vec<usize>,
    /// How many of `must` are placed.
    placed_must: usize,
    found: Option<Vec<usize>>,
    longest: (Vec<usize>, usize),
    ends: BTreeSet<State>,
}

/// Looks for an order of a history, starting from any of some states.
pub fn linearize(begins: &[State], calls: &[Call]) -> Verdict {
    let by_call = |mut of: Vec<usize>| {
        sort_by(&mut of, |a, b| (calls[*a].called, *a).cmp(&(calls[*b].called, *b)));
        of
    };
    let answered = |at: &usize| calls[*at].returned.is_some();
    let (must, may) = (0..calls.len()).partition::<Vec<usize>, _>(answered);
    let mut search = Search {
        calls,
        must: by_call(must),
        may: by_call(may),
        placed: vec![false; calls.len()],
        tried: BTreeSet::new(),
        order: Vec::new(),
        placed_must: 0,
        found: None,
        longest: (Vec::new(), 0),
        ends: BTreeSet::new(),
    };
    let mut steps = 0;
    for begin in begins {
        if search.run(*begin, &mut steps).is_none() {
            return Verdict::Undecided;
        }
    }
    match search.found {
        Some(order) => Verdict::Linearizable { order, ends: search.ends.into_iter().collect() },
        None => Verdict::Not { longest: search.longest.0, stuck: search.longest.1 },
    }
}

impl Search<'_> {
    /// Searches from one state. None when it took too long.
    fn run(&mut self, begin: State, steps: &mut usize) -> Option<()> {
        let mut path = vec![self.node(begin, 0)];
        while let Some(node) = path.last_mut() {
            let first = node.first;
            if let Some((at, state)) = node.next.pop() {
                *steps += 1;
                if *steps > STEPS_MAX {
                    return None;
                }
                self.place(at);
                if self.is_new(first, state) {
                    let node = self.node(state, first);
                    path.push(node);
                } else {
                    self.back();
                }
            } else {
                path.pop();
                self.back();
            }
            if self.ends.len() >= ENDS_MAX {
                path.clear();
                while !self.order.is_empty() {
                    self.back();
                }
            }
        }
        Some(())
    }

    fn place(&mut self, at: usize) {
        self.placed[at] = true;
        self.placed_must += usize::from(self.calls[at].returned.is_some());
        self.order.push(at);
    }

    fn back(&mut self) {
        if let Some(at) = self.order.pop() {
            self.placed[at] = false;
            self.placed_must -= usize::from(self.calls[at].returned.is_some());
        }
    }

    /// Whether this was not tried before.
    fn is_new(&mut self, first: usize, state: State) -> bool {
        let first = self.first_unplaced(first);
        let mut bits = Vec::new();
        let mut set = |nth: usize| {
            let (word, bit) = (nth / 64, nth % 64);
            if bits.len() <= word {
                bits.resize(word + 1, 0u64);
            }
            bits[word] |= 1 << bit;
        };
        let may = self.may.iter().enumerate().filter(|(_, at)| self.placed[**at]);
        may.for_each(|(nth, _)| set(nth));
        // Behind those that may have happened: the placed ones behind the first that is not.
        let mut left = self.placed_must - first.min(self.placed_must);
        for nth in first..self.must.len() {
            if left == 0 {
                break;
            }
            if self.placed[self.must[nth]] {
                set(self.may.len() + nth - first);
                left -= 1;
            }
        }
        self.tried.insert((first, bits, state))
    }

    fn first_unplaced(&self, from: usize) -> usize {
        (from..self.must.len()).find(|nth| !self.placed[self.must[*nth]]).unwrap_or(self.must.len())
    }

    /// What may come next.
    fn node(&mut self, state: State, from: usize) -> Node {
        let first = self.first_unplaced(from);
        if first == self.must.len() {
            self.found.get_or_insert_with(|| self.order.clone());
            self.ends.insert(state);
        }
        let mut end = Instant::NEVER;
        let mut soonest = None;
        let mut open = Vec::new();
        for at in self.must[first..].iter().copied() {
            let call = &self.calls[at];
            if call.called > end {
                break;
            }
            if !self.placed[at] {
                open.push(at);
                let returned = call.returned.unwrap_or(Instant::NEVER);
                if returned < end {
                    (end, soonest) = (returned, Some(at));
                }
            }
        }
        open.extend(self.may.iter().copied().filter(|at| !self.placed[*at]));
        open.retain(|at| self.calls[*at].called <= end);
        let told = open.iter().copied().filter(|at| self.is_told(*at));
        let least = told.min_by_key(|at| self.rank(*at));
        open.retain(|at| !self.is_told(*at) || Some(*at) == least);
        let mut next: Vec<(usize, State)> = Vec::new();
        for at in open {
            next.extend(state.after(&self.calls[at].op).into_iter().map(|state| (at, state)));
        }
        sort_by(&mut next, |one, other| self.rank(other.0).cmp(&self.rank(one.0)));
        if let Some(at) = soonest.filter(|_| self.found.is_none() && next.is_empty())
            && self.longest.0.len() <= self.order.len()
        {
            self.longest = (self.order.clone(), at);
        }
        Node { next, first }
    }

    /// Whether its place among the others is told by its revision.
    fn is_told(&self, at: usize) -> bool {
        self.calls[at].returned.is_some() && self.calls[at].op.revision.is_some()
    }

    /// Those with the smallest revision first, a write before the reads that see it.
    fn rank(&self, at: usize) -> (i64, bool, Instant, usize) {
        let call = &self.calls[at];
        let revision = call.op.revision.map_or(i64::MAX, |revision| revision.0);
        let acts =
            if call.op.succeeded == Some(false) { &call.op.failure } else { &call.op.success };
        let reads = acts.iter().all(|act| matches!(act, Act::Read(_) | Act::Delete(Some(false))));
        (revision, reads, call.returned.unwrap_or(Instant::NEVER), at)
    }
}
