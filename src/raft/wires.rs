//! What members' messages need, and how one travels there and back.
//!
//! A call is a packet to the other member, which serves it in its own tasks, and a packet back. A
//! member that the other takes for removed is told so instead.
//!
//! Architecture invariant: carries; knows no message.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use super::types::Raft;
use super::witness::Witness;
use super::{Hints, Label, LogIndex, LogStore, MemberId, PacketKind, Rules, ThreadId};
use crate::sim::{self, Address, Network};
use crate::sorted::SortedMap;

/// What a process dies of when it is no member any more, in etcd's words.
pub const REMOVED: &str = "the member has been permanently removed from the cluster";

/// The members' Rafts that run at present.
pub type Peers = Rc<RefCell<SortedMap<MemberId, Raft>>>;

/// The logs of the members that run at present.
pub type Logs = Rc<RefCell<SortedMap<MemberId, LogStore>>>;

/// What a member's messages need: the network, who is at its ends, and who watches.
#[derive(Clone)]
pub struct Wires {
    /// The packets.
    pub network: Network<Label>,
    /// Who serves them.
    pub peers: Peers,
    /// What is inferred from them.
    pub hints: Hints,
    /// How long a call waits for its answer.
    pub patience: Duration,
    /// Told when a leader hears that another member took its entries.
    pub on_ack: Rc<dyn Fn(Ack)>,
    /// The members' logs that are open at present.
    pub logs: Logs,
    /// The rules that are kept, as far as they hold.
    pub rules: Rules,
    /// Told what members answer.
    pub witness: Witness,
    /// Told what a process dies of, in etcd's words. It is to be killed for that.
    pub on_fatal: Rc<dyn Fn(MemberId, String)>,
    /// Whether the first takes the second for removed from the cluster.
    pub says_gone: Rc<dyn Fn(MemberId, MemberId) -> bool>,
    /// A leader's lease, as openraft counts it: the longest election timeout.
    pub lease: Duration,
}

/// A leader heard that a member has its entries on disk.
#[derive(Debug, Clone, Copy)]
pub struct Ack {
    /// The leader.
    pub leader: MemberId,
    /// The member.
    pub by: MemberId,
    /// The last entry.
    pub index: LogIndex,
    /// The write it belongs to.
    pub thread: Option<ThreadId>,
}

/// The address of a member.
pub fn address(member: MemberId) -> Address {
    Address(member.0 as u32)
}

impl Wires {
    /// Sends a request and waits for its answer; none when there was none in time.
    pub(super) async fn call<Answer, Serving>(
        &self,
        (from, to): (MemberId, MemberId),
        label: Label,
        serve: impl Fn(Raft) -> Serving + 'static,
        labelled: impl Fn(&Answer) -> Label + 'static,
    ) -> Option<Answer>
    where
        Answer: Clone + 'static,
        Serving: Future<Output = Option<Answer>> + 'static,
    {
        let (answer, answered) = sim::channel::oneshot::channel::<Answer>();
        let answer = Rc::new(RefCell::new(Some(answer)));
        let (wires, kind) = (self.clone(), label.kind);
        let (serve, labelled) = (Rc::new(serve), Rc::new(labelled));
        let deliver = move || {
            let Some(raft) = wires.peers.borrow().get(&to).cloned() else { return };
            if (wires.says_gone)(to, from) {
                return wires.send_gone((to, from), kind);
            }
            let (wires, answer) = (wires.clone(), answer.clone());
            let (serve, labelled) = (serve.clone(), labelled.clone());
            sim::spawn(async move {
                let Some(result) = serve(raft).await else { return };
                let label = labelled(&result);
                let hand_over = move || {
                    if let Some(answer) = answer.borrow_mut().take() {
                        let _ = answer.send(result.clone());
                    }
                };
                wires.network.send(address(to), address(from), label, Rc::new(hand_over));
            });
        };
        self.network.send(address(from), address(to), label, Rc::new(deliver));
        sim::timeout(super::runtime::in_world(self.patience), answered).await.ok()?.ok()
    }

    /// Answers a member that was removed: `410 Gone`. Its process ends of it.
    fn send_gone(&self, (from, to): (MemberId, MemberId), kind: PacketKind) {
        let label = Label { kind, answer: true, refused: true, word: "gone", ..Label::default() };
        let on_fatal = self.on_fatal.clone();
        let hand_over = move || on_fatal(to, REMOVED.into());
        self.network.send(address(from), address(to), label, Rc::new(hand_over));
    }
}
