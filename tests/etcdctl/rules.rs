//! What no two clusters agree on, struck out.
//!
//! * `ids`: clusters', members' and leases' are dealt.
//! * `terms`: of Raft, and its indexes: elections and entries of the cluster's own differ.
//! * `versions`: members say 3.6.0 here.
//! * `sizes`: a bbolt file is not modelled to the byte.
//! * `times`: how long something took, and what is left of a lease's time.
//! * `blanks`: columns are as wide as what is in them.
//! * `order`: of leases and of members, which goes by their ids.
//! * `help`: options that every verb has, and verbs that are not offered.

use raftarium::cluster::etcdctl::MANUALS;

/// Before a number that is struck out; `#` may be hexadecimal.
const NUMBERS: [&str; 34] = [
    "\"cluster_id\":",
    "\"member_id\":",
    "\"raft_term\":",
    "\"leader\":",
    "\"ID\":",
    "\"id\":",
    "\"memberID\":",
    "\"raftIndex\":",
    "\"raftTerm\":",
    "\"raftAppliedIndex\":",
    "\"dbSize\":",
    "\"dbSizeInUse\":",
    "\"ttl\":",
    "\"lease\":",
    "\"ClusterID\" : ",
    "\"MemberID\" : ",
    "\"RaftTerm\" : ",
    "\"ID\" : ",
    "\"Lease\" : ",
    "\"PrevLease\" : ",
    "\"Leader\" : ",
    "\"RaftIndex\" : ",
    "\"RaftAppliedIndex\" : ",
    "\"DBSize\" : ",
    "\"TTL\" : ",
    "remaining(",
    "memberID:",
    "took = ",
    "\"hash\":",
    "\"totalKey\":",
    "\"totalSize\":",
    "\"Hash\" : ",
    "\"Keys\" : ",
    "\"Size\" : ",
];

/// Before an id in hexadecimal.
const IDS: [&str; 7] = [
    "lease ",
    "Member ",
    "in cluster ",
    "to cluster ",
    "removed from cluster ",
    "transferred from ",
    "# to ",
];

const COLUMNS: [&str; 9] = [
    "ID",
    "VERSION",
    "DB SIZE",
    "RAFT TERM",
    "RAFT INDEX",
    "RAFT APPLIED INDEX",
    "TOOK",
    "TOTAL KEYS",
    "TOTAL SIZE",
];

/// An answer without all that.
pub fn apply(line: &str, answer: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut columns: Vec<bool> = Vec::new();
    for answer in answer {
        let mut text = answer.clone();
        if text.starts_with("| +--") {
            text = "| +--".into();
        } else if let Some(cells) = text.strip_prefix("| | ") {
            let cells: Vec<&str> = cells.split(" |").map(str::trim).collect();
            if columns.is_empty() {
                let file = line.contains("snapshot");
                let struck = |cell: &&str| COLUMNS.contains(cell) || *cell == "HASH" && file;
                columns = cells.iter().map(struck).collect();
            }
            let cells = cells.iter().zip(&columns);
            let cells = cells.map(|(cell, struck)| if *struck { "#" } else { cell });
            text = format!("| | {}", cells.collect::<Vec<_>>().join(" | ").trim_end());
        }
        for before in NUMBERS {
            // The hash of a history is the same everywhere, that of a file is not.
            if before.contains("ash\"") && !line.contains("snapshot") {
                continue;
            }
            text = strike(&text, before, |c| c.is_ascii_digit() || ".mµs".contains(c));
        }
        while text.contains("  ") && !is_help(line) {
            text = text.replace("  ", " ");
        }
        for before in IDS {
            text = strike(&text, before, |c| c.is_ascii_hexdigit());
        }
        text = text
            .replace("3.4.23\",\"dbSize", "#\",\"dbSize")
            .replace("3.6.0\",\"dbSize", "#\",\"dbSize");
        match (text.strip_prefix("| | | "), lines.last_mut()) {
            // A cell of several lines.
            (Some(more), Some(row)) => {
                let more = more.replace(['|', '#'], "");
                *row = format!("{} {} |", row.trim_end_matches([' ', '|']), more.trim());
            }
            _ => lines.push(values(line, text)),
        }
    }
    if is_help(line) {
        return help(&lines);
    }
    let lists = ["member list", "lease list", "lease timetolive", "--cluster"];
    if lists.iter().any(|list| line.contains(list)) {
        lines.sort();
    }
    lines.iter().map(|line| listed(line)).collect()
}

