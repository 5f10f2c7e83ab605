//! The defaults of pods and of the pod templates within other kinds.
//!
//! Architecture invariant: as [`super::defaults`].
// Models kubernetes pkg/apis/core/v1/defaults.go.

use serde_json::{Value, json};

use super::defaults::{Defaults, Fields};
use super::path::FieldPath;

/// A pod by itself.
pub(super) fn pod(defaults: &mut Defaults, map: &mut Fields) {
    let root = FieldPath::default();
    defaults.within(map, &root, "spec", |this, spec, at| {
        pod_spec(this, spec, at);
        this.set(spec, at, "enableServiceLinks", json!(true));
        this.each(spec, at, "containers", requests_from_limits);
        this.each(spec, at, "initContainers", requests_from_limits);
    });
    defaults.within(map, &root, "status", |this, status, at| {
        this.set(status, at, "phase", json!("Pending"));
    });
}

/// A pod template.
pub(super) fn template(defaults: &mut Defaults, map: &mut Fields, at: &FieldPath) {
    defaults.within(map, at, "spec", pod_spec);
}

fn pod_spec(this: &mut Defaults, spec: &mut Fields, at: &FieldPath) {
    let host = spec.get("hostNetwork") == Some(&json!(true));
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        this.each(spec, at, list, |this, item, at| {
            container(this, item, at);
            if host {
                this.each(item, at, "ports", |this, port, at| {
                    if let Some(number) = port.get("containerPort").cloned() {
                        this.set(port, at, "hostPort", number);
                    }
                });
            }
        });
    }
    this.each(spec, at, "volumes", volume);
    this.set(spec, at, "restartPolicy", json!("Always"));
    this.set(spec, at, "terminationGracePeriodSeconds", json!(30));
    this.set(spec, at, "dnsPolicy", json!("ClusterFirst"));
    this.set(spec, at, "securityContext", json!({}));
    this.set(spec, at, "schedulerName", json!("default-scheduler"));
}

fn container(this: &mut Defaults, item: &mut Fields, at: &FieldPath) {
    let image = item.get("image").and_then(Value::as_str).unwrap_or_default();
    let policy = if is_latest(image) { "Always" } else { "IfNotPresent" };
    this.each(item, at, "ports", |this, port, at| this.set(port, at, "protocol", json!("TCP")));
    this.each(item, at, "env", |this, env, at| {
        this.within(env, at, "valueFrom", |this, from, at| {
            this.within(from, at, "fieldRef", |this, field, at| {
                this.set(field, at, "apiVersion", json!("v1"));
            });
        });
    });
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
        this.within(item, at, name, probe);
    }
    this.within(item, at, "lifecycle", |this, lifecycle, at| {
        this.within(lifecycle, at, "postStart", handler);
        this.within(lifecycle, at, "preStop", handler);
    });
    this.set(item, at, "terminationMessagePath", json!("/dev/termination-log"));
    this.set(item, at, "terminationMessagePolicy", json!("File"));
    this.set(item, at, "imagePullPolicy", json!(policy));
}

/// Whether an image has the tag `latest`, or neither tag nor digest.
fn is_latest(image: &str) -> bool {
    let (name, digest) = match image.split_once('@') {
        Some((name, _)) => (name, true),
        None => (image, false),
    };
    let last = name.rsplit('/').next().unwrap_or_default();
    match last.rsplit_once(':') {
        Some((_, tag)) => tag == "latest",
        None => !digest,
    }
}

fn probe(this: &mut Defaults, probe: &mut Fields, at: &FieldPath) {
    handler(this, probe, at);
    this.set(probe, at, "timeoutSeconds", json!(1));
    this.set(probe, at, "periodSeconds", json!(10));
    this.set(probe, at, "successThreshold", json!(1));
    this.set(probe, at, "failureThreshold", json!(3));
}

fn handler(this: &mut Defaults, handler: &mut Fields, at: &FieldPath) {
    this.within(handler, at, "httpGet", |this, get, at| {
        this.set(get, at, "path", json!("/"));
        this.set(get, at, "scheme", json!("HTTP"));
    });
    this.within(handler, at, "grpc", |this, grpc, at| this.set(grpc, at, "service", json!("")));
}

fn volume(this: &mut Defaults, volume: &mut Fields, at: &FieldPath) {
    if volume.keys().all(|name| name == "name") {
        this.set(volume, at, "emptyDir", json!({}));
    }
    for source in ["secret", "configMap", "downwardAPI", "projected"] {
        this.within(volume, at, source, |this, source, at| {
            this.set(source, at, "defaultMode", json!(0o644));
        });
    }
    this.within(volume, at, "hostPath", |this, path, at| this.set(path, at, "type", json!("")));
}

/// What is limited but not requested is requested as much as it is limited.
fn requests_from_limits(this: &mut Defaults, container: &mut Fields, at: &FieldPath) {
    this.within(container, at, "resources", |this, resources, at| {
        let Some(Value::Object(limits)) = resources.get("limits").cloned() else {
            return;
        };
        let requests = resources.entry("requests").or_insert_with(|| json!({}));
        let Value::Object(requests) = requests else {
            return;
        };
        for (name, amount) in limits {
            this.set(requests, &at.child("requests"), &name, amount);
        }
    });
}
