//! Runs again what a page hands out (*Share*, *About this cluster*) or any scenario, natively:
//! `cargo run --release --example replay -- FILE`, or `-` for standard input.
//!
//! Prints the place reached and the hash of everything that happened, and fails when that is not
//! the hash the page has written behind the run.

use std::io::Read;

use raftarium::engine::Recorded;

fn main() -> Result<(), String> {
    let path = std::env::args().nth(1).ok_or("which file?")?;
    let mut text = String::new();
    let read = match path.as_str() {
        "-" => std::io::stdin().read_to_string(&mut text).map(|_| ()),
        _ => std::fs::read_to_string(&path).map(|file| text = file),
    };
    read.map_err(|error| format!("{path}: {error}"))?;
    let commands = text.split("\n---\n").next().unwrap_or_default();
    let failed = |error| format!("{path}: {error}");
    let recorded = Recorded::read(commands).map_err(failed)?;
    let engine = recorded.run().map_err(failed)?;
    println!("at {}", engine.position());
    println!("hash {:016x}", engine.trace_hash());
    match recorded.hash.filter(|told| *told != engine.trace_hash()) {
        Some(told) => Err(format!("{path} says {told:016x}: it is of another version, or altered")),
        None => Ok(()),
    }
}
