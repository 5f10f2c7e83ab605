//! Chance: one seed, split into a stream per purpose, so that nobody shifts another's dice.
//!
//! The generator is SplitMix64 (Steele, Lea, Flood: *Fast Splittable Pseudorandom Number
//! Generators*, OOPSLA 2014): one 64-bit word of state, the same on every machine. `rand`'s
//! `SmallRng` is another algorithm on 32 bits than on 64, so a wasm run would differ from a native.
//!
//! * Every draw consumes exactly one word, whatever it is for: changing a range or a probability
//!   never shifts the draws after it.
//! * A stream depends on the seed, the purpose and two numbers, and on nothing else.
//!
//! Caveats: `below` multiplies instead of rejecting, so a range of `n` values is uneven by at most
//! `n` in 2^64, which nobody can measure. Not for cryptography.
//!
//! Architecture invariant: the only source of chance in the core; it never asks the system.

use std::ops::Range;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One part in a million, the unit of every probability here.
pub const PPM_ALL: u32 = 1_000_000;

/// A stream of chance: SplitMix64. A clone draws the same numbers again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rng {
    state: u64,
}

impl Rng {
    /// A stream from a bare seed.
    pub const fn new(seed: u64) -> Rng {
        Rng { state: seed }
    }

    /// The stream of one purpose, for one member (`a`), or one direction of a link (`a` to `b`).
    pub fn stream(seed: u64, purpose: &str, a: u64, b: u64) -> Rng {
        let mut state = mix(seed ^ GAMMA);
        for byte in purpose.bytes() {
            state = mix(state ^ u64::from(byte).wrapping_add(GAMMA));
        }
        state = mix(state.wrapping_add(GAMMA) ^ a);
        state = mix(state.wrapping_add(GAMMA) ^ b);
        Rng { state }
    }

    /// The next word, uniform over all 64-bit values.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GAMMA);
        mix(self.state)
    }

    /// Uniform in `0..n`; 0 when `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        let product = u128::from(self.next_u64()) * u128::from(n);
        (product >> 64) as u64
    }

    /// Uniform in the range; its start when it is empty.
    pub fn between(&mut self, range: Range<u64>) -> u64 {
        range.start + self.below(range.end.saturating_sub(range.start))
    }

    /// True with the given probability, in parts per million.
    pub fn chance(&mut self, probability_ppm: u32) -> bool {
        self.below(u64::from(PPM_ALL)) < u64::from(probability_ppm)
    }

    /// Fills the buffer, one word for every eight bytes begun.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let word = self.next_u64().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
}

/// SplitMix64's increment: 2^64 divided by the golden ratio, odd.
const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// SplitMix64's finalizer: every input bit changes about half of the output's.
const fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

/// How long something takes: a packet on a link, an fsync on a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Latency {
    /// Always the same.
    Fixed(Duration),
    /// Uniform between the two, both included.
    Uniform {
        /// The shortest.
        min: Duration,
        /// The longest.
        max: Duration,
    },
}

impl Latency {
    /// No time at all.
    pub const ZERO: Latency = Latency::Fixed(Duration::ZERO);

    /// Draws one. Consumes one word even when fixed.
    pub fn draw(self, rng: &mut Rng) -> Duration {
        match self {
            Latency::Fixed(span) => {
                rng.next_u64();
                span
            }
            Latency::Uniform { min, max } => {
                let steps = nanos(max).saturating_sub(nanos(min)).saturating_add(1);
                Duration::from_nanos(nanos(min).saturating_add(rng.below(steps)))
            }
        }
    }

    /// The longest it can take.
    pub const fn max(self) -> Duration {
        match self {
            Latency::Fixed(span) => span,
            Latency::Uniform { max, .. } => max,
        }
    }
}

/// Whole nanoseconds, saturating at 584 years.
fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published sequence of SplitMix64 for the seed 1234567.
    #[test]
    fn the_generator_is_splitmix64() {
        let mut rng = Rng::new(1_234_567);
        let drawn: Vec<u64> = (0..3).map(|_| rng.next_u64()).collect();
        assert_eq!(
            drawn,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn streams_differ_by_every_part_of_their_name() {
        let first = |seed, purpose, a, b| Rng::stream(seed, purpose, a, b).next_u64();
        let mut drawn = vec![
            first(1, "link", 1, 2),
            first(2, "link", 1, 2),
            first(1, "disk", 1, 2),
            first(1, "link", 2, 1),
            first(1, "link", 1, 3),
        ];
        drawn.sort_unstable();
        drawn.dedup();
        assert_eq!(drawn.len(), 5);
        assert_eq!(first(1, "link", 1, 2), first(1, "link", 1, 2));
    }

    #[test]
    fn draws_stay_in_range_and_reach_both_ends() {
        let mut rng = Rng::new(7);
        let drawn: Vec<u64> = (0..200).map(|_| rng.between(10..14)).collect();
        assert_eq!(drawn.iter().min(), Some(&10));
        assert_eq!(drawn.iter().max(), Some(&13));
        assert_eq!(rng.between(9..9), 9);
        assert_eq!(rng.below(0), 0);
        assert!(!rng.chance(0));
        assert!(rng.chance(PPM_ALL));
    }

    #[test]
    fn every_draw_consumes_one_word() {
        let (mut plain, mut drawing) = (Rng::new(3), Rng::new(3));
        let millis = Duration::from_millis;
        drawing.below(10);
        drawing.chance(5);
        Latency::ZERO.draw(&mut drawing);
        let span = Latency::Uniform { min: millis(1), max: millis(5) }.draw(&mut drawing);
        for _ in 0..4 {
            plain.next_u64();
        }
        assert_eq!(plain, drawing);
        assert!(span >= millis(1) && span <= millis(5));
    }

    #[test]
    fn an_empty_or_inverted_latency_is_its_minimum() {
        let millis = Duration::from_millis;
        let mut rng = Rng::new(3);
        assert_eq!(Latency::Uniform { min: millis(4), max: millis(1) }.draw(&mut rng), millis(4));
    }
}
