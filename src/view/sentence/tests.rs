//! Moments and the sentences they give.
//!
//! Architecture invariant: texts as recorded.

use super::*;
use crate::cluster::{Event as Happened, Progress};
use crate::engine::What;
use crate::kube::{StepKind, StepState};
use crate::raft::{LogIndex, MemberId, Term};
use crate::view::fixture::{self, ms};

fn check(frame: &Frame, events: &[(u64, Happened)], expected: &str) {
    let event = |(at, what): &(u64, Happened)| {
        Rc::new(Event { at: ms(*at), step: 0, what: What::Cluster(what.clone()) })
    };
    let events: Vec<Rc<Event>> = events.iter().rev().map(event).collect();
    let found = sentence(frame, events.iter());
    let strong = |part: &Part| match part.strong {
        true => format!("*{}*", part.text),
        false => part.text.clone(),
    };
    let text: String = found.parts.iter().map(strong).collect();
    assert_eq!(format!("{text} ({})", found.section), expected);
}

/// The fixture without its candidate.
fn calm() -> Frame {
    let mut frame = fixture::moment();
    change(&mut frame, 4, |it| {
        (it.role, it.term, it.leader) = (Role::Follower, Term(3), Some(MemberId(1)))
    });
    frame
}

fn idle() -> Frame {
    let mut frame = calm();
    frame.writes.clear();
    frame.cluster.requests.clear();
    change(&mut frame, 5, |it| (it.status, it.role) = (Status::Running, Role::Follower));
    frame
}

fn change(frame: &mut Frame, id: usize, change: impl Fn(&mut Member)) {
    change(Rc::make_mut(&mut frame.cluster.members[id - 1]));
}

#[test]
fn a_campaign() {
    let expected = "*etcd-4 asks for votes* in term 4: it has *2 of 3* it needs. (Raft §5.2)";
    check(&fixture::moment(), &[], expected);
}

#[test]
fn a_write_counts_its_acks() {
    let expected = "*etcd-1* has sent entry 148. It needs *one more ack* before the write is \
        committed. (Raft §5.3)";
    check(&calm(), &[], expected);
    let mut frame = calm();
    change(&mut frame, 1, |it| {
        it.progress[1] = Progress { matched: Some(LogIndex(148)), ..it.progress[1] }
    });
    check(&frame, &[], "Entry 148 is on *a quorum*: etcd-1 may commit it. (Raft §5.3)");
}

#[test]
fn every_station_has_its_sentence() {
    for kind in StepKind::ALL {
        let mut frame = calm();
        let write = Rc::make_mut(frame.writes.last_mut().unwrap());
        for step in &mut write.steps {
            step.state = match step.kind.cmp(&kind) {
                std::cmp::Ordering::Less => StepState::Done,
                std::cmp::Ordering::Equal => StepState::Now,
                std::cmp::Ordering::Greater => StepState::Waiting,
            };
        }
        let found = sentence(&frame, [].iter());
        assert!(found.key.ends_with(&format!("{kind:?}")), "{kind:?}: {found:?}");
        assert!(found.parts.iter().any(|part| part.strong), "{found:?}");
    }
}

#[test]
fn no_quorum_is_said_before_all_else() {
    let mut frame = fixture::moment();
    change(&mut frame, 1, |it| it.status = Status::Crashed);
    change(&mut frame, 2, |it| it.status = Status::Paused);
    let expected =
        "*2 of 5 are alive: no quorum.* Nothing can be committed until 3 take part. (Raft §5.1)";
    check(&frame, &[], expected);
}

#[test]
fn quiet_with_all_and_with_some() {
    let mut frame = idle();
    let expected = "*etcd-1 leads term 3* and says so in every heartbeat. \
                    Everything is quiet at revision 147. (Raft §5.2)";
    check(&frame, &[], expected);
    change(&mut frame, 5, |it| it.status = Status::Crashed);
    let expected =
        "*etcd-1 leads term 3* with 4 of 5 alive: still a quorum, so writes go on. (Raft §5.2)";
    check(&frame, &[], expected);
}

#[test]
fn nobody_leads() {
    let mut frame = idle();
    change(&mut frame, 1, |it| it.status = Status::Crashed);
    change(&mut frame, 5, |it| it.role = Role::Follower);
    let expected = "*Nobody leads.* The followers wait for a heartbeat; \
                    etcd-3 will lose patience first. \
                    (Raft §5.2)";
    check(&frame, &[], expected);
    change(&mut frame, 3, |it| (it.role, it.votes) = (Role::PreCandidate, vec![MemberId(3)]));
    let expected = "*etcd-3 hears no leader* and asks whether it would win an election: \
                    1 of 3 say yes. (Raft thesis §9.6)";
    check(&frame, &[], expected);
}

