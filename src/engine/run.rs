//! Runs a script on an engine and writes down what happens.
//!
//! * A command that cannot do what it says changes nothing and complains with `! `; the script goes
//!   on.
//! * Every command ends: after [`STEPS_MAX`] micro-steps it is cut short and says so.
//! * What is shown or written down changes nothing of what happens.
//!
//! Architecture invariant: reaches the world only by what a reader can do.

use std::time::Duration;

use super::transcript::Transcript;
use super::{Action, Engine, Position, StepBy, expect, show};
use crate::cluster::Status;
use crate::raft::MemberId;
use crate::script::{self, Command, Deed, Expectation, Goal, Misread, Show, Stop, Whom};
use crate::sim::Instant;

/// Micro-steps one command may take.
pub const STEPS_MAX: u64 = 20_000_000;

/// A script under way.
#[derive(Default)]
pub struct Run {
    engine: Option<Engine>,
    transcript: Transcript,
    broken: Vec<String>,
    /// What stops time.
    stops: Vec<Stop>,
    acts: Acts,
}

/// What was done, and where.
type Acts = Vec<(Position, Action)>;

/// Runs a script in a world of its own. Returns the transcript.
///
/// # Errors
/// The first line that could not be read; then nothing has been run.
pub fn run(text: &str) -> Result<String, Misread> {
    let mut run = Run::default();
    for (_, command) in script::parse(text)? {
        run.command(&command);
    }
    Ok(run.transcript().into())
}

impl Run {
    /// Runs one command.
    pub fn command(&mut self, command: &Command) {
        self.transcript.command(&command.to_string());
        if let Err(why) = self.perform(command) {
            self.transcript.complain(&why);
        }
    }

    /// What was written down so far.
    pub fn transcript(&self) -> &str {
        self.transcript.text()
    }

    /// What was expected and was not so.
    pub fn broken(&self) -> &[String] {
        &self.broken
    }

    /// The world, once there is one.
    pub fn engine(&self) -> Option<&Engine> {
        self.engine.as_ref()
    }

    /// What was done in the last world, and where.
    pub fn into_acts(self) -> Vec<(Position, Action)> {
        self.acts
    }

    fn perform(&mut self, command: &Command) -> Result<(), String> {
        if let Command::Boot(config) = command {
            let mut engine = Engine::boot(config.clone())?;
            self.transcript.begin_world();
            self.acts.clear();
            self.transcript.hear(&mut engine);
            self.engine = Some(engine);
            return Ok(());
        }
        if let Command::Verbose(on) = command {
            self.transcript.verbose = *on;
            return Ok(());
        }
        if let Command::Break(stop) = command {
            match stop {
                Some(stop) => self.stops.push(stop.clone()),
                None => self.stops.clear(),
            }
            return Ok(());
        }
        let engine = self.engine.as_mut().ok_or("there is no world yet: boot one")?;
        if let Command::Expect(expected) = command {
            let so = expect::check(engine, self.transcript.asked(), expected);
            let not_so = so.map_err(|found| format!("that is not so: {found}"));
            self.broken.extend(not_so.as_ref().err().map(|why| format!("{command}: {why}")));
            return not_so;
        }
        let (transcript, stops) = (&mut self.transcript, self.stops.as_slice());
        let mut stage = Stage { engine, transcript, stops, acts: &mut self.acts };
        match command {
            Command::Each(deed, whom) => stage.each(*deed, *whom),
            Command::Repeat(times, command) => stage.repeat(*times, command),
            Command::Wait(span) => stage.wait(*span),
            Command::Until(goal, most) => stage.until(*goal, *most),
            Command::UntilSo(expected, most) => stage.until_so(expected, *most),
            Command::Step(by) => stage.step(*by),
            Command::At(to, command) => stage.at(*to, command.as_deref()),
            Command::Show(what) => stage.show(*what),
            Command::Search(_) => Err("a search is for the page: it makes other worlds".into()),
            command => match command.action() {
                Some(action) => stage.act(&action),
                None => Err("nothing to do".into()),
            },
        }
    }
}

/// A command hears of it with its next step: nothing is seen of that yet.
fn hands_over(action: &Action) -> bool {
    use crate::cluster::Action::{Interrupt, Type};
    matches!(action, Action::Cluster(Interrupt(_) | Type(..)))
}

/// The world and who writes down what happens in it.
struct Stage<'a> {
    engine: &'a mut Engine,
    transcript: &'a mut Transcript,
    stops: &'a [Stop],
    acts: &'a mut Acts,
}

