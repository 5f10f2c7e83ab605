"""The tables that the apiserver answers `kubectl get` with.

Follows kubernetes pkg/printers/internalversion/printers.go (1.32), for the kinds that are held.
"""
import datetime

NOW = datetime.datetime(2026, 1, 1, 1, 0, 2)

# group, short names, kind, plural, namespaced, more
KINDS = [
    ("", ["cm"], "ConfigMap", "configmaps", True),
    ("", ["ev"], "Event", "events", True),
    ("", ["ns"], "Namespace", "namespaces", False),
    ("", ["no"], "Node", "nodes", False),
    ("", ["po"], "Pod", "pods", True),
    ("", ["quota"], "ResourceQuota", "resourcequotas", True),
    ("", [], "Secret", "secrets", True),
    ("", ["sa"], "ServiceAccount", "serviceaccounts", True),
    ("", ["svc"], "Service", "services", True),
    ("apps", ["deploy"], "Deployment", "deployments", True),
    ("apps", ["rs"], "ReplicaSet", "replicasets", True),
    ("coordination.k8s.io", [], "Lease", "leases", True),
    ("scheduling.k8s.io", ["pc"], "PriorityClass", "priorityclasses", False),
]

# Columns; a `+` before those that are wide only.
COLUMNS = {
    "Pod": "Name,Ready,Status,Restarts,Age,+IP,+Node,+Nominated Node,+Readiness Gates",
    "Deployment": "Name,Ready,Up-to-date,Available,Age,+Containers,+Images,+Selector",
    "ReplicaSet": "Name,Desired,Current,Ready,Age,+Containers,+Images,+Selector",
    "Node": "Name,Status,Roles,Age,Version,+Internal-IP,+External-IP,+OS-Image,"
            "+Kernel-Version,+Container-Runtime",
    "Namespace": "Name,Status,Age",
    "ConfigMap": "Name,Data,Age",
    "Secret": "Name,Type,Data,Age",
    "ServiceAccount": "Name,Secrets,Age",
    "Service": "Name,Type,Cluster-IP,External-IP,Port(s),Age,+Selector",
    "Lease": "Name,Holder,Age",
    "PriorityClass": "Name,Value,Global-Default,Age,PreemptionPolicy",
    "ResourceQuota": "Name,Request,Limit,Age",
    "Event": "Last Seen,Type,Reason,Object,+Subobject,+Source,Message,+First Seen,+Count,+Name",
}


def key(it):
    return it["metadata"].get("namespace", ""), it["metadata"]["name"]


def at(it, path):
    for part in path.split("."):
        it = it.get(part) if isinstance(it, dict) else None
    return it


