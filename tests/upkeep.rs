//! What keeps a cluster in order: alarms, quotas, defragmentation, members added and removed.
#![allow(missing_docs)]

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use raftarium::cluster::{Action, Client, Cluster, Role, Setup, Timing};
use raftarium::raft::MemberId;
use raftarium::sim::{Address, Group};
use raftarium::store::{
    AlarmAction, AlarmMember, AlarmType, ClusterRequest, ClusterResponse, CompactionRequest, Error,
    MaintenanceRequest, MaintenanceResponse, PutRequest, RangeRequest, Request, Response, Revision,
    StatusResponse,
};

const CLIENT: Address = Address(99);

struct At(Cluster);

impl At {
    /// A cluster with a leader, old enough for its members to trust their connections.
    fn boot(members: u8) -> At {
        let timing = Timing::Etcd;
        let setup = Setup { seed: 1, members, timing, loop_waits_for_fsync: true };
        let at = At(Cluster::boot(setup));
        at.0.network().attach(CLIENT, Group(CLIENT.0));
        at.run(9_000);
        at.0.leader().expect("a leader");
        at
    }

    fn run(&self, ms: u64) {
        let until = self.0.world().now() + Duration::from_millis(ms);
        assert!(self.0.advance_to(until, u64::MAX));
    }

    fn leader(&self) -> MemberId {
        self.0.leader().expect("a leader")
    }

    fn follower(&self) -> MemberId {
        let leader = self.leader();
        self.0.member_ids().into_iter().find(|id| *id != leader).expect("a follower")
    }

    /// Asks one member and lets time pass until it has answered.
    fn ask(&self, id: MemberId, request: Request) -> Result<Response, Error> {
        let heard = Rc::new(RefCell::new(None));
        let (cluster, told) = (self.0.clone(), heard.clone());
        self.0.world().spawn_in(Group(CLIENT.0), async move {
            let client = Client::new(cluster.clone(), CLIENT, Duration::from_secs(20));
            let answer = client.request(request, cluster.fresh_thread(), Some(id)).await;
            told.replace(Some(answer));
        });
        for _ in 0..25_000 {
            if heard.borrow().is_some() {
                break;
            }
            self.run(1);
        }
        heard.take().expect("an answer")
    }

    fn put(&self, id: MemberId, key: &str, size: usize) -> Result<Response, Error> {
        self.ask(
            id,
            Request::Put(PutRequest {
                key: key.into(),
                value: vec![b'v'; size].into(),
                ..PutRequest::default()
            }),
        )
    }

    fn maintain(
        &self,
        id: MemberId,
        request: MaintenanceRequest,
    ) -> Result<MaintenanceResponse, Error> {
        match self.ask(id, Request::Maintenance(request))? {
            Response::Maintenance(response) => Ok(response),
            other => panic!("{other:?}"),
        }
    }

    fn status(&self, id: MemberId) -> StatusResponse {
        match self.maintain(id, MaintenanceRequest::Status) {
            Ok(MaintenanceResponse::Status(status)) => status,
            other => panic!("{other:?}"),
        }
    }

    fn alarms(&self, action: AlarmAction, member: AlarmMember) -> Vec<AlarmMember> {
        let request = MaintenanceRequest::Alarm { action, member };
        match self.maintain(self.leader(), request) {
            Ok(MaintenanceResponse::Alarm { alarms, .. }) => alarms,
            other => panic!("{other:?}"),
        }
    }

    fn members(&self, id: MemberId, request: ClusterRequest) -> Result<ClusterResponse, Error> {
        match self.ask(id, Request::Cluster(request))? {
            Response::Cluster(response) => Ok(response),
            other => panic!("{other:?}"),
        }
    }

    fn add(&self, url: &str, learner: bool) -> Result<ClusterResponse, Error> {
        let peer_urls = vec![url.to_string()];
        self.members(self.leader(), ClusterRequest::Add { peer_urls, learner })
    }
}

