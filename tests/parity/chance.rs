//! Requests drawn from a seed: few keys, so that they meet; every option; transactions in
//! transactions; leases; compactions.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use raftarium::sim::Rng;
use serde_json::{Map, Value, json};

const KEYS: [&str; 7] = ["a", "b", "c", "ca", "cb", "d", "da"];
const ENDS: [&str; 7] = ["b", "c", "cb", "d", "z", "a", "\0"];
const SORTS: [&str; 5] = ["KEY", "VERSION", "CREATE", "MOD", "VALUE"];
const ORDERS: [&str; 3] = ["NONE", "ASCEND", "DESCEND"];
const LEASES: u64 = 5;

/// A path and a body.
pub type Asked = (&'static str, Value);

/// Where requests come from.
pub struct Chance {
    dice: Rng,
    /// The revision of the store when the next one is drawn.
    pub revision: i64,
    /// Whether reads may be served by a member that is behind.
    pub serializable: bool,
    /// Whether leases are granted, and so on.
    pub leases: bool,
}

pub fn base64(text: &str) -> Value {
    STANDARD.encode(text).into()
}

/// Takes `ignore_value` and `ignore_lease` out, at any depth.
fn without_keeping(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.remove("ignore_value");
            map.remove("ignore_lease");
            map.values_mut().for_each(without_keeping);
        }
        Value::Array(list) => list.iter_mut().for_each(without_keeping),
        _ => {}
    }
}

impl Chance {
    pub fn new(seed: u64) -> Chance {
        let dice = Rng::stream(seed, "parity", 0, 0);
        Chance { dice, revision: 1, serializable: true, leases: true }
    }

    fn below(&mut self, n: u64) -> u64 {
        self.dice.below(n)
    }

