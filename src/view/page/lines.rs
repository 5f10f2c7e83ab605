//! Lines of the language, as the page does them.
//!
//! Architecture invariant: what a line means is the engine's to say; here it only happens.

use std::rc::Rc;

use super::Page;
use crate::cluster;
use crate::engine::{Action, LineView, Look, Meaning, Position};
use crate::view::terminal::Entry;

impl Page {
    /// Asks what a line means; what is entered is done when that is known.
    pub(super) fn line(&mut self, text: &str, entered: bool) {
        if self.terminal.entry.is_some() {
            if entered {
                self.given(text);
            }
            return;
        }
        if let Some(thread) = self.terminal.listens(text) {
            if entered {
                let typed = cluster::Action::Type(thread, text.trim().into());
                self.act(&Action::Cluster(typed));
            }
            return;
        }
        if let Some(entry) = Entry::of(text).filter(|_| entered) {
            return Rc::make_mut(&mut self.terminal).enter(entry);
        }
        self.player.look(Look::Line { text: text.into(), entered });
    }

    /// One more line of a transaction; the last one has it done.
    fn given(&mut self, text: &str) {
        let entry = self.terminal.entry.clone();
        let done = Rc::make_mut(&mut self.terminal).typed(text);
        if let Some(etcdctl) = done {
            self.act(&Action::Cluster(cluster::Action::Etcdctl(etcdctl)));
            let typed = entry.map_or_else(String::new, |entry| entry.input.trim_end().into());
            if let Some(said) = Rc::make_mut(&mut self.terminal).said.back_mut() {
                said.answer = typed;
            }
        }
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
