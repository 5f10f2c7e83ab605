//! The verbs of etcdctl and their flags, as its help tells them.
//!
//! * Two flags are of 3.5, since what they are for is here: `get --count-only` and
//!   `watch --progress-notify`.
//!
//! Architecture invariant: a table.

use super::verbs::{Flag, Manual, NO, Verb, flag, letter};

const ZERO: &str = "0";
const EMPTY: &str = "\"\"";

const CLUSTER: Flag = flag("cluster", NO, "use all endpoints from the cluster member list");
const OF_EACH_ENDPOINT: [Flag; 1] = [Flag { inherited: true, ..CLUSTER }];

const ABOUT_PUT: &str = "\
Puts the given key into the store.

When <value> begins with '-', <value> is interpreted as a flag.
Insert '--' for workaround:

$ put <key> -- <value>
$ put -- <key> <value>

If <value> isn't given as a command line argument and '--ignore-value' is not specified,
this command tries to read the value from standard input.

If <lease> isn't given as a command line argument and '--ignore-lease' is not specified,
this command tries to read the value from standard input.

For example,
$ cat file | put <key>
will store the content of the file to <key>.";

const fn manual(
    verb: Verb,
    words: (&'static str, &'static str, &'static str),
    flags: &'static [Flag],
) -> Manual {
    Manual { verb, name: words.0, usage: words.1, about: words.2, more: "", flags }
}

/// Every verb, in the order of the enum and of their names.
pub const MANUALS: [Manual; 27] = [
    manual(Verb::AlarmDisarm, ("alarm disarm", "", "Disarms all alarms"), &[]),
    manual(Verb::AlarmList, ("alarm list", "", "Lists all alarms"), &[]),
    manual(
        Verb::Compaction,
        ("compaction", " [options] <revision>", "Compacts the event history in etcd"),
        &[flag(
            "physical",
            NO,
            "'true' to wait for compaction to physically remove all old revisions",
        )],
    ),
    manual(
        Verb::Defrag,
        ("defrag", "", "Defragments the storage of the etcd members with given endpoints"),
        &[CLUSTER],
    ),
    manual(
        Verb::Del,
        (
            "del",
            " [options] <key> [range_end]",
            "Removes the specified key or range of keys [key, range_end)",
        ),
        &[
            flag(
                "from-key",
                NO,
                "delete keys that are greater than or equal to the given key using byte compare",
            ),
            flag("prefix", NO, "delete keys with matching prefix"),
            flag("prev-kv", NO, "return deleted key-value pairs"),
        ],
    ),
    manual(
        Verb::EndpointHashKv,
        ("endpoint hashkv", "", "Prints the KV history hash for each endpoint in --endpoints"),
        &[
            Flag { inherited: true, ..CLUSTER },
            flag("rev", ZERO, "maximum revision to hash (default: all revisions)"),
        ],
    ),
    manual(
        Verb::EndpointHealth,
        (
            "endpoint health",
            "",
            "Checks the healthiness of endpoints specified in `--endpoints` flag",
        ),
        &OF_EACH_ENDPOINT,
    ),
    Manual {
        more: "status lists for each endpoint.\nThe items in the lists are endpoint, ID, version, \
               db size, is leader, is learner, raft term, raft index, raft applied index, errors.",
        ..manual(
            Verb::EndpointStatus,
            (
                "endpoint status",
                "",
                "Prints out the status of endpoints specified in `--endpoints` flag",
            ),
            &OF_EACH_ENDPOINT,
        )
    },
    manual(
        Verb::Get,
        ("get", " [options] <key> [range_end]", "Gets the key or a range of keys"),
        &[
            flag("consistency", "\"l\"", "Linearizable(l) or Serializable(s)"),
            flag("count-only", NO, "Get only the count"),
            flag(
                "from-key",
                NO,
                "Get keys that are greater than or equal to the given key using byte compare",
            ),
            flag("keys-only", NO, "Get only the keys"),
            flag("limit", ZERO, "Maximum number of results"),
            flag("order", EMPTY, "Order of results; ASCEND or DESCEND (ASCEND by default)"),
            flag("prefix", NO, "Get keys with matching prefix"),
            flag(
                "print-value-only",
                NO,
                "Only write values when using the \"simple\" output format",
            ),
            flag("rev", ZERO, "Specify the kv revision"),
            flag("sort-by", EMPTY, "Sort target; CREATE, KEY, MODIFY, VALUE, or VERSION"),
        ],
    ),
    Manual {
        more: "Help provides help for any command in the application.\n\
               Simply type etcdctl help [path to command] for full details.",
        ..manual(Verb::Help, ("help", " [command]", "Help about any command"), &[])
    },
    manual(Verb::LeaseGrant, ("lease grant", " <ttl>", "Creates leases"), &[]),
    manual(
        Verb::LeaseKeepAlive,
        ("lease keep-alive", " [options] <leaseID>", "Keeps leases alive (renew)"),
        &[flag(
            "once",
            NO,
            "Resets the keep-alive time to its original value and exits immediately",
        )],
    ),
    manual(Verb::LeaseList, ("lease list", "", "List all active leases"), &[]),
    manual(Verb::LeaseRevoke, ("lease revoke", " <leaseID>", "Revokes leases"), &[]),
    manual(
        Verb::LeaseTimeToLive,
        ("lease timetolive", " <leaseID> [options]", "Get lease information"),
        &[flag("keys", NO, "Get keys attached to this lease")],
    ),
    manual(
        Verb::MemberAdd,
        ("member add", " <memberName> [options]", "Adds a member into the cluster"),
        &[
            flag("learner", NO, "indicates if the new member is raft learner"),
            flag("peer-urls", EMPTY, "comma separated peer URLs for the new member."),
        ],
    ),
    Manual {
        more: "member lists for each endpoint.\nThe items in the lists are ID, Status, Name, \
               Peer Addrs, Client Addrs, Is Learner.",
        ..manual(Verb::MemberList, ("member list", "", "Lists all members in the cluster"), &[])
    },
    Manual {
        more: "Promotes a non-voting learner member to a voting one in the cluster.",
        ..manual(
            Verb::MemberPromote,
            ("member promote", " <memberID>", "Promotes a non-voting member in the cluster"),
            &[],
        )
    },
    manual(
        Verb::MemberRemove,
        ("member remove", " <memberID>", "Removes a member from the cluster"),
        &[],
    ),
    manual(
        Verb::MemberUpdate,
        ("member update", " <memberID> [options]", "Updates a member in the cluster"),
        &[flag("peer-urls", EMPTY, "comma separated peer URLs for the updated member.")],
    ),
    manual(
        Verb::MoveLeader,
        (
            "move-leader",
            " <transferee-member-id>",
            "Transfers leadership to another etcd cluster member.",
        ),
        &[],
    ),
    Manual {
        more: ABOUT_PUT,
        ..manual(
            Verb::Put,
            (
                "put",
                " [options] <key> <value> (<value> can also be given from stdin)",
                "Puts the given key into the store",
            ),
            &[
                flag("ignore-lease", NO, "updates the key using its current lease"),
                flag("ignore-value", NO, "updates the key using its current value"),
                flag("lease", "\"0\"", "lease ID (in hexadecimal) to attach to the key"),
                flag("prev-kv", NO, "return the previous key-value pair before modification"),
            ],
        )
    },
    manual(
        Verb::SnapshotSave,
        ("snapshot save", " <filename>", "Stores an etcd node backend snapshot to a given file"),
        &[],
    ),
    Manual {
        more: "status lists for each endpoint.\nThe items in the lists are hash, revision, \
               total keys, total size.",
        ..manual(
            Verb::SnapshotStatus,
            ("snapshot status", " <filename>", "Gets backend snapshot status of a given file"),
            &[],
        )
    },
    manual(
        Verb::Txn,
        ("txn", " [options]", "Txn processes all the requests in one transaction"),
        &[letter('i', flag("interactive", NO, "Input transaction in interactive mode"))],
    ),
    manual(Verb::Version, ("version", "", "Prints the version of etcdctl"), &[]),
    manual(
        Verb::Watch,
        (
            "watch",
            " [options] [key or prefix] [range_end] [--] [exec-command arg1 arg2 ...]",
            "Watches events stream on keys or prefixes",
        ),
        &[
            letter('i', flag("interactive", NO, "Interactive mode")),
            flag("prefix", NO, "Watch on a prefix if prefix is set"),
            flag("prev-kv", NO, "get the previous key-value pair before the event happens"),
            flag("progress-notify", NO, "get periodic watch progress notification from server"),
            flag("rev", ZERO, "Revision to start watching"),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        for (place, manual) in MANUALS.iter().enumerate() {
            assert_eq!(manual.verb as usize, place, "{}", manual.name);
            assert!(manual.flags.is_sorted_by_key(|flag| flag.name), "{}", manual.name);
        }
        assert!(MANUALS.is_sorted_by_key(|manual| manual.name));
    }
}
