//! openraft's network over ours: every call is two packets one can see.
//!
//! A request leaves, arrives after its latency, is served by the target in the target's own tasks,
//! and its answer travels back. Messages move as Rust values; a packet's label says what they are.
//!
//! * A lost packet, a dead target and a stopped target all look the same to the caller: silence,
//!   until the call times out after [`Wires::patience`].
//! * A snapshot travels in pieces of [`SNAPSHOT_PIECE_BYTES`], each acknowledged before the next.
//!
//! Architecture invariant: makes no decision of Raft's.

use std::future::Future;
use std::rc::Rc;

use openraft::errors::{RPCError, ReplicationClosed, StreamingError, Timeout, Unreachable};
use openraft::network::{RPCOption, RPCTypes, RaftNetworkFactory, RaftNetworkV2};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, SnapshotResponse, TransferLeaderRequest,
    TransferLeaderResponse, VoteRequest, VoteResponse,
};
use openraft::{EntryPayload, OptionalSend};

use super::meter::Meter;
use super::types::{LogId, Raft, Snapshot, Types, Vote};
use super::wires::{Ack, Logs, Wires};
use super::witness::{Ballot, Fact, Spot};
use super::{Label, LogIndex, MemberId, PacketKind, Rule, Term};
use crate::sim::World;

/// A snapshot's piece, in bytes.
pub const SNAPSHOT_PIECE_BYTES: usize = 4096;

/// Bytes of an entry besides its payload, as modelled: index, term, kind.
const ENTRY_OVERHEAD_BYTES: u32 = 24;

/// Makes connections for one member.
pub struct Factory {
    /// Whose.
    pub from: MemberId,
    /// The wires.
    pub wires: Wires,
    /// Who measures them.
    pub meter: Rc<Meter>,
}

impl RaftNetworkFactory<Types> for Factory {
    type Network = Connection;

    async fn new_client(&mut self, target: MemberId, _node: &openraft::EmptyNode) -> Connection {
        let (wires, meter) = (self.wires.clone(), self.meter.clone());
        Connection { from: self.from, to: target, wires, meter }
    }
}

/// One member's connection to another.
pub struct Connection {
    from: MemberId,
    to: MemberId,
    wires: Wires,
    meter: Rc<Meter>,
}

impl Connection {
    fn silence(&self, action: RPCTypes) -> RPCError<Types> {
        let timeout = self.wires.patience;
        RPCError::Timeout(Timeout { action, id: self.from, target: self.to, timeout })
    }

    async fn ask_vote(
        &self,
        kind: PacketKind,
        mut request: VoteRequest<Types>,
    ) -> Result<VoteResponse<Types>, RPCError<Types>> {
        let (from, to, hints) = (self.from, self.to, self.wires.hints.clone());
        let term = request.vote.leader_id.term;
        let now = World::current().now();
        match kind {
            PacketKind::PreVote => hints.asks_pre_vote(from, Term(term), now),
            _ => hints.asks_vote(from, Term(term), now),
        }
        if let Some(answer) = self.invented(kind, &mut request) {
            return Ok(answer);
        }
        let wanted = request.vote;
        let granted = move |answer: &VoteResponse<Types>| match kind {
            PacketKind::PreVote => answer.vote_granted,
            _ => answer.is_granted_to(&wanted),
        };
        let label = move |answer: &VoteResponse<Types>| {
            Label::answer(kind, answer.vote.leader_id.term, !granted(answer))
        };
        let serve = {
            let (hints, witness) = (hints.clone(), self.wires.witness.clone());
            move |raft: Raft| {
                let (request, hints) = (request.clone(), hints.clone());
                let witness = witness.clone();
                async move {
                    if kind == PacketKind::PreVote {
                        let answer = raft.pre_vote(request).await.ok()?;
                        if granted(&answer) {
                            witness.tell(|| Fact::Consented(to, Ballot::from(&wanted)));
                        }
                        return Some(answer);
                    }
                    let answer = raft.vote(request).await.ok()?;
                    if granted(&answer) {
                        hints.voted(to, World::current().now());
                        witness.tell(|| Fact::Granted(to, Ballot::from(&wanted)));
                    }
                    Some(answer)
                }
            }
        };
        let request = Label { bytes: 48, ..Label::request(kind, term) };
        let answer = self.wires.call((from, to), request, serve, label).await;
        let answer = answer.ok_or_else(|| self.silence(RPCTypes::Vote))?;
        match (granted(&answer), kind) {
            (true, PacketKind::PreVote) => hints.pre_granted(from, to),
            (true, _) => hints.granted(from, Term(term), to),
            (false, _) => {}
        }
        Ok(answer)
    }

