//! `/metrics`: what a member counts and measures, under etcd's names, as Prometheus reads it.
//!
//! * Everything shown is counted or measured here ([`crate::raft::Meter`]) or read from the member
//!   as it is. What there is none of is left out: gRPC, Go, the process, the file system, sizes of
//!   packets, phases of a commit or of a compaction.
//! * Numbers are written as Go writes them: the shortest text, with an exponent from a million on.
//!
//! Architecture invariant: reads only; the text is a function of what the member is.

use openraft::async_runtime::watch::WatchReceiver;

use super::metrics_names::{Kind, METRICS};
use super::serve_maintenance::VERSION;
use super::server::Server;
use super::{Cluster, Role};
use crate::raft::{Counter, Histogram, MemberId};

/// What a metric stands at.
enum Value {
    Number(u64),
    /// Less than nothing: −1.
    None,
    /// 1, under a label.
    Named(String),
    Spans(Histogram),
    /// For each peer.
    Peers(Vec<(MemberId, Histogram)>),
}

impl Cluster {
    /// What a member's `/metrics` says; none while it does not run.
    pub fn metrics(&self, member: MemberId) -> Option<String> {
        Some(self.server(member)?.metrics(self))
    }
}

impl Server {
    /// The page.
    pub(super) fn metrics(&self, cluster: &Cluster) -> String {
        self.node.machine.settle();
        self.node.machine.0.borrow().count_operations();
        let mut text = String::new();
        for (name, kind, help) in METRICS {
            let kind = match kind {
                Kind::Counter => "counter",
                Kind::Gauge => "gauge",
                Kind::Histogram => "histogram",
            };
            let value = self.counted(name).map_or_else(|| self.value(cluster, name), Value::Number);
            let mut lines = String::new();
            write(&mut lines, name, &value);
            if !lines.is_empty() {
                text += &format!("# HELP etcd_{name} {help}\n# TYPE etcd_{name} {kind}\n{lines}");
            }
        }
        text
    }

    /// What the meter counts.
    fn counted(&self, name: &str) -> Option<u64> {
        let (meter, done) = (&self.node.meter, self.node.meter.operations());
        let counter = match name {
            "debugging_lease_granted_total" => Counter::LeasesGranted,
            "debugging_lease_renewed_total" => Counter::LeasesRenewed,
            "debugging_lease_revoked_total" => Counter::LeasesRevoked,
            "debugging_mvcc_events_total" => Counter::EventsSent,
            "debugging_server_lease_expired_total" => Counter::LeasesExpired,
            "disk_defrag_inflight" => Counter::Defragments,
            "disk_wal_write_bytes_total" => Counter::WalBytes,
            "server_health_failures" => Counter::Unhealthy,
            "server_health_success" => Counter::Healthy,
            "server_heartbeat_send_failures_total" => Counter::HeartbeatFailures,
            "server_leader_changes_seen_total" => Counter::LeaderChanges,
            "server_learner_promote_successes" => Counter::Promotions,
            "server_proposals_failed_total" => Counter::FailedProposals,
            "server_proposals_pending" => Counter::PendingProposals,
            "server_read_indexes_failed_total" => Counter::FailedReadIndexes,
            "server_slow_apply_total" => Counter::SlowApplies,
            "server_slow_read_indexes_total" => Counter::SlowReadIndexes,
            "server_snapshot_apply_in_progress_total" => Counter::InstallsSnapshot,
            "mvcc_delete_total" => return Some(done.deletes),
            "mvcc_put_total" => return Some(done.puts),
            "mvcc_range_total" => return Some(done.ranges),
            "mvcc_txn_total" => return Some(done.txns),
            _ => return None,
        };
        Some(meter.of(counter))
    }

