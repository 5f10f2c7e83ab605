//! Frames: the cluster as plain data, taken between micro-steps.
//!
//! Architecture invariant: reads only; taking a frame changes nothing of what happens next.

use std::rc::Rc;
use std::time::Duration;

use openraft::async_runtime::watch::WatchReceiver;

use super::member::Member as Slot;
use super::observe::role;
use super::server::Server;
use super::{
    Cluster, DiskState, ElectionTimer, Entry, Frame, LOG_ROWS_MAX, Member, Packet, Progress, Role,
    Status,
};
use crate::raft::{Label, LogIndex, LogStore, MemberId, Term, runtime};
use crate::sim::{self, Fate, Group, Instant};
use crate::sorted::SortedMap;
use crate::store::Revision;

/// Keeps from one frame to the next what did not change.
#[derive(Default)]
pub struct Camera {
    /// The log's rows as last shown.
    logs: SortedMap<MemberId, Vec<Rc<Entry>>>,
    members: SortedMap<MemberId, Rc<Member>>,
    /// Which change of the machines of dead processes was last seen.
    seen: SortedMap<MemberId, u64>,
}

impl Camera {
    /// The cluster at this instant. Places are the caller's to add.
    pub fn frame(&mut self, cluster: &Cluster) -> Frame {
        let members = cluster.members();
        let members = members.iter().map(|slot| self.member(cluster, slot)).collect();
        let packets = cluster.network().in_flight();
        Frame {
            now: cluster.world().now(),
            step: cluster.world().steps(),
            trace_hash: cluster.trace_hash(),
            members,
            places: Vec::new(),
            packets: packets.iter().map(|packet| shown(packet)).collect(),
            requests: cluster.requests().shown(),
            commands: cluster.commands().shown(),
            rules_off: cluster.rules().off(),
            cuts: cluster.network().cuts(),
            links: cluster.link_states(),
            armed: cluster.armed(),
            loop_waits_for_fsync: cluster.loop_waits_for_fsync(),
        }
    }

    /// Keeps how a member looks whose process is about to end: not how it was last shown, so that
    /// what is shown of the dead does not depend on when one looked.
    pub(super) fn last_picture(cluster: &Cluster, slot: &Slot) {
        if slot.server.borrow().is_some() {
            let picture = Camera::default().member(cluster, slot);
            slot.last_seen.replace(picture);
        }
    }

    fn member(&mut self, cluster: &Cluster, slot: &Slot) -> Rc<Member> {
        let server = slot.server.borrow().clone();
        let before = self.members.get(&slot.id).cloned().unwrap_or_default();
        let last = slot.last_seen.borrow().clone();
        let now = match server {
            Some(server) => self.running(cluster, slot, &server),
            None => Member {
                id: slot.id,
                status: slot.status.get(),
                role: without_process(slot.status.get(), last.role),
                election: None,
                lease_until: None,
                progress: Vec::new(),
                votes: Vec::new(),
                leader: None,
                watchers: 0,
                disk: disk(slot),
                faults: cluster.faults(slot),
                ..self.left(slot, &before, &last)
            },
        };
        if *before == now && before.id == now.id {
            return before;
        }
        let now = Rc::new(now);
        self.members.insert(slot.id, now.clone());
        now
    }

    /// What a process has left, as far as it can be read: looked at when its machine changed.
    fn left(&mut self, slot: &Slot, before: &Member, last: &Member) -> Member {
        let changes = slot.changes.get();
        if self.seen.insert(slot.id, changes) == Some(changes) {
            return before.clone();
        }
        let log = LogStore::open(slot.disk.clone());
        Member {
            last_index: log.last_index(),
            durable_index: last.durable_index.min(log.last_index()),
            log: self.log(slot.id, &log),
            ..last.clone()
        }
    }

    fn running(&mut self, cluster: &Cluster, slot: &Slot, server: &Server) -> Member {
        let hint = cluster.hints().of(slot.id);
        let metrics = server.node.metrics.borrow_watched();
        let role = role(&metrics, &hint);
        let applied = server.node.machine.0.borrow();
        // A term never falls: until openraft has read its disk, what was seen last stands.
        let term = Term(metrics.current_term).max(cluster.sight(slot.id).term);
        let vote = metrics.vote.leader_id;
        Member {
            id: slot.id,
            status: slot.status.get(),
            role,
            term,
            voted_for: (vote.voted_for.0 != 0).then_some(vote.voted_for),
            leader: metrics.current_leader,
            votes: match role {
                Role::PreCandidate => hint.pre_votes.iter().copied().collect(),
                Role::Candidate => hint.votes.1.iter().copied().collect(),
                _ => Vec::new(),
            },
            last_index: server.node.log.last_index(),
            durable_index: server.node.log.durable_index(),
            commit_index: metrics.local_committed.as_ref().map(|id| LogIndex(id.index)),
            applied_index: applied.last.as_ref().map(|id| LogIndex(id.index)),
            snapshot_index: applied.snapshot.as_ref().map(|id| LogIndex(id.index)),
            log: self.log(slot.id, &server.node.log),
            progress: match &metrics.replication {
                Some(replication) if role == Role::Leader => {
                    let last = server.node.log.last_index();
                    let progress =
                        |(to, matched): (&MemberId, &Option<crate::raft::types::LogId>)| {
                            let matched = matched.as_ref().map(|id| LogIndex(id.index));
                            progress(*to, matched, hint.next.get(to).copied(), last)
                        };
                    replication.iter().filter(|(to, _)| **to != slot.id).map(progress).collect()
                }
                _ => Vec::new(),
            },
            election: election(cluster, slot, role, &hint),
            lease_until: match role {
                Role::Leader => metrics
                    .last_quorum_acked
                    .as_ref()
                    .map(|acked| cluster.lease_end(slot.id, **acked)),
                _ => None,
            },
            disk: disk(slot),
            faults: cluster.faults(slot),
            revision: applied.store.revision(),
            compact_revision: Revision(applied.store.compact_revision().0.max(0)),
            keys: applied.store.alive_count() as u64,
            watchers: applied.hub.watchers().count() as u32,
        }
    }

