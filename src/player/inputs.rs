//! What the reader did, and where: together with the configuration, all that is needed to run it
//! again.
//!
//! * The text is a script: `boot …`, then a line `at PLACE …` for each input, then the place looked
//!   at. `cargo run --example replay -- FILE` runs it, and so does a link that carries it.
//! * At most [`INPUT_BYTES_MAX`] bytes of text are kept; the oldest go first and are counted.
//!
//! Architecture invariant: lines of the scenario language, nothing else.

use std::collections::VecDeque;

use crate::engine::{Config, HASH_REMARK, Position};

/// Bytes of text kept, all inputs together.
pub const INPUT_BYTES_MAX: usize = 256 * 1024;

/// The reader's inputs, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    lines: VecDeque<(Position, String)>,
    bytes: usize,
    left_out: u64,
}

impl Inputs {
    /// Notes one more.
    pub fn note(&mut self, at: Position, action: &str) {
        let line = format!("at {at} {action}");
        self.bytes += line.len();
        self.lines.push_back((at, line));
        while self.bytes > INPUT_BYTES_MAX && self.lines.len() > 1 {
            let (_, gone) = self.lines.pop_front().unwrap_or_default();
            self.bytes -= gone.len();
            self.left_out += 1;
        }
    }

    /// The last input had no effect: it is kept, but as a remark.
    pub fn last_is_lost(&mut self) {
        if let Some((_, line)) = self.lines.back_mut() {
            let remark: String = line.lines().map(|line| format!("# lost: {line}\n")).collect();
            self.bytes += remark.len() - line.len();
            *line = remark.trim_end().into();
        }
    }

    /// Those before a place.
    pub fn until(&self, at: Position) -> Inputs {
        let lines: VecDeque<_> = self.lines.iter().filter(|(it, _)| *it < at).cloned().collect();
        let bytes = lines.iter().map(|(_, line)| line.len()).sum();
        Inputs { lines, bytes, left_out: self.left_out }
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.lines.len() as u64 + self.left_out
    }

    /// The configuration, every input, and the place looked at, one a line; and the hash of the run
    /// there, as a remark.
    pub fn text(&self, config: &Config, at: Position, hash: Option<u64>) -> String {
        let mut text = format!("boot {config}\n");
        if self.left_out > 0 {
            text.push_str(&format!("# {} earlier inputs are left out\n", self.left_out));
        }
        for (_, line) in &self.lines {
            text.push_str(line);
            text.push('\n');
        }
        text.push_str(&format!("at {at}\n"));
        text.extend(hash.map(|hash| format!("{HASH_REMARK}{hash:016x}\n")));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script;
    use crate::sim::Instant;

    fn at(nanos: u64, step: u64) -> Position {
        Position { at: Instant(nanos), step, acts: 0 }
    }

    #[test]
    fn is_a_script() {
        let mut inputs = Inputs::default();
        inputs.note(at(12_384_000_001, 4711), "kill 1");
        inputs.note(at(13_000_000_000, 5000), "kubectl create -f - <<EOF\nkind: Pod\nEOF");
        let text = inputs.text(&Config::default(), at(20_000_000_000, 6000), None);
        let expected = "boot members=5 seed=1 timing=classroom encryption=aesgcm fsync=wait\n\
            at 12.384000001s/4711 kill 1\n\
            at 13s/5000 kubectl create -f - <<EOF\nkind: Pod\nEOF\n\
            at 20s/6000\n";
        assert_eq!(text, expected);
        let commands = script::parse(&text).unwrap();
        let again: String = commands.iter().map(|(_, command)| format!("{command}\n")).collect();
        assert_eq!(again, text);
    }

    #[test]
    fn a_lost_input_is_no_input() {
        let mut inputs = Inputs::default();
        inputs.note(at(1, 2), "kubectl create -f - <<EOF\nkind: Pod\nEOF");
        inputs.last_is_lost();
        let text = inputs.text(&Config::default(), at(3, 4), None);
        assert_eq!(script::parse(&text).unwrap().len(), 2, "{text}");
    }

    #[test]
    fn is_bounded() {
        let mut inputs = Inputs::default();
        let long = "x".repeat(100 * 1024);
        [1, 2, 3, 4].into_iter().for_each(|step| inputs.note(at(step, step), &long));
        assert_eq!((inputs.lines.len(), inputs.count()), (2, 4));
        let text = inputs.text(&Config::default(), at(5, 5), Some(0xabc));
        assert!(text.contains("# 2 earlier inputs are left out"));
        assert!(text.ends_with("\nat 0.000000005s/5\n# hash 0000000000000abc\n"));
    }
}
