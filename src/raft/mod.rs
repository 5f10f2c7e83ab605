//! openraft, the published crate, over our world and our store.
//!
//! * [`types`] chooses openraft's parameters; [`node`] puts a member together.
//! * [`log`] and [`wal`] keep entries and votes on the simulated disk; [`machine`] applies them to
//!   the store and takes snapshots; [`transport`] turns calls into packets.
//! * [`hints`] infers from messages what openraft keeps to itself.
//!
//! Caveats: chunked snapshots are ours (openraft hands over the whole); pipelined appends are not
//! used, one append per follower is under way at a time.
//!
//! Architecture invariant: knows nothing of clients and nothing of Kubernetes.

mod command;
pub mod database;
mod describe;
pub mod hints;
mod ids;
mod image;
mod label;
pub mod log;
mod log_look;
pub mod machine;
mod machine_leases;
mod measured;
pub mod meter;
pub mod node;
pub mod rescue;
mod rules;
pub mod runtime;
pub mod transport;
pub mod types;
pub mod wal;
pub mod wires;
pub mod witness;

pub use command::{Command, header_revision, request_bytes, response_bytes, summary, word};
pub use database::Database;
pub use describe::EntrySummary;
pub use hints::{Hint, Hints};
pub use ids::{LogIndex, MemberId, Term, ThreadId};
pub use label::{Label, PacketKind};
pub use log::LogStore;
pub use machine::{Applied, AppliedEntry, Machine};
pub use meter::{Counter, Histogram, Meter, Peaks};
pub use node::{Node, Settings};
pub use rules::{Rule, Rules};
pub use runtime::SimRuntime;
pub use types::Raft;
pub use wires::{Ack, Peers, REMOVED, Wires, address};
pub use witness::{Fact, Witness};
