//! Faults of machines, links and packets: what a member makes of them, and what a frame shows.
#![allow(missing_docs)]

use std::time::Duration;

use raftarium::cluster::{
    Action, Camera, Cluster, DiskFault, Event, LinkFault, Setup, Status, Timing,
};
use raftarium::raft::{LogIndex, MemberId};
use raftarium::script::{self, Command};
use raftarium::sim::{Address, Instant};

fn boot(members: u8) -> Cluster {
    let cluster = Cluster::boot(Setup {
        seed: 1,
        members,
        timing: Timing::Classroom,
        loop_waits_for_fsync: true,
    });
    run(&cluster, 3000);
    cluster
}

fn run(cluster: &Cluster, millis: u64) -> Vec<String> {
    let until = cluster.world().now() + Duration::from_millis(millis);
    cluster.advance_to(until, u64::MAX);
    said(cluster)
}

fn said(cluster: &Cluster) -> Vec<String> {
    let quiet = |event: &Event| matches!(event, Event::Applied { .. } | Event::Acked { .. });
    let events = cluster.take_events().0.into_iter().map(|noted| noted.event);
    events.filter(|event| !quiet(event)).map(|event| event.to_string()).collect()
}

/// Does what a line of the language says.
fn act(cluster: &Cluster, line: &str) {
    let Ok(Command::Do(script::Action::Cluster(action))) = line.parse() else {
        panic!("{line} is no action");
    };
    assert_eq!(action.to_string(), line);
    cluster.act(&action);
}

fn last(cluster: &Cluster, id: u64) -> Option<LogIndex> {
    cluster.with_log(MemberId(id), |log| log.last_index()).flatten()
}

/// What the log on a disk says it holds, process or none.
fn on_disk(cluster: &Cluster, id: u64) -> Option<LogIndex> {
    raftarium::raft::LogStore::open(cluster.disk(MemberId(id))).last_index()
}

/// A lone member's write is in its log at once, and on its disk after a slow fsync.
fn with_an_unsynced_entry() -> (Cluster, LogIndex) {
    let cluster = boot(1);
    let before = last(&cluster, 1).unwrap();
    act(&cluster, "disk 1 slow 500ms");
    act(&cluster, "etcdctl put foo bar");
    run(&cluster, 200);
    assert_eq!(last(&cluster, 1), Some(LogIndex(before.0 + 1)));
    (cluster, before)
}

#[test]
fn a_killed_process_leaves_what_it_wrote() {
    let (cluster, before) = with_an_unsynced_entry();
    act(&cluster, "kill 1");
    assert_eq!(on_disk(&cluster, 1), Some(LogIndex(before.0 + 1)));
    act(&cluster, "restart 1");
    run(&cluster, 3000);
    let seen = Camera::default().frame(&cluster).members[0].clone();
    assert!(seen.durable_index > Some(before) && seen.commit_index > Some(before), "{seen:?}");
}

#[test]
fn a_power_cut_leaves_what_was_synced() {
    let (cluster, before) = with_an_unsynced_entry();
    act(&cluster, "crash 1");
    assert_eq!(on_disk(&cluster, 1), Some(before));
    let frame = Camera::default().frame(&cluster);
    assert_eq!(frame.members[0].last_index, Some(before));
    assert_eq!(frame.members[0].log.last().map(|entry| entry.index), Some(before));
}

/// What a dead process left in the page cache is made durable before it is believed.
#[test]
fn a_process_syncs_what_the_one_before_it_left() {
    let (cluster, before) = with_an_unsynced_entry();
    act(&cluster, "disk 1 stall");
    act(&cluster, "kill 1");
    act(&cluster, "restart 1");
    run(&cluster, 3000);
    assert!(cluster.disk(MemberId(1)).counters().unsynced_bytes > 0);
    assert!(cluster.with_log(MemberId(1), |_| ()).is_none(), "it has not started");
    act(&cluster, "disk 1 well");
    run(&cluster, 3000);
    assert!(last(&cluster, 1) > Some(before));
}

