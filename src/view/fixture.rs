//! A hand-made moment in which much happens at once, to look at and to test pictures with.
//!
//! Five members: etcd-1 leads term 3, etcd-4 campaigns for term 4, etcd-5 is crashed and holds an
//! entry nobody else has. A write is at the Raft station; packets of most kinds are on their way.
//!
//! Architecture invariant: made by hand; never shown as if it were a run.

use std::rc::Rc;

use crate::cluster::{self, *};
use crate::engine::{self, What};
use crate::kube::{self, Step, StepKind, StepState, WriteOutcome, WritePath};
use crate::raft::{LogIndex, MemberId, Term, ThreadId};
use crate::sim::{Address, Instant};
use crate::store::Revision;

/// The write in flight.
pub const THREAD: ThreadId = ThreadId(7);

/// An instant so many virtual milliseconds after the beginning.
pub fn ms(ms: u64) -> Instant {
    Instant(ms * 1_000_000)
}

/// The rich moment, at 12.384 s.
pub fn moment() -> engine::Frame {
    let cluster = cluster::Frame {
        now: ms(12_384),
        step: 48_211,
        trace_hash: 0,
        members: members().into_iter().map(Rc::new).collect(),
        places: places().into_iter().map(Rc::new).collect(),
        packets: packets(),
        requests: requests().into_iter().map(Rc::new).collect(),
        cuts: vec![(Address(2), Address(3)), (Address(3), Address(2))],
        loop_waits_for_fsync: true,
        ..cluster::Frame::default()
    };
    engine::Frame {
        cluster,
        writes: vec![Rc::new(write_done()), Rc::new(write())],
        ..engine::Frame::default()
    }
}

/// A run that leads to the moment: frames with what happened before each.
pub fn film() -> Vec<(Vec<Rc<engine::Event>>, engine::Frame)> {
    let end = moment();
    let mut film = Vec::new();
    let mut happened = events().into_iter().peekable();
    for at in (0..=12_384u64).step_by(344) {
        let mut frame = end.clone();
        frame.cluster.now = ms(at);
        if at < 12_384 {
            let term = if at < 5_000 { 1 } else { 2 } + u64::from(at > 9_000);
            frame.cluster.members = earlier(&end, at, term);
            frame.cluster.packets.clear();
            frame.writes.truncate(usize::from(at > 4_000));
            frame.cluster.requests.retain(|request| request.started <= frame.cluster.now);
        }
        let mut before = Vec::new();
        while let Some(event) = happened.next_if(|event| event.at.0 <= ms(at).0) {
            before.push(Rc::new(event));
        }
        film.push((before, frame));
    }
    film
}

fn earlier(end: &engine::Frame, at: u64, term: u64) -> Vec<Rc<Member>> {
    let leader = MemberId(match term {
        1 => 2,
        2 => 5,
        _ => 1,
    });
    let down =
        |id: MemberId| (id.0 == 2 && (5_000..6_700).contains(&at)) || (id.0 == 5 && at > 9_000);
    let member = |member: &Rc<Member>| {
        let role = if member.id == leader { Role::Leader } else { Role::Follower };
        let status = if down(member.id) { Status::Crashed } else { Status::Running };
        let timer = ElectionTimer { since: ms(at.saturating_sub(80)), due: ms(at + 1_100) };
        let election = (role == Role::Follower && status == Status::Running).then_some(timer);
        let (term, votes) = (Term(term), vec![]);
        Rc::new(Member { role, status, term, election, votes, ..(**member).clone() })
    };
    end.cluster.members.iter().map(member).collect()
}

fn entry(index: u64, term: u64, text: &str, thread: Option<ThreadId>) -> Rc<Entry> {
    let bytes = text.len() as u32 + 380;
    let text = text.to_string();
    Rc::new(Entry { index: LogIndex(index), term: Term(term), text, bytes, thread })
}

fn log(to: u64) -> Vec<Rc<Entry>> {
    let all = [
        entry(141, 1, "new leader", None),
        entry(142, 1, "put /registry/namespaces/default", Some(ThreadId(1))),
        entry(143, 1, "put /registry/deployments/default/api", Some(ThreadId(2))),
        entry(144, 2, "new leader", None),
        entry(145, 2, "put /registry/pods/default/api-1", Some(ThreadId(3))),
        entry(146, 2, "put /registry/secrets/default/token", Some(ThreadId(4))),
        entry(147, 3, "put /registry/leases/kube-node-lease/node-a", Some(ThreadId(5))),
        entry(148, 3, "put /registry/deployments/default/web", Some(THREAD)),
    ];
    all.into_iter().filter(|entry| entry.index.0 <= to).collect()
}

