//! Runs a scenario natively and prints its transcript:
//! `cargo run --example scenario -- scenarios/a-leader-is-elected.txt`.
//!
//! A line `---` and what stands behind it is passed over: a recorded transcript.

fn main() -> Result<(), String> {
    let path = std::env::args().nth(1).ok_or("which file?")?;
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let commands = text.split("\n---\n").next().unwrap_or_default();
    print!("{}", raftarium::engine::run(commands).map_err(|misread| format!("{path}: {misread}"))?);
    Ok(())
}
