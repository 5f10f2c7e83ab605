//! What a reader can ask of the control plane, as values that print as the line that does it.
//!
//! Architecture invariant: an action says what is wanted, never how it is done.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::cluster::quote;

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
    /// `kubectl get pods`, `kubectl scale …`: see [`super::kubectl_words::VERBS`].
    Run {
        /// What stands behind `kubectl`.
        words: Vec<String>,
    },
    /// The kubelet of a node is stopped, as by SIGSTOP, or goes on: `pause node-a`.
    Kubelet {
        /// The node.
        node: String,
        /// Whether it is stopped.
        paused: bool,
    },
}

impl Action {
    /// The verb of those that take a text: `create`, `apply`, `replace`, `delete`.
    pub fn verb(&self) -> &'static str {
        match self {
            Action::Run { .. } | Action::Kubelet { .. } => "",
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
            Action::Run { .. } | Action::Kubelet { .. } => "",
        }
    }
}

/// Prints the text exactly: behind `<<EOF` when it ends with its last line, else as one word behind
/// `<<<`, to which, unlike in a shell, nothing is added.
impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Action::Run { words } = self {
            f.write_str("kubectl")?;
            return words.iter().try_for_each(|word| write!(f, " {}", quote(word)));
        }
        if let Action::Kubelet { node, paused } = self {
            return write!(f, "{} {node}", if *paused { "pause" } else { "resume" });
        }
        write!(f, "kubectl {} -f - ", self.verb())?;
        match self.text().strip_suffix('\n') {
            Some(lines) => {
                let end = end_word(lines);
                write!(f, "<<{end}\n{lines}\n{end}")
            }
            None => write!(f, "<<<{}", quote(self.text())),
        }
    }
}

/// A word that is no line of the text.
fn end_word(lines: &str) -> String {
    let taken = |word: &String| lines.split('\n').any(|line| line.trim_end_matches('\r') == word);
    let mut words = (0..).map(|n| if n == 0 { "EOF".into() } else { format!("EOF{n}") });
    words.find(|word| !taken(word)).unwrap_or_default()
}
