//! Plays a life and says what is wrong after it.
//!
//! * After each step it looks at what was written since, so that compaction hides nothing.
//! * After peace it looks again and again, for so long as the plane may take; what is then still
//!   wrong is wrong.
//!
//! Caveats: of an object whose last request has no certain answer only that it comes to rest is
//! asked, not where.
//!
//! Architecture invariant: observing only.

use raftarium::engine::{Engine, Run};
use raftarium::kube::decode::decode;
use raftarium::raft::MemberId;
use raftarium::script::parse;
use raftarium::sorted::{SortedMap, SortedSet};
use raftarium::store::{EventType, RangeRequest, Revision, Store};
use serde_json::Value;

use super::life::{Ask, Life, Step, life};

/// Looks after peace, and how long apart.
const LOOKS: usize = 75;
const LOOK: &str = "wait 2s";

/// Kinds that come to rest.
const RESTING: [&str; 4] = ["Deployment", "ReplicaSet", "Pod", "Node"];

/// What is known of a Deployment: what was acknowledged last, as far as it is certain.
#[derive(Debug, Clone, Default, PartialEq)]
struct Wanted {
    /// None: it may be there or not.
    there: Option<bool>,
    replicas: Option<u64>,
    image: Option<String>,
}

#[derive(Default)]
struct Judge {
    run: Run,
    wanted: SortedMap<String, Wanted>,
    /// Those that were acknowledged.
    notes: SortedSet<String>,
    /// Where each pod was bound, by its uid.
    bound: SortedMap<String, Value>,
    seen: Revision,
    problems: Vec<String>,
}

/// What became of a life.
pub struct Outcome {
    pub problems: Vec<String>,
    pub transcript: String,
    pub seconds: f64,
    pub acknowledged: usize,
}

/// What is wrong after the life of a seed, with a line more at its beginning.
pub fn judge(seed: u64, line: &str) -> Outcome {
    let Life { begins, steps, peace } = life(seed);
    let mut judge = Judge::default();
    begins.iter().for_each(|line| judge.line(line));
    judge.line(line);
    let mut acknowledged = 0;
    for step in &steps {
        acknowledged += usize::from(judge.step(step));
    }
    peace.iter().for_each(|line| judge.line(line));
    let mut left = Vec::new();
    for _ in 0..LOOKS {
        judge.line(LOOK);
        judge.follow();
        left = judge.unrest();
        if left.is_empty() {
            break;
        }
    }
    judge.problems.extend(left);
    let engine = judge.run.engine().expect("booted");
    let seconds = engine.now().0 as f64 / 1e9;
    let broken = engine.promises().violations();
    judge.problems.extend(broken.iter().map(|it| format!("{}: {}", it.promise, it.sentence)));
    let transcript = judge.run.transcript().to_string();
    Outcome { problems: judge.problems, transcript, seconds, acknowledged }
}

impl Judge {
    fn line(&mut self, text: &str) {
        let read = parse(text).unwrap_or_else(|misread| panic!("{text}: {misread}"));
        read.iter().for_each(|(_, command)| self.run.command(command));
    }

    /// Whether it was acknowledged.
    fn step(&mut self, step: &Step) -> bool {
        let before = self.run.transcript().len();
        self.line(&step.ask.line());
        step.lines.iter().for_each(|line| self.line(line));
        self.line("until printed 400s");
        let new = &self.run.transcript()[before..];
        let printed: Vec<&str> = new.lines().filter(|it| it.contains("kubectl prints:")).collect();
        let [printed] = printed[..] else {
            self.problems.push(format!("{:?} does not end", step.ask));
            return false;
        };
        let certain = ["(NotFound)", "(AlreadyExists)", "prints: error: "];
        // `set image` says nothing where nothing changes.
        let answers = ["deployment.apps", "configmap/"].iter().any(|it| printed.contains(it));
        let done = !printed.contains("rror") && (answers || printed.ends_with("prints: "));
        let refused = !done && certain.iter().any(|why| printed.contains(why));
        self.learn(&step.ask, done, refused);
        self.follow();
        done
    }

