//! In what the real etcd may answer otherwise, each by name and with its reason. Everything else
//! must be equal, character for character.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// A difference: where it applies, and why.
pub const NAMED: [(&str, &str); 11] = [
    ("ids", "cluster, member and term are each cluster's own; the fields must be there"),
    (
        "order of equals",
        "Go's sort is not stable: keys equal in what they are sorted by come in any order, and a \
         limit cuts off any of them",
    ),
    (
        "order of leases",
        "only the leader knows which lease expires first; a follower of ours lists them by id, one \
         of etcd's in no order; a lease's keys have no order in etcd, ours are in theirs",
    ),
    ("status 412", "3.4 answers FailedPrecondition with 412, from 3.5 on it is 400"),
    (
        "first fault",
        "of several faults of a transaction 3.4 names that of a put first, later versions the \
         first in order",
    ),
    ("sort option", "3.4 takes any number for an order or target, later versions refuse it"),
    ("time left", "etcd's seconds are real, ours are virtual"),
    ("parser", "what is no JSON is refused in the words of another parser"),
    ("machine", "sizes, log indexes, addresses and the hash of a file are the machine's own"),
    (
        "tombstone",
        "3.4.23 forgets a deletion at the very revision that is compacted (etcd #19179); from \
         3.4.34, 3.5.16 and 3.6 on a watch from there is told of it",
    ),
    ("hashkv", "the gateway of 3.4 does not serve it, from 3.6 on it does"),
];

