//! What is known of a verb of etcdctl and of a flag, and which there are for all of them.
//!
//! * A flag's default says what it takes: `false` nothing or a truth, digits a number, `""` a text.
//! * `inherited` flags are told of a group of verbs, not of each.
//!
//! Architecture invariant: plain values.

use serde::{Deserialize, Serialize};

use super::MANUALS;

/// A verb of etcdctl.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Verb {
    AlarmDisarm,
    AlarmList,
    Compaction,
    Defrag,
    Del,
    EndpointHashKv,
    EndpointHealth,
    EndpointStatus,
    Get,
    #[default]
    Help,
    LeaseGrant,
    LeaseKeepAlive,
    LeaseList,
    LeaseRevoke,
    LeaseTimeToLive,
    MemberAdd,
    MemberList,
    MemberPromote,
    MemberRemove,
    MemberUpdate,
    MoveLeader,
    Put,
    SnapshotSave,
    SnapshotStatus,
    Txn,
    Version,
    Watch,
}

/// What there is to know about a verb.
#[derive(Debug)]
pub struct Manual {
    /// The verb.
    pub verb: Verb,
    /// How it is called.
    pub name: &'static str,
    /// What is written behind it.
    pub usage: &'static str,
    /// What it does.
    pub about: &'static str,
    /// What else there is to say.
    pub more: &'static str,
    /// Its flags, in the order of their names.
    pub flags: &'static [Flag],
}

/// What there is to know about a flag.
#[derive(Debug)]
pub struct Flag {
    /// Its name, without `--`.
    pub name: &'static str,
    /// Its letter, if it has one.
    pub letter: Option<char>,
    /// What holds without it.
    pub default: &'static str,
    /// What it does.
    pub about: &'static str,
    /// Whether it is told of a group of verbs.
    pub inherited: bool,
}

pub(super) const fn flag(name: &'static str, default: &'static str, about: &'static str) -> Flag {
    Flag { name, letter: None, default, about, inherited: false }
}

pub(super) const fn letter(letter: char, flag: Flag) -> Flag {
    Flag { letter: Some(letter), ..flag }
}

pub(super) const NO: &str = "false";

/// Flags that every verb takes.
pub const GLOBAL: [Flag; 4] = [
    flag("command-timeout", "5s", "timeout for short running command (excluding dial timeout)"),
    flag("endpoints", "[etcd-1:2379,…]", "gRPC endpoints; all members unless given"),
    flag("hex", NO, "print byte strings as hex encoded strings"),
    letter(
        'w',
        flag(
            "write-out",
            "\"simple\"",
            "set the output format (fields, json, protobuf, simple, table)",
        ),
    ),
];

/// Flags of etcdctl that mean nothing here: no TLS, no passwords and no dialling are modelled.
pub const MEANINGLESS: [&str; 15] = [
    "cacert",
    "cert",
    "data-dir",
    "debug",
    "dial-timeout",
    "discovery-srv",
    "discovery-srv-name",
    "insecure-discovery",
    "insecure-skip-tls-verify",
    "insecure-transport",
    "keepalive-time",
    "keepalive-timeout",
    "key",
    "password",
    "user",
];

/// Verbs of etcdctl that are not offered.
pub const NOT_OFFERED: [&str; 10] = [
    "auth",
    "check",
    "completion",
    "elect",
    "lock",
    "make-mirror",
    "migrate",
    "role",
    "snapshot restore",
    "user",
];

/// Groups of verbs, and what they are about.
pub const GROUPS: [(&str, &str); 5] = [
    ("alarm", "Alarm related commands"),
    ("endpoint", "Endpoint related commands"),
    ("lease", "Lease related commands"),
    ("member", "Membership related commands"),
    ("snapshot", "Manages etcd node snapshots"),
];

const ABOUT_LISTS: &str =
    "When --write-out is set to simple, this command prints out comma-separated ";

impl Verb {
    /// What there is to know about it.
    pub fn manual(self) -> &'static Manual {
        &MANUALS[self as usize]
    }
}

impl Manual {
    /// A flag of it, or one that every verb takes.
    pub fn flag(&self, is: impl Fn(&Flag) -> bool) -> Option<&'static Flag> {
        self.flags.iter().chain(&GLOBAL).find(|flag| is(flag))
    }

    /// What else there is to say.
    pub fn description(&self) -> String {
        let lists =
            matches!(self.verb, Verb::EndpointStatus | Verb::MemberList | Verb::SnapshotStatus);
        format!("{}{}", if lists { ABOUT_LISTS } else { "" }, self.more)
    }
}
