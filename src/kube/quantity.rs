//! Amounts of resources: `500m`, `64Mi`, `1e3`.
//!
//! * Canonical: no fraction, the largest suffix that leaves none; binary suffixes only from 1024
//!   on.
//! * Resource lists are rounded up to thousandths, as the apiserver does when it fills in defaults.
//!
//! Caveats: amounts are kept to 10⁻⁹ and up to 2⁶³ − 1 of the unit, like upstream's; what is
//! smaller is rounded up, what is larger is capped.
//!
//! Architecture invariant: integers only; no floating point.
// Models apimachinery pkg/api/resource/quantity.go.

/// Billionths in one.
const NANO: i128 = 1_000_000_000;

const WRONG: &str = "quantities must match the regular expression \
                     '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const WRONG_SUFFIX: &str = "unable to parse quantity's suffix";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Decimal,
    Exponent,
    Binary,
}

/// An amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity {
    nano: i128,
    format: Format,
}

impl Quantity {
    /// Reads an amount.
    ///
    /// # Errors
    /// Upstream's text.
    pub fn parse(text: &str) -> Result<Quantity, &'static str> {
        let (negative, rest) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            Some(_) => (false, text),
            None => return Err(WRONG),
        };
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, suffix) = rest.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
            return Err(WRONG);
        }
        if !suffix.chars().all(|c| "eEinumkKMGTP+-0123456789".contains(c)) {
            return Err(WRONG);
        }
        let (base, exponent, format) = suffix_of(suffix).ok_or(WRONG_SUFFIX)?;
        let nano = amount(whole, fraction, base, exponent);
        let nano = nano.min(i128::from(i64::MAX) * NANO);
        Ok(Quantity { nano: if negative { -nano } else { nano }, format })
    }

    /// Rounded up to thousandths.
    pub fn rounded_to_milli(self) -> Quantity {
        const MILLI: i128 = NANO / 1000;
        let nano = self.nano.div_euclid(MILLI) + i128::from(self.nano.rem_euclid(MILLI) != 0);
        Quantity { nano: nano * MILLI, ..self }
    }

    /// Whether it is below zero.
    pub fn is_negative(self) -> bool {
        self.nano < 0
    }

    /// In thousandths, rounded up.
    pub fn milli(self) -> i128 {
        self.rounded_to_milli().nano / (NANO / 1000)
    }
}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.nano.cmp(&other.nano))
    }
}

/// Base, exponent and format of a suffix.
fn suffix_of(suffix: &str) -> Option<(i128, i32, Format)> {
    const DECIMAL: [(&str, i32); 10] = [
        ("n", -9),
        ("u", -6),
        ("m", -3),
        ("", 0),
        ("k", 3),
        ("M", 6),
        ("G", 9),
        ("T", 12),
        ("P", 15),
        ("E", 18),
    ];
    const BINARY: [&str; 6] = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    if let Some((_, exponent)) = DECIMAL.iter().find(|(known, _)| *known == suffix) {
        return Some((10, *exponent, Format::Decimal));
    }
    if let Some(at) = BINARY.iter().position(|known| *known == suffix) {
        return Some((1024, at as i32 + 1, Format::Binary));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?.parse::<i32>().ok()?;
    Some((10, exponent, Format::Exponent))
}

/// Billionths of `whole.fraction · base^exponent`, rounded up; capped when huge.
fn amount(whole: &str, fraction: &str, base: i128, exponent: i32) -> i128 {
    const HUGE: i128 = i64::MAX as i128 * NANO;
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return 0;
    }
    // As a power of ten over the digits, counted in billionths.
    let mut scale = 9 - fraction.len() as i64;
    let mut factor = 1;
    match base {
        10 => scale += i64::from(exponent),
        base => factor = base.pow(exponent as u32),
    }
    if digits.len() as i64 + scale > 30 {
        return HUGE;
    }
    if digits.len() as i64 + scale < -20 {
        return 1;
    }
    // At most 19 more digits than are kept: cut the rest, remembering that something was there.
    let kept = digits.len().min(37);
    let lost = digits[kept..].bytes().any(|b| b != b'0');
    scale += (digits.len() - kept) as i64;
    let number = digits[..kept].parse::<i128>().unwrap_or(i128::MAX);
    let exact = if scale >= 0 {
        number.checked_mul(10i128.pow(scale as u32)).and_then(|n| n.checked_mul(factor))
    } else {
        let divisor = 10i128.checked_pow(-scale as u32);
        match (number.checked_mul(factor), divisor) {
            (Some(number), Some(divisor)) => {
                Some(number / divisor + i128::from(number % divisor != 0 || lost))
            }
            (None, _) => None,
            (_, None) => Some(1),
        }
    };
    exact.unwrap_or(HUGE)
}

