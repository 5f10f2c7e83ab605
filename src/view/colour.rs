//! Which of the eight hues a term has.
//!
//! The hues themselves are in `static/tokens.css`; here only their number, and a test that reads
//! the tokens: whatever is written must be readable on its ground, in both themes.
//!
//! Architecture invariant: colour means the term and nothing else.

use crate::raft::Term;

/// Hues there are.
pub const HUES: u64 = 8;

/// The class that gives an element its term's colours: `term-3`.
pub fn term_class(term: Term) -> &'static str {
    const CLASSES: [&str; HUES as usize] =
        ["term-0", "term-1", "term-2", "term-3", "term-4", "term-5", "term-6", "term-7"];
    CLASSES[(term.0 % HUES) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKENS: &str = include_str!("../../static/tokens.css");
    const READABLE: f64 = 4.5;

    /// A token's colour in the light or dark theme, as linear RGB.
    fn colour(name: &str, dark: bool) -> [f64; 3] {
        let start = TOKENS.find(&format!("--{name}: light-dark(")).expect(name);
        let value = TOKENS[start..].split_once('(').unwrap().1.split_once(')').unwrap().0;
        let (light_hex, dark_hex) = value.split_once(", ").unwrap();
        let hex = if dark { dark_hex } else { light_hex };
        [1, 3, 5].map(|at| {
            let part = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        })
    }

    fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
        let light = |[red, green, blue]: [f64; 3]| 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        let (a, b) = (light(a) + 0.05, light(b) + 0.05);
        a.max(b) / a.min(b)
    }

    fn check(writing: &str, ground: &str) {
        for dark in [false, true] {
            let found = contrast(colour(writing, dark), colour(ground, dark));
            assert!(found >= READABLE, "--{writing} on --{ground} (dark: {dark}): {found:.2}");
        }
    }

    #[test]
    fn terms_take_the_hues_in_turn() {
        assert_eq!(
            [0, 1, 7, 8, 11].map(|t| term_class(Term(t))).join(" "),
            "term-0 term-1 term-7 term-0 term-3"
        );
    }

    #[test]
    fn what_is_written_on_a_term_is_readable() {
        for hue in 0..HUES {
            check(&format!("on-term-{hue}"), &format!("term-{hue}"));
            for ground in ["card", "page", "soft"] {
                check(&format!("term-ink-{hue}"), ground);
            }
        }
    }

    #[test]
    fn what_is_written_on_a_ground_is_readable() {
        for ground in ["card", "page", "soft"] {
            for writing in ["ink", "muted", "accent"] {
                check(writing, ground);
            }
        }
        check("on-ink", "ink-ground");
        check("on-accent", "accent");
        check("accent", "accent-soft");
        check("ink", "accent-soft");
        check("refused", "card");
        check("refused", "refused-soft");
        check("on-broken", "broken");
    }

    /// A shape must stand out from the card at 3:1 only where it has no outline; every mark of a
    /// term is outlined in its ink, which is checked above, so grounds only need to be seen.
    #[test]
    fn every_hue_is_seen_on_a_card() {
        for hue in 0..HUES {
            for dark in [false, true] {
                let found = contrast(colour(&format!("term-{hue}"), dark), colour("card", dark));
                assert!(found >= 1.9, "--term-{hue} (dark: {dark}): {found:.2}");
            }
        }
    }
}
