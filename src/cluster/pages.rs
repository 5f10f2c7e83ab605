//! The pages of a member's HTTP server: `/metrics`, `/health`, `/version`.
//!
//! * A member is healthy when it has no alarm, knows a leader and can be read from.
//!
//! Caveats: `/health` in the form of 3.6, with a reason; 3.4 gives none. Learners are asked for
//! linearizable reads like others.
//!
//! Architecture invariant: reads only, but for counting how often its health was asked for.

// Models etcd server/etcdserver/api/etcdhttp/{health,metrics,version}.go.

use std::rc::Rc;

use super::Cluster;
use super::gateway::{Answer, Page};
use super::serve_maintenance::VERSION;
use super::server::{Server, Ticket};
use crate::raft::Counter;
use crate::store::AlarmType;

impl Server {
    /// What is on a page.
    pub(super) async fn page(
        self: &Rc<Self>,
        cluster: &Cluster,
        ticket: Ticket,
        page: &Page,
    ) -> Answer {
        match page {
            Page::Metrics => Answer { status: 200, body: self.metrics(cluster) },
            Page::Version => {
                let (server, of) = (VERSION, r#""storage":"#);
                let body = format!(
                    r#"{{"etcdserver":"{server}","etcdcluster":"{server}",{of}"{server}"}}"#
                );
                Answer { status: 200, body }
            }
            Page::Health { serializable, excluded } => {
                let ill = self.illness(cluster, ticket, *serializable, excluded).await;
                let (status, healthy, counter) = match &ill {
                    None => (200, true, Counter::Healthy),
                    Some(_) => (503, false, Counter::Unhealthy),
                };
                self.node.meter.count(counter);
                let reason = ill.unwrap_or_default();
                let body = format!(r#"{{"health":"{healthy}","reason":"{reason}"}}"#);
                Answer { status, body }
            }
        }
    }

    /// Why it is not healthy.
    async fn illness(
        self: &Rc<Self>,
        cluster: &Cluster,
        ticket: Ticket,
        serializable: bool,
        excluded: &[String],
    ) -> Option<String> {
        let alarm = {
            let applied = self.node.machine.0.borrow();
            let name = |kind: AlarmType| kind.to_string();
            applied.store.alarms().map(|it| name(it.alarm)).find(|it| !excluded.contains(it))
        };
        if let Some(alarm) = alarm {
            return Some(format!("ALARM {alarm}"));
        }
        if !serializable && self.leader().is_none() {
            return Some("RAFT NO LEADER".into());
        }
        if !serializable && let Err(error) = self.read_index(cluster, ticket.thread).await {
            return Some(format!("RANGE ERROR:{error}"));
        }
        None
    }
}
