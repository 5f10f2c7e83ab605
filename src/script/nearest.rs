//! "Did you mean …?": the nearest of a few words.
//!
//! Architecture invariant: text only.

/// What is wrong with a word, and the nearest word there is: `no such verb: kil; did you mean
/// kill?`
pub(super) fn or_nearest(what: &str, word: &str, words: &[&str]) -> String {
    match nearest(word, words) {
        Some(near) => format!("{what}: {word}; did you mean {near}?"),
        None => format!("{what}: {word}; there are {}", words.join(", ")),
    }
}

/// The nearest word, if it is near: a third of its letters may differ.
pub(super) fn nearest<'a>(word: &str, words: &[&'a str]) -> Option<&'a str> {
    let word = word.to_ascii_lowercase();
    let far = |other: &&str| distance(&word, other);
    let near = words.iter().copied().min_by_key(far)?;
    let may_differ = near.chars().count().div_ceil(3);
    (distance(&word, near) <= may_differ).then_some(near)
}

/// Letters to insert, delete, replace or swap with their neighbour (Damerau and Levenshtein,
/// optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(64).collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_and_far() {
        let words = ["kill", "heal", "partition", "restart"];
        assert_eq!(nearest("kil", &words), Some("kill"));
        assert_eq!(nearest("Kill", &words), Some("kill"));
        assert_eq!(nearest("klil", &words), Some("kill"));
        assert_eq!(nearest("partiton", &words), Some("partition"));
        assert_eq!(nearest("frobnicate", &words), None);
        assert_eq!(nearest("", &words), None);
        assert_eq!(nearest("x", &[]), None);
    }
}
