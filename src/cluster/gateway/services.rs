//! The Lease, Maintenance and Cluster services: their paths, and both ways between JSON and their
//! messages.
//!
//! * Names of fields are etcd's own, which are not all of one style: `ID`, `TTL`, `dbSize`.
//! * A keep-alive and a snapshot are streams in etcd: each message of the answer is a line
//!   `{"result":…}`.
//! * A snapshot comes in pieces of [`SNAPSHOT_PIECE_BYTES`].
//!
//! Caveats: `v3/maintenance/hashkv` is served as from 3.6 on; 3.4 says 404.
//!
//! Architecture invariant: as its parent, pure.

use super::decode::{Decode, Enum, Fields};
use super::encode::Json;
use super::{Answer, Header, invalid};
use crate::store::{
    AlarmAction, AlarmMember, AlarmType, ClusterRequest, ClusterResponse, Error, LeaseRequest,
    LeaseResponse, MaintenanceRequest, MaintenanceResponse, MemberInfo, Request, Revision,
    StatusResponse,
};

/// Bytes of a snapshot in one message, as etcd reads its file.
const SNAPSHOT_PIECE_BYTES: usize = 32 * 1024;

const ALARM: Enum<AlarmType> = Enum {
    name: "etcdserverpb.AlarmType",
    values: &[
        ("NONE", AlarmType::None),
        ("NOSPACE", AlarmType::NoSpace),
        ("CORRUPT", AlarmType::Corrupt),
    ],
    unknown: Error::KeyNotFound,
};

const ACTION: Enum<AlarmAction> = Enum {
    name: "etcdserverpb.AlarmRequest_AlarmAction",
    values: &[
        ("GET", AlarmAction::Get),
        ("ACTIVATE", AlarmAction::Activate),
        ("DEACTIVATE", AlarmAction::Deactivate),
    ],
    unknown: Error::KeyNotFound,
};

/// What reads the body posted to a path; none where no service is.
pub(super) fn decode(path: &str) -> Option<Decode> {
    Some(match path {
        "lease/grant" => {
            |f| Ok(Request::Lease(LeaseRequest::Grant { id: f.int("ID")?, ttl: f.int("TTL")? }))
        }
        "lease/revoke" | "kv/lease/revoke" => {
            |f| Ok(Request::Lease(LeaseRequest::Revoke { id: f.int("ID")? }))
        }
        "lease/keepalive" => |f| Ok(Request::Lease(LeaseRequest::KeepAlive { id: f.int("ID")? })),
        "lease/timetolive" | "kv/lease/timetolive" => |f| {
            let (id, keys) = (f.int("ID")?, f.flag("keys")?);
            Ok(Request::Lease(LeaseRequest::TimeToLive { id, keys }))
        },
        "lease/leases" | "kv/lease/leases" => |_| Ok(Request::Lease(LeaseRequest::Leases)),
        "maintenance/alarm" => alarm,
        "maintenance/status" => |_| Ok(Request::Maintenance(MaintenanceRequest::Status)),
        "maintenance/defragment" => |_| Ok(Request::Maintenance(MaintenanceRequest::Defragment)),
        "maintenance/hash" => |_| Ok(Request::Maintenance(MaintenanceRequest::Hash)),
        "maintenance/hashkv" => |f| {
            let revision = Revision(f.int("revision")?);
            Ok(Request::Maintenance(MaintenanceRequest::HashKv { revision }))
        },
        "maintenance/snapshot" => |_| Ok(Request::Maintenance(MaintenanceRequest::Snapshot)),
        "maintenance/transfer-leadership" => |f| {
            let target = f.unsigned("targetID")?;
            Ok(Request::Maintenance(MaintenanceRequest::MoveLeader { target }))
        },
        "cluster/member/list" => |f| {
            let linearizable = f.flag("linearizable")?;
            Ok(Request::Cluster(ClusterRequest::List { linearizable }))
        },
        "cluster/member/add" => |f| {
            let (peer_urls, learner) = (f.texts("peerURLs")?, f.flag("isLearner")?);
            Ok(Request::Cluster(ClusterRequest::Add { peer_urls, learner }))
        },
        "cluster/member/remove" => {
            |f| Ok(Request::Cluster(ClusterRequest::Remove { id: f.unsigned("ID")? }))
        }
        "cluster/member/update" => |f| {
            let (id, peer_urls) = (f.unsigned("ID")?, f.texts("peerURLs")?);
            Ok(Request::Cluster(ClusterRequest::Update { id, peer_urls }))
        },
        "cluster/member/promote" => {
            |f| Ok(Request::Cluster(ClusterRequest::Promote { id: f.unsigned("ID")? }))
        }
        _ => return None,
    })
}

fn alarm(f: &Fields<'_>) -> Result<Request, Answer> {
    let alarm = f.choice("alarm", &ALARM)?;
    let member = AlarmMember { member_id: f.unsigned("memberID")?, alarm };
    let action = f.choice("action", &ACTION)?;
    Ok(Request::Maintenance(MaintenanceRequest::Alarm { action, member }))
}

