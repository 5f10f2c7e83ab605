//! What a reader can ask of the control plane, as values that print as the line that does it.
//!
//! Architecture invariant: an action says what is wanted, never how it is done.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Ailment, Component};
use crate::cluster::{amounts, quote, with_text};

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
    /// `kubectl get pods`, `kubectl scale …`: see [`super::kubectl_verbs::VERBS`].
    Run {
        /// What stands behind `kubectl`.
        words: Vec<String>,
    },
    /// The etcd of Events is killed, or starts again from its disk.
    EventEtcd {
        /// Whether it runs then.
        runs: bool,
    },
    /// So many monitoring agents list everything so often; none: those there were are gone.
    Monitor {
        /// How many, and on how many nodes.
        agents: u16,
        /// How often each.
        every: Duration,
    },
    /// The kubelet of a node is stopped, as by SIGSTOP, or goes on: `pause node-a`.
    Kubelet {
        /// The node.
        node: String,
        /// Whether it is stopped.
        paused: bool,
    },
    /// Something is done to the containers of pods whose names begin so: `pod web crash`.
    Pod {
        /// How their names begin.
        name: String,
        /// What is wrong then; nothing: `ready`.
        ailment: Option<Ailment>,
    },
    /// An apiserver's process is killed, or starts again: `apiserver 2 kill`.
    Apiserver {
        /// Which, from 1.
        number: u8,
        /// Whether it starts.
        runs: bool,
    },
    /// The process of a controller manager or a scheduler is killed, or starts again: `manager 2
    /// kill`.
    Process {
        /// Of which.
        component: Component,
        /// Which, from 1.
        number: u8,
        /// Whether it starts.
        runs: bool,
    },
    /// The apiservers have another `EncryptionConfiguration`: `encryption -f -`.
    Encryption {
        /// The file.
        text: String,
    },
    /// The KMS plugin closes with a new key from now on: `kms rotate`.
    RotateKms,
}

impl Action {
    /// The verb of those that take a text: `create`, `apply`, `replace`, `delete`.
    pub fn verb(&self) -> &'static str {
        match self {
            Action::Run { .. }
            | Action::Kubelet { .. }
            | Action::Pod { .. }
            | Action::Apiserver { .. }
            | Action::EventEtcd { .. }
            | Action::Monitor { .. }
            | Action::Process { .. }
            | Action::Encryption { .. }
            | Action::RotateKms => "",
            Action::Create { .. } => "create",
            Action::Apply { .. } => "apply",
            Action::Replace { .. } => "replace",
            Action::Delete { .. } => "delete",
        }
    }

    /// Whether it goes on until it is interrupted.
    pub fn goes_on(&self) -> bool {
        let Action::Run { words } = self else { return false };
        let Ok(asked) = super::kubectl_words::Asked::read(words) else { return false };
        ["get", "events"].contains(&asked.verb.name)
            && ["watch", "watch-only"].iter().any(|flag| asked.flag(flag).is_some())
    }

    /// What the reader wrote.
    pub fn text(&self) -> &str {
        match self {
            Action::Create { text }
            | Action::Apply { text }
            | Action::Replace { text }
            | Action::Delete { text }
            | Action::Encryption { text } => text,
            _ => "",
        }
    }
}

/// Prints the text exactly, as [`with_text`] does.
impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Action::Run { words } = self {
            f.write_str("kubectl")?;
            return words.iter().try_for_each(|word| match word.as_str() {
                "|" => f.write_str(" |"),
                word => write!(f, " {}", quote(word)),
            });
        }
        if *self == Action::RotateKms {
            return f.write_str("kms rotate");
        }
        if let Action::EventEtcd { runs } = self {
            return f.write_str(if *runs { "events-etcd restart" } else { "events-etcd kill" });
        }
        if let Action::Monitor { agents, every } = self {
            return match agents {
                0 => f.write_str("monitor off"),
                _ => write!(f, "monitor {agents} every {}", amounts::span(*every)),
            };
        }
        if let Action::Kubelet { node, paused } = self {
            return write!(f, "{} {node}", if *paused { "pause" } else { "resume" });
        }
        if let Action::Pod { name, ailment } = self {
            let what = ailment.map_or("ready".to_string(), |it| it.to_string());
            return write!(f, "pod {} {what}", quote(name));
        }
        if let Action::Apiserver { number, runs } = self {
            return write!(f, "apiserver {number} {}", if *runs { "restart" } else { "kill" });
        }
        if let Action::Process { component, number, runs } = self {
            let what = if *runs { "restart" } else { "kill" };
            return write!(f, "{} {number} {what}", component.verb());
        }
        if let Action::Encryption { text } = self {
            return f.write_str(&with_text("encryption -f -", text));
        }
        f.write_str(&with_text(&format!("kubectl {} -f -", self.verb()), self.text()))
    }
}