    /// The newest entries, each made once.
    fn log(&mut self, id: MemberId, log: &LogStore) -> Vec<Rc<Entry>> {
        let known = self.logs.or_default(id);
        let tail = log.tail(LOG_ROWS_MAX);
        let first = tail.first().map_or(LogIndex(0), |(_, index)| *index);
        let gone = known.iter().take_while(|entry| entry.index < first).count();
        known.drain(..gone);
        let same = |(entry, (term, index)): &(&Rc<Entry>, &(Term, LogIndex))| {
            (entry.term, entry.index) == (*term, *index)
        };
        let kept = known.iter().zip(&tail).take_while(same).count();
        known.truncate(kept);
        let made = |(_, index): &(Term, LogIndex)| log.summary(*index);
        known.extend(tail[kept..].iter().filter_map(made).map(|entry| Rc::new(entry.into())));
        known.clone()
    }
}

/// A crashed member is shown as what it was. One that starts again and has not read its disk yet is
/// a follower, whatever it was: a restarted leader does not resume by itself.
fn without_process(status: Status, before: Role) -> Role {
    match (status, before) {
        (Status::Crashed, role) => role,
        (_, Role::Learner) => Role::Learner,
        _ => Role::Follower,
    }
}

/// How far a leader has brought a member. What was never sent begins after what is known to match.
fn progress(
    to: MemberId,
    matched: Option<LogIndex>,
    sent: Option<LogIndex>,
    last: Option<LogIndex>,
) -> Progress {
    let least = matched.map_or(LogIndex(0), |index| LogIndex(index.0 + 1));
    let most = last.map_or(LogIndex(0), |index| LogIndex(index.0 + 1));
    Progress { to, matched, next: sent.unwrap_or(least).clamp(least, most.max(least)) }
}

fn election(
    cluster: &Cluster,
    slot: &Slot,
    role: Role,
    hint: &crate::raft::Hint,
) -> Option<ElectionTimer> {
    if role == Role::Leader || role == Role::Learner || slot.status.get() == Status::Crashed {
        return None;
    }
    let settings = cluster.settings();
    let range = settings.election_min.as_millis() as u64..settings.election_max.as_millis() as u64;
    let group = Group(slot.id.0 as u32);
    let (patience, tick) = cluster
        .world()
        .enter(|| (runtime::election_timeout(group, range), runtime::next_tick(group)));
    let asked = hint.pre_vote_at.unwrap_or(hint.since);
    let world = cluster.world();
    let patience_begins = world.local_at(group, hint.since.max(asked));
    let due = world.in_world(group, patience_begins + hint.lease + patience?);
    let period = {
        let now = world.now();
        world.in_world(group, world.local_at(group, now) + settings.tick()) - now
    };
    Some(ElectionTimer { since: hint.since, due: on_a_tick(due, tick, period) })
}

/// openraft looks at the clock on its ticks only: the first one after the patience has ended.
fn on_a_tick(due: Instant, next: Option<Instant>, period: Duration) -> Instant {
    let Some(next) = next else { return due };
    if due < next {
        return next;
    }
    let late = due.0 - next.0;
    let period = (period.as_nanos() as u64).max(1);
    Instant(next.0 + (late / period + 1) * period)
}

fn disk(slot: &Slot) -> DiskState {
    let counters = slot.disk.counters();
    DiskState {
        busy_until: slot.disk.busy_until(),
        unsynced_bytes: counters.unsynced_bytes,
        written_bytes: counters.written_bytes,
        syncs: counters.syncs,
    }
}

fn shown(packet: &sim::Packet<Label>) -> Packet {
    let label = &packet.label;
    Packet {
        id: packet.id.0,
        from: packet.from,
        to: packet.to,
        sent: packet.sent,
        arrives: packet.arrives,
        falls: match packet.fate {
            Fate::Lost { falls, .. } => Some(falls),
            Fate::Arrives => None,
        },
        kind: label.kind,
        answer: label.answer,
        refused: label.refused,
        term: label.term,
        entries: label.entries,
        bytes: label.bytes,
        text: label.text(),
        thread: label.thread,
        touched: packet.touched,
    }
}
