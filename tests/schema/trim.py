"""Writes src/kube/schema.table: the messages of Kubernetes' protobuf schema that our kinds reach.

    python3 tests/schema/trim.py > src/kube/schema.table

Input is k8s-pb-schema.json beside this file. A line is a message ("= Name") or one of its fields:
number, JSON name, type, then flags: ! always written, * inline, # a Go type that is not the plain
one. Types: s string, i int32, l int64, b bool, y bytes, or a message; [] before it a list, {} a map
from strings.
tests/kube_schema.rs checks the table against the input.
"""
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMA = json.load(open(os.path.join(HERE, "k8s-pb-schema.json")))
CORE, APPS = "k8s.io.api.core.v1.", "k8s.io.api.apps.v1."
KINDS = [CORE + k for k in ("Namespace Pod Node Service ConfigMap Secret ServiceAccount Event"
                            " ResourceQuota").split()]
KINDS += [APPS + "Deployment", APPS + "ReplicaSet", "k8s.io.api.coordination.v1.Lease",
          "k8s.io.api.scheduling.v1.PriorityClass"]
SCALARS = {"string": "s", "int32": "i", "int64": "l", "bool": "b", "bytes": "y"}
LEAVES = {"Time", "MicroTime", "Quantity", "IntOrString", "FieldsV1"}
# Flattened in JSON although the schema file does not say so.
INLINE = {("EphemeralContainer", "ephemeralContainerCommon")}
# Named string types: the decoder's error message names them.
GO = {
    ("Container", "imagePullPolicy"): "PullPolicy",
    ("EphemeralContainerCommon", "imagePullPolicy"): "PullPolicy",
    ("Container", "terminationMessagePolicy"): "TerminationMessagePolicy",
    ("Container", "restartPolicy"): "ContainerRestartPolicy",
    ("ContainerPort", "protocol"): "Protocol",
    ("ServicePort", "protocol"): "Protocol",
    ("PodSpec", "restartPolicy"): "RestartPolicy",
    ("PodSpec", "dnsPolicy"): "DNSPolicy",
    ("PodSpec", "preemptionPolicy"): "PreemptionPolicy",
    ("PodStatus", "phase"): "PodPhase",
    ("NamespaceStatus", "phase"): "NamespacePhase",
    ("ServiceSpec", "type"): "ServiceType",
    ("ServiceSpec", "sessionAffinity"): "ServiceAffinity",
    ("Secret", "type"): "SecretType",
    ("DeploymentStrategy", "type"): "DeploymentStrategyType",
    ("Toleration", "operator"): "TolerationOperator",
    ("Toleration", "effect"): "TaintEffect",
    ("Taint", "effect"): "TaintEffect",
    ("HTTPGetAction", "scheme"): "URIScheme",
    ("ObjectMeta", "uid"): "types.UID",
    ("OwnerReference", "uid"): "types.UID",
    ("LabelSelectorRequirement", "operator"): "LabelSelectorOperator",
}


def resolve(package, name):
    name = name.lstrip(".")
    return name if name in SCHEMA else package + "." + name


def parts(field):
    """(list or map mark, element type)"""
    kind = field["type"]
    if kind.startswith("map<"):
        return "{}", kind[4:-1].split(",")[1].strip()
    return ("[]" if field["rep"] else ""), kind


def reach():
    seen, todo = set(), list(KINDS)
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        for field in SCHEMA[name]:
            _, kind = parts(field)
            if kind not in SCALARS:
                todo.append(resolve(name.rsplit(".", 1)[0], kind))
    return seen


def short(name):
    return name.rsplit(".", 1)[1]


def main():
    names = sorted(reach(), key=short)
    assert len({short(n) for n in names}) == len(names), "two messages of one name"
    for name in names:
        if short(name) in LEAVES:
            continue
        print("= " + short(name))
        for field in sorted(SCHEMA[name], key=lambda f: f["n"]):
            mark, kind = parts(field)
            kind = SCALARS.get(kind) or short(resolve(name.rsplit(".", 1)[0], kind))
            flags = "!" if field["presence"] == "always" else ""
            if field.get("inline") or (short(name), field["name"]) in INLINE:
                flags += "*"
            go = GO.get((short(name), field["name"]))
            flags += "#" + go if go else ""
            print(" ".join(filter(None, [str(field["n"]), field["name"], mark + kind, flags])))


main()
