//! Runs the first story natively and prints its transcript and final hash:
//! `cargo run --example story -- [SEED]`.
//!
//! Five members elect a leader, a Deployment is applied, the leader is killed, another leads, the
//! object is still there. The same seed prints the same text everywhere.

use std::time::Duration;

use raftarium::cluster;
use raftarium::engine::{Action, Config, Engine};
use raftarium::kube;

const DEPLOYMENT: &str = include_str!("../static/examples/deployment.yaml");

fn main() -> Result<(), String> {
    let seed = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1);
    let mut engine = Engine::boot(Config { seed, ..Config::default() })?;
    engine.run_until(Duration::from_secs(20), |engine| engine.cluster().leader().is_some());
    engine.advance(Duration::from_secs(5));
    engine.act(&Action::Kube(kube::Action::Apply { text: DEPLOYMENT.into() }));
    engine.advance(Duration::from_secs(3));
    if let Some(leader) = engine.cluster().leader() {
        engine.act(&Action::Cluster(cluster::Action::Kill(leader)));
    }
    engine.advance(Duration::from_secs(5));
    for event in engine.take_events() {
        println!("{} {}", event.at, event.what);
    }
    let frame = engine.frame();
    for write in &frame.writes {
        println!("{} {:?}", write.title, write.outcome);
        for step in &write.steps {
            println!("  {:?} {:?} {} | {}", step.kind, step.state, step.what, step.note);
        }
    }
    println!("trace hash {:016x} after {} micro-steps", engine.trace_hash(), frame.cluster.step);
    Ok(())
}