    /// Without the rules of elections: a yes that nobody said, or a log that nobody has.
    fn invented(
        &self,
        kind: PacketKind,
        request: &mut VoteRequest<Types>,
    ) -> Option<VoteResponse<Types>> {
        let (rules, term) = (&self.wires.rules, request.vote.leader_id.term);
        let rule = if kind == PacketKind::PreVote { Rule::PreVote } else { Rule::VoteQuorum };
        if !rules.hold(rule) || !rules.hold(Rule::VoteQuorum) {
            return Some(VoteResponse::new(request.vote, None, true));
        }
        if !rules.hold(Rule::UpToDateCandidate) {
            request.last_log_id = Some(LogId::new_term_index(term, u64::MAX / 2));
        }
        None
    }

    /// One piece of a snapshot; the last one has the target install the whole.
    async fn send_piece(
        &self,
        (piece, pieces): (usize, usize),
        vote: Vote,
        snapshot: &Snapshot,
    ) -> Option<SnapshotResponse<Types>> {
        let bytes = snapshot.snapshot.len();
        let length = (bytes - piece * SNAPSHOT_PIECE_BYTES).min(SNAPSHOT_PIECE_BYTES);
        let label = Label {
            entries: pieces as u32,
            index: piece as u64 + 1,
            bytes: length as u32,
            ..Label::request(PacketKind::Snapshot, vote.leader_id.term)
        };
        let last = piece + 1 == pieces;
        let (meta, content) = (snapshot.meta.clone(), snapshot.snapshot.clone());
        let (hints, to, lease) = (self.wires.hints.clone(), self.to, self.wires.lease);
        let serve = move |raft: Raft| {
            let snapshot = Snapshot { meta: meta.clone(), snapshot: content.clone() };
            let hints = hints.clone();
            async move {
                hints.heard_leader(to, World::current().now(), lease);
                match last {
                    true => raft.install_full_snapshot(vote, snapshot).await.ok(),
                    false => Some(SnapshotResponse { vote }),
                }
            }
        };
        let answer = move |answer: &SnapshotResponse<Types>| {
            let refused = answer.vote > vote;
            Label::answer(PacketKind::Snapshot, answer.vote.leader_id.term, refused)
        };
        self.wires.call((self.from, self.to), label, serve, answer).await
    }
}

/// What a member itself has at an index, as if that were what was asked for.
fn own_id(logs: &Logs, member: MemberId, asked: Option<LogId>) -> Option<LogId> {
    let logs = logs.borrow();
    let own = |id: &LogId| logs.get(&member)?.log_id(id.index);
    asked.as_ref().and_then(own).or(asked)
}

/// What an append's packet says.
fn append_label(request: &AppendEntriesRequest<Types>) -> Label {
    let size = |entry: &super::types::Entry| match &entry.payload {
        EntryPayload::Normal(command) => ENTRY_OVERHEAD_BYTES + super::request_bytes(&command.op),
        _ => ENTRY_OVERHEAD_BYTES,
    };
    let bytes = request.entries.iter().map(size).sum();
    Label {
        entries: request.entries.len() as u32,
        index: request.entries.last().map_or(0, |entry| entry.log_id.index),
        bytes,
        thread: request.entries.last().and_then(|entry| match &entry.payload {
            EntryPayload::Normal(command) => Some(command.thread),
            _ => None,
        }),
        ..Label::request(PacketKind::Append, request.vote.leader_id.term)
    }
}

impl RaftNetworkV2<Types> for Connection {
    type SnapshotData = Rc<Vec<u8>>;

