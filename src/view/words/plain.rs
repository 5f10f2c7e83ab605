//! Fixed words of the header, the scene, the timeline and the dialogs.
//!
//! Sentence case; no full stop after a single sentence; no colon after a label.
//!
//! Architecture invariant: texts only.
#![allow(missing_docs)]

pub const CLUSTER: &str = "Cluster";
pub const TOOLS: &str = "What to do to the member";
pub const KILL: &str = "Kill";
pub const RESTART: &str = "Restart";
pub const PAUSE_MEMBER: &str = "Pause";
pub const RESUME_MEMBER: &str = "Resume";
pub const VOTED: &str = "Voted for the candidate of this colour";
pub const HAS_ENTRY: &str = "Has the entry that waits for a quorum";

pub const LEGEND: &str = "How to read the picture";
pub const LEGEND_LEADER: &str = "leader";
pub const LEGEND_FOLLOWER: &str = "follower, arc = patience";
pub const LEGEND_CANDIDATE: &str = "candidate";
pub const LEGEND_REQUEST: &str = "request";
pub const LEGEND_ANSWER: &str = "answer";
pub const LEGEND_REFUSED: &str = "refused";
pub const LEGEND_TICK: &str = "voted, or has it";
pub const LEGEND_CUT: &str = "cut";
pub const LEGEND_CROWD: &str = "so many";
pub const LEGEND_HEARTBEAT: &str = "heartbeat";

pub const TRANSPORT: &str = "Time";
pub const PLAY: &str = "Play";
pub const PAUSE: &str = "Pause";
pub const BACK: &str = "Back over the frames seen";
pub const TO_START: &str = "To the beginning";
pub const TO_PRESENT: &str = "To the present";
pub const STEP_MESSAGE: &str = "message";
pub const STEP_EVENT: &str = "event";
pub const STEP_INSTANT: &str = "instant";
pub const SPEED: &str = "Speed";
pub const SPEED_TITLE: &str = "Virtual seconds that pass in one of yours ([ and ])";
pub const CLOCK_TITLE: &str = "Virtual time since the cluster began";
pub const PAST: &str = "in the past";
pub const PAST_TITLE: &str = "You look at an earlier moment; back to the present (End)";

pub const SETTINGS_TITLE: &str = "What the cluster is made of…";
pub const ABOUT_SHORT: &str = "About";
pub const THEME: &str = "Light or dark";
pub const HELP: &str = "Help";
pub const CLOSE: &str = "Close";

pub const STARTING: &str = "Starting a cluster in this tab…";
pub const HAPPENING: &str = "What is happening";
pub const WHY: &str = "why?";
pub const WHY_TITLE: &str = "What led here, newest first";
pub const NO_CAUSES: &str = "Nothing has happened yet";
pub const GO_THERE: &str = "Look at this instant";

pub const TIMELINE: &str = "Timeline";
pub const TIMELINE_RANGE: &str = "Instant looked at";
pub const CLIENTS: &str = "clients";
pub const EARLIER: &str = "earlier";

pub const SETTINGS: &str = "The cluster";
pub const ETCD: &str = "etcd";
pub const CLIENTS_OF_ETCD: &str = "Apiservers, the only clients of etcd";
pub const CLIENTS_OF_APISERVERS: &str = "Control plane and nodes, the clients of apiservers";
pub const MEMBERS: (&str, &str) = ("Members", "An odd number: an even one survives no more");
pub const TIMING: (&str, &str) = ("Timing", "How slow the network is, and how patient the members");
pub const ENCRYPTION: (&str, &str) =
    ("Secrets at rest", "How the apiserver encrypts them before etcd has them");
pub const SEED: (&str, &str) = ("Seed", "The same seed and the same inputs give the same run");
pub const FSYNC: (&str, &str) =
    ("The raft loop waits for fsync", "As etcd's does: a slow disk delays heartbeats");
pub const PLANE: (&str, &str) =
    ("Control plane", "Whether controllers, scheduler and kubelets act on what they are told");
pub const APISERVERS: (&str, &str) =
    ("Apiservers", "Each with watch caches of its own, behind a modelled load balancer");
pub const EVENTS_IN: (&str, &str) =
    ("etcd of Events", "Of one member, modelled smaller: its trouble is not the cluster's");
pub const MANAGERS: (&str, &str) =
    ("Managers, schedulers", "Of several one each acts, by a Lease, while all act");
pub const SERVERS: (&str, &str) =
    ("Their etcd servers", "--etcd-servers: members by number, tried in turn");