/// Strikes out what stands behind a text.
fn strike(text: &str, before: &str, is: impl Fn(char) -> bool) -> String {
    let mut parts = text.split(before);
    let mut struck = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let rest = part.trim_start_matches(&is);
        // What is 0 is 0 everywhere.
        let zero = part.starts_with('0') && part.len() == rest.len() + 1;
        struck += before;
        struck += if rest.len() < part.len() && !zero { "#" } else { "" };
        struck += if zero { part } else { rest };
    }
    struck
}

/// Lines of values with commas between them, and of ids alone.
fn values(line: &str, text: String) -> String {
    let cells: Vec<&str> = text.split(", ").collect();
    match cells.len() {
        9.. if line.contains("endpoint status") => {
            let ends = [cells[0], "#", "#", "#", cells[4], cells[5], "#", "#", "#"].join(", ");
            format!("{ends}, {}", cells[9..].join(", "))
        }
        4 if line.contains("snapshot status") => format!("| #, {}, #, #", cells[1]),
        6 if line.contains("member list") => format!("| #, {}", cells[1..].join(", ")),
        _ if line.contains("lease list") && text.len() == 18 => "| #".into(),
        _ if text.starts_with("| \"Version\" : ") => "| \"Version\" : #".into(),
        _ if text.starts_with("| \"Took\" : ") => "| \"Took\" : #".into(),
        _ => match text.split_once("\"took\":\"") {
            Some((before, after)) => {
                let after = after.split_once('"').map_or("", |(_, after)| after);
                format!("{before}\"took\":#{after}")
            }
            None => text,
        },
    }
}

/// The parts of a line that are in no order.
fn listed(line: &str) -> String {
    let lists = [
        ("attached keys([", "])", " "),
        ("ETCD_INITIAL_CLUSTER=\"", "\"", ","),
        ("\"members\":[", "]}", ",{"),
        ("\"keys\":[", "]", ","),
        ("| [{", "]", ",{"),
    ];
    let mut line = line.to_string();
    for (before, after, between) in lists {
        let Some((head, rest)) = line.split_once(before) else { continue };
        let Some((list, tail)) = rest.rsplit_once(after) else { continue };
        let mut items: Vec<&str> =
            list.split(between).map(|it| it.trim_start_matches('{')).collect();
        items.sort_unstable();
        line = format!("{head}{before}{}{after}{tail}", items.join(between));
    }
    line
}

fn is_help(line: &str) -> bool {
    let asked = ["help", "-h", "--help"];
    line.is_empty()
        || line.split(' ').any(|word| asked.contains(&word))
        || ["lease", "alarm", "member frob -w json"].contains(&line)
}

/// Without the options of every verb, those of one side only, and verbs that are not offered.
fn help(lines: &[String]) -> Vec<String> {
    let squeezed = |line: &String| {
        let words = line.split(['\t', ' ']).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join(" ")
    };
    let ends = |line: &&String| {
        !line.starts_with("| GLOBAL OPTIONS")
            && !line.contains("--cacert")
            && !line.contains("-h, --help[=false] help for etcdctl")
    };
    let lines: Vec<String> = lines.iter().map(squeezed).collect();
    let offered = |line: &String| {
        let verbs =
            ["auth ", "check ", "completion ", "elect ", "lock ", "make-mirror ", "migrate "];
        let roles = ["role ", "user ", "snapshot restore", "restore "];
        let told = line.trim_start_matches("| ");
        !verbs.iter().chain(&roles).any(|verb| told.starts_with(verb))
            && !["--data-dir", "--count-only", "--progress-notify"]
                .iter()
                .any(|it| told.starts_with(it))
    };
    assert!(!MANUALS.is_empty());
    let mut lines: Vec<String> =
        lines.iter().take_while(ends).filter(|it| offered(it)).cloned().collect();
    while lines.last().is_some_and(|line| {
        line == "|"
            || line == "| OPTIONS:"
            || line.contains("--command-timeout")
            || line.contains("--endpoints=")
    }) {
        lines.pop();
    }
    lines
}
