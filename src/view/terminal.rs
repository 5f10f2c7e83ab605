//! The command line: what was asked in the language, by whatever hand, and what was shown for it.
//!
//! * Everything done to the world is said here as its line, so that a button teaches its words.
//! * Lines asked before can be called back.
//! * A transaction without its input is given line by line, as etcdctl reads it; when it is whole
//!   it is done as one action. While a `watch -i` runs, `watch …` and `progress` are for it.
//!
//! Architecture invariant: what a line means is the engine's to say.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::cluster::etcdctl::exit::CTRL_C;
use crate::cluster::etcdctl::{PROMPTS, Verb, awaits};
use crate::cluster::{CommandRun, Etcdctl};
use crate::engine::LineView;
use crate::raft::ThreadId;
use crate::script::etcdctl::parse;
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
    /// A transaction that is given line by line.
    pub entry: Option<Entry>,
}

/// A line of `etcdctl txn` and what it has been given so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    /// The line.
    pub line: String,
    /// What was typed after it, each line with its end.
    pub input: String,
    /// Which part is being given.
    pub part: usize,
    /// Whether it prompts.
    pub interactive: bool,
}

impl Entry {
    /// One, if this line is one that reads its input.
    pub fn of(line: &str) -> Option<Entry> {
        let line = line.trim();
        let it = line.starts_with("etcdctl").then(|| parse(line, Some("\n\n\n".into())))?.ok()?;
        (it.verb == Verb::Txn).then(|| Entry {
            line: line.into(),
            interactive: it.has("interactive"),
            ..Entry::default()
        })
    }

    /// What it asks for now.
    pub fn prompt(&self) -> &'static str {
        PROMPTS[self.part.min(PROMPTS.len() - 1)]
    }

    /// What has been asked and typed so far.
    fn shown(&self) -> String {
        let mut part = 0;
        let mut shown = self.asks(part);
        for line in self.input.lines() {
            shown += &format!("{line}\n");
            if line.trim().is_empty() {
                part += 1;
                shown += &self.asks(part);
            }
        }
        shown
    }

    fn asks(&self, part: usize) -> String {
        let prompt = PROMPTS.get(part).filter(|_| self.interactive);
        prompt.map_or_else(String::new, |prompt| format!("{prompt}\n"))
    }
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

    /// A transaction begins to be given.
    pub fn enter(&mut self, entry: Entry) {
        self.say(Said { line: entry.line.clone(), answer: entry.shown(), ..Said::default() });
        self.entry = Some(entry);
    }

    /// One more line of it. When that is the last one: the whole action.
    pub fn typed(&mut self, line: &str) -> Option<Etcdctl> {
        let mut entry = self.entry.take()?;
        let at = self.place_of(&entry)?;
        entry.input += &format!("{}\n", line.trim_end());
        match awaits(&entry.input) {
            Ok(Some(part)) => {
                entry.part = part;
                self.said[at].answer = entry.shown();
                self.entry = Some(entry);
                None
            }
            Ok(None) => {
                self.said.remove(at);
                parse(&entry.line, Some(entry.input)).ok()
            }
            // etcdctl reads no further, and sends nothing.
            Err(refused) => {
                let said = &mut self.said[at];
                said.answer = entry.shown() + &refused.text;
                (said.wrong, said.exit) = (true, refused.code);
                None
            }
        }
    }

    /// Ctrl-C while it is given: nothing is sent.
    pub fn abandon(&mut self) {
        let entry = self.entry.take();
        if let Some(at) = entry.and_then(|entry| self.place_of(&entry)) {
            self.said[at].answer += "^C";
            self.said[at].exit = CTRL_C;
        }
    }

    /// Where a transaction that is being given stands.
    fn place_of(&self, entry: &Entry) -> Option<usize> {
        self.said.iter().rposition(|said| said.line == entry.line && said.run.is_none())
    }

    /// The interactive watch that runs, if what is typed is meant for it.
    pub fn listens(&self, line: &str) -> Option<ThreadId> {
        let first = line.split_whitespace().next()?;
        let runs = self.said.iter().rev().filter_map(|said| said.run.as_ref());
        let mut runs = runs.filter(|run| run.exit.is_none() && is_interactive_watch(&run.line));
        matches!(first, "watch" | "progress").then(|| runs.next())?.map(|run| run.thread)
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

fn is_interactive_watch(line: &str) -> bool {
    let line = line.lines().next().unwrap_or_default();
    let line = line.strip_suffix(" <<EOF").unwrap_or(line);
    parse(line, None).is_ok_and(|it| it.verb == Verb::Watch && it.has("interactive"))
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
    fn a_transaction_is_given_line_by_line_and_done_at_once() {
        let mut terminal = Terminal::default();
        assert_eq!(Entry::of("etcdctl get a"), None);
        assert_eq!(Entry::of("kill 1"), None);
        terminal.enter(Entry::of("etcdctl txn -i").expect("one"));
        let given = ["version(\"a\") = \"0\"", "", "put a 1", "", "get a"];
        given.iter().for_each(|line| assert_eq!(terminal.typed(line), None));
        let shown = "compares:\nversion(\"a\") = \"0\"\n\nsuccess requests (get, put, del):\n\
                     put a 1\n\nfailure requests (get, put, del):\nget a\n";
        assert_eq!(terminal.said.back().map(|said| said.answer.as_str()), Some(shown));
        let done = terminal.typed("").expect("whole").to_string();
        let line =
            "etcdctl txn --interactive <<EOF\nversion(\"a\") = \"0\"\n\nput a 1\n\nget a\n\nEOF";
        assert_eq!(done, line);
        assert_eq!((terminal.entry, terminal.said.len()), (None, 0));
    }

    #[test]
    fn a_wrong_line_of_a_transaction_ends_it_and_so_does_ctrl_c() {
        let mut terminal = Terminal::default();
        terminal.enter(Entry::of("etcdctl txn").expect("one"));
        assert_eq!(terminal.typed("nonsense"), None);
        let said = terminal.said.back().expect("said").clone();
        assert_eq!((said.wrong, said.exit, &terminal.entry), (true, 3, &None));
        assert!(said.answer.contains("malformed comparison"), "{}", said.answer);
        terminal.enter(Entry::of("etcdctl txn").expect("one"));
        terminal.abandon();
        assert_eq!(terminal.said.back().map(|said| said.exit), Some(CTRL_C));
        assert_eq!(terminal.entry, None);
    }

    #[test]
    fn what_a_watch_reads_is_typed_to_it() {
        let mut terminal = Terminal::default();
        terminal.done("etcdctl watch --interactive");
        assert_eq!(terminal.listens("watch a"), None);
        let line = "etcdctl watch --interactive".into();
        let run = CommandRun { thread: ThreadId(9), line, goes_on: true, ..CommandRun::default() };
        terminal.follow(terminal.news(&[Rc::new(run)]));
        assert_eq!(terminal.listens("watch a"), Some(ThreadId(9)));
        assert_eq!(terminal.listens("progress"), Some(ThreadId(9)));
        assert_eq!(terminal.listens("kill 1"), None);
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
