//! The world in a few lines of text: one compact notation for transcripts.
//!
//! * `t2` is term 2; `log 0..6` the entries a member holds; `commit 6` and `applied 6` the last
//!   ones it knows to be committed and has in its store; `rev 4` its store's revision.
//! * A leader that has not heard of a quorum for the length of its lease is `without-quorum`: it
//!   serves nothing.
//! * Of a crashed member its disk is shown: what it will start from.
//!
//! Architecture invariant: reads only.

use std::fmt::Write;

use super::run::{leader, running};
use super::{Engine, Look, Seen};
use crate::check::PromiseState;
use crate::cluster::etcdctl::ETCDCTL;
use crate::cluster::{self, ClientRequest, Entry, Faults, Member, Outcome, Role, Status};
use crate::kube::{StepState, WritePath, grid::NodeState};
use crate::raft::{LogIndex, LogStore, MemberId, Term};
use crate::script::Show;
use crate::sim::ClockFault;
use crate::store::Revision;

/// Bytes of a stored value shown in a line.
const BYTES_SHOWN: usize = 48;

/// What a script or a reader asks to be shown.
///
/// # Errors
/// When there is no member to show it of.
pub(super) fn of(engine: &mut Engine, what: Show) -> Result<String, String> {
    Ok(match what {
        Show::Members => members(engine),
        Show::Store(member) => {
            let first = leader(engine).or(running(engine).first().copied());
            store(engine, member.or(first).ok_or("no member runs")?)
        }
        Show::Writes => writes(engine),
        Show::Log(None) => logs(engine),
        Show::Log(Some(member)) => log(engine, member),
        Show::Requests => requests(engine),
        Show::Promises => promises(engine),
        Show::Nodes => nodes(engine),
    })
}

/// A line per member.
fn members(engine: &mut Engine) -> String {
    let frame = engine.frame();
    let members = &frame.cluster.members;
    members.iter().map(|member| member_line(engine, member, members.len()) + "\n").collect()
}

fn member_line(engine: &Engine, member: &Member, members: usize) -> String {
    let id = member.id;
    let log = with_log(engine, id, |log| log.tail(usize::MAX));
    let log = match (log.first(), log.last()) {
        (Some((_, first)), Some((_, last))) => format!("log {first}..{last}"),
        _ => "log empty".into(),
    };
    let wrong = wrong(&member.faults);
    if member.status == Status::Crashed {
        return format!("{id} crashed {log}{wrong}");
    }
    let role = role(member.role);
    let paused = if member.status == Status::Paused { " paused" } else { "" };
    let lease_over = member.role == Role::Leader
        && member.lease_until.is_none_or(|until| until < engine.now())
        && members > 1;
    let quorum = if lease_over { " without-quorum" } else { "" };
    let index = |index: Option<LogIndex>| index.map_or("-".into(), |index| index.to_string());
    let (commit, applied) = (index(member.commit_index), index(member.applied_index));
    let mut line = format!(
        "{id} {role}{paused}{quorum} t{} {log} commit {commit} applied {applied} rev {}",
        member.term, member.revision
    );
    let snapshot = member.snapshot_index.map(|index| format!(" snapshot {index}"));
    line.extend(snapshot);
    if member.compact_revision > Revision(0) {
        let _ = write!(line, " compacted {}", member.compact_revision);
    }
    line + &wrong
}

/// What is wrong with a machine: ` · disk slow 200ms · clock drift 5%`.
fn wrong(faults: &Faults) -> String {
    let mut wrong: String = faults.disk.iter().map(|fault| format!(" · disk {fault}")).collect();
    if faults.clock != ClockFault::default() {
        let line = cluster::Action::Clock(MemberId(0), faults.clock).to_string();
        wrong.extend(line.strip_prefix("clock 0 ").map(|fault| format!(" · clock {fault}")));
    }
    wrong
}

/// A role in a word.
fn role(role: Role) -> &'static str {
    match role {
        Role::Follower => "follower",
        Role::PreCandidate => "pre-candidate",
        Role::Candidate => "candidate",
        Role::Leader => "leader",
        Role::Learner => "learner",
    }
}

/// Looks at a member's log; at what its disk holds when it is down.
pub(super) fn with_log<T>(engine: &Engine, id: MemberId, look: impl Fn(&LogStore) -> T) -> T {
    let running = engine.cluster().with_log(id, &look);
    running.unwrap_or_else(|| look(&engine.cluster().log_on_disk(id)))
}

/// The terms of everyone's entries: `etcd-1 t0:0 t1:1..6`.
fn logs(engine: &Engine) -> String {
    let line = |id: &MemberId| format!("{id} {}\n", terms(engine, *id));
    engine.cluster().member_ids().iter().map(line).collect()
}

/// The terms of a member's entries: `t0:0 t1:1..6`.
pub(super) fn terms(engine: &Engine, id: MemberId) -> String {
    let places = with_log(engine, id, |log| log.tail(usize::MAX));
    let terms: Vec<String> = places.chunk_by(|a, b| a.0 == b.0).map(of_one_term).collect();
    terms.join(" ")
}

fn of_one_term(places: &[(Term, LogIndex)]) -> String {
    match places {
        [(term, index)] => format!("t{term}:{index}"),
        [(term, first), .., (_, last)] => format!("t{term}:{first}..{last}"),
        [] => String::new(),
    }
}

