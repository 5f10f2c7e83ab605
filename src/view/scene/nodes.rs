//! Members as shapes: role is shape, letter and word; the term is colour and digit.
//!
//! * The arc round a follower is what is left of its patience, from all of it to none.
//! * Badges are small ticks: whose vote a candidate has, who has the write that waits for a quorum.
//!
//! Architecture invariant: one node for each member, in their order.

use super::{Layout, Point};
use crate::cluster::{Frame, Member, Role, Status};
use crate::player::Moment;
use crate::raft::{LogIndex, MemberId};
use crate::sim::Instant;
use crate::view::words::scene as words;
use crate::view::{Focus, leader, runs, term_class};

/// A small tick on a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Badge {
    /// It gave its vote to a candidate of this colour.
    Voted(&'static str),
    /// It has the entry that waits for a quorum, in the leader's colour.
    HasEntry(&'static str),
}

/// One member.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Who.
    pub id: MemberId,
    /// Its middle.
    pub at: Point,
    /// Half its size.
    pub radius: f32,
    /// What it is in Raft.
    pub role: Role,
    /// Whether its process runs.
    pub status: Status,
    /// Whether it is selected.
    pub selected: bool,
    /// The class of its term's colours.
    pub term: &'static str,
    /// `etcd-1`.
    pub name: String,
    /// `Leader`, or `L` where there is no room.
    pub role_word: &'static str,
    /// Under it: `term 3 · rev 148`.
    pub words: [String; 2],
    /// How far its words are moved to stay in the picture.
    pub words_shift: f32,
    /// What is left of its patience, 0 to 1.
    pub arc: Option<f32>,
    /// How far a candidate's dashes have turned, in pixels.
    pub turned: f32,
    /// A tick.
    pub badge: Option<Badge>,
    /// All of it, for a screen reader.
    pub label: String,
}

/// Every member of a moment.
pub fn nodes(moment: &Moment, layout: &Layout, focus: &Focus) -> Vec<Node> {
    let frame = &moment.frame.cluster;
    let waiting = waiting_entry(&moment.frame);
    let node = |(index, member): (usize, &std::rc::Rc<Member>)| {
        let at = layout.seat(member.id)?;
        let letter = layout.radius < 28.0;
        let words = under(member);
        Some(Node {
            id: member.id,
            at,
            radius: if member.role == Role::Learner { layout.radius * 0.8 } else { layout.radius },
            role: member.role,
            status: member.status,
            selected: focus.member == Some(member.id),
            term: term_class(member.term),
            name: member.id.to_string(),
            role_word: role_word(member, letter),
            words_shift: shift(&words, at, layout.size),
            words,
            arc: arc(member, moment.at),
            turned: (moment.at.0 / 1_000_000 % 100_000) as f32 / 16.0,
            badge: badge(member, frame, waiting),
            label: label(member, index, frame),
        })
    };
    frame.members.iter().enumerate().filter_map(node).collect()
}

fn role_word(member: &Member, letter: bool) -> &'static str {
    match (member.status, letter) {
        (Status::Paused, false) => "Paused",
        (_, true) => words::role_letter(member.role),
        (_, false) => words::role(member.role),
    }
}

fn under(member: &Member) -> [String; 2] {
    let Member { term, revision, votes, .. } = member;
    let first = format!("term {term} · rev {revision}");
    match (member.status, member.role) {
        (Status::Crashed, _) => {
            let kept = member.durable_index.map_or(0, |index| index.0 + 1);
            let kept = words::counted(kept, "entry", "entries");
            [format!("{} · crashed", member.id), format!("disk keeps {kept}")]
        }
        (Status::Paused, _) => [first, "packets wait".into()],
        _ if !member.faults.is_well() => [first, words::unwell(member)],
        (_, Role::Candidate) => [first, words::counted(votes.len() as u64, "vote", "votes")],
        (_, Role::PreCandidate) => [first, format!("{} would vote", votes.len())],
        _ => [first, String::new()],
    }
}

/// Keeps the longer line between the edges.
fn shift(words: &[String; 2], at: Point, size: Point) -> f32 {
    const LETTER: f32 = 6.2;
    let letters = words.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let half = letters as f32 * LETTER / 2.0 + 3.0;
    at.x.clamp(half, (size.x - half).max(half)) - at.x
}

