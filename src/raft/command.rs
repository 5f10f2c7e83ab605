//! What a log entry asks the store to do, and what the store answers.
//!
//! The counterpart of etcd's `InternalRaftRequest`. Every command carries the number of the request
//! it belongs to, so that the member that took the request knows its own command when it applies it
//! (models etcd `server/etcdserver/v3_server.go`, `processInternalRaftRequestOnce`).
//!
//! Architecture invariant: a command is a pure value; applying it needs nothing but the store.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ThreadId;
use crate::store::{
    AlarmAction, Blob, ClusterRequest, LeaseRequest, MaintenanceRequest, RangeResponse, Request,
    RequestOp, Response, ResponseOp, Revision,
};

/// One replicated request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// The request it belongs to, unique in a run.
    pub request: u64,
    /// The write it belongs to.
    pub thread: ThreadId,
    /// What to do.
    pub op: Request,
}

/// One word for the capsule of a request's packet.
pub fn word(request: &Request) -> &'static str {
    match request {
        Request::Range(_) => "get",
        Request::Put(_) => "put",
        Request::DeleteRange(_) => "del",
        Request::Txn(_) => "txn",
        Request::Compaction(_) => "compact",
        Request::Lease(lease) => match lease {
            LeaseRequest::Grant { .. } => "grant",
            LeaseRequest::Revoke { .. } => "revoke",
            LeaseRequest::Checkpoint { .. } => "checkpoint",
            LeaseRequest::KeepAlive { .. } => "keep-alive",
            LeaseRequest::TimeToLive { .. } => "ttl",
            LeaseRequest::Leases => "leases",
        },
        Request::Maintenance(maintenance) => match maintenance {
            MaintenanceRequest::Alarm { .. } => "alarm",
            MaintenanceRequest::Status => "status",
            MaintenanceRequest::Defragment => "defrag",
            MaintenanceRequest::Hash | MaintenanceRequest::HashKv { .. } => "hash",
            MaintenanceRequest::Snapshot => "snapshot",
            MaintenanceRequest::MoveLeader { .. } => "move",
        },
        Request::Cluster(cluster) => match cluster {
            ClusterRequest::List { .. } => "list",
            ClusterRequest::Add { .. } => "add",
            ClusterRequest::Remove { .. } => "remove",
            ClusterRequest::Update { .. } => "update",
            ClusterRequest::Promote { .. } => "promote",
        },
    }
}

/// The revision in the header of an answer.
pub fn header_revision(response: &Response) -> Revision {
    match response {
        Response::Range(response) => response.revision,
        Response::Put(response) => response.revision,
        Response::DeleteRange(response) => response.revision,
        Response::Txn(response) => response.revision,
        Response::Compaction(response) => response.revision,
        Response::Lease(response) => response.revision(),
        Response::Maintenance(response) => response.revision(),
        Response::Cluster(_) => Revision(0),
    }
}

/// Keys longer than this are shortened from the left.
const KEY_SHOWN_MAX: usize = 22;

/// A key for a narrow column: its last parts behind an ellipsis.
fn short(key: &Blob) -> String {
    let text = key.text();
    if text.chars().count() <= KEY_SHOWN_MAX {
        return text;
    }
    match text.rsplit_once('/') {
        Some((_, last)) if last.chars().count() < KEY_SHOWN_MAX => format!("…/{last}"),
        _ => {
            let skip = text.chars().count() - KEY_SHOWN_MAX;
            format!("…{}", text.chars().skip(skip).collect::<String>())
        }
    }
}

/// A request in a few words: `put foo`, `put …/web`, `del foo`, `compact 12`.
pub fn summary(request: &Request) -> String {
    match request {
        Request::Range(range) => format!("get {}", short(&range.key)),
        Request::Put(put) => format!("put {}", short(&put.key)),
        Request::DeleteRange(delete) => format!("del {}", short(&delete.key)),
        Request::Txn(txn) => match txn.success.first() {
            Some(RequestOp::Put(put)) => format!("put {}", short(&put.key)),
            Some(RequestOp::DeleteRange(delete)) => format!("del {}", short(&delete.key)),
            _ => "txn".into(),
        },
        Request::Compaction(compact) => format!("compact {}", compact.revision),
        Request::Lease(lease) => lease_summary(lease),
        Request::Maintenance(MaintenanceRequest::Alarm { action, .. }) => match action {
            AlarmAction::Get => "alarm list".into(),
            AlarmAction::Activate => "raise alarm".into(),
            AlarmAction::Deactivate => "disarm".into(),
        },
        Request::Maintenance(MaintenanceRequest::MoveLeader { target }) => {
            format!("move-leader {target:x}")
        }
        Request::Maintenance(_) => word(request).into(),
        Request::Cluster(cluster) => match cluster {
            ClusterRequest::Remove { id }
            | ClusterRequest::Update { id, .. }
            | ClusterRequest::Promote { id } => format!("member {} {id:x}", word(request)),
            ClusterRequest::Add { peer_urls, learner } => {
                let url = peer_urls.first().map_or("", String::as_str);
                let name = url.split("//").last().and_then(|host| host.split(':').next());
                let flag = if *learner { " --learner" } else { "" };
                format!("member add {}{flag}", name.unwrap_or_default())
            }
            ClusterRequest::List { .. } => "member list".into(),
        },
    }
}

fn lease_summary(lease: &LeaseRequest) -> String {
    match lease {
        LeaseRequest::Grant { ttl, .. } => format!("grant {ttl} s"),
        LeaseRequest::Revoke { id } => format!("revoke {id:016x}"),
        LeaseRequest::Checkpoint { id, .. } => format!("checkpoint {id:016x}"),
        LeaseRequest::KeepAlive { id } => format!("keep-alive {id:016x}"),
        LeaseRequest::TimeToLive { id, .. } => format!("timetolive {id:016x}"),
        LeaseRequest::Leases => "lease list".into(),
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&summary(&self.op))
    }
}

/// Bytes of an answer's keys and values.
pub fn response_bytes(response: &Response) -> u32 {
    let of_range = |range: &RangeResponse| {
        range.kvs.iter().map(|kv| kv.key.len() + kv.value.len()).sum::<usize>()
    };
    let of = |part: &ResponseOp| match part {
        ResponseOp::Range(range) => of_range(range),
        _ => 0,
    };
    let bytes = match response {
        Response::Range(range) => of_range(range),
        Response::Txn(txn) => txn.responses.iter().map(of).sum(),
        _ => 0,
    };
    bytes as u32
}

/// Bytes of a request's keys and values.
pub fn request_bytes(request: &Request) -> u32 {
    let op = |op: &RequestOp| match op {
        RequestOp::Put(put) => put.key.len() + put.value.len(),
        RequestOp::DeleteRange(delete) => delete.key.len() + delete.range_end.len(),
        RequestOp::Range(range) => range.key.len() + range.range_end.len(),
        RequestOp::Txn(_) | RequestOp::Empty => 0,
    };
    let bytes = match request {
        Request::Put(put) => put.key.len() + put.value.len(),
        Request::DeleteRange(delete) => delete.key.len() + delete.range_end.len(),
        Request::Txn(txn) => txn.success.iter().chain(&txn.failure).map(op).sum(),
        Request::Range(range) => range.key.len() + range.range_end.len(),
        Request::Compaction(_) => 8,
        Request::Lease(_) | Request::Maintenance(_) | Request::Cluster(_) => 16,
    };
    bytes as u32
}
