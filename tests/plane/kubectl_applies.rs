//! `kubectl apply` on what was not made by it.

use super::kubectl_watches::{asked, says};
use super::run;

const APPLY: &str = "kubectl apply -f - <<EOF
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: nginx, image: 'nginx:1.25'}]}
EOF
until printed";

const WARNING: &str = "Warning: resource deployments/web is missing the \
    kubectl.kubernetes.io/last-applied-configuration annotation which is required by kubectl \
    apply. kubectl apply should only be used on resources created declaratively by either kubectl \
    create --save-config or kubectl apply. The missing annotation will be patched automatically.";

const BOOT: &str = "boot members=1 seed=1 timing=etcd\nuntil leader\nwait 4s";

/// Fails when the stored annotation is not looked at.
#[test]
fn what_was_created_is_taken_over_with_a_warning() {
    let mut run = run(BOOT);
    asked(&mut run, "create deployment web --image=nginx:1.25", "10s");
    assert_eq!(says(&mut run, APPLY), [WARNING, "deployment.apps/web configured"]);
    let kept = asked(&mut run, "get deployment web -o yaml", "10s").join("\n");
    assert!(kept.contains("last-applied-configuration"), "{kept}");
    assert_eq!(says(&mut run, APPLY), ["deployment.apps/web unchanged"]);
}

#[test]
fn what_was_created_with_its_configuration_is_applied_as_if_it_had_been_before() {
    let mut run = run(BOOT);
    asked(&mut run, "create deployment web --image=nginx:1.25 --save-config", "10s");
    assert_eq!(says(&mut run, APPLY), ["deployment.apps/web configured"]);
}

/// kubectl sends the namespace whether it is written or not, and it is part of what was applied.
#[test]
fn the_namespace_may_be_written_or_not() {
    let mut run = run(BOOT);
    let written = APPLY.replace("{name: web}", "{name: web, namespace: default}");
    assert_eq!(says(&mut run, &written), ["deployment.apps/web created"]);
    assert_eq!(says(&mut run, APPLY), ["deployment.apps/web unchanged"]);
    let kept = asked(&mut run, "get deployment web -o yaml", "10s").join("\n");
    assert!(kept.contains(r#""name":"web","namespace":"default"}"#), "{kept}");
}
