"""Records what kubectl prints, against a small server started here on loopback.

    KUBECTL=kubectl record.py sessions.txt > recorded-1.32.txt       # with kubectl 1.32

The server has the objects of `objects.jsonl`, anew for each session; it selects, patches, replaces
and deletes them as an apiserver does. It answers with the tables that the apiserver's printers make
(`tables.py`), so that of `kubectl get` only what the client does is recorded. It is always 01:00 on
the 1st of January 2026 there; `"@-90"` in an Event stands for 90 seconds ago by the real clock, by
which kubectl counts.

A session begins with `== NAME`. `$ ARGUMENTS` runs kubectl; `< TEXT` lines behind it are its
standard input. Written down are the lines, `| ` before each line of stdout, `! ` before each of
stderr, and `[CODE]` when the exit code is not 0. What it asked for is behind `> `, but for reads of
what the server has.
"""
import datetime
import http.server
import json
import os
import re
import shlex
import shutil
import socketserver
import subprocess
import sys
import tempfile
import threading
import urllib.parse

import openapi
import tables

PORT = 25080
HERE = os.path.dirname(os.path.abspath(__file__))
OBJECTS = [json.loads(line) for line in open(os.path.join(HERE, "objects.jsonl"))]


class World:
    """What the server has."""

    def __init__(self):
        self.objects = json.loads(json.dumps(OBJECTS))
        self.revision = len(self.objects) + 1
        self.asked = []

    def all(self, kind, namespace):
        def fits(it):
            in_it = not namespace or it["metadata"].get("namespace") == namespace
            return it["kind"] == kind[2] and in_it
        found = [it for it in self.objects if fits(it)]
        return sorted(found, key=lambda it: tables.key(it))

    def written(self, it):
        self.revision += 1
        it["metadata"]["resourceVersion"] = str(self.revision)


def selected(it, query):
    labels = it["metadata"].get("labels", {})
    for part in filter(None, re.split(r",(?![^(]*\))", query.get("labelSelector", ""))):
        among = re.match(r"(\S+) (in|notin) \((.*)\)$", part)
        if among:
            name, how, values = among.groups()
            values = [value.strip() for value in values.split(",")]
            good = (labels.get(name) in values) == (how == "in")
        elif "!=" in part:
            name, value = part.split("!=")
            good = labels.get(name) != value
        elif "=" in part:
            name, value = part.replace("==", "=").split("=", 1)
            good = labels.get(name) == value
        else:
            good = (part.lstrip("!") in labels) != part.startswith("!")
        if not good:
            return False
    for part in filter(None, query.get("fieldSelector", "").split(",")):
        name, how, value = re.match(r"([^=!]+)(!?=)=?(.*)$", part).groups()
        if (str(tables.at(it, name) or "") == value) != (how == "="):
            return False
    return True


def replaced(old, operations):
    """A JSON patch: `replace` only."""
    new = json.loads(json.dumps(old))
    for one in operations:
        *path, last = one["path"].strip("/").replace("~1", "/").split("/")
        place = new
        for name in path:
            place = place[name]
        place[last] = one["value"]
    return new