fn member(id: u64, role: Role, term: u64, last: u64, committed: u64) -> Member {
    let index = |index| Some(LogIndex(index));
    Member {
        id: MemberId(id),
        role,
        term: Term(term),
        voted_for: Some(MemberId(1)),
        leader: Some(MemberId(1)),
        last_index: index(last),
        durable_index: index(last),
        commit_index: index(committed),
        applied_index: index(committed),
        snapshot_index: index(140),
        log: log(last),
        revision: Revision(committed as i64),
        keys: 41,
        watchers: 2,
        ..Member::default()
    }
}

fn members() -> Vec<Member> {
    let timer = |since, due| Some(ElectionTimer { since: ms(since), due: ms(due) });
    let matched = |to, index: u64, next| Progress {
        to: MemberId(to),
        matched: Some(LogIndex(index)),
        next: LogIndex(next),
    };
    let progress = vec![
        matched(2, 148, 149),
        matched(3, 147, 149),
        matched(4, 147, 149),
        matched(5, 146, 147),
    ];
    let mut lost = member(5, Role::Leader, 2, 146, 146);
    lost.log.push(entry(147, 2, "put /registry/configmaps/default/lost", Some(ThreadId(6))));
    lost.last_index = Some(LogIndex(147));
    let votes = vec![MemberId(4), MemberId(3)];
    vec![
        Member { progress, lease_until: Some(ms(12_900)), ..member(1, Role::Leader, 3, 148, 147) },
        Member { election: timer(12_340, 13_500), ..member(2, Role::Follower, 3, 148, 147) },
        Member { election: timer(12_100, 13_000), ..member(3, Role::Follower, 3, 147, 147) },
        Member { leader: None, votes, ..member(4, Role::Candidate, 4, 147, 146) },
        Member { status: Status::Crashed, ..lost },
    ]
}

fn places() -> Vec<Place> {
    let place = |address, kind, name: &str, notes: &[&str]| Place {
        address: Address(address),
        kind,
        name: name.into(),
        notes: notes.iter().map(|note| note.to_string()).collect(),
        ..Place::default()
    };
    vec![
        place(100, PlaceKind::Etcdctl, "etcdctl", &["put foo bar"]),
        place(101, PlaceKind::Kubectl, "kubectl", &["apply web · waiting"]),
        place(
            102,
            PlaceKind::Apiserver,
            "kube-apiserver",
            &["storage → etcd3", "watch cache @147", "aesgcm, key1"],
        ),
        place(103, PlaceKind::Scheduler, "scheduler", &["told of pods @145"]),
        place(104, PlaceKind::Controllers, "controllers", &["told of deployments @143"]),
        place(105, PlaceKind::Kubelet, "kubelet node-a", &["no pods yet"]),
        place(106, PlaceKind::Kubelet, "kubelet node-b", &["no pods yet"]),
    ]
}

fn packet(id: u64, from: u32, to: u32, kind: PacketKind, text: &str) -> Packet {
    let (from, to, text) = (Address(from), Address(to), text.to_string());
    let (sent, arrives) = (ms(12_340), ms(12_430));
    Packet { id, from, to, kind, text, sent, arrives, term: Some(Term(3)), ..Packet::default() }
}

fn packets() -> Vec<Packet> {
    use PacketKind::*;
    let thread = Some(THREAD);
    vec![
        Packet { entries: 1, bytes: 468, thread, ..packet(1, 1, 3, Append, "148") },
        Packet { entries: 1, thread, sent: ms(12_360), ..packet(2, 1, 4, Append, "148") },
        Packet { answer: true, thread, sent: ms(12_320), ..packet(3, 2, 1, Append, "ack 148") },
        packet(4, 1, 2, Append, ""),
        Packet { answer: true, sent: ms(12_305), ..packet(5, 3, 1, Append, "") },
        Packet { term: Some(Term(4)), ..packet(6, 4, 2, Vote, "vote?") },
        Packet { answer: true, term: Some(Term(4)), ..packet(7, 3, 4, Vote, "vote") },
        Packet { answer: true, refused: true, ..packet(8, 2, 4, Vote, "no") },
        Packet { falls: Some(ms(12_380)), entries: 2, ..packet(9, 1, 5, Append, "147–148") },
        Packet { thread, term: None, sent: ms(12_300), ..packet(10, 102, 1, Client, "txn") },
        Packet { thread, term: None, sent: ms(12_350), ..packet(11, 101, 102, Api, "apply") },
        Packet { answer: true, term: None, ..packet(12, 102, 103, Watch, "") },
        Packet { term: None, ..packet(13, 100, 2, Client, "put") },
        Packet { term: None, sent: ms(12_350), ..packet(14, 2, 1, Forward, "put") },
    ]
}

