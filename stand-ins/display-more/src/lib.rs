//! Stand-in for the crate `display-more`, as far as openraft names it: `Display` for things that
//! have none. The real crate brings a time-zone database (`chrono-tz`, built through `regex` and
//! `phf`) that openraft does not use.
//!
//! The texts follow the real crate's (`None`, `[a,b,..,z]`, `Ok(x)`), since openraft's errors show
//! them.

use std::collections::BTreeSet;
use std::fmt;

/// At most so many elements of a list are shown.
const SHOWN_MAX: usize = 5;

/// Anything shown by one of the extension traits below.
pub struct Shown<F>(F);

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> fmt::Display for Shown<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0)(f)
    }
}

/// `Some` shows its content, `None` the word.
pub trait DisplayOptionExt {
    /// The option as text.
    fn display(&self) -> impl fmt::Display;
}

impl<T: fmt::Display> DisplayOptionExt for Option<T> {
    fn display(&self) -> impl fmt::Display {
        Shown(move |f: &mut fmt::Formatter<'_>| match self {
            Some(value) => write!(f, "{value}"),
            None => write!(f, "None"),
        })
    }
}

/// `Ok(x)` or `Err(e)`.
pub trait DisplayResultExt {
    /// The result as text.
    fn display(&self) -> impl fmt::Display;
}

impl<T: fmt::Display, E: fmt::Display> DisplayResultExt for Result<T, E> {
    fn display(&self) -> impl fmt::Display {
        Shown(move |f: &mut fmt::Formatter<'_>| match self {
            Ok(value) => write!(f, "Ok({value})"),
            Err(error) => write!(f, "Err({error})"),
        })
    }
}

/// The first elements, `..`, and the last.
fn list<'a, T: fmt::Display + 'a>(
    f: &mut fmt::Formatter<'_>,
    items: impl Iterator<Item = &'a T>,
    length: usize,
    (open, close): (char, char),
) -> fmt::Result {
    write!(f, "{open}")?;
    for (at, item) in items.enumerate() {
        let last = at + 1 == length;
        match (at == 0, length > SHOWN_MAX, at < SHOWN_MAX - 1, last) {
            (true, ..) => write!(f, "{item}")?,
            (_, false, ..) | (_, _, true, _) => write!(f, ",{item}")?,
            (_, _, _, true) => write!(f, ",..,{item}")?,
            _ => {}
        }
    }
    write!(f, "{close}")
}

/// `[a,b,..,z]`
pub trait DisplaySliceExt<T> {
    /// The slice as text.
    fn display(&self) -> impl fmt::Display;
    /// The slice as text, at most `_max` elements of it.
    fn display_n(&self, _max: usize) -> impl fmt::Display {
        self.display()
    }
}

impl<T: fmt::Display> DisplaySliceExt<T> for [T] {
    fn display(&self) -> impl fmt::Display {
        Shown(move |f: &mut fmt::Formatter<'_>| list(f, self.iter(), self.len(), ('[', ']')))
    }
}

/// `{a,b,..,z}`
pub trait DisplayBTreeSetExt<T> {
    /// The set as text.
    fn display(&self) -> impl fmt::Display;
}

impl<T: fmt::Display> DisplayBTreeSetExt<T> for BTreeSet<T> {
    fn display(&self) -> impl fmt::Display {
        Shown(move |f: &mut fmt::Formatter<'_>| list(f, self.iter(), self.len(), ('{', '}')))
    }
}
