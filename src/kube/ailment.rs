//! What a reader can do to the containers of pods.
//!
//! Architecture invariant: a name only; what follows from it is the kubelet's.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is wrong with containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Ailment {
    /// They end with code 1 soon after they were begun, each time.
    Crash,
    /// Their readiness probes fail.
    Unready,
    /// Their probes fail, liveness probes too.
    Stuck,
}

impl Ailment {
    /// All of them, by what the language calls them.
    pub const ALL: [(&'static str, Option<Ailment>); 4] = [
        ("crash", Some(Ailment::Crash)),
        ("unready", Some(Ailment::Unready)),
        ("stuck", Some(Ailment::Stuck)),
        ("ready", None),
    ];
}

impl fmt::Display for Ailment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = Ailment::ALL.iter().find(|(_, it)| *it == Some(*self));
        f.write_str(named.map_or("", |(name, _)| name))
    }
}
