//! What happened in the control plane: one value per happening, and its sentence.
//!
//! Architecture invariant: observing only. Nothing reads an event to decide what to do.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Ailment, StepKind};
use crate::cluster::amounts;
use crate::raft::ThreadId;
use crate::sim::Address;
use crate::store::Revision;

/// One happening.
#[derive(Debug, Clone, PartialEq, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Event {
    /// The reader asked something of kubectl.
    Asked { thread: ThreadId, line: String },
    /// A write reached a station.
    Reached { thread: ThreadId, step: StepKind, text: String },
    /// kubectl printed its answer.
    Printed { thread: ThreadId, text: String, failed: bool },
    /// Someone who watches through the apiserver was told of a change.
    Told {
        place: Address,
        name: String,
        text: String,
        revision: Revision,
        thread: Option<ThreadId>,
    },
    /// Scheduler, a controller or a kubelet wrote something of its own accord, or tried to.
    Acted { thread: ThreadId, text: String },
    /// What the reader asked for is as it should be.
    Settled { thread: ThreadId, text: String },
    /// A kubelet was stopped, or goes on.
    Kubelet { node: String, paused: bool },
    /// Something was done to the containers of pods whose names begin so.
    Harmed { name: String, ailment: Option<Ailment> },
    /// Monitoring agents began to list everything so often, or are gone.
    Monitored { agents: u16, every: Duration },
    /// The apiserver's own watch of etcd broke and begins again.
    Relisted { name: String, resource: String, why: String },
    /// One who watches through the apiserver could not go on from where it was: it has listed.
    ListedAgain { name: String, resource: String, revision: Revision, why: String },
    /// An apiserver was killed, or starts again.
    Apiserver { name: String, runs: bool },
    /// The etcd of Events was killed, or starts again.
    EventEtcd { runs: bool },
    /// A controller manager or a scheduler was killed, or starts again.
    Process { name: String, runs: bool },
    /// One of several holds their Lease now: it acts.
    Leads { name: String, lease: String, transitions: i64 },
    /// A leader could not renew its Lease in time.
    GaveUp { name: String, lease: String },
    /// An apiserver's configuration is refused.
    NotStarted { name: String, why: String },
    /// The file of `--encryption-provider-config` was replaced.
    EncryptionFile,
    /// A KMS plugin closes with a new key; or there is no plugin.
    Rotated { key_ids: Vec<String> },
    /// An apiserver has heard of a plugin's new key and made itself a new seed.
    NewSeed { name: String },
    /// An apiserver was the first to end an interval and has had history compacted.
    Compacted { name: String, revision: Revision },
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Asked { line, .. } => f.write_str(line),
            Event::Reached { step, text, .. } => write!(f, "{}: {text}", step.name()),
            Event::Printed { text, .. } if text.contains('\n') => {
                write!(f, "kubectl prints:\n{text}")
            }
            Event::Printed { text, .. } => write!(f, "kubectl prints: {text}"),
            Event::Told { name, text, .. } => write!(f, "To {name}: {text}"),
            Event::Acted { text, .. } | Event::Settled { text, .. } => f.write_str(text),
            Event::Kubelet { node, paused } => {
                write!(f, "The kubelet of {node} {}", if *paused { "is paused" } else { "goes on" })
            }
            Event::Harmed { name, ailment } => {
                let what = match ailment {
                    Some(Ailment::Crash) => "crash",
                    Some(Ailment::Unready) => "fail their readiness probes",
                    Some(Ailment::Stuck) => "fail all their probes",
                    None => "are well",
                };
                write!(f, "Containers of pods {name}… {what}")
            }
            Event::Monitored { agents: 0, .. } => f.write_str("The monitoring agents are gone"),
            Event::Monitored { agents, every } => {
                let every = amounts::span(*every);
                write!(f, "{agents} monitoring agents list all pods and nodes every {every}")
            }
            Event::Relisted { name, resource, why } => {
                write!(f, "{name} lists {resource} again: {why}")
            }
            Event::Apiserver { name, runs } | Event::Process { name, runs } => {
                write!(f, "{name} {}", if *runs { "starts" } else { "is killed" })
            }
            Event::EventEtcd { runs } => {
                write!(f, "The etcd of Events {}", if *runs { "starts" } else { "is killed" })
            }
            Event::Leads { name, lease, transitions } => write!(
                f,
                "{name} leads: the lease {lease} is its own (leaseTransitions: {transitions})"
            ),
            Event::GaveUp { name, lease } => {
                write!(
                    f,
                    "{name} could not renew the lease {lease} for 10 s: it ends, and is \
                           started again"
                )
            }
            Event::Compacted { name, revision } => {
                write!(f, "{name} has history compacted up to revision {revision}")
            }
            Event::ListedAgain { name, resource, revision, why } => {
                write!(f, "{name} lists {resource} again, at revision {revision}: {why}")
            }
            Event::NotStarted { .. }
            | Event::EncryptionFile
            | Event::Rotated { .. }
            | Event::NewSeed { .. } => self.at_rest(f),
        }
    }
}

impl Event {
    /// What is about the encryption of what is stored.
    fn at_rest(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::NotStarted { name, why } => write!(f, "{name} does not start: {why}"),
            Event::EncryptionFile => f.write_str(
                "The apiservers have another encryption configuration; \
                 each reads it when it starts",
            ),
            Event::Rotated { key_ids } if key_ids.is_empty() => {
                f.write_str("No apiserver was given a KMS plugin: there is no key to rotate")
            }
            Event::Rotated { key_ids } => write!(
                f,
                "The KMS plugin has a new key, {}; each apiserver hears of it within a minute",
                key_ids.join(", ")
            ),
            Event::NewSeed { name } => {
                write!(
                    f,
                    "{name} has a new seed: what it encrypts from now on is under the new key"
                )
            }
            _ => Ok(()),
        }
    }
}
