//! What must be said, and what must not.
//!
//! * The words looked for are put together from halves, so that this file does not say them itself.
//!
//! Architecture invariant: looks at words; knows nothing of what they mean.

use proc_macro2::{Delimiter, TokenTree};

use crate::source::{Complaint, Source};

/// Names that could stand for anything.
const EMPTY_NAMES: [&str; 5] = ["common", "data", "helpers", "manager", "utils"];

/// The same, as the end of a type's name.
const EMPTY_ENDINGS: [&str; 4] = ["Helper", "Helpers", "Manager", "Utils"];

const LEFT_TO_DO: [&str; 5] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
    concat!("to", "do!("),
    concat!("unimpl", "emented!("),
];

const MACHINE_PATHS: [&str; 4] =
    [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];

const INVARIANT: &str = "//! Architecture invariant: ";

/// Opens with `//!` docs; in the app and the commands they name what the module must never do.
pub fn module_docs(source: &Source) -> Vec<Complaint> {
    if source.tokens().is_empty() {
        return Vec::new();
    }
    let docs: Vec<&str> = source.text.lines().take_while(|line| line.starts_with("//!")).collect();
    if docs.is_empty() {
        let what = "open it with //! docs: what it is, how it works, its invariants, its caveats";
        return vec![source.complain(1, what)];
    }
    if is_held_to_an_invariant(&source.path) && !docs.iter().any(|line| line.starts_with(INVARIANT))
    {
        let what = format!("its docs need a line `{INVARIANT}…`: what it must never know or do");
        return vec![source.complain(docs.len(), what)];
    }
    Vec::new()
}

/// Every module of the app and the commands is, but not their tests.
fn is_held_to_an_invariant(path: &str) -> bool {
    let is_ours = path.starts_with("src/") || path.starts_with("xtask/src/");
    is_ours
        && !(path.ends_with("/tests.rs") || path.ends_with("_test.rs") || path.contains("/tests/"))
}

/// No module or type has a name that could stand for anything.
pub fn names(source: &Source) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for part in source.path.trim_end_matches(".rs").split('/') {
        if EMPTY_NAMES.contains(&part) {
            complaints.push(source.complain(1, format!("{part} says nothing: name the idea")));
        }
    }
    each_pair(&source.tokens(), &mut |keyword, name| {
        let empty = match keyword {
            "mod" => EMPTY_NAMES.contains(&name.to_string().as_str()),
            "struct" | "enum" | "trait" | "type" => {
                EMPTY_ENDINGS.iter().any(|ending| name.to_string().ends_with(ending))
            }
            _ => false,
        };
        if empty {
            let what = format!("{name} says nothing: name the idea");
            complaints.push(source.complain(name.span().start().line, what));
        }
    });
    complaints
}

/// Calls `see` with every word and the name behind it, at any depth.
fn each_pair(tokens: &[TokenTree], see: &mut impl FnMut(&str, &proc_macro2::Ident)) {
    for pair in tokens.windows(2) {
        if let [TokenTree::Ident(keyword), TokenTree::Ident(name)] = pair {
            see(&keyword.to_string(), name);
        }
    }
    for token in tokens {
        if let TokenTree::Group(group) = token {
            each_pair(&group.stream().into_iter().collect::<Vec<_>>(), see);
        }
    }
}

/// No test is switched off.
pub fn ignored(source: &Source) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    ignored_in(source, &source.tokens(), &mut complaints);
    let fence = concat!("```", "ignore");
    for (number, line) in source.lines().filter(|(_, line)| line.contains(fence)) {
        if line.trim_start().starts_with("//") {
            complaints.push(source.complain(number, "an example that cannot fail: let it run"));
        }
    }
    complaints
}

fn ignored_in(source: &Source, tokens: &[TokenTree], complaints: &mut Vec<Complaint>) {
    let mut after_hash = false;
    for token in tokens {
        if let TokenTree::Group(group) = token {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            if after_hash && group.delimiter() == Delimiter::Bracket && says_ignore(&inner) {
                let line = group.span().start().line;
                complaints
                    .push(source.complain(line, "a test that does not run: mend or delete it"));
            }
            ignored_in(source, &inner, complaints);
        }
        after_hash = matches!(token, TokenTree::Punct(punct) if punct.as_char() == '#');
    }
}

fn says_ignore(tokens: &[TokenTree]) -> bool {
    tokens.iter().any(|token| match token {
        TokenTree::Ident(word) => *word == "ignore",
        TokenTree::Group(group) => says_ignore(&group.stream().into_iter().collect::<Vec<_>>()),
        _ => false,
    })
}

/// No note to oneself.
pub fn left_to_do(source: &Source) -> Vec<Complaint> {
    find(source, &LEFT_TO_DO, "do it now, or file an issue and delete this")
}

/// No path of somebody's machine.
pub fn machine_paths(source: &Source) -> Vec<Complaint> {
    find(source, &MACHINE_PATHS, "a path of one machine: make it relative to the project")
}

fn find(source: &Source, words: &[&str], what: &str) -> Vec<Complaint> {
    let found = source.lines().filter(|(_, line)| words.iter().any(|word| line.contains(word)));
    found.map(|(number, _)| source.complain(number, what)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::expect;

    fn example(text: &str) -> Source {
        Source::example("src/a.rs", text)
    }

    #[test]
    fn docs() {
        expect(module_docs(&example("fn f() {}")), &["src/a.rs:1: open it with //! docs"]);
        let text = "//! It.\n//! More.\n\nfn f() {}";
        expect(module_docs(&example(text)), &["src/a.rs:2: its docs need a line"]);
        for test in ["tests/a.rs", "src/sim/tests.rs", "src/sim/a_test.rs", "src/sim/tests/a.rs"] {
            expect(module_docs(&Source::example(test, text)), &[]);
        }
        let text = "//! It.\n//!\n//! Architecture invariant: pure.\nfn f() {}";
        expect(module_docs(&example(text)), &[]);
        expect(module_docs(&example("// Nothing yet.")), &[]);
    }

    #[test]
    fn empty_names() {
        let text = "struct PodManager;\nmod m {\n mod utils {}\n}\nstruct Data; fn helpers() {}";
        let said = ["src/a.rs:1: PodManager says nothing", "src/a.rs:3: utils says nothing"];
        expect(names(&example(text)), &said);
        let source = Source::example("src/common/mod.rs", "");
        expect(names(&source), &["src/common/mod.rs:1: common says nothing"]);
    }

    #[test]
    fn switched_off() {
        let text = "mod m {\n #[test]\n #[ignore = \"slow\"]\n fn f() {}\n}\nfn ignore() {}";
        expect(ignored(&example(text)), &["src/a.rs:3: a test that does not run"]);
        let text = concat!("/// ```", "ignore\n/// f()\n/// ```\nfn f() {}");
        expect(ignored(&example(text)), &["src/a.rs:1: an example that cannot fail"]);
    }

    #[test]
    fn notes_and_paths() {
        let text = format!("a\n// {} later\n{})", LEFT_TO_DO[0], LEFT_TO_DO[3]);
        expect(left_to_do(&example(&text)), &["src/a.rs:2: do it now", "src/a.rs:3: do it now"]);
        let text = format!("const P: &str = \"{}x\";", MACHINE_PATHS[2]);
        expect(machine_paths(&example(&text)), &["src/a.rs:1: a path of one machine"]);
    }
}
