//! The reader's etcdctl against the real one, line for line: what was recorded of etcdctl 3.4.23
//! (`tests/vectors/etcdctl/record.py`) is run here, and must print the same, with the same exit
//! code.
//!
//! * What cannot agree (ids, terms, sizes) is struck out in both by the rules of `rules`.
//! * Where this etcdctl differs on purpose, the line is in [`DIFFERENCES`] with the reason.
#![allow(missing_docs)]

mod replay;
mod rules;

use std::time::Duration;

use raftarium::cluster::{Action, Cluster, Setup, Timing};
use raftarium::script::etcdctl::parse;
use replay::Step;

const RECORDED: &str = include_str!("../vectors/etcdctl/recorded-3.4.23.txt");

/// Beginnings of lines whose answers differ, and why. Each must be there, and must differ.
const DIFFERENCES: [(&str, &str); 4] = [
    ("txn --interactive", "a line that is refused is never run, so that it does not prompt either"),
    ("endpoint hashkv --rev=5", "3.4 refuses the compacted revision itself, later ones do not"),
    ("member add etcd-2 --learner", "3.4 looks at ids first, later ones at URLs"),
    ("member update {member} --peer-urls=http://etcd-4:2380 -w json", "3.4 forgets the learner"),
];

#[test]
fn every_line_prints_what_etcdctl_printed() {
    let (mut compared, mut wrong) = (0, Vec::new());
    let mut differences: Vec<_> = DIFFERENCES.iter().map(|(line, _)| (*line, false)).collect();
    for session in replay::sessions(RECORDED) {
        let answers = replay::run(&session);
        assert_eq!(answers.len(), session.steps.len());
        for (step, answer) in session.steps.iter().zip(answers) {
            let expected = rules::apply(&step.line, &step.answer);
            let found = rules::apply(&step.line, &answer);
            compared += usize::from(step.kind != '%');
            let input = step.input.iter().flat_map(|text| text.lines());
            let line = input.fold(step.line.clone(), |line, more| format!("{line} < {more}"));
            let named = differences.iter_mut().find(|(named, _)| line.starts_with(named));
            match named {
                Some((_, seen)) => *seen |= expected != found,
                None if expected != found => {
                    wrong.push(told(step, &session.title, &expected, &found))
                }
                None => {}
            }
        }
    }
    println!("{compared} lines of etcdctl compared");
    assert!(wrong.is_empty(), "{} lines differ:\n{}", wrong.len(), wrong.join("\n"));
    for (line, seen) in differences {
        assert!(seen, "{line} does not differ any more");
    }
}

fn told(step: &Step, session: &str, expected: &[String], found: &[String]) -> String {
    let lines = |lines: &[String]| lines.join("\n    ");
    let (kind, line) = (step.kind, &step.line);
    format!(
        "{session}: {kind} {line}\n  etcdctl\n    {}\n  here\n    {}",
        lines(expected),
        lines(found)
    )
}

/// What is typed while it runs: more to watch, how far it is, and what it does not understand.
#[test]
fn an_interactive_watch_reads_while_it_runs() {
    let timing = Timing::Classroom;
    let cluster = Cluster::boot(Setup { seed: 7, members: 3, timing, loop_waits_for_fsync: true });
    let wait = |seconds| {
        let span = Duration::from_secs(seconds);
        assert!(cluster.advance_to(cluster.world().now() + span, u64::MAX));
    };
    let run = |line: &str| {
        let line = parse(line, None).expect("a line of etcdctl");
        cluster.act(&Action::Etcdctl(line)).expect("a thread")
    };
    wait(8);
    run("put a 1");
    wait(2);
    let watch = run("watch -i");
    wait(1);
    for line in ["watch a --rev=1", "watch b", "progress", "look c"] {
        cluster.act(&Action::Type(watch, line.into()));
        wait(2);
    }
    run("put b 2");
    wait(2);
    let said = cluster.commands().of(watch).expect("it runs");
    assert_eq!(said.said(false), "PUT\na\n1\nprogress notify: 2\nprogress notify: 2\nPUT\nb\n2\n");
    assert_eq!(said.said(true), "Invalid command look c (only support watch)\n");
    cluster.act(&Action::Type(watch, "watch a --frob".into()));
    wait(1);
    let ended = cluster.commands().of(watch).expect("it is known");
    assert_eq!(ended.exit, Some(128));
    cluster.end();
}
