//! How fast the modelled world is: three presets.
//!
//! All durations are virtual. *Classroom* has packets slow enough to follow with the eye and
//! repairs a leader's death within about two virtual seconds; *etcd* has the defaults of etcd on a
//! good local network; *three regions* puts the members on three coasts.
//!
//! Architecture invariant: numbers only; what they bring about is the members' and the network's.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::raft::MemberId;

/// A preset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Timing {
    /// Slow packets, quick elections.
    #[default]
    Classroom,
    /// etcd's defaults: 100 ms heartbeats, 1 s election timeout, a local network.
    Etcd,
    /// Members on three coasts, with the longer timeouts etcd's tuning guide asks for.
    ThreeRegions,
}

impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Timing::Classroom => "classroom",
            Timing::Etcd => "etcd",
            Timing::ThreeRegions => "three regions",
        })
    }
}

/// The figures of a preset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// How often a leader says it is alive.
    pub heartbeat: Duration,
    /// A follower's patience is drawn from here…
    pub election_min: Duration,
    /// …to here, beyond the leader's lease of `election_max`.
    pub election_max: Duration,
    /// One way between two members, shortest.
    pub latency_min: Duration,
    /// One way between two members, longest.
    pub latency_max: Duration,
    /// One way between a client and a member, or within the control plane.
    pub client_latency: Duration,
    /// One fsync, shortest.
    pub fsync_min: Duration,
    /// One fsync, longest.
    pub fsync_max: Duration,
    /// Modelled work of the apiserver per step of a write (default, encode, transform).
    pub step_work: Duration,
}

impl Timing {
    /// One way from one member to another: shortest and longest. Of *three regions*, members are
    /// dealt to the regions in turn.
    pub fn latency(self, from: MemberId, to: MemberId) -> (Duration, Duration) {
        let figures = self.figures();
        let (a, b) = (from.0 % 3, to.0 % 3);
        match self {
            Timing::ThreeRegions if a == b => {
                (Duration::from_micros(500), Duration::from_millis(1))
            }
            _ => (figures.latency_min, figures.latency_max),
        }
    }

    /// The figures.
    pub fn figures(self) -> Figures {
        let ms = Duration::from_millis;
        match self {
            Timing::Classroom => Figures {
                heartbeat: ms(200),
                election_min: ms(250),
                election_max: ms(800),
                latency_min: ms(70),
                latency_max: ms(110),
                client_latency: ms(60),
                fsync_min: ms(8),
                fsync_max: ms(20),
                step_work: ms(60),
            },
            Timing::Etcd => Figures {
                heartbeat: ms(100),
                election_min: ms(1000),
                election_max: ms(2000),
                latency_min: Duration::from_micros(300),
                latency_max: ms(1),
                client_latency: Duration::from_micros(300),
                fsync_min: ms(1),
                fsync_max: ms(4),
                step_work: Duration::from_micros(200),
            },
            Timing::ThreeRegions => Figures {
                heartbeat: ms(300),
                election_min: ms(3000),
                election_max: ms(6000),
                latency_min: ms(30),
                latency_max: ms(75),
                client_latency: ms(5),
                fsync_min: ms(1),
                fsync_max: ms(5),
                step_work: Duration::from_micros(200),
            },
        }
    }
}
