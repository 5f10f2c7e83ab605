//! The words of the promises and of the command line.
//!
//! Architecture invariant: texts only.
#![allow(missing_docs)]

use super::scene;
use crate::check::{Bar, Fate};
use crate::raft::Rule;
use crate::view::amounts;

/// While all are kept.
pub fn kept(count: usize) -> String {
    format!("{} kept", amounts::counted(count, "promise", "promises"))
}

/// For the pointer's rest on it.
pub fn kept_title(checked: u64) -> String {
    format!("{} so far", amounts::counted(checked as usize, "check", "checks"))
}

/// When one is broken.
pub fn broken(first: &str, count: usize) -> String {
    match count {
        1 => format!("broken: {first}"),
        n => format!("{n} broken: {first}…"),
    }
}

/// Under the evidence.
pub fn broken_times(times: u64) -> String {
    format!("seen broken {times} times")
}

pub const PROMISES_EMPTY: &str = "Nothing is promised yet";
pub const PROMISES_LEAD: &str =
    "Checked after every step of the simulation, by code that only observes";
pub const PROMISE_KEPT: &str = "kept";
pub const PROMISE_BROKEN: &str = "broken";
pub const COMMAND_LINE: &str = "Command line";
pub const COMMAND_RUNS: &str = "runs; Ctrl-C ends it";
pub const COMMAND_STOP: &str = "Stop";

/// Behind what a line printed that did not end well.
pub fn exit_code(code: u8) -> String {
    format!("exit code {code}")
}

pub const COMMAND_HINT: &str = "A line of the language, such as kill leader";
pub const COMMAND_KEYS: &str =
    "Enter does it · Tab completes · ↑ calls back · Ctrl-C or Esc ends what runs, Esc then closes";
pub const COMMAND_PART: &str = "A line of this part; an empty one ends it";
pub const COMMAND_WATCH: &str = "watch KEY or progress for the watch that runs, or any line";

/// What is wrong with a line, and where.
pub fn at_column(column: u32, wrong: &str) -> String {
    format!("column {column}: {wrong}")
}

pub const HISTORY_KEY: &str = "Key";
pub const HISTORY_ALL: &str = "all keys";
pub const HISTORY_EMPTY: &str = "No request of a client yet";
pub const HISTORY: &str = "Requests of clients over time";
pub const HISTORY_LEGEND: [(&str, &str); 6] = [
    ("answered", "answered"),
    ("point", "took effect here"),
    ("open", "nobody knows"),
    ("refused", "refused"),
    ("exempt", "not judged"),
    ("band", "a fault"),
];
pub const RULES: &str = "Take a rule away";
pub const RULES_NOTE: &str =
    "To see which promise rests on it. Each switch does the line it shows; the cluster stays real";
pub const RULE_ON: &str = "Back on";

/// Over the bars.
pub fn judged(judged: u64, given_up: u64, hidden: usize) -> String {
    let mut said =
        format!("{} in one order", amounts::counted(judged as usize, "request", "requests"));
    if given_up > 0 {
        said.push_str(&format!(" · {given_up} overlap too much to be judged"));
    }
    if hidden > 0 {
        said.push_str(&format!(" · {hidden} earlier not drawn"));
    }
    said
}

/// All about one request.
pub fn bar(bar: &Bar) -> String {
    let mut said = format!("{}\nfrom {}", bar.text, scene::clock(bar.called));
    match (bar.returned, bar.fate) {
        (Some(at), Fate::Answered) => said.push_str(&format!(" to {}", scene::clock(at))),
        (Some(at), Fate::Refused) => said.push_str(&format!(", refused at {}", scene::clock(at))),
        (Some(at), _) => {
            said.push_str(&format!(", given up at {}: it may have happened", scene::clock(at)));
        }
        (None, _) => said.push_str(", no answer yet"),
    }
    if let Some(at) = bar.point {
        said.push_str(&format!("\ntook effect at {}", scene::clock(at)));
    }
    if let Some(why) = &bar.exempt {
        said.push_str(&format!("\nnot judged: {why}"));
    }
    if bar.is_stuck {
        said.push_str("\nno order explains it");
    }
    said
}

/// As long as rules are off.
pub fn rules_off(rules: &[Rule]) -> String {
    let name = |rule: &Rule| format!("{} ({})", rule.name(), rule.without());
    let rules: Vec<String> = rules.iter().map(name).collect();
    format!("This is not Raft as it should be. Off: {}", rules.join("; "))
}