    fn often(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    fn key(&mut self) -> Value {
        // Now and then no key, which is refused.
        if self.below(200) == 0 { base64("") } else { base64(self.one(&KEYS)) }
    }

    fn value(&mut self) -> String {
        match self.below(4) {
            0 => "x".repeat(self.below(40) as usize),
            n => n.to_string(),
        }
    }

    /// A revision near the present: of the past, compacted perhaps, or of the future.
    fn at(&mut self) -> Value {
        let back = self.below(14) as i64 - 1;
        (self.revision - back).max(0).to_string().into()
    }

    fn lease(&mut self) -> Value {
        (1 + self.below(LEASES)).to_string().into()
    }

    fn interval(&mut self) -> Map<String, Value> {
        let mut body = Map::from_iter([("key".into(), self.key())]);
        if self.often(60) {
            let end = if self.often(20) { "\0" } else { self.one(&ENDS) };
            body.insert("range_end".into(), base64(end));
        }
        body
    }

    fn range(&mut self) -> Value {
        let mut body = self.interval();
        if self.often(30) {
            body.insert("revision".into(), self.at());
        }
        if self.often(30) {
            body.insert("limit".into(), (1 + self.below(4)).to_string().into());
        }
        let flags = ["keys_only", "count_only", "serializable"];
        for flag in &flags[..if self.serializable { 3 } else { 2 }] {
            if self.often(10) {
                body.insert((*flag).into(), true.into());
            }
        }
        for bound in ["min_mod", "max_mod", "min_create", "max_create"] {
            if self.often(8) {
                body.insert(format!("{bound}_revision"), self.at());
            }
        }
        if self.often(40) {
            body.insert("sort_target".into(), self.one(&SORTS).into());
        }
        if self.often(40) {
            body.insert("sort_order".into(), self.one(&ORDERS).into());
        }
        body.into()
    }

    fn put(&mut self) -> Value {
        let mut body = Map::from_iter([("key".into(), self.key())]);
        if self.often(10) {
            body.insert("ignore_value".into(), true.into());
        }
        if self.often(if body.len() > 1 { 5 } else { 95 }) {
            body.insert("value".into(), base64(&self.value()));
        }
        if self.often(10) {
            body.insert("ignore_lease".into(), true.into());
        }
        if self.leases && self.often(20) {
            body.insert("lease".into(), self.lease());
        }
        if self.often(30) {
            body.insert("prev_kv".into(), true.into());
        }
        body.into()
    }

    fn delete(&mut self) -> Value {
        let mut body = self.interval();
        if self.often(50) {
            body.remove("range_end");
        }
        if self.often(30) {
            body.insert("prev_kv".into(), true.into());
        }
        body.into()
    }

    fn compare(&mut self) -> Value {
        let target = self.one(&["VERSION", "CREATE", "MOD", "VALUE", "LEASE"]);
        let (field, value) = match target {
            "VERSION" => ("version", self.below(5).to_string().into()),
            "CREATE" => ("create_revision", self.at()),
            "MOD" => ("mod_revision", self.at()),
            "LEASE" => ("lease", self.below(LEASES).to_string().into()),
            _ => ("value", base64(self.one(&["1", "2", ""]))),
        };
        let result = self.one(&["EQUAL", "GREATER", "LESS", "NOT_EQUAL"]);
        let mut body = self.interval();
        if self.often(60) {
            body.remove("range_end");
        }
        body.insert(field.into(), value);
        body.insert("target".into(), target.into());
        body.insert("result".into(), result.into());
        body.into()
    }

    fn op(&mut self, depth: u32) -> Value {
        match self.below(if depth > 0 { 6 } else { 5 }) {
            0 => json!({"request_range": self.range()}),
            1 => json!({"request_delete_range": self.delete()}),
            5 => json!({"request_txn": self.txn(depth - 1)}),
            _ => json!({"request_put": self.put()}),
        }
    }

    fn txn(&mut self, depth: u32) -> Value {
        let compare: Vec<Value> = (0..self.below(3)).map(|_| self.compare()).collect();
        // One that asks nothing may be answered by a member that is behind.
        let least = u64::from(!self.serializable);
        let success: Vec<Value> = (0..self.below(4).max(least)).map(|_| self.op(depth)).collect();
        let failure: Vec<Value> = (0..self.below(4)).map(|_| self.op(depth)).collect();
        json!({"compare": compare, "success": success, "failure": failure})
    }

    /// One that is sent: a put that keeps what it finds under a key that the same transaction has
    /// deleted kills etcd ("unexpected error during txn"), in every version.
    fn harmless_txn(&mut self) -> Value {
        let mut txn = self.txn(2);
        if txn.to_string().contains("request_delete_range") {
            without_keeping(&mut txn);
        }
        txn
    }

    fn about_leases(&mut self) -> Asked {
        let id = self.lease();
        match self.below(8) {
            0..=2 => {
                // Far from its end, and far from the end of any other.
                let ttl = (1 + self.below(500)) * 10_000;
                ("/v3/lease/grant", json!({"ID": id, "TTL": ttl.to_string()}))
            }
            3 => ("/v3/lease/revoke", json!({"ID": id})),
            4 => ("/v3/lease/leases", json!({})),
            5 => ("/v3/lease/keepalive", json!({"ID": id})),
            _ => {
                let keys = self.often(70);
                ("/v3/lease/timetolive", json!({"ID": id, "keys": keys}))
            }
        }
    }

    /// The next request.
    pub fn request(&mut self) -> Asked {
        match self.below(100) {
            0..25 => ("/v3/kv/range", self.range()),
            25..45 => ("/v3/kv/put", self.put()),
            45..52 => ("/v3/kv/deleterange", self.delete()),
            52..90 => ("/v3/kv/txn", self.harmless_txn()),
            90..92 => {
                let back = self.below(40) as i64 - 1;
                let revision = (self.revision - back).max(0).to_string();
                ("/v3/kv/compaction", json!({"revision": revision, "physical": true}))
            }
            _ if self.leases => self.about_leases(),
            _ => ("/v3/kv/range", self.range()),
        }
    }

    /// An interval with something in it: a stream of 3.4.23 in which another is refused now and
    /// then falls silent, so refusals have streams of their own (`cases.rs`).
    fn watchable(&mut self) -> Map<String, Value> {
        let key = self.one(&KEYS);
        let mut body = Map::from_iter([("key".into(), base64(key))]);
        let end = self.one(&ENDS);
        if self.often(60) && (end == "\0" || key < end) {
            body.insert("range_end".into(), base64(end));
        }
        body
    }

    /// A watcher from a revision on, of any interval, with any filter.
    pub fn watcher(&mut self, from: i64) -> Value {
        let mut body = match self.often(60) {
            true => Map::from_iter([
                ("key".to_string(), base64("\0")),
                ("range_end".to_string(), base64("\0")),
            ]),
            false => self.watchable(),
        };
        if from > 0 {
            body.insert("start_revision".into(), from.to_string().into());
        }
        if self.often(40) {
            body.insert("prev_kv".into(), true.into());
        }
        if self.often(20) {
            body.insert("filters".into(), json!([self.one(&["NOPUT", "NODELETE"])]));
        }
        json!({"create_request": body})
    }
}
