//! Rollouts that get nowhere, and Deployments that are paused.

use raftarium::engine::Run;
use raftarium::raft::MemberId;
use serde_json::Value;

use super::kubectl_watches::{asked, says};
use super::{objects, run};

/// One that may be late after 20 seconds; it asks for three pods.
const WEB: &str = "kubectl apply -f - <<EOF
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  progressDeadlineSeconds: 20
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - {name: web, image: 'nginx:1.25', readinessProbe: {tcpSocket: {port: 80}, periodSeconds: 2}}
EOF
until printed
kubectl rollout status deployment/web
until printed 60s
wait 1s";

const AVAILABLE: &str =
    "Available=True MinimumReplicasAvailable: Deployment has minimum availability.";
const DONE: &str = "Progressing=True NewReplicaSetAvailable: ReplicaSet \"";

fn begun() -> Run {
    run(&format!("boot members=1 seed=3 timing=etcd plane=acting\nuntil leader\nwait 4s\n{WEB}"))
}

fn stored(run: &Run, what: &str) -> Vec<Value> {
    let cluster = run.engine().unwrap().cluster();
    cluster.with_store(MemberId(1), |store| objects(store, what)).unwrap()
}

/// The Deployment's conditions: type, status, reason, message.
fn conditions(run: &Run) -> Vec<String> {
    let all = stored(run, "deployments")[0]["status"]["conditions"].clone();
    let line = |it: &Value| {
        let [kind, status, reason, message] =
            ["type", "status", "reason", "message"].map(|field| it[field].as_str().unwrap());
        // The digits of a ReplicaSet's name are another test's.
        let message = message.split("web-").next().unwrap();
        format!("{kind}={status} {reason}: {message}")
    };
    let mut lines: Vec<_> = all.as_array().unwrap().iter().map(line).collect();
    lines.sort();
    lines
}

/// Fails when the deadline is never looked at again, and when a rollout that is late stays so.
#[test]
fn a_rollout_that_gets_nowhere_is_late() {
    let mut run = begun();
    assert_eq!(conditions(&run), [AVAILABLE, DONE]);
    asked(&mut run, "set image deployment/web web=nginx:missing", "10s");
    let status = asked(&mut run, "rollout status deployment/web", "60s");
    assert_eq!(status.last().unwrap(), "error: deployment \"web\" exceeded its progress deadline");
    let first = "Waiting for deployment \"web\" rollout to finish: 1 out of 3 new replicas have \
        been updated...";
    assert!(status.iter().any(|line| line == first), "{status:#?}");
    let late = "Progressing=False ProgressDeadlineExceeded: ReplicaSet \"";
    assert_eq!(conditions(&run), [AVAILABLE, late]);
    // There is nothing to wait for: whoever asks again is told at once.
    let again = asked(&mut run, "rollout status deployment/web", "1s");
    assert_eq!(again, ["error: deployment \"web\" exceeded its progress deadline"]);
    asked(&mut run, "set image deployment/web web=nginx:1.26", "10s");
    let status = asked(&mut run, "rollout status deployment/web", "60s");
    assert_eq!(status.last().unwrap(), "deployment \"web\" successfully rolled out");
    assert_eq!(conditions(&run), [AVAILABLE, DONE]);
}

/// What happens to its pods afterwards is not the rollout's, which was done. Fails when it is asked
/// whether all of them are available.
#[test]
fn a_rollout_that_is_done_is_never_late() {
    let mut run = begun();
    says(&mut run, "pod web unready\nwait 60s");
    let none = "Available=False MinimumReplicasUnavailable: Deployment does not have minimum \
        availability.";
    assert_eq!(conditions(&run), [none, DONE]);
    says(&mut run, "pod web ready\nwait 10s");
    assert_eq!(conditions(&run), [AVAILABLE, DONE]);
    let once = ["NewReplicaSetCreated", "ReplicaSetUpdated", "NewReplicaSetAvailable"];
    assert_eq!(reasons(&run), once);
}

/// Fails when nothing is said of pausing, when a paused Deployment gets a ReplicaSet for its new
/// template, and when it is not scaled.
#[test]
fn a_paused_deployment_waits_and_is_scaled() {
    let mut run = begun();
    let paused = asked(&mut run, "rollout pause deployment/web", "9s");
    assert_eq!(paused, ["deployment.apps/web paused"]);
    says(&mut run, "wait 2s");
    let said = "Progressing=Unknown DeploymentPaused: Deployment is paused";
    assert_eq!(conditions(&run), [AVAILABLE, said]);
    asked(&mut run, "set image deployment/web web=nginx:1.26", "10s");
    asked(&mut run, "scale deployment web --replicas=5", "10s");
    says(&mut run, "wait 30s");
    let sets = stored(&run, "replicasets");
    assert_eq!(sets.len(), 1, "no ReplicaSet for the new template");
    assert_eq!(sets[0]["spec"]["replicas"], 5);
    assert_eq!(stored(&run, "pods").len(), 5);
    let status = &stored(&run, "deployments")[0]["status"];
    assert_eq!((status["replicas"].as_i64(), status["updatedReplicas"].as_i64()), (Some(5), None));
    let refused = [
        (
            "rollout undo deployment/web",
            "error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout \
             resume' and try again",
        ),
        (
            "rollout restart deployment/web",
            "error: deployments.apps \"web\" can't restart paused deployment (run rollout resume \
             first)",
        ),
        ("rollout pause deployment/web", "error: deployments.apps \"web\" is already paused"),
    ];
    for (line, text) in refused {
        assert_eq!(asked(&mut run, line, "10s"), [text]);
    }
    let resumed = asked(&mut run, "rollout resume deployment/web", "10s");
    assert_eq!(resumed, ["deployment.apps/web resumed"]);
    let status = asked(&mut run, "rollout status deployment/web", "60s");
    assert_eq!(status.last().unwrap(), "deployment \"web\" successfully rolled out");
    assert_eq!(stored(&run, "replicasets").len(), 2);
    assert_eq!(conditions(&run), [AVAILABLE, DONE]);
}

/// Every reason the Deployment has given for how it gets on, in order.
fn reasons(run: &Run) -> Vec<String> {
    let mut reasons: Vec<String> = Vec::new();
    for write in super::writes(run.engine().unwrap()) {
        let conditions = write.object["status"]["conditions"].as_array().cloned();
        let found = conditions.iter().flatten().find(|it| it["type"] == "Progressing").cloned();
        let reason = found.and_then(|it| it["reason"].as_str().map(str::to_string));
        reasons.extend(reason.filter(|_| write.key.contains("/deployments/")));
    }
    reasons.dedup();
    reasons
}

/// Fails when nothing is said of going on.
#[test]
fn whoever_resumes_it_says_so_before_anything_else() {
    let mut run = begun();
    asked(&mut run, "rollout pause deployment/web", "9s");
    asked(&mut run, "set image deployment/web web=nginx:1.26", "10s");
    says(&mut run, "wait 25s");
    asked(&mut run, "rollout resume deployment/web", "10s");
    asked(&mut run, "rollout status deployment/web", "60s");
    assert_eq!(
        reasons(&run),
        [
            "NewReplicaSetCreated",
            "ReplicaSetUpdated",
            "NewReplicaSetAvailable",
            "DeploymentPaused",
            "DeploymentResumed",
            "NewReplicaSetCreated",
            "ReplicaSetUpdated",
            "NewReplicaSetAvailable",
        ]
    );
}
