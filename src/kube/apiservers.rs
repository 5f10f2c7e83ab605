//! The apiservers as processes: one to three of them, started, killed, and found by their clients.
//!
//! They share nothing but etcd: each has its own watch caches and its own client of etcd. Whoever
//! wants an apiserver is given one by a load balancer, and another one when that does not serve.
//!
//! * When a process is killed its connections break at once: who waits for an answer or watches
//!   hears so, and etcd is told that its watches are over.
//!
//! Caveats: the load balancer is modelled. It knows at once who serves (a real one probes
//! `/readyz`), takes no time and never fails.
//!
//! Architecture invariant: starts and ends processes; knows no object.

use std::rc::Rc;

use super::apiserver::Apiserver;
use super::control_plane::ControlPlane;
use super::places::{self, APISERVERS};
use super::{Action, Event};
use crate::sim::Address;

/// What the note of an apiserver's place says when its process is not there: killed, or refused.
pub const NOT_RUNNING: [&str; 2] = ["not running", "does not start"];

impl ControlPlane {
    /// Does what the reader asks if it is about processes and their files, not about objects.
    pub(super) fn act_on_processes(&self, action: &Action) -> bool {
        match action {
            Action::Kubelet { node, paused } => self.pause(node, *paused),
            Action::Pod { name, ailment } => self.harm(name, *ailment),
            Action::Apiserver { number, runs } => self.set_apiserver(usize::from(*number), *runs),
            Action::Process { component, number, runs } => {
                self.set_process(*component, usize::from(*number), *runs);
            }
            Action::EventEtcd { runs } => self.set_event_etcd(*runs),
            Action::Encryption { text } => self.set_encryption(text),
            Action::RotateKms => self.rotate_kms(),
            Action::Monitor { agents, every } => super::monitor::monitor(self, *agents, *every),
            _ => return false,
        }
        true
    }

    /// Where the apiservers are, whether they run or not.
    pub(super) fn apiserver_places(&self) -> &'static [Address] {
        &APISERVERS[..usize::from(self.0.setup.apiservers).clamp(1, APISERVERS.len())]
    }

    /// The apiserver at a place, unless its process has ended.
    pub(super) fn apiserver_at(&self, place: Address) -> Option<Rc<Apiserver>> {
        self.0.apiservers.borrow().get(&place).cloned()
    }

    /// The first that runs.
    pub(super) fn any_apiserver(&self) -> Option<Rc<Apiserver>> {
        self.0.apiservers.borrow().values().next().cloned()
    }

    /// The apiserver the load balancer gives a client: the one it had, as long as that serves.
    pub(super) fn balanced(&self, client: Address) -> Address {
        let places = self.apiserver_places();
        let first = places[client.0 as usize % places.len()];
        let before = self.0.balance.borrow().get(&client).copied().unwrap_or(first);
        let serves = |place: &&Address| self.apiserver_at(**place).is_some_and(|it| it.serves());
        let at = places.iter().position(|place| *place == before).unwrap_or(0);
        let round = places[at..].iter().chain(&places[..at]);
        let next = round.clone().find(serves).copied().unwrap_or(before);
        self.note_apiserver(client, next);
        if next != before || places.len() > 1 {
            self.0.balance.borrow_mut().insert(client, next);
        }
        next
    }

    /// Starts an apiserver's process.
    pub(super) fn start_apiserver(&self, at: usize) {
        let place = APISERVERS[at];
        let apiserver = match Apiserver::new(self, at) {
            Ok(apiserver) => apiserver,
            Err(why) => {
                let name = places::apiserver_name(at, self.0.setup.apiservers);
                self.note_line(place, 1, NOT_RUNNING[1]);
                return self.note(Event::NotStarted { name, why });
            }
        };
        self.0.apiservers.borrow_mut().insert(place, apiserver.clone());
        self.0.cluster.world().spawn_in(places::group(place), apiserver.run());
    }

    /// The reader kills an apiserver, or starts it again; by its number, from 1.
    pub(super) fn set_apiserver(&self, number: usize, runs: bool) {
        let Some(place) = self.apiserver_places().get(number.wrapping_sub(1)).copied() else {
            return;
        };
        let apiserver = self.apiserver_at(place);
        if apiserver.is_some() == runs {
            return;
        }
        let name = places::apiserver_name(number - 1, self.0.setup.apiservers);
        match apiserver {
            Some(apiserver) => {
                self.0.apiservers.borrow_mut().remove(&place);
                apiserver.end();
                self.0.cluster.world().kill(places::group(place));
                self.note_line(place, 1, NOT_RUNNING[0]);
                self.note(Event::Apiserver { name, runs });
            }
            None => {
                self.note(Event::Apiserver { name, runs });
                self.start_apiserver(number - 1);
            }
        }
    }
}