    fn learn(&mut self, ask: &Ask, done: bool, refused: bool) {
        if refused {
            return;
        }
        let (name, asked) = match ask.clone() {
            Ask::Note { name } => {
                if done {
                    self.notes.insert(name);
                }
                return;
            }
            Ask::Apply { name, replicas, image } => {
                let (replicas, image) = (Some(replicas), Some(image));
                (name, Wanted { there: Some(true), replicas, image })
            }
            Ask::Delete { name } => (name, Wanted { there: Some(false), ..Wanted::default() }),
            Ask::Scale { name, replicas } => {
                let image = self.wanted.get(&name).and_then(|it| it.image.clone());
                (name, Wanted { there: Some(true), replicas: Some(replicas), image })
            }
            Ask::SetImage { name, image } => {
                let replicas = self.wanted.get(&name).and_then(|it| it.replicas);
                (name, Wanted { there: Some(true), replicas, image: Some(image) })
            }
            Ask::Undo { name } => {
                let replicas = self.wanted.get(&name).and_then(|it| it.replicas);
                (name, Wanted { there: Some(true), replicas, image: None })
            }
        };
        self.wanted.insert(name, if done { asked } else { Wanted::default() });
    }

    /// What was written since: no pod is bound twice.
    fn follow(&mut self) {
        let engine = self.run.engine().expect("booted");
        let Some((id, _)) = newest(engine) else { return };
        let (seen, mut placed) = (self.seen, Vec::new());
        let upto = engine.cluster().with_store(id, |store| {
            for event in store.changes(Revision(seen.0 + 1), store.revision()) {
                let is_pod = event.kv.key.text().starts_with("/registry/pods/");
                if is_pod && event.event_type == EventType::Put {
                    placed.push(decode(&event.kv.value).expect("readable").1);
                }
            }
            store.revision()
        });
        self.seen = upto.unwrap_or(seen);
        for pod in placed {
            let (uid, node) = (pod["metadata"]["uid"].to_string(), &pod["spec"]["nodeName"]);
            let before = self.bound.get(&uid).cloned().unwrap_or_default();
            if !before.is_null() && before != *node {
                let name = &pod["metadata"]["name"];
                self.problems.push(format!("{name} was bound to {before}, then to {node}"));
            }
            self.bound.insert(uid, node.clone());
        }
    }

    /// What is not as it should be at last.
    fn unrest(&self) -> Vec<String> {
        let engine = self.run.engine().expect("booted");
        let ids = engine.cluster().member_ids();
        let at = |id: &MemberId| {
            let look = |store: &Store| (store.revision(), store.hash_kv(Revision(0)).ok());
            engine.cluster().with_store(*id, look).map(|it| (it.0, it.1.map(|hash| hash.hash)))
        };
        let all: Vec<_> = ids.iter().map(at).collect();
        if all.windows(2).any(|pair| pair[0] != pair[1]) || all.contains(&None) {
            return vec![format!("the stores differ: {all:?}")];
        }
        let objects = engine.cluster().with_store(ids[0], objects).expect("runs");
        let mut wrong = self.not_as_wanted(&objects);
        wrong.extend(misinformed(engine, &objects));
        wrong.extend(engine.promises().untold());
        wrong
    }

