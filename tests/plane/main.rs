//! The control plane acts: what it writes, in which order, and that it gets there whatever happens.
#![allow(missing_docs)]

mod deletions;
#[path = "../plane_swarm/deployment.rs"]
mod deployment;
mod kubectl_applies;
mod kubectl_watches;
mod rollouts;

use deployment::applied;
use raftarium::engine::{Engine, Run};
use raftarium::kube::decode::decode;
use raftarium::raft::{LogIndex, MemberId};
use raftarium::script;
use raftarium::sorted::SortedMap;
use raftarium::store::{
    CompareTarget, KeyValue, LeaseRequest, RangeRequest, Request, RequestOp, Revision, Store,
    prefix_end,
};
use serde_json::Value;

fn run(text: &str) -> Run {
    let mut run = Run::default();
    for (_, command) in script::parse(text).unwrap_or_else(|misread| panic!("{misread}")) {
        run.command(&command);
    }
    run
}

/// One write in etcd: the key, the revision it compared with, the object then.
struct Write {
    key: String,
    compared: Revision,
    object: Value,
}

/// Every write in the first member's log that went through, in order.
fn writes(engine: &Engine) -> Vec<Write> {
    let (mut found, mut granted) = (Vec::new(), false);
    let (mut revision, mut at) = (Revision(1), SortedMap::<String, Revision>::default());
    engine.cluster().with_log(MemberId(1), |log| {
        for index in 0..=log.last_index().unwrap_or_default().0 {
            let Some(command) = log.command(LogIndex(index)) else { continue };
            let txn = match &command.op {
                Request::Txn(txn) => txn,
                // The one lease that all Events share.
                Request::Lease(LeaseRequest::Grant { ttl, .. }) => {
                    assert_eq!((*ttl, std::mem::replace(&mut granted, true)), (3660, false));
                    continue;
                }
                other => panic!("no transaction: {other:?}"),
            };
            let compare = &txn.compare[0];
            let CompareTarget::Mod(compared) = compare.target else { panic!("{compare:?}") };
            let key = compare.key.text();
            if at.get(&key).copied().unwrap_or_default() != compared {
                continue;
            }
            revision.0 += 1;
            let object = match &txn.success[..] {
                [RequestOp::Put(put)] => {
                    at.insert(key.clone(), revision);
                    decode(&put.value).unwrap().1
                }
                _ => {
                    at.remove(&key);
                    Value::Null
                }
            };
            found.push(Write { key, compared, object });
        }
    });
    found
}

