//! The reader's kubectl against the real one, line for line: what was recorded of kubectl 1.32
//! (`tests/vectors/kubectl/record.py`) is run here on the same objects, and must print the same,
//! and fail where it failed.
//!
//! * The objects are put into etcd as an apiserver stores them; nobody acts on them.
//! * What cannot agree is struck out in both: resource versions, ages by the real clock.
//! * Both streams are compared, each for itself: here they are one.
//! * Where this kubectl differs on purpose, the line is in [`DIFFERENCES`] with the reason.
#![allow(missing_docs)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use raftarium::engine::Run;
use raftarium::kube::encode::encode;
use raftarium::kube::keys::Registry;
use raftarium::kube::kinds::Kind;
use raftarium::kube::rfc3339;
use raftarium::script::{self, Command};
use serde_json::Value;

const RECORDED: &str = include_str!("../vectors/kubectl/recorded-1.32.txt");
const OBJECTS: &str = include_str!("../vectors/kubectl/objects.jsonl");

/// Lines whose answers differ, and why. Each must be there, and must differ.
const DIFFERENCES: [(&str, &str); 4] = [
    ("describe sa default", "described by its names only"),
    ("describe lease node-a -n kube-node-lease", "described by its names only"),
    ("describe pc high", "described by its names only"),
    ("describe quota quota", "described by its names only"),
];

/// What was printed: stdout, stderr, and whether it failed.
#[derive(Debug, Default, PartialEq)]
struct Answer {
    out: Vec<String>,
    wrong: Vec<String>,
    failed: bool,
}

struct Step {
    line: String,
    answer: Answer,
}

fn sessions() -> Vec<(String, Vec<Step>)> {
    let mut sessions: Vec<(String, Vec<Step>)> = Vec::new();
    for line in RECORDED.lines() {
        if let Some(title) = line.strip_prefix("== ") {
            sessions.push((title.into(), Vec::new()));
            continue;
        }
        let steps = &mut sessions.last_mut().expect("a session").1;
        let rest = line.get(2..).unwrap_or_default().to_string();
        match line.as_bytes()[0] {
            b'$' => steps.push(Step { line: rest, answer: Answer::default() }),
            b'>' => {}
            mark => {
                let answer = &mut steps.last_mut().expect("a step").answer;
                match mark {
                    b'|' => answer.out.push(rest),
                    b'!' => answer.wrong.push(rest),
                    _ => answer.failed = true,
                }
            }
        }
    }
    sessions
}

/// An hour after the beginning.
fn begun() -> Run {
    let mut run = Run::default();
    command(&mut run, "boot members=1 seed=1 timing=etcd");
    command(&mut run, "until leader");
    command(&mut run, "wait 3600s");
    run
}

/// Every object is there, and nothing else.
fn fill(run: &mut Run) {
    let post = |run: &mut Run, verb: &str, fields: &[(&str, &[u8])]| {
        let fields = fields.iter().map(|(name, value)| (*name, STANDARD.encode(value)));
        let fields: Vec<_> =
            fields.map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
        let url = format!("http://etcd-1:2379/v3/kv/{verb}");
        command(run, &format!("curl -d '{{{}}}' {url}", fields.join(",")));
        command(run, "until printed");
    };
    post(run, "deleterange", &[("key", b"/registry/"), ("range_end", b"/registry0")]);
    let now = run.engine().unwrap().cluster().world().now().0 / 1_000_000_000;
    for line in OBJECTS.lines() {
        let mut object: Value = serde_json::from_str(line).unwrap();
        times(&mut object, 1_767_225_600 + now as i64);
        let kind = Kind::of_object(&object).unwrap();
        let meta = |name: &str| object["metadata"][name].as_str().unwrap_or_default();
        let key = Registry::default().key(&kind, meta("namespace"), meta("name")).unwrap();
        let value = encode(&kind, &object).unwrap();
        post(run, "put", &[("key", key.as_bytes()), ("value", &value)]);
    }
}

fn command(run: &mut Run, line: &str) {
    let command: Command = line.parse().unwrap_or_else(|wrong| panic!("{line}: {wrong}"));
    run.command(&command);
}

