//! One thing a script can ask for.
//!
//! * An [`Action`] is done to the world; the other commands let time pass, look, or choose an
//!   action when they run (`kill leader`).
//! * Prints as its line: the shortest that reads back as the same value.
//!
//! Architecture invariant: plain values.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{Action, Config, Expectation, Misread, Position, Sought, StepBy, Stop};
use crate::cluster::{self, amounts};
use crate::kube;
use crate::raft::MemberId;

/// One command.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Make a new world.
    Boot(Config),
    /// Do something now.
    Do(Action),
    /// Do something to whoever is meant when it runs.
    Each(Deed, Whom),
    /// `kubectl` with one of the [`super::EXAMPLES`], by file name.
    Example(KubectlVerb, &'static str),
    /// Do the same so many times at once; what becomes of it is not written down.
    Repeat(u16, Box<Command>),
    /// Let virtual time pass.
    Wait(Duration),
    /// Let virtual time pass until something is so, at most so much of it.
    Until(Goal, Duration),
    /// Let virtual time pass until something is so, at most so much of it.
    UntilSo(Expectation, Duration),
    /// Something is so; if it is not, the scenario is wrong.
    Expect(Expectation),
    /// From now on, stop time when this holds; none: no longer stop it.
    Break(Option<Stop>),
    /// Let time pass up to a place, and do something there.
    At(Position, Option<Box<Command>>),
    /// Let one thing happen.
    Step(StepBy),
    /// Look. Changes nothing.
    Show(Show),
    /// From now on, write down everything that happens, or only what matters to the reader.
    Verbose(bool),
    /// Look in other worlds for a run in which something happens.
    Search(Sought),
}

/// What can be done to a member's process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Deed {
    Kill,
    Crash,
    Restart,
    Pause,
    Resume,
}

/// Whom it is done to, when the script does not name a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// Whoever leads then.
    Leader,
    /// Every member it can be done to.
    All,
}

/// What kubectl does with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum KubectlVerb {
    Create,
    Apply,
    Replace,
    Delete,
}

/// What `until` waits for. All but the first and last are about the commands of etcdctl and
/// kubectl so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// A member that runs leads.
    Leader,
    /// The last one is in a leader's log.
    Proposed,
    /// The last one is known to be on a quorum.
    Committed,
    /// The last one is in every store of those that run.
    Applied,
    /// Every one has been answered, or given up.
    Printed,
    /// A promise is broken.
    Violation,
}

/// What can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// A line per member.
    Members,
    /// The keys of one member's store; none: of the leader's, or else the first that runs.
    Store(Option<MemberId>),
    /// The stations of every write.
    Writes,
    /// One member's log; none: the terms in everyone's.
    Log(Option<MemberId>),
    /// What the reader's etcdctl asked, and what came of it.
    Requests,
    /// Every promise, and the evidence of those that are broken.
    Promises,
    /// How many nodes are ready.
    Nodes,
}

impl Deed {
    /// The action it is for one member.
    pub fn to(self, member: MemberId) -> Action {
        Action::Cluster(match self {
            Deed::Kill => cluster::Action::Kill(member),
            Deed::Crash => cluster::Action::Crash(member),
            Deed::Restart => cluster::Action::Restart(member),
            Deed::Pause => cluster::Action::Pause(member),
            Deed::Resume => cluster::Action::Resume(member),
        })
    }

    /// Its verb.
    pub fn name(self) -> &'static str {
        match self {
            Deed::Kill => "kill",
            Deed::Crash => "crash",
            Deed::Restart => "restart",
            Deed::Pause => "pause",
            Deed::Resume => "resume",
        }
    }
}

