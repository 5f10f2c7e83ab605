//! How many virtual seconds pass in one of the reader's: ten notches to each power of ten.
//!
//! * From 0.01× to 100×, evenly spaced by ratio, so that each notch of the slider feels alike.
//! * The default lets the eye follow a packet of the classroom preset (about a quarter of a second
//!   on its way), and an election is no wait.
//!
//! Architecture invariant: integers only; no floating point is printed or parsed.

/// A notch of the speed slider, 0 (0.01×) to [`Speed::MAX`] (100×).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Speed(u8);

/// One power of ten, in hundredths.
const DECADE: [u64; 10] = [100, 125, 160, 200, 250, 320, 400, 500, 630, 800];

impl Default for Speed {
    fn default() -> Self {
        Speed(16)
    }
}

impl Speed {
    /// The last notch.
    pub const MAX: u8 = 40;

    /// The notch, or the nearest there is.
    pub fn notch(notch: u8) -> Speed {
        Speed(notch.min(Speed::MAX))
    }

    /// Which notch it is.
    pub fn as_notch(self) -> u8 {
        self.0
    }

    /// Virtual nanoseconds per wall microsecond.
    pub fn nanos_per_micro(self) -> u64 {
        DECADE[usize::from(self.0 % 10)] * 10u64.pow(u32::from(self.0 / 10)) / 10
    }

    /// As shown: `0.4×`, `12.5×`, `100×`.
    pub fn text(self) -> String {
        let thousandths = self.nanos_per_micro();
        let digits = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
        format!("{}×", digits.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notches_span_a_hundredth_to_a_hundred() {
        let texts = [0, 1, 10, 16, 20, 31, 40, 99].map(|n| Speed::notch(n).text());
        let expected = ["0.01×", "0.012×", "0.1×", "0.4×", "1×", "12.5×", "100×", "100×"];
        assert_eq!(texts.each_ref().map(String::as_str), expected);
        assert_eq!(Speed::default().text(), "0.4×");
    }

    #[test]
    fn each_notch_is_quicker_than_the_one_before() {
        let all: Vec<u64> = (0..=Speed::MAX).map(|n| Speed(n).nanos_per_micro()).collect();
        assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "{all:?}");
    }
}
