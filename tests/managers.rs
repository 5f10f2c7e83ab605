//! Several controller managers and schedulers: one of each acts at a time.
#![allow(missing_docs)]

use raftarium::engine::Run;
use raftarium::script;
use raftarium::sim::Rng;

fn run(text: &str) -> Run {
    let mut run = Run::default();
    for (_, command) in script::parse(text).unwrap_or_else(|misread| panic!("{misread}")) {
        run.command(&command);
    }
    run
}

/// Seconds of a line, and the rest of it.
fn timed(line: &str) -> Option<(f64, &str)> {
    let (time, rest) = line.trim_start().split_once(" s  ")?;
    Some((time.parse().ok()?, rest))
}

/// Who led what, from when to when, as a transcript tells it; and what is wrong with it.
#[derive(Default)]
struct Reign {
    now: Option<String>,
    changes: Vec<(f64, String, bool)>,
    wrong: Vec<String>,
}

impl Reign {
    fn follow(&mut self, at: f64, line: &str, of: &str, acts: bool) {
        let Some(name) = line.split(' ').next().filter(|name| name.starts_with(of)) else {
            if acts && self.now.is_none() {
                self.wrong.push(format!("{at}: nobody leads: {line}"));
            }
            return;
        };
        let begins = line.contains(" leads: ");
        let ends = line.contains("is killed") || line.contains("it ends");
        if begins && let Some(other) = self.now.replace(name.into()) {
            self.wrong.push(format!("{at}: {name} leads, and {other} too"));
        }
        if ends && self.now.as_deref() == Some(name) {
            self.now = None;
        }
        if begins || ends {
            self.changes.push((at, name.into(), begins));
        }
    }
}

/// The reigns of controller managers and schedulers.
fn reigns(transcript: &str) -> [Reign; 2] {
    let mut all = [Reign::default(), Reign::default()];
    for (at, line) in transcript.lines().filter_map(timed) {
        let by = line.split(": ").next().unwrap_or_default();
        let controls = by.ends_with("-controller") || by == "garbage-collector";
        all[0].follow(at, line, "controllers-", controls);
        all[1].follow(at, line, "scheduler-", by == "default-scheduler");
    }
    all
}

/// Kills and restarts of everyone, under load.
fn life(seed: u64) -> String {
    let dice = &mut Rng::stream(seed, "managers", 0, 0);
    let managers = dice.between(2..4);
    let mut text = format!(
        "boot members=3 seed={seed} timing=etcd plane=acting managers={managers}\n\
         until leader\nwait 5s\nkubectl create deployment web --image=web:1\nuntil printed 30s\n"
    );
    for _ in 0..8 {
        let (who, number) = (["manager", "scheduler"][dice.below(2) as usize], dice.between(1..3));
        text += &match dice.below(6) {
            0 | 1 => format!("{who} {number} kill\n"),
            2 | 3 => format!("{who} {number} restart\n"),
            4 => "kill 1\nkill 2\n".into(),
            _ => "restart all\n".into(),
        };
        let replicas = dice.below(5);
        text += &format!("kubectl scale deployment web --replicas={replicas}\n");
        text += &format!("wait {}ms\n", dice.between(500..20_000));
    }
    for number in 1..=managers {
        text += &format!("manager {number} restart\nscheduler {number} restart\n");
    }
    text + "restart all\nwait 60s\nkubectl scale deployment web --replicas=3\n\
            until printed 30s\nwait 20s\nkubectl get deployments\nuntil printed\n"
}

#[test]
fn two_never_act_at_once_and_one_does_in_the_end() {
    let mut taken_over = 0;
    for seed in 1..=8 {
        let run = run(&life(seed));
        let transcript = run.transcript();
        for reign in reigns(transcript) {
            assert!(reign.wrong.is_empty(), "seed {seed}: {:#?}\n{transcript}", reign.wrong);
            assert!(reign.now.is_some(), "seed {seed}: nobody leads in the end\n{transcript}");
            taken_over += reign.changes.iter().filter(|(_, _, begins)| *begins).count() - 1;
        }
        assert!(transcript.contains("web    3/3"), "seed {seed}\n{transcript}");
    }
    assert!(taken_over > 8, "only {taken_over} times somebody else took over");
}

/// Nobody can renew without a quorum; the leader ends before anyone else could think it dead.
#[test]
fn a_leader_without_a_quorum_gives_up_and_somebody_takes_over() {
    let run = run("boot members=3 seed=4 timing=etcd plane=acting managers=2\nuntil leader\n\
         wait 8s\nkill 1\nkill 2\nwait 16s\nrestart all\nwait 40s");
    for reign in reigns(run.transcript()) {
        let [(began, first, true), (ended, same, false), (again, _, true)] = &reign.changes[..]
        else {
            panic!("{:#?}\n{}", reign.changes, run.transcript());
        };
        assert_eq!(first, same);
        assert!(*began < 5.0 && (18.0..22.5).contains(ended), "{began} {ended}");
        assert!(again - ended > 3.0, "{ended} {again}");
    }
}

/// One of each elects nobody; killed and started again it goes on.
#[test]
fn of_one_there_is_nothing_to_elect() {
    let run = run("boot members=3 seed=4 timing=etcd plane=acting\nuntil leader\nwait 3s\n\
         manager 1 kill\nscheduler 1 kill\nscheduler 2 kill\n\
         kubectl create deployment web --image=web:1 --replicas=2\nuntil printed\nwait 5s\n\
         expect no key /registry/leases/kube-system/kube-scheduler\n\
         kubectl get pods\nuntil printed\nmanager 1 restart\nscheduler 1 restart\nwait 20s\n\
         kubectl get deployments\nuntil printed\n\
         manager 1 kill\nmanager 1 restart\nwait 5s");
    let transcript = run.transcript();
    assert!(run.broken().is_empty(), "{:#?}", run.broken());
    assert!(transcript.contains("No resources found in default namespace"), "{transcript}");
    assert!(transcript.contains("web    2/2"), "{transcript}");
    // It has listed what is there before it does anything.
    assert!(!transcript.contains("already exists"), "{transcript}");
}
