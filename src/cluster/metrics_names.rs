//! The names, types and helps of what `/metrics` shows, without `etcd_` in front, by name.
//!
//! * As etcd 3.4.23 prints them, as far as 3.6 still has them (`tests/metrics.rs` compares with a
//!   running one).
//!
//! Architecture invariant: a table.

use self::Kind::{Counter, Gauge, Histogram};

/// What a number may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It grows.
    Counter,
    /// It rises and falls.
    Gauge,
    /// How often it took how long.
    Histogram,
}

/// The table.
pub(super) const METRICS: [(&str, Kind, &str); 44] = [
    (
        "cluster_version",
        Gauge,
        "Which version is running. 1 for 'cluster_version' label with current cluster version",
    ),
    ("debugging_lease_granted_total", Counter, "The total number of granted leases."),
    ("debugging_lease_renewed_total", Counter, "The number of renewed leases seen by the leader."),
    ("debugging_lease_revoked_total", Counter, "The total number of revoked leases."),
    ("debugging_mvcc_compact_revision", Gauge, "The revision of the last compaction in store."),
    ("debugging_mvcc_current_revision", Gauge, "The current revision of store."),
    ("debugging_mvcc_events_total", Counter, "Total number of events sent by this member."),
    ("debugging_mvcc_keys_total", Gauge, "Total number of keys."),
    ("debugging_mvcc_slow_watcher_total", Gauge, "Total number of unsynced slow watchers."),
    ("debugging_mvcc_watch_stream_total", Gauge, "Total number of watch streams."),
    ("debugging_mvcc_watcher_total", Gauge, "Total number of watchers."),
    ("debugging_server_lease_expired_total", Counter, "The total number of expired leases."),
    (
        "disk_backend_commit_duration_seconds",
        Histogram,
        "The latency distributions of commit called by backend.",
    ),
    (
        "disk_backend_defrag_duration_seconds",
        Histogram,
        "The latency distribution of backend defragmentation.",
    ),
    (
        "disk_defrag_inflight",
        Gauge,
        "Whether or not defrag is active on the member. 1 means active, 0 means not.",
    ),
    (
        "disk_wal_fsync_duration_seconds",
        Histogram,
        "The latency distributions of fsync called by WAL.",
    ),
    ("disk_wal_write_bytes_total", Gauge, "Total number of bytes written in WAL."),
    (
        "mvcc_db_total_size_in_bytes",
        Gauge,
        "Total size of the underlying database physically allocated in bytes.",
    ),
    (
        "mvcc_db_total_size_in_use_in_bytes",
        Gauge,
        "Total size of the underlying database logically in use in bytes.",
    ),
    ("mvcc_delete_total", Counter, "Total number of deletes seen by this member."),
    ("mvcc_put_total", Counter, "Total number of puts seen by this member."),
    ("mvcc_range_total", Counter, "Total number of ranges seen by this member."),
    ("mvcc_txn_total", Counter, "Total number of txns seen by this member."),
    ("network_peer_round_trip_time_seconds", Histogram, "Round-Trip-Time histogram between peers"),
    ("server_has_leader", Gauge, "Whether or not a leader exists. 1 is existence, 0 is not."),
    ("server_health_failures", Counter, "The total number of failed health checks"),
    ("server_health_success", Counter, "The total number of successful health checks"),
    (
        "server_heartbeat_send_failures_total",
        Counter,
        "The total number of leader heartbeat send failures (likely overloaded from slow disk).",
    ),
    (
        "server_id",
        Gauge,
        "Server or member ID in hexadecimal format. 1 for 'server_id' label with current ID.",
    ),
    ("server_is_leader", Gauge, "Whether or not this member is a leader. 1 if is, 0 otherwise."),
    ("server_is_learner", Gauge, "Whether or not this member is a learner. 1 if is, 0 otherwise."),
    ("server_leader_changes_seen_total", Counter, "The number of leader changes seen."),
    (
        "server_learner_promote_successes",
        Counter,
        "The total number of successful learner promotions while this member is leader.",
    ),
    ("server_proposals_applied_total", Gauge, "The total number of consensus proposals applied."),
    (
        "server_proposals_committed_total",
        Gauge,
        "The total number of consensus proposals committed.",
    ),
    ("server_proposals_failed_total", Counter, "The total number of failed proposals seen."),
    ("server_proposals_pending", Gauge, "The current number of pending proposals to commit."),
    ("server_quota_backend_bytes", Gauge, "Current backend storage quota size in bytes."),
    ("server_read_indexes_failed_total", Counter, "The total number of failed read indexes seen."),
    (
        "server_slow_apply_total",
        Counter,
        "The total number of slow apply requests (likely overloaded from slow disk).",
    ),
    (
        "server_slow_read_indexes_total",
        Counter,
        "The total number of pending read indexes not in sync with leader's or timed out read \
         index requests.",
    ),
    (
        "server_snapshot_apply_in_progress_total",
        Gauge,
        "1 if the server is applying the incoming snapshot. 0 if none.",
    ),
    (
        "server_version",
        Gauge,
        "Which version is running. 1 for 'server_version' label with current version.",
    ),
    (
        "snap_fsync_duration_seconds",
        Histogram,
        "The latency distributions of fsync called by snap.",
    ),
];
