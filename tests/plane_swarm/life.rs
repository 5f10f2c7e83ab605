//! A random life of a control plane: what a user asks of a few Deployments, and what breaks.
//!
//! * The same seed gives the same life.
//! * Faults are those a control plane must survive: members crash, are killed, are paused, have
//!   slow disks; apiservers die and start again; a cable to one of them is cut.
//!
//! Architecture invariant: lines of the scenario language, and what each of them asks for.

use raftarium::sim::Rng;

use crate::deployment::applied;

/// Deployments.
const NAMES: u64 = 3;

/// What a user asks.
#[derive(Debug, Clone)]
pub enum Ask {
    Apply {
        name: String,
        replicas: u64,
        image: String,
    },
    Scale {
        name: String,
        replicas: u64,
    },
    SetImage {
        name: String,
        image: String,
    },
    Undo {
        name: String,
    },
    Delete {
        name: String,
    },
    /// A ConfigMap of its own, never touched again.
    Note {
        name: String,
    },
}

/// One step: a user asks, and while that goes on something may break.
pub struct Step {
    pub ask: Ask,
    /// What happens before the answer is waited for.
    pub lines: Vec<String>,
}

pub struct Life {
    pub begins: Vec<String>,
    pub steps: Vec<Step>,
    /// Everything is mended.
    pub peace: Vec<String>,
}

struct Dice {
    rng: Rng,
    apiservers: u64,
    asked: u64,
}

pub fn life(seed: u64) -> Life {
    let mut dice = Dice { rng: Rng::stream(seed, "plane swarm", 0, 0), apiservers: 1, asked: 0 };
    dice.apiservers = 1 + dice.below(3);
    let compaction = ["", " compaction=10s"][dice.below(2) as usize];
    let begins = vec![
        format!(
            "boot members=3 seed={seed} timing=etcd plane=acting apiservers={}{compaction}",
            dice.apiservers
        ),
        "until leader".into(),
        "wait 1s".into(),
    ];
    let steps = 3 + dice.below(3);
    let steps = (0..steps).map(|_| dice.step()).collect();
    let mut peace = vec!["heal".to_string()];
    peace.extend((1..=3).map(|id| format!("disk {id} well")));
    peace.extend(["resume all".to_string(), "restart all".into()]);
    peace.extend((1..=dice.apiservers).map(|number| format!("apiserver {number} restart")));
    Life { begins, steps, peace }
}

impl Ask {
    /// Its line.
    pub fn line(&self) -> String {
        match self {
            Ask::Apply { name, replicas, image } => applied(name, *replicas, image, 1),
            Ask::Scale { name, replicas } => {
                format!("kubectl scale deployment {name} --replicas={replicas}")
            }
            Ask::SetImage { name, image } => {
                format!("kubectl set image deployment/{name} app={image}")
            }
            Ask::Undo { name } => format!("kubectl rollout undo deployment/{name}"),
            Ask::Delete { name } => format!("kubectl delete deployment {name} --wait=false"),
            Ask::Note { name } => {
                let metadata = format!("kind: ConfigMap, metadata: {{name: {name}}}");
                format!("kubectl create -f - <<<'{{apiVersion: v1, {metadata}}}'")
            }
        }
    }
}

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.rng.below(end)
    }

    fn step(&mut self) -> Step {
        let ask = self.ask();
        let mut lines = vec![format!("wait {}ms", self.below(30))];
        lines.extend(self.trouble());
        lines.push(format!("wait {}ms", self.below(1500)));
        lines.extend(self.mend());
        Step { ask, lines }
    }

    fn ask(&mut self) -> Ask {
        self.asked += 1;
        let (name, replicas) = (format!("app-{}", self.below(NAMES)), self.below(4));
        let image = format!("app:{}", self.below(3));
        match (self.asked, self.below(10)) {
            (1, _) | (_, 0..=3) => Ask::Apply { name, replicas, image },
            (_, 4) => Ask::Scale { name, replicas },
            (_, 5) => Ask::SetImage { name, image },
            (_, 6) => Ask::Undo { name },
            (_, 7) => Ask::Delete { name },
            _ => Ask::Note { name: format!("note-{}", self.asked) },
        }
    }

    fn trouble(&mut self) -> Option<String> {
        let (id, apiserver) = (1 + self.below(3), 1 + self.below(self.apiservers));
        let place = [102, 98, 99][apiserver as usize - 1];
        Some(match self.below(11) {
            0 => "kill leader".into(),
            1 => "crash leader".into(),
            2 => format!("crash {id}"),
            3 => format!("pause {id}"),
            4 | 5 => format!("disk {id} slow {}ms", 20 + self.below(900)),
            6..=8 => format!("apiserver {apiserver} kill"),
            9 => format!("link {id}-@{place} cut"),
            _ => return None,
        })
    }

    /// Mostly what broke is mended before the next breaks.
    fn mend(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.below(4) > 0 {
            lines.extend(["resume all".to_string(), "restart all".into()]);
        }
        if self.below(3) > 0 {
            lines.extend((1..=self.apiservers).map(|it| format!("apiserver {it} restart")));
        }
        if self.below(3) > 0 {
            lines.push("heal".into());
            lines.extend((1..=3).map(|id| format!("disk {id} well")));
        }
        lines
    }
}