#[test]
fn a_full_database_and_the_way_out() {
    let at = At::boot(3);
    at.0.act(&Action::Quota(96 * 1024));
    let leader = at.leader();
    let mut puts = 0;
    while at.put(leader, &format!("key{}", puts % 5), 2000).is_ok() {
        puts += 1;
        at.run(200);
        assert!(puts < 100, "it never filled");
    }
    assert_eq!(at.put(leader, "key0", 2000), Err(Error::NoSpace));
    let raised = at.alarms(AlarmAction::Get, AlarmMember::default());
    assert!(raised.contains(&AlarmMember { member_id: leader.0, alarm: AlarmType::NoSpace }));
    let status = at.status(leader);
    assert_eq!(status.errors, [format!("memberID:{} alarm:NOSPACE ", leader.0)]);
    // Another member refuses too, though it may have room: the alarm is everyone's.
    assert_eq!(at.put(at.follower(), "small", 1), Err(Error::NoSpace));
    let range = RangeRequest { key: "key0".into(), ..RangeRequest::default() };
    assert!(at.ask(leader, Request::Range(range)).is_ok());

    let compaction = CompactionRequest { revision: status.revision, physical: true };
    at.ask(leader, Request::Compaction(compaction)).unwrap();
    at.run(300);
    let compacted = at.status(leader);
    assert_eq!(compacted.db_size, status.db_size, "a compaction frees pages, not the file");
    assert!(compacted.db_size_in_use < status.db_size_in_use);
    for id in at.0.member_ids() {
        let defragmented = at.maintain(id, MaintenanceRequest::Defragment);
        assert_eq!(defragmented, Ok(MaintenanceResponse::Defragmented));
    }
    let small = at.status(leader);
    assert!(small.db_size < status.db_size / 2, "{small:?}");
    assert_eq!(at.put(leader, "small", 1), Err(Error::NoSpace), "until it is disarmed");
    for alarm in at.alarms(AlarmAction::Get, AlarmMember::default()) {
        assert_eq!(at.alarms(AlarmAction::Deactivate, alarm), [alarm]);
    }
    assert!(at.put(leader, "small", 1).is_ok());
    assert_eq!(at.status(leader).errors, [""; 0]);
    at.0.end();
}

/// The second of the two checks: there was room when they were proposed, and none when they were
/// applied. They are done, and refused.
#[test]
fn what_is_applied_over_the_quota_is_done_and_refused() {
    let at = At::boot(3);
    let leader = at.leader();
    let follower = at.follower();
    let slow = raftarium::cluster::DiskFault::Slow(Duration::from_millis(300));
    for id in at.0.member_ids() {
        at.0.act(&Action::Disk(id, slow));
    }
    let size = at.status(leader).db_size;
    at.0.act(&Action::Quota(size + 8 * 1024));
    let heard = Rc::new(RefCell::new(Vec::new()));
    for nth in 0..40 {
        let (cluster, told) = (at.0.clone(), heard.clone());
        at.0.world().spawn_in(Group(CLIENT.0), async move {
            let client = Client::new(cluster.clone(), CLIENT, Duration::from_secs(20));
            let key = format!("key{nth}").as_str().into();
            let put = PutRequest { key, value: vec![b'v'; 2000].into(), ..PutRequest::default() };
            let thread = cluster.fresh_thread();
            let answer = client.request(Request::Put(put), thread, Some(follower)).await;
            told.borrow_mut().push(answer);
        });
        at.run(30);
    }
    at.run(5_000);
    let refused = heard.borrow().iter().filter(|it| **it == Err(Error::NoSpace)).count();
    let done = at.0.with_store(leader, |store| store.revision().0 - 1).unwrap() as usize;
    assert_eq!(heard.borrow().len(), 40);
    assert!(refused + done > 40, "{refused} refused, {done} done: none of them both");
    at.0.end();
}

#[test]
fn a_defragmentation_blocks_its_member_alone() {
    let at = At::boot(3);
    let follower = at.follower();
    at.0.act(&Action::Disk(follower, raftarium::cluster::DiskFault::Slow(Duration::from_secs(1))));
    let cluster = at.0.clone();
    at.0.world().spawn_in(Group(CLIENT.0), async move {
        let client = Client::new(cluster.clone(), CLIENT, Duration::from_secs(20));
        let request = Request::Maintenance(MaintenanceRequest::Defragment);
        client.request(request, cluster.fresh_thread(), Some(follower)).await.unwrap();
    });
    at.run(100);
    let began = at.0.world().now();
    let range = RangeRequest { key: "a".into(), serializable: true, ..RangeRequest::default() };
    at.ask(at.leader(), Request::Range(range.clone())).unwrap();
    assert!(at.0.world().now() - began < Duration::from_millis(50));
    at.ask(follower, Request::Range(range)).unwrap();
    assert!(at.0.world().now() - began > Duration::from_millis(1500));
    at.0.end();
}

#[test]
fn hashes_are_equal_where_histories_are() {
    let at = At::boot(3);
    for nth in 0..20 {
        at.put(at.leader(), &format!("key{}", nth % 7), 10).unwrap();
    }
    at.run(1_000);
    let hash = |id| match at.maintain(id, MaintenanceRequest::HashKv { revision: Revision(0) }) {
        Ok(MaintenanceResponse::HashKv { hash, compact_revision, hash_revision, .. }) => {
            (hash, compact_revision, hash_revision)
        }
        other => panic!("{other:?}"),
    };
    let all: Vec<_> = at.0.member_ids().into_iter().map(hash).collect();
    assert_eq!((all[0].1, all[0].2), (Revision(-1), Revision(21)));
    assert!(all.iter().all(|one| *one == all[0]), "{all:?}");
    let future = MaintenanceRequest::HashKv { revision: Revision(100) };
    assert_eq!(at.maintain(at.leader(), future), Err(Error::FutureRevision));
    at.0.end();
}

