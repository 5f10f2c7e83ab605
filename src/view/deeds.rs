//! What can be done to an object by a button: each is a line of the language, seen before it is
//! pressed and written into the command line when it is.
//!
//! * `kubectl edit` has the page's editor as its editor: what is stored is fetched, and goes back
//!   with *Replace*, under the resourceVersion that was read.
//!
//! Architecture invariant: words only; what a line does is the language's.

use crate::cluster::Frame;
use crate::kube::{Action, overview::Overview};
use crate::raft::ThreadId;

/// One button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// What stands on it.
    pub name: &'static str,
    /// The line that does it.
    pub line: String,
}

/// What can be done to an object of this kind.
pub fn deeds(of: &Overview) -> Vec<Deed> {
    let Overview { kind, name, namespace, .. } = of;
    let within = match namespace.as_str() {
        "" | "default" => String::new(),
        namespace => format!(" -n {namespace}"),
    };
    let thing = format!("{} {name}{within}", kind.to_lowercase());
    let kubectl = |label, verb: &str| Deed { name: label, line: format!("kubectl {verb} {thing}") };
    let plain = |label, line: String| Deed { name: label, line };
    let mut deeds = vec![kubectl("Edit", "edit"), kubectl("Describe", "describe")];
    match kind.as_str() {
        "Pod" => deeds.extend([
            plain("Crash", format!("pod {name} crash")),
            plain("Fail its probe", format!("pod {name} unready")),
            plain("Heal", format!("pod {name} ready")),
        ]),
        "Node" => deeds.extend([
            plain("Cordon", format!("kubectl cordon {name}")),
            plain("Uncordon", format!("kubectl uncordon {name}")),
            plain("Stop its kubelet", format!("pause {name}")),
            plain("Let it go on", format!("resume {name}")),
        ]),
        "Deployment" => {
            deeds.extend([kubectl("Restart", "rollout restart"), kubectl("Undo", "rollout undo")])
        }
        _ => {}
    }
    if kind != "Node" {
        deeds.push(kubectl("Delete", "delete"));
    }
    deeds
}

/// `kubectl edit` of one thing: what fetches it for the editor.
pub fn fetches(action: &Action) -> Option<Action> {
    let Action::Run { words } = action else { return None };
    let (verb, rest) = words.split_first()?;
    let things = rest.iter().filter(|word| !word.starts_with('-')).count();
    if verb != "edit" || things == 0 || words.iter().any(|word| word == "|") {
        return None;
    }
    let get = ["get"].into_iter().map(str::to_string);
    let form = ["-o", "yaml"].into_iter().map(str::to_string);
    Some(Action::Run { words: get.chain(rest.iter().cloned()).chain(form).collect() })
}

/// What the newest of these commands has fetched; none: it waits, or failed.
pub fn fetched(frame: &Frame, line: &str) -> Option<(ThreadId, String)> {
    let run = frame.commands.iter().rev().find(|run| run.line == line)?;
    let text: String = run.printed.iter().map(|piece| piece.text.as_str()).collect();
    (run.exit == Some(0) && run.left_out == 0).then_some((run.thread, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(kind: &str, namespace: &str) -> Vec<String> {
        let name = if kind == "Node" { "node-a" } else { "web" };
        let [kind, name, namespace] = [kind, name, namespace].map(str::to_string);
        let of = Overview { kind, name, namespace, ..Overview::default() };
        deeds(&of).into_iter().map(|deed| deed.line).collect()
    }

    #[test]
    fn every_deed_is_a_line_of_the_language() {
        for kind in ["Pod", "Node", "Deployment", "ReplicaSet", "Service", "Secret", "Lease"] {
            for namespace in ["", "default", "kube-system"] {
                let lines = lines(kind, namespace);
                assert!(lines.len() > 1);
                for line in lines {
                    assert!(crate::script::parse(&line).is_ok(), "{line}");
                }
            }
        }
        assert_eq!(lines("Service", "a")[0], "kubectl edit service web -n a");
    }

    #[test]
    fn edit_is_fetched_as_yaml() {
        let run = |line: &str| Action::Run { words: line.split(' ').map(str::to_string).collect() };
        let fetch = |line: &str| fetches(&run(line)).map(|action| action.to_string());
        let expected = "kubectl get deployment web -n a -o yaml";
        assert_eq!(fetch("edit deployment web -n a").as_deref(), Some(expected));
        assert_eq!(fetch("edit"), None, "kubectl says what is missing");
        assert_eq!(fetch("get pods"), None);
    }
}
