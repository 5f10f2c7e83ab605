//! The reader's etcdctl against the real one, line for line: what was recorded of etcdctl 3.4.23
//! (`tests/vectors/etcdctl/record.py`) is run here, and must print the same, with the same exit
//! code.
//!
//! * What cannot agree (ids, terms, sizes) is struck out in both by the rules of `rules`.
//! * Where this etcdctl differs on purpose, the line is in [`DIFFERENCES`] with the reason.
#![allow(missing_docs)]

mod replay;
mod rules;

use replay::Step;

const RECORDED: &str = include_str!("../vectors/etcdctl/recorded-3.4.23.txt");

/// Beginnings of lines whose answers differ, and why. Each must be there, and must differ.
const DIFFERENCES: [(&str, &str); 5] = [
    ("txn --interactive", "a line that is refused is never run, so that it does not prompt either"),
    ("endpoint hashkv --rev=5", "3.4 refuses the compacted revision itself, later ones do not"),
    ("watch -i < watch a < progress", "progress cannot be asked for yet"),
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
