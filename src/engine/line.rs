//! A line of the language, read for a page: what it would do, or where it is wrong and what may
//! have been meant.
//!
//! * Reading does nothing. Whoever asked does what the line says through the same doors as every
//!   button: the run's inputs stay one list of actions.
//! * `kill leader` names the leader of this instant.
//!
//! Caveats: `verbose` is about transcripts; something is done at a place by going there first.
//!
//! Architecture invariant: reads only.

use super::run::leader;
use super::{Engine, expect, show};
use crate::cluster::etcdctl;
use crate::kube::kubectl_complete;
use crate::script::{self, Command, Goal, Stop, VERBS, Verb, Whom};
use crate::store::{KeyValue, RangeRequest, prefix_end};

use super::{Hint, LineView, Meaning};

/// Hints given at most.
const HINTS_MAX: usize = 6;

/// Reads a line, as far as it is typed.
pub(super) fn read(engine: &mut Engine, text: &str) -> LineView {
    let mut view = LineView { text: text.into(), hints: hints(text), ..LineView::default() };
    if let Some(typed) = text.trim_start().strip_prefix("etcdctl ") {
        (view.completed, view.hints) = of_etcdctl(engine, text, typed);
        view.exit = script::etcdctl::parse(typed, None).err().map_or(0, |refused| refused.code);
    } else if let Some(typed) = text.trim_start().strip_prefix("kubectl ") {
        let words: Vec<&str> = typed.split(' ').collect();
        let ways = kubectl_complete::ways(&words, &names(engine));
        if !ways.is_empty() {
            (view.completed, view.hints) = completed(text, &words, &ways, "kubectl");
        } else if let Some(usage) = kubectl_complete::usage(&words) {
            view.hints = vec![Hint { verb: "kubectl".into(), usage }];
        }
    }
    match text.parse::<Command>() {
        Ok(command) => match meaning(engine, &command) {
            Ok(meaning) => view.meaning = Some(meaning),
            Err(wrong) => view.wrong = wrong,
        },
        Err(misread) => {
            (view.column, view.wrong) = (misread.wrong.column as u32, misread.wrong.what);
        }
    }
    view
}

/// A line of etcdctl completed as far as there is one way, and the ways there are; if there is
/// none, how its verb is written.
fn of_etcdctl(engine: &Engine, text: &str, typed: &str) -> (String, Vec<Hint>) {
    let words: Vec<&str> = typed.split(' ').collect();
    let ways = etcdctl::complete(&words, &engine.cluster().member_ids());
    let hint = |usage: String| Hint { verb: "etcdctl".into(), usage };
    if ways.is_empty() {
        let plain: Vec<&str> = words.into_iter().filter(|it| !it.starts_with('-')).collect();
        let named = |it: &&etcdctl::Manual| {
            let count = it.name.split(' ').count();
            plain.get(..count).is_some_and(|words| words.join(" ") == it.name)
        };
        let manual = etcdctl::MANUALS.iter().find(named);
        let usage = manual.map(|it| hint(format!("etcdctl {}{}", it.name, it.usage)));
        return (String::new(), usage.into_iter().collect());
    }
    completed(text, &words, &ways, "etcdctl")
}

/// The line as far as all ways to go on are the same, and the ways.
fn completed(text: &str, words: &[&str], ways: &[String], verb: &str) -> (String, Vec<Hint>) {
    let (first, last) = (ways[0].as_str(), words.last().map_or("", |word| word));
    let same = |way: &String| {
        way.char_indices().zip(first.chars()).take_while(|((_, a), b)| a == b).count()
    };
    let common: String = first.chars().take(ways.iter().map(same).min().unwrap_or(0)).collect();
    let completed = match common.len() > last.len() {
        true => text[..text.len() - last.len()].to_string() + &common,
        false => String::new(),
    };
    let hint = |way: &String| Hint { verb: verb.into(), usage: way.trim_end().into() };
    (completed, ways.iter().take(HINTS_MAX).map(hint).collect())
}

/// The objects there are, by kind and name, as any running member has them.
fn names(engine: &Engine) -> Vec<(&'static str, String)> {
    let cluster = engine.cluster();
    let root = engine.plane().registry().root();
    let read = |id| {
        cluster.with_store(id, |store| {
            let range_end = prefix_end(root.as_bytes()).as_slice().into();
            let key = root.as_bytes().into();
            let request = RangeRequest { key, range_end, keys_only: true, ..Default::default() };
            store.range(&request).map(|found| found.kvs).unwrap_or_default()
        })
    };
    let found = cluster.member_ids().into_iter().find_map(read).unwrap_or_default();
    let named = |kv: &KeyValue| kubectl_complete::named(kv.key.text().strip_prefix(root)?);
    found.iter().filter_map(named).collect()
}

