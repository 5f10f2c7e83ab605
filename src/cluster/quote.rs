//! A word as it must be typed so that a shell reads it back.
//!
//! * Plain words stand as they are, others in `"…"`; what cannot be seen is written in `$'…'`, so
//!   that every word fits on one line.
//! * A text that a line reads stands behind it as a shell's here-document.
//!
//! Architecture invariant: text to text; what reads it back is the script's.

/// Characters that mean nothing to a shell.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/_.:@%+=,-".contains(c)
}

/// The word as it must be typed.
pub fn quote(word: &str) -> String {
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.into();
    }
    match word.chars().any(char::is_control) {
        true => format!("$'{}'", word.chars().map(escaped).collect::<String>()),
        false => format!("\"{}\"", word.chars().map(masked).collect::<String>()),
    }
}

/// A line and the text it reads: behind `<<EOF` when the text ends with its last line, else as one
/// word behind `<<<`, to which, unlike in a shell, nothing is added.
pub fn with_text(line: &str, text: &str) -> String {
    match text.strip_suffix('\n') {
        Some(lines) => {
            let end = end_word(lines);
            format!("{line} <<{end}\n{lines}\n{end}")
        }
        None => format!("{line} <<<{}", quote(text)),
    }
}

/// A word that is no line of the text.
fn end_word(lines: &str) -> String {
    let taken = |word: &String| lines.split('\n').any(|line| line.trim_end_matches('\r') == word);
    let mut words = (0..).map(|n| if n == 0 { "EOF".into() } else { format!("EOF{n}") });
    words.find(|word| !taken(word)).unwrap_or_default()
}

/// Inside `"…"`.
fn masked(c: char) -> String {
    match c {
        '"' | '\\' | '$' | '`' => format!("\\{c}"),
        c => c.into(),
    }
}

/// Inside `$'…'`.
fn escaped(c: char) -> String {
    match c {
        '\'' | '\\' => format!("\\{c}"),
        '\n' => "\\n".into(),
        '\t' => "\\t".into(),
        '\r' => "\\r".into(),
        c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
        c => c.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let cases = [
            ("foo", "foo"),
            ("/registry/pods/", "/registry/pods/"),
            ("", "\"\""),
            ("a b", "\"a b\""),
            ("say \"$x\" `now` \\", "\"say \\\"\\$x\\\" \\`now\\` \\\\\""),
            ("it's", "\"it's\""),
            ("#1", "\"#1\""),
            ("größe", "\"größe\""),
            ("a\nit's\\\t\r\u{7f}", "$'a\\nit\\'s\\\\\\t\\r\\u007f'"),
        ];
        for (word, expected) in cases {
            assert_eq!(quote(word), expected);
        }
    }
}
