//! A random life of a cluster, as a script: a configuration, what clients ask, what breaks; then
//! everything is mended, and there must be peace.
//!
//! * The same seed gives the same script; the script is all there is, so it replays anywhere.
//! * Faults are those a cluster must survive. A disk that lies, is lost or flips bits is not among
//!   them: Raft rests on disks that keep what was synced.

use raftarium::sim::Rng;

use super::watchers;

/// Keys that clients use.
const KEYS: u64 = 5;

/// Leases that clients use.
const LEASES: u64 = 4;

/// A lease of so many seconds outlives the whole life; all shorter ones end in peace.
pub const LONG_S: i64 = 1000;

/// A script in three parts.
pub struct Life {
    /// A cluster begins.
    pub begins: Vec<String>,
    /// What happens to it: each line may be left out.
    pub troubles: Vec<String>,
    /// Everything is mended; a write and reads of every key.
    pub peace: Vec<String>,
}

impl Life {
    /// The script with some of its troubles.
    pub fn script(&self, troubles: &[String]) -> String {
        [&self.begins[..], troubles, &self.peace[..]].concat().join("\n") + "\n"
    }
}

struct Dice {
    rng: Rng,
    members: u64,
    writes: u64,
    maps: u64,
}

/// The life of a seed.
pub fn life(seed: u64) -> Life {
    let mut rng = Rng::stream(seed, "swarm", 0, 0);
    let members = [3, 5, 5, 4, 1, 7][rng.below(6) as usize];
    let timing = ["classroom", "classroom", "etcd", "etcd", "three-regions"];
    let timing = timing[rng.below(5) as usize];
    let fsync = ["wait", "overlap"][rng.below(2) as usize];
    let mut begins =
        vec![format!("boot members={members} seed={seed} timing={timing} fsync={fsync}")];
    let watchers = 2 + rng.below(5);
    begins.extend((0..watchers).map(|_| watchers::line(&mut rng)));
    let mut dice = Dice { rng, members, writes: 0, maps: 0 };
    let mut troubles = Vec::new();
    let steps = 10 + dice.rng.below(25);
    for _ in 0..steps {
        troubles.push(format!("wait {}ms", 20 + dice.rng.below(600)));
        let asks = 1 + dice.rng.below(3);
        troubles.extend((0..asks).map(|_| dice.ask()));
        troubles.extend(dice.trouble());
    }
    Life { begins, troubles, peace: peace(members, timing) }
}

