//! How members begin and end: started, killed, restarted, paused, resumed.
//!
//! * A killed process leaves its machine everything it wrote; what was not synced is in the page
//!   cache, and a process that starts there syncs it first. A power cut leaves what was synced.
//! * Caveat: in both cases its connections break at once. A real machine without power is silent,
//!   and its clients find out by their keep-alives.
//!
//! Architecture invariant: the only place that starts and ends members.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::member::Member;
use super::observe::Sight;
use super::server::{Desk, Server};
use super::{Camera, Cluster, Event, MEMBERS_MAX, Status};
use crate::raft::{MemberId, Term, node};
use crate::sim::{Group, Hold};

impl Cluster {
    pub(super) fn start(&self, id: MemberId) {
        let Some(member) = self.member(id) else { return };
        let at = self.clone();
        member.status.set(Status::Running);
        member.running_since.set(self.0.world.now());
        self.hints().started(id, self.0.world.now());
        let (wires, settings) = (self.0.wires.clone(), self.0.settings);
        let machine = (member.disk.clone(), member.database.clone());
        self.0.world.spawn_in(Group(id.0 as u32), async move {
            let desk = Rc::new(Desk::default());
            let told = at.on_apply(id, desk.clone());
            let is_new = machine.0.files().is_empty();
            if is_new && let Err(why) = at.may_join(id) {
                return at.start_failed(id, why);
            }
            match node::start(id, settings, machine, wires, told).await {
                Ok(node) => at.started(Rc::new(Server {
                    id,
                    node,
                    desk,
                    connections: RefCell::default(),
                    next_connection: Cell::new(0),
                    streams: RefCell::default(),
                    lessor: Default::default(),
                    quorum_heard: Cell::new(None),
                    is_new,
                })),
                Err(why) => at.start_failed(id, why),
            }
        });
    }

    pub(super) fn started(&self, server: Rc<Server>) {
        let Some(member) = self.member(server.id) else { return };
        self.0.invited.borrow_mut().remove(&server.id);
        self.0.wires.peers.borrow_mut().insert(server.id, server.node.raft.clone());
        member.server.replace(Some(server.clone()));
        let term = server.node.log.vote().map_or(0, |vote| vote.leader_id.term);
        let last_index = server.node.log.last_index();
        let snapshot_index = server.node.snapshot_index();
        let term = Term(term);
        member.sight.set(Sight { last_index, term, snapshot_index, ..Sight::default() });
        crate::sim::spawn(server.clone().watch_loop(self.clone()));
        crate::sim::spawn(server.check_corruption(self.clone()));
    }

    /// What is done with every entry a member applies.
    pub(super) fn on_apply(
        &self,
        id: MemberId,
        desk: Rc<Desk>,
    ) -> Rc<dyn Fn(&crate::raft::AppliedEntry)> {
        let at = self.clone();
        Rc::new(move |entry| {
            let (index, revision, thread) = (entry.index, entry.revision, entry.thread);
            at.note(Event::Applied { member: id, index, revision, thread });
            let server = at.server(id);
            if let Some(server) = &server {
                at.note_alarms(server, entry);
                server.lease_applied(&at, entry);
                at.note_removal(server, entry);
            }
            match &server {
                Some(server) if server.must_raise_alarm(entry) => {
                    let (server, at, late) = (server.clone(), at.clone(), entry.clone());
                    let answers = desk.clone();
                    crate::sim::spawn(async move {
                        server.raise_alarm(&at, server.is_full()).await;
                        answers.applied(&late);
                    });
                    desk.applied_index(entry.index);
                }
                _ => desk.applied(entry),
            }
            if let Some(server) = server {
                server.flush_streams(thread);
            }
        })
    }

    pub(super) fn kill(&self, id: MemberId) {
        if self.end_process(id) {
            self.note(Event::Killed { member: id });
        }
    }

    pub(super) fn crash(&self, id: MemberId) {
        if self.end_process(id) {
            self.disk(id).crash();
            self.note(Event::PowerCut { member: id });
        }
    }

    /// A process dies of something: at this instant, but not in the midst of what it is doing.
    pub(super) fn dies(&self, id: MemberId, why: String) {
        let (at, now) = (self.clone(), self.0.world.now());
        self.0.world.at(now, Group::WORLD, move || {
            if at.end_process(id) {
                at.note(Event::Died { member: id, why });
            }
        });
    }

    fn start_failed(&self, id: MemberId, why: String) {
        self.note(Event::StartFailed { member: id, why });
        let (at, now) = (self.clone(), self.0.world.now());
        self.0.world.at(now, Group::WORLD, move || {
            at.end_process(id);
        });
    }

    /// Ends a process and all it has in memory. False when there is none.
    pub(super) fn end_process(&self, id: MemberId) -> bool {
        let Some(member) = self.member(id) else { return false };
        if member.status.get() == Status::Crashed {
            return false;
        }
        Camera::last_picture(self, &member);
        let server = member.server.take();
        let raft = self.0.wires.peers.borrow_mut().remove(&id);
        if let Some(server) = &server {
            server.cut_streams();
            server.connections.take().into_values().for_each(|cut| cut());
        }
        self.0.world.release(Group(id.0 as u32), Hold::Pause);
        self.0.world.kill(Group(id.0 as u32));
        drop((raft, server));
        member.database.process_ended();
        member.database.measured_by(None);
        member.status.set(Status::Crashed);
        member.changed();
        true
    }

    pub(super) fn restart(&self, id: MemberId) {
        let crashed = |member: &Member| member.status.get() == Status::Crashed;
        if self.member(id).is_some_and(|member| crashed(&member)) {
            self.note(Event::Restarted { member: id });
            self.start(id);
        }
    }

    /// A machine of its own for a new member, and its process.
    pub(super) fn start_new(&self, id: MemberId) {
        if self.member(id).is_some() || !(1..=u64::from(MEMBERS_MAX)).contains(&id.0) {
            return;
        }
        let member =
            Rc::new(Member::blank(id, self.world(), self.well_disk(), &self.0.quota_bytes));
        self.0.members.borrow_mut().insert(id, member);
        self.attach(id);
        self.note(Event::StartedNew { member: id });
        self.start(id);
    }

    pub(super) fn pause(&self, id: MemberId) {
        let Some(member) = self.member(id) else { return };
        if member.status.get() == Status::Running {
            self.0.world.hold(Group(id.0 as u32), Hold::Pause);
            member.status.set(Status::Paused);
            self.note(Event::Paused { member: id });
        }
    }

    pub(super) fn resume(&self, id: MemberId) {
        let Some(member) = self.member(id) else { return };
        if member.status.get() == Status::Paused {
            member.status.set(Status::Running);
            member.running_since.set(self.0.world.now());
            self.0.world.release(Group(id.0 as u32), Hold::Pause);
            self.note(Event::Resumed { member: id });
        }
    }
}
