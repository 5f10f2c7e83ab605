//! The whole world, natively: the first story and the kinds of bad luck it must survive.
#![allow(missing_docs)]

use std::time::Duration;

use raftarium::cluster::{self, Etcdctl, Outcome, Role, Status};
use raftarium::engine::{
    Action, Config, Ended, Engine, Look, Position, Request, Seen, StepBy, Stop, What, door,
};
use raftarium::kube::{self, StepState, WritePath, rfc3339};
use raftarium::raft::{MemberId, ThreadId};
use raftarium::script::Command;

const DEPLOYMENT: &str = include_str!("../static/examples/deployment.yaml");

fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A world whose apiserver is up.
fn world(seed: u64) -> Engine {
    let mut engine = Engine::boot(Config { seed, ..Config::default() }).expect("boots");
    assert!(engine.run_until(s(10), |engine| engine.cluster().leader().is_some()));
    engine.advance(s(6));
    engine.take_events();
    engine
}

fn kubectl(engine: &mut Engine, action: kube::Action) -> ThreadId {
    engine.act(&Action::Kube(action)).expect("a thread")
}

fn apply(engine: &mut Engine, text: &str) -> ThreadId {
    kubectl(engine, kube::Action::Apply { text: text.into() })
}

fn create(engine: &mut Engine, text: &str) -> ThreadId {
    kubectl(engine, kube::Action::Create { text: text.into() })
}

fn write(engine: &mut Engine, thread: ThreadId) -> WritePath {
    let frame = engine.frame();
    let path = frame.writes.iter().find(|write| write.thread == thread).expect("is known");
    (**path).clone()
}

/// What kubectl printed, after so long.
fn printed(engine: &mut Engine, thread: ThreadId, seconds: u64) -> String {
    engine.run_until(s(seconds), |engine| {
        engine.plane().writes().iter().any(|w| w.thread == thread && w.outcome.is_some())
    });
    write(engine, thread).outcome.map_or("nothing".into(), |outcome| outcome.text)
}

fn kill_leader(engine: &mut Engine) -> MemberId {
    let leader = engine.cluster().leader().expect("someone leads");
    engine.act(&Action::Cluster(cluster::Action::Kill(leader)));
    leader
}

fn put(engine: &mut Engine, key: &str, value: String) -> ThreadId {
    let etcdctl = Etcdctl::put(key, &value);
    engine.act(&Action::Cluster(cluster::Action::Etcdctl(etcdctl))).expect("a thread")
}

fn outcome(engine: &mut Engine, thread: ThreadId) -> Outcome {
    let requests = engine.cluster().requests().history();
    let mine = requests.iter().find(|request| request.thread == thread);
    mine.map_or(Outcome::Open, |request| request.outcome.clone())
}

#[test]
fn a_deployment_passes_all_eight_stations() {
    let mut engine = world(1);
    let thread = apply(&mut engine, DEPLOYMENT);
    assert_eq!(printed(&mut engine, thread, 10), "deployment.apps/web created");
    engine.advance(s(2));
    let path = write(&mut engine, thread);
    let states: Vec<StepState> = path.steps.iter().map(|step| step.state).collect();
    assert_eq!(states, vec![StepState::Done; 8], "{path:#?}");
    let Seen::Write(Some(detail)) = engine.look(&Look::Write(thread)) else { panic!("no detail") };
    assert!(detail.encoded.starts_with(b"k8s\0"));
    assert_eq!(detail.key, "/registry/deployments/default/web");
    assert_eq!(detail.stored, detail.encoded, "deployments are not encrypted");
    assert_eq!(detail.acks.len(), 5);
    assert_eq!(detail.applied.len(), 5);
    assert!(detail.told.iter().any(|(name, _)| name == "controllers"), "{:?}", detail.told);
    let stored = engine.cluster().with_store(MemberId(2), |store| {
        store.get(detail.key.as_bytes(), detail.revision.unwrap()).map(|kv| kv.value.to_vec())
    });
    assert_eq!(stored.flatten(), Some(detail.stored.clone()), "what is shown is what is stored");
}

