//! The world's promises, each in its own file.
//!
//! Architecture invariant: tests only.

mod determinism;
mod hold;
mod kill;
mod order;

use std::cell::RefCell;
use std::fmt::{Display, Write};
use std::rc::Rc;
use std::time::Duration;

use super::{Group, Instant, World};

/// One millisecond.
const MS: Duration = Duration::from_millis(1);

/// A world and what was noted in it.
struct Fixture {
    world: World,
    notes: Notes,
}

/// A line that tasks and events write to.
#[derive(Clone, Default)]
struct Notes(Rc<RefCell<String>>);

impl Notes {
    fn add(&self, what: impl Display) {
        write!(self.0.borrow_mut(), "{what} ").unwrap();
    }

    fn take(&self) -> String {
        self.0.take().trim_end().to_string()
    }
}

impl Fixture {
    fn new() -> Fixture {
        Fixture { world: World::new(1), notes: Notes::default() }
    }

    /// A task that notes its name once per millisecond, from now on.
    fn ticking(&self, group: Group, name: &'static str) {
        let notes = self.notes.clone();
        self.world.spawn_in(group, async move {
            loop {
                notes.add(name);
                super::sleep(MS).await;
            }
        });
    }

    /// Runs to the end of a millisecond and returns what was noted.
    fn until(&self, millis: u64) -> String {
        assert!(self.world.advance_to(Instant::from_millis(millis), 100_000).reached);
        self.notes.take()
    }
}
