//! What the apiserver fills in before it stores an object.
//!
//! Each kind's defaults are set where nothing was given, and each is written down: the page shows
//! what was added. The object must be in the normal form that [`super::typed`] gives.
//!
//! * Setting defaults twice adds nothing the second time.
//! * Amounts in resource lists are rounded up to thousandths and written canonically; that is a
//!   change, not an addition, and is not written down.
//!
//! Caveats: of volume sources only the common ones; no cluster IP is allocated for a service;
//! nothing that admission plugins add (service account, tolerations, priority).
//!
//! Architecture invariant: a pure function of the object.
// Models kubernetes pkg/apis/{apps,core}/v1/defaults.go.

use serde_json::{Map, Value, json};

use super::defaults_pod;
use super::kinds::Kind;
use super::object::child_mut;
use super::path::FieldPath;
use super::quantity::Quantity;

/// A field that was filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Filled {
    /// Which.
    pub path: FieldPath,
    /// With what.
    pub value: Value,
}

/// Fills in an object's defaults and says which.
pub fn set_defaults(kind: &Kind, object: &mut Value) -> Vec<Filled> {
    let mut defaults = Defaults { filled: Vec::new() };
    let name = super::object::name(object).to_string();
    let Some(map) = object.as_object_mut().filter(|_| !kind.is_custom()) else {
        return Vec::new();
    };
    let root = FieldPath::default();
    match kind.kind.as_ref() {
        "Deployment" => defaults.deployment(map, &root),
        "ReplicaSet" => defaults.replica_set(map, &root),
        "Pod" => defaults_pod::pod(&mut defaults, map),
        "Service" => defaults.service(map, &root),
        "Secret" => defaults.secret(map, &root),
        "Namespace" => defaults.namespace(map, &name),
        "Node" => defaults.node(map, &root),
        "PriorityClass" => {
            defaults.set(map, &root, "preemptionPolicy", json!("PreemptLowerPriority"));
        }
        _ => {}
    }
    canonical_quantities(object);
    defaults.filled
}

/// Fills in and writes down.
pub(super) struct Defaults {
    filled: Vec<Filled>,
}

pub(super) type Fields = Map<String, Value>;

impl Defaults {
    /// Sets a field that is not there.
    pub(super) fn set(&mut self, map: &mut Fields, at: &FieldPath, name: &str, value: Value) {
        if map.contains_key(name) {
            return;
        }
        self.filled.push(Filled { path: at.child(name), value: value.clone() });
        map.insert(name.to_string(), value);
    }

    /// Goes into a struct that is there.
    pub(super) fn within(
        &mut self,
        map: &mut Fields,
        at: &FieldPath,
        name: &str,
        inside: impl FnOnce(&mut Self, &mut Fields, &FieldPath),
    ) {
        if let Some(Value::Object(child)) = map.get_mut(name) {
            inside(self, child, &at.child(name));
        }
    }

    /// Goes into every struct of a list.
    pub(super) fn each(
        &mut self,
        map: &mut Fields,
        at: &FieldPath,
        name: &str,
        mut inside: impl FnMut(&mut Self, &mut Fields, &FieldPath),
    ) {
        let Some(Value::Array(list)) = map.get_mut(name) else {
            return;
        };
        for (index, item) in list.iter_mut().enumerate() {
            if let Value::Object(item) = item {
                inside(self, item, &at.child(name).index(index));
            }
        }
    }

    fn deployment(&mut self, map: &mut Fields, root: &FieldPath) {
        self.within(map, root, "spec", |this, spec, at| {
            this.set(spec, at, "replicas", json!(1));
            this.within(spec, at, "template", defaults_pod::template);
            this.within(spec, at, "strategy", |this, strategy, at| {
                this.set(strategy, at, "type", json!("RollingUpdate"));
                if strategy.get("type") != Some(&json!("RollingUpdate")) {
                    return;
                }
                if !strategy.contains_key("rollingUpdate") {
                    strategy.insert("rollingUpdate".into(), json!({}));
                }
                this.within(strategy, at, "rollingUpdate", |this, rolling, at| {
                    this.set(rolling, at, "maxUnavailable", json!("25%"));
                    this.set(rolling, at, "maxSurge", json!("25%"));
                });
            });
            this.set(spec, at, "revisionHistoryLimit", json!(10));
            this.set(spec, at, "progressDeadlineSeconds", json!(600));
        });
    }