impl Fields<'_> {
    fn unsigned(&self, name: &str) -> Result<u64, Answer> {
        let Some(value) = self.get(name) else { return Ok(0) };
        let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
        number.ok_or_else(|| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_string);
            invalid(&format!("json: cannot unmarshal number {text} into Go value of type uint64"))
        })
    }

    fn texts(&self, name: &str) -> Result<Vec<String>, Answer> {
        let text = |value: &serde_json::Value| {
            let text = value.as_str().map(str::to_string);
            text.ok_or_else(|| invalid("json: cannot unmarshal value into Go value of type string"))
        };
        self.list(name)?.iter().map(text).collect()
    }
}

fn message(fields: impl FnOnce(&mut Json)) -> Answer {
    let mut json = Json::new();
    fields(&mut json);
    Answer { status: 200, body: json.end() }
}

/// One message of a stream.
fn line(fields: impl FnOnce(&mut Json)) -> String {
    let mut json = Json::new();
    json.object("result", fields);
    json.end() + "\n"
}

/// The answer to a request of the Lease service.
pub(super) fn lease(header: &Header, response: &LeaseResponse) -> Answer {
    let header = |json: &mut Json| json.header(Some(header), response.revision());
    match response {
        LeaseResponse::Granted { id, ttl, .. } => message(|json| {
            header(json);
            json.int("ID", *id);
            json.int("TTL", *ttl);
        }),
        LeaseResponse::Revoked { .. } | LeaseResponse::Checkpointed { .. } => message(header),
        LeaseResponse::KeptAlive { id, ttl, .. } => {
            let body = line(|json| {
                header(json);
                json.int("ID", *id);
                json.int("TTL", *ttl);
            });
            Answer { status: 200, body }
        }
        LeaseResponse::TimeToLive { id, ttl, granted_ttl, keys, .. } => message(|json| {
            header(json);
            json.int("ID", *id);
            json.int("TTL", *ttl);
            json.int("grantedTTL", *granted_ttl);
            json.blobs("keys", keys);
        }),
        LeaseResponse::Leases { leases, .. } => message(|json| {
            header(json);
            json.list("leases", leases, |json, id| json.int("ID", *id));
        }),
    }
}

/// The answer to a request of the Maintenance service.
pub(super) fn maintenance(header: &Header, response: &MaintenanceResponse) -> Answer {
    let revision = response.revision();
    match response {
        // etcd fills no header here.
        MaintenanceResponse::Alarm { alarms, .. } => message(|json| {
            json.list("alarms", alarms, |json, it| {
                json.unsigned("memberID", it.member_id);
                json.text("alarm", name_of(&ALARM, it.alarm));
            });
        }),
        MaintenanceResponse::Status(it) => message(|json| {
            json.header(Some(header), revision);
            status(json, it);
            json.int("dbSizeQuota", it.db_size_quota);
        }),
        MaintenanceResponse::Defragmented => message(|_| {}),
        MaintenanceResponse::Hash { hash, .. } => message(|json| {
            json.header(Some(header), revision);
            json.number("hash", *hash);
        }),
        MaintenanceResponse::HashKv { hash, compact_revision, hash_revision, .. } => {
            message(|json| {
                json.header(Some(header), revision);
                json.number("hash", *hash);
                json.int("compact_revision", compact_revision.0);
                json.int("hash_revision", hash_revision.0);
            })
        }
        MaintenanceResponse::Snapshot { blob, .. } => {
            let mut left = blob.len();
            let pieces = blob.chunks(SNAPSHOT_PIECE_BYTES).map(|piece| {
                left -= piece.len();
                line(|json| {
                    json.unsigned("remaining_bytes", left as u64);
                    json.bytes("blob", piece);
                })
            });
            Answer { status: 200, body: pieces.collect() }
        }
        MaintenanceResponse::LeaderMoved { .. } => {
            message(|json| json.header(Some(header), revision))
        }
    }
}

fn name_of<T: PartialEq>(kind: &Enum<T>, it: T) -> &'static str {
    kind.values.iter().find(|(_, other)| *other == it).map_or("", |(name, _)| name)
}

/// As far as 3.4 knows it.
pub(in crate::cluster) fn status(json: &mut Json, it: &StatusResponse) {
    json.text("version", &it.version);
    json.int("dbSize", it.db_size);
    json.unsigned("leader", it.leader);
    json.unsigned("raftIndex", it.raft_index);
    json.unsigned("raftTerm", it.raft_term);
    json.unsigned("raftAppliedIndex", it.raft_applied_index);
    json.texts("errors", &it.errors);
    json.int("dbSizeInUse", it.db_size_in_use);
    json.flag("isLearner", it.is_learner);
}

/// The answer to a request of the Cluster service, whose header has no revision.
pub(super) fn cluster(header: &Header, response: &ClusterResponse) -> Answer {
    message(|json| {
        json.header(Some(header), Revision(0));
        if let Some(it) = &response.member {
            json.object("member", |json| member(json, it));
        }
        json.list("members", &response.members, member);
    })
}

pub(in crate::cluster) fn member(json: &mut Json, it: &MemberInfo) {
    json.unsigned("ID", it.id);
    json.text("name", &it.name);
    json.texts("peerURLs", &it.peer_urls);
    json.texts("clientURLs", &it.client_urls);
    json.flag("isLearner", it.is_learner);
}
