//! From words to a command: one small function for each verb of [`VERBS`].
//!
//! Architecture invariant: reads; runs nothing.

use std::time::Duration;

use super::nearest::nearest;
use super::verbs::VERBS;
use super::words::{Word, Wrong, one_of};
use super::{
    Action, Command, Deed, Goal, Show, Sought, StepBy, Whom, amounts, config, etcdctl, expect,
    position, stop,
};
use crate::cluster::{self, MEMBERS_MAX};
use crate::kube;
use crate::raft::{MemberId, Rule, ThreadId};

/// How long `until` waits when it does not say.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often one can `repeat`.
const TIMES_MAX: u16 = 5_000;

/// What one can step by.
pub(super) const STEPS: [(&str, StepBy); 3] =
    [("message", StepBy::Message), ("event", StepBy::Event), ("instant", StepBy::Instant)];

/// What there is to read: the words of a line, and the text behind it.
pub(super) struct Line {
    pub words: Vec<Word>,
    /// The column behind the line.
    pub end: usize,
    /// What stood between `<<EOF` and `EOF`.
    pub text: Option<String>,
}

impl Line {
    /// The next word.
    pub(super) fn next(&mut self, expected: &str) -> Result<Word, Wrong> {
        match self.words.is_empty() {
            false => Ok(self.words.remove(0)),
            true => Err(Wrong { column: self.end, what: format!("expected {expected}") }),
        }
    }

    /// Nothing must follow.
    pub(super) fn ends(&self) -> Result<(), Wrong> {
        match (self.words.first(), &self.text) {
            (Some(word), _) => Err(word.expected("the end of the line")),
            (None, Some(_)) => {
                Err(Wrong { column: self.end, what: "only kubectl and etcdctl take a text".into() })
            }
            (None, None) => Ok(()),
        }
    }

    /// The last word.
    pub(super) fn last(&mut self, expected: &str) -> Result<Word, Wrong> {
        let word = self.next(expected)?;
        self.ends().map(|()| word)
    }

    /// The next word, if it can be taken for something.
    pub(super) fn optional<T>(&mut self, read: impl Fn(&Word) -> Option<T>) -> Option<T> {
        let taken = read(self.words.first()?)?;
        self.words.remove(0);
        Some(taken)
    }

    /// The next word, which must be a member.
    pub(super) fn member(&mut self) -> Result<MemberId, Wrong> {
        member(&self.next(&format!("a member (1 to {MEMBERS_MAX})"))?)
    }

    /// The next word, which must be a whole number from 0.
    pub(super) fn number(&mut self, what: &str) -> Result<i64, Wrong> {
        let word = self.next(what)?;
        let number = word.text.parse().ok().filter(|number| *number >= 0);
        number.ok_or_else(|| word.expected(what))
    }

