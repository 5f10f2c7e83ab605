//! Linearizable reads: how a member finds out that what it has is new enough.
//!
//! It asks the leader for its commit index, which the leader gives only after a quorum confirmed
//! that it leads (Raft §8), and waits until it has applied as much.
//!
//! Architecture invariant: reads nothing itself; it only says when a read may begin.

// Models etcd server/etcdserver/v3_server.go, `linearizableReadLoop`.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use openraft::ReadPolicy;
use openraft::async_runtime::watch::WatchReceiver;

use super::Cluster;
use super::server::Server;
use crate::raft::{Counter, Label, LogIndex, MemberId, PacketKind, Rule, ThreadId, address};
use crate::sim;
use crate::sim::channel::oneshot;
use crate::store::Error;

/// A read asks the leader again after so long without an answer (etcd `readIndexRetryTime`).
const READ_RETRY: Duration = Duration::from_millis(500);

/// Where the leader's answer to a read goes, whichever question it answers.
type IndexAnswer = Rc<RefCell<Option<oneshot::Sender<Option<LogIndex>>>>>;

impl Server {
    /// Waits until what this member has is as new as anything acknowledged before the call.
    pub async fn read_index(
        self: &Rc<Self>,
        cluster: &Cluster,
        thread: ThreadId,
    ) -> Result<(), Error> {
        let work = async {
            loop {
                let leader = self.known_leader().await;
                let index = match leader == self.id {
                    true => self.confirmed_index(cluster).await,
                    false => self.ask_index(cluster, leader, thread).await,
                };
                match index {
                    Some(index) => break self.applied(index).await,
                    None => sim::sleep(cluster.settings().heartbeat / 2).await,
                }
            }
        };
        let done = sim::timeout(self.patience(cluster), work).await;
        done.map_err(|_| {
            self.node.meter.count(Counter::FailedReadIndexes);
            Error::Timeout
        })
    }

    /// The leader's commit index, after a quorum confirmed that it leads; or at once, if its lease
    /// is trusted.
    async fn confirmed_index(&self, cluster: &Cluster) -> Option<LogIndex> {
        if !cluster.rules().hold(Rule::ReadIndex) {
            let metrics = self.node.metrics.borrow_watched();
            return metrics.local_committed.as_ref().map(|id| LogIndex(id.index));
        }
        let policy = match cluster.lease_reads() {
            true => ReadPolicy::LeaseRead,
            false => ReadPolicy::ReadIndex,
        };
        let read = self.node.raft.get_read_log_id(policy).await.ok()?;
        Some(LogIndex(read.0.index()))
    }

    pub async fn applied(&self, index: LogIndex) {
        if self.node.applied_index() < Some(index) {
            let _ = self.desk.wait_for_index(index).await;
        }
    }

    /// Asks the leader for its confirmed index, again and again for as long as it is taken for the
    /// leader. The answer to any of the questions will do: all were asked after the read began.
    async fn ask_index(
        &self,
        cluster: &Cluster,
        leader: MemberId,
        thread: ThreadId,
    ) -> Option<LogIndex> {
        let (answer, mut answered) = oneshot::channel();
        let answer = Rc::new(RefCell::new(Some(answer)));
        while self.leader() == Some(leader) {
            self.send_read_index(cluster, leader, thread, answer.clone());
            if let Ok(index) = sim::timeout(READ_RETRY, &mut answered).await {
                return index.ok()?;
            }
            self.node.meter.count(Counter::SlowReadIndexes);
        }
        None
    }

    fn send_read_index(
        &self,
        cluster: &Cluster,
        leader: MemberId,
        thread: ThreadId,
        answer: IndexAnswer,
    ) {
        let (at, from) = (cluster.clone(), self.id);
        let thread = Some(thread);
        let deliver = move || {
            let Some(server) = at.server(leader) else { return };
            let (at, answer) = (at.clone(), answer.clone());
            sim::spawn(async move {
                let index = server.confirmed_index(&at).await;
                let refused = index.is_none();
                let label = Label { thread, ..Label::answer(PacketKind::ReadIndex, 0, refused) };
                let label = Label { term: None, ..label };
                let hand_over = move || {
                    if let Some(answer) = answer.borrow_mut().take() {
                        let _ = answer.send(index);
                    }
                };
                at.network().send(address(leader), address(from), label, Rc::new(hand_over));
            });
        };
        let label = Label { kind: PacketKind::ReadIndex, thread, ..Label::default() };
        cluster.network().send(address(from), address(leader), label, Rc::new(deliver));
    }
}