fn request(id: u64, started: u64, ended: Option<u64>, text: &str) -> ClientRequest {
    let outcome = match ended {
        Some(_) => Outcome::Done { revision: Revision(140 + id as i64), text: "OK".into() },
        None => Outcome::Open,
    };
    ClientRequest {
        id,
        client: Address(102),
        text: text.into(),
        endpoint: MemberId(1),
        attempts: 1,
        started: ms(started),
        ended: ended.map(ms),
        outcome,
        thread: ThreadId(id),
        ..ClientRequest::default()
    }
}

fn requests() -> Vec<ClientRequest> {
    let mut failed = request(4, 8_900, Some(9_900), "put /registry/secrets/default/token");
    failed.outcome =
        Outcome::Failed { error: "etcdserver: request timed out".into(), unknown: true };
    vec![
        request(1, 2_100, Some(2_330), "put /registry/namespaces/default"),
        request(2, 3_400, Some(3_650), "put /registry/deployments/default/api"),
        request(3, 7_000, Some(7_300), "put /registry/pods/default/api-1"),
        failed,
        request(5, 11_000, Some(11_270), "put /registry/leases/kube-node-lease/node-a"),
        request(7, 12_300, None, "put /registry/deployments/default/web"),
    ]
}

fn step(kind: StepKind, state: StepState, what: &str, note: &str, at: u64) -> Step {
    let at = (at > 0).then(|| ms(at));
    Step { kind, state, what: what.into(), note: note.into(), at }
}

fn write() -> WritePath {
    use StepState::*;
    let steps = vec![
        step(StepKind::Object, Done, "Deployment web", "1.2 kB YAML", 12_100),
        step(StepKind::Default, Done, "+ 14 fields", "uid, strategy…", 12_160),
        step(StepKind::Encode, Done, "protobuf", "k8s\\0 · 412 B", 12_220),
        step(StepKind::Transform, Done, "identity", "412 B", 12_280),
        step(StepKind::Txn, Done, "mod_rev = 0 ?", "put /registry/…", 12_300),
        step(StepKind::Raft, Now, "entry 148", "2 of 5 acks", 12_340),
        step(StepKind::Apply, Waiting, "", "", 0),
        step(StepKind::Watch, Waiting, "", "", 0),
    ];
    let title = "kubectl apply · Deployment default/web".into();
    WritePath { thread: THREAD, title, started: ms(12_100), steps, ..WritePath::default() }
}

fn write_done() -> WritePath {
    let mut done = write();
    done.thread = ThreadId(2);
    done.title = "kubectl create · Deployment default/api".into();
    done.started = ms(3_200);
    for (index, step) in done.steps.iter_mut().enumerate() {
        step.state = StepState::Done;
        step.at = Some(ms(3_200 + 60 * index as u64));
    }
    let text = "deployment.apps/api created".into();
    done.outcome = Some(WriteOutcome { text, failed: false, place: None });
    done
}

fn events() -> Vec<engine::Event> {
    use cluster::Event::*;
    let member = MemberId;
    let elected =
        |id, term| RoleChanged { member: member(id), role: Role::Leader, term: Term(term) };
    let asks =
        |id, term| RoleChanged { member: member(id), role: Role::Candidate, term: Term(term) };
    let thread = THREAD;
    let text = "put /registry/deployments/default/web".to_string();
    let (index, term) = (LogIndex(148), Term(3));
    let committed = |id, index, term| Committed {
        member: member(id),
        index: LogIndex(index),
        term: Term(term),
        thread: None,
    };
    let cluster = [
        (0, Booted { members: 5, timing: Timing::Classroom }),
        (600, asks(2, 1)),
        (780, elected(2, 1)),
        (2_300, committed(2, 142, 1)),
        (3_600, committed(2, 143, 1)),
        (5_000, Killed { member: member(2) }),
        (5_800, asks(5, 2)),
        (6_000, elected(5, 2)),
        (6_700, Restarted { member: member(2) }),
        (7_250, committed(5, 145, 2)),
        (9_000, Killed { member: member(5) }),
        (10_100, asks(1, 3)),
        (10_400, elected(1, 3)),
        (11_200, committed(1, 147, 3)),
        (12_330, Proposed { member: member(1), index, term, text, thread }),
        (12_350, asks(4, 4)),
    ];
    let told = kube::Event::Asked { thread, line: "kubectl apply -f web.yaml".into() };
    let mut events: Vec<engine::Event> = cluster
        .into_iter()
        .map(|(at, what)| engine::Event { at: ms(at), step: at, what: What::Cluster(what) })
        .collect();
    events.push(engine::Event { at: ms(12_100), step: 0, what: What::Kube(told) });
    events.sort_by_key(|event| event.at);
    events
}
