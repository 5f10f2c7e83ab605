//! A word as it must be typed so that a shell reads it back.
//!
//! * Plain words stand as they are, others in `"…"`; what cannot be seen is written in `$'…'`, so
//!   that every word fits on one line.
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