#[test]
fn the_leadership_moves_to_whom_it_can() {
    let at = At::boot(3);
    let (leader, follower) = (at.leader(), at.follower());
    let to = |id: u64| MaintenanceRequest::MoveLeader { target: id };
    assert_eq!(at.maintain(follower, to(follower.0)), Err(Error::NotLeader));
    assert_eq!(at.maintain(leader, to(7)), Err(Error::BadLeaderTransferee));
    assert!(at.maintain(leader, to(follower.0)).is_ok());
    assert_eq!(at.leader(), follower);
    at.0.end();
}

#[test]
fn members_are_added_and_refused() {
    let at = At::boot(3);
    let refused = |url: &str| at.add(url, true).unwrap_err();
    assert_eq!(refused("etcd-4:2380"), Error::BadPeerUrls);
    assert_eq!(refused("http://etcd-1:2380"), Error::PeerUrlExists);
    let added = at.add("http://etcd-4:2380", true).unwrap();
    let member = added.member.unwrap();
    assert_eq!((member.id, &member.name[..], member.is_learner), (4, "", true));
    assert_eq!(added.members.len(), 4);
    assert_eq!(at.add("http://etcd-5:2380", true), Err(Error::TooManyLearners));
    let promote = |id| at.members(at.leader(), ClusterRequest::Promote { id });
    assert_eq!(promote(1), Err(Error::MemberNotLearner));
    assert_eq!(promote(9), Err(Error::MemberNotFound));
    assert_eq!(promote(4), Err(Error::LearnerNotReady));
    at.0.act(&Action::Start(MemberId(4)));
    at.run(3_000);
    let four = MemberId(4);
    assert_eq!(at.put(four, "a", 1), Err(Error::NotSupportedForLearner));
    let read = |serializable| {
        let range = RangeRequest { key: "a".into(), serializable, ..RangeRequest::default() };
        at.ask(four, Request::Range(range)).map(|_| ())
    };
    assert_eq!((read(false), read(true)), (Err(Error::NotSupportedForLearner), Ok(())));
    assert!(at.status(four).is_learner);
    let promoted = promote(4).unwrap();
    assert!(promoted.members.iter().all(|member| !member.is_learner));
    at.run(1_000);
    assert!(!at.status(four).is_learner);
    at.put(four, "a", 1).unwrap();
    at.0.end();
}

#[test]
fn a_change_that_breaks_the_quorum_is_refused() {
    let at = At::boot(3);
    // Three of three started: a fourth that is not started yet leaves three of four.
    at.add("http://etcd-4:2380", false).unwrap();
    // A fifth would leave three of five: enough. But then two more are none.
    at.add("http://etcd-5:2380", false).unwrap();
    assert_eq!(at.add("http://etcd-6:2380", false), Err(Error::NotEnoughStarted));
    let remove = |id| at.members(at.leader(), ClusterRequest::Remove { id });
    assert_eq!(remove(9), Err(Error::MemberNotFound));
    // Two started of four would be left.
    assert_eq!(remove(at.follower().0), Err(Error::NotEnoughStarted));
    remove(5).unwrap();
    remove(4).unwrap();
    let down = at.follower();
    at.0.act(&Action::Kill(down));
    at.run(1_000);
    assert_eq!(at.add("http://etcd-4:2380", false), Err(Error::Unhealthy));
    let up = at.0.member_ids().into_iter().find(|id| *id != down && *id != at.leader());
    assert_eq!(remove(up.unwrap().0), Err(Error::Unhealthy));
    remove(down.0).unwrap();
    at.0.end();
}

#[test]
fn peer_urls_are_changed() {
    let at = At::boot(3);
    let update = |id: u64, url: &str| {
        at.members(at.leader(), ClusterRequest::Update { id, peer_urls: vec![url.into()] })
    };
    assert_eq!(update(7, "http://10.0.0.7:2380"), Err(Error::MemberNotFound));
    assert_eq!(update(2, "http://etcd-1:2380"), Err(Error::PeerUrlExists));
    assert_eq!(update(2, "nowhere"), Err(Error::BadPeerUrls));
    let updated = update(2, "http://10.0.0.2:2380").unwrap();
    assert_eq!(updated.members[1].peer_urls, ["http://10.0.0.2:2380"]);
    let list = ClusterRequest::List { linearizable: true };
    for id in at.0.member_ids() {
        let listed = at.members(id, list.clone()).unwrap();
        assert_eq!(listed.members[1].peer_urls, ["http://10.0.0.2:2380"], "{id}");
    }
    at.0.end();
}

#[test]
fn a_learner_is_shown_as_one() {
    let at = At::boot(3);
    at.add("http://etcd-4:2380", true).unwrap();
    at.0.act(&Action::Start(MemberId(4)));
    at.run(2_000);
    let frame = raftarium::cluster::Camera::default().frame(&at.0);
    assert_eq!(frame.members[3].role, Role::Learner);
    at.0.end();
}