/// What was asked, and both answers with their status.
pub struct Said<'a> {
    pub path: &'a str,
    pub body: &'a str,
    pub theirs: (u16, &'a str),
    pub ours: (u16, &'a str),
}

/// How often each difference was seen.
#[derive(Default)]
pub struct Differences(pub BTreeMap<&'static str, u64>);

impl Differences {
    fn see(&mut self, name: &'static str) {
        assert!(NAMED.iter().any(|(known, _)| *known == name), "{name} has no reason");
        *self.0.entry(name).or_default() += 1;
    }

    pub fn add(&mut self, other: &Differences) {
        for (name, times) in &other.0 {
            *self.0.entry(name).or_default() += times;
        }
    }

    /// Whether both say the same, but for what is named.
    pub fn compare(&mut self, said: &Said<'_>) -> Result<(), String> {
        let (theirs, ours) = (without_ids(said.theirs.1), without_ids(said.ours.1));
        if said.theirs.0 == said.ours.0 && theirs == ours {
            return Ok(());
        }
        let parse = |text: &str| serde_json::from_str(text).unwrap_or(Value::String(text.into()));
        match self.named(said, parse(&theirs), parse(&ours)) {
            true => Ok(()),
            false => Err(format!(
                "{} {}\netcd {} {theirs}\nours {} {ours}",
                said.path, said.body, said.theirs.0, said.ours.0
            )),
        }
    }

    fn named(&mut self, said: &Said<'_>, mut theirs: Value, mut ours: Value) -> bool {
        let status = (said.theirs.0, said.ours.0);
        let code = |answer: &Value| answer["code"].as_i64();
        let error = |answer: &Value| answer["error"].as_str().unwrap_or_default().to_string();
        let of_a_put = ["etcdserver: key not found", "etcdserver: requested lease not found"];
        let refused = code(&theirs).is_some() && code(&ours).is_some();
        let body: Value = serde_json::from_str(said.body).unwrap_or(Value::Null);
        in_key_order_of_lease(&mut theirs);
        let name = if refused && theirs == ours && status == (412, 400) {
            "status 412"
        } else if refused && said.path.ends_with("/txn") && of_a_put.contains(&&*error(&theirs)) {
            "first fault"
        } else if error(&ours) == "etcdserver: invalid sort option" && status.0 == 200 {
            "sort option"
        } else if refused && body.is_null() && status == (400, 400) {
            "parser"
        } else if said.path.ends_with("/hashkv") && status.0 == 404 {
            "hashkv"
        } else if status != (200, 200) {
            return false;
        } else if said.path.ends_with("/timetolive") && theirs == ours {
            "order of leases"
        } else if said.path.ends_with("/timetolive") && without_time(&mut theirs, &mut ours) {
            "time left"
        } else if said.path.ends_with("/leases") && in_order(&theirs) == in_order(&ours) {
            "order of leases"
        } else if is_of_the_machine(said.path) && fields(&theirs) == fields(&ours) {
            "machine"
        } else {
            in_key_order(&body, &mut theirs);
            in_key_order(&body, &mut ours);
            if theirs != ours {
                return false;
            }
            "order of equals"
        };
        self.see(name);
        true
    }

    /// What ours told, as 3.4.23 tells it: without deletions at the compacted revision.
    pub fn told_by_ours(&mut self, lines: Vec<String>, compacted: i64) -> Vec<String> {
        let gone = format!(r#""mod_revision":"{compacted}"}}"#);
        let told = |line: String| {
            if !line.contains(r#""type":"DELETE""#) || !line.contains(&gone) {
                return Some(line);
            }
            self.see("tombstone");
            without_events(&line, compacted)
        };
        lines.into_iter().filter_map(told).collect()
    }
}

/// A line without deletions at a revision; none when nothing is left of it.
fn without_events(line: &str, at: i64) -> Option<String> {
    let start = line.find(r#""events":["#)? + r#""events":["#.len();
    let end = line.rfind("]}}")?;
    let parsed: Value = serde_json::from_str(line).ok()?;
    let events = parsed["result"]["events"].as_array()?;
    let gone = Value::from(at.to_string());
    // Events are in order: those of the compacted revision are the first ones.
    let mut rest = &line[start..end];
    for event in events {
        let is_gone = event["type"] == "DELETE" && event["kv"]["mod_revision"] == gone;
        if !is_gone {
            break;
        }
        rest = rest.split_once(r#"},{"#).map_or("", |(_, rest)| rest);
    }
    match rest.is_empty() {
        true => None,
        false => {
            let brace = if rest.starts_with('{') { "" } else { "{" };
            Some(format!("{}{brace}{rest}{}", &line[..start], &line[end..]))
        }
    }
}

/// A text with every id at 0.
pub fn without_ids(text: &str) -> String {
    let mut text = text.to_string();
    for name in ["cluster_id", "member_id", "raft_term"] {
        let key = format!(r#""{name}":""#);
        let mut parts = text.split(&key);
        let mut out = parts.next().unwrap_or_default().to_string();
        for part in parts {
            out.push_str(&key);
            out.push('0');
            out.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
        }
        text = out;
    }
    text
}

/// The seconds left must be those of a lease that lives, or equal.
fn without_time(theirs: &mut Value, ours: &mut Value) -> bool {
    let left = |answer: &mut Value| -> Option<i64> {
        answer.as_object_mut()?.remove("TTL")?.as_str()?.parse().ok()
    };
    let granted = theirs["grantedTTL"].as_str().and_then(|it| it.parse().ok()).unwrap_or(0);
    match (left(theirs), left(ours)) {
        (Some(one), Some(other)) => {
            let lives = |left: i64| (0..=granted).contains(&left);
            lives(one) && lives(other) && (one - other).abs() <= 3_600 && theirs == ours
        }
        _ => false,
    }
}

/// A lease's keys as ours tells them.
fn in_key_order_of_lease(answer: &mut Value) {
    if let Some(keys) = answer.get_mut("keys").and_then(Value::as_array_mut) {
        keys.sort_by_key(|key| STANDARD.decode(key.as_str().unwrap_or_default()).ok());
    }
}

/// Leases by id.
fn in_order(answer: &Value) -> Vec<String> {
    let leases = answer["leases"].as_array().into_iter().flatten();
    let mut ids: Vec<String> = leases.map(|lease| lease["ID"].to_string()).collect();
    ids.sort();
    ids
}

fn is_of_the_machine(path: &str) -> bool {
    ["maintenance/status", "maintenance/hash", "member/list"].iter().any(|it| path.ends_with(it))
}

/// The names of the fields both versions have.
fn fields(answer: &Value) -> Vec<String> {
    let newer = ["dbSizeQuota", "storageVersion"];
    let map = answer.as_object();
    let names = map.into_iter().flat_map(|map| map.keys().cloned());
    names.filter(|name| !newer.contains(&name.as_str())).collect()
}

/// Puts keys that are equal in what they are sorted by into key order. Of those at a limit only
/// their number counts.
fn in_key_order(body: &Value, answer: &mut Value) {
    let limited = answer["more"] == true;
    if let Some(target) = body["sort_target"].as_str().filter(|target| *target != "KEY")
        && let Some(kvs) = answer.get_mut("kvs").and_then(Value::as_array_mut)
    {
        let field = match target {
            "VERSION" => "version",
            "CREATE" => "create_revision",
            "MOD" => "mod_revision",
            _ => "value",
        };
        let last = kvs.last().map(|kv| kv[field].clone()).filter(|_| limited);
        kvs.chunk_by_mut(|one, other| one[field] == other[field])
            .for_each(|equals| equals.sort_by_key(|kv| kv["key"].to_string()));
        for kv in kvs.iter_mut().filter(|kv| last.as_ref() == Some(&kv[field])) {
            *kv = kv[field].clone();
        }
    }
    let taken = if answer["succeeded"] == true { "success" } else { "failure" };
    let Some(ops) = body[taken].as_array() else { return };
    let Some(told) = answer.get_mut("responses").and_then(Value::as_array_mut) else { return };
    for (op, told) in ops.iter().zip(told) {
        let inner = op.as_object().and_then(|op| op.values().next());
        let told = told.as_object_mut().and_then(|told| told.values_mut().next());
        if let (Some(op), Some(told)) = (inner, told) {
            in_key_order(op, told);
        }
    }
}