    /// What is read from the member as it is.
    fn value(&self, cluster: &Cluster, name: &str) -> Value {
        let meter = &self.node.meter;
        let applied = self.node.machine.0.borrow();
        let (store, watchers) = (&applied.store, applied.hub.counts());
        let slow = watchers.unsynced + watchers.victims;
        let committed = || {
            let metrics = self.node.metrics.borrow_watched();
            metrics.local_committed.as_ref().map_or(0, |id| id.index)
        };
        Value::Number(match name {
            "cluster_version" => {
                return Value::Named(VERSION[..VERSION.rfind('.').unwrap_or(0)].into());
            }
            "server_version" => return Value::Named(VERSION.into()),
            "server_id" => return Value::Named(format!("{:x}", self.id.0)),
            "disk_backend_commit_duration_seconds" => {
                return Value::Spans(meter.commit.borrow().clone());
            }
            "disk_backend_defrag_duration_seconds" => {
                return Value::Spans(meter.defrag.borrow().clone());
            }
            "disk_wal_fsync_duration_seconds" => return Value::Spans(meter.fsync.borrow().clone()),
            "snap_fsync_duration_seconds" => {
                return Value::Spans(meter.snapshot_fsync.borrow().clone());
            }
            "network_peer_round_trip_time_seconds" => {
                let peers = meter.round_trips.borrow();
                return Value::Peers(peers.iter().map(|(to, it)| (*to, it.clone())).collect());
            }
            "debugging_mvcc_compact_revision" if store.compact_revision().0 < 0 => {
                return Value::None;
            }
            "debugging_mvcc_compact_revision" => store.compact_revision().0 as u64,
            "debugging_mvcc_current_revision" => store.revision().0 as u64,
            "debugging_mvcc_keys_total" => store.alive_count() as u64,
            "debugging_mvcc_slow_watcher_total" => slow as u64,
            "debugging_mvcc_watch_stream_total" => self.streams.borrow().len() as u64,
            "debugging_mvcc_watcher_total" => (watchers.synced + slow) as u64,
            "mvcc_db_total_size_in_bytes" => applied.database.size_bytes(),
            "mvcc_db_total_size_in_use_in_bytes" => applied.database.in_use_bytes(),
            "server_has_leader" => u64::from(self.leader().is_some()),
            "server_is_leader" => u64::from(self.leads()),
            "server_is_learner" => u64::from(cluster.sight(self.id).role == Role::Learner),
            "server_proposals_applied_total" => applied.last.as_ref().map_or(0, |id| id.index),
            "server_proposals_committed_total" => committed(),
            "server_quota_backend_bytes" => applied.database.quota_bytes().max(0) as u64,
            name => unreachable!("{name} has no value"),
        })
    }
}

/// Writes the lines of one metric.
fn write(lines: &mut String, name: &str, value: &Value) {
    match value {
        Value::Number(number) => *lines += &format!("etcd_{name} {}\n", go(*number, 0)),
        Value::None => *lines += &format!("etcd_{name} -1\n"),
        Value::Named(value) => *lines += &format!("etcd_{name}{{{name}=\"{value}\"}} 1\n"),
        Value::Spans(spans) => write_spans(lines, name, "", spans),
        Value::Peers(peers) => {
            for (peer, spans) in peers {
                write_spans(lines, name, &format!("To=\"{:x}\"", peer.0), spans);
            }
        }
    }
}

fn write_spans(lines: &mut String, name: &str, label: &str, spans: &Histogram) {
    let comma = if label.is_empty() { "" } else { "," };
    let mut below = 0;
    for (nth, count) in spans.counts.iter().enumerate() {
        below += count;
        let bound = match nth + 1 == spans.counts.len() {
            true => "+Inf".into(),
            false => go(spans.bound_us(nth), 6),
        };
        *lines += &format!("etcd_{name}_bucket{{{label}{comma}le=\"{bound}\"}} {}\n", go(below, 0));
    }
    let label = if label.is_empty() { String::new() } else { format!("{{{label}}}") };
    let sum = go(spans.sum.as_nanos() as u64, 9);
    *lines += &format!("etcd_{name}_sum{label} {sum}\n");
    *lines += &format!("etcd_{name}_count{label} {}\n", go(below, 0));
}

/// A number with so many digits behind the point, as Go's `strconv` writes it (`'g'`, −1).
fn go(number: u64, behind: usize) -> String {
    let all = number.to_string();
    let digits = all.trim_end_matches('0');
    if digits.is_empty() {
        return "0".into();
    }
    // The point stands behind so many digits.
    let point = all.len() as i64 - behind as i64;
    let exponent = point - 1;
    let zeros = |count: i64| "0".repeat(count.max(0) as usize);
    let (first, rest) = digits.split_at(1);
    if !(-4..6).contains(&exponent) {
        let dot = if rest.is_empty() { "" } else { "." };
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{first}{dot}{rest}e{sign}{:02}", exponent.abs());
    }
    match digits.len() as i64 {
        _ if point <= 0 => format!("0.{}{digits}", zeros(-point)),
        length if length <= point => format!("{digits}{}", zeros(point - length)),
        _ => format!("{}.{}", &digits[..point as usize], &digits[point as usize..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_go_writes_them() {
        let written = [
            (0, 0),
            (7, 0),
            (20_480, 0),
            (2_147_483_648, 0),
            (1_000_000, 0),
            (999_999, 0),
            (100, 6),
            (8_192_000, 6),
            (25_600, 6),
            (16_210_975, 9),
            (12, 9),
            (1_234_567_000_000_000, 9),
        ];
        let written = written.map(|(number, behind)| go(number, behind)).join(" ");
        let by_go = "0 7 20480 2.147483648e+09 1e+06 999999 0.0001 8.192 0.0256 0.016210975 \
                     1.2e-08 1.234567e+06";
        assert_eq!(written, by_go);
    }
}