impl Stage<'_> {
    fn act(&mut self, action: &Action) -> Result<(), String> {
        self.acts.push((self.engine.position(), action.clone()));
        match self.engine.act(action) {
            Some(thread) => self.transcript.asks(self.engine, thread),
            None if self.engine.events_waiting() == 0 && !hands_over(action) => {
                return Err("that cannot be done now: nothing happens".into());
            }
            None => {}
        }
        self.transcript.hear(self.engine);
        Ok(())
    }

    fn each(&mut self, deed: Deed, whom: Whom) -> Result<(), String> {
        let members = match whom {
            Whom::Leader => vec![leader(self.engine).ok_or("nobody leads")?],
            Whom::All => self.engine.cluster().member_ids(),
        };
        let done = members.iter().filter(|member| self.act(&deed.to(**member)).is_ok()).count();
        if done == 0 { Err("that can be done to no member now".into()) } else { Ok(()) }
    }

    fn repeat(&mut self, times: u16, command: &Command) -> Result<(), String> {
        let action = command.action().ok_or("that cannot be repeated")?;
        for _ in 0..times {
            self.acts.push((self.engine.position(), action.clone()));
            let thread = self.engine.act(&action);
            thread.into_iter().for_each(|thread| self.transcript.asks_quietly(self.engine, thread));
        }
        self.transcript.hear(self.engine);
        Ok(())
    }

    fn wait(&mut self, span: Duration) -> Result<(), String> {
        let until = self.engine.now() + span;
        let stops = self.stops;
        self.engine.look_out_for(stops);
        let (mut first, mut stopped) = (true, None);
        let is_stop = |engine: &Engine, _: &Transcript| {
            if std::mem::take(&mut first) {
                return false;
            }
            stopped = stops.iter().find(|stop| engine.holds(stop));
            stopped.is_some()
        };
        if self.go(until, is_stop)? {
            let (stop, now) = (stopped.map(|stop: &Stop| stop.to_string()), self.engine.now());
            return Err(format!("stopped at {now}: {}", stop.unwrap_or_default()));
        }
        self.engine.advance_to(until);
        self.transcript.hear(self.engine);
        Ok(())
    }

    fn until(&mut self, goal: Goal, most: Duration) -> Result<(), String> {
        let until = self.engine.now() + most;
        let is_reached = |engine: &Engine, transcript: &Transcript| match goal {
            Goal::Leader => leader(engine).is_some(),
            Goal::Proposed => transcript.is_proposed(),
            Goal::Committed => transcript.is_committed(),
            Goal::Applied => transcript.is_applied(&running(engine)),
            Goal::Printed => transcript.is_all_answered(engine),
            Goal::Violation => !engine.promises().are_kept(),
        };
        match self.go(until, is_reached)? {
            true => Ok(()),
            false => Err(format!("this is not so by {}", self.engine.now())),
        }
    }

    fn until_so(&mut self, expected: &Expectation, most: Duration) -> Result<(), String> {
        let until = self.engine.now() + most;
        let is_so = |engine: &Engine, transcript: &Transcript| {
            expect::check(engine, transcript.asked(), expected).is_ok()
        };
        match self.go(until, is_so)? {
            true => Ok(()),
            false => Err(format!("this is not so by {}", self.engine.now())),
        }
    }

    /// Lets things happen up to an instant, or until something is so. Whether it is.
    fn go(
        &mut self,
        until: Instant,
        mut is_reached: impl FnMut(&Engine, &Transcript) -> bool,
    ) -> Result<bool, String> {
        for _ in 0..STEPS_MAX {
            self.transcript.hear(self.engine);
            if is_reached(self.engine, self.transcript) {
                return Ok(true);
            }
            if !self.engine.micro_step(until) {
                return Ok(false);
            }
        }
        Err(format!("cut short at {}: too much happens", self.engine.now()))
    }

    fn at(&mut self, to: Position, command: Option<&Command>) -> Result<(), String> {
        let here = self.engine.position();
        if (to.at, to.step) < (here.at, here.step) {
            return Err(format!("that is in the past: it is {here}"));
        }
        while self.engine.position().step < to.step && self.engine.micro_step(to.at) {
            self.transcript.hear(self.engine);
        }
        self.engine.run(to, &[], 1);
        match command.and_then(Command::action) {
            Some(action) => self.act(&action),
            None => Ok(()),
        }
    }

    fn step(&mut self, by: StepBy) -> Result<(), String> {
        let stepped = self.engine.step(by);
        self.transcript.hear(self.engine);
        if stepped { Ok(()) } else { Err("nothing is left to happen".into()) }
    }

    fn show(&mut self, what: Show) -> Result<(), String> {
        let shown = show::of(self.engine, what)?;
        self.transcript.show(&shown);
        Ok(())
    }
}

/// The leader, unless its process is stopped.
pub(super) fn leader(engine: &Engine) -> Option<MemberId> {
    let runs = |member: &MemberId| engine.cluster().status(*member) == Some(Status::Running);
    engine.cluster().leader().filter(runs)
}

pub(super) fn running(engine: &Engine) -> Vec<MemberId> {
    let runs = |member: &MemberId| engine.cluster().status(*member) == Some(Status::Running);
    engine.cluster().member_ids().into_iter().filter(runs).collect()
}
