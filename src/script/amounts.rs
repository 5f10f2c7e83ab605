//! Amounts as a script writes them: spans (`500ms`, `1.5s`), shares (`20%`), rates (`20kB/s`).
//!
//! * What is printed ([`crate::cluster::amounts`]) reads back as the same amount.
//!
//! Architecture invariant: text to amount; no clock.

use std::time::Duration;

use super::words::{Word, Wrong};
use crate::cluster::FAULT_SPAN_MAX;
use crate::cluster::amounts::{RATE_UNITS, SIZE_UNITS, SPAN_UNITS, span as print};
use crate::sim::{DRIFT_PPM_MAX, DRIFT_PPM_MIN, PPM_ALL};

/// Reads a span.
pub(super) fn span(word: &Word) -> Result<Duration, Wrong> {
    let nanos = nanos(&word.text).ok_or_else(|| word.expected("a time, such as 500ms or 10s"))?;
    Ok(Duration::from_nanos(nanos))
}

/// Reads a span that a fault may last.
pub(super) fn fault_span(word: &Word) -> Result<Duration, Wrong> {
    let read = span(word)?;
    let most = print(FAULT_SPAN_MAX);
    (read <= FAULT_SPAN_MAX).then_some(read).ok_or_else(|| word.wrong(format!("{most} at most")))
}

pub(super) fn nanos(text: &str) -> Option<u64> {
    let unit_at = text.find(|c: char| c.is_ascii_lowercase())?;
    in_units(text, unit_at, &SPAN_UNITS)
}

/// A number with up to as many decimals as the unit allows, and its unit.
fn in_units(text: &str, unit_at: usize, units: &[(&str, u64)]) -> Option<u64> {
    let (number, unit) = text.split_at(unit_at);
    let (_, one) = units.iter().find(|(name, _)| *name == unit)?;
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit()).then(|| text.parse().ok());
    let (whole, count): (u64, u64) = (digits(whole)??, digits(part)??);
    let tens = 10u64.checked_pow(u32::try_from(part.len()).ok()?)?;
    let part = u64::try_from(u128::from(count) * u128::from(*one) / u128::from(tens)).ok()?;
    whole.checked_mul(*one)?.checked_add(part)
}

/// Reads bytes a second, at least one.
pub(super) fn rate(word: &Word) -> Result<u64, Wrong> {
    let unit_at = word.text.find(|c: char| c.is_ascii_alphabetic());
    let read = unit_at.and_then(|at| in_units(&word.text, at, &RATE_UNITS));
    read.filter(|rate| *rate > 0).ok_or_else(|| word.expected("a bandwidth, such as 20kB/s"))
}

/// Reads a number of bytes, at least one.
pub(super) fn size(word: &Word) -> Result<i64, Wrong> {
    let unit_at = word.text.find(|c: char| c.is_ascii_alphabetic());
    let read = unit_at.and_then(|at| in_units(&word.text, at, &SIZE_UNITS));
    let read = read.and_then(|bytes| i64::try_from(bytes).ok()).filter(|bytes| *bytes > 0);
    read.ok_or_else(|| word.expected("a size, such as 64KiB"))
}

/// Reads percent as millionths.
fn ppm(text: &str) -> Option<u64> {
    in_units(text, text.len().checked_sub(1)?, &[("%", 10_000)])
}

/// Reads a share, `0%` to `100%`, as millionths.
pub(super) fn share(word: &Word) -> Result<u32, Wrong> {
    let share = ppm(&word.text).and_then(|ppm| u32::try_from(ppm).ok());
    let share = share.filter(|ppm| *ppm <= PPM_ALL);
    share.ok_or_else(|| word.expected("a share from 0% to 100%"))
}

/// The sign in front, and what follows.
fn signed(text: &str) -> (i64, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// Reads a clock's skew in nanoseconds: `+300ms`.
pub(super) fn skew(word: &Word) -> Result<i64, Wrong> {
    let (sign, rest) = signed(&word.text);
    let nanos = nanos(rest).ok_or_else(|| word.expected("a skew, such as +300ms"))?;
    if Duration::from_nanos(nanos) > FAULT_SPAN_MAX {
        return Err(word.wrong(format!("{} at most", print(FAULT_SPAN_MAX))));
    }
    Ok(sign * nanos as i64)
}

/// Reads a clock's drift in millionths: `5%`, `-20%`.
pub(super) fn drift(word: &Word) -> Result<i32, Wrong> {
    let (sign, rest) = signed(&word.text);
    let drift = ppm(rest).and_then(|ppm| i32::try_from(sign * i64::try_from(ppm).ok()?).ok());
    let drift = drift.filter(|ppm| (DRIFT_PPM_MIN..=DRIFT_PPM_MAX).contains(ppm));
    drift.ok_or_else(|| word.expected("a drift from -99% to 900%"))
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