def merged(old, patch):
    """A strategic merge as far as it is needed: lists of things with names by their names."""
    if isinstance(patch, dict):
        new = dict(old) if isinstance(old, dict) else {}
        for name, value in patch.items():
            if name.startswith("$"):
                continue
            if value is None:
                new.pop(name, None)
            else:
                new[name] = merged(new.get(name), value)
        return new
    if isinstance(patch, list) and isinstance(old, list) and patch and "name" in patch[0]:
        new = [dict(it) for it in old]
        for one in patch:
            at = [i for i, it in enumerate(new) if it["name"] == one["name"]]
            if at:
                new[at[0]] = merged(new[at[0]], one)
            else:
                new.append(one)
        return new
    return patch


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, value, code=200):
        body = json.dumps(value).encode()
        self.send_response(code)
        what = "application/json"
        if value.get("kind") == "APIGroupDiscoveryList":
            what += ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
        self.send_header("Content-Type", what)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, code, reason, message, **details):
        status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
        status |= {"reason": reason, "message": message, "code": code, "details": details}
        self.answer(status, code)

    def serve(self):
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size)
        url = urllib.parse.urlparse(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if self.command != "GET":
            sent = body if body[:1] != b"k" else b"k8s protobuf"
            self.server.world.asked.append(f"{self.command} {self.path} {sent.decode()}".strip())
        if url.path == "/version":
            return self.answer({"major": "1", "minor": "32", "gitVersion": "v1.32.4"})
        found = openapi.answer(url.path, self.headers.get("Accept") or "")
        if found is not None:
            return self.answer(found)
        parts = url.path.strip("/").split("/")
        parts = parts[1:] if parts[0] == "api" else parts[1:]
        group = "" if url.path.startswith("/api/") else parts.pop(0)
        parts = parts[1:]
        namespace = ""
        if len(parts) > 2 and parts[0] == "namespaces":
            namespace, parts = parts[1], parts[2:]
        kind = next((k for k in tables.KINDS if (k[0], k[3]) == (group, parts[0])), None)
        if kind is None:
            return self.refuse(404, "NotFound", "the server could not find the requested resource")
        self.resource(kind, namespace, parts[1:], query, body)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = serve

    def resource(self, kind, namespace, parts, query, body):
        world, name = self.server.world, parts[0] if parts else ""
        resource = kind[3] + ("." + kind[0] if kind[0] else "")
        if self.command == "POST" and not name:
            if body[:1] == b"k":
                name = re.search(rb"\n([\x01-\x3f])([a-z0-9-]+)\x12\x00", body).group(2).decode()
                new = {"metadata": {"name": name}}
            else:
                new = json.loads(body)
            new |= {"apiVersion": kind[0] + "/v1" if kind[0] else "v1", "kind": kind[2]}
            name = new["metadata"]["name"]
            if any(it["metadata"]["name"] == name for it in world.all(kind, namespace)):
                return self.refuse(409, "AlreadyExists", f'{resource} "{name}" already exists')
            return self.answer(new, 201)
        try:
            objects = [it for it in world.all(kind, namespace) if selected(it, query)]
        except AttributeError:
            message = f"invalid selector: '{query['fieldSelector']}'; can't understand "
            message += f"'{query['fieldSelector']}'"
            return self.refuse(400, "BadRequest", message)
        if not name:
            return self.listed(kind, objects, query)
        objects = [it for it in objects if it["metadata"]["name"] == name]
        if not objects:
            details = {"name": name, "kind": kind[3]}
            message = f'{resource} "{name}" not found'
            return self.refuse(404, "NotFound", message, **details)
        it = objects[0]
        if parts[1:] == ["scale"]:
            if "replicas" not in it["spec"]:
                message = "the server could not find the requested resource"
                return self.refuse(404, "NotFound", message)
            if self.command == "PATCH":
                it["spec"]["replicas"] = json.loads(body)["spec"]["replicas"]
                world.written(it)
            scale = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": it["metadata"]}
            return self.answer(scale | {"spec": {"replicas": it["spec"]["replicas"]}})
        if parts[1:] == ["eviction"] or self.command == "DELETE":
            world.objects.remove(it)
            done = {"kind": "Status", "apiVersion": "v1", "status": "Success", "metadata": {}}
            details = {"name": name, "kind": kind[3], "uid": it["metadata"]["uid"]}
            return self.answer(done | {"details": details}, 200 if len(parts) < 2 else 201)
        if self.command == "PATCH":
            patch = json.loads(body)
            new = replaced(it, patch) if isinstance(patch, list) else merged(it, patch)
        elif self.command == "PUT":
            new = json.loads(body)
        if self.command != "GET":
            if new != it and "dryRun" not in query:
                world.written(new)
                it.clear()
                it.update(new)
            return self.answer(it if "dryRun" not in query else new)
        if "as=Table" in (self.headers.get("Accept") or ""):
            return self.answer(tables.table(kind, objects))
        self.answer(filled(it))

    def listed(self, kind, objects, query):
        if query.get("watch"):
            return self.answer({"type": "BOOKMARK", "object": {"kind": kind[2]}})
        if "as=Table" in (self.headers.get("Accept") or ""):
            return self.answer(tables.table(kind, objects))
        version = kind[0] + "/v1" if kind[0] else "v1"
        meta = {"resourceVersion": str(self.server.world.revision)}
        items = [filled(it) for it in objects]
        items = [{n: v for n, v in it.items() if n not in ("apiVersion", "kind")} for it in items]
        self.answer({"kind": kind[2] + "List", "apiVersion": version, "metadata": meta,
                     "items": items})


def filled(value):
    """Times ago as times."""
    if isinstance(value, dict):
        return {name: filled(one) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one) for one in value]
    if isinstance(value, str) and value.startswith("@-"):
        then = datetime.datetime.utcnow() - datetime.timedelta(seconds=int(value[2:]))
        return then.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value


def stage(line):
    order = ("node/", "evicting", "pod/")
    place = [at for at, word in enumerate(order) if line.startswith(word)]
    return (3, "") if line.endswith("drained\n") else (place[0], line)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    allow_reuse_address = True


def main():
    server = Server(("127.0.0.1", PORT), Handler)
    server.world = World()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home = tempfile.mkdtemp()
    # It names itself as it is called.
    os.symlink(shutil.which(os.environ.get("KUBECTL", "kubectl")), f"{home}/kubectl")
    config = {"apiVersion": "v1", "kind": "Config", "current-context": "c",
              "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{PORT}"}}],
              "contexts": [{"name": "c", "context": {"cluster": "c", "user": ""}}]}
    json.dump(config, open(f"{home}/config", "w"))
    environment = {"KUBECONFIG": f"{home}/config", "HOME": home, "PATH": os.environ["PATH"]}
    lines = open(sys.argv[1]).read().splitlines()
    while lines:
        line = lines.pop(0)
        print(line)
        if line.startswith("== "):
            server.world = World()
        if not line.startswith("$ "):
            continue
        text = ""
        while lines and lines[0].startswith("< "):
            print(lines[0])
            text += lines.pop(0)[2:] + "\n"
        server.world.asked.clear()
        words = [f"{home}/kubectl", *shlex.split(line[2:])]
        try:
            done = subprocess.run(words, env=environment, input=text, capture_output=True,
                                  text=True, timeout=20)
        except subprocess.TimeoutExpired:
            print("# it does not end")
            continue
        if words[1] == "drain":
            # Evictions go out side by side.
            server.world.asked.sort()
            done.stdout = "".join(sorted(done.stdout.splitlines(True), key=stage))
        for asked in server.world.asked:
            print(re.sub(r"20\d\d-[-0-9T:]*Z", "{now}", f"> {asked}"))
        for mark, out in (("|", done.stdout), ("!", done.stderr)):
            for one in out.splitlines():
                # Ages by the real clock.
                print(re.sub(r"\b\d\d\dd$", "{days}", f"{mark} {one}".rstrip()))
        if done.returncode:
            print(f"[{done.returncode}]")


main()
