//! The text a user types, YAML or JSON, into JSON values that know where they came from.
//!
//! The parser proper is the crate saphyr-parser, which gives events with positions. Here each
//! document becomes a [`Document`]: its value, the place of every field, and the keys that were
//! given twice. `yaml_build` assembles it, `yaml_scalar` gives plain scalars
//! their meaning.
//!
//! * Nothing recurses and nothing is unbounded: the text ([`YAML_BYTES_MAX`]), the nesting
//!   ([`YAML_DEPTH_MAX`]) and what aliases add ([`YAML_ALIAS_BYTES_MAX`]) all have limits.
//! * Every error has a line, a column and a hint what to write instead.
//!
//! Caveats: the error's text is libyaml's where saphyr's is the same, else saphyr's. The line is
//! the true one; kubectl sometimes names the line before. JSON is read through the same door (YAML
//! is nearly a superset of it) to have positions; text that is plain JSON has plain JSON's meaning.
//!
//! Architecture invariant: knows nothing of kinds and schemas.

use std::fmt;

use saphyr_parser::{Event, Parser, ScanError, StrInput};
use serde_json::Value;

use super::path::{At, FieldPath, Places};
use super::yaml_build::Builder;

/// Longest text read, in bytes: the apiserver's own limit for one request.
pub const YAML_BYTES_MAX: usize = 3 * 1024 * 1024;

/// Deepest nesting of lists and maps. Upstream: 10,000.
pub const YAML_DEPTH_MAX: usize = 100;

/// Most bytes that aliases may add to a text, each scalar counted with 16 bytes on top.
pub const YAML_ALIAS_BYTES_MAX: usize = 1024 * 1024;

/// One document of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// What it says.
    pub value: Value,
    /// Where every field is.
    pub places: Places,
    /// Keys that a map has twice: the later ones, which win.
    pub duplicates: Vec<DuplicateKey>,
}

/// An object that was never a text.
impl From<Value> for Document {
    fn from(value: Value) -> Document {
        Document { value, places: Places::default(), duplicates: Vec::new() }
    }
}

/// A key that its map already had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateKey {
    /// The field that was given again.
    pub path: FieldPath,
    /// Its name.
    pub key: String,
    /// Where it was given again.
    pub at: At,
}

/// A text that is not YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlError {
    /// Where reading stopped.
    pub at: At,
    /// The parser's words.
    pub problem: String,
    /// What to write instead, in our own words.
    pub instead: &'static str,
}

impl fmt::Display for YamlError {
    /// As kubectl prints it behind `error: error parsing STDIN: `.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.at.line == 0 {
            return f.write_str(&self.problem);
        }
        f.write_str("error converting YAML to JSON: yaml: ")?;
        // libyaml's reader, which looks for these, knows of no lines.
        if self.problem != CONTROL {
            write!(f, "line {}: ", self.at.line)?;
        }
        f.write_str(&self.problem)
    }
}

const CONTROL: &str = "control characters are not allowed";

impl std::error::Error for YamlError {}

/// Reads a text of any number of documents. Empty documents are left out.
///
/// # Errors
/// The first place where the text is not YAML, is nested too deeply, or is too long.
pub fn read(text: &str) -> Result<Vec<Document>, YamlError> {
    if text.len() > YAML_BYTES_MAX {
        return Err(YamlError {
            at: At::default(),
            problem: super::status::TOO_LARGE.to_string(),
            instead: "an object of less than 3 MiB; etcd refuses values over 1.5 MiB anyway",
        });
    }
    let json = text.trim_start().starts_with('{');
    if !json {
        return events(text);
    }
    // In JSON a tab is white space, in YAML it may not indent; within strings JSON forbids it.
    let plain = serde_json::from_str::<Value>(text).ok();
    let mut documents = events(&text.replace('\t', " "))?;
    if let (Some(value), [document]) = (plain, documents.as_mut_slice()) {
        document.value = value;
    }
    Ok(documents)
}

/// The first character YAML allows nowhere.
fn control_character(text: &str) -> Option<YamlError> {
    let allowed = |c: char| {
        matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}')
            || c >= '\u{10000}'
    };
    let line = text.lines().position(|line| !line.chars().all(allowed))?;
    let column = text.lines().nth(line)?.chars().position(|c| !allowed(c))?;
    Some(YamlError {
        at: At { line: line as u32 + 1, column: column as u32 + 1 },
        problem: CONTROL.into(),
        instead: "text without the invisible character, or base64 of it",
    })
}

fn events(text: &str) -> Result<Vec<Document>, YamlError> {
    if let Some(error) = control_character(text) {
        return Err(error);
    }
    let mut parser: Parser<'_, StrInput<'_>> = Parser::new_from_str(text);
    let mut documents = Vec::new();
    let mut builder = Builder::default();
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|error| scan_error(&error))?;
        let at = At { line: span.start.line() as u32, column: span.start.col() as u32 + 1 };
        match event {
            Event::Nothing | Event::StreamStart => {}
            Event::StreamEnd => break,
            Event::DocumentStart(_) => builder = Builder::default(),
            Event::DocumentEnd => {
                documents.extend(std::mem::take(&mut builder).finish());
            }
            event => builder.event(event, at)?,
        }
    }
    Ok(documents)
}

fn scan_error(error: &ScanError) -> YamlError {
    let at = At { line: error.marker().line() as u32, column: error.marker().col() as u32 + 1 };
    let (problem, instead) = words(error.info());
    YamlError { at, problem: problem.to_string(), instead }
}

