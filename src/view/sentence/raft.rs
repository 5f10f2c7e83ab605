//! Sentences about who leads, who asks, and who is missing.
//!
//! Architecture invariant: each function says its sentence or nothing.

use super::{Sentence, View, Weight};
use crate::cluster::{self, Event, Member, Role, Status};
use crate::engine::What;

/// Fewer than a quorum are alive.
pub fn no_quorum(view: &View) -> Option<Sentence> {
    let (alive, all) = (view.alive(), view.members().len());
    if all == 0 || alive >= view.quorum() {
        return None;
    }
    let are = if alive == 1 { "is" } else { "are" };
    let text = format!(
        "*{alive} of {all} {are} alive: no quorum.* Nothing can be committed until {} take part.",
        view.quorum()
    );
    Some(Sentence::of("no quorum", Weight::Trouble, "Raft §5.1", &text))
}

/// The leader has just been killed, and nobody has noticed yet.
pub fn leader_killed(view: &View) -> Option<Sentence> {
    let now = view.frame.cluster.now;
    let killed = view.recent.iter().find_map(|event| match cluster_event(&event.what)? {
        Event::Killed { member } | Event::PowerCut { member } | Event::Died { member, .. }
            if now.0 - event.at.0 < UNNOTICED_NANOS =>
        {
            Some(*member)
        }
        _ => None,
    })?;
    let led = |member: &&std::rc::Rc<Member>| member.id == killed && member.role == Role::Leader;
    let led = view.members().iter().any(|member| led(&member));
    let asked = view.running(Role::PreCandidate).chain(view.running(Role::Candidate)).next();
    if !led || view.leader().is_some() || asked.is_some() {
        return None;
    }
    let text = format!(
        "*{killed}, the leader, is killed.* The others do not know: they wait for its heartbeats."
    );
    Some(Sentence::of(&format!("leader killed {killed}"), Weight::Trouble, "Raft §5.2", &text))
}

/// How long after its death a leader is spoken of, in virtual nanoseconds.
const UNNOTICED_NANOS: u64 = 900_000_000;

/// Nobody leads, and perhaps someone asks to.
pub fn election(view: &View) -> Option<Sentence> {
    let asks = |role| view.running(role).max_by_key(|member| member.term);
    let newest = view.leader().map(|leader| leader.term);
    if let Some(candidate) = asks(Role::Candidate).filter(|it| Some(it.term) > newest) {
        return Some(campaign(view, candidate));
    }
    if newest.is_some() && !leader_is_lost(view) {
        return None;
    }
    if let Some(asking) = asks(Role::PreCandidate) {
        let text = format!(
            "*{} hears no leader* and asks whether it would win an election: {} of {} say yes.",
            asking.id,
            asking.votes.len().max(1),
            view.quorum()
        );
        let key = format!("pre-vote {}", asking.id);
        return Some(Sentence::of(&key, Weight::News, "Raft thesis §9.6", &text));
    }
    if newest.is_some() {
        return None;
    }
    Some(waiting_for_candidate(view))
}

fn campaign(view: &View, candidate: &Member) -> Sentence {
    let Member { id, term, votes, .. } = candidate;
    let (have, need) = (votes.len().max(1), view.quorum());
    let text = format!("*{id} asks for votes* in term {term}: it has *{have} of {need}* it needs.");
    let key = format!("campaign {id} {term}");
    Sentence::of(&key, Weight::News, "Raft §5.2", &text)
}

/// No leader: the first to lose patience will campaign.
fn waiting_for_candidate(view: &View) -> Sentence {
    let soonest = view.running(Role::Follower).filter(|it| it.election.is_some());
    let soonest = soonest.min_by_key(|member| member.election.map(|timer| timer.due));
    let started = view.members().iter().any(|member| member.term.0 > 0);
    match soonest {
        Some(member) if started => {
            let text = format!(
                "*Nobody leads.* The followers wait for a heartbeat; {} will lose patience first.",
                member.id
            );
            Sentence::of("nobody leads", Weight::Trouble, "Raft §5.2", &text)
        }
        _ => {
            let all = view.members().len();
            let text =
                format!("*{all} members start.* None leads yet; soon one will ask for votes.");
            Sentence::of("starting", Weight::Going, "Raft §5.2", &text)
        }
    }
}

/// Whether a quorum has turned to someone newer than the leader.
fn leader_is_lost(view: &View) -> bool {
    let Some(leader) = view.leader() else { return true };
    let follow = view.members().iter().filter(|member| {
        member.status == Status::Running
            && (member.leader == Some(leader.id) || member.id == leader.id)
    });
    follow.count() < view.quorum() && view.running(Role::PreCandidate).next().is_some()
}

