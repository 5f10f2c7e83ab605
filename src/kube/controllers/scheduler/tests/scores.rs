//! How good plugins find the nodes that can take a pod.

use expect_test::{Expect, expect};

use super::*;

fn check(plugin: &str, lines: &str, new: &str, expected: Expect) {
    let cache = world(lines, new);
    let rooms = room::rooms(&cache);
    let pod = cache.get(&Key::new("Pod", "default", "new")).unwrap();
    let filters = Filters::new(pod, &rooms);
    let fitting: Vec<_> = rooms.iter().filter(|room| filters.refusal(room).is_none()).collect();
    let which = score::PLUGINS.iter().position(|(name, _)| *name == plugin).unwrap();
    let scores = &score::by_plugin(pod, &rooms, &fitting)[which];
    let each =
        fitting.iter().zip(scores).map(|(room, it)| format!("{} {it}", object::name(room.node)));
    expected.assert_eq(&each.collect::<Vec<_>>().join(", "));
}

#[test]
fn plugins_count_by_their_weights() {
    let preference = "{matchExpressions: [{key: disk, operator: Exists}]}";
    let new = preferred("nodeAffinity", &format!("[{{weight: 1, preference: {preference}}}]"));
    let cache = world("node a\nnode b disk=ssd\npod b owner=set", &new);
    let rooms = room::rooms(&cache);
    let pod = cache.get(&Key::new("Pod", "default", "new")).unwrap();
    let fitting: Vec<_> = rooms.iter().collect();
    let columns = score::by_plugin(pod, &rooms, &fitting);
    let mut table = String::new();
    for ((name, weight), column) in score::PLUGINS.iter().zip(columns) {
        table += &format!("{name} {weight} x {column:?}\n");
    }
    table += &format!("{:?}\n", score::scores(pod, &rooms, &fitting));
    expect![[r#"
        TaintToleration 3 x [100, 100]
        NodeAffinity 2 x [0, 100]
        NodeResourcesFit 1 x [90, 80]
        PodTopologySpread 2 x [100, 66]
        InterPodAffinity 2 x [0, 0]
        NodeResourcesBalancedAllocation 1 x [0, 0]
        [590, 712]
    "#]]
    .assert_eq(&table);
}

/// Preferred terms.
fn preferred(which: &str, terms: &str) -> String {
    affinity(which, "preferred", terms)
}

#[test]
fn the_fewer_taints_the_better() {
    let taint = |key: &str| format!("{{key: {key}, effect: PreferNoSchedule}}");
    let (x, y) = (taint("x"), taint("y"));
    let world = format!("node a {{taints: [{x}, {y}]}}\nnode b {{taints: [{y}]}}\nnode c");
    check("TaintToleration", &world, "{}", expect!["a 0, b 50, c 100"]);
    let tolerant = "{tolerations: [{key: x, operator: Exists}]}";
    check("TaintToleration", &world, tolerant, expect!["a 0, b 0, c 100"]);
}

#[test]
fn preferred_nodes_by_weight() {
    let term = |weight: i64, key: &str| {
        let preference = format!("{{matchExpressions: [{{key: {key}, operator: Exists}}]}}");
        format!("{{weight: {weight}, preference: {preference}}}")
    };
    let terms = format!("[{}, {}]", term(10, "disk"), term(30, "gpu"));
    let world = "node a disk=x gpu=x\nnode b disk=x\nnode c gpu=x\nnode d";
    check(
        "NodeAffinity",
        world,
        &preferred("nodeAffinity", &terms),
        expect!["a 100, b 25, c 75, d 0"],
    );
    check("NodeAffinity", world, "{}", expect!["a 0, b 0, c 0, d 0"]);
}

#[test]
fn room_that_is_left_and_used_evenly() {
    let asks = |cpu: &str, memory: &str| {
        format!("{{containers: [{{resources: {{requests: {{cpu: {cpu}, memory: {memory}}}}}}}]}}")
    };
    let world = format!("node a\nnode b\npod a x=y {}", asks("'1'", "0"));
    check("NodeResourcesFit", &world, &asks("500m", "256Mi"), expect!["a 50, b 75"]);
    check(
        "NodeResourcesBalancedAllocation",
        &world,
        &asks("500m", "256Mi"),
        expect!["a 75, b 100"],
    );
    // One that asks for nothing changes no balance.
    check("NodeResourcesBalancedAllocation", &world, "{containers: [{}]}", expect!["a 0, b 0"]);
}

#[test]
fn the_pods_of_one_owner_are_spread() {
    const NODES: &str = "node a topology.kubernetes.io/zone=1
        node b topology.kubernetes.io/zone=1
        node c topology.kubernetes.io/zone=2
        pod a owner=set
        pod a owner=set
        pod b owner=set
        pod c owner=set
        pod c owner=other";
    check("PodTopologySpread", NODES, "{}", expect!["a 69, b 76, c 100"]);
    let without = NODES.replace("topology.kubernetes.io/", "");
    check("PodTopologySpread", &without, "{}", expect!["a 80, b 100, c 100"]);
    check("PodTopologySpread", "node a\nnode b", "{}", expect!["a 100, b 100"]);
}

#[test]
fn constraints_of_ones_own_go_before() {
    const WORLD: &str = "node a zone=1
        node b zone=1
        node c zone=2
        node d
        pod a app=web
        pod b app=web
        pod c app=web owner=set
        pod c app=db owner=set";
    let own = |when: &str| spread(when, "");
    check("PodTopologySpread", WORLD, &own("ScheduleAnyway"), expect!["a 33, b 33, c 100, d 0"]);
    check("PodTopologySpread", WORLD, &own("DoNotSchedule"), expect!["c 0"]);
}

#[test]
fn pods_one_would_rather_be_near_to() {
    const WORLD: &str = "node a zone=1
        node b zone=2
        node c zone=2
        pod a app=db
        pod b app=cache";
    let term = |weight: i64, app: &str, key: &str| {
        let term = format!("labelSelector: {{matchLabels: {{app: {app}}}}}, topologyKey: {key}");
        format!("{{weight: {weight}, podAffinityTerm: {{{term}}}}}")
    };
    let near = format!("[{}, {}]", term(80, "db", "zone"), term(20, "cache", "zone"));
    check("InterPodAffinity", WORLD, &preferred("podAffinity", &near), expect!["a 100, b 0, c 0"]);
    let far = format!("[{}]", term(50, "cache", "kubernetes.io/hostname"));
    check(
        "InterPodAffinity",
        WORLD,
        &preferred("podAntiAffinity", &far),
        expect!["a 100, b 0, c 100"],
    );
    // What others would rather have counts too.
    let shy = preferred("podAntiAffinity", &format!("[{}]", term(1, "web", "zone")));
    let shy = WORLD.replace("app=cache", &format!("app=cache {shy}"));
    check("InterPodAffinity", &shy, "{}", expect!["a 100, b 0, c 0"]);
    let bound = "[{topologyKey: zone, labelSelector: {matchLabels: {app: web}}}]";
    let bound = format!("app=cache {}", affinity("podAffinity", "required", bound));
    check(
        "InterPodAffinity",
        &WORLD.replace("app=cache", &bound),
        "{}",
        expect!["a 0, b 100, c 100"],
    );
    check("InterPodAffinity", WORLD, "{}", expect!["a 0, b 0, c 0"]);
}
