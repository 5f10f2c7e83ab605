//! Generated objects of every kind: stored, read back, named byte by byte, and read by the other
//! implementation of Kubernetes' types, k8s-pb.

#[path = "objects/recorded.rs"]
mod recorded;

use k8s_pb::api;
use k8s_pb::apimachinery::pkg::runtime::Unknown;
use proptest::prelude::*;
use prost::Message;
use raftarium::kube::decode::decode;
use raftarium::kube::encode::encode;
use raftarium::kube::kinds::{KINDS, Kind};
use raftarium::kube::schema::{self, Many, Type, schema};
use raftarium::kube::typed::typed_value;
use recorded::{covers, vectors};
use serde_json::{Map, Value, json};

/// What k8s-pb writes after reading what we wrote.
fn k8s_pb(kind: &str, raw: &[u8]) -> Vec<u8> {
    fn again<M: Message + Default>(raw: &[u8]) -> Vec<u8> {
        M::decode(raw).unwrap().encode_to_vec()
    }
    match kind {
        "ConfigMap" => again::<api::core::v1::ConfigMap>(raw),
        "Deployment" => again::<api::apps::v1::Deployment>(raw),
        "Event" => again::<api::core::v1::Event>(raw),
        "Lease" => again::<api::coordination::v1::Lease>(raw),
        "Namespace" => again::<api::core::v1::Namespace>(raw),
        "Node" => again::<api::core::v1::Node>(raw),
        "Pod" => again::<api::core::v1::Pod>(raw),
        "PriorityClass" => again::<api::scheduling::v1::PriorityClass>(raw),
        "ReplicaSet" => again::<api::apps::v1::ReplicaSet>(raw),
        "ResourceQuota" => again::<api::core::v1::ResourceQuota>(raw),
        "Secret" => again::<api::core::v1::Secret>(raw),
        "Service" => again::<api::core::v1::Service>(raw),
        "ServiceAccount" => again::<api::core::v1::ServiceAccount>(raw),
        other => panic!("{other}"),
    }
}

fn cross_check(bytes: &[u8]) {
    let unknown = Unknown::decode(&bytes[4..]).unwrap();
    assert_eq!(unknown.encode_to_vec(), bytes[4..]);
    let kind = unknown.type_meta.unwrap().kind.unwrap();
    let raw = unknown.raw.unwrap();
    assert_eq!(k8s_pb(&kind, &raw), raw, "{kind}");
}

#[test]
fn another_implementation_reads_and_writes_the_same_bytes() {
    for (_, object, _) in vectors() {
        let kind = Kind::of_object(&object).unwrap();
        cross_check(&encode(&kind, &object).unwrap());
    }
}

/// Fields that are younger than k8s-pb's types: it drops them.
const YOUNGER: &[(&str, u32)] = &[
    ("ClusterTrustBundleProjection", 6),
    ("ConfigMapVolumeSource", 5),
    ("DownwardAPIVolumeFile", 5),
    ("DownwardAPIVolumeSource", 3),
    ("EmptyDirVolumeSource", 3),
    ("GRPCAction", 3),
    ("HTTPGetAction", 6),
    ("KeyToPath", 4),
    ("NodeSpec", 8),
    ("PodCertificateProjection", 8),
    ("PodSpec", 43),
    ("PodSpec", 44),
    ("PodStatus", 21),
    ("PodStatus", 22),
    ("ProjectedVolumeSource", 3),
    ("ResourceHealth", 6),
    ("SecretVolumeSource", 5),
    ("ServiceAccountTokenProjection", 4),
    ("VolumeMount", 8),
    ("VolumeMountStatus", 5),
];

/// Objects drawn from a stream of numbers.
struct Draw(Vec<u32>, usize);

impl Draw {
    fn next(&mut self, below: u32) -> u32 {
        let number = self.0[self.1 % self.0.len()];
        self.1 += 1;
        number.wrapping_add(self.1 as u32 * 7) % below
    }

    fn pick(&mut self, values: &[Value]) -> Value {
        values[self.next(values.len() as u32) as usize].clone()
    }

    fn message(&mut self, message: &schema::Message, depth: u32) -> Map<String, Value> {
        let mut map = Map::new();
        for field in &message.fields {
            if let (true, Type::Message(index)) = (field.inline, field.ty) {
                map.extend(self.message(schema().at(index), depth));
                continue;
            }
            let younger = YOUNGER.contains(&(message.name, field.number));
            if younger || self.next(2 + depth * 3) != 0 {
                continue;
            }
            let value = match field.many {
                Many::One => self.one(field.ty, depth),
                Many::List => (0..self.next(3)).map(|_| self.one(field.ty, depth)).collect(),
                Many::Map => {
                    let keys = ["a", "b.c/d", "ключ"];
                    let keys = keys.iter().take(self.next(4) as usize);
                    let drawn = keys.map(|key| (key.to_string(), self.one(field.ty, depth)));
                    // prost leaves an empty value of a map out; Go, and we, write it.
                    let entries: Map<_, _> = drawn.filter(|(_, value)| value != "").collect();
                    Value::Object(entries)
                }
            };
            map.insert(field.name.to_string(), value);
        }
        map
    }

