//! The floating point number nearest to a decimal text, found by comparing and nothing else.
//!
//! The standard library's way is quicker, with ten kilobytes of powers that no compression makes
//! smaller. Here the candidates' whole numbers are compared with the text's, exactly: a search
//! among all floats in order takes 63 looks. Few digits with a small exponent take one operation.
//!
//! * The result is that of `str::parse` to the bit (tested against it).
//!
//! Architecture invariant: pure; no tables.

use std::cmp::Ordering;

/// More digits than this cannot matter but for whether one of them is not zero.
const DIGITS_MAX: usize = 800;

/// Whole numbers up to this are floats without loss.
const EXACT_MAX: u64 = 1 << 53;

/// Powers of ten up to this are floats without loss.
const EXACT_POWER_MAX: u32 = 22;

/// Beyond this power of ten every float is infinite, or zero.
const POWER_MAX: i64 = 400;

/// Reads `12.5e-3` with or without sign, point, exponent. Nothing when it is something else.
pub fn parse(text: &str) -> Option<f64> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(text) => (true, text),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, power(exponent)?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    if digits().next().is_none() || !digits().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let mut digits: Vec<u8> = digits().skip_while(|digit| *digit == b'0').collect();
    let mut exponent = exponent - fraction.len() as i64;
    if digits.len() > DIGITS_MAX {
        exponent += (digits.len() - DIGITS_MAX) as i64;
        let rest = digits.split_off(DIGITS_MAX);
        if rest.iter().any(|digit| *digit != b'0') {
            digits.push(b'1');
            exponent -= 1;
        }
    }
    let magnitude = nearest(&digits, exponent);
    Some(if negative { -magnitude } else { magnitude })
}

/// An exponent; one that is too large for its type is just very large.
fn power(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let magnitude = digits.parse::<u32>().map_or(i64::from(u32::MAX), i64::from);
    Some(if text.starts_with('-') { -magnitude } else { magnitude })
}

/// The float nearest to digits × 10^exponent; of two as near, the even one.
fn nearest(digits: &[u8], exponent: i64) -> f64 {
    let size = digits.len() as i64 + exponent;
    if digits.is_empty() || size < -POWER_MAX {
        return 0.0;
    }
    if size > POWER_MAX {
        return f64::INFINITY;
    }
    let power = exponent.unsigned_abs() as u32;
    if let Some(exact) = exactly(digits, exponent < 0, power) {
        return exact;
    }
    let mut number = Big::default();
    digits.iter().for_each(|digit| number.times_and(10, u32::from(*digit - b'0')));
    let mut unit = Big(vec![1]);
    let scaled = if exponent < 0 { &mut unit } else { &mut number };
    (0..power).for_each(|_| scaled.times_and(10, 0));
    search(&number, &unit)
}

fn exactly(digits: &[u8], divided: bool, power: u32) -> Option<f64> {
    let number: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    if number > EXACT_MAX || power > EXACT_POWER_MAX {
        return None;
    }
    let scale = (0..power).fold(1.0, |scale, _| scale * 10.0);
    let number = number as f64;
    Some(if divided { number / scale } else { number * scale })
}

/// The float nearest to number ÷ unit.
fn search(number: &Big, unit: &Big) -> f64 {
    let (mut low, mut high) = (0_u64, f64::INFINITY.to_bits());
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        let (mantissa, exponent) = parts(middle);
        match compare(number, unit, mantissa, exponent) {
            Ordering::Less => high = middle,
            Ordering::Equal | Ordering::Greater => low = middle,
        }
    }
    let (mantissa, exponent) = parts(low);
    let rounds_up = match compare(number, unit, 2 * mantissa + 1, exponent - 1) {
        Ordering::Less => 0,
        Ordering::Equal => low & 1,
        Ordering::Greater => 1,
    };
    f64::from_bits(low + rounds_up)
}