/// `@-90` is ninety seconds ago.
fn times(value: &mut Value, now: i64) {
    match value {
        Value::Object(map) => map.values_mut().for_each(|value| times(value, now)),
        Value::Array(list) => list.iter_mut().for_each(|value| times(value, now)),
        Value::String(text) => {
            if let Some(ago) = text.strip_prefix("@-") {
                *text = rfc3339::format(now - ago.parse::<i64>().unwrap());
            }
        }
        _ => {}
    }
}

fn asked(run: &mut Run, line: &str) -> Answer {
    let line = format!("kubectl {line}");
    let mut answer = Answer::default();
    let lines = |text: &str| text.lines().map(|it| it.trim_end().to_string()).collect::<Vec<_>>();
    let command: Command = match line.parse() {
        Ok(command) => command,
        Err(misread) => {
            let misread: script::Misread = misread;
            (answer.wrong, answer.failed) = (lines(&misread.wrong.what), true);
            return answer;
        }
    };
    run.command(&command);
    run.command(&"until printed 60s".parse().unwrap());
    let commands = run.engine().unwrap().cluster().commands().shown();
    let ran = commands.iter().rfind(|it| it.line.starts_with("kubectl")).expect("it ran");
    answer.failed = ran.exit != Some(0);
    for piece in &ran.printed {
        match piece.wrong {
            true => answer.wrong.extend(lines(&piece.text)),
            false => answer.out.extend(lines(&piece.text)),
        }
    }
    if line.starts_with("kubectl drain") {
        // Evictions go out side by side.
        let stage = |line: &String| ["node/", "evicting", "pod/"].map(|it| !line.starts_with(it));
        answer.out.sort_by_key(|line| (line.ends_with("drained"), stage(line), line.clone()));
    }
    answer
}

/// What cannot agree, struck out.
fn struck(lines: &[String], expected: &[String]) -> Vec<String> {
    let mut kept = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let mut line = line.clone();
        let name = line.trim_start_matches(['"', ' ']);
        if ["resourceVersion", "deletionTimestamp"].iter().any(|it| name.starts_with(it)) {
            line = name.chars().take_while(|c| c.is_alphabetic()).collect();
        }
        let other = expected.get(at).and_then(|it| it.strip_suffix("{days}"));
        if let Some(other) = other.filter(|other| line.starts_with(*other)) {
            line = format!("{other}{{days}}");
        }
        kept.push(line);
    }
    while kept.last().is_some_and(String::is_empty) {
        kept.pop();
    }
    kept
}

#[test]
fn every_line_prints_what_kubectl_printed() {
    let (mut compared, mut wrong) = (0, Vec::new());
    let mut differences: Vec<_> = DIFFERENCES.iter().map(|(line, _)| (*line, false)).collect();
    let mut run = begun();
    for (title, steps) in sessions() {
        fill(&mut run);
        for step in steps {
            compared += 1;
            let found = asked(&mut run, &step.line);
            let same = |found: &[String], expected: &[String]| {
                struck(found, expected) == struck(expected, expected)
            };
            let agrees = same(&found.out, &step.answer.out)
                && same(&found.wrong, &step.answer.wrong)
                && found.failed == step.answer.failed;
            match differences.iter_mut().find(|(named, _)| step.line == *named) {
                Some((_, seen)) => *seen |= !agrees,
                None if !agrees => wrong.push(told(&title, &step, &found)),
                None => {}
            }
        }
    }
    println!("{compared} lines of kubectl compared");
    assert!(wrong.is_empty(), "{} lines differ:\n{}", wrong.len(), wrong.join("\n"));
    for (line, seen) in differences {
        assert!(seen, "{line} does not differ any more");
    }
}

/// The lines that differ.
fn told(title: &str, step: &Step, found: &Answer) -> String {
    let mut text = format!("{title}: $ {}\n", step.line);
    let failed = |answer: &Answer| if answer.failed { "fails" } else { "goes well" };
    if step.answer.failed != found.failed {
        text += &format!("  kubectl {}, here it {}\n", failed(&step.answer), failed(found));
    }
    let streams = [('|', &step.answer.out, &found.out), ('!', &step.answer.wrong, &found.wrong)];
    for (mark, expected, found) in streams {
        for at in 0..expected.len().max(found.len()) {
            let line = |lines: &[String]| lines.get(at).cloned().unwrap_or_default();
            let (expected, found) = (line(expected), line(found));
            if expected != found {
                text += &format!("  kubectl {mark} {expected}\n  here    {mark} {found}\n");
            }
        }
    }
    text
}
