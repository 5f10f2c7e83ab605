//! Sentences about a write: where it is, what it waits for, how it ended.
//!
//! Architecture invariant: says nothing that the write path does not show.

use super::{Sentence, View, Weight};
use crate::cluster::{ClientRequest, Member, Outcome, PlaceKind};
use crate::kube::{StepKind, StepState, WritePath};
use crate::sim::Instant;

/// How long a finished write is spoken of, in virtual nanoseconds.
const SPOKEN_OF_NANOS: u64 = 1_200_000_000;

/// The newest write without an end.
pub fn on_its_way(view: &View) -> Option<Sentence> {
    let write = view.frame.writes.iter().rev().find(|write| write.outcome.is_none())?;
    let step = write.steps.iter().rev().find(|step| step.state != StepState::Waiting)?;
    let what = subject(write);
    let (text, section) = match step.kind {
        StepKind::Object => (format!("*{} sends {what}* to the apiserver.", author(write)), KUBE),
        StepKind::Default => {
            (format!("The apiserver *fills in what {what} leaves out* and checks it."), KUBE)
        }
        StepKind::Encode => (format!("The apiserver *encodes {what}* as bytes."), KUBE),
        StepKind::Transform => {
            (format!("The bytes of {what} pass *the transformer*: {}.", step.what), KUBE)
        }
        StepKind::Txn => (
            format!("The apiserver *asks etcd* to put {what} in one transaction."),
            "etcd API: Txn",
        ),
        StepKind::Raft => (raft(view, write, &what), "Raft §5.3"),
        StepKind::Apply => (
            format!("{what} is *committed*: a quorum has it. Each member now applies it."),
            "Raft §5.3",
        ),
        StepKind::Watch => {
            (format!("{what} is stored. Those who *watch* are told of it."), "etcd API: Watch")
        }
    };
    let key = format!("write {} {}", write.thread, step.kind.name());
    // What waits for a quorum is what all of this is about: it does not wait its turn.
    let weight = if step.kind == StepKind::Raft { Weight::News } else { Weight::Going };
    Some(Sentence::of(&key, weight, section, &capital(&text)))
}

const KUBE: &str = "Kubernetes API";

/// `Deployment default/web` of `kubectl apply · Deployment default/web`, and of
/// `deployment-controller · update status of Deployment default/web`.
fn subject(write: &WritePath) -> String {
    match write.title.split_once(" · ") {
        Some((_, done)) if write.own_accord => {
            done.rmatch_indices(' ').nth(1).map_or(done, |(at, _)| &done[at + 1..]).to_string()
        }
        Some((_, subject)) => subject.to_string(),
        None => write.title.clone(),
    }
}

/// Who wrote: `kubectl`, or a controller of its own accord.
fn author(write: &WritePath) -> &str {
    let by = write.title.split(" · ").next().filter(|_| write.own_accord);
    by.unwrap_or("kubectl")
}

fn raft(view: &View, write: &WritePath, what: &str) -> String {
    let found = view.leader().and_then(|leader| {
        let mut log = leader.log.iter().rev();
        log.find(|entry| entry.thread == Some(write.thread)).map(|entry| (leader, entry))
    });
    let Some((leader, entry)) = found else {
        return format!("{what} waits for *a leader* to take it into its log.");
    };
    let own = usize::from(leader.durable_index >= Some(entry.index));
    let has = leader.progress.iter().filter(|to| to.to != leader.id);
    let have = own + has.filter(|to| to.matched >= Some(entry.index)).count();
    let id = leader.id;
    match view.quorum().saturating_sub(have) {
        0 => format!("Entry {} is on *a quorum*: {id} may commit it.", entry.index),
        1 => format!(
            "*{id}* has sent entry {}. It needs *one more ack* before the write is committed.",
            entry.index
        ),
        more => format!(
            "*{id}* has sent entry {}. It needs *{more} more acks* before the write is committed.",
            entry.index
        ),
    }
}

