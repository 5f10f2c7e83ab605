//! Answers in the format `json`: etcd's messages as Go's `encoding/json` writes them.
//!
//! * Integers are numbers, enums their numbers, bytes base64; of etcd's own messages fields at
//!   their default are left out, of the client's none.
//!
//! Architecture invariant: text from values.

// Models etcd etcdctl/ctlv3/command/printer.go and clientv3's types.

use super::print::{About, OfEndpoint};
use super::{Etcdctl, Verb};
use crate::cluster::gateway::{Header, Json, key_value, member, range, status};
use crate::store::{
    AlarmType, EventType, KeyValue, LeaseResponse, MaintenanceResponse, Response, ResponseOp,
    Revision, TxnResponse, WatchEvent, WatchResponse,
};

fn message(fields: impl FnOnce(&mut Json)) -> String {
    let mut json = Json::of_go();
    fields(&mut json);
    json.end() + "\n"
}

pub(super) fn answer(it: &Etcdctl, header: &Header, response: &Response) -> String {
    let mut json = Json::of_go();
    let header = Some(header);
    match response {
        Response::Range(it) => {
            json.header(header, it.revision);
            range(&mut json, it);
        }
        Response::Put(it) => {
            json.header(header, it.revision);
            json.key_value("prev_kv", it.prev_kv.as_ref());
        }
        Response::DeleteRange(it) => {
            json.header(header, it.revision);
            deleted(&mut json, it.deleted, &it.prev_kvs);
        }
        Response::Txn(it) => {
            json.header(header, it.revision);
            txn(&mut json, it);
        }
        Response::Compaction(_) => {}
        Response::Lease(it) => lease(&mut json, header, it),
        Response::Cluster(it) => {
            json.header(header, Revision(0));
            it.member.iter().for_each(|it| json.object("member", |json| member(json, it)));
            json.list("members", &it.members, member);
        }
        Response::Maintenance(MaintenanceResponse::Alarm { alarms, .. })
            if matches!(it.verb, Verb::AlarmList | Verb::AlarmDisarm) =>
        {
            json.list("alarms", alarms, |json, it| {
                json.unsigned("memberID", it.member_id);
                json.int(
                    "alarm",
                    match it.alarm {
                        AlarmType::None => 0,
                        AlarmType::NoSpace => 1,
                        AlarmType::Corrupt => 2,
                    },
                );
            });
        }
        Response::Maintenance(_) => {}
    }
    json.end() + "\n"
}

fn deleted(json: &mut Json, deleted: i64, prev_kvs: &[KeyValue]) {
    json.int("deleted", deleted);
    json.list("prev_kvs", prev_kvs, key_value);
}

fn txn(json: &mut Json, it: &TxnResponse) {
    json.flag("succeeded", it.succeeded);
    json.list("responses", &it.responses, |json, it| json.object("Response", |json| op(json, it)));
}

fn op(json: &mut Json, it: &ResponseOp) {
    let name = match it {
        ResponseOp::Range(_) => "ResponseRange",
        ResponseOp::Put(_) => "ResponsePut",
        ResponseOp::DeleteRange(_) => "ResponseDeleteRange",
        ResponseOp::Txn(_) => "ResponseTxn",
    };
    json.object(name, |json| match it {
        ResponseOp::Range(it) => {
            json.header(None, it.revision);
            range(json, it);
        }
        ResponseOp::Put(it) => {
            json.header(None, it.revision);
            json.key_value("prev_kv", it.prev_kv.as_ref());
        }
        ResponseOp::DeleteRange(it) => {
            json.header(None, it.revision);
            deleted(json, it.deleted, &it.prev_kvs);
        }
        ResponseOp::Txn(it) => txn(json, it),
    });
}

/// The client's own types have their header's fields as their own.
fn lease(json: &mut Json, header: Option<&Header>, it: &LeaseResponse) {
    if let LeaseResponse::Revoked { revision } = it {
        return json.header(header, *revision);
    }
    json.header_fields(header, it.revision());
    match it {
        LeaseResponse::Granted { id, ttl, .. } => {
            json.always("ID", id);
            json.always("TTL", ttl);
            json.always("Error", &"\"\"");
        }
        LeaseResponse::KeptAlive { id, ttl, .. } => {
            json.always("ID", id);
            json.always("TTL", ttl);
        }
        LeaseResponse::TimeToLive { id, ttl, granted_ttl, keys, .. } => {
            json.always("id", id);
            json.always("ttl", ttl);
            json.always("granted-ttl", granted_ttl);
            match keys.is_empty() {
                true => json.always("keys", &"null"),
                false => json.blobs("keys", keys),
            }
        }
        LeaseResponse::Leases { leases, .. } if leases.is_empty() => {
            json.always("leases", &"[]");
        }
        LeaseResponse::Leases { leases, .. } => {
            json.list("leases", leases, |json, id| json.always("id", id));
        }
        LeaseResponse::Revoked { .. } | LeaseResponse::Checkpointed { .. } => {}
    }
}

pub(super) fn told(header: &Header, response: &WatchResponse) -> String {
    message(|json| {
        json.object("Header", |json| json.header_fields(Some(header), response.revision));
        match response.events.is_empty() {
            true => json.always("Events", &"null"),
            false => json.list("Events", &response.events, event),
        }
        json.always("CompactRevision", &response.compact_revision);
        json.always("Canceled", &response.canceled);
        json.always("Created", &response.created);
    })
}

fn event(json: &mut Json, it: &WatchEvent) {
    json.int("type", i64::from(it.event_type == EventType::Delete));
    json.key_value("kv", Some(&it.kv));
    json.key_value("prev_kv", it.prev_kv.as_ref());
}

pub(super) fn endpoints(found: &[OfEndpoint]) -> String {
    let one = |it: &OfEndpoint| {
        let mut text = message(|json| endpoint(json, it));
        text.pop();
        text
    };
    format!("[{}]\n", found.iter().map(one).collect::<Vec<_>>().join(","))
}

fn endpoint(json: &mut Json, found: &OfEndpoint) {
    let header = Some(&found.header);
    match &found.about {
        About::Status(it) => {
            json.text("Endpoint", &found.endpoint);
            json.object("Status", |json| {
                json.header(header, it.revision);
                status(json, it);
            });
        }
        About::HashKv { revision, hash, compact_revision } => {
            json.text("Endpoint", &found.endpoint);
            json.object("HashKV", |json| {
                json.header(header, Revision(*revision));
                json.number("hash", *hash);
                json.int("compact_revision", *compact_revision);
            });
        }
        About::Health { took, error } => {
            json.text("endpoint", &found.endpoint);
            json.always("health", &error.is_empty());
            json.text("took", took);
            json.text("error", error);
        }
    }
}
