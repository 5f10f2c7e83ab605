//! What the reader did, with when: together with the seed, all that is needed to run it again.
//!
//! * At most [`INPUT_BYTES_MAX`] bytes of text are kept; the oldest go first and are counted.
//!
//! Architecture invariant: lines of the scenario language, nothing else.

use std::collections::VecDeque;

use crate::engine::Config;
use crate::sim::Instant;

/// Bytes of text kept, all inputs together.
pub const INPUT_BYTES_MAX: usize = 256 * 1024;

/// The reader's inputs, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    lines: VecDeque<String>,
    bytes: usize,
    left_out: u64,
}

impl Inputs {
    /// Notes one more.
    pub fn note(&mut self, at: Instant, action: &str) {
        let nanos = at.0;
        let line = format!("at {}.{:09} {action}", nanos / 1_000_000_000, nanos % 1_000_000_000);
        self.bytes += line.len();
        self.lines.push_back(line);
        while self.bytes > INPUT_BYTES_MAX && self.lines.len() > 1 {
            let gone = self.lines.pop_front().unwrap_or_default();
            self.bytes -= gone.len();
            self.left_out += 1;
        }
    }

    /// The last input had no effect: it is kept, but as a remark.
    pub fn last_is_lost(&mut self) {
        if let Some(line) = self.lines.back_mut() {
            line.insert_str(0, "# lost: ");
            self.bytes += "# lost: ".len();
        }
    }

    /// The configuration and every input, one a line, to be copied.
    pub fn text(&self, config: &Config) -> String {
        let Config { seed, members, timing, encryption, loop_waits_for_fsync } = config;
        let waits = if *loop_waits_for_fsync { "waits" } else { "does not wait" };
        let mut text = format!(
            "seed {seed}\nmembers {members}\ntiming {timing}\nencryption {encryption}\n\
             raft loop {waits} for fsync\n"
        );
        if self.left_out > 0 {
            text.push_str(&format!("# {} earlier inputs are left out\n", self.left_out));
        }
        for line in &self.lines {
            text.push_str(line);
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_lines() {
        let mut inputs = Inputs::default();
        inputs.note(Instant(12_384_000_001), "kill 1");
        let expected = "seed 1\nmembers 5\ntiming classroom\nencryption aesgcm\n\
            raft loop waits for fsync\nat 12.384000001 kill 1\n";
        assert_eq!(inputs.text(&Config::default()), expected);
    }

    #[test]
    fn a_lost_input_is_no_input() {
        let mut inputs = Inputs::default();
        inputs.note(Instant(1), "kill 1");
        inputs.last_is_lost();
        assert!(inputs.text(&Config::default()).ends_with("\n# lost: at 0.000000001 kill 1\n"));
    }

    #[test]
    fn is_bounded() {
        let mut inputs = Inputs::default();
        let long = "x".repeat(100 * 1024);
        [1, 2, 3, 4].into_iter().for_each(|at| inputs.note(Instant(at), &long));
        assert_eq!(inputs.lines.len(), 2);
        assert!(inputs.text(&Config::default()).contains("# 2 earlier inputs are left out"));
    }
}
