//! What the apiserver says of objects that break its rules.

mod placement;

use expect_test::{Expect, expect};

use super::*;
use crate::kube::defaults::set_defaults;
use crate::kube::prepare::set_namespace;
use crate::kube::testing::folded;
use crate::kube::{typed::typed, yaml};

fn ready(text: &str) -> (Kind, Value) {
    let document = &yaml::read(text).unwrap()[0];
    let kind = Kind::of_object(&document.value).unwrap();
    let mut object = typed(&kind, document).unwrap();
    set_namespace(&kind, &mut object, "").unwrap();
    set_defaults(&kind, &mut object);
    (kind, object)
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&folded(&said(text)));
}

fn said(text: &str) -> String {
    let (kind, object) = ready(text);
    let status = refusal(&kind, &object, &validate(&kind, &object));
    status.map_or("fine".to_string(), |status| status.kubectl())
}

const WEB: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: nginx}]
";

fn check_web(from: &str, to: &str, expected: Expect) {
    assert!(WEB.contains(from));
    check(&WEB.replace(from, to), expected);
}

#[test]
fn deployments() {
    check(
        WEB,
        expect![[r#"
        fine
    "#]],
    );
    check_web(
        "labels: {app: web}",
        "labels: {app: other}",
        expect![[r#"
        The Deployment "web" is invalid: spec.template.metadata.labels: Invalid value:
        … {"app":"other"}: `selector` does not match template `labels`
    "#]],
    );
    check_web(
        "spec:\n  selector",
        "spec:\n  replicas: -1\n  selector",
        expect![[r#"
        The Deployment "web" is invalid: spec.replicas: Invalid value: -1: must be
        … greater than or equal to 0
    "#]],
    );
    check_web(
        "  selector: {matchLabels: {app: web}}\n",
        "",
        expect![[r#"
        The Deployment "web" is invalid: spec.selector: Required value
    "#]],
    );
    check_web(
        "{matchLabels: {app: web}}",
        "{}",
        expect![[r#"
        The Deployment "web" is invalid: spec.selector: Invalid value: {}: empty
        … selector is invalid for deployment
    "#]],
    );
    check_web(
        "name: web}\nspec",
        "name: Web}\nspec",
        expect![[r#"
        The Deployment "Web" is invalid: metadata.name: Invalid value: "Web": a
        … lowercase RFC 1123 subdomain must consist of lower case alphanumeric
        … characters, '-' or '.', and must start and end with an alphanumeric character
        … (e.g. 'example.com', regex used for validation is
        … '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
    "#]],
    );
    check_web(
        "image: nginx}]",
        "image: ''}, {name: web, image: a}]",
        expect![[r#"
        The Deployment "web" is invalid:
        * spec.template.spec.containers[0].image: Required value
        * spec.template.spec.containers[1].name: Duplicate value: "web"
    "#]],
    );
    check_web(
        "containers: [{name: web, image: nginx}]",
        "restartPolicy: Never",
        expect![[r#"
        The Deployment "web" is invalid:
        * spec.template.spec.containers: Required value
        * spec.template.spec.restartPolicy: Unsupported value: "Never": supported
        … values: "Always"
    "#]],
    );
    let zero = "strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0%}}\n  selector";
    check_web(
        "selector",
        zero,
        expect![[r#"
        The Deployment "web" is invalid: spec.strategy.rollingUpdate.maxUnavailable:
        … Invalid value: "0%": may not be 0 when `maxSurge` is 0
    "#]],
    );
}

#[test]
fn a_selector_has_requirements_that_can_hold() {
    check_web(
        "{matchLabels: {app: web}}",
        "{matchExpressions: [{key: app, operator: Exists}, {key: app, operator: In}]}",
        expect![[r#"
            The Deployment "web" is invalid: spec.selector.matchExpressions[1].values:
            … Required value: must be specified when `operator` is 'In' or 'NotIn'
        "#]],
    );
}

#[test]
fn others() {
    check(
        "{apiVersion: v1, kind: Pod, metadata: {}, spec: {containers: []}}",
        expect![[r#"
        The Pod "" is invalid:
        * metadata.name: Required value: name or generateName is required
        * spec.containers: Required value
    "#]],
    );
    let pod = "
apiVersion: v1
kind: Pod
metadata: {name: p, labels: {'a b': '-'}}
spec:
  containers:
  - name: a
    image: b
    imagePullPolicy: Sometimes
    ports: [{containerPort: 70000}]
    env: [{name: 'a=b', value: x}]
    resources: {requests: {cpu: 2}, limits: {cpu: 1}}
";
    check(
        pod,
        expect![[r#"
        The Pod "p" is invalid:
        * metadata.labels: Invalid value: "a b": name part must consist of alphanumeric
        … characters, '-', '_' or '.', and must start and end with an alphanumeric
        … character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for
        … validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
        * metadata.labels: Invalid value: "-": a valid label must be an empty string or
        … consist of alphanumeric characters, '-', '_' or '.', and must start and end
        … with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345',
        … regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')
        * spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be
        … between 1 and 65535, inclusive
        * spec.containers[0].env[0].name: Invalid value: "a=b": a valid environment
        … variable name must consist only of printable ASCII characters other than '='
        * spec.containers[0].imagePullPolicy: Unsupported value: "Sometimes": supported
        … values: "Always", "IfNotPresent", "Never"
        * spec.containers[0].resources.requests: Invalid value: "2": must be less than
        … or equal to cpu limit of 1
    "#]],
    );
    check(
        "{apiVersion: v1, kind: Service, metadata: {name: 1a}, spec: {}}",
        expect![[r#"
        The Service "1a" is invalid:
        * metadata.name: Invalid value: "1a": a DNS-1035 label must consist of lower
        … case alphanumeric characters or '-', start with an alphabetic character, and
        … end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used
        … for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')
        * spec.ports: Required value
    "#]],
    );
    check(
        "{apiVersion: v1, kind: Namespace, metadata: {name: a.b, namespace: x}}",
        expect![[r#"
        The Namespace "a.b" is invalid:
        * metadata.name: Invalid value: "a.b": a lowercase RFC 1123 label must consist
        … of lower case alphanumeric characters or '-', and must start and end with an
        … alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for
        … validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')
        * metadata.namespace: Forbidden: not allowed on this type
    "#]],
    );
    check(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {'a/b': x}}",
        expect![[r#"
            The ConfigMap "a" is invalid: data[a/b]: Invalid value: "a/b": a valid config
            … key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',
            …  or 'KEY_NAME',  or 'key-name', regex used for validation is
            … '[-._a-zA-Z0-9]+')
        "#]],
    );
    let big = "x".repeat(ENTRIES_BYTES_MAX + 1);
    let text =
        format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: a}}, data: {{a: {big}}}}}");
    check(
        &text,
        expect![[r#"
        The ConfigMap "a" is invalid: []: Too long: may not be more than 1048576 bytes
    "#]],
    );
}

#[test]
fn what_must_not_change() {
    let (kind, stored) = ready(WEB);
    let (_, update) = ready(&WEB.replace("app: web", "app: two"));
    let errors = validate_update(&kind, &stored, &update);
    let status = refusal(&kind, &update, &errors).unwrap();
    expect![[r#"
        The Deployment "web" is invalid: spec.selector: Invalid value:
        … {"matchLabels":{"app":"two"}}: field is immutable
    "#]]
    .assert_eq(&folded(&status.kubectl()));
    assert_eq!(validate_update(&kind, &stored, &stored), []);
}

#[test]
fn what_is_going_is_held_by_nothing_new() {
    let (kind, mut stored) = ready(WEB);
    let mut update = stored.clone();
    stored["metadata"]["finalizers"] = json!(["example.com/a"]);
    update["metadata"]["finalizers"] = json!(["example.com/c", "example.com/a", "example.com/b"]);
    assert_eq!(validate_update(&kind, &stored, &update), [], "it is not going");
    stored["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    let status = refusal(&kind, &update, &validate_update(&kind, &stored, &update)).unwrap();
    assert_eq!(status.code, 422);
    expect![[r#"
        The Deployment "web" is invalid: metadata.finalizers: Forbidden: no new
        … finalizers can be added if the object is being deleted, found new finalizers
        … []string{"example.com/b", "example.com/c"}
    "#]]
    .assert_eq(&folded(&status.kubectl()));
    assert_eq!(validate_update(&kind, &update, &stored), [], "they may be taken off");
}
