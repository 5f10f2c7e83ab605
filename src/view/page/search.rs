//! What the page does with a search, and with the run it finds.
//!
//! Architecture invariant: asks the quest and the player; the browser's part is an engine more.

use std::rc::Rc;

use super::Page;
use crate::engine::{Request, Sought, Update};
use crate::view::Dialog;

impl Page {
    /// The next thing to ask the engine that searches, and for which search.
    pub fn next_search(&mut self) -> Option<(u32, Request)> {
        Rc::make_mut(&mut self.quest).next_request()
    }

    /// Whether that engine is no longer needed, once.
    pub fn search_is_over(&mut self) -> bool {
        Rc::make_mut(&mut self.quest).is_over()
    }

    /// Takes its answer. What is found is opened if the reader waits for it.
    pub fn take_search(&mut self, number: u32, answer: Result<Update, String>) {
        (self.dirty, self.asked) = (true, true);
        let found = Rc::make_mut(&mut self.quest).take(number, answer);
        if found && self.dialog == Some(Dialog::Search) {
            self.open_found();
        }
    }

    pub(super) fn search(&mut self, sought: Option<Sought>) {
        let quest = Rc::make_mut(&mut self.quest);
        match sought {
            Some(sought) => quest.begin(self.player.config(), sought),
            None => quest.end(),
        }
    }

    pub(super) fn open_found(&mut self) {
        let Some((_, found)) = &self.quest.found else { return };
        let recorded = found.recorded();
        self.boot(recorded.config.clone());
        self.player.open(recorded);
    }
}