/// The writes of `kubectl create deployment --replicas=3`, as they stand in section D.6 of the
/// notes this follows.
#[test]
fn the_writes_of_a_deployment() {
    let run = run("boot members=3 seed=5 plane=acting\nuntil leader\nwait 6s\n\
         kubectl create -f deployment.yaml\nuntil printed\nwait 40s");
    let writes = writes(run.engine().unwrap());
    let place = |what: &dyn Fn(&Write) -> bool| {
        let all: Vec<_> = (0..writes.len()).filter(|at| what(&writes[*at])).collect();
        all
    };
    let of = |prefix: &str, write: &Write| write.key.starts_with(&format!("/registry/{prefix}/"));
    let born = |write: &Write| write.compared == Revision(0);
    let deployment = place(&|it| of("deployments", it));
    let sets = place(&|it| of("replicasets", it));
    let pods = place(&|it| of("pods", it) && born(it));
    assert_eq!(pods.len(), 3);
    // 1 < 2 < every pod; 2 < 3.
    assert!(deployment[0] < sets[0] && sets[0] < pods[0] && sets[0] < deployment[1]);
    let second = &writes[deployment[1]].object;
    assert_eq!(second["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "1");
    assert_eq!(second["status"]["conditions"][0]["reason"], "NewReplicaSetCreated");
    for born in &pods {
        let key = &writes[*born].key;
        let life: Vec<&Value> =
            writes.iter().filter(|it| it.key == *key).map(|it| &it.object).collect();
        let [created, bound, begun, runs] = life[..] else { panic!("{} writes", life.len()) };
        assert!(created["spec"]["nodeName"].is_null() && bound["spec"]["nodeName"].is_string());
        assert!(bound["status"]["startTime"].is_null() && begun["status"]["phase"] == "Pending");
        assert_eq!(runs["status"]["phase"], "Running");
    }
    let last = &writes[*deployment.last().unwrap()].object;
    assert_eq!(last["status"]["observedGeneration"], last["metadata"]["generation"]);
    for count in ["replicas", "readyReplicas", "availableReplicas", "updatedReplicas"] {
        assert_eq!(last["status"][count], 3, "{count}");
    }
    let reasons = last["status"]["conditions"].as_array().unwrap();
    let reasons: Vec<_> = reasons.iter().map(|it| it["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["MinimumReplicasAvailable", "NewReplicaSetAvailable"]);
    let ours = |it: &Write| ["deployments", "replicasets", "pods"].iter().any(|kind| of(kind, it));
    let count = place(&ours).len();
    assert!((19..=30).contains(&count), "{count} writes of objects");
    // ScalingReplicaSet, SuccessfulCreate, Scheduled, Pulling, Pulled, Created, Started.
    let mut told = SortedMap::<String, usize>::default();
    for write in writes.iter().filter(|it| of("events", it)) {
        *told.or_default(write.object["reason"].as_str().unwrap().to_string()) += 1;
    }
    let pulling = told.remove("Pulling");
    assert!((2..=3).contains(&pulling.unwrap()), "one for each node at least");
    let told: Vec<_> = told.iter().map(|(reason, count)| (reason.as_str(), *count)).collect();
    let expected = [
        ("Created", 3),
        ("Pulled", 3),
        ("ScalingReplicaSet", 1),
        ("Scheduled", 3),
        ("Started", 3),
        ("SuccessfulCreate", 3),
    ];
    assert_eq!(told, expected);
}

/// All that was written under a prefix, as it is at a revision.
fn stored(store: &Store, prefix: &str, revision: Revision) -> Vec<KeyValue> {
    let key = format!("/registry/{prefix}");
    let range_end = prefix_end(key.as_bytes()).into();
    let request = RangeRequest { key: (&*key).into(), range_end, revision, ..Default::default() };
    store.range(&request).map(|found| found.kvs).unwrap_or_default()
}

/// All objects of a kind.
fn objects(store: &Store, prefix: &str) -> Vec<Value> {
    let found = stored(store, prefix, Revision(0));
    found.iter().map(|kv| decode(&kv.value).unwrap().1).collect()
}

/// What can never happen to an object: a pod goes to another node, a change is taken back.
fn wrong_turns(store: &Store) -> Vec<String> {
    let (mut known, mut wrong) = (SortedMap::<String, (Value, i64)>::default(), Vec::new());
    for revision in (1..=store.revision().0).map(Revision) {
        for kv in stored(store, "", revision).iter().filter(|kv| kv.mod_revision == revision) {
            let object = decode(&kv.value).unwrap().1;
            let node = object["spec"]["nodeName"].clone();
            let generation = object["metadata"]["generation"].as_i64().unwrap_or(0);
            let uid = object["metadata"]["uid"].to_string();
            let before = known.insert(uid, (node.clone(), generation));
            if let Some((bound, grown)) = before
                && (!bound.is_null() && bound != node || grown > generation)
            {
                let name = kv.key.text();
                wrong.push(format!("{name} was on {bound}, then {node}; {grown}, {generation}"));
            }
        }
    }
    wrong
}

/// What the reader wanted of each Deployment last, by name: replicas and image.
type Wanted = SortedMap<String, (u64, String)>;

/// The same, as it was asked for one after the other.
type Asked = Vec<(String, (u64, String))>;

/// A life: the reader's operations and members' crashes, then peace.
fn life(seed: u64, line: &str) -> (String, Asked) {
    let mut dice = raftarium::sim::Rng::stream(seed, "life", 0, 0);
    let timing = ["etcd", "classroom"][seed as usize % 2];
    let (mut text, mut asked) = (String::new(), Vec::new());
    text += &format!("boot members=3 seed={seed} timing={timing} plane=acting\n{line}\n");
    text += "until leader\nwait 3s\n";
    for _ in 0..8 {
        let (name, replicas) = (format!("app-{}", dice.below(2)), dice.below(5));
        let image = format!("app:{}", dice.below(3));
        text += &(applied(&name, replicas, &image, 30) + "\n");
        asked.push((name, (replicas, image)));
        text += &format!("wait {}ms\n", dice.below(3000));
        text += ["crash 1\n", "kill leader\n", "crash 2\n", "restart all\n", ""]
            [dice.below(5) as usize];
        text += &format!("wait {}ms\nuntil printed 100s\n", dice.below(6000));
    }
    text += "restart all\nheal\nwait 150s\n";
    (text, asked)
}

/// What was acknowledged last, where it is known.
fn wanted(transcript: &str, asked: Asked) -> Wanted {
    let mut wanted = Wanted::default();
    let printed: Vec<_> = transcript.lines().filter(|it| it.contains("kubectl prints: ")).collect();
    assert_eq!(printed.len(), asked.len(), "every command ends");
    for (line, (name, is)) in printed.into_iter().zip(asked) {
        match line.contains("deployment.apps/") {
            true => drop(wanted.insert(name, is)),
            false => drop(wanted.remove(&name)),
        }
    }
    wanted
}

/// What is wrong after a life.
fn troubles(seed: u64, line: &str) -> Vec<String> {
    let (text, asked) = life(seed, line);
    let run = run(&text);
    let engine = run.engine().unwrap();
    let wrong = engine.cluster().with_store(MemberId(1), |store| {
        let mut wrong = Vec::new();
        let pods = objects(store, "pods");
        let mut wanted = wanted(run.transcript(), asked);
        for deployment in objects(store, "deployments") {
            let name = deployment["metadata"]["name"].as_str().unwrap().to_string();
            let image = &deployment["spec"]["template"]["spec"]["containers"][0]["image"];
            let is = (deployment["spec"]["replicas"].as_u64().unwrap(), image.as_str().unwrap());
            if let Some(last) = wanted.remove(&name)
                && (last.0, &*last.1) != is
            {
                wrong.push(format!("{name}: {last:?} was acknowledged, it is {is:?}"));
            }
            let own: Vec<_> =
                pods.iter().filter(|it| it["metadata"]["labels"]["app"] == *name).collect();
            let right = |pod: &&&Value| {
                pod["spec"]["containers"][0]["image"] == *image
                    && pod["status"]["phase"] == "Running"
            };
            let (there, right) = (own.len() as u64, own.iter().filter(right).count() as u64);
            if (right, there) != (is.0, is.0) {
                wrong.push(format!("{name}: {is:?} wanted, {right} of {there} pods are right"));
            }
            if deployment["status"]["observedGeneration"] != deployment["metadata"]["generation"] {
                wrong.push(format!("{name}: its status is old"));
            }
        }
        wrong.extend(wanted.keys().map(|name| format!("{name} is not there")));
        wrong.extend(wrong_turns(store));
        wrong
    });
    wrong.unwrap_or_else(|| vec!["a member does not run".into()])
}

fn share(seeds: std::ops::RangeInclusive<u64>) {
    for seed in seeds {
        let wrong = troubles(seed, "");
        assert!(wrong.is_empty(), "seed {seed}: {wrong:#?}");
    }
}

#[test]
fn every_deployment_gets_there_0() {
    share(1..=8);
}

#[test]
fn every_deployment_gets_there_1() {
    share(9..=16);
}

/// Whoever is slower overwrites what the other has written.
#[test]
fn without_the_compare_it_does_not() {
    let goes_wrong = |seed: &u64| !troubles(2 * seed + 1, "rule txn-compare off").is_empty();
    let wrong = (0..6).filter(goes_wrong).count();
    assert!(wrong >= 2, "of six worlds without the compare {wrong} went wrong");
}

/// Pods created while the watch of pods comes late.
fn created(plane: &str, seed: u64) -> usize {
    let run = run(&format!(
        "boot members=5 seed={seed} plane={plane}\nuntil leader\nwait 6s\n\
         link 2>4 latency 1500ms\nkubectl create deployment web --image=nginx:1.25 --replicas=3\n\
         until printed\nwait 25s"
    ));
    let created = |line: &&str| line.contains("create Pod") && line.contains("revision");
    run.transcript().lines().filter(created).count()
}

/// Expectations: whoever counts before it has heard of its own pods creates them again.
#[test]
fn expectations_keep_pods_from_being_created_twice() {
    assert!((1..=6).all(|seed| created("acting", seed) == 3));
    assert!((1..=6).any(|seed| created("impatient", seed) > 3), "look for other seeds");
}
