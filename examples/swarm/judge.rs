//! Runs a script and says what is wrong; makes a script that goes wrong small.

use std::panic::{AssertUnwindSafe, catch_unwind};

use raftarium::cluster::Status;
use raftarium::engine::{Engine, Run};
use raftarium::script::{Command, parse};
use raftarium::store::Revision;

use super::troubles::LONG_S;
use super::troubles::Life;
use super::watchers;

/// What became of one run.
#[derive(Debug, Default, Clone)]
pub struct Outcome {
    /// What is wrong: nothing, in a sound cluster.
    pub problems: Vec<String>,
    /// Virtual seconds.
    pub seconds: f64,
    /// Requests judged for linearizability.
    pub requests: u64,
    /// Times any promise was looked at.
    pub checks: u64,
}

/// Runs a script to its end.
pub fn judge(script: &str) -> Outcome {
    let commands = match parse(script) {
        Ok(commands) => commands,
        Err(misread) => {
            return Outcome { problems: vec![misread.to_string()], ..Outcome::default() };
        }
    };
    let ran = catch_unwind(AssertUnwindSafe(|| {
        let mut run = Run::default();
        for (_, command) in &commands {
            run.command(command);
            if let (Command::Boot(_), Some(engine)) = (command, run.engine()) {
                watchers::begin(engine.cluster(), script);
            }
        }
        run.engine().map(verdict).unwrap_or_default()
    }));
    ran.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).into()));
        let problems = vec![format!("panic: {}", text.unwrap_or_default())];
        Outcome { problems, ..Outcome::default() }
    })
}

/// Broken promises, and whether everybody has come together.
fn verdict(engine: &Engine) -> Outcome {
    let broken = engine.promises().violations();
    let sentence = |it: &std::rc::Rc<raftarium::check::Violation>| {
        format!("{} at {}: {}", it.promise, it.at, it.sentence)
    };
    let mut problems: Vec<String> = broken.iter().map(sentence).collect();
    problems.extend(engine.promises().untold());
    let mut stores = Vec::new();
    for id in engine.cluster().member_ids() {
        if engine.cluster().status(id) != Some(Status::Running) {
            problems.push(format!("{id} does not run"));
        }
        stores.push(engine.cluster().with_store(id, |store| {
            let leases = store.leases().iter().filter(|(_, lease)| lease.ttl < LONG_S);
            let left = leases.map(|(lease, _)| format!("lease {lease} lives on in {id}"));
            problems.extend(left);
            let end = store.get(b"end", store.revision()).map(|kv| kv.value.text());
            (store.revision(), store.hash_kv(Revision(0)).map(|it| it.hash).ok(), end)
        }));
    }
    if stores.windows(2).any(|pair| pair[0] != pair[1]) {
        problems.push(format!("the stores differ: {stores:?}"));
    }
    let reached = |store: &Option<(Revision, Option<u32>, Option<String>)>| {
        store.as_ref().is_some_and(|(_, _, end)| end.as_deref() == Some("reached"))
    };
    if !stores.iter().all(reached) {
        problems.push("the last write is not in every store".into());
    }
    Outcome {
        problems,
        seconds: engine.now().0 as f64 / 1e9,
        requests: engine.promises().history(None).judged,
        checks: engine.promises().states().map(|state| state.checked).sum(),
    }
}

/// Leaves out as many troubles as possible while something is still wrong (Zeller's delta
/// debugging). At most `runs` runs.
pub fn shrink(life: &Life, runs: usize) -> Vec<String> {
    let mut troubles = life.troubles.clone();
    let (mut parts, mut left) = (2, runs);
    while troubles.len() > 1 && parts <= troubles.len() && left > 0 {
        let size = troubles.len().div_ceil(parts);
        let mut smaller = None;
        for start in (0..troubles.len()).step_by(size) {
            let end = (start + size).min(troubles.len());
            let rest = [&troubles[..start], &troubles[end..]].concat();
            left = left.saturating_sub(1);
            if left == 0 {
                break;
            }
            if !judge(&life.script(&rest)).problems.is_empty() {
                smaller = Some(rest);
                break;
            }
        }
        match smaller {
            Some(rest) => (troubles, parts) = (rest, parts.saturating_sub(1).max(2)),
            None if size == 1 => break,
            None => parts = (parts * 2).min(troubles.len()),
        }
    }
    troubles
}
