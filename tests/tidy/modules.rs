//! No file lies about unused.
//!
//! * Every Rust file is declared by a `mod` that is itself reached from a crate's root.
//! * Every stylesheet is named like the component it is for.
//!
//! Architecture invariant: follows `mod` as the compiler does; knows no file by name.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenTree};

use crate::source::{Complaint, Source};

/// Whether a compiler starts here.
fn is_root(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    matches!(
        parts.as_slice(),
        ["src", "lib.rs" | "main.rs"]
            | ["src", "bin", _]
            | ["tests" | "benches", _]
            | ["tests" | "benches", _, "main.rs"]
            | ["xtask", "src", "main.rs"]
            | ["stand-ins", _, "src", "lib.rs"]
    )
}

/// Rust files that no `mod` leads to.
pub fn unreached(sources: &[Source]) -> Vec<Complaint> {
    let rust: BTreeMap<&str, &Source> =
        sources.iter().filter(|it| it.is_rust()).map(|it| (it.path.as_str(), it)).collect();
    let mut waiting: Vec<&str> = rust.keys().copied().filter(|path| is_root(path)).collect();
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    while let Some(path) = waiting.pop() {
        if reached.insert(path) {
            let declared = declared_by(rust[path]);
            waiting.extend(declared.iter().filter_map(|it| Some(*rust.get_key_value(&**it)?.0)));
        }
    }
    let dead = rust.values().filter(|source| !reached.contains(source.path.as_str()));
    dead.map(|it| it.complain(1, "no `mod` leads here: declare it or delete it")).collect()
}

/// Every path where a `mod` of this file may have its own.
fn declared_by(source: &Source) -> Vec<String> {
    let (folder, file) = source.path.rsplit_once('/').unwrap_or(("", &source.path));
    let owns_folder = is_root(&source.path) || file == "mod.rs";
    let inner = match owns_folder {
        true => folder.to_string(),
        false => source.path.trim_end_matches(".rs").to_string(),
    };
    let mut paths = Vec::new();
    declared_in(&source.tokens(), &inner, folder, &mut paths);
    paths
}

/// `inner` is where the files of plain declarations are; `beside` where `#[path]` starts from.
fn declared_in(tokens: &[TokenTree], inner: &str, beside: &str, paths: &mut Vec<String>) {
    let mut path_attribute: Option<String> = None;
    for (index, token) in tokens.iter().enumerate() {
        match (token, &tokens[index + 1..]) {
            (TokenTree::Group(group), _) if group.delimiter() == Delimiter::Bracket => {
                path_attribute = path_of(group.stream().into_iter().collect()).or(path_attribute);
            }
            (TokenTree::Ident(word), [TokenTree::Ident(name), TokenTree::Punct(_), ..])
                if *word == "mod" =>
            {
                match path_attribute.take() {
                    Some(path) => paths.push(format!("{beside}/{path}")),
                    None => paths
                        .extend([format!("{inner}/{name}.rs"), format!("{inner}/{name}/mod.rs")]),
                }
            }
            (TokenTree::Ident(word), [TokenTree::Ident(name), TokenTree::Group(body), ..])
                if *word == "mod" =>
            {
                let folder = format!("{inner}/{name}");
                let body: Vec<TokenTree> = body.stream().into_iter().collect();
                declared_in(&body, &folder, &folder, paths);
            }
            _ => {}
        }
    }
}

/// The file that an attribute `path = "…"` names.
fn path_of(attribute: Vec<TokenTree>) -> Option<String> {
    match attribute.as_slice() {
        [TokenTree::Ident(word), _, TokenTree::Literal(path)] if *word == "path" => {
            Some(path.to_string().trim_matches('"').to_string())
        }
        _ => None,
    }
}

/// Stylesheets whose component is nowhere.
pub fn stray_styles(sources: &[Source]) -> Vec<Complaint> {
    let components: BTreeSet<&str> =
        sources.iter().filter_map(|it| component(&it.path, "src/ui/", ".rs")).collect();
    let styles =
        sources.iter().filter_map(|it| Some((it, component(&it.path, "static/css/", ".css")?)));
    styles
        .filter(|(_, name)| !components.contains(name.replace('-', "_").as_str()))
        .map(|(style, name)| {
            style.complain(
                1,
                format!("there is no component src/ui/{name}.rs: name it like its own"),
            )
        })
        .collect()
}

/// The name of a component's file, or of its folder when it has one.
fn component<'a>(path: &'a str, folder: &str, ending: &str) -> Option<&'a str> {
    let inside = path.strip_prefix(folder)?.strip_suffix(ending)?;
    inside.strip_suffix("/mod").unwrap_or(inside).rsplit('/').next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::expect;

    #[test]
    fn every_way_to_declare_a_file() {
        let sources = [
            ("src/lib.rs", "pub mod a; mod b { mod c; }"),
            ("src/a/mod.rs", "mod d; #[cfg(test)] #[path = \"d_test.rs\"] mod tests;"),
            ("src/a/d.rs", "mod e;"),
            ("src/a/d/e.rs", ""),
            ("src/a/d_test.rs", ""),
            ("src/b/c.rs", ""),
            ("src/a/e.rs", "mod f;"),
            ("src/a/e/f.rs", ""),
        ]
        .map(|(path, text)| Source::example(path, text));
        let said = ["src/a/e.rs:1: no `mod` leads here", "src/a/e/f.rs:1: no `mod` leads here"];
        expect(unreached(&sources), &said);
    }

    #[test]
    fn styles_and_components() {
        let sources = [
            ("src/ui/write_path.rs", ""),
            ("src/ui/scene/mod.rs", ""),
            ("static/css/write-path.css", ""),
            ("static/css/scene.css", ""),
            ("static/css/old.css", ""),
            ("static/tokens.css", ""),
        ]
        .map(|(path, text)| Source::example(path, text));
        let said = ["static/css/old.css:1: there is no component src/ui/old.rs"];
        expect(stray_styles(&sources), &said);
    }
}