    fn one(&mut self, ty: Type, depth: u32) -> Value {
        let numbers = [0, 1, -1, 80, i32::MAX, i32::MIN].map(Value::from);
        match ty {
            Type::String => self.pick(&["", "x", "nginx:1.25", "ünï 😀\n", "<&>"].map(Value::from)),
            Type::Int32 => self.pick(&numbers),
            Type::Int64 => self.pick(&[json!(0), json!(i64::MAX), json!(i64::MIN), json!(7)]),
            Type::Bool => self.pick(&[json!(true), json!(false)]),
            Type::Bytes => self.pick(&[json!(""), json!("AA=="), json!("c3VwZXJzZWNyZXQ=")]),
            Type::Time => {
                self.pick(&["2026-01-02T03:04:05Z", "1969-12-31T23:59:59Z"].map(Value::from))
            }
            Type::MicroTime => "2026-01-02T03:04:05.123456Z".into(),
            Type::Quantity => self.pick(&["1", "500m", "64Mi"].map(Value::from)),
            Type::IntOrString => self.pick(&[json!(8080), json!("25%"), json!(0)]),
            Type::FieldsV1 => json!({"f:metadata": {}}),
            Type::Message(index) => self.message(schema().at(index), depth + 1).into(),
        }
    }
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..Default::default() }
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn any_object_comes_back(numbers in prop::collection::vec(any::<u32>(), 1..60)) {
        let mut draw = Draw(numbers, 0);
        for kind in KINDS.iter() {
            let message = schema().message(kind.message.unwrap()).unwrap();
            let mut object = draw.message(message, 0);
            object.insert("apiVersion".into(), kind.api_version().into());
            object.insert("kind".into(), kind.kind.as_ref().into());
            let mut normal = typed_value(kind, &object.into()).unwrap();
            if let Some(Value::Object(meta)) = normal.get_mut("metadata") {
                meta.remove("resourceVersion");
                meta.remove("selfLink");
            }
            let bytes = encode(kind, &normal).unwrap();
            let (_, read) = decode(&bytes).unwrap();
            prop_assert_eq!(&read, &normal);
            prop_assert_eq!(typed_value(kind, &read).unwrap(), normal);
            cross_check(&bytes);
            covers(&bytes);
        }
    }

    #[test]
    fn no_bytes_are_too_damaged(
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<prop::sample::Index>(),
    ) {
        for (_, _, mut bytes) in vectors() {
            let index = at.index(bytes.len());
            bytes[index] = byte;
            bytes.truncate(cut.index(bytes.len()) + 1);
            let _ = decode(&bytes);
            covers(&bytes);
        }
    }
}

/// Where a pod may be, with a selector that is empty and one that is not there.
const PLACED: &str = r#"{
    "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "default"},
    "spec": {
        "affinity": {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{
                    "matchExpressions": [{"key": "size", "operator": "Gt", "values": ["3"]}],
                    "matchFields": [{"key": "metadata.name", "operator": "In", "values": ["a"]}]}]},
                "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 7, "preference": {
                    "matchExpressions": [{"key": "disk", "operator": "DoesNotExist"}]}}]},
            "podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
                {"topologyKey": "zone", "labelSelector": {}, "namespaceSelector": {}}]},
            "podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
                {"weight": 1, "podAffinityTerm": {"topologyKey": "zone", "namespaces": ["x"],
                    "labelSelector": {"matchLabels": {"app": "web"}},
                    "matchLabelKeys": ["hash"], "mismatchLabelKeys": ["tenant"]}}]}},
        "topologySpreadConstraints": [
            {"topologyKey": "zone", "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule"},
            {"topologyKey": "rack", "maxSkew": 2, "whenUnsatisfiable": "DoNotSchedule",
                "labelSelector": {}, "minDomains": 3, "nodeAffinityPolicy": "Ignore",
                "nodeTaintsPolicy": "Honor", "matchLabelKeys": ["hash"]}],
        "containers": [{"name": "web", "image": "nginx", "resources": {}}]}}"#;

#[test]
fn where_a_pod_may_be_is_kept() {
    let object: Value = serde_json::from_str(PLACED).unwrap();
    let kind = Kind::of_object(&object).unwrap();
    let normal = typed_value(&kind, &object).unwrap();
    for part in ["affinity", "topologySpreadConstraints"] {
        assert_eq!(normal["spec"][part], object["spec"][part]);
    }
    let bytes = encode(&kind, &normal).unwrap();
    assert_eq!(decode(&bytes).unwrap().1, normal);
    cross_check(&bytes);
    covers(&bytes);
}
