//! The keys a request is about: one key, a half-open interval, or everything from a key on.
//!
//! etcd spells all three with `key` and `range_end`; this module gives the spelling its meaning
//! once.
//!
//! * `range_end` empty: the one key.
//! * `range_end` one zero byte: every key from `key` on.
//! * otherwise `[key, range_end)`; inverted or empty intervals hold no key and are no error.
//!
//! Architecture invariant: knows nothing of revisions or values.

// Models etcd server/etcdserver/txn/range.go (mkGteRange) and server/storage/mvcc/index.go.

use std::ops::Bound;

/// An interval of keys, borrowed from a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval<'a> {
    start: &'a [u8],
    end: End<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End<'a> {
    Single,
    Open,
    Before(&'a [u8]),
}

/// Bounds as [`std::collections::BTreeMap::range`] takes them.
pub(super) type Bounds<'a> = (Bound<&'a [u8]>, Bound<&'a [u8]>);

impl<'a> Interval<'a> {
    /// The interval that `key` and `range_end` of a request mean.
    pub fn new(key: &'a [u8], range_end: &'a [u8]) -> Self {
        let end = match range_end {
            [] => End::Single,
            [0] => End::Open,
            before => End::Before(before),
        };
        Interval { start: key, end }
    }

    /// Whether it is one key, spelled as such.
    pub fn is_single(&self) -> bool {
        self.end == End::Single
    }

    /// The key, if it is one spelled as such.
    pub fn single(&self) -> Option<&'a [u8]> {
        self.is_single().then_some(self.start)
    }

    /// Whether it is every key from one on.
    pub fn is_open(&self) -> bool {
        self.end == End::Open
    }

    /// Whether no key can be in it.
    pub fn is_empty(&self) -> bool {
        matches!(self.end, End::Before(end) if end <= self.start)
    }

    /// Whether `key` is in it.
    pub fn contains(&self, key: &[u8]) -> bool {
        match self.end {
            End::Single => key == self.start,
            End::Open => key >= self.start,
            End::Before(end) => self.start <= key && key < end,
        }
    }

    /// Bounds for an ordered map, `None` when the interval is empty (an ordered map refuses those).
    pub(super) fn bounds(&self) -> Option<Bounds<'a>> {
        let upper = match self.end {
            End::Single => Bound::Included(self.start),
            End::Open => Bound::Unbounded,
            End::Before(_) if self.is_empty() => return None,
            End::Before(end) => Bound::Excluded(end),
        };
        Some((Bound::Included(self.start), upper))
    }
}

/// The `range_end` that makes an interval of every key beginning with `prefix`.
///
/// The last byte below 0xff plus one, what follows it cut off; `[0]` when there is no such byte.
pub fn prefix_end(prefix: &[u8]) -> Vec<u8> {
    match prefix.iter().rposition(|&byte| byte < 0xff) {
        Some(last) => {
            let mut end = prefix[..=last].to_vec();
            end[last] += 1;
            end
        }
        None => vec![0],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        assert!(Interval::new(b"a", b"").contains(b"a"));
        assert!(!Interval::new(b"a", b"").contains(b"aa"));
        assert!(Interval::new(b"a", b"\0").contains(b"zz"));
        assert!(Interval::new(b"a", b"c").contains(b"bzz"));
        assert!(!Interval::new(b"a", b"c").contains(b"c"));
        assert!(Interval::new(b"c", b"a").is_empty());
        assert!(Interval::new(b"a", b"a").is_empty());
        assert_eq!(Interval::new(b"c", b"a").bounds(), None);
    }

    #[test]
    fn prefixes() {
        assert_eq!(prefix_end(b"foo"), b"fop");
        assert_eq!(prefix_end(b"a\xff"), b"b");
        assert_eq!(prefix_end(b"\xff\xff"), b"\0");
        assert_eq!(prefix_end(b""), b"\0");
    }
}
