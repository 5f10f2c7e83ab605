//! The engine's door, natively: requests in hex on standard input, a line each; updates in hex on
//! standard output. What the module answers in a browser must be the same to the byte:
//! `cargo run --example door < requests.hex`.

use std::io::{BufRead, Write};

use raftarium::engine::door;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let digits = line.trim().as_bytes().chunks(2);
        let byte = |pair: &[u8]| u8::from_str_radix(&String::from_utf8_lossy(pair), 16);
        let request = digits.map(byte).collect::<Result<Vec<u8>, _>>()?;
        let hex: String = door::serve(&request).iter().map(|byte| format!("{byte:02x}")).collect();
        writeln!(out, "{hex}")?;
    }
    Ok(())
}
