"""What the server says of its kinds: discovery, and their schema as OpenAPI v3.

The schema is made of the table of types that the apiserver here has (`src/kube/schema.table`), and
of the sentences about fields (`src/kube/explain.table`).
"""
import os

import tables

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../..")
VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]


def read():
    messages, fields = {}, None
    for line in open(os.path.join(ROOT, "src/kube/schema.table")):
        words = line.split()
        if words[0] == "=":
            fields = messages.setdefault(words[1], [])
        else:
            fields.append((words[1], words[2], words[3].split("#")[0] if len(words) > 3 else ""))
    return messages


def said():
    path = os.path.join(ROOT, "src/kube/explain.table")
    lines = open(path).read().splitlines() if os.path.exists(path) else []
    pairs = [line.split(" ", 1) for line in lines if line and not line.startswith("#")]
    return {pair[0]: pair[1] for pair in pairs}


def discovery(groups):
    items = []
    for group in groups:
        resources = [{
            "resource": plural, "responseKind": {"group": group, "version": "v1", "kind": kind},
            "scope": "Namespaced" if namespaced else "Cluster", "singularResource": kind.lower(),
            "verbs": VERBS, "shortNames": short,
            "categories": ["all"] if plural in ("pods", "services", "deployments", "replicasets")
            else [],
            "subresources": [{"subresource": name, "verbs": ["get", "patch", "update", "create"],
                              "responseKind": {"group": g, "version": "v1", "kind": k}}
                             for name, g, k in [("status", group, kind),
                                                ("scale", "autoscaling", "Scale"),
                                                ("eviction", "policy", "Eviction")]
                             if {"scale": group == "apps", "eviction": plural == "pods"}.get(
                                 name, True)],
        } for of, short, kind, plural, namespaced in tables.KINDS if of == group]
        items.append({"metadata": {"name": group},
                      "versions": [{"version": "v1", "resources": resources,
                                    "freshness": "Current"}]})
    return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2",
            "metadata": {}, "items": items}


PLAIN = {"s": {"type": "string"}, "i": {"type": "integer", "format": "int32"},
         "l": {"type": "integer", "format": "int64"}, "b": {"type": "boolean"},
         "y": {"type": "string", "format": "byte"},
         "Time": {"type": "string", "format": "date-time"},
         "MicroTime": {"type": "string", "format": "date-time"}}


def of(kind):
    if kind.startswith("[]"):
        return {"type": "array", "items": of(kind[2:])}
    if kind.startswith("{}"):
        return {"type": "object", "additionalProperties": of(kind[2:])}
    return PLAIN.get(kind) or {"allOf": [{"$ref": f"#/components/schemas/k8s.{kind}"}]}


def schemas():
    messages, sentences = read(), said()

    def properties(message):
        found, required = {}, []
        for name, kind, flags in messages[message]:
            if "*" in flags:
                found |= properties(kind)[0]
                continue
            about = sentences.get(f"{message}.{name}", "")
            found[name] = of(kind) | {"description": about}
            if f"{message}.{name}!" in sentences:
                found[name]["description"] = sentences[f"{message}.{name}!"]
                required.append(name)
        return found, required

    all = {}
    kinds = {kind: group for group, _, kind, _, _ in tables.KINDS}
    for message in messages:
        fields, required = properties(message)
        schema = {"type": "object", "properties": fields,
                  "description": sentences.get(message, "")}
        if required:
            schema["required"] = sorted(required)
        if message in kinds:
            about = {name: {"type": "string", "description": sentences.get(f"*.{name}", "")}
                     for name in ("apiVersion", "kind")}
            schema["properties"] = about | fields
            gvk = {"group": kinds[message], "version": "v1", "kind": message}
            schema["x-kubernetes-group-version-kind"] = [gvk]
        all[f"k8s.{message}"] = schema
    either = {"oneOf": [{"type": "string"}, {"type": "number"}]}
    for name, kind in (("Quantity", either), ("IntOrString", either),
                       ("FieldsV1", {"type": "object"})):
        all.setdefault(f"k8s.{name}", kind)
    return all


def answer(path, accept):
    groups = sorted({kind[0] for kind in tables.KINDS} - {""})
    if path == "/api/v1":
        # What `drain` asks before it evicts.
        eviction = {"name": "pods/eviction", "group": "policy", "version": "v1",
                    "kind": "Eviction", "namespaced": True, "singularName": "", "verbs": ["create"]}
        return {"kind": "APIResourceList", "groupVersion": "v1", "resources": [eviction]}
    if path == "/apis":
        groups.append("policy")
    if path == "/api":
        return discovery([""])
    if path == "/apis":
        return discovery(groups)
    where = {f"apis/{group}/v1": group for group in groups} | {"api/v1": ""}
    if path == "/openapi/v3":
        return {"paths": {name: {"serverRelativeURL": f"/openapi/v3/{name}"} for name in where}}
    group = where.get(path.removeprefix("/openapi/v3/"))
    if not path.startswith("/openapi/v3/") or group is None:
        return None
    paths = {}
    for of_group, _, kind, plural, namespaced in tables.KINDS:
        if of_group == group:
            root = f"/apis/{group}/v1" if group else "/api/v1"
            where = "/namespaces/{namespace}" if namespaced else ""
            gvk = {"group": group, "version": "v1", "kind": kind}
            field = {"name": "fieldValidation", "in": "query", "schema": {"type": "string"}}
            verb = {"x-kubernetes-group-version-kind": gvk, "parameters": [field]}
            paths[f"{root}{where}/{plural}"] = {"get": verb, "post": verb}
            paths[f"{root}{where}/{plural}/{{name}}"] = {"get": verb, "patch": verb}
    return {"openapi": "3.0.0", "info": {"title": "k", "version": "v1"}, "paths": paths,
            "components": {"schemas": schemas()}}