    fn replica_set(&mut self, map: &mut Fields, root: &FieldPath) {
        self.within(map, root, "spec", |this, spec, at| {
            this.set(spec, at, "replicas", json!(1));
            this.within(spec, at, "template", defaults_pod::template);
        });
    }

    fn service(&mut self, map: &mut Fields, root: &FieldPath) {
        self.within(map, root, "spec", |this, spec, at| {
            this.set(spec, at, "sessionAffinity", json!("None"));
            this.set(spec, at, "type", json!("ClusterIP"));
            let kind = spec.get("type").and_then(Value::as_str).unwrap_or_default().to_string();
            this.each(spec, at, "ports", |this, port, at| {
                this.set(port, at, "protocol", json!("TCP"));
                let target = port.get("targetPort");
                if target.is_none_or(|target| *target == json!(0) || *target == json!("")) {
                    let same = port.get("port").cloned().unwrap_or(json!(0));
                    port.remove("targetPort");
                    this.set(port, at, "targetPort", same);
                }
            });
            if kind == "ExternalName" {
                return;
            }
            this.set(spec, at, "internalTrafficPolicy", json!("Cluster"));
            if kind != "ClusterIP" {
                this.set(spec, at, "externalTrafficPolicy", json!("Cluster"));
            }
            if kind == "LoadBalancer" {
                this.set(spec, at, "allocateLoadBalancerNodePorts", json!(true));
            }
        });
    }

    /// The type, and `stringData` into `data`.
    fn secret(&mut self, map: &mut Fields, root: &FieldPath) {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;
        if let Some(Value::Object(texts)) = map.remove("stringData")
            && let Some(data) = child_mut(map, "data")
        {
            for (key, text) in texts {
                data.insert(key, STANDARD.encode(text.as_str().unwrap_or_default()).into());
            }
        }
        self.set(map, root, "type", json!("Opaque"));
    }

    fn namespace(&mut self, map: &mut Fields, name: &str) {
        const LABEL: &str = "kubernetes.io/metadata.name";
        let meta = FieldPath::new("metadata");
        if let Some(labels) = child_mut(map, "metadata").and_then(|m| child_mut(m, "labels"))
            && labels.get(LABEL) != Some(&json!(name))
        {
            labels.insert(LABEL.into(), json!(name));
            let path = meta.child("labels").key(LABEL);
            self.filled.push(Filled { path, value: json!(name) });
        }
        let root = FieldPath::default();
        self.within(map, &root, "spec", |this, spec, at| {
            this.set(spec, at, "finalizers", json!(["kubernetes"]));
        });
        self.within(map, &root, "status", |this, status, at| {
            this.set(status, at, "phase", json!("Active"));
        });
    }

    fn node(&mut self, map: &mut Fields, root: &FieldPath) {
        self.within(map, root, "status", |this, status, at| {
            if let Some(capacity) = status.get("capacity").cloned() {
                this.set(status, at, "allocatable", capacity);
            }
        });
    }
}

/// Rounds and rewrites the amounts of every resource list.
fn canonical_quantities(value: &mut Value) {
    const LISTS: [&str; 6] = ["limits", "requests", "capacity", "allocatable", "hard", "used"];
    match value {
        Value::Array(list) => list.iter_mut().for_each(canonical_quantities),
        Value::Object(map) => {
            for (name, value) in map.iter_mut() {
                match value {
                    Value::Object(amounts) if LISTS.contains(&name.as_str()) => {
                        amounts.values_mut().for_each(canonical);
                    }
                    value => canonical_quantities(value),
                }
            }
        }
        _ => {}
    }
}