fn meaning(engine: &mut Engine, command: &Command) -> Result<Meaning, String> {
    Ok(match command {
        Command::Boot(config) => Meaning::Boot(config.clone()),
        Command::Each(deed, whom) => {
            let members = match whom {
                Whom::Leader => vec![leader(engine).ok_or("nobody leads")?],
                Whom::All => engine.cluster().member_ids(),
            };
            Meaning::Act(members.into_iter().map(|member| deed.to(member)).collect())
        }
        Command::Wait(span) => Meaning::Wait { nanos: span.as_nanos() as u64, stops: vec![] },
        Command::Until(goal, most) => until(engine, *goal, most.as_nanos() as u64)?,
        Command::UntilSo(line, most) => match expect::check(engine, engine.watch.asked, line) {
            Ok(()) => Meaning::Show("this is so already".into()),
            Err(_) => {
                let stops = vec![Stop::So(line.clone())];
                Meaning::Wait { nanos: most.as_nanos() as u64, stops }
            }
        },
        Command::Break(stop) => Meaning::Break(stop.clone()),
        Command::At(position, None) => Meaning::Go(*position),
        Command::Search(sought) => Meaning::Search(*sought),
        Command::Repeat(times, command) => {
            let action = command.action().ok_or("that cannot be repeated")?;
            Meaning::Act(vec![action; usize::from(*times)])
        }
        Command::Step(by) => Meaning::Step(*by),
        Command::Expect(fact) => match expect::check(engine, engine.watch.asked, fact) {
            Ok(()) => Meaning::Show("this is so".into()),
            Err(found) => return Err(format!("not so: {found}")),
        },
        Command::Show(what) => Meaning::Show(show::of(engine, *what)?),
        command => match command.action() {
            Some(action) => Meaning::Act(vec![action]),
            None => return Err("this one is for scripts".into()),
        },
    })
}

/// Time passes until it happens; of what is so already, that is said.
fn until(engine: &Engine, goal: Goal, nanos: u64) -> Result<Meaning, String> {
    let stop = match goal {
        Goal::Leader if leader(engine).is_some() => {
            return Ok(Meaning::Show("this is so already".into()));
        }
        Goal::Leader => Stop::Leader,
        Goal::Committed => Stop::Commit(None),
        Goal::Violation => Stop::Violation,
        Goal::Proposed | Goal::Applied | Goal::Printed => {
            return Err(format!("until {goal} is for scripts; break, or until committed"));
        }
    };
    Ok(Meaning::Wait { nanos, stops: vec![stop] })
}

/// The verbs that may be meant, with how they are written; of a whole verb, its own.
fn hints(text: &str) -> Vec<Hint> {
    let typed = text.trim_start();
    let first = typed.split(' ').next().unwrap_or_default();
    let whole = typed.len() > first.len();
    let fits = |verb: &&Verb| if whole { verb.name == first } else { verb.name.starts_with(first) };
    let hint = |verb: &Verb| Hint { verb: verb.name.into(), usage: verb.usage.into() };
    VERBS.iter().filter(fits).take(HINTS_MAX).map(hint).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster;
    use crate::engine::{Action, Config};
    use crate::raft::MemberId;

    fn read_line(text: &str) -> LineView {
        let mut engine = Engine::boot(Config::default()).expect("boots");
        let hash = engine.trace_hash();
        let view = read(&mut engine, text);
        assert_eq!(engine.trace_hash(), hash, "reading does nothing");
        view
    }

    #[test]
    fn a_line_means_what_a_button_does() {
        let kill = Action::Cluster(cluster::Action::Kill(MemberId(2)));
        assert_eq!(read_line("kill 2").meaning, Some(Meaning::Act(vec![kill])));
        assert_eq!(
            read_line("wait 2s").meaning,
            Some(Meaning::Wait { nanos: 2_000_000_000, stops: vec![] })
        );
        let Some(Meaning::Show(text)) = read_line("show members").meaning else { panic!("shows") };
        assert!(text.starts_with("etcd-1 "), "{text}");
    }

    #[test]
    fn a_wrong_line_says_where_and_what_may_be_meant() {
        let view = read_line("kil 2");
        assert_eq!((view.column, view.meaning), (1, None));
        assert_eq!(view.wrong, "no such command: kil; did you mean kill?");
        assert_eq!(read_line("kill leader").wrong, "nobody leads");
    }

    #[test]
    fn a_line_of_etcdctl_is_completed_word_by_word() {
        assert_eq!(read_line("etcdctl get foo --pref").completed, "etcdctl get foo --prefix ");
        assert_eq!(read_line("etcdctl get foo --pr").completed, "");
        assert_eq!(read_line("etcdctl lease gr").completed, "etcdctl lease grant ");
        assert_eq!(
            read_line("etcdctl get foo").hints[0].usage,
            "etcdctl get [options] <key> [range_end]"
        );
        let view = read_line("etcdctl get");
        assert_eq!((view.exit, view.meaning), (128, None));
    }

    #[test]
    fn a_line_of_kubectl_is_completed_word_by_word() {
        assert_eq!(read_line("kubectl des").completed, "kubectl describe ");
        assert_eq!(read_line("kubectl rollout un").completed, "kubectl rollout undo ");
        assert_eq!(read_line("kubectl get dep").completed, "kubectl get deployments ");
        assert_eq!(
            read_line("kubectl get pods --show").completed,
            "kubectl get pods --show-labels "
        );
        assert_eq!(
            read_line("kubectl scale deployment web").hints[0].usage,
            "kubectl scale deployment NAME --replicas=N"
        );
    }

    #[test]
    fn what_is_half_typed_is_completed() {
        let verbs = |text| {
            let view = read_line(text);
            view.hints.into_iter().map(|hint| hint.verb).collect::<Vec<_>>().join(" ")
        };
        assert!(verbs("re").split(' ').all(|verb| verb.starts_with("re")), "{}", verbs("re"));
        assert!(verbs("re").contains("restart"));
        assert_eq!(verbs("partition 1,2 |"), "partition");
        assert_eq!(verbs("nothing "), "");
    }
}
