//! Answers in the format `fields`: each field on a line of its own.
//!
//! Architecture invariant: text from values.

// Models etcd etcdctl/ctlv3/command/printer_fields.go.

use super::print::{About, OfEndpoint};
use crate::cluster::gateway::Header;
use crate::store::{
    Blob, EventType, KeyValue, LeaseResponse, PutResponse, RangeResponse, Response, ResponseOp,
    Revision, TxnResponse, WatchResponse,
};

/// Lines being written.
#[derive(Default)]
struct Lines(String);

/// None where etcdctl knows no fields.
pub(super) fn answer(header: &Header, response: &Response) -> Option<String> {
    let mut lines = Lines::default();
    match response {
        Response::Range(it) => {
            lines.header(header, it.revision);
            lines.range(it);
        }
        Response::Put(it) => {
            lines.header(header, it.revision);
            lines.put(it);
        }
        Response::DeleteRange(it) => {
            lines.header(header, it.revision);
            lines.deleted(it.deleted, &it.prev_kvs);
        }
        Response::Txn(it) => {
            lines.header(header, it.revision);
            lines.txn(it);
        }
        Response::Lease(it) => {
            lines.header(header, it.revision());
            lines.lease(it);
        }
        Response::Cluster(it) => {
            lines.header(header, Revision(0));
            for member in &it.members {
                lines.line("ID", &member.id);
                lines.text("Name", &member.name);
                member.peer_urls.iter().for_each(|url| lines.text("PeerURL", url));
                member.client_urls.iter().for_each(|url| lines.text("ClientURL", url));
                lines.line("IsLearner", &member.is_learner);
                lines.0.push('\n');
            }
        }
        Response::Maintenance(_) | Response::Compaction(_) => return None,
    }
    Some(lines.0)
}

pub(super) fn told(header: &Header, response: &WatchResponse) -> String {
    let mut lines = Lines::default();
    lines.header(header, response.revision);
    for event in &response.events {
        lines.line(
            "Type",
            &match event.event_type {
                EventType::Put => "PUT",
                EventType::Delete => "DELETE",
            },
        );
        event.prev_kv.iter().for_each(|kv| lines.key_value("Prev", kv));
        lines.key_value("", &event.kv);
    }
    lines.0
}

pub(super) fn endpoint(found: &OfEndpoint) -> String {
    let mut lines = Lines::default();
    match &found.about {
        About::Status(it) => {
            lines.header(&found.header, it.revision);
            lines.text("Version", &it.version);
            lines.line("DBSize", &it.db_size);
            lines.line("Leader", &it.leader);
            lines.line("IsLearner", &it.is_learner);
            lines.line("RaftIndex", &it.raft_index);
            lines.line("RaftTerm", &it.raft_term);
            lines.line("RaftAppliedIndex", &it.raft_applied_index);
            lines.line("Errors", &format!("[{}]", it.errors.join(" ")));
            lines.text("Endpoint", &found.endpoint);
        }
        About::HashKv { revision, hash, .. } => {
            lines.header(&found.header, Revision(*revision));
            lines.text("Endpoint", &found.endpoint);
            lines.line("Hash", &hash);
        }
        About::Health { took, error } => {
            lines.text("Endpoint", &found.endpoint);
            lines.line("Health", &error.is_empty());
            lines.line("Took", &took);
            lines.line("Error", &error);
        }
    }
    lines.0 + "\n"
}

impl Lines {
    fn line(&mut self, name: &str, value: &dyn std::fmt::Display) {
        self.0 += &format!("\"{name}\" : {value}\n");
    }

    fn text(&mut self, name: &str, text: &str) {
        self.line(name, &format!("{text:?}"));
    }

    fn bytes(&mut self, name: &str, bytes: &Blob) {
        self.text(name, &bytes.text());
    }

    fn header(&mut self, header: &Header, revision: Revision) {
        self.line("ClusterID", &header.cluster_id);
        self.line("MemberID", &header.member_id);
        self.line("Revision", &revision);
        self.line("RaftTerm", &header.raft_term);
    }

    fn key_value(&mut self, prefix: &str, kv: &KeyValue) {
        self.bytes(&format!("{prefix}Key"), &kv.key);
        self.line(&format!("{prefix}CreateRevision"), &kv.create_revision);
        self.line(&format!("{prefix}ModRevision"), &kv.mod_revision);
        self.line(&format!("{prefix}Version"), &kv.version);
        self.bytes(&format!("{prefix}Value"), &kv.value);
        self.line(&format!("{prefix}Lease"), &kv.lease);
    }

    fn range(&mut self, it: &RangeResponse) {
        it.kvs.iter().for_each(|kv| self.key_value("", kv));
        self.line("More", &it.more);
        self.line("Count", &it.count);
    }

    fn put(&mut self, it: &PutResponse) {
        it.prev_kv.iter().for_each(|kv| self.key_value("Prev", kv));
    }

    fn deleted(&mut self, deleted: i64, prev_kvs: &[KeyValue]) {
        self.line("Deleted", &deleted);
        prev_kvs.iter().for_each(|kv| self.key_value("Prev", kv));
    }

    fn txn(&mut self, it: &TxnResponse) {
        self.line("Succeeded", &it.succeeded);
        let inner = Header::default();
        for response in &it.responses {
            match response {
                ResponseOp::Range(it) => {
                    self.header(&inner, it.revision);
                    self.range(it);
                }
                ResponseOp::Put(it) => {
                    self.header(&inner, it.revision);
                    self.put(it);
                }
                ResponseOp::DeleteRange(it) => {
                    self.header(&inner, it.revision);
                    self.deleted(it.deleted, &it.prev_kvs);
                }
                ResponseOp::Txn(it) => self.txn(it),
            }
        }
    }

    fn lease(&mut self, it: &LeaseResponse) {
        match it {
            LeaseResponse::Granted { id, ttl, .. } | LeaseResponse::KeptAlive { id, ttl, .. } => {
                self.line("ID", &id);
                self.line("TTL", &ttl);
            }
            LeaseResponse::TimeToLive { id, ttl, granted_ttl, keys, .. } => {
                self.line("ID", &id);
                self.line("TTL", &ttl);
                self.line("GrantedTTL", &granted_ttl);
                keys.iter().for_each(|key| self.bytes("Key", key));
            }
            LeaseResponse::Leases { leases, .. } => {
                leases.iter().for_each(|id| self.line("ID", &id));
            }
            LeaseResponse::Revoked { .. } | LeaseResponse::Checkpointed { .. } => {}
        }
    }
}
