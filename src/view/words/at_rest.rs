//! Words about the file that says how objects are encrypted at rest.
//!
//! Architecture invariant: words only.

#![allow(missing_docs)]

pub const FILE: &str = "Encryption configuration of the cluster that runs";
pub const FILE_NOTE: &str = "Kubernetes' own YAML. An apiserver reads it when it starts, and what \
    is stored stays as it was written until it is written again";
pub const REPLACE: &str = "Replace the file";
pub const ROTATE: &str = "Give the KMS plugin a new key";

/// On the button that kills an apiserver and starts it.
pub fn restart(name: &str) -> String {
    format!("Restart {name}")
}
