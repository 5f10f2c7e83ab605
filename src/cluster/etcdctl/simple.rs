//! Answers in the format `simple`: what people read.
//!
//! Architecture invariant: text from values.

// Models etcd etcdctl/ctlv3/command/printer_simple.go.

use super::print::{About, OfEndpoint, size};
use super::{Etcdctl, Verb};
use crate::cluster::gateway::Header;
use crate::store::{
    AlarmMember, Blob, ClusterResponse, EventType, KeyValue, LeaseResponse, MaintenanceResponse,
    Response, ResponseOp, StatusResponse, TxnResponse, WatchResponse,
};

pub(super) fn answer(it: &Etcdctl, header: &Header, response: &Response) -> String {
    let only_values = it.has("print-value-only");
    let hex = it.has("hex");
    match response {
        Response::Range(range) => {
            range.kvs.iter().map(|kv| key_value(kv, hex, only_values)).collect()
        }
        Response::Put(put) => "OK\n".to_string() + &pairs(put.prev_kv.as_slice(), hex),
        Response::DeleteRange(delete) => {
            format!("{}\n{}", delete.deleted, pairs(&delete.prev_kvs, hex))
        }
        Response::Txn(txn) => transaction(txn, hex),
        Response::Compaction(_) => String::new(),
        Response::Lease(response) => lease(it, response),
        Response::Maintenance(response) => maintenance(it, header, response),
        Response::Cluster(response) => members(it, header, response),
    }
}

fn transaction(txn: &TxnResponse, hex: bool) -> String {
    let mut text = if txn.succeeded { "SUCCESS\n" } else { "FAILURE\n" }.to_string();
    for response in &txn.responses {
        text.push('\n');
        text += &match response {
            ResponseOp::Range(range) => pairs(&range.kvs, hex),
            ResponseOp::Put(put) => "OK\n".to_string() + &pairs(put.prev_kv.as_slice(), hex),
            ResponseOp::DeleteRange(delete) => {
                format!("{}\n{}", delete.deleted, pairs(&delete.prev_kvs, hex))
            }
            ResponseOp::Txn(txn) => transaction(txn, hex),
        };
    }
    text
}

fn pairs(kvs: &[KeyValue], hex: bool) -> String {
    kvs.iter().map(|kv| key_value(kv, hex, false)).collect()
}

fn key_value(kv: &KeyValue, hex: bool, only_value: bool) -> String {
    let value = bytes(&kv.value, hex) + "\n";
    if only_value { value } else { bytes(&kv.key, hex) + "\n" + &value }
}

fn bytes(bytes: &Blob, hex: bool) -> String {
    match hex {
        true => bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect(),
        false => bytes.text(),
    }
}

fn lease(it: &Etcdctl, response: &LeaseResponse) -> String {
    match response {
        LeaseResponse::Granted { id, ttl, .. } => {
            format!("lease {id:016x} granted with TTL({ttl}s)\n")
        }
        LeaseResponse::Revoked { .. } => {
            let id = it.arguments.first().map_or("", |id| id.trim_start_matches('0'));
            format!("lease {id:0>16} revoked\n")
        }
        LeaseResponse::Checkpointed { .. } => String::new(),
        LeaseResponse::KeptAlive { id, ttl, .. } => {
            format!("lease {id:016x} keepalived with TTL({ttl})\n")
        }
        LeaseResponse::TimeToLive { id, ttl: -1, .. } => {
            format!("lease {id:016x} already expired\n")
        }
        LeaseResponse::TimeToLive { id, ttl, granted_ttl, keys, .. } => {
            let keys: Vec<String> = keys.iter().map(Blob::text).collect();
            let keys = match it.has("keys") {
                true => format!(", attached keys([{}])", keys.join(" ")),
                false => String::new(),
            };
            format!("lease {id:016x} granted with TTL({granted_ttl}s), remaining({ttl}s){keys}\n")
        }
        LeaseResponse::Leases { leases, .. } => {
            let ids: String = leases.iter().map(|id| format!("{id:016x}\n")).collect();
            format!("found {} leases\n{ids}", leases.len())
        }
    }
}