/// A write, or a command of etcdctl, that has just ended badly.
pub fn failed(view: &View) -> Option<Sentence> {
    let now = view.frame.cluster.now;
    let write = view.frame.writes.iter().rev().find(|write| {
        let ended = write.steps.iter().filter_map(|step| step.at).max().unwrap_or(write.started);
        let has_object = write.steps.first().is_some_and(|it| it.state != StepState::Skipped);
        let failed = write.outcome.as_ref().is_some_and(|outcome| outcome.failed);
        has_object && failed && just(ended, now)
    });
    if let Some((write, outcome)) = write.and_then(|it| it.outcome.as_ref().map(|end| (it, end))) {
        let first = outcome.text.lines().next().unwrap_or_default().replace('*', "∗");
        let unanswered = ["timed out", "deadline exceeded", "(Timeout)"];
        let text = match unanswered.iter().any(|words| first.contains(words)) {
            true => format!("*No answer.* {first}"),
            false => format!("*Refused.* {first}"),
        };
        let key = format!("failed {}", write.thread);
        return Some(Sentence::of(&key, Weight::Trouble, "Kubernetes API", &text));
    }
    let request = ended_requests(view).next()?;
    let Outcome::Failed { error, unknown } = &request.outcome else { return None };
    let error = error.replace('*', "∗");
    let text = match unknown {
        true => format!("*No answer: {error}.* Whether it happened is not known."),
        false => format!("*Refused: {error}.*"),
    };
    Some(Sentence::of(&format!("request {}", request.id), Weight::Trouble, "etcd API", &text))
}

/// A write that has just ended well.
pub fn done(view: &View) -> Option<Sentence> {
    let now = view.frame.cluster.now;
    let write = view.frame.writes.iter().rev().find(|write| {
        let ended = write.steps.iter().filter_map(|step| step.at).max().unwrap_or(write.started);
        write.outcome.as_ref().is_some_and(|outcome| !outcome.failed) && just(ended, now)
    })?;
    let outcome = write.outcome.as_ref()?;
    let revision = view.leader().map(|leader: &Member| leader.revision);
    let at =
        revision.map(|revision| format!(" etcd is at revision {revision}.")).unwrap_or_default();
    let text = format!("*{}.*{at}", outcome.text.trim_end().replace('*', "∗"));
    Some(Sentence::of(&format!("done {}", write.thread), Weight::News, "Kubernetes API", &text))
}

/// A command of etcdctl that has just been answered, or waits.
pub fn etcdctl(view: &View) -> Option<Sentence> {
    let client = etcdctl_address(view)?;
    let mut requests = view.frame.cluster.requests.iter().rev();
    let request = requests.find(|request| request.client == client)?;
    let text = match (&request.outcome, request.ended) {
        (Outcome::Open, _) => {
            format!("*etcdctl asks {}*: {}", request.endpoint, request.text.replace('*', "∗"))
        }
        (Outcome::Done { revision, .. }, Some(ended)) if just(ended, view.frame.cluster.now) => {
            format!("*{} answers* etcdctl at revision {revision}.", request.endpoint)
        }
        _ => return None,
    };
    let key = format!("etcdctl {} {}", request.id, request.ended.is_some());
    Some(Sentence::of(&key, Weight::Going, "etcd API", &text))
}

fn ended_requests<'a>(view: &'a View) -> impl Iterator<Item = &'a ClientRequest> {
    let now = view.frame.cluster.now;
    let client = etcdctl_address(view);
    let own = move |request: &&ClientRequest| Some(request.client) == client;
    let fresh = move |it: &&ClientRequest| it.ended.is_some_and(|ended| just(ended, now));
    view.frame.cluster.requests.iter().rev().map(|it| &**it).filter(own).filter(fresh)
}

fn etcdctl_address(view: &View) -> Option<crate::sim::Address> {
    let mut places = view.frame.cluster.places.iter();
    places.find(|place| place.kind == PlaceKind::Etcdctl).map(|place| place.address)
}

fn just(ended: Instant, now: Instant) -> bool {
    ended <= now && now.0 - ended.0 < SPOKEN_OF_NANOS
}

fn capital(text: &str) -> String {
    let mut text = text.to_string();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}
