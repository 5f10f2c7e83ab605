//! One line of etcdctl, as a reader types it.
//!
//! * Words are cut as a shell cuts them; what they mean, and what etcdctl says to them, is
//!   `cluster::etcdctl`'s.
//! * `etcdctl` in front may be left out.
//!
//! Architecture invariant: text to value; sends nothing.

use super::words::{Word, Wrong, split};
use crate::cluster::Etcdctl;
use crate::cluster::etcdctl::{self, Refusal};

/// Reads a line and what it is given to read; the error is what etcdctl prints, and its exit code.
///
/// # Errors
/// What etcdctl prints.
pub fn parse(line: &str, text: Option<String>) -> Result<Etcdctl, Refusal> {
    let cut = |wrong: Wrong| Refusal { word: None, code: etcdctl::exit::ERROR, text: wrong.what };
    let words = split(line).map_err(cut)?;
    let mut words: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    if words.first() == Some(&"etcdctl") {
        words.remove(0);
    }
    etcdctl::read(&words, text)
}

/// Reads what stands behind `etcdctl`, on a line that ends before a column, and the text it reads.
pub(super) fn read(line: &[Word], text: Option<String>, end: usize) -> Result<Etcdctl, Wrong> {
    let words: Vec<&str> = line.iter().map(|word| word.text.as_str()).collect();
    etcdctl::read(&words, text).map_err(|refused| {
        let column = refused.word.and_then(|at| line.get(at)).map_or(end, |word| word.column);
        Wrong { column, what: refused.text }
    })
}

#[cfg(test)]
#[path = "etcdctl_test.rs"]
pub(super) mod tests;
