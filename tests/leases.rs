//! Leases on a whole cluster: only the leader measures time, and everybody learns what came of it.
#![allow(missing_docs)]

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use raftarium::cluster::{Action, Client, Cluster, Setup, Timing};
use raftarium::raft::{MemberId, Rule};
use raftarium::sim::{Address, Group};
use raftarium::store::{
    Error, LeaseId, LeaseRequest, LeaseResponse, PutRequest, Request, Response, Revision,
};

const CLIENT: Address = Address(99);

struct At(Cluster);

type Heard = Rc<RefCell<Option<Result<Response, Error>>>>;

impl At {
    fn boot(members: u8) -> At {
        let timing = Timing::Etcd;
        let setup = Setup { seed: 3, members, timing, loop_waits_for_fsync: true };
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

    fn act(&self, action: Action) {
        self.0.act(&action);
    }

    fn leader(&self) -> MemberId {
        self.0.leader().expect("a leader")
    }

    fn follower(&self) -> MemberId {
        let leader = self.leader();
        self.0.member_ids().into_iter().find(|id| *id != leader).expect("a follower")
    }

    /// Asks one member. What it answers will be heard.
    fn asks(&self, id: MemberId, request: Request) -> Heard {
        let heard = Heard::default();
        let (cluster, told) = (self.0.clone(), heard.clone());
        self.0.world().spawn_in(Group(CLIENT.0), async move {
            let client = Client::new(cluster.clone(), CLIENT, Duration::from_secs(20));
            let answer = client.request(request, cluster.fresh_thread(), Some(id)).await;
            told.replace(Some(answer));
        });
        heard
    }

    /// Asks one member and lets time pass until it has answered.
    fn ask(&self, id: MemberId, request: Request) -> Result<Response, Error> {
        let heard = self.asks(id, request);
        for _ in 0..25_000 {
            if heard.borrow().is_some() {
                break;
            }
            self.run(1);
        }
        heard.take().expect("an answer")
    }

    fn lease(&self, id: MemberId, request: LeaseRequest) -> Result<LeaseResponse, Error> {
        match self.ask(id, Request::Lease(request))? {
            Response::Lease(response) => Ok(response),
            other => panic!("{other:?}"),
        }
    }

    fn grant(&self, id: LeaseId, ttl: i64) {
        let granted = self.lease(self.leader(), LeaseRequest::Grant { id, ttl });
        granted.expect("granted");
    }

    fn put(&self, key: &str, lease: LeaseId) {
        let put = PutRequest { key: key.into(), lease, ..PutRequest::default() };
        self.ask(self.leader(), Request::Put(put)).expect("put");
    }

    /// What is left, and what was granted.
    fn left(&self, at: MemberId, id: LeaseId) -> (i64, i64) {
        match self.lease(at, LeaseRequest::TimeToLive { id, keys: false }) {
            Ok(LeaseResponse::TimeToLive { ttl, granted_ttl, .. }) => (ttl, granted_ttl),
            other => panic!("{other:?}"),
        }
    }

    /// Whether a key is in every member's store.
    fn there(&self, key: &str) -> bool {
        let there = |id: MemberId| {
            self.0.with_store(id, |store| store.get(key.as_bytes(), store.revision()).is_some())
        };
        let seen: Vec<_> = self.0.member_ids().into_iter().filter_map(there).collect();
        assert!(seen.iter().all(|it| *it == seen[0]), "stores differ");
        seen[0]
    }

    fn revision(&self) -> Revision {
        self.0.with_store(self.leader(), |store| store.revision()).expect("runs")
    }
}

#[test]
fn it_expires_no_sooner_than_it_may_and_takes_its_keys_along() {
    let at = At::boot(3);
    at.grant(7, 5);
    ["b", "a"].iter().for_each(|key| at.put(key, 7));
    let before = at.revision();
    at.run(4_800);
    assert!(at.there("a") && at.there("b"));
    at.run(1_200);
    assert!(!at.there("a") && !at.there("b"));
    assert_eq!(at.revision(), Revision(before.0 + 1), "both in one revision");
    assert_eq!(at.left(at.follower(), 7), (-1, 0));
}

#[test]
fn a_keep_alive_to_any_member_starts_its_time_again() {
    let at = At::boot(3);
    at.grant(7, 5);
    at.put("a", 7);
    for _ in 0..3 {
        at.run(4_000);
        let told = at.lease(at.follower(), LeaseRequest::KeepAlive { id: 7 });
        assert!(matches!(told, Ok(LeaseResponse::KeptAlive { ttl: 5, .. })), "{told:?}");
    }
    assert!(at.there("a"));
    at.run(6_000);
    assert!(!at.there("a"));
    let told = at.lease(at.follower(), LeaseRequest::KeepAlive { id: 7 });
    assert!(matches!(told, Ok(LeaseResponse::KeptAlive { ttl: 0, .. })), "{told:?}");
}

#[test]
fn a_new_leader_gives_all_of_its_time_again() {
    let at = At::boot(3);
    at.grant(7, 30);
    at.put("a", 7);
    at.run(20_000);
    assert_eq!(at.left(at.leader(), 7).1, 30);
    assert!(at.left(at.leader(), 7).0 <= 10);
    at.act(Action::Kill(at.leader()));
    at.run(8_000);
    assert!(at.left(at.leader(), 7).0 > 20, "{:?}", at.left(at.leader(), 7));
    at.run(35_000);
    assert!(!at.there("a"));
}

#[test]
fn what_a_checkpoint_wrote_down_survives_the_leader() {
    let left_after_a_death = |checkpoints: bool| {
        let at = At::boot(3);
        at.act(Action::LeaseCheckpoints(checkpoints));
        at.grant(7, 1000);
        at.run(620_000);
        at.act(Action::Kill(at.leader()));
        at.run(8_000);
        at.left(at.leader(), 7).0
    };
    assert!(left_after_a_death(false) > 980);
    let left = left_after_a_death(true);
    assert!((350..=402).contains(&left), "{left}");
}

#[test]
fn nobody_expires_anything_while_there_is_no_quorum() {
    let at = At::boot(3);
    at.grant(7, 5);
    at.put("a", 7);
    let leader = at.leader();
    let others: Vec<_> = at.0.member_ids().into_iter().filter(|id| *id != leader).collect();
    others.iter().for_each(|id| at.act(Action::Kill(*id)));
    at.run(20_000);
    assert!(at.there("a"));
    others.iter().for_each(|id| at.act(Action::Restart(*id)));
    at.run(20_000);
    assert!(!at.there("a"));
}

#[test]
fn the_server_picks_ids_and_lengthens_what_is_too_short() {
    let at = At::boot(3);
    let mut seen = Vec::new();
    for _ in 0..5 {
        match at.lease(at.follower(), LeaseRequest::Grant { id: 0, ttl: 1 }) {
            Ok(LeaseResponse::Granted { id, ttl: 2, .. }) if id > 0 => seen.push(id),
            other => panic!("{other:?}"),
        }
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 5);
    let told = at.lease(at.follower(), LeaseRequest::Leases);
    assert!(matches!(told, Ok(LeaseResponse::Leases { leases, .. }) if leases == seen));
}

#[test]
fn leases_outlive_their_members() {
    let at = At::boot(3);
    at.grant(7, 20);
    at.put("a", 7);
    at.0.member_ids().into_iter().for_each(|id| at.act(Action::Crash(id)));
    at.run(1_000);
    at.0.member_ids().into_iter().for_each(|id| at.act(Action::Restart(id)));
    at.run(8_000);
    assert!(at.there("a") && at.left(at.leader(), 7).1 == 20);
    at.run(25_000);
    assert!(!at.there("a"));
}

/// What has expired is not kept alive any more: who tries waits until it is revoked, or until
/// another leader gives it all of its time again.
#[test]
fn a_keep_alive_that_comes_too_late_waits() {
    let after = |mend: fn(&At), ms| {
        let at = At::boot(3);
        at.grant(7, 5);
        at.act(Action::Rule(Rule::LeaseExpiry, false));
        at.run(6_000);
        let keep_alive = Request::Lease(LeaseRequest::KeepAlive { id: 7 });
        let heard = at.asks(at.follower(), keep_alive);
        at.run(2_000);
        assert_eq!(*heard.borrow(), None);
        mend(&at);
        at.run(ms);
        match heard.take() {
            Some(Ok(Response::Lease(LeaseResponse::KeptAlive { ttl, .. }))) => ttl,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(after(|at| at.act(Action::Rule(Rule::LeaseExpiry, true)), 1_000), 0);
    assert_eq!(after(|at| at.act(Action::Kill(at.leader())), 7_000), 5);
}

/// A checkpoint says what was left before the keep-alive: a new leader must not go by it.
#[test]
fn a_keep_alive_outdates_the_checkpoint() {
    let at = At::boot(3);
    at.act(Action::LeaseCheckpoints(true));
    at.grant(7, 1000);
    at.run(620_000);
    let told = at.lease(at.follower(), LeaseRequest::KeepAlive { id: 7 });
    assert!(matches!(told, Ok(LeaseResponse::KeptAlive { ttl: 1000, .. })), "{told:?}");
    at.act(Action::Kill(at.leader()));
    at.run(8_000);
    let left = at.left(at.leader(), 7).0;
    assert!(left > 980, "{left}");
}
