//! Texts that were not meant well: nothing hangs, nothing overflows, every answer has a place.

use raftarium::kube::yaml::{YAML_BYTES_MAX, YAML_DEPTH_MAX, YamlError, read};

fn refused(text: &str) -> YamlError {
    read(text).unwrap_err()
}

#[test]
fn ten_megabytes_are_refused_unread() {
    let error = refused(&"a: b\n".repeat(2_000_000));
    assert_eq!(error.to_string(), "Request entity too large: limit is 3145728");
}

#[test]
fn no_nesting_is_too_deep() {
    // saphyr counts open brackets itself, up to 255; ours is the lower limit.
    for open in ["[", "{a: ", "- ", "? "] {
        let error = refused(&open.repeat(YAML_BYTES_MAX / 2 / open.len()));
        assert_eq!(error.at.line, 1, "{open:?}: {error}");
    }
    let fine = format!("{}{}", "[".repeat(YAML_DEPTH_MAX), "]".repeat(YAML_DEPTH_MAX));
    assert_eq!(read(&fine).unwrap().len(), 1);
    let deep = format!("[{fine}]");
    assert_eq!(refused(&deep).problem, "exceeded max depth of 100");
}

#[test]
fn aliases_do_not_multiply() {
    let mut text = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_string();
    for (one, next) in ["a", "b", "c", "d", "e", "f", "g"].windows(2).map(|w| (w[0], w[1])) {
        let aliases = vec![format!("*{one}"); 9].join(", ");
        text.push_str(&format!("{next}: &{next} [{aliases}]\n"));
    }
    assert_eq!(refused(&text).problem, "document contains excessive aliasing");
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), vec!["*a"; 100].join(", "));
    assert_eq!(refused(&long).problem, "document contains excessive aliasing");
    // Aliases of aliases must not be deeper than what can be written out.
    let mut text = "l0: &l0 [x]\n".to_string();
    for level in 1..200 {
        text.push_str(&format!("l{level}: &l{level} [*l{}]\n", level - 1));
    }
    assert_eq!(refused(&text).problem, "exceeded max depth of 100");
    assert!(read("a: &a [*a]").is_err());
}

#[test]
fn long_texts_are_read_in_time() {
    let half = YAML_BYTES_MAX / 2;
    for text in [
        "a".repeat(half),
        format!("a: \"{}\"", "\\n".repeat(half / 2)),
        "- a\n".repeat(half / 4),
        format!("[{}]", "a, ".repeat(half / 3)),
        "# nothing\n".repeat(half / 10),
        "\n".repeat(half),
        "---\n".repeat(half / 4),
    ] {
        assert!(read(&text).is_ok(), "{}", &text[..20]);
    }
}
