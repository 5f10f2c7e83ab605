//! The leases by which Events end: many Events share one.
//!
//! An Event is kept for `--event-ttl`. Its key is put with a lease of that time and a little more
//! (5 % of it, a minute at most), and for as long as that little more lasts the same lease is given
//! to every Event, up to [`OBJECTS_MAX`] of them. So etcd grants about one lease a minute, not one
//! for each Event, and revokes them with all their keys in one revision.
//!
//! * Nobody is given a lease that could end before the Event's time.
//! * While a lease is being granted, whoever needs one waits for it.
//!
//! Architecture invariant: asks etcd for leases and nothing else.
// Models apiserver pkg/storage/etcd3/lease_manager.go.

use std::time::Duration;

use super::apiserver::Threaded;
use crate::sim::channel::mutex::Mutex;
use crate::sim::{self, Instant};
use crate::store::{Error, LeaseId, LeaseRequest, LeaseResponse, Request, Response};

/// A lease is given to no more objects than these (upstream's `LeaseMaxObjectCount`).
pub const OBJECTS_MAX: u32 = 1000;

/// How long a lease is given out at most (upstream's `LeaseReuseDurationSeconds`).
const REUSE_MAX_S: u64 = 60;

/// A lease that was granted.
#[derive(Clone, Copy)]
struct Granted {
    id: LeaseId,
    ends: Instant,
    objects: u32,
}

/// The leases of one apiserver.
pub(super) struct EventLeases(Mutex<Option<Granted>>);

impl Default for EventLeases {
    fn default() -> Self {
        EventLeases(Mutex::new(None))
    }
}

impl EventLeases {
    /// A lease that lasts at least so long.
    ///
    /// # Errors
    /// etcd's.
    pub async fn lease(&self, etcd: &Threaded, ttl: Duration) -> Result<LeaseId, Error> {
        let mut last = self.0.lock().await;
        let more = Duration::from_secs((ttl.as_secs() / 20).min(REUSE_MAX_S));
        let now = sim::now();
        if let Some(granted) = &mut *last {
            let lasts = now + ttl < granted.ends && now + ttl + more > granted.ends;
            granted.objects += 1;
            if lasts && granted.objects <= OBJECTS_MAX {
                return Ok(granted.id);
            }
        }
        let ttl = (ttl + more).as_secs();
        let grant = LeaseRequest::Grant { id: 0, ttl: ttl as i64 };
        match etcd.ask(Request::Lease(grant)).await? {
            Response::Lease(LeaseResponse::Granted { id, .. }) => {
                let ends = now + Duration::from_secs(ttl);
                *last = Some(Granted { id, ends, objects: 1 });
                Ok(id)
            }
            _ => Err(Error::Unknown("an answer of another kind".into())),
        }
    }
}
