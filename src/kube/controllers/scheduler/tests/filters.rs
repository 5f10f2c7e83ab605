//! Which nodes refuse a pod, and in which words.

use expect_test::{Expect, expect};

use super::*;

pub(super) fn check(lines: &str, new: &str, expected: Expect) {
    let cache = world(lines, new);
    let rooms = room::rooms(&cache);
    let pod = cache.get(&Key::new("Pod", "default", "new")).unwrap();
    let filters = Filters::new(pod, &rooms);
    let mut seen = String::new();
    for room in &rooms {
        let name = object::name(room.node);
        seen += &match filters.refusal(room) {
            None => format!("{name} fits\n"),
            Some(it) if it.may_help => format!("{name} not now: {}\n", it.why.join(", ")),
            Some(it) => format!("{name} never: {}\n", it.why.join(", ")),
        };
    }
    expected.assert_eq(&seen);
}

fn node_affinity(terms: &str) -> String {
    affinity("nodeAffinity", "required", &format!("{{nodeSelectorTerms: {terms}}}"))
}

#[test]
fn node_selector_terms_are_alternatives_of_requirements() {
    const NODES: &str = "node a disk=ssd size=4
        node b disk=hdd size=16
        node c";
    let all = "[{matchExpressions: [{key: disk, operator: In, values: [ssd]}, \
        {key: size, operator: Lt, values: ['8']}]}, \
        {matchExpressions: [{key: disk, operator: DoesNotExist}]}]";
    check(
        NODES,
        &node_affinity(all),
        expect![[r#"
            a fits
            b never: node(s) didn't match Pod's node affinity/selector
            c fits
        "#]],
    );
    let big = "[{matchExpressions: [{key: size, operator: Gt, values: ['8']}]}]";
    check(
        NODES,
        &node_affinity(big),
        expect![[r#"
            a never: node(s) didn't match Pod's node affinity/selector
            b fits
            c never: node(s) didn't match Pod's node affinity/selector
        "#]],
    );
    // A term without requirements matches nothing; the nodeSelector must match as well.
    check(
        NODES,
        &node_affinity("[{}]"),
        expect![[r#"
            a never: node(s) didn't match Pod's node affinity/selector
            b never: node(s) didn't match Pod's node affinity/selector
            c never: node(s) didn't match Pod's node affinity/selector
        "#]],
    );
    let both = node_affinity("[{matchExpressions: [{key: disk, operator: Exists}]}]");
    check(
        NODES,
        &both.replacen('{', "{nodeSelector: {size: '4'}, ", 1),
        expect![[r#"
            a fits
            b never: node(s) didn't match Pod's node affinity/selector
            c never: node(s) didn't match Pod's node affinity/selector
        "#]],
    );
}

#[test]
fn terms_may_name_nodes() {
    const NODES: &str = "node a
        node b {unschedulable: true}
        node c {unschedulable: true}";
    let named = "[{matchFields: [{key: metadata.name, operator: In, values: [b]}]}]";
    check(
        NODES,
        &node_affinity(named),
        expect![[r#"
            a never: node(s) didn't satisfy plugin(s) [NodeAffinity]
            b never: node(s) were unschedulable
            c never: node(s) didn't satisfy plugin(s) [NodeAffinity]
        "#]],
    );
    // One term that names none, and all nodes are tried.
    let any = "[{matchFields: [{key: metadata.name, operator: In, values: [b]}]}, \
        {matchExpressions: [{key: disk, operator: Exists}]}]";
    check(
        NODES,
        &node_affinity(any),
        expect![[r#"
        a never: node(s) didn't match Pod's node affinity/selector
        b never: node(s) were unschedulable
        c never: node(s) were unschedulable
    "#]],
    );
    let other = "[{matchFields: [{key: metadata.name, operator: NotIn, values: [a]}]}]";
    check(
        NODES,
        &node_affinity(other),
        expect![[r#"
            a never: node(s) didn't match Pod's node affinity/selector
            b never: node(s) were unschedulable
            c never: node(s) were unschedulable
        "#]],
    );
}

fn spread(more: &str) -> String {
    super::spread("DoNotSchedule", more)
}

#[test]
fn pods_are_spread_over_domains() {
    const WORLD: &str = "node a zone=1
        node b zone=1
        node c zone=2
        node d
        pod a app=web
        pod c app=db
        pod c app=web ns=other
        pod c app=web going=now";
    check(
        WORLD,
        &spread(""),
        expect![[r#"
            a not now: node(s) didn't match pod topology spread constraints
            b not now: node(s) didn't match pod topology spread constraints
            c fits
            d never: node(s) didn't match pod topology spread constraints (missing required label)
        "#]],
    );
    check(
        WORLD,
        &spread("").replace("maxSkew: 1", "maxSkew: 2"),
        expect![[r#"
            a fits
            b fits
            c fits
            d never: node(s) didn't match pod topology spread constraints (missing required label)
        "#]],
    );
    // A pod that the selector does not select adds nothing.
    check(
        WORLD,
        &spread("").replace("app: web", "app: db"),
        expect![[r#"
            a fits
            b fits
            c fits
            d never: node(s) didn't match pod topology spread constraints (missing required label)
        "#]],
    );
    // Only pods of its own hash are counted, and there are none.
    let by_hash = spread(", matchLabelKeys: [hash, none]");
    check(
        WORLD,
        &format!("hash=1 {by_hash}"),
        expect![[r#"
        a fits
        b fits
        c fits
        d never: node(s) didn't match pod topology spread constraints (missing required label)
    "#]],
    );
    // Too few domains: the emptiest counts as 0.
    let full = format!("{WORLD}\n pod c app=web");
    check(
        &full,
        &spread(""),
        expect![[r#"
            a fits
            b fits
            c fits
            d never: node(s) didn't match pod topology spread constraints (missing required label)
        "#]],
    );
    check(
        &full,
        &spread(", minDomains: 3"),
        expect![[r#"
            a not now: node(s) didn't match pod topology spread constraints
            b not now: node(s) didn't match pod topology spread constraints
            c not now: node(s) didn't match pod topology spread constraints
            d never: node(s) didn't match pod topology spread constraints (missing required label)
        "#]],
    );
}

#[test]
fn nodes_the_pod_cannot_be_on_are_domains_by_policy() {
    const WORLD: &str = "node a zone=1 disk=ssd
        node b zone=2
        node c zone=3 disk=ssd {taints: [{key: k, value: v, effect: NoSchedule}]}
        pod a app=web
        pod c app=web";
    let new = |more: &str| spread(more).replacen('{', "{nodeSelector: {disk: ssd}, ", 1);
    check(
        WORLD,
        &new(""),
        expect![[r#"
            a fits
            b never: node(s) didn't match Pod's node affinity/selector
            c never: node(s) had untolerated taint {k: v}
        "#]],
    );
    check(
        WORLD,
        &new(", nodeAffinityPolicy: Ignore"),
        expect![[r#"
            a not now: node(s) didn't match pod topology spread constraints
            b never: node(s) didn't match Pod's node affinity/selector
            c never: node(s) had untolerated taint {k: v}
        "#]],
    );
    // Without its pod, zone 3 is the emptiest, if it counts.
    let empty = WORLD.replace("pod c app=web", "");
    check(
        &empty,
        &new(""),
        expect![[r#"
            a not now: node(s) didn't match pod topology spread constraints
            b never: node(s) didn't match Pod's node affinity/selector
            c never: node(s) had untolerated taint {k: v}
        "#]],
    );
    check(
        &empty,
        &new(", nodeTaintsPolicy: Honor"),
        expect![[r#"
            a fits
            b never: node(s) didn't match Pod's node affinity/selector
            c never: node(s) had untolerated taint {k: v}
        "#]],
    );
}

#[test]
fn a_host_port_is_one_pods_only() {
    let ports = |protocol: &str| {
        format!("{{containers: [{{ports: [{{hostPort: 80, protocol: {protocol}}}]}}]}}")
    };
    let world = format!("node a\nnode b\npod a app=db {}", ports("TCP"));
    check(
        &world,
        &ports("TCP"),
        expect![[r#"
            a not now: node(s) didn't have free ports for the requested pod ports
            b fits
        "#]],
    );
    check(
        &world,
        &ports("UDP"),
        expect![[r#"
        a fits
        b fits
    "#]],
    );
}

#[test]
fn there_may_be_too_little_room() {
    let asks = |list: &str, cpu: &str| {
        format!("{{{list}: [{{resources: {{requests: {{cpu: '{cpu}'}}}}}}]}}")
    };
    let world = format!("node a\nnode b\npod a {}", asks("containers", "1500m"));
    check(
        &world,
        &asks("containers", "1"),
        expect![[r#"
            a not now: Insufficient cpu
            b fits
        "#]],
    );
    // The greediest init container needs room as well.
    check(
        &world,
        &asks("initContainers", "1"),
        expect![[r#"
            a not now: Insufficient cpu
            b fits
        "#]],
    );
    // What no node has is not made by anyone who goes.
    check(
        &world,
        &asks("containers", "3"),
        expect![[r#"
            a never: Insufficient cpu
            b never: Insufficient cpu
        "#]],
    );
    // Pods that have ended take no room.
    let ended = world.replace("pod a", "pod a phase=Succeeded");
    check(
        &ended,
        &asks("containers", "1"),
        expect![[r#"
        a fits
        b fits
    "#]],
    );
    check(
        "node a\n pod a\npod a\npod a\npod a\npod a",
        "{}",
        expect![[r#"
            a not now: Too many pods
        "#]],
    );
}
