//! A real openraft on our runtime, whose only peers cannot be reached: it campaigns for ever, and
//! each campaign must come at an instant, and after a patience, that the runtime foretold.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io;
use std::ops::{Range, RangeBounds};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures_util::Stream;
use openraft::errors::{RPCError, ReplicationClosed, StreamingError, Unreachable};
use openraft::network::{RPCOption, RaftNetworkFactory, RaftNetworkV2};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, SnapshotResponse, VoteRequest, VoteResponse,
};
use openraft::storage::{
    EntryResponder, IOFlushed, LogState, RaftLogStorage, RaftSnapshotBuilder, RaftStateMachine,
};
use openraft::type_config::alias::{
    EntryOf, LogIdOf, SnapshotMetaOf, SnapshotOf, StoredMembershipOf, VoteOf,
};
use openraft::{Config, EmptyNode, OptionalSend, RaftLogReader, SnapshotPolicy};
use raftarium::raft::runtime::{self, SimRuntime};
use raftarium::sim::{Group, Instant, World};

openraft::declare_raft_types!(C: D = u64, R = u64, Node = EmptyNode, AsyncRuntime = SimRuntime);

const MEMBER: Group = Group(1);
const PATIENCE_MS: Range<u64> = 150..300;

type Entries = BTreeMap<u64, EntryOf<C>>;

/// A log and a vote in memory; durable at once.
#[derive(Clone, Default)]
struct Log(Rc<RefCell<(Entries, Option<VoteOf<C>>)>>);

impl RaftLogReader<C> for Log {
    async fn try_get_log_entries<R: RangeBounds<u64> + Clone + Debug + OptionalSend>(
        &mut self,
        range: R,
    ) -> Result<Vec<EntryOf<C>>, io::Error> {
        Ok(self.0.borrow().0.range(range).map(|(_, entry)| entry.clone()).collect())
    }

    async fn read_vote(&mut self) -> Result<Option<VoteOf<C>>, io::Error> {
        Ok(self.0.borrow().1)
    }
}

impl RaftLogStorage<C> for Log {
    type LogReader = Log;

    async fn get_log_state(&mut self) -> Result<LogState<C>, io::Error> {
        let last_log_id = self.0.borrow().0.values().last().map(|entry| entry.log_id);
        Ok(LogState { last_purged_log_id: None, last_log_id })
    }

    async fn get_log_reader(&mut self) -> Log {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &VoteOf<C>) -> Result<(), io::Error> {
        self.0.borrow_mut().1 = Some(*vote);
        Ok(())
    }

    async fn append<I>(&mut self, entries: I, flushed: IOFlushed<C>) -> Result<(), io::Error>
    where
        I: IntoIterator<Item = EntryOf<C>> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let numbered = entries.into_iter().map(|entry| (entry.log_id.index, entry));
        self.0.borrow_mut().0.extend(numbered);
        flushed.io_completed(Ok(()));
        Ok(())
    }

    async fn truncate_after(&mut self, _: Option<LogIdOf<C>>) -> Result<(), io::Error> {
        unreachable!("nobody else writes this log")
    }

    async fn purge(&mut self, _: LogIdOf<C>) -> Result<(), io::Error> {
        unreachable!("nothing is ever committed")
    }
}

/// A machine that is never given anything.
struct Idle;

impl RaftSnapshotBuilder<C> for Idle {
    type SnapshotData = ();

    async fn build_snapshot(&mut self) -> Result<SnapshotOf<C, ()>, io::Error> {
        unreachable!("nothing is ever committed")
    }
}

impl RaftStateMachine<C> for Idle {
    type SnapshotData = ();
    type SnapshotBuilder = Idle;

    async fn applied_state(
        &mut self,
    ) -> Result<(Option<LogIdOf<C>>, StoredMembershipOf<C>), io::Error> {
        Ok(Default::default())
    }

    async fn apply<S>(&mut self, _: S) -> Result<(), io::Error>
    where
        S: Stream<Item = Result<EntryResponder<C>, io::Error>> + Unpin + OptionalSend,
    {
        unreachable!("nothing is ever committed")
    }

    async fn get_snapshot_builder(&mut self) -> Idle {
        Idle
    }

    async fn install_snapshot(&mut self, _: &SnapshotMetaOf<C>, _: ()) -> Result<(), io::Error> {
        unreachable!("nobody sends one")
    }

    async fn get_current_snapshot(&mut self) -> Result<Option<SnapshotOf<C, ()>>, io::Error> {
        Ok(None)
    }
}

/// Reaches nobody; notes when votes are asked for.
#[derive(Clone, Default)]
struct Nowhere(Rc<RefCell<Vec<Instant>>>);

