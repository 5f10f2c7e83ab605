"""Records what etcdctl prints, against etcd 3.4.23 started here on loopback.

    record.py sessions.txt > recorded-3.4.23.txt      # with Debian's etcd-server and etcd-client

A session begins with `== NAME [MEMBERS]` and a fresh cluster. Its lines:

    $ ARGUMENTS     runs etcdctl; `< TEXT` lines behind it are its standard input
    * ARGUMENTS     the same four times: as it is, and with -w json, fields, table
    & ARGUMENTS     runs etcdctl in the background, until `^`
    ^               Ctrl-C on it; what it printed is written down here
    % PATH BODY     posts to the first member's gateway; nothing is written down
    # wait          lets six seconds pass, after which etcd takes its members for connected

Written down are the lines, `| ` before each line of stdout, `! ` before each of stderr, and `[CODE]`
when the exit code is not 0. {lease} and {member} stand for the lease granted last and the member
added last, {first} for the first member's id, in hexadecimal; {first-decimal} for the same.

Left out of stderr: what etcdctl logs (lines of JSON), and the usage that cobra prints with a flag
it does not know; of help, the options that every verb has; of a panic, all but its first line.
"""
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

CLIENT, PEER = 24000, 24010


class Cluster:
    def __init__(self, members):
        self.folder = tempfile.mkdtemp()
        ids = range(1, members + 1)
        every = ",".join(f"etcd-{id}=http://127.0.0.1:{PEER + id}" for id in ids)
        self.servers = [self.start(id, every) for id in ids]
        self.endpoints = [f"127.0.0.1:{CLIENT + id}" for id in ids]
        self.names = {"lease": "", "member": ""}
        for _ in range(200):
            done = self.etcdctl(["endpoint", "status", "--cluster", "-w", "json"])
            if done.returncode == 0 and len(json.loads(done.stdout)) == members:
                break
            time.sleep(0.1)
        # The first member leads, so that a session can be written for it.
        status = json.loads(done.stdout)
        first = next(s for s in status if s["Endpoint"].endswith(str(CLIENT + 1)))["Status"]
        id = first["header"]["member_id"]
        if first["leader"] != id:
            self.etcdctl(["--endpoints", ",".join(self.endpoints), "move-leader", f"{id:x}"])
        self.names |= {"first": f"{id:x}", "first-decimal": str(id)}
        time.sleep(1)

    def start(self, id, every):
        client, peer = f"http://127.0.0.1:{CLIENT + id}", f"http://127.0.0.1:{PEER + id}"
        command = ["etcd", "--name", f"etcd-{id}", "--data-dir", f"{self.folder}/{id}"]
        command += ["--listen-client-urls", client, "--advertise-client-urls", client]
        command += ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer]
        command += ["--initial-cluster", every]
        log = open(f"{self.folder}/log-{id}", "w")
        return subprocess.Popen(command, stdout=log, stderr=log)

    def environment(self):
        return {"PATH": os.environ["PATH"], "HOME": self.folder, "ETCDCTL_API": "3"}

    def command(self, words):
        given = any(word.startswith("--endpoints") for word in words)
        return ["etcdctl", *([] if given else [f"--endpoints={self.endpoints[0]}"]), *words]

    def etcdctl(self, words, text=""):
        own = {"input": text, "capture_output": True, "text": True, "timeout": 20}
        return subprocess.run(self.command(words), env=self.environment(), cwd=self.folder, **own)

    def begin(self, words):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        own = {"env": self.environment(), "cwd": self.folder, "text": True}
        return subprocess.Popen(self.command(words), **pipes, **own)

    def filled(self, text):
        for name, value in self.names.items():
            text = text.replace("{" + name + "}", value)
        return text

    def learn(self, text):
        lease = re.search(r"lease ([0-9a-f]+) granted with TTL\(\d+s\)$", text, re.M)
        decimal = re.search(r'"ID"(?::| : )(\d+),?\s*"TTL"', text)
        member = re.search(r"Member ([0-9a-f]+) added", text)
        if lease:
            self.names["lease"] = lease[1]
        if decimal:
            self.names["lease"] = f"{int(decimal[1]):x}"
        if member:
            self.names["member"] = member[1]

    def post(self, path, body):
        url = f"http://{self.endpoints[0]}{path}"
        urllib.request.urlopen(urllib.request.Request(url, data=body.encode())).read()

    def end(self):
        for server in self.servers:
            server.kill()
            server.wait()
        shutil.rmtree(self.folder)


def written(stdout, stderr, code):
    stdout = stdout.splitlines()
    stderr = [line for line in stderr.splitlines() if not line.startswith("{")]
    if code == 1 and stdout[:1] == ["NAME:"]:
        stdout = []
    if len(stderr) > 1 and stderr[-1] == stderr[0]:
        stderr = [line for line in stderr[:-1] if line]
    for options in ["GLOBAL OPTIONS:", "      --cacert=\"\"\t\t\t\tverify certificates of TLS-enabled secure servers using this CA bundle"]:
        if options in stdout:
            stdout = stdout[: stdout.index(options)]
    if any(line.startswith("panic:") for line in stderr):
        stderr = stderr[:1]
    if stderr[:1] == ["Usage:"]:
        stderr = stderr[-1:]
    lines = ["| " + line for line in stdout] + ["! " + line for line in stderr]
    lines += [f"[{code}]"] if code else []
    for line in lines:
        print(line.rstrip(" ") if line == "| " else line)


def session(members, steps):
    cluster, running = Cluster(members), None
    try:
        for kind, rest, text in steps:
            if kind in "$*":
                for format in ["", " -w json", " -w fields", " -w table"][: 4 if kind == "*" else 1]:
                    print(f"$ {rest}{format}".strip())
                    text and print("\n".join("< " + line for line in text))
                    words = shlex.split(cluster.filled(rest + format))
                    done = cluster.etcdctl(words, "".join(line + "\n" for line in text))
                    written(done.stdout, done.stderr, done.returncode)
                    cluster.learn(done.stdout)
            elif kind == "&":
                print(f"& {rest}")
                running = cluster.begin(shlex.split(cluster.filled(rest)))
                text and print("\n".join("< " + line for line in text))
                running.stdin.write("".join(line + "\n" for line in text))
                running.stdin.flush()
                time.sleep(1.5)
            elif kind == "^":
                print("^")
                time.sleep(0.5)
                if running.poll() is None:
                    running.send_signal(signal.SIGINT)
                running.wait(timeout=10)
                stdout, stderr = running.communicate()
                code = running.returncode
                written(stdout, stderr, code if code >= 0 else 128 - code)
            elif kind == "%":
                print(f"% {rest}")
                cluster.post(*cluster.filled(rest).split(" ", 1))
            elif kind == "#":
                time.sleep(6)
    finally:
        cluster.end()


def main(path):
    sessions = []
    for line in open(path).read().splitlines():
        if line.startswith("== "):
            sessions.append((line, []))
        elif line.startswith("<"):
            sessions[-1][1][-1][2].append(line[2:])
        elif line:
            sessions[-1][1].append((line[0], line[2:], []))
    for title, steps in sessions:
        print(title)
        members = title.split()[2:] or ["1"]
        session(int(members[0]), steps)


main(sys.argv[1])
