//! Amounts as a script writes them: spans of time, shares, rates, sizes.
//!
//! * Printed in the largest unit in which an amount is a whole number; so nothing is lost.
//!
//! Architecture invariant: amount to text; what reads it back is the script's.

use std::time::Duration;

/// Units of time and their nanoseconds, largest first.
pub const SPAN_UNITS: [(&str, u64); 5] =
    [("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("ns", 1)];

/// Units of bandwidth and their bytes a second, largest first.
pub const RATE_UNITS: [(&str, u64); 3] = [("MB/s", 1_000_000), ("kB/s", 1_000), ("B/s", 1)];

/// Units of size and their bytes, largest first.
pub const SIZE_UNITS: [(&str, u64); 4] =
    [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

/// Bytes: `64KiB`.
pub fn size(bytes: u64) -> String {
    in_units(bytes, &SIZE_UNITS)
}

/// A span: `500ms`, `90s`. Minutes are read, not printed.
pub fn span(span: Duration) -> String {
    let nanos = u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
    in_units(nanos, &SPAN_UNITS[1..])
}

/// Bytes a second: `20kB/s`.
pub fn rate(bytes_a_second: u64) -> String {
    in_units(bytes_a_second, &RATE_UNITS)
}

fn in_units(amount: u64, units: &[(&str, u64)]) -> String {
    let whole = |(_, unit): &&(&str, u64)| amount.is_multiple_of(*unit);
    let (name, unit) = units.iter().find(whole).copied().unwrap_or(("", 1));
    format!("{}{name}", amount / unit)
}

/// Millionths as percent: `20%`, `0.5%`, `-5%`.
pub fn percent(ppm: i64) -> String {
    let (sign, ppm) = (if ppm < 0 { "-" } else { "" }, ppm.unsigned_abs());
    let part = format!("{:04}", ppm % 10_000);
    match part.trim_end_matches('0') {
        "" => format!("{sign}{}%", ppm / 10_000),
        part => format!("{sign}{}.{part}%", ppm / 10_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        assert_eq!(
            [0, 90_000_000_000, 1_500_000, 7].map(|n| span(Duration::from_nanos(n))),
            ["0s", "90s", "1500us", "7ns"]
        );
        assert_eq!([20_000, 1, 1_000_000, 1_500].map(rate), ["20kB/s", "1B/s", "1MB/s", "1500B/s"]);
        assert_eq!([65_536, 1, 2 << 30, 1_500].map(size), ["64KiB", "1B", "2GiB", "1500B"]);
        let percents = [200_000, 5_000, -50_000, 1, 0, -990_001].map(percent);
        assert_eq!(percents, ["20%", "0.5%", "-5%", "0.0001%", "0%", "-99.0001%"]);
    }
}
