//! Members one can hurt, their clients, and what is seen of them.
//!
//! * [`Cluster`] boots members, kills, restarts and pauses them, and cuts their network.
//! * A member serves clients as etcd's server does (`server`), and watchers (`watch`); a [`Client`]
//!   has endpoints, deadlines and etcd's rules of what may be retried.
//! * [`Camera`] takes [`Frame`]s; [`Event`]s say what happened; [`Action`]s what a reader does.
//!
//! Caveats: one request per connection; no TLS and no authentication are modelled.
//!
//! Architecture invariant: knows nothing of Kubernetes.

mod action;
pub mod amounts;
mod cables;
mod client;
#[allow(clippy::module_inception)]
mod cluster;
mod corruption;
mod curl;
mod curl_served;
pub mod etcdctl;
mod event;
mod fault;
mod frame;
pub mod gateway;
mod hardware;
mod journal;
mod lessor;
mod lives;
mod member;
mod membership;
mod metrics;
mod metrics_names;
mod observe;
mod overheard;
mod pages;
mod picture;
mod post;
mod quote;
mod reach;
mod read_index;
mod recovery;
mod removal;
mod requests;
mod samples;
mod sentence;
mod serve_lease;
mod serve_maintenance;
mod serve_members;
mod server;
mod timing;
mod touch;
mod watch;
mod watch_client;

pub use crate::raft::PacketKind;
pub use action::Action;
pub use client::{BROKEN, Client};
pub use cluster::{Cluster, ENTRIES_KEPT, MEMBERS_MAX, SNAPSHOT_EVERY, Setup, Snapshots};
pub use curl::{BODY_SHOWN_MAX, CURL_PATIENCE, STREAM_KEPT_MAX};
pub use etcdctl::{COMMANDS_SHOWN_MAX, CommandRun, Commands, Etcdctl, Piece};
pub use event::Event;
pub use fault::{
    DiskFault, FAULT_SPAN_MAX, LinkFault, PACKET_NAMES, Pattern, Touch, Ways, end as end_name,
};
pub use frame::*;
pub use journal::{JOURNAL_MAX, Journal, Noted};
pub use membership::{HEALTH_INTERVAL, client_url, peer_url};
pub use overheard::{Overheard, Word};
pub use picture::Camera;
pub use post::Post;
pub use quote::{quote, with_text};
pub use recovery::{Recovered, Recovery};
pub use removal::REMOVAL_DELAY;
pub use requests::{HISTORY_MAX, Requests};
pub use samples::{SAMPLE_EVERY, SAMPLES_MAX, Sample};
pub use serve_lease::{LOOK_EVERY, REVOCATIONS_MAX};
pub use timing::{Figures, Timing};
pub use watch::{PROGRESS_EVERY, SYNC_EVERY};
pub use watch_client::{Watch, WatchStream};
