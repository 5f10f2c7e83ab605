//! Who leads: several do the same work, and one of them acts at a time, whoever holds their Lease.
//!
//! Everyone tries to write the Lease through the apiserver: to create it, or to put their name into
//! it as it was when they read it, so that of two who try at once one is told of a conflict. The
//! holder writes it anew every 2 seconds. Who does not hold it looks at it every 2 to 4.4 seconds,
//! and takes it when it has not changed for 15 seconds.
//!
//! * *By their own clock*: since when a record has not changed is counted from when a candidate
//!   first saw it so. The times in it are for readers; clocks that differ do no harm.
//! * A leader that tries to renew for 10 seconds in vain ends, 12 seconds after it last did. Who
//!   waits counts from when that was stored or later: at least 3 seconds pass before they act, as
//!   long as clocks run equally fast and no process is stopped.
//! * What an apiserver was sent before is done all the same: no write says by whom it was led.
//! * A process that starts again has another name, and waits for its own Lease to end.
//!
//! Caveats: nobody hands the Lease over when it ends (`ReleaseOnCancel`), as upstream's two do not.
//!
//! Architecture invariant: knows the record and whoever is asked to keep it, not what is led.
// Models client-go tools/leaderelection/leaderelection.go and resourcelock/leaselock.go; the spans
// are the defaults of component-base config/v1alpha1.

use std::time::Duration;

use serde_json::Value;

use super::api::{ApiRequest, Part};
use super::apiserver_write::now_ms;
use super::control_plane::ControlPlane;
use super::controllers;
use super::filled::{at, filled, number, text};
use super::informer::Key;
use super::kinds::Kind;
use super::status::Status;
use super::{happenings, rfc3339};
use crate::sim::{self, Address, Instant, Rng};

/// `--leader-elect-lease-duration`
pub const LEASE: Duration = Duration::from_secs(15);
/// `--leader-elect-renew-deadline`
pub const RENEW_DEADLINE: Duration = Duration::from_secs(10);
/// `--leader-elect-retry-period`
pub const RETRY: Duration = Duration::from_secs(2);
/// A candidate waits up to so much longer, in thousandths of [`RETRY`] (`JitterFactor`).
const JITTER_MILLI: u64 = 1200;
/// Half the deadline: how long one request may take (`resourcelock.NewFromKubeconfig`).
const REQUEST: Duration = Duration::from_secs(5);

/// The namespace of both Leases.
const NAMESPACE: &str = "kube-system";

/// What is known of the record.
#[derive(Debug, Clone, Default)]
pub(super) struct Observed {
    /// As it was read last.
    read: Value,
    /// As it was read, or written by oneself.
    record: Value,
    /// Since when it has been so, by one's own clock.
    since: Instant,
}

/// What is to be done about a record that was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    /// Somebody else leads.
    Wait,
    /// Write this one.
    Write(Value),
}

impl Observed {
    fn is_mine(&self, me: &str) -> bool {
        text(&self.record, "holderIdentity") == me
    }

    /// Whether the holder may still act.
    fn holds(&self, now: Instant) -> bool {
        !self.record.is_null() && self.since + LEASE > now
    }

    /// It was read, at `now`.
    pub(super) fn reads(&mut self, record: &Value, now: Instant) {
        if self.read != *record {
            *self = Observed { read: record.clone(), record: record.clone(), since: now };
        }
    }

    /// It was written by oneself.
    pub(super) fn writes(&mut self, record: Value, now: Instant) {
        (self.record, self.since) = (record, now);
    }

    /// The next record, of a candidate that began to think at `now`; `time`: the time of day.
    pub(super) fn step(&self, me: &str, now: Instant, time: &str) -> Step {
        let holder = text(&self.record, "holderIdentity");
        if !holder.is_empty() && holder != me && self.holds(now) {
            return Step::Wait;
        }
        let before = number(&self.record, "leaseTransitions");
        let (acquired, transitions) = match holder == me {
            true => (at(&self.record, "acquireTime").clone(), before),
            false => (time.into(), before + 1),
        };
        Step::Write(record(me, acquired, time, transitions))
    }
}

fn record(me: &str, acquired: Value, time: &str, transitions: i64) -> Value {
    const TEXT: &str = r#"{"holderIdentity": "$0", "leaseDurationSeconds": "$1",
        "acquireTime": "$2", "renewTime": "$3", "leaseTransitions": "$4"}"#;
    let seconds = (LEASE.as_secs() as i64).into();
    filled(TEXT, &[me.into(), seconds, acquired, time.into(), transitions.into()])
}

