//! A line as words, cut as a shell cuts it, each with its column.
//!
//! * `'…'` as it stands; `"…"` with `\` before `"`, `\`, `$` and a backtick; `$'…'` with `\n`,
//!   `\t`, `\r`, `\\`, `\'` and `\uXXXX`; `\` before any other character.
//! * A `#` at the beginning of a word begins a comment.
//! * Columns count characters from 1.
//!
//! Caveats: nothing is expanded: no variables, no globs, no substitution.
//!
//! Architecture invariant: knows no command.

use std::fmt;
use std::iter::Peekable;
use std::str::Chars;

use super::nearest::nearest;

/// What is wrong with a line, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The column, from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: {}", self.column, self.what)
    }
}

/// One word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Without its quotes.
    pub text: String,
    /// Where it begins, from 1.
    pub column: usize,
}

impl Word {
    /// Something is wrong with it.
    pub(super) fn wrong(&self, what: impl Into<String>) -> Wrong {
        Wrong { column: self.column, what: what.into() }
    }

    /// Something else was expected.
    pub(super) fn expected(&self, what: &str) -> Wrong {
        self.wrong(format!("expected {what}, found {:?}", self.text))
    }

    /// Something else was expected, perhaps one of these.
    pub(super) fn near(&self, what: &str, words: &[&str]) -> Wrong {
        let hint = nearest(&self.text, words);
        let hint = hint.map_or(String::new(), |near| format!("; did you mean {near}?"));
        self.wrong(format!("expected {what}, found {:?}{hint}", self.text))
    }

    /// One of these was expected.
    pub(super) fn none_of(&self, words: &[&str]) -> Wrong {
        self.near(&one_of(words), words)
    }

    /// Its end, which begins so many characters into it.
    pub(super) fn after(&self, characters: usize, text: &str) -> Word {
        Word { text: text.into(), column: self.column + characters }
    }
}

/// `on, off or both`.
pub(super) fn one_of(words: &[&str]) -> String {
    match words {
        [one] => (*one).into(),
        [some @ .., last] => format!("{} or {last}", some.join(", ")),
        [] => "nothing".into(),
    }
}

/// Cuts a line into words.
///
/// # Errors
/// A quote that is not closed.
pub fn split(line: &str) -> Result<Vec<Word>, Wrong> {
    let mut cutter =
        Cutter { chars: line.chars().peekable(), column: 0, word: None, words: Vec::new() };
    cutter.cut()?;
    Ok(cutter.words)
}

struct Cutter<'a> {
    chars: Peekable<Chars<'a>>,
    /// Characters taken so far.
    column: usize,
    word: Option<Word>,
    words: Vec<Word>,
}

