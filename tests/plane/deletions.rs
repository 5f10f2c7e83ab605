//! What is deleted and does not go at once: its way through the apiserver, and what may hold it.

use raftarium::engine::Run;
use raftarium::kube::{StepKind, StepState};

use super::kubectl_watches::{asked, says};
use super::run;

fn begun() -> Run {
    run("boot members=1 seed=1 timing=etcd plane=acting\nuntil leader\nwait 4s\n\
         kubectl create -f - <<<'{apiVersion: v1, kind: ConfigMap, metadata: {name: held, \
         finalizers: [example.com/a]}}'\nuntil printed\nwait 1s")
}

/// The line that makes the finalizers these.
fn held_by(verb: &str, finalizers: &str) -> String {
    format!(
        "kubectl {verb} -f - <<<'{{apiVersion: v1, kind: ConfigMap, metadata: {{name: held, \
         finalizers: [{finalizers}]}}}}'\nuntil printed\nwait 1s"
    )
}

/// The stations that the newest write of the reader's did not pass; the others it did.
fn skipped(run: &Run) -> Vec<StepKind> {
    let writes = run.engine().unwrap().plane().writes();
    let newest = writes.iter().rfind(|it| !it.own_accord).unwrap();
    let skips = newest.steps.iter().filter(|step| match step.state {
        StepState::Skipped => true,
        StepState::Done => false,
        other => panic!("{:?} is {other:?}", step.kind),
    });
    skips.map(|step| step.kind).collect()
}

/// Fails when it is not said of a removal what it skips.
#[test]
fn what_is_only_marked_passes_every_station() {
    let mut run = begun();
    asked(&mut run, "delete cm held --wait=false", "10s");
    says(&mut run, "wait 1s");
    assert_eq!(skipped(&run), []);
    // The last finalizer is taken off: it is deleted, with no bytes to store.
    says(&mut run, &held_by("replace", ""));
    assert_eq!(skipped(&run), [StepKind::Encode, StepKind::Transform]);
}

#[test]
fn what_goes_at_once_is_not_encoded() {
    let mut run = begun();
    says(
        &mut run,
        "kubectl create -f - <<<'{apiVersion: v1, kind: ConfigMap, metadata: {name: free}}'\n\
         until printed\nwait 1s",
    );
    asked(&mut run, "delete cm free", "10s");
    says(&mut run, "wait 1s");
    assert_eq!(skipped(&run), [StepKind::Default, StepKind::Encode, StepKind::Transform]);
}

/// Fails when an update of what is going is not looked at.
#[test]
fn what_is_going_is_held_by_nothing_new() {
    let mut run = begun();
    asked(&mut run, "delete cm held --wait=false", "10s");
    let printed = says(&mut run, &held_by("replace", "example.com/a, example.com/b"));
    let refused = "The ConfigMap \"held\" is invalid: metadata.finalizers: Forbidden: no new \
        finalizers can be added if the object is being deleted, found new finalizers \
        []string{\"example.com/b\"}";
    assert_eq!(printed, [refused]);
    says(&mut run, &held_by("replace", ""));
    let gone = asked(&mut run, "get cm held", "10s");
    assert_eq!(gone, ["Error from server (NotFound): configmaps \"held\" not found"]);
}