pub const ALL: &str = "all";
pub const SERVERS_ARE: &str = "members by number, such as 1,2,3; or all";
pub const PREFIX: (&str, &str) =
    ("Keys begin with", "--etcd-prefix: several clusters could share an etcd");
pub const MEDIA: (&str, &str) =
    ("Stored as", "Built-in kinds in etcd; custom resources are JSON in any case");
pub const EVENT_TTL: (&str, &str) =
    ("Events are kept", "Seconds, by leases that many Events share");
pub const COMPACTION: (&str, &str) =
    ("History is compacted every", "Seconds; 0 never. One of the apiservers has it done");
pub const FLAGS: &str = "Each apiserver's command line";
pub const FLAGS_NOTE: &str = "etcd is set up first. Each apiserver is then given its endpoints and \
    the names of three files, by which the two know each other; those names are modelled: nothing \
    is encrypted on the way here. All else changes what is stored";
pub const START_OVER: &str = "Start over";
pub const START_OVER_NOTE: &str = "The cluster that runs now is thrown away";

pub const HELP_TITLE: &str = "Keys, and how to read the picture";
pub const KEYS_TITLE: &str = "Keys";
pub const GRAMMAR: [&str; 9] = [
    "Colour is the term, everywhere, always with its number.",
    "Role is shape and word; dashed is asking, hollow with a cross crashed, hatched paused.",
    "A packet is where it would be: its place is the share of its travel time that has passed.",
    "A capsule is wider the more entries it carries; a lost one sinks and fades where it fell.",
    "A tick beside a member: it voted for the candidate, or has the entry that waits for a quorum.",
    "In the log, dashed is not committed, filled is committed, a tick is applied.",
    "Where a way carries more than can be read there are dots, and how many packets they are.",
    "What is wrong with a machine or a link stands beside it, in the words of the language.",
    "Red is only for a broken promise.",
];

pub const ABOUT_MORE: &str = "About this cluster…";
pub const ABOUT: &str = "About this cluster";
pub const ABOUT_FIRST: &str = "Everything you see happens in this tab, in one deterministic \
    simulation: the same seed and the same inputs give the same run, to the byte. Nothing is \
    scripted.";
pub const REAL: &str = "What is real";
pub const REAL_LINES: [&str; 5] = [
    "Raft is openraft, a published Rust library, unchanged: elections, logs, commits, snapshots.",
    "The store follows etcd: revisions, transactions, history, compaction, watches, error texts.",
    "Objects are stored as the exact bytes Kubernetes stores: protobuf, encrypted as configured.",
    "Crashes lose what was not synced; restarts read what the disk kept.",
    "Scheduler, controllers, kubelets decide by what they are told, and write through apiservers.",
];
pub const MODELLED: &str = "What is modelled";
pub const MODELLED_LINES: [&str; 5] = [
    "The network: packets take the time the timing preset says, and can be lost or cut.",
    "Disks and clocks: fsync takes virtual time; time passes only as fast as you let it.",
    "The processor time of the apiserver's steps, so that each can be seen.",
    "Containers: how long an image is pulled and a pod starts is dealt from the seed.",
    "The load balancer before several apiservers, KMS plugins, an etcd of their own for Events.",
];
pub const DIFFERENT: &str = "Where it differs from etcd";
pub const DIFFERENT_LINES: [&str; 5] = [
    "A leader without a quorum pauses its heartbeats and takes no writes; etcd's steps down.",
    "The store is rebuilt from the last snapshot and the log; etcd keeps a bbolt file beside it.",
    "openraft changes membership by joint consensus, etcd one member at a time.",
    "openraft keeps a leader lease and waits for it to run out before an election.",
    "Who would vote, votes granted so far and next indexes are inferred from messages.",
];

pub const BUILD: &str = "This build";
pub const BUILD_UNKNOWN: &str = "Which build this is is not known: the page was not built by xtask";
pub const REPLAY: &str = "This very run, natively";
pub const REPLAY_HOW: &str = "Copy the seed and what you did into a file of a checkout of the same \
    build and run it; it ends with the same hash of everything that happened";
pub const REPLAY_COMMAND: &str = "cargo run --release --example replay -- run.txt";

pub const TRAP_TITLE: &str = "The engine stopped unexpectedly";
pub const TRAP_REPLAY: &str = "Seed and inputs of this run";
pub const COPY: &str = "Copy";
pub const GO_ON: &str = "Go on";