/// One who would lead.
pub(super) struct Candidate {
    plane: ControlPlane,
    place: Address,
    /// The Lease's name, which is that of what it leads.
    name: &'static str,
    me: String,
    observed: Observed,
    /// The Lease as it was read or written last: what an update is compared with.
    lease: Option<Value>,
    dice: Rng,
}

impl Candidate {
    /// One who would hold the Lease of that name, and is called `me` in it.
    pub fn new(plane: &ControlPlane, place: Address, name: &'static str, me: String) -> Candidate {
        let dice = plane.0.cluster.world().stream("candidate", place.0.into(), 0);
        let (plane, observed) = (plane.clone(), Observed::default());
        Candidate { plane, place, name, me, observed, lease: None, dice }
    }

    /// Tries until it leads; how often the Lease has changed hands.
    pub async fn acquire(&mut self) -> i64 {
        while !self.tries().await {
            let jitter = self.dice.below(RETRY.as_millis() as u64 * JITTER_MILLI / 1000);
            sim::sleep(RETRY + Duration::from_millis(jitter)).await;
        }
        self.tell();
        number(&self.observed.record, "leaseTransitions")
    }

    /// Renews until it cannot.
    pub async fn renew(&mut self) {
        loop {
            let renewed = async {
                while !self.tries().await {
                    sim::sleep(RETRY).await;
                }
            };
            if sim::timeout(RENEW_DEADLINE, renewed).await.is_err() {
                return;
            }
            sim::sleep(RETRY).await;
        }
    }

    /// One try to acquire or renew; whether it leads now.
    async fn tries(&mut self) -> bool {
        let now = sim::now();
        // The leader writes at once: what it wrote last is mostly what is there.
        if self.observed.is_mine(&self.me) && self.observed.holds(now) && self.writes(now).await {
            return true;
        }
        match self.call(self.get()).await {
            Ok(lease) => {
                self.observed.reads(&lease["spec"], sim::now());
                self.lease = Some(lease);
                self.writes(now).await
            }
            Err(status) if status.code == 404 => {
                let time = time();
                let first = record(&self.me, time.as_str().into(), &time, 0);
                let lease = filled(LEASE_TEXT, &[self.name.into(), NAMESPACE.into(), first]);
                self.written(controllers::create(lease)).await
            }
            Err(_) => false,
        }
    }

    /// Writes the next record in place of the one it knows, if it may.
    async fn writes(&mut self, now: Instant) -> bool {
        match (self.observed.step(&self.me, now, &time()), self.lease.clone()) {
            (Step::Write(record), Some(mut lease)) => {
                lease["spec"] = record;
                self.written(controllers::put(Part::Object, lease)).await
            }
            _ => false,
        }
    }

    async fn written(&mut self, request: ApiRequest) -> bool {
        let written = self.call(request).await;
        let Ok(lease) = written else { return false };
        self.observed.writes(lease["spec"].clone(), sim::now());
        self.lease = Some(lease);
        true
    }

    fn get(&self) -> ApiRequest {
        let kind = Kind::built_in("Lease").expect("Lease is built in").clone();
        ApiRequest::Get { kind, namespace: NAMESPACE.into(), name: self.name.into() }
    }

    async fn call(&self, request: ApiRequest) -> Result<Value, Status> {
        let thread = self.plane.0.cluster.fresh_thread();
        let called = self.plane.call(self.place, request, thread);
        match sim::timeout(REQUEST, called).await {
            Ok(answer) => answer.map(|it| it.object).map_err(|refused| refused.status),
            Err(_) => Err(Status::connection_lost()),
        }
    }

    /// The Event of a new leader.
    fn tell(&self) {
        let Some(lease) = self.lease.clone() else { return };
        let message = format!("{} became leader", self.me);
        let happening = (Key::of(&lease), "Normal", "LeaderElection", message);
        let by = if self.name == "kube-scheduler" { "default-scheduler" } else { self.name };
        let event = happenings::event(&happening, &lease, by, now_ms() as u64 * 1_000_000);
        let (plane, place) = (self.plane.clone(), self.place);
        sim::spawn(async move {
            let thread = plane.0.cluster.fresh_thread();
            let _ = plane.call(place, controllers::create(event), thread).await;
        });
    }
}

const LEASE_TEXT: &str = r#"{"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
    "metadata": {"name": "$0", "namespace": "$1"}, "spec": "$2"}"#;

/// The time of day.
fn time() -> String {
    let ms = now_ms();
    rfc3339::format_micro((ms / 1000, (ms % 1000 * 1_000_000) as u32))
}

#[cfg(test)]
#[path = "election_test.rs"]
mod tests;
