//! What must always hold, watched while the cluster runs: one file per promise.
//!
//! [`Promises`] takes the facts that members and clients tell, in the order in which they happen,
//! after every micro-step. Each file looks at one fact with what is known of the past
//! ([`chronicle`](self)), says how much it has looked at, and what is broken with its evidence.
//!
//! * Work is done on what changed only; nothing scans logs or stores at every step.
//! * Memory is bounded by named limits; what lies further back is not judged any more.
//! * A [`Violation`] is a value: who, where, when, in one sentence.
//!
//! Caveats: safety only. That something good happens at last (a leader is elected, a write is
//! answered) is not promised by Raft without assumptions on time, and is not checked here.
//!
//! Architecture invariant: observing only. A run with checks is the same run, to the byte.

mod at_most_once;
mod bars;
mod chronicle;
mod commitment;
mod committed_never_changes;
mod consent;
mod election_safety;
mod history;
mod leader_append_only;
mod leader_completeness;
mod lease_early;
mod lease_late;
mod lease_revision;
mod leases;
mod linearizability;
pub mod linearize;
mod log_matching;
mod monotonic;
mod one_vote_per_term;
mod promise;
mod promises;
pub mod register;
mod shadow;
mod snapshot_before_purge;
mod stable_storage;
mod state_machine_safety;
mod store_agreement;
mod watch;
mod watch_truth;

pub use bars::{BARS_REMEMBERED_MAX, BARS_SHOWN_MAX, Band, Bar, Fate, HistoryView};
pub use promise::{Event, Promise, PromiseState, Violation};
pub use promises::{NotedBreak, Promises};
