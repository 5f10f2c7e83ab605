//! Lines of the language, as the page does them.
//!
//! Architecture invariant: what a line means is the engine's to say; here it only happens.

use std::rc::Rc;

use super::Page;
use crate::engine::{LineView, Look, Meaning, Position};

impl Page {
    /// Asks what a line means; what is entered is done when that is known.
    pub(super) fn line(&mut self, text: &str, entered: bool) {
        self.player.look(Look::Line { text: text.into(), entered });
    }

    /// Does what a line means, as the engine has read it.
    pub(super) fn obey(&mut self, line: LineView) {
        self.asked = true;
        match line.meaning {
            None => Rc::make_mut(&mut self.terminal).refused(&line),
            Some(Meaning::Act(actions)) => actions.iter().for_each(|action| self.act(action)),
            Some(Meaning::Show(text)) => Rc::make_mut(&mut self.terminal).shown(&line.text, text),
            Some(Meaning::Boot(config)) => self.boot(config),
            Some(meaning) => {
                Rc::make_mut(&mut self.terminal).done(&line.text);
                self.pass(meaning);
            }
        }
    }

    /// What a line asks of time.
    fn pass(&mut self, meaning: Meaning) {
        match meaning {
            Meaning::Step(by) => self.player.step(by),
            Meaning::Wait { nanos, stops } => self.player.wait(nanos, stops),
            Meaning::Break(Some(stop)) if self.player.stops().contains(&stop) => {}
            Meaning::Break(Some(stop)) => self.player.toggle_stop(stop),
            Meaning::Break(None) => {
                for stop in self.player.stops().to_vec() {
                    self.player.toggle_stop(stop);
                }
            }
            Meaning::Go(to) => self.go(to),
            Meaning::Search(sought) => self.search(Some(sought)),
            Meaning::Act(_) | Meaning::Boot(_) | Meaning::Show(_) => {}
        }
    }

    /// To a place of the run: what is not known of it yet is let happen.
    fn go(&mut self, to: Position) {
        match to.at < self.player.newest_at() {
            true => self.player.seek(Some(to.at)),
            false => self.player.wait(to.at.0.saturating_sub(self.player.newest_at().0), vec![]),
        }
    }
}