def duration(seconds):
    """apimachinery duration.HumanDuration"""
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    two = lambda big, a, small, b: f"{big}{a}" + (f"{small}{b}" if small else "")
    if seconds < 120:
        return f"{seconds}s"
    if minutes < 10:
        return two(minutes, "m", seconds % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return two(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    return two(days, "d", hours % 24, "h") if days < 8 else f"{days}d"


def since(time):
    if not time:
        return "<unknown>"
    if time.startswith("@-"):
        return duration(int(time[2:]) + 2)
    then = datetime.datetime.strptime(time[:19], "%Y-%m-%dT%H:%M:%S")
    return duration(int((NOW - then).total_seconds()))


def labels(map):
    return ",".join(f"{k}={v}" for k, v in sorted((map or {}).items())) or "<none>"


def selector(selector):
    parts = [f"{k}={v}" for k, v in sorted((selector.get("matchLabels") or {}).items())]
    for one in selector.get("matchExpressions", []):
        how = {"In": " in ", "NotIn": " notin "}.get(one["operator"])
        values = f"{how}({','.join(one['values'])})" if how else ""
        parts.append(("!" if one["operator"] == "DoesNotExist" else "") + one["key"] + values)
    return ",".join(sorted(parts, key=lambda it: it.lstrip("!"))) or "<none>"


def reason(status, prefix=""):
    state = status["state"]
    if state.get("waiting", {}).get("reason"):
        return prefix + state["waiting"]["reason"]
    if "terminated" in state:
        end = state["terminated"]
        return prefix + (end.get("reason") or f"ExitCode:{end['exitCode']}")
    return None


def pod(it):
    spec, status = it["spec"], it["status"]
    said, restarts, ready, last = status["phase"], 0, 0, ""
    conditions = {c["type"]: c["status"] for c in status.get("conditions", [])}
    initializing = False
    for place, init in enumerate(status.get("initContainerStatuses", [])):
        restarts += init["restartCount"]
        state = init["state"]
        if "terminated" in state and state["terminated"]["exitCode"] == 0:
            continue
        why = reason(init, "Init:")
        if why is None or why == "Init:PodInitializing":
            why = f"Init:{place}/{len(spec['initContainers'])}"
        said, initializing = why, True
        break
    if not initializing or conditions.get("Initialized") == "True":
        restarts, running = 0, False
        for one in reversed(status.get("containerStatuses", [])):
            restarts += one["restartCount"]
            last = max(last, at(one, "lastState.terminated.finishedAt") or "")
            why = reason(one)
            said = why or said
            if why is None and one["ready"] and "running" in one["state"]:
                running, ready = True, ready + 1
        if said == "Completed" and running:
            said = "Running" if conditions.get("Ready") == "True" else "NotReady"
    if "deletionTimestamp" in it["metadata"] and status["phase"] not in ("Succeeded", "Failed"):
        said = "Terminating"
    count = f"{restarts} ({since(last)} ago)" if restarts and last else str(restarts)
    none = lambda text: text or "<none>"
    return [f"{ready}/{len(spec['containers'])}", said, count, age(it), none(status.get("podIP")),
            none(spec.get("nodeName")), "<none>", "<none>"]


def age(it):
    return since(it["metadata"]["creationTimestamp"])


def template(it):
    all = it["spec"]["template"]["spec"]["containers"]
    return [",".join(c["name"] for c in all), ",".join(c["image"] for c in all),
            selector(it["spec"]["selector"])]


def node(it):
    ready = [c["status"] for c in it["status"]["conditions"] if c["type"] == "Ready"]
    said = {"True": "Ready"}.get(ready[0], "NotReady")
    if it["spec"].get("unschedulable"):
        said += ",SchedulingDisabled"
    role = "node-role.kubernetes.io/"
    roles = [n[len(role):] for n in it["metadata"]["labels"] if n.startswith(role)]
    address = {a["type"]: a["address"] for a in it["status"]["addresses"]}
    info = it["status"]["nodeInfo"]
    return [said, ",".join(sorted(roles)) or "<none>", age(it), info["kubeletVersion"],
            address.get("InternalIP", "<none>"), address.get("ExternalIP", "<none>"),
            info["osImage"], info["kernelVersion"], info["containerRuntimeVersion"]]


def event(it):
    about, source = it["involvedObject"], it["source"]
    parts = [source["component"], source.get("host")]
    return [since(it["lastTimestamp"]), it["type"], it["reason"],
            f"{about['kind'].lower()}/{about['name']}", about.get("fieldPath", ""),
            ", ".join(filter(None, parts)), it["message"].strip(), since(it["firstTimestamp"]),
            it["count"], it["metadata"]["name"]]


def quota(it):
    used, hard = it["status"]["used"], it["status"]["hard"]
    request = [f"{n}: {used[n]}/{hard[n]}" for n in sorted(hard)]
    return [", ".join(request), "", age(it)]


def service(it):
    spec = it["spec"]
    ports = ",".join(f"{p['port']}/{p['protocol']}" for p in spec["ports"])
    return [spec["type"], spec["clusterIP"], "<none>", ports, age(it), labels(spec["selector"])]


def cells(it):
    kind, status, spec = it["kind"], it.get("status", {}), it.get("spec", {})
    count = lambda name: status.get(name, 0)
    if kind == "Event":
        return event(it)
    rest = {
        "Pod": pod,
        "Node": node,
        "ResourceQuota": quota,
        "Service": service,
        "Deployment": lambda it: [f"{count('readyReplicas')}/{spec['replicas']}",
                                  count("updatedReplicas"), count("availableReplicas"), age(it),
                                  *template(it)],
        "ReplicaSet": lambda it: [spec["replicas"], count("replicas"), count("readyReplicas"),
                                  age(it), *template(it)],
        "Namespace": lambda it: [status["phase"], age(it)],
        "ConfigMap": lambda it: [len(it["data"]), age(it)],
        "Secret": lambda it: [it["type"], len(it["data"]), age(it)],
        "ServiceAccount": lambda it: [len(it.get("secrets", [])), age(it)],
        "Lease": lambda it: [spec["holderIdentity"], age(it)],
        "PriorityClass": lambda it: [it["value"], it["globalDefault"], age(it),
                                     it["preemptionPolicy"]],
    }[kind](it)
    return [it["metadata"]["name"], *rest]


def table(kind, objects):
    names = COLUMNS[kind[2]].split(",")
    columns = [{"name": n.lstrip("+"), "type": "string", "format": "name" if n == "Name" else "",
                "description": "", "priority": int(n.startswith("+"))} for n in names]
    meta = lambda it: {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
                       "metadata": it["metadata"]}
    rows = [{"cells": cells(it), "object": meta(it)} for it in objects]
    return {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": "1"},
            "columnDefinitions": columns, "rows": rows}
