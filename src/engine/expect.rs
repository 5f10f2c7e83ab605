//! Whether what a script expects is so.
//!
//! * What is not so comes with what is, in a few words.
//!
//! Architecture invariant: looks; changes nothing.

use super::{Engine, show};
use crate::cluster::{Outcome, Role, Status};
use crate::raft::{LogIndex, MemberId, Term, ThreadId};
use crate::script::{Being, Expectation, Fact};
use crate::store::{RangeRequest, Revision};

/// What is so of one fact.
struct Found {
    is: bool,
    /// What is so, whether or not it is as expected.
    text: String,
}

/// Whether it is so; if not, what is. `asked`: what etcdctl was asked last.
pub(super) fn check(
    engine: &Engine,
    asked: Option<ThreadId>,
    expected: &Expectation,
) -> Result<(), String> {
    let found = look(engine, asked, &expected.fact);
    if found.is != expected.no { Ok(()) } else { Err(found.text) }
}

fn look(engine: &Engine, asked: Option<ThreadId>, fact: &Fact) -> Found {
    match fact {
        Fact::Leader(wanted) => leader(engine, *wanted),
        Fact::Is(id, being) => being_of(engine, *id, *being),
        Fact::Term(term, on) => each(engine, *on, |id| {
            let (_, seen, _) = engine.cluster().glance(id)?;
            Some((seen == *term, format!("term {seen}")))
        }),
        Fact::LogEnds(id, index, term) => {
            let last = show::with_log(engine, *id, |log| log.tail(1).pop());
            let text = match last {
                Some((term, index)) => format!("its last entry is {index} of term {term}"),
                None => "its log is empty".into(),
            };
            Found { is: last == Some((*term, *index)), text }
        }
        Fact::LogIs(id, wanted) => {
            let terms = show::terms(engine, *id);
            Found { is: terms == *wanted, text: format!("it is {terms}") }
        }
        Fact::Commit(index, on) => each(engine, *on, |id| {
            let (_, _, seen) = engine.cluster().glance(id)?;
            let text = seen.map_or("nothing is".into(), |seen| format!("up to {seen}"));
            Some((seen == Some(*index), text))
        }),
        Fact::SameLogs => same_logs(engine),
        Fact::SameStores => same_stores(engine),
        Fact::PromisesKept => {
            let broken = engine.promises().violations();
            let sentences: Vec<&str> = broken.iter().map(|it| it.sentence.as_str()).collect();
            Found { is: broken.is_empty(), text: sentences.join("; ") }
        }
        Fact::Key(key, value, on) => each(engine, *on, |id| {
            let seen = value_of(engine, id, key)?;
            let is = match (&seen, value) {
                (None, _) => false,
                (Some(_), None) => true,
                (Some(seen), Some(value)) => seen == value,
            };
            Some((is, seen.unwrap_or_else(|| "no such key".into())))
        }),
        Fact::NotReady => {
            let (_, not_ready, _) = show::node_counts(engine);
            Found { is: not_ready > 0, text: show::nodes(engine) }
        }
        Fact::Answer(text) => request(engine, asked, text.as_deref(), true),
        Fact::Error(text) => request(engine, asked, text.as_deref(), false),
    }
}

fn leader(engine: &Engine, wanted: Option<MemberId>) -> Found {
    let leader = super::run::leader(engine);
    let is = leader.is_some() && (wanted.is_none() || wanted == leader);
    let text = leader.map_or("nobody leads".into(), |leader| format!("{leader} leads"));
    Found { is, text }
}

/// Whether it is so of a member, or of every one that runs.
fn each(
    engine: &Engine,
    on: Option<MemberId>,
    look: impl Fn(MemberId) -> Option<(bool, String)>,
) -> Found {
    let members = on.map_or_else(|| super::run::running(engine), |id| vec![id]);
    let seen: Vec<_> = members.into_iter().map(|id| (id, look(id))).collect();
    let is = !seen.is_empty() && seen.iter().all(|(_, it)| it.as_ref().is_some_and(|it| it.0));
    let text = seen.into_iter().map(|(id, it)| match it {
        Some((_, text)) => format!("{id}: {text}"),
        None => format!("{id} does not run"),
    });
    Found { is, text: text.collect::<Vec<_>>().join("; ") }
}

