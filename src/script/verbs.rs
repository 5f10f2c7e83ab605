//! Every verb of the language: how its lines are written, and one of them.
//!
//! Architecture invariant: a table; what a line becomes is `read`'s.

use super::Command;
use super::read::{self, Line};
use super::words::Wrong;
use super::{curl, read_fault, read_plane, read_upkeep};

/// A verb of the language.
pub struct Verb {
    /// The first word of its lines.
    pub name: &'static str,
    /// How it is written.
    pub usage: &'static str,
    /// One of its lines.
    pub example: &'static str,
    pub(super) read: fn(Line) -> Result<Command, Wrong>,
}

/// Every verb, in the order in which they are taught.
pub const VERBS: [Verb; 47] = [
    Verb {
        name: "boot",
        usage: "boot members=5 seed=1 timing=classroom encryption=aesgcm fsync=wait",
        example: "boot members=3 seed=7",
        read: read::boot,
    },
    Verb {
        name: "until",
        usage: "until leader|proposed|committed|applied|printed|\
         violation [10s], or until key foo = bar within 10s",
        example: "until leader 10s",
        read: read::until,
    },
    Verb { name: "wait", usage: "wait 500ms", example: "wait 500ms", read: read::wait },
    Verb {
        name: "step",
        usage: "step message|event|instant",
        example: "step message",
        read: read::step,
    },
    Verb {
        name: "break",
        usage: "break leader|election|term|commit [42]|applied 1 [12]|told|violation|\
         fault|message [append]|event|instant|so key foo = bar|off",
        example: "break applied 1 12",
        read: read::read_stop,
    },
    Verb {
        name: "at",
        usage: "at 12.5s/4711 kill 1",
        example: "at 12.5s/4711 kill 1",
        read: read::at,
    },
    Verb {
        name: "kubectl",
        usage: "kubectl create|apply|replace|delete -f NAME, or -f - <<EOF; \
                get|describe|scale|set image|rollout|cordon|delete …",
        example: "kubectl apply -f deployment.yaml",
        read: read_plane::kubectl,
    },
    Verb {
        name: "etcdctl",
        usage: "etcdctl [--endpoints=etcd-1] put|get|del|txn|watch|lease|member|endpoint|… …",
        example: "etcdctl --endpoints=etcd-1 put foo bar",
        read: read::read_etcdctl,
    },
    Verb {
        name: "curl",
        usage: "curl -d '{\"key\":\"Zm9v\"}' http://etcd-1:2379/v3/kv/range",
        example: "curl -d '{\"key\":\"Zm9v\"}' http://etcd-1:2379/v3/kv/range",
        read: curl::read,
    },
    Verb {
        name: "apiserver",
        usage: "apiserver 1 kill|restart",
        example: "apiserver 1 kill",
        read: read_plane::apiserver,
    },
    Verb {
        name: "events-etcd",
        usage: "events-etcd kill|restart (of boot … events=own)",
        example: "events-etcd kill",
        read: read_plane::events_etcd,
    },
    Verb {
        name: "manager",
        usage: "manager 1 kill|restart",
        example: "manager 2 kill",
        read: read_plane::manager,
    },
    Verb {
        name: "scheduler",
        usage: "scheduler 1 kill|restart",
        example: "scheduler 1 restart",
        read: read_plane::scheduler,
    },
    Verb {
        name: "encryption",
        usage: "encryption -f - <<EOF",
        example: "encryption -f - <<EOF\nkind: EncryptionConfiguration\nEOF",
        read: read_plane::encryption,
    },
    Verb { name: "kms", usage: "kms rotate", example: "kms rotate", read: read_plane::kms },
    Verb {
        name: "interrupt",
        usage: "interrupt 12|last",
        example: "interrupt last",
        read: read::interrupt,
    },
    Verb {
        name: "type",
        usage: "type 12|last 'watch foo --prefix'",
        example: "type 12 progress",
        read: read::type_line,
    },
    Verb {
        name: "repeat",
        usage: "repeat 100 etcdctl put foo bar",
        example: "repeat 100 etcdctl put foo bar",
        read: read::repeat,
    },
    Verb { name: "start", usage: "start 6", example: "start 6", read: read::start },
    Verb { name: "kill", usage: "kill 1|leader|all", example: "kill leader", read: read::kill },
    Verb { name: "crash", usage: "crash 1|leader|all", example: "crash 1", read: read::crash },
    Verb { name: "restart", usage: "restart 1|all", example: "restart 1", read: read::restart },
    Verb {
        name: "pause",
        usage: "pause 1|leader|all|node-a",
        example: "pause leader",
        read: read::pause,
    },
    Verb {
        name: "resume",
        usage: "resume 1|all|node-a",
        example: "resume all",
        read: read::resume,
    },
    Verb {
        name: "pod",
        usage: "pod web crash|unready|stuck|ready (all whose names begin with web)",
        example: "pod web crash",
        read: read_fault::pod,
    },
    Verb {
        name: "monitor",
        usage: "monitor 25 every 2s|off",
        example: "monitor 25 every 2s",
        read: read_upkeep::monitor,
    },
    Verb {
        name: "disk",
        usage: "disk 1 slow 200ms|stall|full|torn|lies|lose|corrupt 42|well",
        example: "disk 1 slow 200ms",
        read: read_fault::disk,
    },
    Verb {
        name: "clock",
        usage: "clock 1 skew +300ms drift 5%|well",
        example: "clock 1 skew +300ms drift 5%",
        read: read_fault::clock,
    },
    Verb {
        name: "fsync",
        usage: "fsync wait|overlap",
        example: "fsync overlap",
        read: read_fault::fsync,
    },
    Verb { name: "reads", usage: "reads index|lease", example: "reads lease", read: read::reads },
    Verb {
        name: "quota",
        usage: "quota 64KiB|off",
        example: "quota 64KiB",
        read: read_upkeep::quota,
    },
    Verb {
        name: "corrupt-check",
        usage: "corrupt-check 5s|off",
        example: "corrupt-check 5s",
        read: read_upkeep::corrupt_check,
    },
    Verb {
        name: "watch-progress",
        usage: "watch-progress 5s",
        example: "watch-progress 5s",
        read: read_upkeep::watch_progress,
    },
    Verb {
        name: "snapshot",
        usage: "snapshot save 1 backup.db, or snapshot restore backup.db 1,2,3 \
         [bump 1000000000] [compacted]",
        example: "snapshot save 1 backup.db",
        read: read_upkeep::snapshot,
    },
    Verb {
        name: "force-new-cluster",
        usage: "force-new-cluster 3",
        example: "force-new-cluster 3",
        read: read_upkeep::force_new_cluster,
    },
    Verb { name: "flip", usage: "flip 2 foo", example: "flip 2 foo", read: read_upkeep::flip },
    Verb {
        name: "leases",
        usage: "leases plain|checkpointed",
        example: "leases checkpointed",
        read: read_upkeep::leases,
    },
    Verb {
        name: "link",
        usage: "link 1>2 cut|latency 200ms jitter 50ms|loss 20%|dup 5%|reorder 10%|\
         bandwidth 20kB/s|well",
        example: "link 1>2 latency 200ms jitter 50ms",
        read: read_fault::link,
    },
    Verb {
        name: "partition",
        usage: "partition 1,2 | 3,4,5",
        example: "partition 1,2 | 3,4,5",
        read: read_fault::partition,
    },
    Verb { name: "heal", usage: "heal", example: "heal", read: read::heal },
    Verb {
        name: "rule",
        usage: "rule sync-before-ack off|on",
        example: "rule sync-before-ack off",
        read: read::rule,
    },
    Verb {
        name: "packet",
        usage: "packet 17 drop|delay 1s|dup|now",
        example: "packet 17 delay 1s",
        read: read_fault::packet,
    },
    Verb {
        name: "next",
        usage: "next append 1>3 drop|delay 1s|dup|now",
        example: "next append 1>3 drop",
        read: read_fault::next,
    },
    Verb {
        name: "show",
        usage: "show members|store [1]|writes|log [1]|requests|promises|nodes",
        example: "show log 1",
        read: read::show,
    },
    Verb {
        name: "expect",
        usage: "expect [no] leader [3]|key foo = bar [on 1]|log 2 ends at 6 term 1|…",
        example: "expect key foo = bar on 1",
        read: read::expect_so,
    },
    Verb { name: "verbose", usage: "verbose on|off", example: "verbose on", read: read::verbose },
    Verb {
        name: "search",
        usage: "search split-vote|overwritten|cannot-commit|unknown-write|watch-compacted",
        example: "search split-vote",
        read: read::search,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_has_an_example_that_is_read_and_printed() {
        for verb in &VERBS {
            assert!(verb.example.starts_with(verb.name), "{}", verb.example);
            let read = verb.example.parse::<Command>().unwrap_or_else(|wrong| panic!("{wrong}"));
            let printed = read.to_string();
            assert!(printed.starts_with(verb.example), "{} = {printed}", verb.example);
        }
    }
}