fn peace(members: u64, timing: &str) -> Vec<String> {
    let patience = if timing == "three-regions" { 26 } else { 11 };
    let mut lines: Vec<String> = vec!["heal".into()];
    for id in 1..=members {
        lines.extend([format!("disk {id} well"), format!("clock {id} well")]);
    }
    lines.extend(["resume all".into(), "restart all".into(), format!("wait {patience}s")]);
    lines.extend((0..KEYS).map(|key| format!("etcdctl get k{key}")));
    lines.push("until printed 10s".into());
    lines.push("etcdctl put end reached".into());
    lines.push("until printed 10s".into());
    lines.push("wait 2s".into());
    lines
}

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.rng.below(end)
    }

    fn member(&mut self) -> u64 {
        1 + self.below(self.members)
    }

    fn key(&mut self) -> String {
        format!("k{}", self.below(KEYS))
    }

    /// What a client asks.
    fn ask(&mut self) -> String {
        let key = self.key();
        let at = match self.below(2) {
            0 => String::new(),
            _ => format!(" --endpoints=etcd-{}", self.member()),
        };
        match self.below(20) {
            0..=4 => {
                self.writes += 1;
                format!("etcdctl{at} put {key} v{}", self.writes)
            }
            11..=12 => {
                self.writes += 1;
                let lease = 1 + self.below(LEASES);
                format!("etcdctl{at} put {key} v{} --lease={lease}", self.writes)
            }
            13..=17 => self.ask_lease(&at),
            18 => format!("etcdctl{at} del k --prefix"),
            19 => {
                let revision = self.writes.saturating_sub(self.below(6));
                format!("etcdctl{at} compaction {}", revision.max(1))
            }
            5..=7 => format!("etcdctl{at} get {key}"),
            8 => format!("etcdctl{at} get k --prefix"),
            9 => format!("etcdctl{at} del {key}"),
            10 => format!("etcdctl{at} get {key} --consistency=s"),
            _ => {
                self.maps += 1;
                let name = self.maps / 2;
                let map = format!("kind: ConfigMap, metadata: {{name: m{name}}}");
                format!("kubectl create -f - <<<'{{apiVersion: v1, {map}}}'")
            }
        }
    }

    /// What a client asks about leases.
    fn ask_lease(&mut self, at: &str) -> String {
        let id = 1 + self.below(LEASES);
        match self.below(8) {
            0..=2 => {
                let ttl = [1, 2, 3, LONG_S][self.below(4) as usize];
                let (member, body) =
                    (self.member(), format!("{{\"ID\":\"{id}\",\"TTL\":\"{ttl}\"}}"));
                format!("curl -d '{body}' http://etcd-{member}:2379/v3/lease/grant")
            }
            3..=5 => format!("etcdctl{at} lease keep-alive {id} --once"),
            6 => format!("etcdctl{at} lease timetolive {id} --keys"),
            _ => format!("etcdctl{at} lease revoke {id}"),
        }
    }

    /// What breaks, or is mended.
    fn trouble(&mut self) -> Option<String> {
        let id = self.member();
        Some(match self.below(20) {
            0 => format!("kill {id}"),
            1 => format!("crash {id}"),
            2..=4 => format!("restart {id}"),
            5 => "crash leader".into(),
            6 => format!("pause {id}"),
            7 => format!("resume {id}"),
            8 => self.partition(),
            9 | 10 => "heal".into(),
            11 | 12 => self.link(),
            13 | 14 => self.disk(id),
            15 => self.clock(id),
            16 => self.packet(),
            _ => return None,
        })
    }

    fn partition(&mut self) -> String {
        let mut sides = [Vec::new(), Vec::new(), Vec::new()];
        let most = 2 + self.below(2);
        for id in 1..=self.members {
            sides[self.below(most) as usize].push(id.to_string());
        }
        let sides = sides.iter().filter(|side| !side.is_empty());
        let sides: Vec<String> = sides.map(|side| side.join(",")).collect();
        format!("partition {}", sides.join(" | "))
    }

    fn ways(&mut self) -> String {
        let (from, to) = (self.member(), self.member());
        match (from == to, self.below(3)) {
            (true, _) => "all-all".into(),
            (false, 0) => format!("{from}>{to}"),
            (false, 1) => format!("{from}-{to}"),
            (false, _) => format!("{from}-all"),
        }
    }

    fn link(&mut self) -> String {
        let ways = self.ways();
        let fault = match self.below(7) {
            0 => "cut".into(),
            1 => format!("latency {}ms jitter {}ms", 20 + self.below(300), self.below(20)),
            2 => format!("loss {}%", 1 + self.below(30)),
            3 => format!("dup {}%", 1 + self.below(30)),
            4 => format!("reorder {}%", 1 + self.below(30)),
            5 => "bandwidth 20kB/s".into(),
            _ => "well".into(),
        };
        format!("link {ways} {fault}")
    }

    fn disk(&mut self, id: u64) -> String {
        let fault = match self.below(7) {
            0 => format!("slow {}ms", 20 + self.below(400)),
            1 => "stall".into(),
            2 => "full".into(),
            3 => "torn".into(),
            _ => "well".into(),
        };
        format!("disk {id} {fault}")
    }

    fn clock(&mut self, id: u64) -> String {
        match self.below(3) {
            0 => format!("clock {id} skew +{}ms", self.below(5000)),
            1 => format!("clock {id} drift {}%", 1 + self.below(8)),
            _ => format!("clock {id} well"),
        }
    }

    fn packet(&mut self) -> String {
        let (from, to) = (self.member(), self.member());
        if from == to {
            return "heal".into();
        }
        let kind = ["append", "heartbeat", "vote", "vote-answer", "append-answer"];
        let kind = kind[self.below(5) as usize];
        let touch = ["drop", "delay 1s", "dup", "now"][self.below(4) as usize];
        format!("next {kind} {from}>{to} {touch}")
    }
}
