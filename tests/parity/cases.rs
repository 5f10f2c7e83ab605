//! Requests that somebody thought of: those recorded from a real etcd before, sent to both anew,
//! and the cases of etcd's own test tables.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::pair::Pair;

/// Recorded lists, each for a fresh store.
const RECORDED: [(&str, &str); 3] = [
    ("edge-cases", include_str!("../vectors/etcd/edge-cases-3.4.23.jsonl")),
    ("more-cases", include_str!("../vectors/etcd/more-cases-3.4.23.jsonl")),
    ("random", include_str!("../vectors/etcd/random-3.4.23.jsonl")),
];

/// The tables, with upstream's file and the names of its tests. Texts are as they are read; on the
/// wire keys and values are base64.
const PORTED: &str = include_str!("../vectors/etcd/ported-cases.json");

/// Bytes of bodies that are left out: whether a request within a few bytes of the limit is too
/// large depends on the length of the member's own id, which counts with it (`tests/store_etcd.rs`
/// has them, with the id of the recording).
const AT_LIMIT: std::ops::Range<usize> = 2_096_500..2_097_500;

/// Fields that are bytes.
const BYTES: [&str; 3] = ["key", "range_end", "value"];

/// Sends the recorded requests to both. Returns how many.
pub fn recorded(pairs: &mut dyn FnMut(&str) -> Pair) -> u64 {
    let mut compared = 0;
    for (name, lines) in RECORDED {
        let mut pair = pairs(name);
        for line in lines.lines() {
            let case: Value = serde_json::from_str(line).expect("recorded JSON");
            let path = case["path"].as_str().expect("a path");
            // A hash that was asked of etcdctl in between.
            let text = match &case["body"] {
                Value::String(text) => text.clone(),
                body => expanded(body).to_string(),
            };
            if path.starts_with('/') && !AT_LIMIT.contains(&text.len()) {
                pair.ask(path, &text);
            }
        }
        pair.compare_hashes();
        compared += pair.compared;
    }
    compared
}

/// `{"repeat": ["x", 3]}` is "xxx".
fn expanded(value: &Value) -> Value {
    match value {
        Value::Object(map) => match map.get("repeat") {
            Some(repeat) => {
                let times = repeat[1].as_u64().expect("a number") as usize;
                STANDARD.encode(repeat[0].as_str().expect("a text").repeat(times)).into()
            }
            None => map.iter().map(|(name, it)| (name.clone(), expanded(it))).collect(),
        },
        Value::Array(list) => list.iter().map(expanded).collect(),
        other => other.clone(),
    }
}

/// Goes through the tables. Returns how many requests were compared.
pub fn ported(pair: &mut Pair) -> u64 {
    let tables: Value = serde_json::from_str(PORTED).expect("JSON");
    for table in tables.as_array().expect("a list") {
        println!("  {} {}", table["file"], table["name"]);
        for step in table["steps"].as_array().expect("steps") {
            let path = format!("/v3/{}", step[0].as_str().expect("a path"));
            let body = in_base64(&step[1]);
            match step[2].as_u64() {
                Some(lines) => pair.compare_stream(&body.to_string(), lines as usize),
                None => drop(pair.ask(&path, &body.to_string())),
            }
        }
    }
    pair.compare_hashes();
    pair.compared
}

fn in_base64(value: &Value) -> Value {
    let field = |(name, it): (&String, &Value)| match it {
        Value::String(text) if BYTES.contains(&name.as_str()) => {
            (name.clone(), STANDARD.encode(text).into())
        }
        it => (name.clone(), in_base64(it)),
    };
    match value {
        Value::Object(map) => map.iter().map(field).collect(),
        Value::Array(list) => list.iter().map(in_base64).collect(),
        other => other.clone(),
    }
}