impl Cutter<'_> {
    fn next(&mut self) -> Option<char> {
        let next = self.chars.next();
        self.column += usize::from(next.is_some());
        next
    }

    /// The word at hand, begun with the character just taken if there is none.
    fn text(&mut self) -> &mut String {
        let column = self.column;
        &mut self.word.get_or_insert_with(|| Word { text: String::new(), column }).text
    }

    fn cut(&mut self) -> Result<(), Wrong> {
        while let Some(c) = self.next() {
            match c {
                '\'' => self.plain()?,
                '"' => self.masked()?,
                '$' if self.chars.peek() == Some(&'\'') => self.escaped()?,
                '\\' => {
                    self.text();
                    let next = self.next();
                    self.text().extend(next);
                }
                '#' if self.word.is_none() => break,
                c if c.is_whitespace() => self.words.extend(self.word.take()),
                c => self.text().push(c),
            }
        }
        self.words.extend(self.word.take());
        Ok(())
    }

    /// `'…'`
    fn plain(&mut self) -> Result<(), Wrong> {
        let opened = self.opened();
        loop {
            match self.next().ok_or_else(|| not_closed(opened, '\''))? {
                '\'' => return Ok(()),
                c => self.text().push(c),
            }
        }
    }

    /// `"…"`
    fn masked(&mut self) -> Result<(), Wrong> {
        let opened = self.opened();
        loop {
            match self.next().ok_or_else(|| not_closed(opened, '"'))? {
                '"' => return Ok(()),
                '\\' => match self.next() {
                    Some(c @ ('"' | '\\' | '$' | '`')) => self.text().push(c),
                    other => {
                        self.text().push('\\');
                        self.text().extend(other);
                    }
                },
                c => self.text().push(c),
            }
        }
    }

    /// `$'…'`, from the quote on.
    fn escaped(&mut self) -> Result<(), Wrong> {
        let opened = self.opened();
        self.next();
        loop {
            match self.next().ok_or_else(|| not_closed(opened, '\''))? {
                '\'' => return Ok(()),
                '\\' => {
                    let c = self.escape()?;
                    self.text().push(c);
                }
                c => self.text().push(c),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Wrong> {
        let column = self.column;
        match self.next() {
            Some('n') => Ok('\n'),
            Some('t') => Ok('\t'),
            Some('r') => Ok('\r'),
            Some(c @ ('\\' | '\'' | '"')) => Ok(c),
            Some('u') => {
                let digits: String = (0..4).filter_map(|_| self.next()).collect();
                let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                code.ok_or_else(|| {
                    let what = format!("expected four hexadecimal digits, found {digits:?}");
                    Wrong { column, what }
                })
            }
            _ => Err(Wrong { column, what: "expected \\n, \\t, \\r, \\\\, \\' or \\uXXXX".into() }),
        }
    }

    /// A quote begins: there is a word, even if nothing follows. Where it begins.
    fn opened(&mut self) -> usize {
        self.text();
        self.column
    }
}

fn not_closed(column: usize, quote: char) -> Wrong {
    Wrong { column, what: format!("The quote {quote} is not closed") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::quote;
    use proptest::prelude::*;

    fn texts(line: &str) -> Vec<(String, usize)> {
        split(line).unwrap().into_iter().map(|word| (word.text, word.column)).collect()
    }

    #[test]
    fn words_and_columns() {
        let words = |line: &str, expected: &[(&str, usize)]| {
            let expected: Vec<_> = expected.iter().map(|(w, c)| ((*w).into(), *c)).collect();
            assert_eq!(texts(line), expected, "{line}");
        };
        words("", &[]);
        words("  put a  'b c'd", &[("put", 3), ("a", 7), ("b cd", 10)]);
        words(r#"é "x\"\y" $'\n\u0041'"#, &[("é", 1), ("x\"\\y", 3), ("\nA", 11)]);
        words("kill 1 # why", &[("kill", 1), ("1", 6)]);
        words("a#b '#' \"\"", &[("a#b", 1), ("#", 5), ("", 9)]);
    }

    #[test]
    fn quotes_that_are_wrong() {
        let wrong = |line: &str, expected: &str| {
            assert_eq!(split(line).unwrap_err().to_string(), expected, "{line}");
        };
        wrong("put 'a", "column 5: The quote ' is not closed");
        wrong("put a\"a", "column 6: The quote \" is not closed");
        wrong("$'\\u12'", "column 3: expected four hexadecimal digits, found \"12'\"");
        wrong("$'\\q'", "column 3: expected \\n, \\t, \\r, \\\\, \\' or \\uXXXX");
    }

    proptest! {
        #[test]
        fn what_is_quoted_is_read_back(words in prop::collection::vec(any::<String>(), 0..4)) {
            let line = words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ");
            prop_assert!(!line.contains('\n'));
            let read: Vec<String> = texts(&line).into_iter().map(|(text, _)| text).collect();
            prop_assert_eq!(read, words);
        }

        #[test]
        fn no_line_is_too_much(line in ".*") {
            let _ = split(&line);
        }
    }
}