fn arc(member: &Member, now: Instant) -> Option<f32> {
    let timer = member.election.filter(|_| member.status != Status::Crashed)?;
    let whole = timer.due.0.saturating_sub(timer.since.0).max(1);
    let left = timer.due.0.saturating_sub(now.0);
    Some((left as f32 / whole as f32).clamp(0.0, 1.0))
}

/// The leader and its oldest entry of a client's that is not committed.
fn waiting_entry(frame: &crate::engine::Frame) -> Option<(MemberId, LogIndex)> {
    let id = leader(frame)?;
    let leader = frame.cluster.members.iter().find(|member| member.id == id)?;
    let open = |index: LogIndex| leader.commit_index.is_none_or(|commit| commit < index);
    let entry = leader.log.iter().find(|entry| entry.thread.is_some() && open(entry.index))?;
    Some((id, entry.index))
}

fn badge(member: &Member, frame: &Frame, waiting: Option<(MemberId, LogIndex)>) -> Option<Badge> {
    if member.status == Status::Crashed {
        return None;
    }
    let asks = |role| {
        let asks = move |other: &&std::rc::Rc<Member>| other.role == role && runs(other);
        frame.members.iter().filter(asks)
    };
    let others = asks(Role::PreCandidate).filter(|other| other.id != member.id);
    let mut candidates = asks(Role::Candidate).chain(others);
    if let Some(chosen) = candidates.find(|other| other.votes.contains(&member.id)) {
        return Some(Badge::Voted(term_class(chosen.term)));
    }
    let (leader, index) = waiting?;
    let leader = frame.members.iter().find(|other| other.id == leader)?;
    let own = member.id == leader.id && member.durable_index >= Some(index);
    let matched = |progress: &&crate::cluster::Progress| progress.to == member.id;
    let has = leader.progress.iter().find(matched).is_some_and(|to| to.matched >= Some(index));
    (own || has).then_some(Badge::HasEntry(term_class(leader.term)))
}

fn label(member: &Member, index: usize, frame: &Frame) -> String {
    let Member { id, term, revision, .. } = member;
    let state = match member.status {
        Status::Running => words::role(member.role).to_ascii_lowercase(),
        Status::Paused => format!("{}, paused", words::role(member.role).to_ascii_lowercase()),
        Status::Crashed => "crashed".into(),
    };
    let place = format!("{} of {}", index + 1, frame.members.len());
    format!("{id}, {state}, term {term}, revision {revision}, {place}")
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::super::Shape;
    use super::*;
    use crate::view::fixture;

    fn seen(at: u64) -> Vec<Node> {
        let frame = Rc::new(fixture::moment());
        let layout = Layout::of(&frame, Shape::Wide);
        let moment = Moment { frame, next: None, at: fixture::ms(at) };
        nodes(&moment, &layout, &Focus::default())
    }

    #[test]
    fn labels_say_all_of_it() {
        let labels: Vec<String> = seen(12_384).into_iter().map(|node| node.label).collect();
        let expected = [
            "etcd-1, leader, term 3, revision 147, 1 of 5",
            "etcd-2, follower, term 3, revision 147, 2 of 5",
            "etcd-3, follower, term 3, revision 147, 3 of 5",
            "etcd-4, candidate, term 4, revision 146, 4 of 5",
            "etcd-5, crashed, term 2, revision 146, 5 of 5",
        ];
        assert_eq!(labels, expected);
    }

    #[test]
    fn words_under_members() {
        let nodes = seen(12_384);
        let under: Vec<String> = nodes.iter().map(|node| node.words.join(" / ")).collect();
        let expected = [
            "term 3 · rev 147 / ",
            "term 3 · rev 147 / ",
            "term 3 · rev 147 / ",
            "term 4 · rev 146 / 2 votes",
            "etcd-5 · crashed / disk keeps 147 entries",
        ];
        assert_eq!(under, expected);
    }

    #[test]
    fn the_arc_shrinks_to_nothing() {
        let left = |at: u64| seen(at)[1].arc.unwrap();
        assert!(left(12_350) > left(12_384) && left(12_384) > 0.9);
        assert_eq!(left(13_600), 0.0);
        assert_eq!(seen(12_384)[0].arc, None);
    }

    #[test]
    fn ticks_are_votes_first_then_the_waiting_entry() {
        let badges: Vec<Option<Badge>> = seen(12_384).into_iter().map(|node| node.badge).collect();
        let (voted, has) = (Some(Badge::Voted("term-4")), Some(Badge::HasEntry("term-3")));
        assert_eq!(badges, [has, has, voted, voted, None]);
    }
}