    /// The next word, which must be one of these.
    pub(super) fn one_of<T: Clone>(&mut self, named: &[(&'static str, T)]) -> Result<T, Wrong> {
        let names: Vec<&str> = named.iter().map(|(name, _)| *name).collect();
        let word = self.next(&one_of(&names))?;
        let found = named.iter().find(|(name, _)| *name == word.text).map(|(_, it)| it.clone());
        found.ok_or_else(|| word.none_of(&names))
    }
}

/// Reads one command.
pub(super) fn command(mut line: Line) -> Result<Command, Wrong> {
    let word = line.next("a command")?;
    if let Some(verb) = VERBS.iter().find(|verb| verb.name == word.text) {
        return (verb.read)(line);
    }
    let names = VERBS.map(|verb| verb.name);
    let near = nearest(&word.text, &names);
    let hint = near
        .map_or(format!("there are {}", names.join(", ")), |near| format!("did you mean {near}?"));
    Err(word.wrong(format!("no such command: {}; {hint}", word.text)))
}

pub(super) fn boot(mut line: Line) -> Result<Command, Wrong> {
    let config = config::read(&line.words)?;
    line.words.clear();
    line.ends().map(|()| Command::Boot(config))
}

pub(super) fn kill(line: Line) -> Result<Command, Wrong> {
    deed(Deed::Kill, &[("leader", Whom::Leader), ("all", Whom::All)], line)
}

pub(super) fn crash(line: Line) -> Result<Command, Wrong> {
    deed(Deed::Crash, &[("leader", Whom::Leader), ("all", Whom::All)], line)
}

pub(super) fn restart(line: Line) -> Result<Command, Wrong> {
    deed(Deed::Restart, &[("all", Whom::All)], line)
}

pub(super) fn pause(line: Line) -> Result<Command, Wrong> {
    deed(Deed::Pause, &[("leader", Whom::Leader), ("all", Whom::All)], line)
}

pub(super) fn resume(line: Line) -> Result<Command, Wrong> {
    deed(Deed::Resume, &[("all", Whom::All)], line)
}

fn deed(deed: Deed, named: &[(&'static str, Whom)], mut line: Line) -> Result<Command, Wrong> {
    let names: Vec<&str> = named.iter().map(|(name, _)| *name).collect();
    let any = format!("a member (1 to {MEMBERS_MAX})");
    let expected = one_of(&[&[any.as_str()], names.as_slice()].concat());
    let word = line.last(&expected)?;
    if let Some((_, whom)) = named.iter().find(|(name, _)| *name == word.text) {
        return Ok(Command::Each(deed, *whom));
    }
    if let (Deed::Pause | Deed::Resume, Some(_)) = (deed, kube::nodes::number(&word.text)) {
        let (node, paused) = (word.text, deed == Deed::Pause);
        return Ok(Command::Do(Action::Kube(kube::Action::Kubelet { node, paused })));
    }
    let member = member_id(&word.text).ok_or_else(|| word.near(&expected, &names))?;
    Ok(Command::Do(deed.to(member)))
}

/// A member, as `1` or `etcd-1`.
pub(super) fn member_id(text: &str) -> Option<MemberId> {
    let id = text.strip_prefix("etcd-").unwrap_or(text).parse().ok()?;
    (1..=u64::from(MEMBERS_MAX)).contains(&id).then_some(MemberId(id))
}

pub(super) fn member(word: &Word) -> Result<MemberId, Wrong> {
    member_id(&word.text).ok_or_else(|| word.expected(&format!("a member (1 to {MEMBERS_MAX})")))
}

pub(super) fn start(mut line: Line) -> Result<Command, Wrong> {
    let id = member(&line.last("a new member, such as 6")?)?;
    Ok(Command::Do(Action::Cluster(cluster::Action::Start(id))))
}

pub(super) fn reads(mut line: Line) -> Result<Command, Wrong> {
    let lease = line.one_of(&[("index", false), ("lease", true)])?;
    line.ends().map(|()| Command::Do(Action::Cluster(cluster::Action::LeaseReads(lease))))
}

pub(super) fn rule(mut line: Line) -> Result<Command, Wrong> {
    let rule = line.one_of(&Rule::all().collect::<Vec<_>>())?;
    let on = line.one_of(&[("on", true), ("off", false)])?;
    line.ends().map(|()| Command::Do(Action::Cluster(cluster::Action::Rule(rule, on))))
}

/// A command by its thread, or `last`: the newest that runs.
fn running(line: &mut Line) -> Result<ThreadId, Wrong> {
    if line.words.first().is_some_and(|word| word.text == "last") {
        return line.next(COMMAND).map(|_| ThreadId(0));
    }
    Ok(ThreadId(line.number(COMMAND)? as u64))
}

const COMMAND: &str = "the thread of a command, or last";

/// Ctrl-C on a command, by its thread.
pub(super) fn interrupt(mut line: Line) -> Result<Command, Wrong> {
    let thread = running(&mut line)?;
    line.ends().map(|()| Command::Do(Action::Cluster(cluster::Action::Interrupt(thread))))
}

/// A line for a command that reads while it runs.
pub(super) fn type_line(mut line: Line) -> Result<Command, Wrong> {
    let thread = running(&mut line)?;
    let typed = line.last("what is typed, such as 'watch foo'")?.text;
    Ok(Command::Do(Action::Cluster(cluster::Action::Type(thread, typed))))
}

pub(super) fn heal(line: Line) -> Result<Command, Wrong> {
    line.ends().map(|()| Command::Do(Action::Cluster(cluster::Action::Heal)))
}

pub(super) fn read_etcdctl(mut line: Line) -> Result<Command, Wrong> {
    let etcdctl = etcdctl::read(&line.words, line.text.take(), line.end)?;
    line.words.clear();
    line.ends().map(|()| Command::Do(Action::Cluster(cluster::Action::Etcdctl(etcdctl))))
}

/// Only what is asked of etcdctl and kubectl can be repeated: each is answered for itself.
pub(super) fn repeat(mut line: Line) -> Result<Command, Wrong> {
    let count = line.next("how many times")?;
    let times = count.text.parse().ok().filter(|times| (1..=TIMES_MAX).contains(times));
    let times = times.ok_or_else(|| count.expected(&format!("1 to {TIMES_MAX} times")))?;
    let what = line.words.first().cloned();
    match what.filter(|word| !matches!(word.text.as_str(), "etcdctl" | "kubectl" | "curl")) {
        Some(word) => Err(word.none_of(&["etcdctl", "kubectl", "curl"])),
        None => Ok(Command::Repeat(times, Box::new(command(line)?))),
    }
}

pub(super) fn wait(mut line: Line) -> Result<Command, Wrong> {
    let word = line.last("a time, such as 500ms or 10s")?;
    amounts::span(&word).map(Command::Wait)
}

pub(super) fn expect_so(mut line: Line) -> Result<Command, Wrong> {
    let expectation = expect::read(&mut line)?;
    line.ends().map(|()| Command::Expect(expectation))
}

/// A goal, or else anything that can be expected.
pub(super) fn until(mut line: Line) -> Result<Command, Wrong> {
    let is_goal = |word: &Word| Goal::ALL.iter().any(|(name, _)| *name == word.text);
    let is_fact = |word: &Word| expect::begins(&word.text);
    if line.words.first().is_some_and(|word| is_fact(word) && !is_goal(word)) {
        let expectation = expect::read(&mut line)?;
        let limited = line.optional(|word| (word.text == "within").then_some(())).is_some();
        let most = match limited {
            true => amounts::span(&line.next("a time, such as 10s")?)?,
            false => PATIENCE,
        };
        return line.ends().map(|()| Command::UntilSo(expectation, most));
    }
    let goal = line.one_of(&Goal::ALL)?;
    if line.words.is_empty() {
        return line.ends().map(|()| Command::Until(goal, PATIENCE));
    }
    let word = line.last("a time, such as 10s")?;
    Ok(Command::Until(goal, amounts::span(&word)?))
}

pub(super) fn step(mut line: Line) -> Result<Command, Wrong> {
    let by = line.one_of(&STEPS)?;
    line.ends().map(|()| Command::Step(by))
}

pub(super) fn read_stop(mut line: Line) -> Result<Command, Wrong> {
    let off = line.words.first().is_some_and(|word| word.text == "off");
    if off {
        line.words.remove(0);
        return line.ends().map(|()| Command::Break(None));
    }
    stop::read(&mut line).map(|stop| Command::Break(Some(stop)))
}

/// Only what an action does can be done at a place: looking and waiting go by themselves.
pub(super) fn at(mut line: Line) -> Result<Command, Wrong> {
    let position = position::read(&line.next("a place in the run, such as 12.5s/4711")?)?;
    let Some(first) = line.words.first().cloned() else {
        return line.ends().map(|()| Command::At(position, None));
    };
    let command = command(line)?;
    match command.action() {
        Some(_) => Ok(Command::At(position, Some(Box::new(command)))),
        None => Err(first.wrong(format!("{} cannot be done at a place", first.text))),
    }
}

pub(super) fn show(mut line: Line) -> Result<Command, Wrong> {
    let what = line.one_of(&[
        ("members", Show::Members),
        ("store", Show::Store(None)),
        ("writes", Show::Writes),
        ("log", Show::Log(None)),
        ("requests", Show::Requests),
        ("promises", Show::Promises),
        ("nodes", Show::Nodes),
    ])?;
    let what = match what {
        Show::Store(_) | Show::Log(_) if !line.words.is_empty() => {
            let of = Some(member(&line.next("a member")?)?);
            if what == Show::Store(None) { Show::Store(of) } else { Show::Log(of) }
        }
        what => what,
    };
    line.ends().map(|()| Command::Show(what))
}

pub(super) fn search(mut line: Line) -> Result<Command, Wrong> {
    let sought = line.one_of(&Sought::ALL)?;
    line.ends().map(|()| Command::Search(sought))
}

pub(super) fn verbose(mut line: Line) -> Result<Command, Wrong> {
    let on = line.one_of(&[("on", true), ("off", false)])?;
    line.ends().map(|()| Command::Verbose(on))
}