/// Someone thinks it leads, in an older term.
pub fn stale_leader(view: &View) -> Option<Sentence> {
    let leader = view.leader()?;
    let started = |id| {
        let started = |event: &Event| matches!(event, Event::Restarted { member } if *member == id);
        view.recent.iter().filter_map(|event| cluster_event(&event.what)).any(started)
    };
    let others = view.running(Role::Leader).filter(|member| member.id != leader.id);
    let stale = others.into_iter().find(|member| !started(member.id))?;
    let text = format!(
        "*{} still thinks it leads* term {}, but {} leads term {}: a stale leader commits nothing.",
        stale.id, stale.term, leader.id, leader.term
    );
    Some(Sentence::of("stale leader", Weight::Trouble, "Raft §5.1", &text))
}

/// Someone was just elected.
pub fn fresh_leader(view: &View) -> Option<Sentence> {
    let leader = view.leader()?;
    let elected = |event: &Event| match event {
        Event::RoleChanged { member, role: Role::Leader, .. } => *member == leader.id,
        _ => false,
    };
    view.recent.iter().filter_map(|it| cluster_event(&it.what)).find(|it| elected(it))?;
    let Member { id, term, .. } = leader;
    let text = format!(
        "*{id} is elected leader of term {term}* by a quorum of {}. \
         Its log is now the one to follow.",
        view.quorum()
    );
    Some(Sentence::of(&format!("elected {term}"), Weight::News, "Raft §5.2", &text))
}

/// A member lacks entries that the leader has committed.
pub fn catching_up(view: &View) -> Option<Sentence> {
    let leader = view.leader()?;
    let commit = leader.commit_index?;
    let running = view.running(Role::Follower).filter(|it| it.leader == Some(leader.id));
    let lacking = |member: &Member| commit.0 - member.last_index.map_or(0, |i| i.0).min(commit.0);
    let behind = running.max_by_key(|member| lacking(member)).filter(|it| lacking(it) >= 2)?;
    let text = format!(
        "*{} is catching up*: it lacks {} entries that are committed, and {} sends them.",
        behind.id,
        lacking(behind),
        leader.id
    );
    Some(Sentence::of(&format!("behind {}", behind.id), Weight::Going, "Raft §5.3", &text))
}

/// What the reader has just done, while nothing has come of it yet.
pub fn reader_did(view: &View) -> Option<Sentence> {
    use cluster::Event::*;
    let events = view.recent.iter().filter_map(|event| cluster_event(&event.what));
    let mut done = events.filter_map(|event| {
        let (key, text) = match event {
            Killed { member } => (
                format!("killed {member}"),
                format!("*{member} is killed.* Its machine keeps what it wrote; the others go on."),
            ),
            PowerCut { member } => (
                format!("crashed {member}"),
                format!("*{member} loses its power.* What it had not synced is lost."),
            ),
            Died { member, why } => (format!("died {member}"), format!("*{member} dies*: {why}.")),
            DiskChanged { .. } | ClockChanged { .. } | LinkChanged { .. } | FsyncChanged { .. } => {
                let text = event.to_string();
                (text.clone(), format!("*{text}.*"))
            }
            Restarted { member } => (
                format!("restarted {member}"),
                format!("*{member} starts again* from what its disk kept, as a follower."),
            ),
            Paused { member } => {
                (format!("paused {member}"), format!("*{member} is paused*; its packets wait."))
            }
            Resumed { member } => (
                format!("resumed {member}"),
                format!("*{member} goes on*, with everything that waited for it."),
            ),
            Partitioned { groups } => (
                "cut".to_string(),
                format!(
                    "*The network is cut into {} parts.* Only one with a quorum goes on.",
                    groups.len()
                ),
            ),
            Healed => ("healed".to_string(), "*Every link is whole again.*".to_string()),
            _ => return None,
        };
        Some(Sentence::of(&key, Weight::News, "Raft §5.1", &text))
    });
    done.next()
}

/// Nothing moves but the pulse.
pub fn quiet(view: &View) -> Sentence {
    let Some(leader) = view.leader() else { return waiting_for_candidate(view) };
    let Member { id, term, revision, .. } = leader;
    let missing = view.members().len() - view.alive();
    let text = if missing == 0 {
        format!(
            "*{id} leads term {term}* and says so in every heartbeat. \
             Everything is quiet at revision {revision}."
        )
    } else {
        let (alive, all) = (view.alive(), view.members().len());
        format!(
            "*{id} leads term {term}* with {alive} of {all} alive: still a quorum, so writes go on."
        )
    };
    Sentence::of(&format!("quiet {id} {term}"), Weight::Quiet, "Raft §5.2", &text)
}

fn cluster_event(what: &What) -> Option<&cluster::Event> {
    match what {
        What::Cluster(event) => Some(event),
        What::Kube(_) | What::Check(_) => None,
    }
}
