"""Records what a real etcd answers, as lines of JSON: title, path, body, status, answer.

    etcd &                             # a fresh one, 3.4.23 for the files here
    record.py URL again FILE           # asks FILE's requests anew, in order; prints the lines
    record.py URL random SEED COUNT    # asks COUNT random requests; prints the lines

The path "hashkv" is not the gateway's: it is asked through `etcdctl endpoint hashkv` (ETCDCTL names
the program). `{"repeat": [byte, times]}` in a body stands for that many bytes in base64.
"""
import base64
import json
import os
import random
import subprocess
import sys
import urllib.error
import urllib.request

URL = sys.argv[1]


def b64(text):
    return base64.b64encode(text.encode()).decode()


def expand(value):
    if isinstance(value, dict) and list(value) == ["repeat"]:
        byte, times = value["repeat"]
        return b64(byte * times)
    if isinstance(value, dict):
        return {name: expand(inner) for name, inner in value.items()}
    return [expand(inner) for inner in value] if isinstance(value, list) else value


def strip(value):
    """Without what differs from cluster to cluster."""
    if isinstance(value, dict):
        own = ("cluster_id", "member_id", "raft_term")
        return {name: strip(inner) for name, inner in value.items() if name not in own}
    return [strip(inner) for inner in value] if isinstance(value, list) else value


def hashkv(body):
    command = [os.environ.get("ETCDCTL", "etcdctl"), "--endpoints", URL.split("//")[1]]
    command += ["endpoint", "hashkv", "--rev", str(body["revision"]), "-w", "json"]
    done = subprocess.run(command, env={"ETCDCTL_API": "3"}, capture_output=True, text=True)
    found = json.loads(done.stdout)[0]["HashKV"]
    return 200, {"hash": found["hash"], "compact_revision": found["compact_revision"]}


def ask(path, body):
    if path == "hashkv":
        return hashkv(body)
    text = body if isinstance(body, str) else json.dumps(expand(body))
    request = urllib.request.Request(URL + path, data=text.encode())
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, strip(json.loads(answer.read()))
    except urllib.error.HTTPError as error:
        raw = error.read().decode()
        try:
            return error.code, strip(json.loads(raw))
        except ValueError:
            return error.code, raw


def record(title, path, body):
    status, answer = ask(path, body)
    line = {"title": title, "path": path, "body": body, "status": status, "answer": answer}
    return line, json.dumps(line, separators=(",", ":"))


KEYS = ["a", "b", "c", "ca", "cb", "d"]
SORTS = ["KEY", "VERSION", "CREATE", "MOD", "VALUE"]


class Chance:
    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.revision = 1

    def one(self, *choices):
        return self.dice.choice(choices)

    def often(self, percent):
        return self.dice.randrange(100) < percent

    def key(self):
        return b64(self.one(*KEYS))

    def at(self):
        return str(self.dice.randint(max(1, self.revision - 12), self.revision + 1))

    def interval(self, body):
        if self.often(60):
            body["range_end"] = b64(self.one("b", "c", "cb", "d", "z", "\0"))
        return body

    def range(self):
        body = self.interval({"key": self.key()})
        if self.often(30):
            body["revision"] = self.at()
        if self.often(30):
            body["limit"] = str(self.dice.randint(1, 4))
        for flag in ("keys_only", "count_only"):
            if self.often(10):
                body[flag] = True
        for bound in ("min_mod", "max_mod", "min_create", "max_create"):
            if self.often(10):
                body[bound + "_revision"] = self.at()
        if self.often(40):
            body["sort_target"] = self.one(*SORTS)
        if self.often(40):
            body["sort_order"] = self.one("NONE", "ASCEND", "DESCEND")
        return body

    def put(self):
        body = {"key": self.key()}
        if self.often(10):
            body["ignore_value"] = True
        elif self.often(95):
            body["value"] = b64(self.one("1", "2", "3", "x" * self.dice.randrange(40)))
        if self.often(10):
            body["ignore_lease"] = True
        if self.often(30):
            body["prev_kv"] = True
        return body

    def delete(self):
        body = {"key": self.key()}
        body = self.interval(body) if self.often(30) else body
        if self.often(30):
            body["prev_kv"] = True
        return body

    def compare(self):
        field = self.one("version", "create_revision", "mod_revision", "value", "lease")
        value = {"version": str(self.dice.randint(0, 4)), "value": b64(self.one("1", "2", ""))}
        body = {"key": self.key(), field: value.get(field, "0" if field == "lease" else self.at())}
        body["target"] = field.split("_")[0].upper()
        body["result"] = self.one("EQUAL", "GREATER", "LESS", "NOT_EQUAL")
        return self.interval(body) if self.often(30) else body

    def op(self, depth):
        kind = self.one("range", "put", "put", "delete_range", "txn" if depth else "put")
        make = {"range": self.range, "put": self.put, "delete_range": self.delete}
        return {"request_" + kind: self.txn(depth - 1) if kind == "txn" else make[kind]()}

    def txn(self, depth=2):
        ops = lambda: [self.op(depth) for _ in range(self.dice.randrange(4))]
        compares = [self.compare() for _ in range(self.dice.randrange(3))]
        return {"compare": compares, "success": ops(), "failure": ops()}

    def request(self):
        mix = ["range"] * 6 + ["put"] * 5 + ["deleterange"] * 2 + ["txn"] * 10 + ["compaction"]
        kind = self.one(*mix)
        if kind == "compaction":
            back = self.dice.randint(-1, 15)
            return "/v3/kv/compaction", {"revision": str(self.revision - back), "physical": True}
        make = {"range": self.range, "put": self.put, "deleterange": self.delete, "txn": self.txn}
        return "/v3/kv/" + kind, make[kind]()


def distinct(body):
    """Without a limit where etcd leaves the order of equals open (its sort is not stable)."""
    if isinstance(body, list):
        return [distinct(inner) for inner in body]
    if not isinstance(body, dict):
        return body
    body = {name: distinct(inner) for name, inner in body.items()}
    if body.get("sort_target", "KEY") in ("VERSION", "VALUE", "CREATE", "MOD"):
        body.pop("limit", None)
    return body


def main():
    if sys.argv[2] == "again":
        for line in open(sys.argv[3]):
            asked = json.loads(line)
            print(record(asked["title"], asked["path"], asked["body"])[1])
        return
    chance = Chance(int(sys.argv[3]))
    for number in range(int(sys.argv[4])):
        path, body = chance.request()
        line, text = record(f"{number}", path, distinct(body))
        print(text)
        header = line["answer"].get("header", {}) if line["status"] == 200 else {}
        chance.revision = int(header.get("revision", chance.revision))
        if number % 20 == 19:
            print(record(f"{number} hash", "hashkv", {"revision": 0})[1])


main()
