//! Affinity and topology spread that break rules. In what is expected, the two longest names of
//! Kubernetes end at their first word.

use expect_test::{Expect, expect};

use crate::kube::testing::folded;

const REST: &str = "DuringSchedulingIgnoredDuringExecution";

fn check(spec: &str, expected: Expect) {
    let containers = "containers: [{name: web, image: nginx}]";
    let pod = "apiVersion: v1, kind: Pod, metadata: {name: web}";
    let said = super::said(&format!("{{{pod}, spec: {{{containers}, {spec}}}}}"));
    expected.assert_eq(&folded(&said.replace(REST, "…")));
}

fn to_nodes(affinity: &str) -> String {
    format!("affinity: {{nodeAffinity: {{{affinity}}}}}")
}

#[test]
fn requirements_of_nodes() {
    const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
    check(
        &to_nodes(&format!("{REQUIRED}: {{nodeSelectorTerms: []}}")),
        expect![[r#"
            The Pod "web" is invalid:
            … spec.affinity.nodeAffinity.required….nodeSelectorTerms: Required value: must
            … have at least one node selector term
        "#]],
    );
    let terms = "
        - matchExpressions:
          - {key: disk, operator: Near, values: [ssd]}
          - {key: disk, operator: In}
          - {key: disk, operator: Exists, values: [ssd]}
          - {key: size, operator: Gt, values: ['1', '2']}
          - {key: a b, operator: Exists}
          - {key: size, operator: Lt, values: ['2']}
          matchFields:
          - {key: metadata.name, operator: In, values: [a, b]}
          - {key: metadata.name, operator: NotIn, values: [A_B]}
          - {key: spec.unschedulable, operator: Exists}";
    let terms = crate::kube::yaml::read(terms).unwrap()[0].value.to_string();
    check(
        &to_nodes(&format!("{REQUIRED}: {{nodeSelectorTerms: {terms}}}")),
        expect![[r#"
            The Pod "web" is invalid:
            *
            … spec.affinity.nodeAffinity.required….nodeSelectorTerms[0].matchExpressions[0].operator:
            … Invalid value: "Near": not a valid selector operator
            *
            … spec.affinity.nodeAffinity.required….nodeSelectorTerms[0].matchExpressions[1].values:
            … Required value: must be specified when `operator` is 'In' or 'NotIn'
            *
            … spec.affinity.nodeAffinity.required….nodeSelectorTerms[0].matchExpressions[2].values:
            … Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'
            *
            … spec.affinity.nodeAffinity.required….nodeSelectorTerms[0].matchExpressions[3].values:
            … Required value: must be specified single value when `operator` is 'Lt' or 'Gt'
            *
            … spec.affinity.nodeAffinity.required….nodeSelectorTerms[0].matchExpressions[4].key:
            … Invalid value: "a b": name part must consist of alphanumeric characters, '-',
            … '_' or '.', and must start and end with an alphanumeric character (e.g.
            … 'MyName',  or 'my.name',  or '123-abc', regex used for validation is
            … '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
            *
            … spec.affinity.nodeAffinity.required….nodeSelectorTerms[0].matchFields[0].values:
            … Required value: must be only one value when `operator` is 'In' or 'NotIn' for
            … node field selector
            *
            … spec.affinity.nodeAffinity.required….nodeSelectorTerms[0].matchFields[1].values[0]:
            … Invalid value: "A_B": a lowercase RFC 1123 subdomain must consist of lower
            … case alphanumeric characters, '-' or '.', and must start and end with an
            … alphanumeric character (e.g. 'example.com', regex used for validation is
            … '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
            *
            … spec.affinity.nodeAffinity.required….nodeSelectorTerms[0].matchFields[2].operator:
            … Invalid value: "Exists": not a valid selector operator
            * spec.affinity.nodeAffinity.required….nodeSelectorTerms[0].matchFields[2].key:
            … Invalid value: "spec.unschedulable": not a valid field selector key
        "#]],
    );
    let preferred = "preferredDuringSchedulingIgnoredDuringExecution";
    let term = "preference: {matchExpressions: [{key: disk, operator: NotIn}]}";
    check(
        &to_nodes(&format!("{preferred}: [{{weight: 0, {term}}}]")),
        expect![[r#"
            The Pod "web" is invalid:
            * spec.affinity.nodeAffinity.preferred…[0].weight: Invalid value: 0: must be in
            … the range 1-100
            *
            … spec.affinity.nodeAffinity.preferred…[0].preference.matchExpressions[0].values:
            … Required value: must be specified when `operator` is 'In' or 'NotIn'
        "#]],
    );
}

#[test]
fn terms_of_pods() {
    let terms = "
        podAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
          - weight: 101
            podAffinityTerm: {labelSelector: {matchLabels: {app: '-'}}, namespaces: [A]}
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
          - topologyKey: zone
            labelSelector: {matchExpressions: [{key: app, operator: In, values: [a b]}]}
            namespaceSelector: {matchExpressions: [{key: app, operator: Gt, values: ['1']}]}
            matchLabelKeys: [hash]
            mismatchLabelKeys: [hash]
          - {topologyKey: zone, matchLabelKeys: [hash]}";
    let terms = crate::kube::yaml::read(terms).unwrap()[0].value.to_string();
    check(
        &format!("affinity: {terms}"),
        expect![[r#"
        The Pod "web" is invalid:
        * spec.affinity.podAffinity.preferred…[0].weight: Invalid value: 101: must be in
        … the range 1-100
        *
        … spec.affinity.podAffinity.preferred…[0].podAffinityTerm.labelSelector.matchLabels:
        … Invalid value: "-": a valid label must be an empty string or consist of
        … alphanumeric characters, '-', '_' or '.', and must start and end with an
        … alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex
        … used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')
        * spec.affinity.podAffinity.preferred…[0].podAffinityTerm.namespace: Invalid
        … value: "A": a lowercase RFC 1123 label must consist of lower case alphanumeric
        … characters or '-', and must start and end with an alphanumeric character (e.g.
        … 'my-name',  or '123-abc', regex used for validation is
        … '[a-z0-9]([-a-z0-9]*[a-z0-9])?')
        * spec.affinity.podAffinity.preferred…[0].podAffinityTerm.topologyKey: Required
        … value: can not be empty
        * spec.affinity.podAffinity.preferred…[0].podAffinityTerm.topologyKey: Invalid
        … value: "": name part must be non-empty
        * spec.affinity.podAffinity.preferred…[0].podAffinityTerm.topologyKey: Invalid
        … value: "": name part must consist of alphanumeric characters, '-', '_' or '.',
        … and must start and end with an alphanumeric character (e.g. 'MyName',  or
        … 'my.name',  or '123-abc', regex used for validation is
        … '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
        *
        … spec.affinity.podAntiAffinity.required…[0].labelSelector.matchExpressions[0].values[0]:
        … Invalid value: "a b": a valid label must be an empty string or consist of
        … alphanumeric characters, '-', '_' or '.', and must start and end with an
        … alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex
        … used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')
        *
        … spec.affinity.podAntiAffinity.required…[0].namespaceSelector.matchExpressions[0].operator:
        … Invalid value: "Gt": not a valid selector operator
        * spec.affinity.podAntiAffinity.required…[0].matchLabelKeys[0]: Invalid value:
        … "hash": exists in both matchLabelKeys and mismatchLabelKeys
        * spec.affinity.podAntiAffinity.required…[1].matchLabelKeys: Forbidden: must not
        … be specified when labelSelector is not set
    "#]],
    );
}

#[test]
fn spread_constraints() {
    check(
        "topologySpreadConstraints: [{}]",
        expect![[r#"
        The Pod "web" is invalid:
        * spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater
        … than zero
        * spec.topologySpreadConstraints[0].topologyKey: Required value: can not be
        … empty
        * spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "":
        … supported values: "DoNotSchedule", "ScheduleAnyway"
    "#]],
    );
    let zone = "topologyKey: zone, maxSkew: 1, labelSelector: {matchLabels: {app: web}}";
    let twice = format!("{{{zone}, whenUnsatisfiable: DoNotSchedule}}");
    check(
        &format!("topologySpreadConstraints: [{twice}, {twice}]"),
        expect![[r#"
        The Pod "web" is invalid: spec.topologySpreadConstraints[0].{topologyKey,
        … whenUnsatisfiable}: Duplicate value: "{zone, DoNotSchedule}"
    "#]],
    );
    let more = "minDomains: 0, nodeAffinityPolicy: Heed, nodeTaintsPolicy: Ignore";
    let more =
        format!("{more}, matchLabelKeys: [app, hash, '-'], whenUnsatisfiable: ScheduleAnyway");
    check(
        &format!("topologySpreadConstraints: [{{{zone}, {more}}}]"),
        expect![[r#"
            The Pod "web" is invalid:
            * spec.topologySpreadConstraints[0].minDomains: Invalid value: 0: must be
            … greater than zero
            * spec.topologySpreadConstraints[0].minDomains: Invalid value: 0: can only use
            … minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway
            * spec.topologySpreadConstraints[0].nodeAffinityPolicy: Unsupported value:
            … "Heed": supported values: "Honor", "Ignore"
            * spec.topologySpreadConstraints[0].matchLabelKeys[0]: Invalid value: "app":
            … exists in both matchLabelKeys and labelSelector
            * spec.topologySpreadConstraints[0].matchLabelKeys[2]: Invalid value: "-": name
            … part must consist of alphanumeric characters, '-', '_' or '.', and must start
            … and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or
            … '123-abc', regex used for validation is
            … '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
        "#]],
    );
    let bare = "{topologyKey: z, maxSkew: 1, whenUnsatisfiable: Maybe, matchLabelKeys: [app]}";
    check(
        &format!("topologySpreadConstraints: [{bare}]"),
        expect![[r#"
        The Pod "web" is invalid:
        * spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value:
        … "Maybe": supported values: "DoNotSchedule", "ScheduleAnyway"
        * spec.topologySpreadConstraints[0].matchLabelKeys: Forbidden: must not be
        … specified when labelSelector is not set
    "#]],
    );
    check(
        &format!("topologySpreadConstraints: [{twice}]"),
        expect![[r#"
        fine
    "#]],
    );
}