fn canonical(amount: &mut Value) {
    let quantity = amount.as_str().and_then(|text| Quantity::parse(text).ok());
    if let Some(quantity) = quantity {
        *amount = quantity.rounded_to_milli().to_string().into();
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::kube::{typed::typed, yaml};

    fn check(text: &str, expected: Expect) {
        let document = &yaml::read(text).unwrap()[0];
        let kind = Kind::of_object(&document.value).unwrap();
        let mut object = typed(&kind, document).unwrap();
        let filled = set_defaults(&kind, &mut object);
        let lines: String =
            filled.iter().map(|filled| format!("{}: {}\n", filled.path, filled.value)).collect();
        expected.assert_eq(&lines);
        let once = object.clone();
        assert_eq!(set_defaults(&kind, &mut object), []);
        assert_eq!(object, once);
    }

    #[test]
    fn deployment() {
        check(
            "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: nginx
        ports: [{containerPort: 80}]
        readinessProbe: {httpGet: {port: 80}}
        resources: {requests: {cpu: 0.5}}
      volumes: [{name: a}, {name: b, configMap: {name: c}}]
",
            expect![[r#"
                spec.replicas: 1
                spec.template.spec.containers[0].ports[0].protocol: "TCP"
                spec.template.spec.containers[0].readinessProbe.httpGet.path: "/"
                spec.template.spec.containers[0].readinessProbe.httpGet.scheme: "HTTP"
                spec.template.spec.containers[0].readinessProbe.timeoutSeconds: 1
                spec.template.spec.containers[0].readinessProbe.periodSeconds: 10
                spec.template.spec.containers[0].readinessProbe.successThreshold: 1
                spec.template.spec.containers[0].readinessProbe.failureThreshold: 3
                spec.template.spec.containers[0].terminationMessagePath: "/dev/termination-log"
                spec.template.spec.containers[0].terminationMessagePolicy: "File"
                spec.template.spec.containers[0].imagePullPolicy: "Always"
                spec.template.spec.volumes[0].emptyDir: {}
                spec.template.spec.volumes[1].configMap.defaultMode: 420
                spec.template.spec.restartPolicy: "Always"
                spec.template.spec.terminationGracePeriodSeconds: 30
                spec.template.spec.dnsPolicy: "ClusterFirst"
                spec.template.spec.securityContext: {}
                spec.template.spec.schedulerName: "default-scheduler"
                spec.strategy.type: "RollingUpdate"
                spec.strategy.rollingUpdate.maxUnavailable: "25%"
                spec.strategy.rollingUpdate.maxSurge: "25%"
                spec.revisionHistoryLimit: 10
                spec.progressDeadlineSeconds: 600
            "#]],
        );
    }

    #[test]
    fn others() {
        check(
            "{apiVersion: v1, kind: Namespace, metadata: {name: a}}",
            expect![[r#"
            metadata.labels[kubernetes.io/metadata.name]: "a"
            spec.finalizers: ["kubernetes"]
            status.phase: "Active"
        "#]],
        );
        check(
            "{apiVersion: v1, kind: Secret, stringData: {a: b}}",
            expect![[r#"
            type: "Opaque"
        "#]],
        );
        check(
            "{apiVersion: v1, kind: Service, spec: {type: NodePort, ports: [{port: 80}]}}",
            expect![[r#"
                spec.sessionAffinity: "None"
                spec.ports[0].protocol: "TCP"
                spec.ports[0].targetPort: 80
                spec.internalTrafficPolicy: "Cluster"
                spec.externalTrafficPolicy: "Cluster"
            "#]],
        );
        check(
            "{apiVersion: v1, kind: Pod, spec: {hostNetwork: true, containers: [{name: a, \
             image: 'b:1', ports: [{containerPort: 1}], \
             resources: {limits: {memory: 1Gi}}}]}}",
            expect![[r#"
                spec.containers[0].ports[0].protocol: "TCP"
                spec.containers[0].terminationMessagePath: "/dev/termination-log"
                spec.containers[0].terminationMessagePolicy: "File"
                spec.containers[0].imagePullPolicy: "IfNotPresent"
                spec.containers[0].ports[0].hostPort: 1
                spec.restartPolicy: "Always"
                spec.terminationGracePeriodSeconds: 30
                spec.dnsPolicy: "ClusterFirst"
                spec.securityContext: {}
                spec.schedulerName: "default-scheduler"
                spec.enableServiceLinks: true
                spec.containers[0].resources.requests.memory: "1Gi"
                status.phase: "Pending"
            "#]],
        );
    }
}
