//! What a member does with a line of curl that has come, and how the answer goes back.
//!
//! Architecture invariant: the member's side; knows nothing of what curl prints.

use std::cell::Cell;
use std::rc::Rc;

use super::Cluster;
use super::curl::{Heard, Held};
use super::etcdctl::ETCDCTL;
use super::gateway::{self, WatchCall};
use super::server::{Server, Ticket};
use super::watch::{Heard as Told, Outlet};
use crate::raft::{Label, MemberId, address};
use crate::sim::channel::mpsc;
use crate::store::Request;

/// A member serves one request of the gateway.
pub(super) async fn serve(server: Rc<Server>, ticket: Ticket, request: Request, reply: Reply) {
    let outcome = server.clone().serve(reply.cluster.clone(), ticket, request).await;
    let answer = gateway::encode(&reply.cluster.gateway_header(&server), &outcome);
    reply.send(Heard::Answered(answer, Some(outcome)));
}

/// A member opens a stream for the gateway: each answer becomes a line as it leaves.
pub(super) fn open(server: Rc<Server>, calls: &[WatchCall], reply: Reply, held: Held) {
    let (cluster, from, ear) = (reply.cluster, reply.from, reply.ear);
    let (of, at) = (Rc::downgrade(&server), cluster.clone());
    let line = move |told: Told| -> Box<dyn FnOnce()> {
        let heard = match (told, of.upgrade()) {
            (Told::Told(response), Some(server)) => {
                Heard::Line(gateway::encode_watch(&at.gateway_header(&server), &response))
            }
            _ => Heard::Broken,
        };
        let ear = ear.clone();
        Box::new(move || drop(ear.send(heard)))
    };
    let outlet = Outlet::new(cluster, from, ETCDCTL, Box::new(line));
    let stream = server.open_stream(calls, outlet);
    held.set(Some((stream, server.clone())));
    server.flush_streams(None);
}

/// The way back.
#[derive(Clone)]
pub(super) struct Reply {
    pub cluster: Cluster,
    pub from: MemberId,
    pub label: Label,
    pub ear: mpsc::UnboundedSender<Heard>,
}

impl Reply {
    pub fn send(&self, heard: Heard) {
        let (refused, bytes) = match &heard {
            Heard::Answered(answer, _) => (answer.status != 200, answer.body.len() as u32),
            _ => (true, 0),
        };
        let label = Label { refused, bytes, ..self.label.clone() };
        let (ear, heard) = (self.ear.clone(), Cell::new(Some(heard)));
        let hear = move || heard.take().into_iter().for_each(|heard| drop(ear.send(heard)));
        self.cluster.network().send(address(self.from), ETCDCTL, label, Rc::new(hear));
    }
}
