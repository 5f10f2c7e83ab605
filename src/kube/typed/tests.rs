//! What the apiserver says of objects whose fields it does not know or whose types are wrong.

use expect_test::{Expect, expect};

use super::*;
use crate::kube::testing::folded;
use crate::kube::yaml;

fn check(text: &str, expected: Expect) {
    let document = &yaml::read(text).unwrap()[0];
    let kind = Kind::of_object(&document.value).unwrap();
    let seen = match typed(&kind, document) {
        Ok(object) => serde_json::to_string_pretty(&object).unwrap(),
        Err(error) => {
            let place = |problem: &Problem| match problem.at {
                Some(at) => format!("\n{} at {at}", problem.path),
                None => String::new(),
            };
            let places: String = error.problems.iter().map(place).collect();
            format!("{}{places}", error.status.kubectl())
        }
    };
    expected.assert_eq(&folded(&seen));
}

fn check_spec(spec: &str, expected: Expect) {
    let head = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n";
    check(&format!("{head}{spec}"), expected);
}

/// `container` is the indented rest of the first container.
fn check_container(container: &str, expected: Expect) {
    check_spec(&format!("  template:\n    spec:\n      containers:\n{container}"), expected);
}

#[test]
fn wrong_types() {
    check_spec(
        "  replicas: three\n",
        expect![[r#"
        Error from server (BadRequest): Deployment in version "v1" cannot be handled as
        … a Deployment: json: cannot unmarshal string into Go struct field
        … DeploymentSpec.spec.replicas of type int32
        spec.replicas at line 5, column 13
    "#]],
    );
    check_spec(
        "  replicas: 1.5\n",
        expect![[r#"
        Error from server (BadRequest): Deployment in version "v1" cannot be handled as
        … a Deployment: json: cannot unmarshal number 1.5 into Go struct field
        … DeploymentSpec.spec.replicas of type int32
        spec.replicas at line 5, column 13
    "#]],
    );
    check_spec(
        "  replicas: 3000000000\n",
        expect![[r#"
        Error from server (BadRequest): Deployment in version "v1" cannot be handled as
        … a Deployment: json: cannot unmarshal number 3000000000 into Go struct field
        … DeploymentSpec.spec.replicas of type int32
        spec.replicas at line 5, column 13
    "#]],
    );
    check_spec(
        "  template: {spec: {containers: [x], volumes: 1}}\n",
        expect![[r#"
        Error from server (BadRequest): Deployment in version "v1" cannot be handled as
        … a Deployment: json: cannot unmarshal string into Go struct field
        … PodSpec.spec.template.spec.containers of type v1.Container
        spec.template.spec.containers[0] at line 5, column 34
        spec.template.spec.volumes at line 5, column 47
    "#]],
    );
    check_spec(
        "  strategy: {rollingUpdate: {maxSurge: true}}\n",
        expect![[r#"
        Error from server (BadRequest): Deployment in version "v1" cannot be handled as
        … a Deployment: json: cannot unmarshal bool into Go struct field
        … RollingUpdateDeployment.spec.strategy.rollingUpdate.maxSurge of type
        … intstr.IntOrString
        spec.strategy.rollingUpdate.maxSurge at line 5, column 40
    "#]],
    );
    check_container(
        "      - {name: a, img: b, env: [{name: X, value: yes}]}\n",
        expect![[r#"
        Error from server (BadRequest): Deployment in version "v1" cannot be handled as
        … a Deployment: json: cannot unmarshal bool into Go struct field
        … EnvVar.spec.template.spec.containers.env.value of type string
        spec.template.spec.containers[0].img at line 8, column 19
        spec.template.spec.containers[0].env[0].value at line 8, column 50
    "#]],
    );
    check_container(
        "      - {imagePullPolicy: 1}\n",
        expect![[r#"
        Error from server (BadRequest): Deployment in version "v1" cannot be handled as
        … a Deployment: json: cannot unmarshal number into Go struct field
        … Container.spec.template.spec.containers.imagePullPolicy of type v1.PullPolicy
        spec.template.spec.containers[0].imagePullPolicy at line 8, column 27
    "#]],
    );
    check_container(
        "      - {resources: {limits: {cpu: 1x}}}\n",
        expect![[r#"
        Error from server (BadRequest): Deployment in version "v1" cannot be handled as
        … a Deployment: quantities must match the regular expression
        … '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'
        spec.template.spec.containers[0].resources.limits[cpu] at line 8, column 36
    "#]],
    );
    check_container(
        "      - {resources: {limits: 3}}\n",
        expect![[r#"
        Error from server (BadRequest): Deployment in version "v1" cannot be handled as
        … a Deployment: json: cannot unmarshal number into Go struct field
        … ResourceRequirements.spec.template.spec.containers.resources.limits of type
        … v1.ResourceList
        spec.template.spec.containers[0].resources.limits at line 8, column 30
    "#]],
    );
    check(
        "apiVersion: v1\nkind: ConfigMap\ndata: {a: 1}\nmetadata: {labels: {x: 1}}",
        expect![[r#"
            Error from server (BadRequest): ConfigMap in version "v1" cannot be handled as a
            … ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data
            … of type string
            data[a] at line 3, column 11
            metadata.labels[x] at line 4, column 24
        "#]],
    );
    check(
        "apiVersion: v1\nkind: Secret\ndata: {a: '***'}",
        expect![[r#"
        Error from server (BadRequest): Secret in version "v1" cannot be handled as a
        … Secret: illegal base64 data at input byte 0
        data[a] at line 3, column 11
    "#]],
    );
    check(
        "apiVersion: v1\nkind: Pod\nmetadata: {creationTimestamp: today}",
        expect![[r#"
        Error from server (BadRequest): Pod in version "v1" cannot be handled as a Pod:
        … parsing time "today" as "2006-01-02T15:04:05Z07:00": cannot parse "today" as
        … "2006"
        metadata.creationTimestamp at line 3, column 31
    "#]],
    );
}

#[test]
fn unknown_fields_and_keys_given_twice() {
    check_spec(
        "  replica: 3\n  foo: {}\n",
        expect![[r#"
        Error from server (BadRequest): Deployment in version "v1" cannot be handled as
        … a Deployment: strict decoding error: unknown field "spec.replica", unknown
        … field "spec.foo"
        spec.replica at line 5, column 3
        spec.foo at line 6, column 3
    "#]],
    );
    check_spec(
        "  replicas: 1\n  replicas: 2\n",
        expect![[r#"
        Error from server (BadRequest): Deployment in version "v1" cannot be handled as
        … a Deployment: strict decoding error: yaml: unmarshal errors:
          line 6: key "replicas" already set in map
        spec.replicas at line 6, column 3
    "#]],
    );
    check_container(
        "      - {name: a, img: b}\n",
        expect![[r#"
        Error from server (BadRequest): Deployment in version "v1" cannot be handled as
        … a Deployment: strict decoding error: unknown field
        … "spec.template.spec.containers[0].img"
        spec.template.spec.containers[0].img at line 8, column 19
    "#]],
    );
    check(
        "apiVersion: x.io/v1\nkind: Foo\nspec: {a: null}\nmetadata: {name: x, foo: 1}",
        expect![[r#"
            Error from server (BadRequest): Foo in version "v1" cannot be handled as a Foo:
            … strict decoding error: unknown field "metadata.foo"
            metadata.foo at line 4, column 21
        "#]],
    );
}

#[test]
fn normal_forms() {
    let pod = "
apiVersion: v1
kind: Pod
metadata: {name: a, labels: {}, uid: ''}
spec:
  nodeName: null
  hostNetwork: false
  containers:
  - {name: c, resources: {requests: {cpu: 1}}}
  securityContext: {}
  volumes: [{name: v, emptyDir: {}}]
";
    check(
        pod,
        expect![[r#"
        {
          "apiVersion": "v1",
          "kind": "Pod",
          "metadata": {
            "name": "a"
          },
          "spec": {
            "containers": [
              {
                "name": "c",
                "resources": {
                  "requests": {
                    "cpu": "1"
                  }
                }
              }
            ],
            "securityContext": {},
            "volumes": [
              {
                "emptyDir": {},
                "name": "v"
              }
            ]
          },
          "status": {}
        }
    "#]],
    );
    let service = "
apiVersion: v1
kind: Service
metadata: {creationTimestamp: '2026-01-02T05:04:05+02:00'}
spec: {ports: [{port: 80}]}
";
    check(
        service,
        expect![[r#"
        {
          "apiVersion": "v1",
          "kind": "Service",
          "metadata": {
            "creationTimestamp": "2026-01-02T03:04:05Z"
          },
          "spec": {
            "ports": [
              {
                "port": 80,
                "targetPort": 0
              }
            ]
          },
          "status": {
            "loadBalancer": {}
          }
        }
    "#]],
    );
}
