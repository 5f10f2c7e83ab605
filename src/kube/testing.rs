//! For the tests of this floor: long messages on lines of at most 100 columns.
//!
//! Architecture invariant: compiled for tests only.

/// Longest line kept whole, in characters: leaves room for the indentation of expected texts.
const COLUMNS: usize = 80;

/// The text with its long lines broken at spaces; a continued line begins with `… `.
pub(super) fn folded(text: &str) -> String {
    text.lines().map(|line| fold(line) + "\n").collect()
}

fn fold(line: &str) -> String {
    let (mut out, mut column) = (String::new(), 0);
    for word in line.split_inclusive(' ') {
        let width = word.trim_end().chars().count();
        if column > 0 && column + width > COLUMNS {
            out.truncate(out.trim_end().len());
            out.push_str("\n… ");
            column = 2;
        }
        out.push_str(word);
        column += word.chars().count();
    }
    out.truncate(out.trim_end().len());
    out
}
