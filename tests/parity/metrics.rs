//! `/metrics`, `/health` and `/version` of both: the same names, types and helps, and where they
//! count what was asked of them the same numbers.

use std::collections::BTreeMap;

use super::pair::Pair;

/// What only 3.4 has; 3.6 has dropped it, or measures it elsewhere.
const GONE: [&str; 6] = [
    "etcd_debugging_mvcc_delete_total",
    "etcd_debugging_mvcc_put_total",
    "etcd_debugging_mvcc_range_total",
    "etcd_debugging_mvcc_txn_total",
    "etcd_debugging_mvcc_db_total_size_in_bytes",
    "etcd_debugging_store_",
];

/// What there is none of here, each with its reason.
const LEFT_OUT: [(&str, &str); 16] = [
    ("etcd_debugging_auth_revision", "no authentication"),
    ("etcd_debugging_disk_backend_commit_", "a commit of the database has no phases here"),
    ("etcd_debugging_lease_ttl_total", "a histogram of what was asked for, not of what happened"),
    ("etcd_debugging_mvcc_db_compaction_", "a compaction takes no time here"),
    ("etcd_debugging_mvcc_index_compaction_", "a compaction takes no time here"),
    ("etcd_debugging_mvcc_pending_events_total", "what is told leaves at once"),
    ("etcd_debugging_mvcc_total_put_size_in_bytes", "not counted"),
    ("etcd_debugging_snap_save_", "making a snapshot takes no time here"),
    ("etcd_disk_backend_snapshot_duration_seconds", "making a snapshot takes no time here"),
    ("etcd_grpc_proxy_", "no proxy"),
    ("etcd_mvcc_db_open_read_transactions", "reading takes no time here"),
    ("etcd_mvcc_hash_", "hashing takes no time here"),
    ("etcd_network_", "no connections and bytes of gRPC; round trips once there is a peer"),
    ("etcd_server_client_requests_total", "clients have no versions"),
    ("etcd_server_go_version", "no Go"),
    ("etcd_snap_db_", "a snapshot is one file here"),
];

/// Numbers that count what was asked, and must be equal when both were asked the same.
const EQUAL: [&str; 11] = [
    "etcd_debugging_lease_granted_total",
    "etcd_debugging_lease_renewed_total",
    "etcd_debugging_lease_revoked_total",
    "etcd_debugging_mvcc_compact_revision",
    "etcd_debugging_mvcc_current_revision",
    "etcd_debugging_mvcc_keys_total",
    "etcd_mvcc_delete_total",
    "etcd_mvcc_put_total",
    "etcd_mvcc_range_total",
    "etcd_mvcc_txn_total",
    "etcd_server_proposals_failed_total",
];

