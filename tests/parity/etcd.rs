//! A real etcd on loopback, for as long as a value lives.
//!
//! * It is started by a shell that reads its own standard input: when that ends, because the value
//!   was dropped, the test panicked or its process was killed, the shell kills the server.
//! * Its files are in a folder of their own under `target/`, which goes with it.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use raftarium::store::Revision;
use serde_json::Value;

use super::http;

/// What must be there, and how it comes there.
const HOW: &str = "this test compares with a real etcd 3.4.23, which is not installed.\n\
    Run `cargo xtask test`, which installs it as root on Debian 12, or:\n\
    sudo apt-get install etcd-server etcd-client";

/// Versions whose differences are named in `differences.rs`.
const VERSIONS: &str = "3.4.";

const READY_WITHIN: Duration = Duration::from_secs(30);

/// Ends with its standard input, and takes the server along.
const KEEPER: &str = "\"$@\" </dev/null & server=$!; cat >/dev/null; kill -9 $server; wait $server";

/// A server that runs.
pub struct Etcd {
    keeper: Child,
    folder: PathBuf,
    /// `127.0.0.1:PORT`
    pub address: String,
}

impl Etcd {
    /// Starts one with nothing in it and these flags, and waits until it serves.
    pub fn start(name: &str, flags: &[String]) -> Etcd {
        for (program, asked) in [("etcd", "--version"), ("etcdctl", "version")] {
            let found = Command::new(program).env("ETCDCTL_API", "3").arg(asked).output();
            assert!(found.is_ok_and(|it| it.status.success()), "{program}: {HOW}");
        }
        let folder = folder(name);
        let (client, peer) = (free_port(), free_port());
        let urls = [client, peer].map(|port| format!("http://127.0.0.1:{port}"));
        let log = File::create(folder.join("log")).expect("a log");
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "keeper", "etcd", "--name", "real", "--data-dir"]);
        keeper.arg(folder.join("data"));
        keeper.args(["--listen-client-urls", &urls[0], "--advertise-client-urls", &urls[0]]);
        keeper.args(["--listen-peer-urls", &urls[1], "--initial-advertise-peer-urls", &urls[1]]);
        keeper.args(["--initial-cluster", &format!("real={}", urls[1])]).args(flags);
        keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log);
        let keeper = keeper.spawn().expect("sh");
        let etcd = Etcd { keeper, folder, address: format!("127.0.0.1:{client}") };
        etcd.wait();
        etcd
    }

    fn wait(&self) {
        let began = Instant::now();
        while !self.serves() {
            assert!(began.elapsed() < READY_WITHIN, "etcd does not serve:\n{}", self.log());
            thread::sleep(Duration::from_millis(50));
        }
        let version = http::get(&self.address, "/version").expect("its version");
        let version: Value = serde_json::from_str(&version).expect("JSON");
        let version = version["etcdserver"].as_str().expect("a version").to_string();
        assert!(
            version.starts_with(VERSIONS),
            "this etcd is {version}; the differences named here are those of {VERSIONS}x"
        );
    }

    fn serves(&self) -> bool {
        let asked = http::Connection::open(&self.address)
            .and_then(|mut it| it.post("/v3/kv/range", r#"{"key":"AA=="}"#));
        asked.is_ok_and(|(status, _)| status == 200)
    }

    /// What it has written down so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// The hash of its whole history, and up to where that is compacted. The gateway of 3.4 does
    /// not have it.
    pub fn hash_kv(&self) -> (u32, Revision) {
        let mut etcdctl = Command::new("etcdctl");
        etcdctl.env("ETCDCTL_API", "3").args(["--endpoints", &self.address]);
        let done = etcdctl.args(["endpoint", "hashkv", "-w", "json"]).output().expect("etcdctl");
        let found: Value = serde_json::from_slice(&done.stdout).expect("JSON of etcdctl");
        let hash = &found[0]["HashKV"];
        let compacted = hash["compact_revision"].as_i64().unwrap_or_default();
        (hash["hash"].as_u64().expect("a hash") as u32, Revision(compacted))
    }
}

impl Drop for Etcd {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// An empty folder under `target/`.
fn folder(name: &str) -> PathBuf {
    let own = format!("parity-{name}-{}", std::process::id());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(own);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder under target/");
    folder
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    listener.local_addr().expect("an address").port()
}
