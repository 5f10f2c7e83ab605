//! kubectl's verbs and flags, as far as they are here.
//!
//! Architecture invariant: tables only.

/// One verb.
#[derive(Debug)]
pub struct Verb {
    /// `get`, `rollout status`.
    pub name: &'static str,
    /// What follows it.
    pub usage: &'static str,
    /// The flags it takes beyond those of every verb, one letter each: see [`FLAGS`].
    pub flags: &'static str,
}

const fn verb(name: &'static str, usage: &'static str, flags: &'static str) -> Verb {
    Verb { name, usage, flags }
}

/// Every verb that is more than `-f`.
pub static VERBS: [Verb; 23] = [
    verb(
        "get",
        "KIND [NAME] [-o wide|yaml|json|name|jsonpath=…] [-l …] [-A] [-w]",
        "olAfwyehLSsIP",
    ),
    verb("describe", "KIND [NAME] [-l …]", "lA"),
    verb("create deployment", "NAME --image=IMAGE [--replicas=N]", "rik"),
    verb("create namespace", "NAME", "k"),
    verb("scale", "deployment NAME --replicas=N", "rc"),
    verb("set image", "deployment/NAME CONTAINER=IMAGE", "l"),
    verb("rollout status", "deployment/NAME", "Wt"),
    verb("rollout history", "deployment/NAME [--revision=N]", "v"),
    verb("rollout undo", "deployment/NAME [--to-revision=N]", "u"),
    verb("rollout pause", "deployment/NAME", ""),
    verb("rollout resume", "deployment/NAME", ""),
    verb("rollout restart", "deployment/NAME", ""),
    verb("cordon", "NODE", ""),
    verb("uncordon", "NODE", ""),
    verb("drain", "NODE [--ignore-daemonsets] [--force] [--delete-emptydir-data]", "DFEgtd"),
    verb("taint", "nodes NODE KEY=VALUE:EFFECT, or KEY-", "O"),
    verb("label", "KIND NAME KEY=VALUE, or KEY-", "Ola"),
    verb("annotate", "KIND NAME KEY=VALUE, or KEY-", "Ola"),
    verb("delete", "KIND NAME [--grace-period=N] [--cascade=orphan]", "olagFnCxIt"),
    verb("edit", "KIND NAME", ""),
    verb("explain", "KIND[.FIELD]", "R"),
    verb("api-resources", "[--namespaced=true] [--api-group=GROUP] [-o name|wide]", "oNGh"),
    verb("events", "[--for KIND/NAME] [--types=Warning] [-w]", "ATphw"),
];

/// What a flag takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Nothing, or `=true` or `=false`.
    Nothing,
    /// A text.
    Text,
    /// A whole number.
    Number,
    /// A span such as `30s`.
    Span,
}

/// One flag: its letter in [`Verb::flags`], its name, its short name, what it takes.
pub type Flag = (char, &'static str, &'static str, Takes);

/// Every flag; those with a `-` are every verb's.
pub const FLAGS: [Flag; 38] = [
    ('-', "namespace", "n", Takes::Text),
    ('-', "help", "", Takes::Nothing),
    ('o', "output", "o", Takes::Text),
    ('l', "selector", "l", Takes::Text),
    ('A', "all-namespaces", "A", Takes::Nothing),
    ('f', "field-selector", "", Takes::Text),
    ('w', "watch", "w", Takes::Nothing),
    ('W', "watch", "w", Takes::Nothing),
    ('y', "watch-only", "", Takes::Nothing),
    ('e', "output-watch-events", "", Takes::Nothing),
    ('h', "no-headers", "", Takes::Nothing),
    ('L', "label-columns", "L", Takes::Text),
    ('S', "show-labels", "", Takes::Nothing),
    ('s', "sort-by", "", Takes::Text),
    ('P', "raw", "", Takes::Text),
    ('i', "image", "", Takes::Text),
    ('I', "ignore-not-found", "", Takes::Nothing),
    ('k', "save-config", "", Takes::Nothing),
    ('r', "replicas", "", Takes::Number),
    ('c', "current-replicas", "", Takes::Number),
    ('u', "to-revision", "", Takes::Number),
    ('v', "revision", "", Takes::Number),
    ('t', "timeout", "", Takes::Span),
    ('a', "all", "", Takes::Nothing),
    ('O', "overwrite", "", Takes::Nothing),
    ('D', "ignore-daemonsets", "", Takes::Nothing),
    ('F', "force", "", Takes::Nothing),
    ('E', "delete-emptydir-data", "", Takes::Nothing),
    ('d', "disable-eviction", "", Takes::Nothing),
    ('g', "grace-period", "", Takes::Number),
    ('n', "now", "", Takes::Nothing),
    ('C', "cascade", "", Takes::Text),
    ('x', "wait", "", Takes::Nothing),
    ('R', "recursive", "", Takes::Nothing),
    ('N', "namespaced", "", Takes::Nothing),
    ('G', "api-group", "", Takes::Text),
    ('T', "types", "", Takes::Text),
    ('p', "for", "", Takes::Text),
];

/// Verbs that begin with a word of their own, which alone says nothing.
pub const GROUPS: [&str; 3] = ["rollout", "set", "create"];

/// Short names of subcommands.
pub const SHORT: [(&str, &str); 2] = [("deploy", "deployment"), ("ns", "namespace")];

/// The real one's other verbs: it suggests them too.
pub const ELSEWHERE: &str = "apply replace patch run expose logs exec attach port-forward proxy cp \
    auth debug top certificate cluster-info autoscale wait diff kustomize config plugin version \
    completion api-versions options alpha";