#[test]
fn a_full_disk_kills_in_etcds_words() {
    let cluster = boot(3);
    let follower = cluster.member_ids().into_iter().find(|id| Some(*id) != cluster.leader());
    let follower = follower.unwrap();
    act(&cluster, &format!("disk {} full", follower.0));
    act(&cluster, "etcdctl put foo bar");
    let events = run(&cluster, 2000);
    let dies = format!(
        "{follower} dies: failed to save Raft hard state and entries: no space left on device"
    );
    assert!(events.contains(&dies), "{events:#?}");
    assert_eq!(cluster.status(follower), Some(Status::Crashed));
    act(&cluster, &format!("disk {} well", follower.0));
    act(&cluster, &format!("restart {}", follower.0));
    run(&cluster, 3000);
    assert_eq!(last(&cluster, follower.0), last(&cluster, cluster.leader().unwrap().0));
}

#[test]
fn a_flipped_bit_is_found_when_the_member_starts() {
    let cluster = boot(3);
    act(&cluster, "etcdctl put foo bar");
    run(&cluster, 2000);
    let index = last(&cluster, 1).unwrap();
    act(&cluster, &format!("disk 1 corrupt {index}"));
    let wrong = Camera::default().frame(&cluster).members[0].faults.clone();
    assert_eq!(wrong.disk, [DiskFault::Corrupt(index)]);
    assert!(run(&cluster, 2000).iter().all(|event| !event.contains("dies")));
    act(&cluster, "kill 1");
    act(&cluster, "restart 1");
    let events = run(&cluster, 2000);
    let fails = "etcd-1 cannot start: failed to read WAL, cannot be repaired: walpb: crc mismatch";
    assert!(events.iter().any(|event| event == fails), "{events:#?}");
    assert_eq!(cluster.status(MemberId(1)), Some(Status::Crashed));
    act(&cluster, "disk 1 corrupt 100000");
    assert!(said(&cluster).is_empty(), "there is no such entry");
}

/// A torn tail is cut off, and what is written afterwards can be read again.
#[test]
fn a_torn_tail_is_repaired() {
    for seed in 1..=12 {
        let cluster = Cluster::boot(Setup {
            seed,
            members: 1,
            timing: Timing::Classroom,
            loop_waits_for_fsync: false,
        });
        run(&cluster, 3000);
        act(&cluster, "disk 1 torn");
        act(&cluster, "disk 1 slow 500ms");
        act(&cluster, "etcdctl put foo torn");
        run(&cluster, 200);
        act(&cluster, "crash 1");
        act(&cluster, "restart 1");
        run(&cluster, 6000);
        act(&cluster, "etcdctl put foo whole");
        run(&cluster, 6000);
        let before = last(&cluster, 1);
        act(&cluster, "crash 1");
        assert_eq!(on_disk(&cluster, 1), before, "seed {seed}");
    }
}

/// etcd's raft loop waits for its fsync, so a stalled disk takes the leader down with it.
#[test]
fn a_leader_whose_disk_stalls_is_replaced() {
    let cluster = boot(3);
    let leader = cluster.leader().unwrap();
    act(&cluster, &format!("disk {} stall", leader.0));
    act(&cluster, &format!("etcdctl --endpoints=etcd-{} put foo bar", leader.0));
    run(&cluster, 5000);
    assert_ne!(cluster.leader(), Some(leader));
}

#[test]
fn the_member_with_the_fast_clock_campaigns_first() {
    for id in 1..=5 {
        let cluster = boot(5);
        if cluster.leader() == Some(MemberId(id)) {
            continue;
        }
        act(&cluster, &format!("clock {id} drift 300%"));
        assert!(!Camera::default().frame(&cluster).members[id as usize - 1].faults.is_well());
        run(&cluster, 1000);
        act(&cluster, "kill 3");
        let events = run(&cluster, 3000);
        let asks = events.iter().find(|event| event.contains("asks whether")).unwrap();
        assert!(asks.starts_with(&format!("etcd-{id} ")), "{events:#?}");
    }
}

/// What the frame foretells is when it happens, by whatever clock: to the microsecond.
#[test]
fn the_election_of_a_wrong_clock_is_foretold() {
    for line in ["clock 1 drift 80%", "clock 1 drift -40%"] {
        let cluster = boot(3);
        act(&cluster, line);
        run(&cluster, 1000);
        act(&cluster, "link 1-all cut");
        run(&cluster, 300);
        let frame = Camera::default().frame(&cluster);
        let due = frame.members[0].election.unwrap().due;
        let until = cluster.world().now() + Duration::from_secs(5);
        cluster.take_events();
        cluster.advance_to(until, u64::MAX);
        let asks = |event: &Event| event.to_string().starts_with("etcd-1 asks whether");
        let asked = cluster.take_events().0.into_iter().find(|noted| asks(&noted.event));
        let asked = asked.map(|noted| noted.at).unwrap();
        assert!(asked.0.abs_diff(due.0) < 1000, "{line}: {asked:?}, not {due:?}");
    }
}

