//! The command line: what was asked in the language, by whatever hand, and what was shown for it.
//!
//! * Everything done to the world is said here as its line, so that a button teaches its words.
//! * Lines asked before can be called back.
//!
//! Architecture invariant: what a line means is the engine's to say.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::cluster::CommandRun;
use crate::engine::LineView;
use crate::raft::ThreadId;
use crate::view::words::promises as words;

/// Lines kept.
pub const SAID_MAX: usize = 64;

/// One line, and what was said to it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    /// The line.
    pub line: String,
    /// What was shown, or what is wrong.
    pub answer: String,
    /// It could not be read, or not be done.
    pub wrong: bool,
    /// What etcdctl left behind; 0 when all is well.
    pub exit: u8,
    /// What it prints, if it is a line of etcdctl that was run.
    pub run: Option<Rc<CommandRun>>,
}

/// The command line.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Terminal {
    /// Whether it is there to type into.
    pub open: bool,
    /// What was asked, oldest first.
    pub said: VecDeque<Said>,
    /// What to begin with, and how often something was begun with.
    pub draft: (&'static str, u32),
}

impl Terminal {
    /// Opens with the beginning of a line.
    pub fn begin(&mut self, line: &'static str) {
        self.open = true;
        self.draft = (line, self.draft.1 + 1);
    }

    /// Something was done: its line.
    pub fn done(&mut self, line: &str) {
        let first = line.lines().next().unwrap_or_default().to_string();
        self.say(Said { line: first, ..Said::default() });
    }

    /// A line was answered with a text.
    pub fn shown(&mut self, line: &str, answer: String) {
        self.say(Said { line: line.into(), answer, ..Said::default() });
    }

    /// A line is wrong.
    pub fn refused(&mut self, view: &LineView) {
        let answer = match view.column {
            0 => view.wrong.clone(),
            column => words::at_column(column, &view.wrong),
        };
        let (line, exit) = (view.text.clone(), view.exit);
        self.say(Said { line, answer, wrong: true, exit, run: None });
    }

    /// What the lines run so far have printed that is not shown yet, each with its line's place.
    pub fn news(&self, runs: &[Rc<CommandRun>]) -> Vec<(usize, Rc<CommandRun>)> {
        let mut news: Vec<(usize, Rc<CommandRun>)> = Vec::new();
        for run in runs {
            let line = run.line.lines().next().unwrap_or_default();
            let place = |is: &dyn Fn(usize, Option<&Rc<CommandRun>>) -> bool| {
                let mut said = self.said.iter().enumerate();
                let same = |it: &Said| it.line == line && !it.wrong;
                said.find(|(at, it)| same(it) && is(*at, it.run.as_ref())).map(|(at, _)| at)
            };
            let own = place(&|_, it| it.is_some_and(|it| it.thread == run.thread));
            let free =
                || place(&|at, it| it.is_none() && news.iter().all(|(other, _)| *other != at));
            let Some(at) = own.or_else(free) else { continue };
            if self.said[at].run.as_ref() != Some(run) {
                news.push((at, run.clone()));
            }
        }
        news
    }

    /// Shows it.
    pub fn follow(&mut self, news: Vec<(usize, Rc<CommandRun>)>) {
        news.into_iter().for_each(|(at, run)| self.said[at].run = Some(run));
    }

    /// The newest line that runs: what Ctrl-C ends.
    pub fn running(&self) -> Option<ThreadId> {
        let runs = self.said.iter().rev().filter_map(|said| said.run.as_ref());
        runs.filter(|run| run.exit.is_none()).map(|run| run.thread).next()
    }

    /// The line before the one at `place`, counted back from the newest; the same one twice in a
    /// row counts once.
    pub fn earlier(&self, place: usize) -> Option<&str> {
        let mut lines: Vec<&str> = self.said.iter().map(|said| said.line.as_str()).collect();
        lines.dedup();
        lines.into_iter().rev().nth(place)
    }

    fn say(&mut self, said: Said) {
        if self.said.len() == SAID_MAX {
            self.said.pop_front();
        }
        self.said.push_back(said);
    }
}

/// What a line becomes when it is completed; none when there is nothing to complete.
pub fn completed(view: &LineView) -> Option<String> {
    if !view.completed.is_empty() {
        return Some(view.completed.clone());
    }
    let whole = view.text.trim_start().contains(' ');
    let verb = &view.hints.first()?.verb;
    (!whole && *verb != view.text).then(|| format!("{verb} "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Hint;

    #[test]
    fn lines_are_called_back_and_bounded() {
        let mut terminal = Terminal::default();
        for line in ["kill 1", "kill 1", "heal", "kubectl create -f - <<EOF\nkind: Pod\nEOF"] {
            terminal.done(line);
        }
        let back: Vec<_> = (0..4).map(|place| terminal.earlier(place)).collect();
        let expected = [Some("kubectl create -f - <<EOF"), Some("heal"), Some("kill 1"), None];
        assert_eq!(back, expected);
        (0..100).for_each(|_| terminal.done("heal"));
        assert_eq!(terminal.said.len(), SAID_MAX);
    }

    #[test]
    fn what_a_line_prints_stands_behind_it() {
        let mut terminal = Terminal::default();
        let run = |thread, exit| {
            let (thread, line) = (ThreadId(thread), "etcdctl watch a".to_string());
            Rc::new(CommandRun { thread, line, exit, ..CommandRun::default() })
        };
        terminal.done("etcdctl watch a");
        terminal.done("etcdctl watch a");
        let runs = [run(4, None), run(7, None)];
        terminal.follow(terminal.news(&runs));
        assert_eq!(terminal.news(&runs), []);
        assert_eq!(terminal.said[0].run.as_ref(), Some(&runs[0]));
        assert_eq!(terminal.running(), Some(ThreadId(7)));
        terminal.follow(terminal.news(&[run(7, Some(130))]));
        assert_eq!(terminal.running(), Some(ThreadId(4)));
    }

    #[test]
    fn a_wrong_line_says_its_column() {
        let mut terminal = Terminal::default();
        let view = LineView {
            text: "kil 1".into(),
            column: 1,
            wrong: "what?".into(),
            ..LineView::default()
        };
        terminal.refused(&view);
        assert_eq!(terminal.said[0].answer, "column 1: what?");
    }

    #[test]
    fn only_a_half_typed_verb_is_completed() {
        let hint = Hint { verb: "partition".into(), usage: "partition 1,2 | 3".into() };
        let view = |text: &str| LineView {
            text: text.into(),
            hints: vec![hint.clone()],
            ..LineView::default()
        };
        assert_eq!(completed(&view("par")).as_deref(), Some("partition "));
        assert_eq!(completed(&view("partition")), None);
        assert_eq!(completed(&view("partition 1")), None);
    }
}