    async fn append_entries(
        &mut self,
        request: AppendEntriesRequest<Types>,
        _option: RPCOption,
    ) -> Result<AppendEntriesResponse<Types>, RPCError<Types>> {
        let (to, lease, hints) = (self.to, self.wires.lease, self.wires.hints.clone());
        let label = append_label(&request);
        if let Some(last) = request.entries.last() {
            hints.sent(self.from, to, LogIndex(last.log_id.index + 1));
        }
        let (term, asked) = (request.vote.leader_id.term, label.clone());
        let last = request.entries.last().map(|entry| entry.log_id).or(request.prev_log_id);
        let witness = self.wires.witness.clone();
        let (logs, rules) = (self.wires.logs.clone(), self.wires.rules.clone());
        let serve = move |raft: Raft| {
            let (mut request, hints) = (request.clone(), hints.clone());
            let witness = witness.clone();
            if !rules.hold(Rule::LogMatching) {
                request.prev_log_id = own_id(&logs, to, request.prev_log_id);
            }
            async move {
                let arrived = World::current().now();
                let answer = raft.append_entries(request).await.ok()?;
                if !matches!(answer, AppendEntriesResponse::HigherVote(_)) {
                    hints.heard_leader(to, arrived, lease);
                }
                if let (AppendEntriesResponse::Success, Some(last)) = (&answer, &last) {
                    witness.tell(|| Fact::Acked(to, Spot::from(last)));
                }
                Some(answer)
            }
        };
        let answered = move |answer: &AppendEntriesResponse<Types>| {
            let (term, refused) = match answer {
                AppendEntriesResponse::HigherVote(vote) => (vote.leader_id.term, true),
                AppendEntriesResponse::Conflict => (term, true),
                _ => (term, false),
            };
            let (entries, index, thread) = (asked.entries, asked.index, asked.thread);
            Label { entries, index, thread, ..Label::answer(PacketKind::Append, term, refused) }
        };
        let (index, thread, entries) = (LogIndex(label.index), label.thread, label.entries);
        let began = World::current().now();
        self.meter.sends(to, term);
        let answer = self.wires.call((self.from, to), label, serve, answered).await;
        if entries == 0 && answer.is_some() {
            self.meter.round_trip(to, World::current().now().since(began));
        }
        if entries > 0 && matches!(answer, Some(AppendEntriesResponse::Success)) {
            (self.wires.on_ack)(Ack { leader: self.from, by: to, index, thread });
        }
        match answer {
            None if !self.wires.rules.hold(Rule::CommitQuorum) => {
                Ok(AppendEntriesResponse::Success)
            }
            answer => answer.ok_or_else(|| self.silence(RPCTypes::AppendEntries)),
        }
    }

    async fn vote(
        &mut self,
        request: VoteRequest<Types>,
        _option: RPCOption,
    ) -> Result<VoteResponse<Types>, RPCError<Types>> {
        self.ask_vote(PacketKind::Vote, request).await
    }

    async fn pre_vote(
        &mut self,
        request: VoteRequest<Types>,
        _option: RPCOption,
    ) -> Result<VoteResponse<Types>, RPCError<Types>> {
        self.ask_vote(PacketKind::PreVote, request).await
    }

    async fn full_snapshot(
        &mut self,
        vote: Vote,
        snapshot: Snapshot,
        _cancel: impl Future<Output = ReplicationClosed> + OptionalSend + 'static,
        _option: RPCOption,
    ) -> Result<SnapshotResponse<Types>, StreamingError<Types>> {
        let pieces = snapshot.snapshot.len().div_ceil(SNAPSHOT_PIECE_BYTES).max(1);
        for piece in 0..pieces {
            let answer = self.send_piece((piece, pieces), vote, &snapshot).await;
            let answer = answer.ok_or_else(|| {
                StreamingError::Unreachable(Unreachable::from_string("no answer to a piece"))
            })?;
            if piece + 1 == pieces || answer.vote > vote {
                return Ok(answer);
            }
        }
        unreachable!("the last piece returns")
    }

    async fn transfer_leader(
        &mut self,
        request: TransferLeaderRequest<Types>,
        _option: RPCOption,
    ) -> Result<TransferLeaderResponse<Types>, RPCError<Types>> {
        let term = request.from_leader().leader_id.term;
        let (to, witness) = (self.to, self.wires.witness.clone());
        let serve = move |raft: Raft| {
            let (request, witness) = (request.clone(), witness.clone());
            witness.tell(|| Fact::Invited(to));
            async move { raft.handle_transfer_leader(request).await.ok() }
        };
        let answered = move |answer: &TransferLeaderResponse<Types>| {
            Label::answer(PacketKind::Transfer, term, answer.is_err())
        };
        let label = Label::request(PacketKind::Transfer, term);
        let answer = self.wires.call((self.from, self.to), label, serve, answered).await;
        answer.ok_or_else(|| self.silence(RPCTypes::TransferLeader))
    }
}