#[test]
fn a_frame_shows_what_is_wrong_with_links() {
    let cluster = boot(3);
    let links = |cluster: &Cluster| {
        let links = Camera::default().frame(cluster).links;
        let line = |fault: &LinkFault| fault.to_string();
        let faults = |faults: &[LinkFault]| faults.iter().map(line).collect::<Vec<_>>().join(" + ");
        links.iter().map(|l| format!("{}>{} {}", l.from.0, l.to.0, faults(&l.faults))).collect()
    };
    let shown: Vec<String> = links(&cluster);
    assert!(shown.is_empty());
    act(&cluster, "link 1>2,3 loss 20%");
    act(&cluster, "link 1-2 latency 200ms jitter 50ms");
    act(&cluster, "link 3>etcdctl cut");
    let shown: Vec<String> = links(&cluster);
    let expected = [
        "1>2 latency 200ms jitter 50ms + loss 20%",
        "1>3 loss 20%",
        "2>1 latency 200ms jitter 50ms",
        "3>100 cut",
    ];
    assert_eq!(shown, expected);
    act(&cluster, "link 1-2 well");
    let shown: Vec<String> = links(&cluster);
    assert_eq!(shown, ["1>3 loss 20%", "3>100 cut"]);
    act(&cluster, "heal");
    let shown: Vec<String> = links(&cluster);
    assert!(shown.is_empty());
}

/// In two groups is the way between them.
#[test]
fn a_member_in_two_groups_is_a_bridge() {
    let cluster = boot(5);
    act(&cluster, "partition 1,2,3 | 3,4,5");
    let cut = |a: u32, b: u32| cluster.network().link(Address(a), Address(b)).cut;
    assert!(cut(1, 4) && cut(5, 2) && !cut(1, 2) && !cut(4, 5));
    assert!((1..=5).all(|other| !cut(3, other) && !cut(other, 3)));
}

#[test]
fn the_next_of_a_kind_is_touched_once() {
    let cluster = boot(3);
    let leader = cluster.leader().unwrap().0;
    let to = if leader == 1 { 2 } else { 1 };
    act(&cluster, &format!("next heartbeat {leader}>{to} drop"));
    assert_eq!(Camera::default().frame(&cluster).armed.len(), 1);
    let events = run(&cluster, 1000);
    let dropped = |event: &&String| event.ends_with("is dropped");
    assert_eq!(events.iter().filter(dropped).count(), 1, "{events:#?}");
    assert!(Camera::default().frame(&cluster).armed.is_empty());
}

#[test]
fn a_packet_is_touched_by_its_number() {
    let cluster = boot(3);
    while cluster.network().in_flight().is_empty() {
        cluster.step();
    }
    let packet = cluster.network().in_flight()[0].clone();
    act(&cluster, &format!("packet {} delay 1s", packet.id.0));
    let frame = Camera::default().frame(&cluster);
    let seen = frame.packets.iter().find(|seen| seen.id == packet.id.0).unwrap();
    assert!(seen.touched && seen.arrives == packet.arrives + Duration::from_secs(1));
    act(&cluster, &format!("packet {} drop", packet.id.0));
    assert!(cluster.network().packet(packet.id).is_none());
    said(&cluster);
    cluster.act(&Action::Packet(packet.id.0, raftarium::cluster::Touch::Now));
    assert!(said(&cluster).is_empty(), "what is not there is not touched");
}

/// With the switch off, heartbeats pass a busy disk, as openraft would have it.
#[test]
fn the_loop_can_be_let_go_on() {
    let cluster = boot(3);
    let leader = cluster.leader().unwrap();
    act(&cluster, "fsync overlap");
    assert!(!Camera::default().frame(&cluster).loop_waits_for_fsync);
    act(&cluster, &format!("disk {} stall", leader.0));
    act(&cluster, "etcdctl put foo bar");
    run(&cluster, 5000);
    assert_eq!(cluster.leader(), Some(leader));
    assert!(cluster.world().now() > Instant::ZERO);
}