fn nobody() -> Unreachable<C> {
    Unreachable::new(&io::Error::other("nobody is there"))
}

impl RaftNetworkFactory<C> for Nowhere {
    type Network = Nowhere;

    async fn new_client(&mut self, _: u64, _: &EmptyNode) -> Nowhere {
        self.clone()
    }
}

impl RaftNetworkV2<C> for Nowhere {
    type SnapshotData = ();

    async fn append_entries(
        &mut self,
        _: AppendEntriesRequest<C>,
        _: RPCOption,
    ) -> Result<AppendEntriesResponse<C>, RPCError<C>> {
        unreachable!("it never leads")
    }

    async fn vote(
        &mut self,
        _: VoteRequest<C>,
        _: RPCOption,
    ) -> Result<VoteResponse<C>, RPCError<C>> {
        self.0.borrow_mut().push(raftarium::sim::now());
        Err(RPCError::Unreachable(nobody()))
    }

    async fn full_snapshot(
        &mut self,
        _: VoteOf<C>,
        _: SnapshotOf<C, ()>,
        _: impl Future<Output = ReplicationClosed> + OptionalSend + 'static,
        _: RPCOption,
    ) -> Result<SnapshotResponse<C>, StreamingError<C>> {
        Err(StreamingError::Unreachable(nobody()))
    }
}

fn start(world: &World, nowhere: Nowhere) {
    let config = Config {
        heartbeat_interval: 50,
        election_timeout_min: PATIENCE_MS.start,
        election_timeout_max: PATIENCE_MS.end,
        snapshot_policy: SnapshotPolicy::Never,
        ..Config::default()
    };
    let config = Arc::new(config.validate().expect("the configuration is sound"));
    world.spawn_in(MEMBER, async move {
        let raft = openraft::Raft::new(1, config, nowhere, Log::default(), Idle).await.unwrap();
        let peers: BTreeMap<u64, EmptyNode> = (1..=3).map(|id| (id, EmptyNode {})).collect();
        raft.initialize(peers).await.unwrap();
        std::future::pending::<()>().await;
    });
}

/// What was foretold before the campaign, and when it was.
#[derive(Debug, PartialEq)]
struct Campaign {
    at: Instant,
    tick: Option<Instant>,
    patience: Option<Duration>,
}

/// The first campaigns of a run, each with what the runtime foretold just before the clock moved
/// to it. Asks the runtime between all micro-steps.
fn campaigns(seed: u64, count: usize) -> Vec<Campaign> {
    let world = World::new(seed);
    let nowhere = Nowhere::default();
    start(&world, nowhere.clone());
    let (mut campaigns, mut foretold) = (Vec::new(), (None, None));
    while campaigns.len() < count {
        if world.next_at() > Some(world.now()) {
            let patience = || runtime::election_timeout(MEMBER, PATIENCE_MS);
            foretold = world.enter(|| (runtime::next_tick(MEMBER), patience()));
        }
        world.step().expect("it campaigns for ever");
        for at in nowhere.0.take() {
            campaigns.push(Campaign { at, tick: foretold.0, patience: foretold.1 });
        }
        campaigns.dedup_by_key(|campaign| campaign.at);
    }
    campaigns
}

#[test]
fn every_campaign_comes_when_the_runtime_foretold() {
    let tick_max = Duration::from_millis(11);
    for seed in 1..4 {
        let campaigns = campaigns(seed, 20);
        for pair in campaigns.windows(2) {
            let waited = pair[1].at - pair[0].at;
            assert_eq!(pair[1].tick, Some(pair[1].at), "seed {seed}: {pair:?}");
            let patience = pair[1].patience.expect("a patience was drawn");
            assert!(waited >= patience, "seed {seed}: too early: {pair:?}");
            assert!(waited <= patience + tick_max, "seed {seed}: too late: {pair:?}");
        }
    }
}

#[test]
fn a_killed_openraft_leaves_nothing_and_can_start_again() {
    let world = World::new(1);
    let nowhere = Nowhere::default();
    for life in 1..4 {
        start(&world, nowhere.clone());
        world.advance_to(world.now() + Duration::from_secs(1), 1_000_000);
        assert!(world.tasks(MEMBER) > 3 && !nowhere.0.take().is_empty(), "life {life}");
        world.kill(MEMBER);
        assert_eq!((world.tasks(MEMBER), world.pending()), (0, 0));
        assert_eq!(world.enter(|| runtime::next_tick(MEMBER)), None);
    }
}

#[test]
fn a_real_openraft_runs_the_same_twice() {
    assert_eq!(campaigns(7, 10), campaigns(7, 10));
    assert_ne!(campaigns(7, 10), campaigns(8, 10));
}
