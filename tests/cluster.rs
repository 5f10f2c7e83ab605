//! Whole clusters, natively: elections, writes, deaths, returns.
#![allow(missing_docs)]

use std::time::Duration;

use std::rc::Rc;

use raftarium::cluster::{
    Action, Camera, Cluster, Etcdctl, Event, Member, Outcome, Role, Setup, Status, Timing,
};

fn boot(seed: u64, members: u8) -> Cluster {
    Cluster::boot(Setup { seed, members, timing: Timing::Classroom, loop_waits_for_fsync: true })
}

fn run(cluster: &Cluster, ms: u64) {
    let until = cluster.world().now() + Duration::from_millis(ms);
    assert!(cluster.advance_to(until, u64::MAX));
}

fn run_until(cluster: &Cluster, ms: u64, is: impl Fn(&Cluster) -> bool) -> bool {
    let until = cluster.world().now() + Duration::from_millis(ms);
    while !is(cluster) {
        match cluster.world().next_at() {
            Some(next) if next <= until => cluster.step(),
            _ => return false,
        };
    }
    true
}

fn put(cluster: &Cluster, key: &str, value: &str) {
    cluster.act(&Action::Etcdctl(Etcdctl::put(key, value)));
}

fn dump(cluster: &Cluster) {
    for noted in cluster.take_events().0 {
        eprintln!("{} {}", noted.at, noted.event);
    }
}

#[test]
fn a_leader_is_elected_and_repaired() {
    for seed in 1..=3 {
        let cluster = boot(seed, 5);
        let led = run_until(&cluster, 5_000, |c| c.leader().is_some());
        if !led {
            dump(&cluster);
        }
        assert!(led, "seed {seed}");
        let first = cluster.leader().unwrap();
        eprintln!("seed {seed}: {first} leads at {}", cluster.world().now());
        run(&cluster, 1_000);
        put(&cluster, "foo", "bar");
        run(&cluster, 1_500);
        dump(&cluster);
        let history = cluster.requests().history();
        assert!(matches!(history[0].outcome, Outcome::Done { .. }), "{:?}", history[0]);
        let died = cluster.world().now();
        cluster.act(&Action::Kill(first));
        assert!(run_until(&cluster, 6_000, |c| c.leader().is_some_and(|l| l != first)));
        let repaired = cluster.world().now().0 - died.0;
        eprintln!("seed {seed}: repaired in {} ms", repaired / 1_000_000);
        cluster.act(&Action::Restart(first));
        run(&cluster, 3_000);
        dump(&cluster);
        for id in cluster.member_ids() {
            let keys = cluster.with_store(id, |store| store.revision());
            assert_eq!(keys.map(|r| r.0), Some(2), "{id}");
        }
        cluster.end();
    }
}

/// The arc round a follower tells the truth: it campaigns when its arc has run out.
#[test]
fn the_election_clock_is_foretold() {
    for seed in 1..=10 {
        let cluster = boot(seed, 5);
        assert!(run_until(&cluster, 20_000, |c| c.leader().is_some()));
        run(&cluster, 2_000);
        let leader = cluster.leader().unwrap();
        cluster.act(&Action::Kill(leader));
        run(&cluster, 900);
        let frame = Camera::default().frame(&cluster);
        let foretold = |member: &Rc<Member>| Some((member.election?.due, member.id));
        let (due, who) = frame.members.iter().filter_map(foretold).min().expect("followers wait");
        cluster.take_events();
        let asks =
            |event: &Event| matches!(event, Event::RoleChanged { role: Role::PreCandidate, .. });
        let mut first = None;
        while first.is_none() {
            cluster.step();
            first = cluster.take_events().0.into_iter().find(|noted| asks(&noted.event));
        }
        let first = first.unwrap();
        let Event::RoleChanged { member, .. } = first.event else { unreachable!() };
        assert_eq!((first.at, member), (due, who), "seed {seed}");
        cluster.end();
    }
}

/// A restarted leader does not resume by itself, and is never shown as if it did: not even before
/// its process has read its disk. It leads again when it was elected again, in a newer term.
#[test]
fn a_restarted_leader_is_a_follower_from_its_first_instant_on() {
    for seed in 1..=5 {
        let cluster = boot(seed, 3);
        assert!(run_until(&cluster, 20_000, |c| c.leader().is_some()));
        run(&cluster, 1_000);
        let leader = cluster.leader().unwrap();
        let mut camera = Camera::default();
        let mut seen = |cluster: &Cluster| {
            let frame = camera.frame(cluster);
            let member = frame.members.iter().find(|member| member.id == leader);
            member.map(|member| (member.status, member.role, member.term)).unwrap()
        };
        let (_, role, old) = seen(&cluster);
        assert_eq!(role, Role::Leader);
        cluster.act(&Action::Kill(leader));
        run(&cluster, 10);
        assert_eq!(seen(&cluster), (Status::Crashed, Role::Leader, old), "what it was");
        cluster.act(&Action::Restart(leader));
        let until = cluster.world().now() + Duration::from_millis(300);
        loop {
            let (status, role, term) = seen(&cluster);
            assert_eq!(status, Status::Running);
            assert!(role != Role::Leader || term > old, "seed {seed}: leads in {term}");
            assert!(term >= old, "seed {seed}: its term fell from {old} to {term}");
            if cluster.step_until(until).is_none() {
                break;
            }
        }
        cluster.end();
    }
}
