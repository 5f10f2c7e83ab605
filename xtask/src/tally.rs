//! Counts tests from what the test runners print.
//!
//! * Knows the closing lines of `cargo test`, `cargo nextest` and `node --test`.
//!
//! Architecture invariant: only reads; what a runner prints is shown as it is.

/// Tests, or checks that count as one test each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many went well.
    pub passed: u32,
    /// How many did not.
    pub failed: u32,
}

impl Tally {
    /// Adds another count.
    pub fn add(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// Adds what one line of a runner's output says.
    pub fn read(&mut self, line: &str) {
        self.add(of_line(line));
    }

    /// The count of a stage: one that counted no test is one check itself, and one that ended badly
    /// without a failed test has failed once.
    pub fn of_stage(mut self, went_well: bool) -> Tally {
        match went_well {
            true if self == Tally::default() => self.passed = 1,
            false if self.failed == 0 => self.failed = 1,
            _ => {}
        }
        self
    }
}

fn of_line(line: &str) -> Tally {
    let line = line.trim();
    let words: Vec<&str> = line.split([' ', ';', ',']).filter(|word| !word.is_empty()).collect();
    if line.starts_with("test result:") || line.starts_with("Summary [") {
        let count = |what| number_before(&words, what);
        return Tally { passed: count("passed"), failed: count("failed") + count("timed") };
    }
    match words.as_slice() {
        ["#" | "ℹ", "pass", count] => Tally { passed: number(count), failed: 0 },
        ["#" | "ℹ", "fail" | "cancelled", count] => Tally { passed: 0, failed: number(count) },
        _ => Tally::default(),
    }
}

fn number_before(words: &[&str], what: &str) -> u32 {
    words.windows(2).find(|pair| pair[1] == what).map_or(0, |pair| number(pair[0]))
}

fn number(word: &str) -> u32 {
    word.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{Tally, of_line};

    fn check(line: &str, passed: u32, failed: u32) {
        assert_eq!(of_line(line), Tally { passed, failed }, "{line}");
    }

    #[test]
    fn closing_lines() {
        check("test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured", 12, 3);
        check("     Summary [   0.021s] 8 tests run: 8 passed, 0 skipped", 8, 0);
        check(
            "     Summary [   9.021s] 8 tests run: 5 passed (1 slow), 2 failed, 1 timed out",
            5,
            3,
        );
        check("ℹ pass 4", 4, 0);
        check("# fail 2", 0, 2);
    }

    #[test]
    fn other_lines_count_nothing() {
        check("test store::tests::two_passed ... ok", 0, 0);
        check("# passed over 3 of them", 0, 0);
    }

    #[test]
    fn a_stage_counts_at_least_once() {
        let none = Tally::default();
        assert_eq!(none.of_stage(true), Tally { passed: 1, failed: 0 });
        assert_eq!(none.of_stage(false), Tally { passed: 0, failed: 1 });
        let seven = Tally { passed: 7, failed: 0 };
        assert_eq!(seven.of_stage(true), seven);
        assert_eq!(seven.of_stage(false), Tally { passed: 7, failed: 1 });
    }
}
