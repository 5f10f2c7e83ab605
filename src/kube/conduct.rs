//! What those who watch through the apiserver do.
//!
//! Architecture invariant: a name only; what follows from it is elsewhere.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What scheduler, controllers and kubelets do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Conduct {
    /// They take note.
    #[default]
    Watching,
    /// They act on what they are told.
    Acting,
    /// They act, and controllers do not wait to be told of their own writes (no *expectations*).
    Impatient,
}

impl fmt::Display for Conduct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Conduct::Watching => "watching",
            Conduct::Acting => "acting",
            Conduct::Impatient => "impatient",
        })
    }
}