#[test]
fn a_killed_leader_is_replaced_and_the_object_is_still_there() {
    for seed in 1..=5 {
        let mut engine = world(seed);
        let thread = apply(&mut engine, DEPLOYMENT);
        printed(&mut engine, thread, 10);
        let dead = kill_leader(&mut engine);
        let elected = |engine: &Engine| engine.cluster().leader().is_some_and(|l| l != dead);
        let at = engine.now();
        assert!(engine.run_until(s(8), elected), "seed {seed}");
        eprintln!("seed {seed}: repaired in {} ms", (engine.now().0 - at.0) / 1_000_000);
        let again = create(&mut engine, DEPLOYMENT);
        assert_eq!(
            printed(&mut engine, again, 20),
            "Error from server (AlreadyExists): error when creating \"STDIN\": \
             deployments.apps \"web\" already exists"
        );
        engine.act(&Action::Cluster(cluster::Action::Restart(dead)));
        engine.advance(s(4));
        let frame = engine.frame();
        let revisions: Vec<_> = frame.cluster.members.iter().map(|m| m.revision).collect();
        assert!(revisions.windows(2).all(|pair| pair[0] == pair[1]), "{revisions:?}");
    }
}

#[test]
fn without_a_quorum_nothing_is_claimed() {
    let mut engine = world(1);
    for _ in 0..3 {
        engine.run_until(s(8), |engine| engine.cluster().leader().is_some());
        kill_leader(&mut engine);
        engine.advance(s(4));
    }
    let thread = put(&mut engine, "foo", "bar".into());
    engine.advance(s(9));
    match outcome(&mut engine, thread) {
        Outcome::Failed { error, unknown } => {
            assert_eq!(error, "context deadline exceeded");
            assert!(unknown);
        }
        other => panic!("{other:?}"),
    }
    let thread = apply(&mut engine, DEPLOYMENT);
    let text = printed(&mut engine, thread, 70);
    assert!(text.starts_with("Error from server"), "{text}");
    let frame = engine.frame();
    assert_eq!(frame.cluster.members.iter().filter(|m| m.status == Status::Crashed).count(), 3);
    assert!(frame.cluster.members.iter().all(|m| m.role != Role::Leader
        || m.status == Status::Crashed
        || m.lease_until.is_none_or(|at| at < frame.cluster.now)));
}

#[test]
fn a_leader_killed_between_propose_and_commit_claims_nothing() {
    for seed in 1..=10 {
        let mut engine = world(seed);
        let thread = apply(&mut engine, DEPLOYMENT);
        let proposed = |engine: &Engine| {
            let writes = engine.plane().writes();
            let mine = writes.iter().find(|write| write.thread == thread);
            mine.is_some_and(|write| write.steps[5].state == StepState::Now)
        };
        assert!(engine.run_until(s(10), proposed), "seed {seed}");
        let dead = kill_leader(&mut engine);
        let text = printed(&mut engine, thread, 80);
        engine.act(&Action::Cluster(cluster::Action::Restart(dead)));
        engine.advance(s(5));
        let there = engine.cluster().with_store(MemberId(1), |store| {
            store
                .alive_from(b"/registry/deployments/", Default::default())
                .unwrap()
                .any(|kv| kv.key.text() == "/registry/deployments/default/web")
        });
        if text.ends_with("created") {
            assert_eq!(there, Some(true), "seed {seed}: acknowledged and lost");
        } else {
            assert!(text.starts_with("Error from server"), "seed {seed}: {text}");
        }
    }
}

