//! Bytes and times in the words of the page, from integers alone (float formatting weighs 14 kB).
//!
//! Architecture invariant: pure; no float, no locale.

use crate::sim::Instant;

/// `412 B`, `1.2 kB`, `1.5 MB`: decimal units, one digit after the point, cut off, not rounded.
pub fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => tenths(count / 100, "kB"),
        _ => tenths(count / 100_000, "MB"),
    }
}

/// A span of virtual time: `850 µs`, `35 ms`, `1.24 s`.
pub fn span(nanos: u64) -> String {
    match nanos {
        0 => "0 ms".into(),
        1..1_000_000 => format!("{} µs", (nanos / 1_000).max(1)),
        1_000_000..1_000_000_000 => format!("{} ms", nanos / 1_000_000),
        _ => {
            let hundredths = nanos / 10_000_000;
            format!("{}.{:02} s", hundredths / 100, hundredths % 100)
        }
    }
}

/// How long after `start` an instant is: `+35 ms`.
pub fn after(start: Instant, at: Instant) -> String {
    format!("+{}", span(at.0.saturating_sub(start.0)))
}

/// `one ack`, `3 acks`: a count and its noun.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

/// The first `chars` characters of a text, with `…` when there were more.
pub fn cut(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn tenths(count: u64, unit: &str) -> String {
    format!("{}.{} {unit}", count / 10, count % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_in_decimal_units() {
        let said: Vec<_> = [0, 999, 1_000, 1_299, 999_999, 1_572_864].map(bytes).into();
        assert_eq!(said, ["0 B", "999 B", "1.0 kB", "1.2 kB", "999.9 kB", "1.5 MB"]);
    }

    #[test]
    fn spans_pick_their_unit() {
        let said: Vec<_> = [0, 400, 850_000, 35_900_000, 1_249_000_000].map(span).into();
        assert_eq!(said, ["0 ms", "1 µs", "850 µs", "35 ms", "1.24 s"]);
        assert_eq!(after(Instant(2_000_000), Instant(37_000_000)), "+35 ms");
        assert_eq!(after(Instant(5), Instant(1)), "+0 ms", "never before the start");
    }

    #[test]
    fn cutting_counts_characters_not_bytes() {
        assert_eq!(cut("äöü", 2), "äö…");
        assert_eq!(cut("äöü", 3), "äöü");
    }
}
