//! The words of the charts: what is measured, what it means, and when etcd's own alerts speak up.
//!
//! The bounds are those of etcd's mixin (contrib/mixin).
//!
//! Architecture invariant: text only.

// The text of a constant is its documentation.
#![allow(missing_docs)]

pub const OF: &str = "Metrics of";
pub const WAITING: &str = "No metrics yet. Let a second pass";
pub const LEAD: &str = "The last two virtual minutes, one sample a second. Dashed across: where \
     etcd's alerts begin. All of it as text: curl http://etcd-1:2379/metrics in the terminal";
pub const DOWN: &str = "not running";
pub const NOTHING: &str = "none";
pub const BEYOND: &str = "beyond the alert's bound";

pub const FSYNC: (&str, &str) = (
    "Slowest fsync",
    "How long the log waits for its disk before an entry counts. A good disk takes less than \
     10 ms; the alert is for 99 of 100 above 500 ms",
);
pub const COMMIT: (&str, &str) = (
    "Slowest backend commit",
    "The database file, written behind the log. Modelled as two fsyncs of this disk that hold up \
     nothing; the alert is above 250 ms",
);
pub const ROUND_TRIP: (&str, &str) = (
    "Slowest round trip",
    "From a leader's heartbeat to its answer, over all peers; followers measure none here. The \
     alert is above 150 ms, for networks faster than the classroom's",
);
pub const LATE: (&str, &str) = (
    "Late heartbeats",
    "Sent more than twice their interval after the one before: this leader was busy, most often \
     with its disk",
);
pub const COMMITS: (&str, &str) = ("Entries committed", "What a quorum has, each second");
pub const BEHIND: (&str, &str) = (
    "Committed, not applied",
    "Entries the store has yet to take. From 5,000 on etcd answers \"too many requests\"",
);
pub const DATABASE: (&str, &str) = (
    "Database",
    "Bytes of the file; dotted: in use. The alert is at 95 % of the quota, and at the quota \
     nothing is written any more",
);
pub const WATCHERS: (&str, &str) =
    ("Watchers", "Served by this member; dotted: behind what has happened");
pub const LEADERS: (&str, &str) = (
    "Leader changes",
    "Leaders this member has seen since the chart begins. The alert is at 4 within 15 minutes",
);

/// `12/s`
pub fn per_second(count: u64) -> String {
    format!("{count}/s")
}

/// A chart for those who do not see it.
pub fn said(name: &str, now: &str, most: Option<&str>, bound: Option<&str>) -> String {
    let most = most.map_or_else(String::new, |most| format!(", at most {most} in the time shown"));
    let bound = bound.map_or_else(String::new, |bound| format!(", the alert is at {bound}"));
    format!("{name}: {now} now{most}{bound}")
}