fn being_of(engine: &Engine, id: MemberId, being: Being) -> Found {
    let status = engine.cluster().status(id);
    let now = match (status, engine.cluster().glance(id)) {
        (Some(Status::Paused), _) => Being::Paused,
        (Some(Status::Running), Some((role, ..))) => match role {
            Role::Follower => Being::Follower,
            Role::PreCandidate => Being::PreCandidate,
            Role::Candidate => Being::Candidate,
            Role::Leader => Being::Leader,
            Role::Learner => Being::Learner,
        },
        _ => Being::Down,
    };
    let name = Being::ALL.iter().find(|(_, it)| *it == now).map_or("", |(name, _)| name);
    Found { is: now == being, text: format!("{id} is {name}") }
}

fn same_logs(engine: &Engine) -> Found {
    let members = super::run::running(engine);
    let logs = members.iter().map(|id| show::with_log(engine, *id, |log| log.tail(usize::MAX)));
    let logs: Vec<Vec<(Term, LogIndex)>> = logs.collect();
    // Heads may be gone: what both have must be equal, from the end on.
    let agree = |a: &Vec<_>, b: &Vec<_>| a.iter().rev().zip(b.iter().rev()).all(|(a, b)| a == b);
    let is = !logs.is_empty() && logs.windows(2).all(|pair| agree(&pair[0], &pair[1]));
    let lines = members.iter().map(|id| format!("{id} {}", show::terms(engine, *id)));
    Found { is, text: lines.collect::<Vec<_>>().join("; ") }
}

fn same_stores(engine: &Engine) -> Found {
    let hash = |id: &MemberId| {
        let look = |store: &crate::store::Store| {
            let hash = store.hash_kv(Revision(0)).map_or(0, |hash| hash.hash);
            (store.revision(), hash)
        };
        engine.cluster().with_store(*id, look)
    };
    let members = super::run::running(engine);
    let hashes: Vec<_> = members.iter().map(hash).collect();
    let is = !hashes.is_empty() && hashes.windows(2).all(|pair| pair[0] == pair[1]);
    let lines = members.iter().zip(&hashes).map(|(id, hash)| match hash {
        Some((revision, hash)) => format!("{id} rev {revision} hash {hash:08x}"),
        None => format!("{id} has none"),
    });
    Found { is, text: lines.collect::<Vec<_>>().join("; ") }
}

/// A key's value, if the member runs and if there is one.
fn value_of(engine: &Engine, id: MemberId, key: &str) -> Option<Option<String>> {
    let request = RangeRequest { key: key.into(), ..RangeRequest::default() };
    let range = engine.cluster().with_store(id, |store| store.range(&request))?;
    Some(range.ok().and_then(|range| range.kvs.first().map(|kv| kv.value.text())))
}

fn request(
    engine: &Engine,
    asked: Option<ThreadId>,
    wanted: Option<&str>,
    answered: bool,
) -> Found {
    let history = engine.cluster().requests().shown();
    let request = history.iter().rev().find(|request| Some(request.thread) == asked);
    let run = asked.and_then(|thread| engine.cluster().commands().of(thread));
    let complaint = run.as_ref().map_or(String::new(), |run| run.said(true));
    let complaint = complaint.trim_end().trim_start_matches("Error: ").to_string();
    let (done, text) = match (request.map(|request| &request.outcome), &run) {
        (None, None) => return Found { is: false, text: "nothing was asked".into() },
        (_, Some(run)) if run.exit.is_none() && !run.goes_on => {
            return Found { is: false, text: "there is no answer yet".into() };
        }
        (Some(Outcome::Failed { error, .. }), _) => (false, error),
        // What etcdctl itself refuses was no request, or one that was answered.
        (_, Some(run)) if run.exit.is_some_and(|exit| exit != 0) => (false, &complaint),
        (Some(Outcome::Done { text, .. }), _) => (true, text),
        _ => return Found { is: false, text: "there is no answer yet".into() },
    };
    let is = done == answered && wanted.is_none_or(|wanted| wanted == text);
    let said = if done { "it was answered" } else { "it failed" };
    Found { is, text: format!("{said}: {text}") }
}
