//! Points in time as Kubernetes writes them: `2026-01-02T03:04:05Z`, in UTC.
//!
//! Architecture invariant: converts; never asks what time it is.

/// Seconds since 1970 and the nanoseconds within.
pub type Instant = (i64, u32);

/// Days from 1970-01-01 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date so many days after 1970-01-01: year, month, day.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    (year, month, of_year - (153 * shifted + 2) / 5 + 1)
}

/// Reads a time.
///
/// # Errors
/// Go's text; it names the first part that does not fit (here: always the year).
pub fn parse(text: &str) -> Result<Instant, String> {
    read(text).ok_or_else(|| {
        format!(
            "parsing time {text:?} as \"2006-01-02T15:04:05Z07:00\": \
             cannot parse {text:?} as \"2006\""
        )
    })
}

fn read(text: &str) -> Option<Instant> {
    let digits = |range: std::ops::Range<usize>| {
        let part = text.get(range)?;
        part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<i64>().ok())?
    };
    let (year, month, day) = (digits(0..4)?, digits(5..7)?, digits(8..10)?);
    let (hour, minute, second) = (digits(11..13)?, digits(14..16)?, digits(17..19)?);
    let marks = [(4, '-'), (7, '-'), (10, 'T'), (13, ':'), (16, ':')];
    let bytes = text.as_bytes();
    if marks.iter().any(|(at, mark)| bytes[*at] != *mark as u8) {
        return None;
    }
    let last = date(days(year, month + 1, 1) - 1).2;
    let fits = (1..=12).contains(&month) && (1..=last).contains(&day);
    if !fits || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (nanos, zone) = fraction(&text[19..])?;
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    Some((seconds - offset(zone)?, nanos))
}

/// `.123456Z` into nanoseconds and what follows.
fn fraction(rest: &str) -> Option<(u32, &str)> {
    let Some(rest) = rest.strip_prefix('.') else {
        return Some((0, rest));
    };
    let end = rest.find(|c: char| !c.is_ascii_digit()).filter(|end| *end > 0)?;
    let nanos = rest[..end].chars().chain(std::iter::repeat('0')).take(9).collect::<String>();
    Some((nanos.parse().ok()?, &rest[end..]))
}

/// Seconds east of Greenwich.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let seconds = hours.parse::<i64>().ok()? * 3600 + minutes.parse::<i64>().ok()? * 60;
    match zone.as_bytes()[0] {
        b'+' => Some(seconds),
        b'-' => Some(-seconds),
        _ => None,
    }
}

/// Writes a time to the second.
pub fn format(seconds: i64) -> String {
    let (year, month, day) = date(seconds.div_euclid(86_400));
    let rest = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Writes a time to the microsecond, always six digits.
pub fn format_micro((seconds, nanos): Instant) -> String {
    let whole = format(seconds);
    format!("{}.{:06}Z", &whole[..whole.len() - 1], nanos / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-01-02T03:04:05Z", 1_767_323_045),
            ("2024-02-29T23:59:59Z", 1_709_251_199),
            ("1969-12-31T23:59:59Z", -1),
            ("2000-03-01T00:00:00Z", 951_868_800),
        ] {
            assert_eq!(parse(text), Ok((seconds, 0)));
            assert_eq!(format(seconds), text);
        }
        assert_eq!(parse("2026-01-02T03:04:05.123456Z").unwrap().1, 123_456_000);
        assert_eq!(parse("2026-01-02T05:04:05+02:00"), parse("2026-01-02T03:04:05Z"));
        assert_eq!(format_micro((0, 1_000)), "1970-01-01T00:00:00.000001Z");
        for wrong in
            ["", "2026", "2026-02-30T00:00:00Z", "2026-01-02T03:04:05", "2026-01-02 03:04:05Z"]
        {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        assert!(parse("äöü-01-02T03:04:05Z").is_err());
    }
}