#[test]
fn bad_input_is_answered_in_kubernetes_words() {
    let mut engine = world(1);
    let cases = [
        ("kind: Deployment\n  bad: [", "error: error parsing STDIN: error converting YAML to JSON"),
        (
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {replica: 3}",
            "Error from server (BadRequest)",
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Bad_Name}",
            "The ConfigMap \"Bad_Name\" is invalid",
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: nope}",
            "Error from server (NotFound)",
        ),
        (
            "apiVersion: nope/v1\nkind: Deployment\nmetadata: {name: x}",
            "error: resource mapping not found",
        ),
        ("", "error: no objects passed to create"),
    ];
    for (text, expected) in cases {
        let thread = create(&mut engine, text);
        let printed = printed(&mut engine, thread, 10);
        assert!(printed.starts_with(expected), "{text:?}\n  printed {printed:?}");
    }
    let big = "x".repeat(10_000_000);
    let thread = create(&mut engine, &format!("apiVersion: v1\nkind: ConfigMap\n#{big}"));
    let text = printed(&mut engine, thread, 10);
    assert!(text.contains("Request entity too large: limit is 3145728"), "{text}");
    let thread = put(&mut engine, "big", "x".repeat(1_600_000));
    engine.advance(s(2));
    let refused = outcome(&mut engine, thread);
    let error = "etcdserver: request is too large".to_string();
    assert_eq!(refused, Outcome::Failed { error, unknown: false });
}

#[test]
fn a_stale_resource_version_is_a_conflict() {
    let mut engine = world(1);
    let thread = apply(&mut engine, DEPLOYMENT);
    printed(&mut engine, thread, 10);
    let stale = DEPLOYMENT.replacen("name: web", "name: web\n  resourceVersion: \"1\"", 1);
    let thread = kubectl(&mut engine, kube::Action::Replace { text: stale });
    let text = printed(&mut engine, thread, 10);
    assert_eq!(
        text,
        "Error from server (Conflict): error when replacing \"STDIN\": Operation cannot be \
         fulfilled on deployments.apps \"web\": the object has been modified; please apply your \
         changes to the latest version and try again"
    );
}

#[test]
fn the_same_inputs_give_the_same_run_in_every_thread() {
    let run = || {
        let mut engine = world(7);
        apply(&mut engine, DEPLOYMENT);
        engine.advance(s(2));
        kill_leader(&mut engine);
        engine.advance(s(5));
        (engine.trace_hash(), engine.cluster().world().steps())
    };
    let here = run();
    #[allow(clippy::disallowed_methods)]
    let there = std::thread::spawn(run).join().expect("the thread ends well");
    assert_eq!(here, there);
}

#[test]
fn how_one_steps_changes_nothing() {
    let mut all = world(3);
    apply(&mut all, DEPLOYMENT);
    let mut stepped = world(3);
    apply(&mut stepped, DEPLOYMENT);
    let until = all.now() + s(3);
    all.advance_to(until);
    for by in [StepBy::Message, StepBy::Event, StepBy::Instant].into_iter().cycle() {
        if stepped.cluster().world().next_at().is_none_or(|next| next > until) {
            break;
        }
        stepped.step(by);
        stepped.frame();
    }
    if stepped.now() <= until {
        stepped.advance_to(until);
        assert_eq!(all.trace_hash(), stepped.trace_hash());
    }
}

/// What is shown is a function of the run alone: of the dead as well, of whom only what was last
/// seen is left.
#[test]
fn what_is_shown_does_not_depend_on_when_one_looked() {
    let (mut once, mut often) = (world(3), world(3));
    for engine in [&mut once, &mut often] {
        apply(engine, DEPLOYMENT);
    }
    let until = once.now() + s(3);
    once.advance_to(until);
    while often.now() < until {
        often.advance(std::time::Duration::from_millis(10));
        often.frame();
    }
    for engine in [&mut once, &mut often] {
        kill_leader(engine);
        engine.advance(s(1));
    }
    assert_eq!(once.frame(), often.frame());
}

