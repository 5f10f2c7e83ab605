//! What a reader can ask of the control plane, as values that print as the line that does it.
//!
//! Architecture invariant: an action says what is wanted, never how it is done.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One command of kubectl.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// `kubectl create -f -`
    Create {
        /// What the reader wrote: YAML or JSON.
        text: String,
    },
    /// `kubectl apply -f -`
    Apply {
        /// What the reader wrote: YAML or JSON.
        text: String,
    },
    /// `kubectl replace -f -`: a PUT with the resourceVersion written.
    Replace {
        /// What the reader wrote: YAML or JSON.
        text: String,
    },
    /// `kubectl delete -f -`
    Delete {
        /// What the reader wrote: YAML or JSON.
        text: String,
    },
}

impl Action {
    /// The verb: `create`, `apply`, `replace`, `delete`.
    pub fn verb(&self) -> &'static str {
        match self {
            Action::Create { .. } => "create",
            Action::Apply { .. } => "apply",
            Action::Replace { .. } => "replace",
            Action::Delete { .. } => "delete",
        }
    }

    /// What the reader wrote.
    pub fn text(&self) -> &str {
        match self {
            Action::Create { text }
            | Action::Apply { text }
            | Action::Replace { text }
            | Action::Delete { text } => text,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "kubectl {} -f - <<EOF\n{}\nEOF", self.verb(), self.text().trim_end())
    }
}