#[test]
fn a_leaders_death_is_told_before_the_silence() {
    let mut frame = idle();
    change(&mut frame, 1, |it| it.status = Status::Crashed);
    let killed = Happened::Killed { member: MemberId(1) };
    let expected = "*etcd-1, the leader, is killed.* The others do not know: \
                    they wait for its heartbeats. (Raft §5.2)";
    check(&frame, &[(12_000, killed.clone())], expected);
    let expected = "*Nobody leads.* The followers wait for a heartbeat; \
                    etcd-3 will lose patience first. (Raft §5.2)";
    check(&frame, &[(11_000, killed)], expected);
}

#[test]
fn who_has_just_started_is_not_called_stale() {
    let mut frame = idle();
    change(&mut frame, 5, |it| it.role = Role::Leader);
    let restarted = Happened::Restarted { member: MemberId(5) };
    let expected = "*etcd-5 starts again* from what its disk kept, as a follower. (Raft §5.1)";
    check(&frame, &[(12_300, restarted)], expected);
}

#[test]
fn elected_killed_stale_and_behind() {
    let frame = idle();
    let elected = Happened::RoleChanged { member: MemberId(1), role: Role::Leader, term: Term(3) };
    let mut alone = frame.clone();
    change(&mut alone, 5, |it| it.role = Role::Follower);
    let expected = "*etcd-1 is elected leader of term 3* by a quorum of 3. \
                    Its log is now the one to follow. (Raft §5.2)";
    check(&alone, &[(12_000, elected)], expected);
    let killed = Happened::Killed { member: MemberId(5) };
    change(&mut alone, 5, |it| it.status = Status::Crashed);
    let expected =
        "*etcd-5 is killed.* Its machine keeps what it wrote; the others go on. (Raft §5.1)";
    check(&alone, &[(12_000, killed.clone())], expected);
    check(
        &alone,
        &[(9_000, killed)],
        "*etcd-1 leads term 3* with 4 of 5 alive: still a quorum, so writes go on. (Raft §5.2)",
    );
    let expected = "*etcd-5 still thinks it leads* term 2, but etcd-1 leads term 3: \
                    a stale leader commits nothing. (Raft §5.1)";
    let mut stale = idle();
    change(&mut stale, 5, |it| it.role = Role::Leader);
    check(&stale, &[], expected);
    change(&mut stale, 5, |it| {
        it.role = Role::Follower;
        (it.leader, it.last_index) = (Some(MemberId(1)), Some(LogIndex(140)));
    });
    let expected = "*etcd-5 is catching up*: it lacks 7 entries that are committed, \
                    and etcd-1 sends them. \
                    (Raft §5.3)";
    check(&stale, &[], expected);
}

#[test]
fn a_refusal_is_told_in_kubectls_words() {
    let mut frame = calm();
    let write = Rc::make_mut(frame.writes.last_mut().unwrap());
    let text =
        "Error from server (AlreadyExists): deployments.apps \"web\" already exists".to_string();
    write.outcome = Some(crate::kube::WriteOutcome { text, failed: true, place: None });
    let expected = "*Refused.* Error from server (AlreadyExists): \
                    deployments.apps \"web\" already exists \
                    (Kubernetes API)";
    check(&frame, &[], expected);
}

#[test]
fn before_anything_a_cluster_starts() {
    let mut frame = Frame::default();
    frame.cluster.members = [1, 2, 3].map(|_| Rc::default()).into();
    check(
        &frame,
        &[],
        "*3 members start.* None leads yet; soon one will ask for votes. (Raft §5.2)",
    );
}

#[test]
fn why_tells_the_newest_first_and_a_burst_once() {
    let member = MemberId;
    let applied = |id| Happened::Applied {
        member: member(id),
        index: LogIndex(3),
        revision: crate::store::Revision(4),
        thread: None,
    };
    let events = [Happened::Killed { member: member(2) }, applied(1), applied(3), applied(4)];
    let event =
        |what: &Happened| Rc::new(Event { at: ms(1), step: 0, what: What::Cluster(what.clone()) });
    let events: Vec<Rc<Event>> = events.iter().rev().map(event).collect();
    let texts: Vec<String> = causes(events.iter()).into_iter().map(|cause| cause.text).collect();
    let expected = [
        "etcd-4 applies entry 3: its store is at revision 4",
        "etcd-2 is killed; its machine keeps what it wrote",
    ];
    assert_eq!(texts, expected);
}
