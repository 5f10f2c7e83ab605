//! Every rule taken away breaks a promise, and with it nothing is broken: the same commands over
//! the same seeds, both ways.
//!
//! The commands are those of the scenarios `without-…`, in other seeds too. Chance decides who
//! leads and who is asked, so not every seed shows what is wrong; the scenario's own does.
#![allow(missing_docs)]

use std::path::PathBuf;

use raftarium::check::Promise::{self, *};
use raftarium::engine::Run;
use raftarium::raft::Rule;
use raftarium::script::{Command, Config, parse};

/// Seeds tried with each scenario, besides its own.
const SEEDS: u64 = 6;

/// The scenario of a rule: its commands.
fn commands(rule: Rule) -> Vec<Command> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let of_rule = |path: &PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        name.starts_with(&format!("without-{rule}-"))
    };
    let text = std::fs::read_to_string(files.find(of_rule).unwrap()).unwrap();
    let script = text.split("\n---\n").next().unwrap();
    parse(script).unwrap().into_iter().map(|(_, command)| command).collect()
}

/// The promises that are broken at the end; in another seed, if one is given.
fn broken(commands: &[Command], seed: Option<u64>) -> Vec<Promise> {
    let mut run = Run::default();
    for command in commands {
        match (command, seed) {
            (Command::Boot(config), Some(seed)) => {
                run.command(&Command::Boot(Config { seed, ..config.clone() }));
            }
            (command, _) => run.command(command),
        }
    }
    let engine = run.engine().unwrap();
    engine.promises().violations().iter().map(|violation| violation.promise).collect()
}

/// Without the rule these promises break in the scenario's own seed, and some promise in at least
/// so many of the others; with it none does in any.
fn check(rule: Rule, expected: &[Promise], at_least: usize) {
    let without = commands(rule);
    assert_eq!(broken(&without, None), expected, "without {rule}");
    let seeds = || (1..=SEEDS).map(Some);
    let caught = seeds().filter(|seed| !broken(&without, *seed).is_empty()).count();
    assert!(caught >= at_least, "without {rule}: {caught} of {SEEDS} seeds");
    let is_rule = |command: &Command| command.to_string().starts_with("rule ");
    let with: Vec<Command> = without.into_iter().filter(|command| !is_rule(command)).collect();
    for seed in seeds().chain([None]) {
        assert_eq!(broken(&with, seed), [], "with {rule}, seed {seed:?}");
    }
}

macro_rules! ablations {
    ($($name:ident $rule:ident [$($promise:ident),*] $at_least:literal;)*) => {
        $(#[test] fn $name() { check(Rule::$rule, &[$($promise),*], $at_least); })*
        const RULES: &[Rule] = &[$(Rule::$rule),*];
    };
}

ablations! {
    sync_before_ack SyncBeforeAck [Commitment, StableStorage] 6;
    vote_on_disk VoteOnDisk [ElectionSafety, OneVotePerTerm, StableStorage] 6;
    commit_quorum CommitQuorum [Commitment] 6;
    vote_quorum VoteQuorum [ElectionSafety, Consent] 6;
    log_matching LogMatching [LogMatching, CommittedNeverChanges] 6;
    up_to_date_candidate UpToDateCandidate [LeaderCompleteness] 2;
    pre_vote PreVote [Consent] 6;
    read_index ReadIndex [Linearizability] 2;
    txn_compare TxnCompare [Linearizability] 6;
    watch_order WatchOrder [WatchOrdered] 1;
    watch_resume WatchResume [WatchReliable] 4;
    snapshot_before_purge SnapshotBeforePurge [SnapshotBeforePurge] 6;
    apply_in_order ApplyInOrder [Monotonic] 6;
    answer_after_apply AnswerAfterApply [Linearizability] 6;
    send_once SendOnce [AtMostOnce] 4;
    lease_quorum LeaseQuorum [LeaseNotEarly] 1;
    lease_expiry LeaseExpiry [LeaseNotLate] 6;
    lease_revision LeaseRevision [LeaseOneRevision] 6;
}

#[test]
fn every_rule_is_tried() {
    assert_eq!(Rule::all().map(|(_, rule)| rule).collect::<Vec<_>>(), RULES);
}
