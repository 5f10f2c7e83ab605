//! From answers to JSON.
//!
//! Architecture invariant: leaves out what is at its default, as proto3 does, and adds nothing.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Answer, Header, refused, services};
use crate::store::{
    Blob, Error, EventType, KeyValue, RangeResponse, Response, ResponseOp, Revision, TxnResponse,
    WatchEvent, WatchResponse,
};

/// The answer to a KV request.
pub fn encode(header: &Header, outcome: &Result<Response, Error>) -> Answer {
    let response = match outcome {
        Ok(response) => response,
        Err(error) => return refused(error.code(), &error.to_string()),
    };
    let mut json = Json::new();
    match response {
        Response::Range(r) => {
            json.header(Some(header), r.revision);
            range(&mut json, r);
        }
        Response::Put(r) => {
            json.header(Some(header), r.revision);
            json.key_value("prev_kv", r.prev_kv.as_ref());
        }
        Response::DeleteRange(r) => {
            json.header(Some(header), r.revision);
            json.int("deleted", r.deleted);
            json.list("prev_kvs", &r.prev_kvs, key_value);
        }
        Response::Txn(r) => {
            json.header(Some(header), r.revision);
            txn(&mut json, r);
        }
        Response::Compaction(r) => json.header(Some(header), r.revision),
        Response::Lease(r) => return services::lease(header, r),
        Response::Maintenance(r) => return services::maintenance(header, r),
        Response::Cluster(r) => return services::cluster(header, r),
    }
    Answer { status: 200, body: json.end() }
}

/// One answer of a watch stream: a line of the endless body, without its newline.
pub fn encode_watch(header: &Header, answer: &WatchResponse) -> String {
    let mut json = Json::new();
    json.object("result", |json| {
        json.header(Some(header), answer.revision);
        json.int("watch_id", answer.watch_id);
        json.flag("created", answer.created);
        json.flag("canceled", answer.canceled);
        json.int("compact_revision", answer.compact_revision.0);
        json.text("cancel_reason", &answer.cancel_reason);
        json.flag("fragment", answer.fragment);
        json.list("events", &answer.events, event);
    });
    json.end()
}

pub(in crate::cluster) fn range(json: &mut Json, r: &RangeResponse) {
    json.list("kvs", &r.kvs, key_value);
    json.flag("more", r.more);
    json.int("count", r.count);
}

fn txn(json: &mut Json, r: &TxnResponse) {
    json.flag("succeeded", r.succeeded);
    json.list("responses", &r.responses, op);
}

/// Inside a transaction headers have nothing but the revision.
fn op(json: &mut Json, op: &ResponseOp) {
    match op {
        ResponseOp::Range(r) => json.object("response_range", |json| {
            json.header(None, r.revision);
            range(json, r);
        }),
        ResponseOp::Put(r) => json.object("response_put", |json| {
            json.header(None, r.revision);
            json.key_value("prev_kv", r.prev_kv.as_ref());
        }),
        ResponseOp::DeleteRange(r) => json.object("response_delete_range", |json| {
            json.header(None, r.revision);
            json.int("deleted", r.deleted);
            json.list("prev_kvs", &r.prev_kvs, key_value);
        }),
        ResponseOp::Txn(r) => json.object("response_txn", |json| {
            json.header(None, r.revision);
            txn(json, r);
        }),
    }
}

pub(in crate::cluster) fn key_value(json: &mut Json, kv: &KeyValue) {
    json.bytes("key", &kv.key);
    json.int("create_revision", kv.create_revision.0);
    json.int("mod_revision", kv.mod_revision.0);
    json.int("version", kv.version);
    json.bytes("value", &kv.value);
    json.int("lease", kv.lease);
}

fn event(json: &mut Json, event: &WatchEvent) {
    if event.event_type == EventType::Delete {
        json.text("type", "DELETE");
    }
    json.key_value("kv", Some(&event.kv));
    json.key_value("prev_kv", event.prev_kv.as_ref());
}

/// An object being written, as the gateway writes 64-bit integers or as Go does.
pub(in crate::cluster) struct Json {
    out: String,
    /// What stands around 64-bit integers.
    quote: &'static str,
}

impl Json {
    pub fn new() -> Self {
        Json { out: "{".into(), quote: "\"" }
    }

    /// With integers as numbers.
    pub fn of_go() -> Self {
        Json { out: "{".into(), quote: "" }
    }

    /// A field that is written whatever its value.
    pub fn always(&mut self, name: &str, value: &dyn std::fmt::Display) {
        self.name(name);
        self.out.push_str(&value.to_string());
    }

    pub fn end(mut self) -> String {
        self.out.push('}');
        self.out
    }

    pub fn name(&mut self, name: &str) {
        if !self.out.ends_with('{') {
            self.out.push(',');
        }
        self.out.push_str(&format!("\"{name}\":"));
    }

    pub fn int(&mut self, name: &str, value: i64) {
        if value != 0 {
            let quote = self.quote;
            self.always(name, &format_args!("{quote}{value}{quote}"));
        }
    }

    pub fn unsigned(&mut self, name: &str, value: u64) {
        if value != 0 {
            let quote = self.quote;
            self.always(name, &format_args!("{quote}{value}{quote}"));
        }
    }

    pub fn flag(&mut self, name: &str, value: bool) {
        if value {
            self.name(name);
            self.out.push_str("true");
        }
    }

    pub fn text(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.name(name);
            self.out.push_str(&serde_json::Value::from(value).to_string());
        }
    }

    pub fn bytes(&mut self, name: &str, value: &[u8]) {
        if !value.is_empty() {
            self.name(name);
            self.out.push('"');
            STANDARD.encode_string(value, &mut self.out);
            self.out.push('"');
        }
    }

    /// A 32-bit integer, which JSON can hold.
    pub fn number(&mut self, name: &str, value: u32) {
        if value != 0 {
            self.name(name);
            self.out.push_str(&value.to_string());
        }
    }

    pub fn texts(&mut self, name: &str, values: &[String]) {
        if !values.is_empty() {
            self.name(name);
            self.out.push_str(&serde_json::Value::from(values).to_string());
        }
    }

    pub fn blobs(&mut self, name: &str, values: &[Blob]) {
        let texts: Vec<String> = values.iter().map(|value| STANDARD.encode(&value[..])).collect();
        self.texts(name, &texts);
    }

    pub fn object(&mut self, name: &str, fields: impl FnOnce(&mut Json)) {
        self.name(name);
        self.out.push('{');
        fields(self);
        self.out.push('}');
    }

    pub fn list<T>(&mut self, name: &str, items: &[T], fields: fn(&mut Json, &T)) {
        if items.is_empty() {
            return;
        }
        self.name(name);
        for (nth, item) in items.iter().enumerate() {
            self.out.push_str(if nth == 0 { "[{" } else { ",{" });
            fields(self, item);
            self.out.push('}');
        }
        self.out.push(']');
    }

    pub fn key_value(&mut self, name: &str, kv: Option<&KeyValue>) {
        if let Some(kv) = kv {
            self.object(name, |json| key_value(json, kv));
        }
    }

    pub fn header(&mut self, member: Option<&Header>, revision: Revision) {
        self.object("header", |json| json.header_fields(member, revision));
    }

    pub fn header_fields(&mut self, member: Option<&Header>, revision: Revision) {
        let member = member.copied().unwrap_or_default();
        self.unsigned("cluster_id", member.cluster_id);
        self.unsigned("member_id", member.member_id);
        self.int("revision", revision.0);
        self.unsigned("raft_term", member.raft_term);
    }
}