/// A position is reached by the same steps from any earlier one, with the same actions on the way.
#[test]
fn a_position_is_one_place() {
    let play = |stops: &[Stop]| {
        let mut engine = world(5);
        let mut seen = Vec::new();
        for _ in 0..4 {
            engine.run(Position::end_of(engine.now() + s(1)), stops, u64::MAX);
            seen.push((engine.position(), engine.frame()));
        }
        seen
    };
    let line = |text: &str| match text.parse() {
        Ok(Command::Break(Some(stop))) => stop,
        other => panic!("{other:?}"),
    };
    let named = [Stop::Message(None), Stop::Event, Stop::Instant, Stop::Leader, Stop::Term];
    for stop in named.into_iter().chain([line("break so term 1 on 2")]) {
        for (to, expected) in play(std::slice::from_ref(&stop)).into_iter().skip(2) {
            let mut engine = world(5);
            engine.run(to, &[], u64::MAX);
            assert_eq!((engine.position(), engine.frame()), (to, expected), "{stop}");
        }
    }
}

#[test]
fn what_was_found_is_where_it_stops() {
    let mut engine = world(5);
    put(&mut engine, "a", "1".into());
    put(&mut engine, "b", "2".into());
    let start = engine.position();
    let end = Position::end_of(engine.now() + s(1));
    let mut at = Vec::new();
    while let Ended::Stopped(_) = engine.run(end, &[Stop::Applied(MemberId(1), None)], u64::MAX) {
        at.push(engine.position());
    }
    assert!(at.len() > 1 && at[0] > start, "{at:?}");
    for window in at.windows(2) {
        let mut engine = world(5);
        put(&mut engine, "a", "1".into());
        put(&mut engine, "b", "2".into());
        engine.find(Stop::Applied(MemberId(1), None), window[1]);
        engine.run(end, &[], u64::MAX);
        assert_eq!(engine.found(), Some(window[0]));
    }
}

#[test]
fn the_door_answers_everything() {
    let bytes = door::serve(b"\xff\xff\xff");
    let update: raftarium::engine::Update = postcard::from_bytes(&bytes).unwrap();
    assert!(update.error.is_some());
    let mut held = None;
    let early = door::answer(&mut held, Request::Advance { nanos: 1, stops: vec![] });
    assert_eq!(early.error.as_deref(), Some("there is no world yet: boot one"));
    let none = door::answer(&mut held, Request::Boot(Config { members: 0, ..Config::default() }));
    assert!(none.error.is_some());
    let booted = door::answer(&mut held, Request::Boot(Config::default()));
    assert_eq!(booted.frame.expect("a frame").cluster.members.len(), 5);
    let later = door::answer(&mut held, Request::Advance { nanos: 2_000_000_000, stops: vec![] });
    assert!(later.reached);
    assert!(later.events.iter().any(|event| matches!(
        event.what,
        What::Cluster(cluster::Event::RoleChanged { role: Role::Leader, .. })
    )));
}

/// The bytes of the first Deployment are those an independent encoder makes of the same object:
/// `tests/vectors/first-deployment.*`, recorded with a schema-driven encoder in Python. Only
/// the uid and the second of creation are the run's own.
#[test]
fn the_first_deployment_has_the_recorded_bytes() {
    let mut engine = world(1);
    let thread = create(&mut engine, DEPLOYMENT);
    assert_eq!(printed(&mut engine, thread, 10), "deployment.apps/web created");
    let Seen::Write(Some(detail)) = engine.look(&Look::Write(thread)) else { panic!("no detail") };
    let json = include_str!("vectors/first-deployment.json");
    let mut recorded: serde_json::Value = serde_json::from_str(json).unwrap();
    let object: serde_json::Value = serde_json::from_str(&detail.defaulted).unwrap();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let mut expected = include_str!("vectors/first-deployment.hex").trim().to_string();
    for field in ["uid", "creationTimestamp"] {
        let own = object["metadata"][field].as_str().unwrap().to_string();
        let theirs = recorded["metadata"][field].as_str().unwrap().to_string();
        let [theirs, ours] = [theirs, own.clone()].map(|text| match field {
            "uid" => hex(text.as_bytes()),
            _ => hex(&varint(rfc3339::parse(&text).unwrap().0 as u64)),
        });
        assert_eq!(expected.matches(&theirs).count(), 1);
        expected = expected.replace(&theirs, &ours);
        recorded["metadata"][field] = own.into();
    }
    assert_eq!(object, recorded);
    assert_eq!(hex(&detail.encoded), expected);
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}
