//! How long things may be.
//!
//! Architecture invariant: counts; judges no content.

use std::ops::RangeInclusive;

use proc_macro2::{Delimiter, TokenTree};

use crate::source::{Complaint, Source};

const COLUMNS_MAX: usize = 100;
const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;

/// Lines of at most 100 columns, but for those inside of recorded texts.
pub fn lines(source: &Source) -> Vec<Complaint> {
    let mut recorded = Vec::new();
    if source.is_rust() {
        text_spans(&source.tokens(), &mut recorded);
    }
    let is_free = |number| recorded.iter().any(|text| text.contains(&number));
    let long = source
        .lines()
        .filter(|(number, line)| line.chars().count() > COLUMNS_MAX && !is_free(*number));
    long.map(|(number, line)| {
        let columns = line.chars().count();
        source.complain(number, format!("{columns} columns; break it before {COLUMNS_MAX}"))
    })
    .collect()
}

/// Files of at most 400 lines.
pub fn files(source: &Source) -> Vec<Complaint> {
    let lines = source.text.lines().count();
    let what =
        format!("{lines} lines; past {FILE_LINES_MAX} a file is two ideas: give each its own");
    (lines > FILE_LINES_MAX).then(|| source.complain(lines, what)).into_iter().collect()
}

/// Functions of at most 70 lines. A recorded text counts as one line, however long.
pub fn functions(source: &Source) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    in_group(source, &source.tokens(), &mut complaints);
    complaints
}

fn in_group(source: &Source, tokens: &[TokenTree], complaints: &mut Vec<Complaint>) {
    // The function whose body has not begun: its line and name.
    let mut open: Option<(usize, String)> = None;
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(word) if *word == "fn" => {
                if let Some(TokenTree::Ident(name)) = tokens.get(index + 1) {
                    open = Some((word.span().start().line, name.to_string()));
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => open = None,
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                if group.delimiter() == Delimiter::Brace
                    && let Some((start, name)) = open.take()
                {
                    let lines = group.span().end().line + 1 - start - text_lines(&inner);
                    complaints.extend(too_long(source, start, lines, &name));
                }
                in_group(source, &inner, complaints);
            }
            _ => {}
        }
    }
}

/// Lines that are only the rest of a text.
fn text_lines(tokens: &[TokenTree]) -> usize {
    let mut texts = Vec::new();
    text_spans(tokens, &mut texts);
    texts.iter().map(|text| text.end() - text.start()).sum()
}

/// The lines of every raw string of several lines.
fn text_spans(tokens: &[TokenTree], spans: &mut Vec<RangeInclusive<usize>>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                text_spans(&group.stream().into_iter().collect::<Vec<_>>(), spans);
            }
            TokenTree::Literal(text) => {
                let lines = text.span().start().line..=text.span().end().line;
                if lines.start() < lines.end() && text.to_string().starts_with('r') {
                    spans.push(lines);
                }
            }
            _ => {}
        }
    }
}

fn too_long(source: &Source, start: usize, lines: usize, name: &str) -> Option<Complaint> {
    (lines > FUNCTION_LINES_MAX).then(|| {
        let what =
            format!("fn {name} has {lines} lines; push ifs up and fors down, into functions");
        source.complain(start, what)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::expect;

    #[test]
    fn a_long_line() {
        let text = format!("{}\n{}", "…".repeat(100), "…".repeat(101));
        expect(lines(&Source::example("a.css", &text)), &["a.css:2: 101 columns"]);
        let text = format!("f(r\"\n{0}\n\");\nf(\"{0}\\\n\");", "x".repeat(101));
        expect(lines(&Source::example("a.rs", &text)), &["a.rs:4: 105 columns"]);
    }

    #[test]
    fn a_long_file() {
        expect(files(&Source::example("a.rs", &"\n".repeat(400))), &[]);
        expect(files(&Source::example("a.rs", &"\n".repeat(401))), &["a.rs:401: 401 lines"]);
    }

    #[test]
    fn a_long_function() {
        let body = |lines| "    x();\n".repeat(lines);
        let text = format!(
            "trait T {{ fn none(); }}\nmod m {{\n  fn long() -> [u8; 2] {{\n{}}}\n}}\n\
             fn short() {{\n{}r\"{}\"}}",
            body(69),
            body(68),
            "\n".repeat(80)
        );
        expect(functions(&Source::example("a.rs", &text)), &["a.rs:3: fn long has 71 lines"]);
    }
}
