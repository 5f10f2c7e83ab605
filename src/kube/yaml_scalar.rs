//! What a plain YAML scalar means to Kubernetes: YAML 1.1, as its parser reads it.
//!
//! Surprising, and therefore to the letter: `yes`, `no`, `on`, `off`, `y` and `n` are booleans,
//! `0644` is octal, `1_000` is a number, and `1.0` becomes the JSON number `1`.
//!
//! * Quoted and block scalars never come here: they are strings.
//! * Dates stay strings.
//!
//! Caveats: integers beyond 64 bits become floating point (upstream: arbitrary precision, which its
//! JSON step then prints the same way); hexadecimal floats stay strings.
//!
//! Architecture invariant: no positions and no errors but "this cannot be JSON".
// Models sigs.k8s.io/yaml goyaml.v2/resolve.go and yaml.go (the step to JSON).

use serde_json::{Number, Value};

use super::decimal;

/// The JSON value of a plain scalar.
///
/// # Errors
/// Not-a-number and the infinities, which JSON cannot say; the text is the JSON encoder's.
pub fn resolve(text: &str) -> Result<Value, String> {
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Value::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Value::Bool(false)
        }
        ".nan" | ".NaN" | ".NAN" => return Err("json: unsupported value: NaN".into()),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Err("json: unsupported value: +Inf".into());
        }
        "-.inf" | "-.Inf" | "-.INF" => return Err("json: unsupported value: -Inf".into()),
        _ => number(text).map_or_else(|| Value::from(text), Value::Number),
    })
}

/// The number a plain scalar is, if it is one.
fn number(text: &str) -> Option<Number> {
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return None;
    }
    if is_date(text) {
        return None;
    }
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    integer(&plain).or_else(|| is_float(&plain).then(|| float(decimal::parse(&plain)?)).flatten())
}

fn integer(plain: &str) -> Option<Number> {
    let (negative, digits) = match plain.as_bytes().first()? {
        b'-' => (true, &plain[1..]),
        b'+' => (false, &plain[1..]),
        _ => (false, plain),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', _, ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', _, ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    match negative {
        false => Some(Number::from(magnitude)),
        true => Some(Number::from(0i64.checked_sub_unsigned(magnitude)?)),
    }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(plain: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let plain = plain.strip_prefix(['-', '+']).unwrap_or(plain);
    let (mantissa, exponent) = match plain.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (plain, None),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let any = !whole.is_empty() || !fraction.is_empty();
    any && digits(whole) && digits(fraction) && exponent_fits
}

/// A float as its JSON text reads back: whole ones become integers, infinite ones nothing.
pub fn float(value: f64) -> Option<Number> {
    // Go prints a float without exponent below 1e21; 2^63 is where i64 ends.
    const WHOLE_MAX: f64 = 9_223_372_036_854_775_808.0;
    if value.trunc() == value && value.abs() < WHOLE_MAX {
        return Some(Number::from(value as i64));
    }
    Number::from_f64(value)
}

fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() > 7 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[4] == b'-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars() {
        let rows = [
            ("yes", "true"),
            ("off", "false"),
            ("n", "false"),
            ("~", "null"),
            ("", "null"),
            ("0644", "420"),
            ("0o17", "15"),
            ("0x1F", "31"),
            ("0b101", "5"),
            ("-0b101", "-5"),
            ("1_000", "1000"),
            ("+12", "12"),
            ("1.0", "1"),
            ("1.5e3", "1500"),
            (".5", "0.5"),
            ("1e400", "\"1e400\""),
            ("0.1", "0.1"),
            ("089", "89"),
            ("1.2.3", "\"1.2.3\""),
            ("2026-01-02", "\"2026-01-02\""),
            ("-", "\"-\""),
            ("+", "\"+\""),
            (".", "\".\""),
            ("12h", "\"12h\""),
            ("1e", "\"1e\""),
            ("9223372036854775808", "9223372036854775808"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("nginx:1.25", "\"nginx:1.25\""),
            ("25%", "\"25%\""),
        ];
        for (text, json) in rows {
            assert_eq!(resolve(text).unwrap().to_string(), json, "{text}");
        }
        assert_eq!(resolve(".inf").unwrap_err(), "json: unsupported value: +Inf");
    }
}