    fn not_as_wanted(&self, objects: &[(Value, Revision)]) -> Vec<String> {
        let mut wrong = Vec::new();
        let of = |kind: &'static str| {
            objects.iter().map(|it| &it.0).filter(move |it| it["kind"] == kind)
        };
        let named = |kind, name: &str| of(kind).find(|it| it["metadata"]["name"] == name);
        for (name, wanted) in self.wanted.iter() {
            let found = named("Deployment", name);
            if wanted.there.is_some_and(|there| there != found.is_some()) {
                wrong.push(format!("{name}: {wanted:?}, there: {}", found.is_some()));
            }
            let Some(found) = found else { continue };
            let replicas = found["spec"]["replicas"].as_u64();
            let image = found["spec"]["template"]["spec"]["containers"][0]["image"].as_str();
            if wanted.replicas.is_some_and(|it| Some(it) != replicas)
                || wanted.image.as_deref().is_some_and(|it| Some(it) != image)
            {
                wrong.push(format!("{name}: {wanted:?}, it is {replicas:?} {image:?}"));
            }
        }
        let lost = self.notes.iter().filter(|name| named("ConfigMap", name).is_none());
        wrong.extend(lost.map(|name| format!("{name} was acknowledged and is lost")));
        for deployment in of("Deployment") {
            let name = &deployment["metadata"]["name"];
            let replicas = deployment["spec"]["replicas"].as_u64().unwrap_or(1);
            let image = &deployment["spec"]["template"]["spec"]["containers"][0]["image"];
            let own: Vec<_> =
                of("Pod").filter(|it| it["metadata"]["labels"]["app"] == *name).collect();
            let is_right = |pod: &&&Value| {
                let conditions = pod["status"]["conditions"].as_array();
                let ready = |it: &Value| it["type"] == "Ready" && it["status"] == "True";
                pod["spec"]["containers"][0]["image"] == *image
                    && conditions.is_some_and(|all| all.iter().any(ready))
            };
            let (there, right) = (own.len() as u64, own.iter().filter(is_right).count() as u64);
            if (there, right) != (replicas, replicas) {
                wrong.push(format!("{name}: {replicas} wanted, {right} of {there} pods are right"));
            }
            let (status, meta) = (&deployment["status"], &deployment["metadata"]);
            if status["observedGeneration"] != meta["generation"]
                || status["readyReplicas"].as_u64().unwrap_or(0) != replicas
            {
                wrong.push(format!("{name}: its status is old"));
            }
        }
        let owner = |pod: &&Value| {
            named("Deployment", pod["metadata"]["labels"]["app"].as_str().unwrap_or(""))
        };
        let orphans = of("Pod").filter(|pod| owner(pod).is_none());
        wrong.extend(orphans.map(|pod| format!("{} is nobody's", pod["metadata"]["name"])));
        wrong
    }
}

/// The running member that is furthest.
fn newest(engine: &Engine) -> Option<(MemberId, Revision)> {
    let at = |id| Some((id, engine.cluster().with_store(id, Store::revision)?));
    engine.cluster().member_ids().into_iter().filter_map(at).max_by_key(|it| it.1)
}

fn objects(store: &Store) -> Vec<(Value, Revision)> {
    let request = RangeRequest {
        key: "/registry/".into(),
        range_end: "/registry0".into(),
        ..RangeRequest::default()
    };
    let found = store.range(&request).map(|found| found.kvs).unwrap_or_default();
    found.iter().filter_map(|kv| Some((decode(&kv.value).ok()?.1, kv.mod_revision))).collect()
}

/// Whoever watches knows what is there, as it is, and nothing else.
fn misinformed(engine: &Engine, objects: &[(Value, Revision)]) -> Vec<String> {
    let call = |it: &Value| {
        let text = |field: &str| it["metadata"][field].as_str().unwrap_or("").to_string();
        (it["kind"].as_str().unwrap_or("").to_string(), text("namespace"), text("name"))
    };
    let resting = |it: &Value| RESTING.iter().any(|kind| it["kind"] == *kind);
    let there: SortedMap<_, _> =
        objects.iter().filter(|it| resting(&it.0)).map(|it| (call(&it.0), it.1)).collect();
    let mut wrong = Vec::new();
    for (who, known) in engine.plane().informed() {
        let known: Vec<_> = known.iter().filter(|it| resting(it)).collect();
        for object in &known {
            let version = object["metadata"]["resourceVersion"].as_str().unwrap_or("");
            let is = there.get(&call(object)).map(|it| it.0.to_string());
            if is.as_deref() != Some(version) {
                wrong.push(format!("{who} knows {:?} at {version}, it is {is:?}", call(object)));
            }
        }
        if &*who == "controllers" && known.len() != there.len() {
            wrong.push(format!("{who} know {} objects of {}", known.len(), there.len()));
        }
    }
    wrong
}
