//! Runs stages one after the other, counts and times them, and tells all of it at the end.
//!
//! * A stage that fails does not keep the next ones from running, so one run shows everything.
//!
//! Architecture invariant: knows no stage by name.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::project::{Outcome, say};
use crate::tally::Tally;

/// What has run so far.
pub struct Stages {
    done: Vec<Stage>,
    start: Instant,
}

struct Stage {
    name: String,
    tally: Tally,
    took: Duration,
    why: Option<String>,
}

impl Stages {
    /// Nothing has run; the clock starts.
    pub fn start() -> Stages {
        Stages { done: Vec::new(), start: Instant::now() }
    }

    /// Runs a stage that is one check. Says whether it went well.
    pub fn check(&mut self, name: &str, stage: impl FnOnce() -> Outcome) -> bool {
        self.run(name, |_| stage())
    }

    /// Runs a stage that is a test runner, whose closing lines are counted. Says whether it went
    /// well.
    pub fn tests(&mut self, name: &str, command: &mut Command) -> bool {
        self.run(name, |tally| watch(command, tally))
    }

    /// Prints the summary; an error when anything failed.
    pub fn finish(self) -> Outcome {
        println!();
        let mut all = Tally::default();
        for stage in &self.done {
            println!("{}", stage.line());
            all.add(stage.tally);
        }
        println!("{} passed, {} failed ({})", all.passed, all.failed, time(self.start.elapsed()));
        match all.failed {
            0 => Ok(()),
            _ => Err("not everything passed".into()),
        }
    }

    fn run(&mut self, name: &str, stage: impl FnOnce(&mut Tally) -> Outcome) -> bool {
        say(name);
        let start = Instant::now();
        let mut tally = Tally::default();
        let outcome = stage(&mut tally);
        let stage = Stage {
            name: name.into(),
            tally: tally.of_stage(outcome.is_ok()),
            took: start.elapsed(),
            why: outcome.err(),
        };
        println!("{}", stage.line());
        self.done.push(stage);
        self.done.last().is_some_and(|stage| stage.why.is_none())
    }
}

impl Stage {
    fn line(&self) -> String {
        let Tally { passed, failed } = self.tally;
        let took = time(self.took);
        let name = &self.name;
        match &self.why {
            None => format!("  ok    {name}: {passed} passed ({took})"),
            Some(why) => {
                format!("  FAIL  {name}: {passed} passed, {failed} failed ({took}): {why}")
            }
        }
    }
}

fn time(took: Duration) -> String {
    match took.as_secs() {
        seconds if seconds >= 100 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{:.1} s", took.as_secs_f64()),
    }
}

/// Runs a command, shows both of its outputs as they come, and counts.
fn watch(command: &mut Command, tally: &mut Tally) -> Outcome {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{name} could not be started: {error}"))?;
    let errors = child.stderr.take().map(|stream| thread::spawn(move || show(stream)));
    if let Some(stream) = child.stdout.take() {
        tally.add(show(stream));
    }
    if let Some(errors) = errors.and_then(|thread| thread.join().ok()) {
        tally.add(errors);
    }
    match child.wait() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name} failed ({status})")),
        Err(error) => Err(format!("{name} was lost: {error}")),
    }
}

fn show(stream: impl Read) -> Tally {
    let mut tally = Tally::default();
    for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        tally.read(&line);
    }
    tally
}