impl KubectlVerb {
    /// All of them, by name.
    pub const ALL: [(&'static str, KubectlVerb); 4] = [
        ("create", KubectlVerb::Create),
        ("apply", KubectlVerb::Apply),
        ("replace", KubectlVerb::Replace),
        ("delete", KubectlVerb::Delete),
    ];

    /// The action it is on a text.
    pub fn on(self, text: String) -> Action {
        Action::Kube(match self {
            KubectlVerb::Create => kube::Action::Create { text },
            KubectlVerb::Apply => kube::Action::Apply { text },
            KubectlVerb::Replace => kube::Action::Replace { text },
            KubectlVerb::Delete => kube::Action::Delete { text },
        })
    }
}

impl Goal {
    /// All of them, by name.
    pub const ALL: [(&'static str, Goal); 6] = [
        ("leader", Goal::Leader),
        ("proposed", Goal::Proposed),
        ("committed", Goal::Committed),
        ("applied", Goal::Applied),
        ("printed", Goal::Printed),
        ("violation", Goal::Violation),
    ];
}

impl Command {
    /// What it does to the world, if that can be said beforehand.
    pub fn action(&self) -> Option<Action> {
        match self {
            Command::Do(action) => Some(action.clone()),
            Command::Example(verb, name) => {
                let (_, text) = super::EXAMPLES.iter().find(|(other, _)| other == name)?;
                Some(verb.on((*text).into()))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Command::Boot(config) => write!(f, "boot {config}"),
            Command::Do(action) => action.fmt(f),
            Command::Each(deed, Whom::Leader) => write!(f, "{} leader", deed.name()),
            Command::Each(deed, Whom::All) => write!(f, "{} all", deed.name()),
            Command::Example(verb, name) => write!(f, "kubectl {verb} -f {name}"),
            Command::Repeat(times, command) => write!(f, "repeat {times} {command}"),
            Command::Wait(most) => write!(f, "wait {}", amounts::span(*most)),
            Command::Until(goal, most) => write!(f, "until {goal} {}", amounts::span(*most)),
            Command::UntilSo(so, most) => write!(f, "until {so} within {}", amounts::span(*most)),
            Command::Expect(so) => write!(f, "expect {so}"),
            Command::Break(Some(stop)) => write!(f, "break {stop}"),
            Command::Break(None) => f.write_str("break off"),
            Command::At(position, None) => write!(f, "at {position}"),
            Command::At(position, Some(command)) => write!(f, "at {position} {command}"),
            Command::Step(by) => write!(f, "step {}", name(&super::read::STEPS, by)),
            Command::Show(show) => write!(f, "show {show}"),
            Command::Search(sought) => write!(f, "search {}", sought.name()),
            Command::Verbose(on) => write!(f, "verbose {}", if *on { "on" } else { "off" }),
        }
    }
}

impl fmt::Display for Show {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |member: &Option<MemberId>| member.map(|m| format!(" {}", m.0));
        match self {
            Show::Members => f.write_str("members"),
            Show::Store(member) => write!(f, "store{}", of(member).unwrap_or_default()),
            Show::Writes => f.write_str("writes"),
            Show::Log(member) => write!(f, "log{}", of(member).unwrap_or_default()),
            Show::Requests => f.write_str("requests"),
            Show::Promises => f.write_str("promises"),
            Show::Nodes => f.write_str("nodes"),
        }
    }
}

impl fmt::Display for KubectlVerb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(name(&KubectlVerb::ALL, self))
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(name(&Goal::ALL, self))
    }
}

fn name<T: PartialEq>(named: &[(&'static str, T)], it: &T) -> &'static str {
    named.iter().find(|(_, other)| other == it).map_or("", |(name, _)| name)
}

impl FromStr for Command {
    type Err = Misread;

    /// Reads one command: a line, and the text behind it when it ends with `<<EOF`.
    fn from_str(text: &str) -> Result<Command, Misread> {
        super::lines::one(text)
    }
}

#[cfg(test)]
#[path = "command_test.rs"]
pub(super) mod tests;

#[cfg(test)]
#[path = "kubectl_test.rs"]
mod kubectl_tests;
