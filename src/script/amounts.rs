//! Spans of virtual time as a script writes them: `500ms`, `1.5s`, `2m`.
//!
//! * Printed in the largest unit in which it is a whole number; so nothing is lost.
//!
//! Architecture invariant: text to time; no clock.

use std::time::Duration;

use super::words::{Word, Wrong};

/// Units and their nanoseconds, largest first.
const UNITS: [(&str, u64); 5] =
    [("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("ns", 1)];

/// Reads a span.
pub(super) fn read(word: &Word) -> Result<Duration, Wrong> {
    let nanos = nanos(&word.text).ok_or_else(|| word.expected("a time, such as 500ms or 10s"))?;
    Ok(Duration::from_nanos(nanos))
}

fn nanos(text: &str) -> Option<u64> {
    let unit_at = text.find(|c: char| c.is_ascii_lowercase())?;
    let (number, unit) = text.split_at(unit_at);
    let (_, nanos) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit()).then(|| text.parse().ok());
    let (whole, count): (u64, u64) = (digits(whole)??, digits(part)??);
    let tens = 10u64.checked_pow(u32::try_from(part.len()).ok()?)?;
    let part = u64::try_from(u128::from(count) * u128::from(*nanos) / u128::from(tens)).ok()?;
    whole.checked_mul(*nanos)?.checked_add(part)
}

/// Prints a span.
pub(super) fn print(span: Duration) -> String {
    let nanos = u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
    let whole = |(_, unit): &&(&str, u64)| nanos % unit == 0;
    match UNITS.iter().skip(1).find(whole) {
        Some((name, unit)) => format!("{}{name}", nanos / unit),
        None => format!("{nanos}ns"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        let read = |text: &str| nanos(text).map(|nanos| print(Duration::from_nanos(nanos)));
        for (text, printed) in [
            ("500ms", Some("500ms")),
            ("1.5s", Some("1500ms")),
            ("0.25ms", Some("250us")),
            ("2m", Some("120s")),
            ("0s", Some("0s")),
            ("7ns", Some("7ns")),
            ("10", None),
            ("s", None),
            (".5s", None),
            ("1.s", None),
            ("-1s", None),
            ("+1s", None),
            ("1 s", None),
            ("1h", None),
            ("99999999999999999999s", None),
            ("99999999999s", None),
        ] {
            assert_eq!(read(text).as_deref(), printed, "{text}");
        }
    }
}