/// One member's entries.
fn log(engine: &Engine, id: MemberId) -> String {
    if !engine.cluster().member_ids().contains(&id) {
        return format!("{id} is no member");
    }
    let entries: Vec<Entry> = with_log(engine, id, |log| {
        let places = log.tail(usize::MAX);
        places.iter().filter_map(|(_, index)| log.summary(*index)).map(Entry::from).collect()
    });
    let line = |entry: &Entry| {
        format!("{id} {} t{} {} ({} B)\n", entry.index, entry.term, entry.text, entry.bytes)
    };
    entries.iter().map(line).collect()
}

/// The keys of a member's store.
fn store(engine: &Engine, member: MemberId) -> String {
    let look = Look::Store { member, revision: None, prefix: String::new() };
    let Seen::Store(view) = engine.look(&look) else { return String::new() };
    if let Some(error) = view.error {
        return format!("{member}: {error}");
    }
    let hash = engine.cluster().with_store(member, |store| store.hash_kv(Revision(0)));
    let hash = hash.and_then(Result::ok).map_or(String::new(), |hash| format!("{:08x}", hash.hash));
    let mut text = format!("{member} rev {} keys {} hash {hash}\n", view.revision, view.count);
    for row in &view.keys {
        let _ = writeln!(
            text,
            "  {} create {} mod {} version {} {} B: {}",
            row.key, row.create_revision, row.mod_revision, row.version, row.bytes, row.text
        );
    }
    text
}

/// Every write's stations.
fn writes(engine: &Engine) -> String {
    engine.plane().writes().iter().map(|write| of_write(engine, write)).collect()
}

fn of_write(engine: &Engine, write: &WritePath) -> String {
    let mut text = format!("{} {}\n", write.thread, write.title);
    for step in write.steps.iter().filter(|step| step.state != StepState::Skipped) {
        let state = match step.state {
            StepState::Waiting => "waiting",
            StepState::Now => "now",
            StepState::Done => "done",
            StepState::Failed => "failed",
            StepState::Skipped => "skipped",
        };
        let place = format!("{} {state}: {} · {}", step.kind.name(), step.what, step.note);
        let _ = writeln!(text, "  {}", place.trim_end_matches([' ', '·', ':']));
    }
    if let Some(detail) = engine.plane().detail(write.thread).filter(|d| !d.stored.is_empty()) {
        let shown = detail.stored.iter().take(BYTES_SHOWN).copied();
        let shown: String = shown.flat_map(std::ascii::escape_default).map(char::from).collect();
        let more = if detail.stored.len() > BYTES_SHOWN { "…" } else { "" };
        let _ = writeln!(text, "  {}: {shown}{more}", detail.key);
    }
    let outcome = write.outcome.as_ref().map_or("no answer yet", |outcome| &outcome.text);
    let _ = writeln!(text, "  = {}", outcome.replace('\n', "\n    "));
    text
}

/// What the reader's etcdctl asked, and what came of it.
fn requests(engine: &Engine) -> String {
    let history = engine.cluster().requests().shown();
    let own = history.iter().filter(|request| request.client == ETCDCTL);
    own.map(|request| of_request(request)).collect()
}

fn of_request(request: &ClientRequest) -> String {
    let outcome = match &request.outcome {
        Outcome::Open => "open".to_string(),
        Outcome::Done { revision, text } if text.is_empty() => format!("nothing (rev {revision})"),
        Outcome::Done { revision, text } => format!("{} (rev {revision})", text.replace('\n', " ")),
        Outcome::Failed { error, unknown: false } => format!("failed: {error}"),
        Outcome::Failed { error, unknown: true } => format!("not known: {error}"),
    };
    let ClientRequest { thread, text, endpoint, attempts, .. } = request;
    let tries = if *attempts == 1 { "" } else { " at last" };
    format!("{thread} {text} at {endpoint}{tries}: {outcome}\n")
}

/// How many nodes are ready, not ready, and not registered, as an apiserver has heard last.
pub(super) fn node_counts(engine: &Engine) -> (usize, usize, usize) {
    let grid = engine.plane().counted();
    let of = |it| match grid.cell(it).0 {
        NodeState::Ready | NodeState::Cordoned => (1, 0, 0),
        NodeState::NotReady => (0, 1, 0),
        NodeState::Absent => (0, 0, 1),
    };
    let add =
        |a: (usize, usize, usize), b: (usize, usize, usize)| (a.0 + b.0, a.1 + b.1, a.2 + b.2);
    (1..=grid.count()).map(of).fold((0, 0, 0), add)
}

/// The nodes in a line: `50 nodes: 48 ready, 2 not ready`.
pub(super) fn nodes(engine: &Engine) -> String {
    let (ready, not_ready, absent) = node_counts(engine);
    let all = ready + not_ready + absent;
    let mut line = format!("{all} nodes: {ready} ready, {not_ready} not ready");
    if absent > 0 {
        let _ = write!(line, ", {absent} not registered");
    }
    line
}

/// Every promise, how often it was looked at, and what was seen where it is broken.
fn promises(engine: &Engine) -> String {
    let line = |state: &PromiseState| {
        let PromiseState { promise, checked, broken, violation } = state;
        match violation {
            None => format!("kept {promise} ({}): {checked} checked\n", promise.section()),
            Some(first) => format!(
                "BROKEN {promise} ({}): {broken} of {checked}\n  {} {}\n",
                promise.section(),
                first.at,
                first.sentence
            ),
        }
    };
    engine.promises().states().map(line).collect()
}