fn maintenance(it: &Etcdctl, header: &Header, response: &MaintenanceResponse) -> String {
    match response {
        MaintenanceResponse::Alarm { alarms, .. } => {
            alarms.iter().map(|alarm: &AlarmMember| format!("{alarm}\n")).collect()
        }
        MaintenanceResponse::LeaderMoved { .. } => {
            let (from, to) = (header.member_id, it.arguments.first().map_or("", |to| to));
            format!("Leadership transferred from {from:x} to {to}\n")
        }
        _ => String::new(),
    }
}

fn members(it: &Etcdctl, header: &Header, response: &ClusterResponse) -> String {
    let cluster = header.cluster_id;
    let id = response.member.as_ref().map(|member| member.id);
    let given = it.arguments.first().and_then(|id| u64::from_str_radix(id, 16).ok());
    let done = |what: &str, id: u64| format!("Member {id:16x} {what} cluster {cluster:16x}\n");
    match it.verb {
        Verb::MemberAdd => {
            let name = it.arguments.first().map_or("", |name| name);
            done("added to", id.unwrap_or_default()) + &how_to_start(name, response)
        }
        Verb::MemberRemove => done("removed from", given.unwrap_or_default()),
        Verb::MemberUpdate => done("updated in", given.unwrap_or_default()),
        Verb::MemberPromote => done("promoted in", given.unwrap_or_default()),
        _ => response.members.iter().map(|it| row(it).join(", ") + "\n").collect(),
    }
}

/// What a new member's process is to be started with.
fn how_to_start(name: &str, response: &ClusterResponse) -> String {
    let Some(member) = &response.member else { return String::new() };
    let own = |it: &crate::store::MemberInfo| {
        let name = if it.id == member.id { name } else { &it.name };
        it.peer_urls.iter().map(|url| format!("{name}={url}")).collect::<Vec<_>>()
    };
    let all: Vec<String> = response.members.iter().flat_map(own).collect();
    format!(
        "\nETCD_NAME={name:?}\nETCD_INITIAL_CLUSTER=\"{}\"\n\
         ETCD_INITIAL_ADVERTISE_PEER_URLS=\"{}\"\nETCD_INITIAL_CLUSTER_STATE=\"existing\"\n",
        all.join(","),
        member.peer_urls.join(",")
    )
}

/// A member's cells, as its line and its row in a table have them.
pub(super) fn row(it: &crate::store::MemberInfo) -> Vec<String> {
    let status = if it.name.is_empty() { "unstarted" } else { "started" };
    vec![
        format!("{:x}", it.id),
        status.into(),
        it.name.clone(),
        it.peer_urls.join(","),
        it.client_urls.join(","),
        it.is_learner.to_string(),
    ]
}

/// An endpoint's cells, as its line and its row in a table have them.
pub(super) fn cells(found: &OfEndpoint) -> Vec<String> {
    let endpoint = found.endpoint.clone();
    match &found.about {
        About::Status(status) => {
            let StatusResponse { version, db_size, raft_index, raft_term, .. } = status;
            vec![
                endpoint,
                format!("{:x}", found.header.member_id),
                version.clone(),
                size(*db_size),
                (status.leader == found.header.member_id).to_string(),
                status.is_learner.to_string(),
                raft_term.to_string(),
                raft_index.to_string(),
                status.raft_applied_index.to_string(),
                status.errors.join(", "),
            ]
        }
        About::HashKv { hash, .. } => vec![endpoint, hash.to_string()],
        About::Health { took, error } => {
            vec![endpoint, error.is_empty().to_string(), took.clone(), error.clone()]
        }
    }
}

/// Of health nothing: that is said on the other output.
pub(super) fn endpoint(found: &OfEndpoint) -> String {
    match found.about {
        About::Health { .. } => String::new(),
        _ => cells(found).join(", ") + "\n",
    }
}

pub(super) fn told(hex: bool, response: &WatchResponse) -> String {
    let mut text = String::new();
    for event in &response.events {
        text += match event.event_type {
            EventType::Put => "PUT\n",
            EventType::Delete => "DELETE\n",
        };
        text += &pairs(event.prev_kv.as_slice(), hex);
        text += &key_value(&event.kv, hex, false);
    }
    text
}
