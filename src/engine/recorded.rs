//! A run as it is handed on: in a link, in a file.
//!
//! It is a script of `boot`, and of actions at their places (`at 12.5s/4711 kill 1`); the last
//! place is the one looked at. Any other script is one too: it is run, and what it did is written
//! down with its places.
//!
//! Architecture invariant: a value; whoever goes through it does so by what a reader can do.

use serde::{Deserialize, Serialize};

use super::{Action, Config, Engine, GO_STEPS_MAX, Position, Run};
use crate::script::{self, Command};

/// Actions one recorded run may have.
pub const RECORDED_ACTS_MAX: usize = 20_000;

/// A run, ready to be run again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// What the world is made from.
    pub config: Config,
    /// What was done, and where.
    pub acts: Vec<(Position, Action)>,
    /// The place looked at.
    pub at: Position,
    /// The hash of the run there, where it was written down: a version of this program to which
    /// the same inputs lead elsewhere finds another.
    pub hash: Option<u64>,
}

/// What stands before the hash, as a remark behind the run.
pub const HASH_REMARK: &str = "# hash ";

impl Recorded {
    /// Reads a script.
    ///
    /// # Errors
    /// The line that could not be read, or why it makes no run.
    pub fn read(text: &str) -> Result<Recorded, String> {
        let commands = script::parse(text).map_err(|misread| misread.to_string())?;
        let mut commands = commands.into_iter().map(|(_, command)| command);
        let Some(Command::Boot(config)) = commands.next() else {
            return Err("a run begins with boot".into());
        };
        let rest: Vec<Command> = commands.collect();
        let mut recorded = match rest.iter().all(|command| matches!(command, Command::At(..))) {
            true => Recorded::of_places(config, &rest),
            false => Recorded::of_script(config, &rest),
        };
        let hash = text.lines().rev().find_map(|line| line.strip_prefix(HASH_REMARK));
        recorded.hash = hash.and_then(|hash| u64::from_str_radix(hash.trim(), 16).ok());
        match recorded.acts.len() > RECORDED_ACTS_MAX {
            true => {
                Err(format!("more than {RECORDED_ACTS_MAX} actions are too many to go through"))
            }
            false => Ok(recorded),
        }
    }

    fn of_places(config: Config, commands: &[Command]) -> Recorded {
        let mut recorded = Recorded { config, ..Recorded::default() };
        for command in commands {
            let Command::At(at, command) = command else { continue };
            // Whatever was done before has been done there.
            recorded.at = Position { acts: recorded.acts.len() as u64, ..*at };
            let action = command.as_deref().and_then(Command::action);
            recorded.acts.extend(action.map(|action| (recorded.at, action)));
        }
        recorded.at.acts = recorded.acts.len() as u64;
        recorded
    }

    fn of_script(config: Config, commands: &[Command]) -> Recorded {
        let mut run = Run::default();
        run.command(&Command::Boot(config.clone()));
        commands.iter().for_each(|command| run.command(command));
        let at = run.engine().map(Engine::position).unwrap_or_default();
        Recorded { config, acts: run.into_acts(), at, hash: None }
    }

    /// Runs it again, to the place looked at.
    ///
    /// # Errors
    /// When there is no such world.
    pub fn run(&self) -> Result<Engine, String> {
        let mut engine = Engine::boot(self.config.clone())?;
        for (at, action) in &self.acts {
            engine.run(*at, &[], GO_STEPS_MAX);
            engine.act(action);
        }
        engine.run(self.at, &[], GO_STEPS_MAX);
        Ok(engine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_becomes_a_run_with_places_which_ends_the_same() {
        let text = "boot members=3 seed=4\nuntil leader\nrepeat 3 etcdctl put a b\nwait 200ms\n\
            kill leader\nwait 1s\n";
        let recorded = Recorded::read(text).unwrap();
        assert_eq!(recorded.acts.len(), 4);
        let mut run = Run::default();
        for (_, command) in script::parse(text).unwrap() {
            run.command(&command);
        }
        let again = recorded.run().unwrap();
        assert_eq!(Some(again.trace_hash()), run.engine().map(Engine::trace_hash));
        assert_eq!(again.position(), recorded.at);
        // Written down with its places, it is the same run once more.
        let lines = recorded.acts.iter().map(|(at, action)| format!("at {at} {action}\n"));
        let text =
            format!("boot {}\n{}at {}", recorded.config, lines.collect::<String>(), recorded.at);
        assert_eq!(Recorded::read(&text), Ok(recorded.clone()));
        let told = Recorded { hash: Some(0xabc), ..recorded };
        assert_eq!(Recorded::read(&format!("{text}\n# hash 0000000000000abc\n")), Ok(told));
    }

    #[test]
    fn what_is_no_run_says_so() {
        assert_eq!(Recorded::read(""), Err("a run begins with boot".into()));
        let misread = Recorded::read("boot\nat 1s kil 1").unwrap_err();
        assert_eq!(misread, "line 2, column 7: no such command: kil; did you mean kill?");
    }
}