/// A float's bits as mantissa × 2^exponent.
fn parts(bits: u64) -> (u64, i32) {
    let (field, fraction) = ((bits >> 52) as i32, bits & (EXACT_MAX / 2 - 1));
    match field {
        0 => (fraction, -1074),
        _ => (fraction | (EXACT_MAX / 2), field - 1075),
    }
}

/// number ÷ unit against mantissa × 2^exponent.
fn compare(number: &Big, unit: &Big, mantissa: u64, exponent: i32) -> Ordering {
    let mut other = Big(vec![0; unit.0.len() + 2]);
    for (at, word) in unit.0.iter().enumerate() {
        other.add(at, u64::from(*word) * (mantissa & u64::from(u32::MAX)));
        other.add(at + 1, u64::from(*word) * (mantissa >> 32));
    }
    if exponent >= 0 {
        number.shifted_against(0, &other, exponent as u32)
    } else {
        number.shifted_against(exponent.unsigned_abs(), &other, 0)
    }
}

/// A whole number without limit, its least word first.
#[derive(Clone, Default)]
struct Big(Vec<u32>);

impl Big {
    fn times_and(&mut self, factor: u32, plus: u32) {
        let mut carry = u64::from(plus);
        for word in &mut self.0 {
            carry += u64::from(*word) * u64::from(factor);
            *word = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    /// Adds at a word; there is room for the sum.
    fn add(&mut self, mut at: usize, what: u64) {
        let mut carry = what;
        while carry > 0 {
            let sum = u64::from(self.0[at]) + (carry & u64::from(u32::MAX));
            self.0[at] = sum as u32;
            carry = (carry >> 32) + (sum >> 32);
            at += 1;
        }
    }

    /// The word at a place of this number × 2^bits.
    fn word(&self, bits: u32, at: usize) -> u32 {
        let word = |at: Option<usize>| at.and_then(|at| self.0.get(at)).copied().unwrap_or(0);
        let at = at.checked_sub(bits as usize / 32);
        let pair =
            u64::from(word(at)) << 32 | u64::from(at.map_or(0, |at| word(at.checked_sub(1))));
        (pair << (bits % 32) >> 32) as u32
    }

    fn shifted_against(&self, bits: u32, other: &Big, other_bits: u32) -> Ordering {
        let words = |big: &Big, bits: u32| big.0.len() + bits as usize / 32 + 1;
        let most = words(self, bits).max(words(other, other_bits));
        let mut places = (0..most).rev();
        let differs = places.find(|at| self.word(bits, *at) != other.word(other_bits, *at));
        differs.map_or(Ordering::Equal, |at| self.word(bits, at).cmp(&other.word(other_bits, at)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::parse;

    #[track_caller]
    fn same(text: &str) {
        let theirs: f64 = text.parse().unwrap();
        assert_eq!(parse(text).map(f64::to_bits), Some(theirs.to_bits()), "{text}");
    }

    #[test]
    fn at_the_borders() {
        let long = format!("1.{}1", "0".repeat(2_000));
        let half = "2.4703282292062327208051e-324";
        for text in ["0", "-0.0", "1", ".5", "5.", "1e22", "1e23", "9007199254740993", half, &long]
        {
            same(text);
        }
        for text in ["1e308", "1.7976931348623157e308", "1.7976931348623159e308", "1e309", "1e999"]
        {
            same(text);
        }
        for text in ["5e-324", "2e-324", "3e-324", "2.2250738585072011e-308", "1e-99999999999"] {
            same(text);
        }
        for text in ["", ".", "e5", "1e", "1e+", "0x1", "1.2.3", "--1", "nan"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn as_the_standard_library(bits in any::<u64>(), digits in "[0-9]{1,30}", e in -340..320) {
            let float = f64::from_bits(bits & !(1 << 63));
            if float.is_finite() {
                same(&format!("{float:e}"));
                same(&format!("{float:.60e}"));
            }
            same(&format!("{digits}e{e}"));
            same(&format!("-0.{digits}e{e}"));
        }
    }
}