impl std::fmt::Display for Quantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const SUFFIXES: [&str; 10] = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
        const BINARY: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
        if self.nano == 0 {
            return f.write_str("0");
        }
        let whole = self.nano / NANO;
        let binary = self.format == Format::Binary && self.nano % NANO == 0;
        if binary && whole.abs() >= 1024 {
            let (mut number, mut at) = (whole, 0);
            while number % 1024 == 0 && at + 1 < BINARY.len() {
                (number, at) = (number / 1024, at + 1);
            }
            return write!(f, "{number}{}", BINARY[at]);
        }
        let (mut number, mut at) = (self.nano, 0);
        while number % 1000 == 0 && at + 1 < SUFFIXES.len() {
            (number, at) = (number / 1000, at + 1);
        }
        match (self.format, at as i32 * 3 - 9) {
            (Format::Exponent, 0) => write!(f, "{number}"),
            (Format::Exponent, exponent) => write!(f, "{number}e{exponent}"),
            _ => write!(f, "{number}{}", SUFFIXES[at]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_forms() {
        let rows = [
            ("0.5", "500m"),
            ("1", "1"),
            ("0", "0"),
            ("1000m", "1"),
            ("1500m", "1500m"),
            ("1024Mi", "1Gi"),
            ("64Mi", "64Mi"),
            ("0.5Gi", "512Mi"),
            ("1.5Gi", "1536Mi"),
            ("1000Ki", "1000Ki"),
            ("1023", "1023"),
            ("0.5Ki", "512"),
            ("1000000", "1M"),
            ("1e3", "1e3"),
            ("12e6", "12e6"),
            ("100e-3", "100e-3"),
            ("+1.50", "1500m"),
            ("-2", "-2"),
            ("0.0000000001", "1n"),
            ("9223372036854775807", "9223372036854775807"),
            ("99999999999999999999999E", "9223372036854775807"),
            (".5", "500m"),
            ("5.", "5"),
        ];
        for (text, canonical) in rows {
            let quantity = Quantity::parse(text).unwrap();
            assert_eq!(quantity.to_string(), canonical, "{text}");
            let again = Quantity::parse(canonical).unwrap();
            assert_eq!(again.to_string(), canonical, "{text}");
        }
        assert_eq!(Quantity::parse("100u").unwrap().rounded_to_milli().to_string(), "1m");
        assert_eq!(Quantity::parse("64Mi").unwrap().rounded_to_milli().to_string(), "64Mi");
        for wrong in ["", "-", "1.2.3", "abc", "1 Gi", "1x"] {
            assert_eq!(Quantity::parse(wrong), Err(WRONG), "{wrong}");
        }
        for wrong in ["1Gii", "1e", "1KM", "1e99999999999"] {
            assert_eq!(Quantity::parse(wrong), Err(WRONG_SUFFIX), "{wrong}");
        }
        for text in
            ["1e2147483647", "1e-2147483648", &"9".repeat(1000), &format!(".{}", "1".repeat(1000))]
        {
            Quantity::parse(text).unwrap().to_string();
        }
    }
}
