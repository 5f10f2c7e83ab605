//! The corruption check: the leader compares its members' hashes, and raises the alarm.
//!
//! * Every so often the leader hashes its history, asks every peer for the hash at the same
//!   revision, and proposes the alarm CORRUPT for each whose hash differs where the compacted
//!   revisions are equal. From then on every member refuses everything about keys.
//! * A bit of a store flips only if the reader flips it (`flip 2 foo`); the member answers with it
//!   until then. Raft does not protect what is behind it.
//! * Caveats: the check at the start of a process is not modelled. A restart builds the store anew
//!   from the last snapshot and the log, and so heals what flipped since; etcd keeps its file.
//!
//! Architecture invariant: compares hashes; never looks into another member's store.

// Models etcd server/etcdserver/corrupt.go.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use super::cables::once;
use super::server::Server;
use super::{Cluster, Event};
use crate::raft::{Label, MemberId, PacketKind, address};
use crate::sim::channel::oneshot;
use crate::sim::{self, Group};
use crate::store::{AlarmMember, AlarmType, Error, HashKv, Revision};

/// A peer that does not answer for so long is not compared.
const PEER_PATIENCE: Duration = Duration::from_secs(5);

type Told = Result<HashKv, Error>;

impl Cluster {
    /// From now on leaders check every so often, or never.
    pub(super) fn set_corrupt_check(&self, every: Option<Duration>) {
        if self.0.corrupt_check.replace(every) == every {
            return;
        }
        self.note(Event::CorruptCheckChanged { every });
        for server in self.members().iter().filter_map(|member| member.server.borrow().clone()) {
            let (at, group) = (self.clone(), Group(server.id.0 as u32));
            self.world().spawn_in(group, async move { server.check_corruption(at).await });
        }
    }

    /// A bit of the value a member has for a key flips.
    pub(super) fn flip(&self, id: MemberId, key: &str) {
        let Some(server) = self.server(id) else { return };
        if server.node.machine.0.borrow_mut().store.flip(key.as_bytes()) {
            self.note(Event::Flipped { member: id, key: key.into() });
        }
    }
}

impl Server {
    /// Checks again and again, for as long as that is wanted.
    pub(super) async fn check_corruption(self: Rc<Self>, cluster: Cluster) {
        let every = cluster.0.corrupt_check.get();
        while let Some(pause) = every {
            sim::sleep(pause).await;
            if cluster.0.corrupt_check.get() != every {
                return;
            }
            if self.leads() {
                self.compare_hashes(&cluster).await;
            }
        }
    }

    async fn compare_hashes(self: &Rc<Self>, cluster: &Cluster) {
        let hash = |revision| self.node.machine.0.borrow().store.hash_kv(revision);
        let Ok(mine) = hash(Revision(0)) else { return };
        let mut asked = Vec::new();
        for (id, _) in self.applied_members().into_iter().filter(|(id, _)| *id != self.id) {
            asked.push((id, self.ask_hash(cluster, id, mine.hash_revision)));
        }
        for (id, answer) in asked {
            let Ok(Ok(Ok(theirs))) = sim::timeout(PEER_PATIENCE, answer).await else { continue };
            let comparable = theirs.compact_revision == mine.compact_revision;
            if comparable && theirs.hash != mine.hash {
                self.raise_alarm(cluster, corrupt(id)).await;
            }
        }
    }

    /// Asks a peer for its hash at a revision.
    fn ask_hash(
        &self,
        cluster: &Cluster,
        peer: MemberId,
        revision: Revision,
    ) -> oneshot::Receiver<Told> {
        let (told, hears) = oneshot::channel();
        let told = Rc::new(RefCell::new(Some(told)));
        let label = Label { kind: PacketKind::Forward, word: "hash", ..Label::default() };
        let (at, from, back) = (cluster.clone(), self.id, label.clone());
        let deliver = move || {
            let Some(server) = at.server(peer) else { return };
            let (at, told, back) = (at.clone(), told.clone(), back.clone());
            sim::spawn(async move {
                server.node.machine.unlocked().await;
                let hash = server.node.machine.0.borrow().store.hash_kv(revision);
                let label = Label { answer: true, refused: hash.is_err(), ..back };
                let hand_over = move || {
                    if let Some(told) = told.borrow_mut().take() {
                        let _ = told.send(hash.clone());
                    }
                };
                at.network().send(address(peer), address(from), label, Rc::new(hand_over));
            });
        };
        let deliver = Rc::new(once(deliver));
        cluster.network().send(address(self.id), address(peer), label, deliver);
        hears
    }
}

fn corrupt(id: MemberId) -> AlarmMember {
    AlarmMember { member_id: id.0, alarm: AlarmType::Corrupt }
}