/// The words of libyaml for what saphyr found, and what to write instead.
fn words(info: &str) -> (&str, &'static str) {
    const TAB: &str = "found character that cannot start any token";
    const ROWS: &[(&str, &str, &str)] = &[
        ("tab", TAB, "spaces instead of the tab: YAML does not indent with tabs"),
        ("mapping values", "", "quotes round a value that has a colon and a space in it"),
        ("did not find expected key", "did not find expected key", "the same indentation as above"),
        ("expected '-' indicator", "did not find expected '-' indicator", "a dash as above"),
        ("',' or '}'", "did not find expected ',' or '}'", "a comma or the closing brace"),
        ("',' or ']'", "did not find expected ',' or ']'", "a comma or the closing bracket"),
        ("unexpected end of stream", "found unexpected end of stream", "the closing quote"),
        ("unknown anchor", "unknown anchor referenced", "the anchor (&name) before its alias"),
        ("unknown escape", "found unknown escape character", "\\\\ for a backslash, or '…' quotes"),
        ("simple key", "could not find expected ':'", "a colon and a space after the key"),
        ("recursion limit", "exceeded max depth of 100", "less nesting"),
        ("node content", "did not find expected node content", "a value, or quotes round it"),
        ("block sequence", "", "the list on a line of its own, below its key"),
        ("mapping keys", "", "the key on a line of its own"),
    ];
    let row = ROWS.iter().find(|row| info.contains(row.0));
    match row {
        Some((_, "", instead)) => (info, instead),
        Some((_, problem, instead)) => (problem, instead),
        None => (info, "valid YAML: look at this line and the one above it"),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::kube::testing::folded;

    fn check(text: &str, expected: Expect) {
        let seen = match read(text) {
            Ok(documents) => documents
                .iter()
                .map(|d| {
                    let twice =
                        d.duplicates.iter().map(|d| format!(" twice {} at {}", d.path, d.at));
                    format!("{}{}\n", d.value, twice.collect::<String>())
                })
                .collect(),
            Err(error) => format!("{error}\n  column {}: {}", error.at.column, error.instead),
        };
        expected.assert_eq(folded(&seen).trim_end());
    }

    #[test]
    fn documents() {
        check("", expect![[r#""#]]);
        check(
            "---\n# nothing\n---\na: 1\n---\n- x\n",
            expect![[r#"
            {"a":1}
            ["x"]"#]],
        );
        check(
            "a: &x {b: [1, two]}\nc: *x\n",
            expect![[r#"{"a":{"b":[1,"two"]},"c":{"b":[1,"two"]}}"#]],
        );
        check(
            "base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\n",
            expect![[r#"{"base":{"true":2,"x":1},"use":{"true":3,"x":1}}"#]],
        );
        check("a: 1\nb: 2\na: 3\n", expect![[r#"{"a":3,"b":2} twice a at line 3, column 1"#]]);
        check("yes: 1\n2: b\n'no': c", expect![[r#"{"2":"b","no":"c","true":1}"#]]);
        check(
            "a: |\n  x\n  y\nb: >-\n  p\n  q\nc: !!str 12",
            expect![[r#"{"a":"x\ny\n","b":"p q","c":"12"}"#]],
        );
        check(
            "{\n\t\"a\": \"\\ud83d\\ude00\\/\",\n\t\"b\": [1.0, true]\n}",
            expect![[r#"
                error converting YAML to JSON: yaml: line 2: while parsing a quoted scalar,
                … found invalid Unicode character escape code
                  column 7: valid YAML: look at this line and the one above it"#]],
        );
    }

    #[test]
    fn errors() {
        check(
            "a: b: c\n",
            expect![[r#"
                error converting YAML to JSON: yaml: line 1: mapping values are not allowed in
                … this context
                  column 5: quotes round a value that has a colon and a space in it"#]],
        );
        check(
            "a:\n\tb: 1\n",
            expect![[r#"
                error converting YAML to JSON: yaml: line 2: found character that cannot start
                … any token
                  column 2: spaces instead of the tab: YAML does not indent with tabs"#]],
        );
        check(
            "a: b\nc: \u{0}d\n",
            expect![[r#"
            error converting YAML to JSON: yaml: control characters are not allowed
              column 4: text without the invisible character, or base64 of it"#]],
        );
        check(
            "a: [1, 2\nb: 3\n",
            expect![[r#"
            error converting YAML to JSON: yaml: line 2: illegal placement of ':' indicator
              column 2: valid YAML: look at this line and the one above it"#]],
        );
        check(
            "a: \"open\nb: 3\n",
            expect![[r#"
                error converting YAML to JSON: yaml: line 1: invalid indentation in quoted
                … scalar
                  column 4: valid YAML: look at this line and the one above it"#]],
        );
        check(
            "a: *nobody\n",
            expect![[r#"
            error converting YAML to JSON: yaml: line 1: unknown anchor referenced
              column 4: the anchor (&name) before its alias"#]],
        );
        check(
            "a:\n  - b\n c: 1\n",
            expect![[r#"
            error converting YAML to JSON: yaml: line 3: did not find expected key
              column 2: the same indentation as above"#]],
        );
        check(
            "a: .nan\n",
            expect![[r#"
            error converting YAML to JSON: yaml: line 1: json: unsupported value: NaN
              column 4: a finite number"#]],
        );
        check(
            "{\"a\": 1,, }",
            expect![[r#"
            error converting YAML to JSON: yaml: line 1: did not find expected node content
              column 9: a value, or quotes round it"#]],
        );
        check(
            "[1]: 2\n",
            expect![[r#"
            error converting YAML to JSON: yaml: line 1: invalid map key
              column 1: a plain word as the key"#]],
        );
        check(
            "<<: 1\n",
            expect![[r#"
                error converting YAML to JSON: yaml: line 1: map merge requires map or sequence
                … of maps as the value
                  column 5: an alias of a map behind <<"#]],
        );
    }
}
