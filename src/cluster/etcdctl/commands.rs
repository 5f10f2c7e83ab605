//! What the reader's own command lines have printed so far, and how they ended.
//!
//! * Of each the newest [`PRINTED_KEPT_MAX`] bytes are kept. Of those that have ended the newest
//!   [`COMMANDS_SHOWN_MAX`] are known.
//! * So are the newest [`FILES_MAX`] files that etcdctl has saved.
//!
//! Architecture invariant: written to by the commands themselves; nothing is decided from it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::raft::ThreadId;
use crate::sim::Instant;
use crate::sorted::SortedMap;
use crate::store::Blob;

/// Commands that have ended and are still known; so many are shown.
pub const COMMANDS_SHOWN_MAX: usize = 6;

/// Bytes of what a command has printed that are kept: the newest.
pub const PRINTED_KEPT_MAX: usize = 8 * 1024;

/// Files that are kept: the newest.
pub const FILES_MAX: usize = 4;

/// Something a command printed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// On standard error.
    pub wrong: bool,
    /// Whole lines.
    pub text: String,
}

/// One run of etcdctl or curl.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CommandRun {
    /// Its thread.
    pub thread: ThreadId,
    /// Its line.
    pub line: String,
    /// When it began.
    pub started: Instant,
    /// When it ended.
    pub ended: Option<Instant>,
    /// What it has printed, in order.
    pub printed: Vec<Piece>,
    /// Bytes printed before that and not kept.
    pub left_out: u64,
    /// Its exit code; none while it runs.
    pub exit: Option<u8>,
    /// Whether it goes on until it is interrupted.
    pub goes_on: bool,
}

impl CommandRun {
    fn print(&mut self, wrong: bool, text: &str) {
        match self.printed.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.wrong == wrong => last.text.push_str(text),
            _ => self.printed.push(Piece { wrong, text: text.into() }),
        }
        let kept: usize = self.printed.iter().map(|it| it.text.len()).sum();
        let mut over = kept.saturating_sub(PRINTED_KEPT_MAX);
        while over > 0 {
            let first = &mut self.printed[0].text;
            let cut = first.ceil_char_boundary(over.min(first.len()));
            let cut = first[cut..].find('\n').map_or(first.len(), |at| cut + at + 1);
            first.drain(..cut);
            self.left_out += cut as u64;
            over = over.saturating_sub(cut);
            if first.is_empty() {
                self.printed.remove(0);
            }
        }
    }

    /// What it printed on one of its two outputs.
    pub fn said(&self, wrong: bool) -> String {
        self.printed.iter().filter(|it| it.wrong == wrong).map(|it| it.text.as_str()).collect()
    }
}

/// All of them, and the files they have saved.
#[derive(Default)]
pub struct Commands {
    runs: RefCell<SortedMap<ThreadId, Rc<CommandRun>>>,
    /// Those that have ended, in that order.
    ended: RefCell<VecDeque<ThreadId>>,
    /// How many must end by themselves and have not.
    waiting: Cell<usize>,
    files: RefCell<VecDeque<(String, Blob)>>,
}

impl Commands {
    /// A command begins.
    pub fn begin(&self, run: CommandRun) {
        self.waiting.set(self.waiting.get() + usize::from(!run.goes_on));
        self.runs.borrow_mut().insert(run.thread, Rc::new(run));
    }

    fn change<T>(&self, thread: ThreadId, change: impl FnOnce(&mut CommandRun) -> T) -> Option<T> {
        self.runs.borrow_mut().get_mut(&thread).map(|run| change(Rc::make_mut(run)))
    }

    /// It prints whole lines.
    pub fn print(&self, thread: ThreadId, wrong: bool, text: &str) {
        self.change(thread, |run| run.print(wrong, text));
    }

    /// It ends.
    pub fn end(&self, thread: ThreadId, now: Instant, exit: u8) {
        let end = |run: &mut CommandRun| {
            (run.ended, run.exit) = (Some(now), Some(exit));
            usize::from(!run.goes_on)
        };
        let Some(waited) = self.change(thread, end) else { return };
        self.waiting.set(self.waiting.get() - waited);
        let mut ended = self.ended.borrow_mut();
        ended.push_back(thread);
        if ended.len() > COMMANDS_SHOWN_MAX {
            let oldest = ended.pop_front();
            oldest.and_then(|thread| self.runs.borrow_mut().remove(&thread));
        }
    }

    /// Whether every one that ends by itself has.
    pub fn are_done(&self) -> bool {
        self.waiting.get() == 0
    }

    /// A file is saved on the machine where they run.
    pub fn save(&self, name: &str, bytes: Blob) {
        let mut files = self.files.borrow_mut();
        files.retain(|(other, _)| other != name);
        if files.len() == FILES_MAX {
            files.pop_front();
        }
        files.push_back((name.into(), bytes));
    }

    /// A file that was saved.
    pub fn file(&self, name: &str) -> Option<Blob> {
        let files = self.files.borrow();
        files.iter().find(|(other, _)| other == name).map(|(_, bytes)| bytes.clone())
    }

    /// One of them.
    pub fn of(&self, thread: ThreadId) -> Option<Rc<CommandRun>> {
        self.runs.borrow().get(&thread).cloned()
    }

    /// The newest ones, and all that go on by themselves, oldest first.
    pub fn shown(&self) -> Vec<Rc<CommandRun>> {
        let runs = self.runs.borrow();
        let older = runs.len().saturating_sub(COMMANDS_SHOWN_MAX);
        let shown = runs.values().enumerate().filter(|(at, run)| *at >= older || run.goes_on);
        shown.map(|(_, run)| run.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_lines_are_kept_and_running_commands_never_forgotten() {
        let commands = Commands::default();
        let begin = |thread| {
            let goes_on = thread == 1;
            let thread = ThreadId(thread);
            commands.begin(CommandRun { thread, goes_on, ..CommandRun::default() });
        };
        begin(1);
        for n in 0..5_000 {
            commands.print(ThreadId(1), n % 2 == 0, &format!("line {n}\n"));
        }
        let run = commands.of(ThreadId(1)).unwrap();
        let kept: usize = run.printed.iter().map(|it| it.text.len()).sum();
        assert!((PRINTED_KEPT_MAX - 20..=PRINTED_KEPT_MAX).contains(&kept), "{kept}");
        assert!(run.printed[0].text.starts_with("line "), "{:?}", run.printed[0]);
        assert!(run.said(false).ends_with("line 4999\n"));
        for thread in 2..20 {
            begin(thread);
            commands.end(ThreadId(thread), Instant(1), 0);
        }
        let shown: Vec<u64> = commands.shown().iter().map(|run| run.thread.0).collect();
        assert_eq!(shown, [1, 14, 15, 16, 17, 18, 19]);
    }
}
