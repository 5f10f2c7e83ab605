//! Which nodes refuse a pod for the pods on them.

use expect_test::expect;

use super::affinity;
use super::filters::check;

/// A required term of `podAffinity` or `podAntiAffinity`.
fn pod_affinity(which: &str, terms: &str) -> String {
    affinity(which, "required", terms)
}

#[test]
fn pods_to_be_near_to() {
    const WORLD: &str = "node a zone=1
        node b zone=1
        node c zone=2
        node d
        pod a app=db
        pod c app=db ns=other";
    let near = |more: &str| {
        let selector = "labelSelector: {matchLabels: {app: db}}";
        pod_affinity("podAffinity", &format!("[{{topologyKey: zone, {selector}{more}}}]"))
    };
    check(
        WORLD,
        &near(""),
        expect![[r#"
            a fits
            b fits
            c never: node(s) didn't match pod affinity rules
            d never: node(s) didn't match pod affinity rules
        "#]],
    );
    check(
        WORLD,
        &near(", namespaces: [other]"),
        expect![[r#"
            a never: node(s) didn't match pod affinity rules
            b never: node(s) didn't match pod affinity rules
            c fits
            d never: node(s) didn't match pod affinity rules
        "#]],
    );
    check(
        WORLD,
        &near(", namespaceSelector: {}"),
        expect![[r#"
            a fits
            b fits
            c fits
            d never: node(s) didn't match pod affinity rules
        "#]],
    );
    let by_name = "{matchLabels: {kubernetes.io/metadata.name: other}}";
    check(
        WORLD,
        &near(&format!(", namespaceSelector: {by_name}")),
        expect![[r#"
            a never: node(s) didn't match pod affinity rules
            b never: node(s) didn't match pod affinity rules
            c fits
            d never: node(s) didn't match pod affinity rules
        "#]],
    );
}

#[test]
fn one_pod_must_be_what_all_terms_ask_for() {
    let term = |key: &str| {
        let label = format!("matchExpressions: [{{key: {key}, operator: Exists}}]");
        format!("{{topologyKey: zone, labelSelector: {{{label}}}}}")
    };
    let both = pod_affinity("podAffinity", &format!("[{}, {}]", term("app"), term("tier")));
    let world = "node a zone=1\nnode b zone=2\npod a app=x\npod a tier=x\npod b app=x tier=x";
    check(
        world,
        &both,
        expect![[r#"
        a never: node(s) didn't match pod affinity rules
        b fits
    "#]],
    );
}

#[test]
fn a_pod_that_its_own_terms_select_may_be_the_first() {
    let selector = "labelSelector: {matchLabels: {app: web}}";
    let itself = pod_affinity("podAffinity", &format!("[{{topologyKey: zone, {selector}}}]"));
    check(
        "node a zone=1\nnode b",
        &itself,
        expect![[r#"
            a fits
            b never: node(s) didn't match pod affinity rules
        "#]],
    );
    // Once there is one, it is the only place.
    check(
        "node a zone=1\nnode b zone=2\npod b app=web",
        &itself,
        expect![[r#"
            a never: node(s) didn't match pod affinity rules
            b fits
        "#]],
    );
    // Another's terms do not make it the first.
    check(
        "node a zone=1",
        &itself.replace("app: web", "app: db"),
        expect![[r#"
            a never: node(s) didn't match pod affinity rules
        "#]],
    );
}

#[test]
fn pods_to_be_far_from() {
    const WORLD: &str = "node a zone=1
        node b zone=2
        node c
        pod a app=web";
    let selector = "labelSelector: {matchLabels: {app: web}}";
    let far = pod_affinity("podAntiAffinity", &format!("[{{topologyKey: zone, {selector}}}]"));
    check(
        WORLD,
        &far,
        expect![[r#"
            a not now: node(s) didn't match pod anti-affinity rules
            b fits
            c fits
        "#]],
    );
    // The same the other way: the pod that runs wants no others near.
    check(
        &WORLD.replace("pod a app=web", &format!("pod a app=web {far}")),
        "{}",
        expect![[r#"
            a not now: node(s) didn't satisfy existing pods anti-affinity rules
            b fits
            c fits
        "#]],
    );
    check(
        &WORLD.replace("app=web", &format!("app=web ns=other {far}")),
        "{}",
        expect![[r#"
        a fits
        b fits
        c fits
    "#]],
    );
    // Both ways at once: its own rule has the word.
    check(
        &WORLD.replace("pod a app=web", &format!("pod a app=web {far}")),
        &far,
        expect![[r#"
            a not now: node(s) didn't match pod anti-affinity rules
            b fits
            c fits
        "#]],
    );
}

#[test]
fn keys_narrow_a_term_to_a_pods_own_values() {
    const WORLD: &str = "node a
        node b
        pod a app=web hash=1
        pod b app=web hash=2";
    let new = |keys: &str| {
        let term = "topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}";
        let far = pod_affinity("podAntiAffinity", &format!("[{{{term}, {keys}: [hash, none]}}]"));
        format!("hash=2 {far}")
    };
    check(
        WORLD,
        &new("matchLabelKeys"),
        expect![[r#"
            a fits
            b not now: node(s) didn't match pod anti-affinity rules
        "#]],
    );
    check(
        WORLD,
        &new("mismatchLabelKeys"),
        expect![[r#"
            a not now: node(s) didn't match pod anti-affinity rules
            b fits
        "#]],
    );
}
