//! How long a sentence stands: long enough to be read, unless something more important happens.
//!
//! * The same sentence with other numbers changes at once; it does not flicker, it counts.
//! * A more important sentence does not wait.
//! * While time is stopped, every step is answered at once.
//!
//! Architecture invariant: pure; wall time comes in as microseconds.

use super::Sentence;

/// A sentence stands at least so long, in wall microseconds.
pub const HOLD_MICROS: u64 = 700_000;

/// The sentence that stands.
#[derive(Debug, Clone, Default)]
pub struct Hold {
    shown: Sentence,
    since: u64,
}

impl Hold {
    /// The sentence to show now, given the one that would be right now.
    pub fn next(&mut self, sentence: Sentence, now: u64, moving: bool) -> &Sentence {
        let waited = now.saturating_sub(self.since) >= HOLD_MICROS;
        let same = sentence.key == self.shown.key;
        if same {
            self.shown = sentence;
        } else if waited || !moving || sentence.weight > self.shown.weight || self.is_empty() {
            self.shown = sentence;
            self.since = now;
        }
        &self.shown
    }

    /// The sentence that stands.
    pub fn shown(&self) -> &Sentence {
        &self.shown
    }

    fn is_empty(&self) -> bool {
        self.shown.parts.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Weight;
    use super::*;

    fn say(key: &str, weight: Weight, text: &str) -> Sentence {
        Sentence::of(key, weight, "", text)
    }

    #[test]
    fn a_sentence_stands_until_it_could_be_read() {
        let mut hold = Hold::default();
        let (quiet, going) = (Weight::Quiet, Weight::Going);
        assert_eq!(hold.next(say("a", going, "A"), 0, true).text(), "A");
        assert_eq!(hold.next(say("b", quiet, "B"), HOLD_MICROS - 1, true).text(), "A");
        assert_eq!(hold.next(say("b", quiet, "B"), HOLD_MICROS, true).text(), "B");
    }

    #[test]
    fn numbers_change_at_once_and_news_does_not_wait() {
        let mut hold = Hold::default();
        hold.next(say("a", Weight::Going, "1 of 3"), 0, true);
        assert_eq!(hold.next(say("a", Weight::Going, "2 of 3"), 1, true).text(), "2 of 3");
        assert_eq!(hold.next(say("b", Weight::Trouble, "B"), 2, true).text(), "B");
        assert_eq!(hold.next(say("c", Weight::Going, "C"), 3, true).text(), "B");
    }

    #[test]
    fn a_step_is_answered_at_once() {
        let mut hold = Hold::default();
        hold.next(say("a", Weight::Trouble, "A"), 0, false);
        assert_eq!(hold.next(say("b", Weight::Quiet, "B"), 1, false).text(), "B");
    }
}