/// Requests of every kind that is counted.
const ASKED: [(&str, &str); 20] = [
    ("kv/put", r#"{"key":"YQ==","value":"MQ=="}"#),
    ("kv/put", r#"{"key":"YQ==","value":"Mg==","prev_kv":true}"#),
    ("kv/put", r#"{"key":"Yg==","value":"Mg=="}"#),
    ("kv/range", r#"{"key":"YQ=="}"#),
    ("kv/range", r#"{"key":"YQ==","revision":99}"#),
    ("kv/put", r#"{"key":"bm8=","ignore_value":true}"#),
    ("kv/put", r#"{"key":"bm8=","lease":99}"#),
    ("kv/deleterange", r#"{"key":"bm8=","prev_kv":true}"#),
    ("kv/deleterange", r#"{"key":"YQ=="}"#),
    ("lease/grant", r#"{"ID":7,"TTL":600}"#),
    ("kv/put", r#"{"key":"YQ==","lease":7}"#),
    ("kv/put", r#"{"key":"Yw==","lease":7}"#),
    ("kv/put", r#"{"key":"Yw==","value":"MQ==","ignore_lease":true}"#),
    ("lease/keepalive", r#"{"ID":7}"#),
    (
        "kv/txn",
        r#"{"compare":[{"target":"VERSION","key":"YQ==","version":9},
            {"target":"VERSION","key":"YQ==","version":1}],
            "failure":[{"request_range":{"key":"Yg=="}}]}"#,
    ),
    (
        "kv/txn",
        r#"{"compare":[{"target":"VERSION","key":"Yg==","version":1}],
            "success":[{"request_put":{"key":"Yg==","ignore_lease":true,"prev_kv":true}},
            {"request_delete_range":{"key":"bm8=","prev_kv":true}}]}"#,
    ),
    ("kv/txn", r#"{"success":[{"request_put":{"key":"bm8=","ignore_value":true}}]}"#),
    ("kv/txn", r#"{"success":[{"request_put":{"key":"ZA==","value":"MQ=="}}]}"#),
    ("lease/revoke", r#"{"ID":7}"#),
    ("kv/compaction", r#"{"revision":5}"#),
];

type Values = BTreeMap<String, String>;

/// A page, taken apart: helps and types by name, values by name and labels.
struct Page {
    about: BTreeMap<String, (String, String)>,
    values: Values,
}

fn page(text: &str) -> Page {
    let (mut about, mut values) = (BTreeMap::new(), BTreeMap::new());
    for line in text.lines() {
        if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|it| it.split_once(' ')) {
            about.insert(name.to_string(), (help.to_string(), String::new()));
        } else if let Some((name, kind)) =
            line.strip_prefix("# TYPE ").and_then(|it| it.split_once(' '))
        {
            about.get_mut(name).expect("help comes first").1 = kind.into();
        } else if let Some((name, value)) = line.rsplit_once(' ') {
            values.insert(name.to_string(), value.to_string());
        }
    }
    about.retain(|name, _| name.starts_with("etcd_"));
    Page { about, values }
}

#[test]
fn metrics() {
    let mut pair = Pair::start("metrics", 1, 1);
    // Whoever waits until an etcd serves has read from it.
    let (theirs, ours) = pair.got("/metrics");
    let (before, ours_before) = (page(&theirs).values, page(&ours).values);
    for (path, body) in ASKED {
        pair.ask(&format!("/v3/{path}"), body);
    }
    let (theirs, ours) = pair.got("/metrics");
    let (theirs, ours) = (page(&theirs), page(&ours));
    let mut names: Vec<&String> = ours.about.keys().collect();
    for (name, about) in &ours.about {
        assert_eq!(theirs.about.get(name), Some(about), "{name}");
    }
    let left_out = |name: &str| {
        let gone = GONE.iter().any(|it| name.starts_with(it));
        gone || LEFT_OUT.iter().any(|(it, _)| name.starts_with(it))
    };
    let missing = theirs.about.keys().filter(|name| !ours.about.contains_key(*name));
    let missing: Vec<_> = missing.filter(|name| !left_out(name)).collect();
    assert_eq!(missing, Vec::<&String>::new(), "neither here nor named");
    for name in EQUAL {
        let more = |now: &Values, then: &Values| -> i64 {
            let number = |of: &Values| of[name].parse::<i64>().expect("a whole number");
            number(now) - number(then)
        };
        let ours = more(&ours.values, &ours_before);
        assert_eq!(ours, more(&theirs.values, &before), "{name}");
    }
    let buckets = |page: &Page| -> Vec<String> {
        let all = page.values.keys().filter(|it| it.contains("fsync_duration_seconds_bucket"));
        all.filter(|it| !it.contains("snap_db")).cloned().collect()
    };
    assert_eq!(buckets(&ours), buckets(&theirs));
    names.sort();
    println!("metrics: {} names compared with etcd, {} numbers", names.len(), EQUAL.len());
}

/// 3.6 tells a reason and a version of the storage, 3.4 does not.
#[test]
fn health_and_version() {
    let mut pair = Pair::start("health", 1, 1);
    let (theirs, ours) = pair.got("/health");
    assert_eq!(theirs, r#"{"health":"true"}"#);
    assert_eq!(ours, r#"{"health":"true","reason":""}"#);
    let (theirs, ours) = pair.got("/version");
    assert_eq!(theirs, r#"{"etcdserver":"3.4.23","etcdcluster":"3.4.0"}"#);
    assert_eq!(ours, r#"{"etcdserver":"3.6.0","etcdcluster":"3.6.0","storage":"3.6.0"}"#);
    for path in ["/nothing", "/v3/kv/put"] {
        let (theirs, ours) = pair.got(path);
        assert_eq!(ours, theirs, "{path}");
    }
    for path in ["/health", "/metrics", "/version"] {
        let (theirs, ours) = pair.posted(path, "x");
        // 3.4 does not ask how its metrics are asked for.
        if path != "/metrics" {
            assert_eq!(ours, theirs, "{path}");
        }
    }
}
