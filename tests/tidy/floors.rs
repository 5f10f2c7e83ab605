//! Imports go down the floors only, and the core cannot reach the browser.
//!
//! * A module may name only floors below its own, in code and in tests, by `crate::` or `super::`.
//! * Yew, web-sys, gloo, js-sys and wasm-bindgen are named on the floors that draw, and nowhere
//!   else.
//!
//! Caveats: `src/lib.rs` and the entry points (`src/main.rs`, `src/bin/`) stand above all floors.
//!
//! Architecture invariant: [`FLOORS`] is the one list; a new module is put there first.

use proc_macro2::{TokenTree, token_stream};

use crate::source::{Complaint, Source};

/// The floors from the ground up, as `src/lib.rs` tells them.
const FLOORS: [(&str, u8); 13] = [
    ("sorted", 0),
    ("sim", 1),
    ("store", 1),
    ("raft", 2),
    ("cluster", 3),
    ("kube", 4),
    ("check", 5),
    ("script", 6),
    ("engine", 7),
    ("player", 8),
    ("view", 9),
    ("ui", 10),
    ("embed", 11),
];

/// The lowest floor that draws.
const FIRST_DRAWN: u8 = 10;

const BROWSER_CRATES: [&str; 6] =
    ["gloo", "js_sys", "wasm_bindgen", "wasm_bindgen_futures", "web_sys", "yew"];

fn floor(module: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor)
}

/// The modules a file is in, from the crate's root: `src/store/txn.rs` is `store`, `txn`.
fn module_path(path: &str) -> Vec<&str> {
    let inside = path.strip_prefix("src/").unwrap_or(path).trim_end_matches(".rs");
    inside.split('/').filter(|name| !matches!(*name, "lib" | "mod")).collect()
}

fn is_entry(source: &Source) -> bool {
    matches!(module_path(&source.path).as_slice(), [] | ["main"] | ["bin", ..])
}

/// Names only floors below its own.
pub fn imports(source: &Source) -> Vec<Complaint> {
    let modules = module_path(&source.path);
    let Some(own) = modules.first().filter(|_| !is_entry(source)) else { return Vec::new() };
    let Some(own_floor) = floor(own) else {
        return vec![source.complain(1, format!("{own} is on no floor: add it to FLOORS"))];
    };
    let mut named = Vec::new();
    Reader { depth: modules.len(), named: &mut named }.read(source.tokens());
    let wrong = named.into_iter().filter(|(_, module)| {
        module != own && floor(module).is_some_and(|floor| floor >= own_floor)
    });
    wrong
        .map(|(line, module)| {
            let what = format!("{own} is not above {module}: move what both need to a lower floor");
            source.complain(line, what)
        })
        .collect()
}

/// Finds the modules of the crate's root that a text names, each with its line.
struct Reader<'a> {
    /// How many modules deep the text is.
    depth: usize,
    named: &'a mut Vec<(usize, String)>,
}

impl Reader<'_> {
    fn read(&mut self, tokens: Vec<TokenTree>) {
        for (index, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Ident(word) if *word == "crate" => self.root(&tokens[index + 1..]),
                TokenTree::Ident(word) if *word == "super" => {
                    let after_another = index >= 3 && is(&tokens[index - 3], "super");
                    if !after_another {
                        self.supers(&tokens[index..]);
                    }
                }
                TokenTree::Group(group) => {
                    let in_module = index >= 2 && is(&tokens[index - 2], "mod");
                    let depth = self.depth + usize::from(in_module);
                    let tokens = group.stream().into_iter().collect();
                    Reader { depth, named: self.named }.read(tokens);
                }
                _ => {}
            }
        }
    }

    /// `super::super::…`: counts when it leads to the root.
    fn supers(&mut self, tokens: &[TokenTree]) {
        let steps = tokens.chunks(3).take_while(|step| is(&step[0], "super")).count();
        if steps >= self.depth {
            self.root(&tokens[(3 * steps - 2).min(tokens.len())..]);
        }
    }

    /// What stands behind `crate`: `::name` or `::{name, name::more}`.
    fn root(&mut self, tokens: &[TokenTree]) {
        match tokens {
            [TokenTree::Punct(_), TokenTree::Punct(_), TokenTree::Ident(name), ..] => {
                self.named.push((name.span().start().line, name.to_string()));
            }
            [TokenTree::Punct(_), TokenTree::Punct(_), TokenTree::Group(group), ..] => {
                self.list(group.stream().into_iter());
            }
            _ => {}
        }
    }

    fn list(&mut self, tokens: token_stream::IntoIter) {
        let mut first = true;
        for token in tokens {
            match token {
                TokenTree::Ident(name) if first => {
                    self.named.push((name.span().start().line, name.to_string()));
                    first = false;
                }
                TokenTree::Punct(punct) => first = punct.as_char() == ',',
                _ => first = false,
            }
        }
    }
}

fn is(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if *ident == word)
}

/// Names no crate of the browser, below the floors that draw.
pub fn browser(source: &Source) -> Vec<Complaint> {
    let own = module_path(&source.path).first().and_then(|module| floor(module));
    if is_entry(source) || own.is_none_or(|floor| floor >= FIRST_DRAWN) {
        return Vec::new();
    }
    let mut complaints = Vec::new();
    browser_in(source, source.tokens(), &mut complaints);
    complaints
}

fn browser_in(source: &Source, tokens: Vec<TokenTree>, complaints: &mut Vec<Complaint>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                browser_in(source, group.stream().into_iter().collect(), complaints);
            }
            TokenTree::Ident(word) if BROWSER_CRATES.contains(&word.to_string().as_str()) => {
                let what = format!("{word} belongs to src/ui: hand it a value from here instead");
                complaints.push(source.complain(word.span().start().line, what));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::expect;

    #[test]
    fn every_way_to_name_a_floor() {
        let text = "use crate::sim::World;\nuse crate::{store, ui::App};\n\
                    use super::super::kube;\nuse super::view;\n\
                    mod tests {\nuse super::super::super::engine; use super::super::player; }\n\
                    fn f() { crate::view::g() }\n\
                    // crate::embed\nconst S: &str = \"crate::embed\";";
        let said = ["ui", "kube", "engine", "view"].map(|it| format!(": raft is not above {it}:"));
        let lines = ["2", "3", "6", "7"].map(|line| format!("src/raft/log.rs:{line}"));
        let expected: Vec<String> =
            lines.iter().zip(&said).map(|(line, said)| format!("{line}{said}")).collect();
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        expect(imports(&Source::example("src/raft/log.rs", text)), &expected);
    }

    #[test]
    fn neighbours_on_one_floor_do_not_know_each_other() {
        let source = Source::example("src/sim/mod.rs", "use super::store::Blob;");
        expect(imports(&source), &["src/sim/mod.rs:1: sim is not above store"]);
        let source = Source::example("src/sim/mod.rs", "use crate::sim::World;");
        expect(imports(&source), &[]);
    }

    #[test]
    fn a_module_without_a_floor() {
        let source = Source::example("src/helpers.rs", "");
        expect(imports(&source), &["src/helpers.rs:1: helpers is on no floor"]);
    }

    #[test]
    fn the_core_without_the_browser() {
        let text = "#[cfg(target_arch = \"wasm32\")]\nfn f() { web_sys::window(); }";
        let source = Source::example("src/view/scene.rs", text);
        expect(browser(&source), &["src/view/scene.rs:2: web_sys belongs to src/ui"]);
        expect(browser(&Source::example("src/ui/scene.rs", text)), &[]);
        expect(browser(&Source::example("src/main.rs", text)), &[]);
    }
}
